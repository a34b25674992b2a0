//! `sycee admin create`: the first member of staff of a cell, and the token with which they begin.
//!
//! docs/decisions/0019-signing-in.md says why this is a command for whoever has the data directory, and not a line of the
//! server's log.

use sycee_contract::{Caller, Command, Key, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, NewToken, Person, TokenKind, random};
use sycee_party::command::{OpenStaff, Opened};
use sycee_party::{OPEN_STAFF, PARTY, Party, StaffRole};

use crate::config::Settings;
use crate::server::RunningWorld;

/// How long the first token is good, seconds: a week is enough to set a password, and little for a piece of paper.
const FIRST_TOKEN_SECONDS: u64 = 7 * 86_400;

/// A first admin.
#[derive(Debug)]
pub struct FirstAdmin {
    /// The party's number, with which they sign in later.
    pub number: u64,
    /// The bearer token, told now and never again.
    pub token: String,
}

/// Opens the first admin of the only cell that the settings name. The server must be stopped.
///
/// # Errors
/// One line: the directory is in use, the name is none, or an admin can sign in already.
pub fn create(settings: &Settings, name: &str) -> Result<FirstAdmin, String> {
    let name = name.trim();
    if name.is_empty() || name.chars().nth(200).is_some() || name.chars().any(char::is_control) {
        return Err("--name has 1 to 200 characters and no control characters".into());
    }
    let base_url = settings.public_url.clone().unwrap_or_else(|| format!("http://{}", settings.listen));
    let running = RunningWorld::open(settings, base_url)?;
    let made = match running.world.cells.as_slice() {
        [cell] => open_admin(cell, name, running.world.clock.now_ns()),
        _ => Err("name one cell".to_owned()),
    };
    // The directory is sealed again, whatever came of it.
    running.stop()?;
    made
}

fn open_admin(cell: &CellHandle, name: &str, now_ns: u64) -> Result<FirstAdmin, String> {
    if let Some(admin) = admin_who_can_sign_in(cell, now_ns)? {
        let cell = &cell.name;
        return Err(format!(
            "cell {cell} has an admin who can sign in, {admin:016}: further staff is opened by them (POST /api/v1/staff)"
        ));
    }
    let failed = |error: &dyn std::fmt::Display| format!("cell {}: {error}", cell.name);
    let Handle(person) = cell.vault.put_person(&Person::named(name)).map_err(|error| failed(&error))?;
    let body = OpenStaff { person, contact: None, staff_role: StaffRole::Admin };
    let key = u128::from_be_bytes(random().map_err(|error| failed(&error))?);
    let command = Command::new(OPEN_STAFF, Caller::OPERATOR, &body).with_id(&format!("{key:032x}"));
    let reply = cell.port.ask_blocking_anywhere(command).map_err(|error| failed(&error))?;
    let bytes = reply.outcome.map_err(|refusal| failed(&refusal.detail))?;
    let Opened { party } = decode(&bytes, "reply").map_err(|error| failed(&format!("{error:?}")))?;
    let prefix = cell.token_prefix();
    let wanted = NewToken {
        now_ns: Some(now_ns),
        lifetime_seconds: Some(FIRST_TOKEN_SECONDS),
        label: Some("first admin".to_owned()),
        ..NewToken::new(&prefix, party, TokenKind::Program)
    };
    let (token, _) = cell.vault.issue(wanted).map_err(|error| failed(&error))?;
    Ok(FirstAdmin { number: party, token })
}

/// An admin who has a token that is good, or a password.
fn admin_who_can_sign_in(cell: &CellHandle, now_ns: u64) -> Result<Option<u64>, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cell {}: {error}", cell.name);
    let rows = cell.port.begin_read().scan(&Key::new(PARTY), None, usize::MAX).map_err(|error| failed(&error))?;
    for (_, bytes) in &rows {
        let party: Party = decode(bytes, "party").map_err(|error| failed(&format!("{error:?}")))?;
        if party.staff_role != Some(StaffRole::Admin) {
            continue;
        }
        let person = cell.vault.person(Handle(party.person)).map_err(|error| failed(&error))?;
        let tokens = cell.vault.tokens(party.number, now_ns).map_err(|error| failed(&error))?;
        if person.is_some_and(|person| person.is_pin_set()) || !tokens.is_empty() {
            return Ok(Some(party.number));
        }
    }
    Ok(None)
}
