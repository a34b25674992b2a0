//! Merchants, stores, terminals, apps.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use sycee_contract::{Command, Deciding, Role, Stop, cell, encode};
use sycee_party::PartyKind;

use super::{bad_field, check_optional, merchant, refuse};
use crate::command::{AddStore, AddTerminal, OnboardMerchant, RegisterApp, SetAppKey};
use crate::number::app_id;
use crate::record::{App, AppCounter, Merchant, MerchantApps, PreviousKey, Store, Terminal};
use crate::refusal::{APP_NOT_FOUND, APPS_EXHAUSTED, NOT_YOURS, STORE_NOT_FOUND};
use crate::reply::{AppReply, MerchantReply, StoreReply, TerminalReply};

/// The longest key, bytes: an RSA key of 8192 bits has about 1100.
const MAX_KEY_BYTES: usize = 2_048;
/// The highest fee: everything.
const MAX_FEE_BPS: u32 = 10_000;

pub(super) fn onboard(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: OnboardMerchant = cell::body(command)?;
    if body.mcc.len() != 4 || !body.mcc.bytes().all(|byte| byte.is_ascii_digit()) {
        return bad_field("mcc");
    }
    if body.fee_bps.is_some_and(|bps| bps > MAX_FEE_BPS) {
        return bad_field("fee_bps");
    }
    let party = sycee_party::open(deciding, PartyKind::Merchant, 0, body.name, None, None)?;
    let store = deciding.new_id()?;
    let merchant = Merchant {
        party: party.number,
        mcc: body.mcc,
        fee_bps: body.fee_bps,
        default_store: store,
        opened_at_ns: deciding.stamp().time_ns,
        settled_since: None,
    };
    deciding.put(Merchant::key(party.number), &merchant);
    deciding.put(Store::key(store), &Store { id: store, merchant: party.number });
    Ok(encode(&MerchantReply { merchant: party.number, store }))
}

pub(super) fn add_store(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: AddStore = cell::body(command)?;
    is_own(command, body.merchant)?;
    merchant(deciding, body.merchant)?;
    let store = deciding.new_id()?;
    deciding.put(Store::key(store), &Store { id: store, merchant: body.merchant });
    Ok(encode(&StoreReply { store }))
}

pub(super) fn add_terminal(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: AddTerminal = cell::body(command)?;
    let Some(store) = deciding.get::<Store>(&Store::key(body.store))? else {
        return refuse(STORE_NOT_FOUND, &format!("store {}", body.store));
    };
    is_own(command, store.merchant)?;
    let terminal = deciding.new_id()?;
    deciding.put(Terminal::key(terminal), &Terminal { id: terminal, store: store.id });
    Ok(encode(&TerminalReply { terminal }))
}

pub(super) fn register_app(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    cell::require_id(command)?;
    let body: RegisterApp = cell::body(command)?;
    check_key(&body.public_key)?;
    check_url("notify_url", body.notify_url.as_deref())?;
    is_own(command, body.merchant)?;
    deciding.want(&[Merchant::key(body.merchant), AppCounter::key(), MerchantApps::key(body.merchant)]);
    deciding.ready()?;
    merchant(deciding, body.merchant)?;
    let mut apps: MerchantApps = deciding.get(&MerchantApps::key(body.merchant))?.unwrap_or_default();
    if apps.app_ids.len() >= MerchantApps::MAX {
        return refuse(APPS_EXHAUSTED, &format!("the merchant has {} apps", apps.app_ids.len()));
    }
    let counter: AppCounter = deciding.get(&AppCounter::key())?.unwrap_or_default();
    let running = counter.last.saturating_add(1);
    let Some(app_id) = app_id(deciding.stamp().cell, running) else {
        return refuse(APPS_EXHAUSTED, &format!("{} apps were registered", counter.last));
    };
    let app = App {
        app_id,
        merchant: body.merchant,
        public_key: body.public_key,
        public_key_previous: None,
        notify_url: body.notify_url,
        opened_at_ns: deciding.stamp().time_ns,
    };
    apps.app_ids.push(app_id);
    deciding.put(MerchantApps::key(app.merchant), &apps);
    deciding.put(AppCounter::key(), &AppCounter { last: running });
    deciding.put(App::key(app_id), &app);
    Ok(encode(&AppReply { app_id }))
}

pub(super) fn set_app_key(command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
    let body: SetAppKey = cell::body(command)?;
    check_key(&body.public_key)?;
    let Some(mut app) = deciding.get::<App>(&App::key(body.app_id))? else {
        return refuse(APP_NOT_FOUND, &format!("app {}", body.app_id));
    };
    is_own(command, app.merchant)?;
    if app.public_key != body.public_key {
        let valid_until_ns = deciding.stamp().after_seconds(body.previous_valid_seconds);
        let public_key = core::mem::replace(&mut app.public_key, body.public_key);
        app.public_key_previous = Some(PreviousKey { public_key, valid_until_ns });
        deciding.put(App::key(app.app_id), &app);
    } else if let Some(previous) = &mut app.public_key_previous {
        // The same key again can end the one before sooner, never keep it longer.
        let until_ns = deciding.stamp().after_seconds(body.previous_valid_seconds);
        if until_ns < previous.valid_until_ns {
            previous.valid_until_ns = until_ns;
            deciding.put(App::key(app.app_id), &app);
        }
    }
    Ok(encode(&AppReply { app_id: app.app_id }))
}

/// Refuses a merchant who acts on what is not theirs. The operator may.
fn is_own(command: &Command, owner: u64) -> Result<(), Stop> {
    if command.caller.role == Role::Merchant && command.caller.party != owner {
        return refuse(NOT_YOURS, &String::from("it belongs to another merchant"));
    }
    Ok(())
}

fn check_key(public_key: &[u8]) -> Result<(), Stop> {
    if public_key.is_empty() || public_key.len() > MAX_KEY_BYTES { bad_field("public_key") } else { Ok(()) }
}

/// Refuses an address that is empty, too long, or holds blanks or control characters.
pub(super) fn check_url(field: &str, url: Option<&str>) -> Result<(), Stop> {
    check_optional(field, url, 2_048)?;
    match url {
        Some(url) if url.is_empty() || url.chars().any(|c| c.is_whitespace() || c.is_control()) => bad_field(field),
        _ => Ok(()),
    }
}
