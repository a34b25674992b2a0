//! Webhooks: where a party wants to be told of events.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::vault::WebhookEndpoint;
use sycee_party::StaffRole;

use super::Operation;
use crate::desk::{Asked, blocking, ok};
use crate::events::{Selection, read_cursor, write_cursor};
use crate::problem::Problem;
use crate::webhooks::{Added, Endpoint, Standing, WebhookSecret, Webhooks, check_url};
use crate::wire::Instant;

const ROLES: &[Role] = &[Role::Merchant, Role::Operator];
const STAFF: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("make_webhook", "/webhooks", |asked| Box::pin(make_webhook(asked)))
        .says(
            "Registers an address that is posted each event that the caller may see, in order, at least once, signed as \
             Standard Webhooks has it. The secret is told once.",
        )
        .for_roles(ROLES)
        .for_staff(STAFF)
        .takes::<WebhookBody>()
        .gives::<MadeWebhook>(),
    Operation::get("list_webhooks", "/webhooks", |asked| Box::pin(list_webhooks(asked)))
        .says("The caller's webhooks, without their secrets, with how they stand.")
        .for_roles(ROLES)
        .for_staff(STAFF)
        .gives::<WebhookList>(),
    Operation::delete("delete_webhook", "/webhooks/{webhook}", |asked| Box::pin(delete_webhook(asked)))
        .says("Forgets a webhook of the caller's.")
        .for_roles(ROLES)
        .for_staff(STAFF)
        .gives::<WebhookWire>(),
    Operation::post("replay_webhook", "/webhooks/{webhook}/replay", |asked| Box::pin(replay_webhook(asked)))
        .says("Sets a webhook's place: every event behind it is posted, again or for the first time, at once.")
        .for_roles(ROLES)
        .for_staff(STAFF)
        .takes::<ReplayBody>()
        .gives::<WebhookWire>(),
];

/// A webhook that is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WebhookBody {
    /// The address: https outside a sandbox, on the public internet or a network that the operator has allowed.
    url: String,
    /// Only events of these types; all that the caller may see if it is left out or empty.
    #[serde(default)]
    types: Vec<String>,
    /// Begin behind this event; from now on if it is left out.
    after: Option<String>,
}

/// From where a webhook is told again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReplayBody {
    /// Behind this event, or this page of events.
    after: String,
}

/// A webhook.
#[derive(Serialize, JsonSchema)]
struct WebhookWire {
    webhook: String,
    url: String,
    types: Vec<String>,
    created_at: Instant,
    /// Everything up to this place was taken, or is not for this webhook.
    place: String,
    /// How often in a row the address did not take what it was posted.
    failures: u32,
    /// Why it did not take it last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    /// When it last took something, since the server was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken_at: Option<Instant>,
}

/// A webhook that was made.
#[derive(Serialize, JsonSchema)]
struct MadeWebhook {
    #[serde(flatten)]
    webhook: WebhookWire,
    /// `whsec_` and base64. It is told now and never again.
    secret: String,
}

/// The caller's webhooks.
#[derive(Serialize, JsonSchema)]
struct WebhookList {
    webhooks: Vec<WebhookWire>,
}

impl From<&Endpoint> for WebhookWire {
    fn from(endpoint: &Endpoint) -> Self {
        let Standing { failures, last_failure, taken_at_ns } = endpoint.standing().clone();
        let WebhookEndpoint { id, url, types, created_at_ns, .. } = endpoint.kept.clone();
        Self {
            webhook: id,
            url,
            types,
            created_at: Instant(created_at_ns),
            place: write_cursor(endpoint.cell.number, endpoint.cursor()),
            failures,
            last_failure,
            taken_at: taken_at_ns.map(Instant),
        }
    }
}

fn webhooks(asked: &Asked) -> Result<Arc<Webhooks>, Problem> {
    asked.desk.webhooks.clone().ok_or_else(|| Problem::not_found("this server posts no webhooks"))
}

/// The caller's webhook that the path names.
fn named(asked: &Asked) -> Result<Arc<Endpoint>, Problem> {
    let found = webhooks(asked)?.one(asked.caller.party, asked.path("webhook"));
    found.ok_or_else(|| Problem::not_found("the caller has no webhook of this id"))
}

async fn make_webhook(asked: Asked) -> Result<Response, Problem> {
    let WebhookBody { url, types, after } = asked.body()?;
    let (webhooks, world) = (webhooks(&asked)?, &asked.desk.world);
    check_url(world, &url)?;
    let names = types.iter().map(String::as_str);
    let selection = Selection::new(&world.products, asked.caller, "types", names)?;
    let cursor = match after.as_deref() {
        None | Some("now") => asked.cell.port.events().end(),
        Some(text) => read_cursor(&asked.cell, "after", text)?,
    };
    let secret = WebhookSecret::generate()?;
    let endpoint = WebhookEndpoint {
        id: WebhookEndpoint::new_id(asked.cell.number)?,
        party: asked.caller.party,
        url,
        types,
        secret: secret.as_bytes().to_vec(),
        created_at_ns: world.clock.now_ns(),
    };
    let cell = Arc::clone(&asked.cell);
    match blocking(move || webhooks.add(endpoint, &cell, selection, cursor)).await?? {
        Added::Now(endpoint) => ok(&MadeWebhook { webhook: WebhookWire::from(&*endpoint), secret: secret.to_text() }),
        Added::TooMany => Err(Problem::caller_unfit("a party has at most 10 webhooks; delete one first")),
    }
}

async fn list_webhooks(asked: Asked) -> Result<Response, Problem> {
    let webhooks = webhooks(&asked)?.of(asked.caller.party);
    ok(&WebhookList { webhooks: webhooks.iter().map(|endpoint| WebhookWire::from(&**endpoint)).collect() })
}

async fn delete_webhook(asked: Asked) -> Result<Response, Problem> {
    let (webhooks, endpoint) = (webhooks(&asked)?, named(&asked)?);
    let gone = WebhookWire::from(&*endpoint);
    blocking(move || webhooks.remove(&endpoint)).await??;
    ok(&gone)
}

async fn replay_webhook(asked: Asked) -> Result<Response, Problem> {
    let ReplayBody { after } = asked.body()?;
    let endpoint = named(&asked)?;
    let cursor = read_cursor(&asked.cell, "after", &after)?;
    let set = Arc::clone(&endpoint);
    blocking(move || set.set_place(cursor)).await??;
    ok(&WebhookWire::from(&*endpoint))
}
