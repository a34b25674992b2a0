//! Where a merchant's app may have customers sent back to, after they have let it know who they are.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::record::App;
use sycee_contract::Role;

use super::Operation;
use crate::desk::{Asked, blocking, ok};
use crate::problem::Problem;
use crate::wire::{Digits, digits};

const MERCHANT: &[Role] = &[Role::Merchant];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_return_addresses", "/apps/{app}/return-addresses", |asked| Box::pin(list(asked)))
        .says("Where an app of the merchant's may have customers sent back to.")
        .for_roles(MERCHANT)
        .gives::<ReturnAddresses>(),
    Operation::post("set_return_addresses", "/apps/{app}/return-addresses", |asked| Box::pin(set(asked)))
        .says("Says where an app of the merchant's may have customers sent back to, in place of what was said before.")
        .for_roles(MERCHANT)
        .takes::<AddressesBody>()
        .gives::<ReturnAddresses>(),
];

/// The most addresses of an app.
const ADDRESSES_MAX: usize = 20;
/// The longest of them, bytes: as long as addresses for notifications.
const ADDRESS_MAX_BYTES: usize = 256;

/// Addresses that are wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddressesBody {
    /// At most 20, each https and compared letter by letter; http in a sandbox only.
    addresses: Vec<String>,
}

/// Addresses that are known.
#[derive(Serialize, JsonSchema)]
struct ReturnAddresses {
    app: Digits,
    addresses: Vec<String>,
}

/// The app that the path names, if it is the merchant's.
fn own_app(asked: &Asked) -> Result<u64, Problem> {
    let none = || Problem::not_found("the merchant has no app of this id");
    let app = digits(asked.path("app")).ok_or_else(none)?;
    let row: Option<App> = asked.cell.port.get(&App::key(app))?;
    row.filter(|row| row.merchant == asked.caller.party).map(|row| row.app_id).ok_or_else(none)
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let (app, vault) = (own_app(&asked)?, Arc::clone(&asked.cell.vault));
    let addresses = blocking(move || vault.return_addresses(app)).await??;
    ok(&ReturnAddresses { app: Digits(app), addresses })
}

async fn set(asked: Asked) -> Result<Response, Problem> {
    let AddressesBody { addresses } = asked.body()?;
    let sandbox = asked.desk.world.sandbox;
    let is_good = |text: &String| {
        let is_web = text.starts_with("https://") || sandbox && text.starts_with("http://");
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic()) && !text.contains(['@', '\\', '#']);
        is_web && is_plain && text.len() <= ADDRESS_MAX_BYTES
    };
    if addresses.len() > ADDRESSES_MAX || !addresses.iter().all(is_good) {
        return Err(Problem::bad_field("addresses", "has at most 20 https addresses, of at most 256 bytes each"));
    }
    let (app, vault, kept) = (own_app(&asked)?, Arc::clone(&asked.cell.vault), addresses.clone());
    blocking(move || vault.put_return_addresses(app, kept)).await??;
    ok(&ReturnAddresses { app: Digits(app), addresses })
}
