//! Passkeys (W3C Web Authentication, level 3): ceremonies that have begun, and what their answers prove.
//!
//! What a server must remember of a ceremony is kept in memory, five minutes at most, and forgotten with the first answer: an answer
//! counts once. After a restart one begins again. The library verifies; this file says whose and which ceremony it was.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sycee_engine::vault::{KeptPasskey, random};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential, Url, Uuid,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::problem::Problem;

/// How long an answer is waited for.
const CEREMONY_NS: u64 = 300 * 1_000_000_000;
/// How many ceremonies may be under way, so that beginning them does not fill the memory.
const CEREMONIES_MAX: usize = 20_000;

/// What was begun.
enum Ceremony {
    Adding(u64, PasskeyRegistration),
    SigningIn(DiscoverableAuthentication),
    Proving(u64, PasskeyAuthentication),
}

/// A ceremony for the browser.
pub(crate) struct Begun {
    /// By which it is answered: 32 hexadecimal digits.
    pub ceremony: String,
    /// What `navigator.credentials` is called with; bytes as base64url (level 3, sections 5.1.8 and 5.1.9).
    pub options: Value,
}

/// All ceremonies that are under way.
pub(crate) struct Passkeys {
    /// None if the server is reached by a number: passkeys are bound to a name.
    site: Option<Webauthn>,
    begun: Mutex<HashMap<String, (u64, Ceremony)>>,
}

impl Passkeys {
    /// Those of a server that is reached at this address.
    pub fn new(base_url: &str) -> Self {
        Self { site: site(base_url), begun: Mutex::default() }
    }

