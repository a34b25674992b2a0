//! Opening one's own wallet, or one's own shop, with a phone number. In a sandbox only: the code that proves the number is shown
//! there instead of being sent; outside it nothing here sends messages to phones yet.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant};
use sycee_acquiring::reply::MerchantReply;
use sycee_contract::{Caller, Command, MarketRole, Refusal, decode, encode};
use sycee_engine::vault::{Handle, Person, VaultError};
use sycee_engine::{CellHandle, World};
use sycee_party::command::{OpenCustomer, OpenMember, Opened};
use sycee_party::{CONTACT_TAKEN, ContactOwner, MemberRole, OPEN_CUSTOMER, OPEN_MEMBER, Party, PartyKind};

use super::Operation;
use super::customer::{contact, member_contact};
use super::sessions::{SessionWire, Wish, open_session};
use crate::auth::sign_in::check_new;
use crate::auth::sign_up::{Sent, Wanted, WantedShop};
use crate::desk::{Stranger, blocking, ok};
use crate::problem::Problem;
use crate::wire::{self, Instant};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::for_anybody("sign_up", "/sign-ups", |stranger| Box::pin(sign_up(stranger)))
        .says("Begins to open a wallet or a shop: sends a code to the phone. In a sandbox the answer shows the code.")
        .takes::<SignUpBody>()
        .gives::<SignUpWire>()
        .for_tests(),
    Operation::for_anybody("confirm_sign_up", "/sign-ups/confirm", |stranger| Box::pin(confirm(stranger)))
        .says("Opens the wallet or shop with the code that came to the phone, gives its owner a PIN and signs them in.")
        .also_asks(&[OPEN_CUSTOMER, ONBOARD_MERCHANT, OPEN_MEMBER])
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
    /// The shop, if one is to be opened instead of a wallet; then the person becomes its owner.
    shop: Option<ShopBody>,
}

/// A shop that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ShopBody {
    name: String,
    /// What it sells: four digits (ISO 18245).
    mcc: String,
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

/// The cell of this name, which does this in its market; the only one if none is named.
fn home(stranger: &Stranger, name: Option<&str>, role: MarketRole) -> Result<Arc<CellHandle>, Problem> {
    let world = &stranger.desk.world;
    let mut wallets = Vec::new();
    for cell in &world.cells {
        if cell.market()?.roles.contains(&role) {
            wallets.push(cell);
        }
    }
    match (name, wallets.as_slice()) {
        (None, [only]) => Ok(Arc::clone(only)),
        (None, _) => Err(Problem::bad_field("cell", "is needed: this server has several")),
        (Some(name), all) => {
            let named = all.iter().find(|cell| cell.name == name);
            named
                .map(|cell| Arc::clone(cell))
                .ok_or_else(|| Problem::bad_field("cell", "is none of this server that does this"))
        }
    }
}

fn wanted_shop(ShopBody { name, mcc }: ShopBody) -> Result<WantedShop, Problem> {
    if mcc.len() != 4 || !mcc.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::bad_field("shop.mcc", "has four digits (ISO 18245)"));
    }
    Ok(WantedShop { name: wire::name("shop.name", &name)?.to_owned(), mcc })
}

/// By which the phone is known: a shop's people and wallets are kept apart.
fn wanted_contact(cell: &CellHandle, wanted: &Wanted) -> [u8; 32] {
    if wanted.shop.is_some() { member_contact(cell, &wanted.phone) } else { contact(cell, &wanted.phone) }
}

