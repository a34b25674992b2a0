//! People who want a wallet and wait for the code that was sent to their phone. Kept in memory: after a restart one begins again.
//!
//! Each code is judged five times at most, right or wrong: whoever guesses it gets no more, and whoever has it cannot try the PIN of
//! the wallet that it has opened. Each further code makes the phone wait twice as long, up to a day: about fifty guesses in a million
//! in the first day.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sycee_engine::vault::random;

use crate::problem::Problem;

/// How long a code counts.
const CODE_NS: u64 = 600 * SECOND_NS;
/// How long the phone waits for the second code; for each further one twice as long.
const FIRST_PAUSE_NS: u64 = 60 * SECOND_NS;
/// The longest pause. After it what was sent before is forgotten.
const LONGEST_PAUSE_NS: u64 = 86_400 * SECOND_NS;
const SECOND_NS: u64 = 1_000_000_000;
/// How often a code is judged, right or wrong.
const ATTEMPTS_MAX: u32 = 5;
/// How many phones may be remembered, so that made-up ones do not fill the memory.
const PHONES_MAX: usize = 100_000;

/// Who wants a wallet or a shop.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The cell's number.
    pub cell: u16,
    pub name: String,
    /// Digits with the country code.
    pub phone: String,
    /// The shop that is wanted, if it is not a wallet.
    pub shop: Option<WantedShop>,
}

/// A shop that is wanted.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WantedShop {
    pub name: String,
    /// ISO 18245.
    pub mcc: String,
}

/// A code on its way to a phone.
pub(crate) struct Sent {
    /// By which it is confirmed: 32 hexadecimal digits.
    pub sign_up: String,
    /// Six digits.
    pub code: String,
    pub expires_at_ns: u64,
}

/// What is remembered of a phone.
struct Phone {
    sent: u32,
    sent_at_ns: u64,
    sign_up: String,
    code: String,
    attempts: u32,
    wanted: Wanted,
}

impl Phone {
    /// From when on another code may be sent.
    fn next_ns(&self) -> u64 {
        let doublings = self.sent.saturating_sub(1).min(20);
        self.sent_at_ns.saturating_add((FIRST_PAUSE_NS << doublings).min(LONGEST_PAUSE_NS))
    }

    fn is_forgotten(&self, now_ns: u64) -> bool {
        now_ns >= self.sent_at_ns.saturating_add(LONGEST_PAUSE_NS)
    }
}

/// By the keyed digest of the phone's number in its cell.
#[derive(Default)]
struct Table {
    phones: HashMap<[u8; 32], Phone>,
    /// Which phone a sign-up is of.
    of: HashMap<String, [u8; 32]>,
}

/// All sign-ups.
#[derive(Default)]
pub(crate) struct SignUps(Mutex<Table>);

impl SignUps {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A code for a phone, in place of an earlier one.
    pub fn begin(&self, contact: [u8; 32], wanted: Wanted, now_ns: u64) -> Result<Sent, Problem> {
        let mut table = self.table();
        if table.phones.len() >= PHONES_MAX {
            table.phones.retain(|_, phone| !phone.is_forgotten(now_ns));
            let Table { phones, of } = &mut *table;
            of.retain(|_, contact| phones.contains_key(contact));
        }
        let before = table.phones.get(&contact).filter(|phone| !phone.is_forgotten(now_ns));
        if let Some(wait_ns) =
            before.and_then(|phone| phone.next_ns().checked_sub(now_ns)).filter(|wait_ns| *wait_ns > 0)
        {
            return Err(Problem::sign_in_later(wait_ns.div_ceil(SECOND_NS)));
        }
        if before.is_none() && table.phones.len() >= PHONES_MAX {
            return Err(Problem::too_many_requests(60));
        }
        let sent = before.map_or(0, |phone| phone.sent).saturating_add(1);
        let broken = |error: sycee_engine::vault::VaultError| Problem::internal("a code cannot be made", &error);
        let sign_up: String = random::<16>().map_err(broken)?.iter().map(|byte| format!("{byte:02x}")).collect();
        let code = format!("{:06}", u64::from_be_bytes(random::<8>().map_err(broken)?) % 1_000_000);
        let phone =
            Phone { sent, sent_at_ns: now_ns, sign_up: sign_up.clone(), code: code.clone(), attempts: 0, wanted };
        if let Some(before) = table.phones.insert(contact, phone) {
            table.of.remove(&before.sign_up);
        }
        table.of.insert(sign_up.clone(), contact);
        Ok(Sent { sign_up, code, expires_at_ns: now_ns.saturating_add(CODE_NS) })
    }

