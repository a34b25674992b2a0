//! Signing in with a PIN: attempts are counted before they are judged, durably, and those who fail wait longer and longer.
//!
//! Nobody learns from it who is a customer: a number that nobody has is counted, made to wait and judged like one that somebody
//! has, at the same cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fjall::PersistMode;
use minicbor::{Decode, Encode};
use tokio::sync::Semaphore;

use super::{Handle, Person, Vault, VaultError};

const NS: u64 = 1_000_000_000;
/// How long one waits after so many failures in a row, seconds. People mistype: four are free. After that guessing is slow: ten
/// guesses on the first day and one a day from then on are, for a PIN of six digits that was chosen at random, 1 in 2,700 in a
/// year. No lock is for ever, because whoever knows a number could lock its owner out: a day is the longest.
const WAITS_SECONDS: [u64; 10] = [0, 0, 0, 0, 60, 300, 900, 3_600, 21_600, 86_400];
/// For how many numbers that nobody has attempts are counted: they share so many places, by digest, so that asking for made up
/// numbers fills no disk.
const STRANGERS_MAX: u32 = 65_536;
/// How many PINs are judged at once: each takes a core for a fifth of a second, and payments need cores too.
const JUDGED_AT_ONCE: usize = 2;
/// How many may wait for that; more are told to come again.
const WAITING_MAX: usize = 64;
/// The longest PIN or password that is judged, bytes.
pub const PIN_MAX_BYTES: usize = 128;

static JUDGES: Semaphore = Semaphore::const_new(JUDGED_AT_ONCE);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Who wants to sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Applicant {
    /// A party and the handle of its data.
    Party {
        /// Its number.
        party: u64,
        /// Its data.
        person: Handle,
    },
    /// Somebody whom nobody knows, by a keyed digest of what was typed.
    Stranger([u8; 32]),
}

/// What became of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The PIN is right.
    Right,
    /// It is not, or there is no such person, or none was ever set.
    Wrong,
    /// Too many have failed; the next is judged after so many seconds.
    Wait {
        /// Seconds, rounded up.
        seconds: u64,
    },
    /// Too many are being judged at this moment.
    Busy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
struct Attempts {
    /// How many have failed in a row, the one that is being judged included.
    #[n(0)]
    failures: u32,
    /// Before when none is judged, UTC nanoseconds.
    #[n(1)]
    not_before_ns: u64,
}

/// How many wait, while this one does.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        let taken = WAITING
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |waiting| (waiting < WAITING_MAX).then_some(waiting + 1));
        taken.ok().map(|_| Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Judges a PIN, off the threads that serve requests.
///
/// # Errors
/// [`VaultError`].
pub async fn judge(vault: &Arc<Vault>, applicant: Applicant, pin: String, now_ns: u64) -> Result<Verdict, VaultError> {
    let Some(_place) = Place::take() else { return Ok(Verdict::Busy) };
    let Ok(_judge) = JUDGES.acquire().await else { return Ok(Verdict::Busy) };
    let vault = Arc::clone(vault);
    let judged = tokio::task::spawn_blocking(move || vault.judge_now(applicant, &pin, now_ns)).await;
    judged.map_err(|error| VaultError::Store(format!("judging a PIN broke off: {error}")))?
}

impl Vault {
    /// Judges a PIN on this thread: a fifth of a second.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn judge_now(&self, applicant: Applicant, pin: &str, now_ns: u64) -> Result<Verdict, VaultError> {
        let name = self.name_of(applicant);
        if let Some(seconds) = self.count_attempt(&name, now_ns)? {
            return Ok(Verdict::Wait { seconds });
        }
        let person = match applicant {
            Applicant::Party { person, .. } => self.person(person)?,
            Applicant::Stranger(_) => None,
        };
        if pin.len() > PIN_MAX_BYTES || !Person::is_pin_of(person.as_ref(), pin) {
            return Ok(Verdict::Wrong);
        }
        self.forget_attempts(&name)?;
        Ok(Verdict::Right)
    }

    /// Forgets a party's failures: somebody who knows the person has said so.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn pardon(&self, party: u64) -> Result<(), VaultError> {
        self.forget_attempts(&self.name_of(Applicant::Party { party, person: Handle([0; 16]) }))
    }

    fn forget_attempts(&self, name: &str) -> Result<(), VaultError> {
        let _changing = self.changing();
        self.entries.remove(name)?;
        Ok(self.database.persist(PersistMode::SyncAll)?)
    }

    /// Counts an attempt as failed before it is judged, so that neither a crash nor a hundred at once get one for nothing. The
    /// seconds to wait, if it is not to be judged now.
    fn count_attempt(&self, name: &str, now_ns: u64) -> Result<Option<u64>, VaultError> {
        let _changing = self.changing();
        let before = match self.entries.get(name)? {
            None => Attempts::default(),
            Some(bytes) => minicbor::decode(&bytes).map_err(|_| VaultError::DoesNotOpen)?,
        };
        let wait_ns = before.not_before_ns.saturating_sub(now_ns);
        if wait_ns > 0 {
            return Ok(Some(wait_ns.div_ceil(NS)));
        }
        let failures = before.failures.saturating_add(1);
        let not_before_ns = now_ns.saturating_add(wait_seconds(failures).saturating_mul(NS));
        self.entries.insert(name, sycee_contract::encode(&Attempts { failures, not_before_ns }))?;
        self.database.persist(PersistMode::SyncAll)?;
        Ok(None)
    }

    fn name_of(&self, applicant: Applicant) -> String {
        match applicant {
            Applicant::Party { party, .. } => format!("attempts/{party:020}"),
            Applicant::Stranger(digest) => {
                let [a, b, c, d, ..] = self.digest("stranger", &digest);
                format!("attempts/stranger/{:05x}", u32::from_be_bytes([a, b, c, d]) % STRANGERS_MAX)
            }
        }
    }
}