async fn sign_up(stranger: Stranger) -> Result<Response, Problem> {
    let SignUpBody { name, phone, cell, shop } = stranger.body()?;
    let (name, phone) = (wire::name("name", &name)?.to_owned(), wire::phone("phone", &phone)?);
    let shop = shop.map(wanted_shop).transpose()?;
    let role = if shop.is_some() { MarketRole::Acquirer } else { MarketRole::Wallet };
    let cell = home(&stranger, cell.as_deref(), role)?;
    // Whether the number has a wallet already is told to whoever has the phone, not to whoever asks.
    let wanted = Wanted { cell: cell.number, name, phone, shop };
    let contact = wanted_contact(&cell, &wanted);
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
    let wanted = stranger.desk.sign_ups.confirm(&sign_up, &code, world.clock.now_ns())?;
    let cell = world.numbered(wanted.cell).cloned();
    let cell = cell.ok_or_else(|| Problem::not_found("the cell is not here any more"))?;
    let contact = wanted_contact(&cell, &wanted);
    // Both are of this sign-up, so that saying it again finds what was done.
    let person = handle(&cell, "sign-up-person", &sign_up);
    let (vault, Wanted { name, phone, shop, .. }) = (Arc::clone(&cell.vault), wanted);
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
    let ask = |code, body: Vec<u8>| {
        let command =
            Command { body, ..Command::new(code, Caller::OPERATOR, &()) }.with_id(&format!("sign-up {sign_up}"));
        cell.port.ask(command)
    };
    let outcome = match shop {
        None => {
            let lowest = cell.market()?.kyc_tiers.iter().map(|tier| tier.rank).min();
            let body = OpenCustomer { person, contact: Some(contact), kyc_rank: lowest };
            ask(OPEN_CUSTOMER, encode(&body)).await?.outcome
        }
        Some(WantedShop { name, mcc }) => {
            // Looked at before the shop is opened: a shop without people would be nobody's. Whoever has the number by this very
            // sign-up has said it before.
            let owner = cell.port.get::<ContactOwner>(&ContactOwner::key(contact))?;
            let owner = owner.map(|owner| cell.port.get::<Party>(&Party::key(owner.party))).transpose()?.flatten();
            if owner.is_some_and(|owner| owner.person != person) {
                let refusal = Refusal::new(CONTACT_TAKEN, "the phone number belongs to one of a shop's people");
                return Err(taken(world, &cell, person, refusal).await?);
            }
            let named = handle(&cell, "sign-up-shop", &sign_up);
            let vault = Arc::clone(&cell.vault);
            blocking(move || vault.put_person_as(Handle(named), &Person::named(&name))).await??;
            let body = OnboardMerchant { name: named, mcc, fee_bps: None };
            let reply = ask(ONBOARD_MERCHANT, encode(&body)).await?;
            let opened = reply.outcome.map_err(|refusal| Problem::refusal(&world.products, refusal))?;
            let MerchantReply { merchant, .. } = decode(&opened, "reply")?;
            let owner =
                OpenMember { employer: merchant, person, contact: Some(contact), member_role: MemberRole::Owner };
            ask(OPEN_MEMBER, encode(&owner)).await?.outcome
        }
    };
    let opened = match outcome {
        Ok(bytes) => decode::<Opened>(&bytes, "reply")?,
        Err(refusal) if refusal.code == CONTACT_TAKEN => return Err(taken(world, &cell, person, refusal).await?),
        Err(refusal) => return Err(Problem::refusal(&world.products, refusal)),
    };
    let party: Option<Party> = cell.port.get(&Party::key(opened.party))?;
    let party = party.ok_or_else(|| Problem::internal("a party that was opened is not there", &opened.party))?;
    open_session(world, cell, party, wish).await
}

/// A handle that follows from a sign-up.
fn handle(cell: &CellHandle, purpose: &'static str, sign_up: &str) -> [u8; 16] {
    let digest = cell.vault.digest(purpose, sign_up.as_bytes());
    let mut handle = [0; 16];
    handle.copy_from_slice(&digest[..16]);
    handle
}

/// That the number has a wallet, or a place at a shop, already. What was kept of the person goes; never of somebody whom this sign-up
/// has opened: that would have answered as it did before.
async fn taken(world: &World, cell: &CellHandle, person: [u8; 16], refusal: Refusal) -> Result<Problem, Problem> {
    let vault = Arc::clone(&cell.vault);
    blocking(move || vault.erase_person(Handle(person))).await??;
    Ok(Problem::refusal(&world.products, refusal))
}