    /// Who wanted it, if this is the code. The same may be said again, because an answer may be lost.
    pub fn confirm(&self, sign_up: &str, code: &str, now_ns: u64) -> Result<Wanted, Problem> {
        let mut table = self.table();
        let gone = || Problem::code_wrong("the code has expired, or was said too often: ask for another");
        let contact = table.of.get(sign_up).copied().ok_or_else(gone)?;
        let phone = table.phones.get_mut(&contact).ok_or_else(gone)?;
        if now_ns >= phone.sent_at_ns.saturating_add(CODE_NS) || phone.attempts >= ATTEMPTS_MAX {
            return Err(gone());
        }
        // Counted before it is judged.
        phone.attempts += 1;
        if aws_lc_rs::constant_time::verify_slices_are_equal(phone.code.as_bytes(), code.as_bytes()).is_err() {
            return Err(Problem::code_wrong("the code is another one"));
        }
        Ok(phone.wanted.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START_NS: u64 = 1_800_000_000 * SECOND_NS;

    fn anna() -> Wanted {
        Wanted { cell: 7, name: "Anna".into(), phone: "33612345678".into(), shop: None }
    }

    fn begin(sign_ups: &SignUps, now_ns: u64) -> Result<Sent, &'static str> {
        sign_ups.begin([1; 32], anna(), now_ns).map_err(|problem| problem.code)
    }

    fn confirm(sign_ups: &SignUps, sent: &Sent, code: &str, now_ns: u64) -> Result<(), &'static str> {
        let wanted = sign_ups.confirm(&sent.sign_up, code, now_ns).map_err(|problem| problem.code)?;
        assert!(wanted == anna());
        Ok(())
    }

    /// A code that is not the one that was sent.
    fn another(code: &str) -> &'static str {
        if code == "000000" { "000001" } else { "000000" }
    }

    #[test]
    fn the_code_counts_until_it_expires_and_also_twice() {
        let sign_ups = SignUps::default();
        let sent = begin(&sign_ups, START_NS).ok().unwrap();
        assert!(sent.code.len() == 6 && sent.code.bytes().all(|byte| byte.is_ascii_digit()), "{}", sent.code);
        assert_eq!(sent.expires_at_ns, START_NS + CODE_NS);
        assert_eq!(confirm(&sign_ups, &sent, another(&sent.code), START_NS), Err("code_wrong"));
        assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS), Ok(()));
        assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS + CODE_NS - 1), Ok(()));
        assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS + CODE_NS), Err("code_wrong"));
    }

    #[test]
    fn after_five_wrong_codes_the_right_one_is_wrong_too() {
        let sign_ups = SignUps::default();
        let sent = begin(&sign_ups, START_NS).ok().unwrap();
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(confirm(&sign_ups, &sent, another(&sent.code), START_NS), Err("code_wrong"));
        }
        assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS), Err("code_wrong"));
    }

    #[test]
    fn the_right_code_too_is_judged_five_times_only() {
        let sign_ups = SignUps::default();
        let sent = begin(&sign_ups, START_NS).ok().unwrap();
        for _ in 0..ATTEMPTS_MAX {
            assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS), Ok(()));
        }
        assert_eq!(confirm(&sign_ups, &sent, &sent.code, START_NS), Err("code_wrong"));
    }

    #[test]
    fn each_further_code_takes_twice_as_long_and_ends_the_one_before() {
        let sign_ups = SignUps::default();
        let (mut now_ns, mut before) = (START_NS, begin(&sign_ups, START_NS).ok().unwrap());
        for minutes in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440] {
            let pause_ns = minutes * 60 * SECOND_NS;
            assert_eq!(begin(&sign_ups, now_ns + pause_ns - 1).err(), Some("sign_in_later"), "{minutes}");
            now_ns += pause_ns;
            let sent = begin(&sign_ups, now_ns).ok().unwrap();
            assert_eq!(confirm(&sign_ups, &before, &before.code, now_ns), Err("code_wrong"), "{minutes}");
            assert_eq!(confirm(&sign_ups, &sent, &sent.code, now_ns), Ok(()), "{minutes}");
            before = sent;
        }
        // A day of rest, and it begins anew.
        assert!(begin(&sign_ups, now_ns + 60 * SECOND_NS).is_ok());
    }

    #[test]
    fn nobody_else_confirms_it() {
        let sign_ups = SignUps::default();
        let sent = begin(&sign_ups, START_NS).ok().unwrap();
        let stranger = Sent { sign_up: "0".repeat(32), ..begin(&sign_ups, START_NS + LONGEST_PAUSE_NS).ok().unwrap() };
        assert_eq!(confirm(&sign_ups, &stranger, &sent.code, START_NS), Err("code_wrong"));
    }
}
