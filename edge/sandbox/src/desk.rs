//! What all handlers stand at: the world, and how parties and cells are named in requests.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use minicbor::Decode;
use sycee_contract::{Command, MarketPack, MarketRole, Refusal, decode};
use sycee_engine::vault::{NewToken, TokenKind, random};
use sycee_engine::{CellHandle, World};
use sycee_party::{Party, PartyKind};

use crate::Sandbox;
use crate::codebook::Codebook;
use crate::problem::Problem;

/// The header under which a client may choose the key of a payment.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The state of the handlers.
pub(crate) struct Desk {
    pub sandbox: Arc<Sandbox>,
    pub codebook: Codebook,
}

/// How a command was answered.
pub(crate) enum Outcome {
    /// The product's encoded reply.
    Done(Vec<u8>),
    Refused(Refusal),
}

impl Desk {
    pub fn new(sandbox: Arc<Sandbox>) -> Self {
        let codebook = Codebook::new(sandbox.world.cells.len());
        Self { sandbox, codebook }
    }

    pub fn world(&self) -> &World {
        &self.sandbox.world
    }

    /// The cell of this name.
    pub fn cell(&self, name: &str) -> Result<&Arc<CellHandle>, Problem> {
        self.world().named(name).ok_or_else(|| {
            let names: Vec<&str> = self.world().cells.iter().map(|cell| cell.name.as_str()).collect();
            let detail = format!("the cells of this server are {}", names.join(", "));
            Problem::not_found("cell_not_found", "This server has no such cell; nothing happened.", detail)
        })
    }

    /// The cell of this name with its market pack, if it does `role`.
    pub fn cell_as(&self, name: &str, role: MarketRole) -> Result<(&Arc<CellHandle>, MarketPack), Problem> {
        let cell = self.cell(name)?;
        let market = cell.market()?;
        if market.roles.contains(&role) {
            return Ok((cell, market));
        }
        let title = "The cell does not do this; nothing happened.";
        let detail = format!("{name} is no {}", crate::cells::role_name(role));
        Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "role_missing", title, detail))
    }

    /// The cell that a party's number names, and the number. Whether there is such a party is for the caller to see.
    pub fn party(&self, text: &str, kind: PartyKind) -> Result<(&Arc<CellHandle>, u64), Problem> {
        let number = party_number(text).ok_or_else(|| no_party(kind))?;
        let cell = sycee_party::cell_of(number).and_then(|cell| self.world().numbered(cell));
        cell.map(|cell| (cell, number)).ok_or_else(|| no_party(kind))
    }

    /// The same with the party's row, so that it is there and of this kind.
    pub fn existing(&self, text: &str, kind: PartyKind) -> Result<(&Arc<CellHandle>, Party), Problem> {
        let (cell, number) = self.party(text, kind)?;
        let party: Option<Party> = cell.port.get(&Party::key(number))?;
        party.filter(|party| party.kind == kind).map(|party| (cell, party)).ok_or_else(|| no_party(kind))
    }

    /// A bearer token for `/api/v1`.
    pub async fn token(&self, cell: &Arc<CellHandle>, party: u64) -> Result<String, Problem> {
        let (cell, now_ns) = (Arc::clone(cell), self.world().clock.now_ns());
        let issued = blocking(move || {
            let prefix = cell.token_prefix();
            let wanted = NewToken::new(&prefix, party, TokenKind::Program);
            cell.vault.issue(NewToken { now_ns: Some(now_ns), label: Some("sandbox".to_owned()), ..wanted })
        });
        Ok(issued.await??.0)
    }

    /// Asks a command and gives back how it was answered.
    pub async fn ask(&self, cell: &CellHandle, command: Command) -> Result<Outcome, Problem> {
        Ok(match cell.port.ask(command).await?.outcome {
            Ok(reply) => Outcome::Done(reply),
            Err(refusal) => Outcome::Refused(refusal),
        })
    }

    /// Asks a command whose refusal is a problem, and gives back the decoded reply.
    pub async fn reply<T: for<'b> Decode<'b, ()>>(&self, cell: &CellHandle, command: Command) -> Result<T, Problem> {
        Ok(decode(&self.done(cell, command).await?, "reply")?)
    }

    /// Asks a command whose refusal is a problem.
    pub async fn done(&self, cell: &CellHandle, command: Command) -> Result<Vec<u8>, Problem> {
        match self.ask(cell, command).await? {
            Outcome::Done(reply) => Ok(reply),
            Outcome::Refused(refusal) => Err(self.refused(&refusal)),
        }
    }

    /// A refusal as a problem.
    pub fn refused(&self, refusal: &Refusal) -> Problem {
        Problem::refusal(&self.world().products, refusal)
    }
}

/// A party's number: 16 digits.
pub(crate) fn party_number(text: &str) -> Option<u64> {
    if text.len() != 16 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number| sycee_party::cell_of(*number).is_some())
}

/// That a path names nobody of this kind.
pub(crate) fn no_party(kind: PartyKind) -> Problem {
    let (code, title) = match kind {
        PartyKind::Customer => ("customer_not_found", "No customer has this id; nothing happened."),
        PartyKind::Merchant => ("merchant_not_found", "No merchant has this id; nothing happened."),
        PartyKind::Member => ("member_not_found", "Nobody of a shop's people has this id; nothing happened."),
        PartyKind::Staff => ("staff_not_found", "No member of staff has this id; nothing happened."),
    };
    Problem::not_found(code, title, "an id has 16 digits and begins with 2088")
}

/// A key that nobody has used.
pub(crate) fn fresh_key() -> Result<String, Problem> {
    let bytes: [u8; 16] = random()?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// The key in the header, or one that nobody has used.
pub(crate) fn key(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return fresh_key() };
    match value.to_str() {
        Ok(key) if (1..=Command::MAX_ID_LENGTH).contains(&key.len()) => Ok(key.to_owned()),
        _ => Err(Problem::bad_field("Idempotency-Key", "has 1 to 128 visible ASCII characters")),
    }
}

/// Runs what waits for a disk or for a slow hash off the threads that serve requests.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal("a task ended early", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn party_numbers_have_sixteen_digits_and_name_a_cell() {
        let table = [
            ("2088070000000000", Some(2_088_070_000_000_000)),
            ("2088991638399999", Some(2_088_991_638_399_999)),
            ("2088000000000000", None), // no cell 0
            ("2089070000000000", None),
            ("208807000000000", None),
            ("20880700000000000", None),
            ("+208807000000000", None),
            ("２088070000000000", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(party_number(text), expected, "{text}");
        }
    }

    #[test]
    fn keys_come_from_the_header_or_are_new() {
        let mut headers = HeaderMap::new();
        let (one, other) = (key(&headers).unwrap(), key(&headers).unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
        for (text, good) in [("order-1", true), (&*"k".repeat(128), true), (&*"k".repeat(129), false), ("", false)] {
            headers.insert(IDEMPOTENCY_KEY, text.parse().unwrap());
            assert_eq!(key(&headers).ok().as_deref(), good.then_some(text), "{text}");
        }
    }
}