    fn begun(&self) -> MutexGuard<'_, HashMap<String, (u64, Ceremony)>> {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn site(&self) -> Result<&Webauthn, Problem> {
        self.site.as_ref().ok_or_else(|| {
            Problem::caller_unfit(
                "this server is reached by a number; passkeys need a name, with TLS unless it is localhost",
            )
        })
    }

    fn keep(&self, ceremony: Ceremony, options: Value, now_ns: u64) -> Result<Begun, Problem> {
        let id: String = random::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut begun = self.begun();
        if begun.len() >= CEREMONIES_MAX {
            begun.retain(|_, (at_ns, _)| now_ns.saturating_sub(*at_ns) < CEREMONY_NS);
            if begun.len() >= CEREMONIES_MAX {
                return Err(Problem::too_many_requests(60));
            }
        }
        begun.insert(id.clone(), (now_ns, ceremony));
        Ok(Begun { ceremony: id, options })
    }

    fn take(&self, ceremony: &str, now_ns: u64) -> Result<Ceremony, Problem> {
        let found = self.begun().remove(ceremony).filter(|(at_ns, _)| now_ns.saturating_sub(*at_ns) < CEREMONY_NS);
        let gone = || Problem::passkey_refused("the ceremony was answered before, has expired or never began");
        found.map(|(_, ceremony)| ceremony).ok_or_else(gone)
    }

    /// Begins to add a passkey to those that a party has.
    pub fn begin_adding(&self, party: u64, name: &str, has: &[KeptPasskey], now_ns: u64) -> Result<Begun, Problem> {
        let had = opened(has)?.iter().map(|passkey| passkey.cred_id().clone()).collect();
        let number = format!("{party:016}");
        let (options, state) = self
            .site()?
            .start_passkey_registration(Uuid::from_u128(party.into()), &number, name, Some(had))
            .map_err(|error| Problem::internal("a passkey cannot be asked for", &error))?;
        let mut options = public_key(&options)?;
        // So that it can be found without a number being typed first.
        options["authenticatorSelection"]["residentKey"] = json!("required");
        options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        self.keep(Ceremony::Adding(party, state), options, now_ns)
    }

    /// The passkey that was made, as it is to be kept.
    pub fn added(&self, party: u64, ceremony: &str, answer: Value, now_ns: u64) -> Result<Vec<u8>, Problem> {
        let Ceremony::Adding(whose, state) = self.take(ceremony, now_ns)? else { return Err(another()) };
        if whose != party {
            return Err(another());
        }
        let passkey =
            self.site()?.finish_passkey_registration(&read(answer)?, &state).map_err(|error| refused(&error))?;
        written(&passkey)
    }

    /// Begins to sign somebody in who does not say who they are: the passkey does.
    pub fn begin_signing_in(&self, now_ns: u64) -> Result<Begun, Problem> {
        let (options, state) = self
            .site()?
            .start_discoverable_authentication()
            .map_err(|error| Problem::internal("a passkey cannot be asked for", &error))?;
        self.keep(Ceremony::SigningIn(state), public_key(&options)?, now_ns)
    }

    /// Whose passkey has answered: to be believed only after [`Self::signed_in`].
    pub fn named(answer: &Value) -> Result<u64, Problem> {
        let answer: PublicKeyCredential = read(answer.clone())?;
        let named = answer.get_user_unique_id().and_then(|bytes| Uuid::from_slice(bytes).ok());
        named.and_then(|uuid| u64::try_from(uuid.as_u128()).ok()).ok_or_else(another)
    }

    /// Which of a party's passkeys has answered well, as it is to be kept from now on.
    pub fn signed_in(
        &self,
        ceremony: &str,
        answer: Value,
        has: &[KeptPasskey],
        now_ns: u64,
    ) -> Result<KeptPasskey, Problem> {
        let Ceremony::SigningIn(state) = self.take(ceremony, now_ns)? else { return Err(another()) };
        let answer: PublicKeyCredential = read(answer)?;
        let (kept, mut passkey) = the_one(has, &answer)?;
        let result = self
            .site()?
            .finish_discoverable_authentication_v2(&answer, state, &passkey)
            .map_err(|error| refused(&error))?;
        passkey.update_credential(&result);
        Ok(KeptPasskey { used_at_ns: Some(now_ns), credential: written(&passkey)?, ..kept.clone() })
    }

    /// Begins to have somebody who has signed in prove again who they are.
    pub fn begin_proving(&self, party: u64, has: &[KeptPasskey], now_ns: u64) -> Result<Begun, Problem> {
        if has.is_empty() {
            return Err(Problem::not_found("the caller has no passkey; prove it with the PIN"));
        }
        let (options, state) = self
            .site()?
            .start_passkey_authentication(&opened(has)?)
            .map_err(|error| Problem::internal("a passkey cannot be asked for", &error))?;
        self.keep(Ceremony::Proving(party, state), public_key(&options)?, now_ns)
    }

    /// Which passkey has proved it, as it is to be kept from now on.
    pub fn proved(
        &self,
        party: u64,
        ceremony: &str,
        answer: Value,
        has: &[KeptPasskey],
        now_ns: u64,
    ) -> Result<KeptPasskey, Problem> {
        let Ceremony::Proving(whose, state) = self.take(ceremony, now_ns)? else { return Err(another()) };
        if whose != party {
            return Err(another());
        }
        let answer: PublicKeyCredential = read(answer)?;
        // One that was removed since the ceremony began is not among them.
        let (kept, mut passkey) = the_one(has, &answer)?;
        let result = self.site()?.finish_passkey_authentication(&answer, &state).map_err(|error| refused(&error))?;
        passkey.update_credential(&result);
        Ok(KeptPasskey { used_at_ns: Some(now_ns), credential: written(&passkey)?, ..kept.clone() })
    }
}

/// The relying party of an address. A passkey is bound to a name (level 3, section 5.1.2): a server on this very machine is
/// `localhost`, which browsers take without TLS.
fn site(base_url: &str) -> Option<Webauthn> {
    let mut url = Url::parse(base_url).ok()?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]"));
    if is_here {
        url.set_host(Some("localhost")).ok()?;
    }
    let name = url.domain()?.to_owned();
    WebauthnBuilder::new(&name, &url).and_then(WebauthnBuilder::build).ok()
}

fn another() -> Problem {
    Problem::passkey_refused("the answer is of another ceremony or of somebody else")
}

