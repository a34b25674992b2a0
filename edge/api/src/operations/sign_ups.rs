//! Opening one's own wallet with a phone number. In a sandbox only: the code that proves the number is shown there instead of
//! being sent; outside it nothing here sends messages to phones yet.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Caller, Command, MarketRole, decode};
use sycee_engine::CellHandle;
use sycee_engine::vault::{Handle, Person, VaultError};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_party::{CONTACT_TAKEN, OPEN_CUSTOMER, Party, PartyKind};

use super::Operation;
use super::customer::contact;
use super::sessions::{SessionWire, Wish, open_session};
use crate::auth::sign_in::check_new;
use crate::auth::sign_up::{Sent, Wanted};
use crate::desk::{Stranger, blocking, ok};
use crate::problem::Problem;
use crate::wire::{self, Instant};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::for_anybody("sign_up", "/sign-ups", |stranger| Box::pin(sign_up(stranger)))
        .says("Begins to open a wallet: sends a code to the phone. In a sandbox the answer shows the code.")
        .takes::<SignUpBody>()
        .gives::<SignUpWire>()
        .for_tests(),
    Operation::for_anybody("confirm_sign_up", "/sign-ups/confirm", |stranger| Box::pin(confirm(stranger)))
        .says("Opens the wallet with the code that came to the phone, gives it a PIN and signs its owner in.")
        .also_asks(&[OPEN_CUSTOMER])
        .takes::<ConfirmBody>()
        .gives::<SessionWire>()
        .for_tests(),
];

/// Somebody who wants a wallet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignUpBody {
    name: String,
    /// 6 to 15 digits, with or without + in front.
    phone: String,
    /// The name of the cell; needed if the server has several wallets.
    cell: Option<String>,
}

/// A code on its way.
#[derive(Serialize, JsonSchema)]
struct SignUpWire {
    /// By which it is confirmed.
    sign_up: String,
    /// The code, because this is a sandbox.
    code: String,
    expires_at: Instant,
}

/// The cell of this name, which has customers; the only one if none is named.
fn home(stranger: &Stranger, name: Option<&str>) -> Result<Arc<CellHandle>, Problem> {
    let world = &stranger.desk.world;
    let mut wallets = Vec::new();
    for cell in &world.cells {
        if cell.market()?.roles.contains(&MarketRole::Wallet) {
            wallets.push(cell);
        }
    }
    match (name, wallets.as_slice()) {
        (None, [only]) => Ok(Arc::clone(only)),
        (None, _) => Err(Problem::bad_field("cell", "is needed: this server has several")),
        (Some(name), all) => {
            let named = all.iter().find(|cell| cell.name == name);
            named.map(|cell| Arc::clone(cell)).ok_or_else(|| Problem::bad_field("cell", "is no wallet of this server"))
        }
    }
}

async fn sign_up(stranger: Stranger) -> Result<Response, Problem> {
    let SignUpBody { name, phone, cell } = stranger.body()?;
    let (name, phone) = (wire::name("name", &name)?.to_owned(), wire::phone("phone", &phone)?);
    let cell = home(&stranger, cell.as_deref())?;
    // Whether the number has a wallet already is told to whoever has the phone, not to whoever asks.
    let (contact, wanted) = (contact(&cell, &phone), Wanted { cell: cell.number, name, phone });
    let now_ns = stranger.desk.world.clock.now_ns();
    let Sent { sign_up, code, expires_at_ns } = stranger.desk.sign_ups.begin(contact, wanted, now_ns)?;
    ok(&SignUpWire { sign_up, code, expires_at: Instant(expires_at_ns) })
}

/// The code, and what the owner will sign in with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmBody {
    sign_up: String,
    /// Six digits.
    code: String,
    /// Six digits, not easily guessed.
    pin: String,
    /// Whether the session is kept in a cookie, out of scripts' reach, instead of being told.
    #[serde(default)]
    cookie: bool,
    /// What the session is called in the list, such as the device; at most 64 characters.
    label: Option<String>,
}

async fn confirm(stranger: Stranger) -> Result<Response, Problem> {
    let ConfirmBody { sign_up, code, pin, cookie, label } = stranger.body()?;
    let wish = Wish::new(&stranger, cookie, label)?;
    // Before the code is looked at: a PIN that is refused costs no attempt.
    check_new("pin", PartyKind::Customer, &pin)?;
    let world = &stranger.desk.world;
    let Wanted { cell, name, phone } = stranger.desk.sign_ups.confirm(&sign_up, &code, world.clock.now_ns())?;
    let cell = world.numbered(cell).cloned().ok_or_else(|| Problem::not_found("the cell is not here any more"))?;
    let contact = contact(&cell, &phone);
    // Both are of this sign-up, so that saying it again finds what was done.
    let digest = cell.vault.digest("sign-up-person", sign_up.as_bytes());
    let mut person = [0; 16];
    person.copy_from_slice(&digest[..16]);
    let vault = Arc::clone(&cell.vault);
    let is_kept = blocking(move || -> Result<bool, VaultError> {
        // Said again because the answer was lost it has the same PIN; a code does not change the PIN of a wallet that is open.
        if let Some(owner) = vault.person(Handle(person))? {
            return Ok(owner.has_pin(&pin));
        }
        vault.put_person_as(Handle(person), &Person::named(&name).with_phone(&phone).with_pin(&pin)?)?;
        Ok(true)
    });
    if !is_kept.await?? {
        return Err(Problem::code_wrong("the code was used with another PIN: sign in with that"));
    }
    let lowest = cell.market()?.kyc_tiers.iter().map(|tier| tier.rank).min();
    let body = OpenCustomer { person, contact: Some(contact), kyc_rank: lowest };
    let command = Command::new(OPEN_CUSTOMER, Caller::OPERATOR, &body).with_id(&format!("sign-up {sign_up}"));
    let opened = match cell.port.ask(command).await?.outcome {
        Ok(bytes) => decode::<Opened>(&bytes, "reply")?,
        Err(refusal) => {
            if refusal.code == CONTACT_TAKEN {
                // Never of a wallet that this sign-up has opened: that would answer as it did before.
                let vault = Arc::clone(&cell.vault);
                blocking(move || vault.erase_person(Handle(person))).await??;
            }
            return Err(Problem::refusal(&world.products, refusal));
        }
    };
    let party: Option<Party> = cell.port.get(&Party::key(opened.party))?;
    let party = party.ok_or_else(|| Problem::internal("a party that was opened is not there", &opened.party))?;
    open_session(world, cell, party, wish).await
}