fn wait_seconds(failures: u32) -> u64 {
    let at = usize::try_from(failures).unwrap_or(usize::MAX).clamp(1, WAITS_SECONDS.len());
    WAITS_SECONDS.get(at - 1).copied().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn open(folder: &Path, is_new: bool) -> Vault {
        Vault::open(&folder.join("vault"), &folder.join("key"), is_new).unwrap()
    }

    #[test]
    fn failures_wait_longer_and_longer_also_over_a_restart_and_for_people_who_do_not_exist() {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), true);
        let person = vault.put_person(&Person::named("Anna").with_pin("271828").unwrap()).unwrap();
        let anna = Applicant::Party { party: 1, person };
        let mut now_ns = NS;
        for applicant in [anna, Applicant::Stranger([7; 32])] {
            for _ in 0..5 {
                assert_eq!(vault.judge_now(applicant, "000000", now_ns).unwrap(), Verdict::Wrong);
            }
            assert_eq!(vault.judge_now(applicant, "271828", now_ns).unwrap(), Verdict::Wait { seconds: 60 });
        }
        drop(vault);
        let vault = open(folder.path(), false);
        now_ns += 59 * NS;
        assert_eq!(vault.judge_now(anna, "271828", now_ns).unwrap(), Verdict::Wait { seconds: 1 });
        now_ns += NS;
        assert_eq!(vault.judge_now(anna, "000000", now_ns).unwrap(), Verdict::Wrong);
        assert_eq!(vault.judge_now(anna, "271828", now_ns + 299 * NS).unwrap(), Verdict::Wait { seconds: 1 });
        assert_eq!(vault.judge_now(anna, "271828", now_ns + 300 * NS).unwrap(), Verdict::Right);
        // The count begins anew.
        now_ns += 300 * NS;
        assert_eq!(vault.judge_now(anna, "000000", now_ns).unwrap(), Verdict::Wrong);
        assert_eq!(vault.judge_now(anna, "271828", now_ns).unwrap(), Verdict::Right);
    }

    #[test]
    fn whoever_has_no_pin_does_not_sign_in_and_a_pardon_ends_a_wait() {
        let folder = tempfile::tempdir().unwrap();
        let vault = open(folder.path(), true);
        let person = vault.put_person(&Person::named("Anna")).unwrap();
        let anna = Applicant::Party { party: 1, person };
        for pin in ["", "000000", &"0".repeat(PIN_MAX_BYTES + 1), "1", "2"] {
            assert_eq!(vault.judge_now(anna, pin, NS).unwrap(), Verdict::Wrong, "{pin}");
        }
        assert_eq!(vault.judge_now(anna, "1", NS).unwrap(), Verdict::Wait { seconds: 60 });
        vault.pardon(1).unwrap();
        assert_eq!(vault.judge_now(anna, "1", NS).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn the_longest_wait_is_a_day() {
        for (failures, seconds) in
            [(1, 0), (4, 0), (5, 60), (9, 21_600), (10, 86_400), (11, 86_400), (u32::MAX, 86_400)]
        {
            assert_eq!(wait_seconds(failures), seconds, "{failures}");
        }
    }
}