fn refused(error: &webauthn_rs::prelude::WebauthnError) -> Problem {
    tracing::debug!(%error, "a passkey's answer is refused");
    Problem::passkey_refused("the answer does not fit this ceremony, this server or the passkey")
}

fn read<T: DeserializeOwned>(answer: Value) -> Result<T, Problem> {
    serde_json::from_value(answer).map_err(|_| {
        Problem::bad_field("credential", "is what navigator.credentials gave, by its toJSON (level 3, section 5.1.1)")
    })
}

/// The member `publicKey` of options.
fn public_key<T: Serialize>(options: &T) -> Result<Value, Problem> {
    let mut value = serde_json::to_value(options).map_err(|error| Problem::internal("options have no form", &error))?;
    Ok(value["publicKey"].take())
}

fn written(passkey: &Passkey) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(passkey).map_err(|error| Problem::internal("a passkey has no form", &error))
}

fn opened(kept: &[KeptPasskey]) -> Result<Vec<Passkey>, Problem> {
    let open = |kept: &KeptPasskey| serde_json::from_slice(&kept.credential);
    kept.iter()
        .map(open)
        .collect::<Result<_, _>>()
        .map_err(|error| Problem::internal("a passkey does not open", &error))
}

/// The passkey that has answered.
fn the_one<'k>(has: &'k [KeptPasskey], answer: &PublicKeyCredential) -> Result<(&'k KeptPasskey, Passkey), Problem> {
    let passkeys = has.iter().zip(opened(has)?);
    let mut those = passkeys.filter(|(_, passkey)| passkey.cred_id().as_slice() == answer.get_credential_id());
    those.next().ok_or_else(|| Problem::passkey_refused("no such passkey is known here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_with_a_name_has_passkeys() {
        for (base_url, has) in [
            ("https://pay.example", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", true),
            ("http://[::1]:8080", true),
            ("https://192.0.2.7", false),
            ("nothing", false),
        ] {
            assert_eq!(Passkeys::new(base_url).site().is_ok(), has, "{base_url}");
        }
    }

    #[test]
    fn a_ceremony_is_answered_once_and_in_time() {
        let passkeys = Passkeys::new("http://127.0.0.1:8080");
        let begin = || passkeys.begin_signing_in(5).ok().unwrap().ceremony;
        let take = |id: &str, now_ns| passkeys.take(id, now_ns).map(|_| ()).map_err(|problem| problem.code);
        let (one, other) = (begin(), begin());
        assert_eq!(take(&one, 5 + CEREMONY_NS - 1), Ok(()));
        assert_eq!(take(&one, 6), Err("passkey_refused"), "answered");
        assert_eq!(take(&other, 5 + CEREMONY_NS), Err("passkey_refused"), "too late");
        assert_eq!(take("x", 6), Err("passkey_refused"));
    }

    #[test]
    fn what_a_passkey_is_made_for() {
        let passkeys = Passkeys::new("https://pay.example");
        let begun = passkeys.begin_adding(2_088_070_000_000_017, "Anna", &[], 0).ok().unwrap();
        let options = begun.options;
        assert_eq!(
            (&options["rp"]["id"], &options["user"]["name"]),
            (&json!("pay.example"), &json!("2088070000000017"))
        );
        let selection = &options["authenticatorSelection"];
        assert_eq!(
            (&selection["residentKey"], &selection["userVerification"]),
            (&json!("required"), &json!("required"))
        );
        assert!(options["challenge"].as_str().is_some_and(|challenge| challenge.len() >= 22), "{options}");
        let problem = passkeys.added(1, &begun.ceremony, json!({}), 1).err().unwrap();
        assert_eq!(problem.code, "passkey_refused", "somebody else's ceremony");
        let begun = passkeys.begin_adding(1, "Anna", &[], 0).ok().unwrap();
        assert_eq!(passkeys.added(1, &begun.ceremony, json!({"id": 1}), 1).err().unwrap().code, "bad_field");
    }
}
