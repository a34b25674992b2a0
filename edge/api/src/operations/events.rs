//! What happened, by page and as a stream.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::Role;
use sycee_engine::EventCursor;
use sycee_party::{MemberRole, StaffRole};

use super::Operation;
use crate::auth::credential::Credential;
use crate::desk::{Asked, ok};
use crate::events::{EventView, PAGE_DEFAULT, PAGE_MAX, Selection, open_stream, page, read_cursor, write_cursor};
use crate::problem::Problem;
use crate::wire::limit;

const EVERYBODY: &[Role] = &[Role::Customer, Role::Merchant, Role::Operator];
const STAFF: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_events", "/events", |asked| Box::pin(list_events(asked)))
        .says("What happened, in order: to a party what concerns itself, to a cashier what happens at the till, to staff what happened in its cell.")
        .for_roles(EVERYBODY)
        .for_staff(STAFF)
        .queries::<EventQuery>()
        .for_members(MemberRole::Cashier)
        .gives::<EventPageWire<'_>>(),
    Operation::get("stream_events", "/events/stream", |asked| Box::pin(stream_events(asked)))
        .says(
            "The same as server-sent events, for as long as the connection stands: each with its cursor as id, which the \
             header Last-Event-ID or the parameter after gives back to go on; without either, from now on. An id \
             without data every 10 seconds shows that the stream is alive.",
        )
        .for_roles(EVERYBODY)
        .for_staff(STAFF)
        .queries::<StreamQuery>()
        .for_members(MemberRole::Cashier)
        .gives::<EventView<'_>>()
        .streams(),
];

/// Which events.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    /// Begin behind this place: an event's id, or next of a page. `now` stands behind all that has happened; without it, the page
    /// begins with the cell's first event.
    after: Option<String>,
    /// At most so many events: 1 to 500, 100 if it is left out.
    limit: Option<String>,
    /// Only events of these types, separated by commas, such as acquiring.order_paid,acquiring.order_refunded.
    r#type: Option<String>,
}

/// Which events of a stream.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StreamQuery {
    /// Begin behind this place; the header Last-Event-ID goes before it.
    after: Option<String>,
    /// Only events of these types, separated by commas.
    r#type: Option<String>,
}

/// A part of the stream.
#[derive(Serialize, JsonSchema)]
struct EventPageWire<'a> {
    events: Vec<EventView<'a>>,
    /// Where the next page begins: send it as `after`. It moves on even past events that are not shown.
    next: String,
    /// Whether there was more of the stream to look through when this page was made.
    has_more: bool,
}

fn selection(asked: &Asked, types: Option<&str>) -> Result<Selection, Problem> {
    let types = types.into_iter().flat_map(|types| types.split(','));
    let selection = Selection::new(&asked.desk.world.products, asked.caller, "type", types)?;
    Ok(selection.for_member(asked.member_role))
}

fn place(
    asked: &Asked,
    field: &'static str,
    text: Option<&str>,
    otherwise: EventCursor,
) -> Result<EventCursor, Problem> {
    match text {
        None => Ok(otherwise),
        Some("now") => Ok(asked.cell.port.events().end()),
        Some(text) => read_cursor(&asked.cell, field, text),
    }
}

async fn list_events(asked: Asked) -> Result<Response, Problem> {
    let EventQuery { after, limit: most, r#type: types } = asked.query()?;
    let limit = limit(most.as_deref(), PAGE_DEFAULT, PAGE_MAX)?;
    let selection = Arc::new(selection(&asked, types.as_deref())?);
    let after = place(&asked, "after", after.as_deref(), EventCursor::default())?;
    let (world, cell) = (&asked.desk.world, &asked.cell);
    let page = page(world, cell, &selection, after, limit).await?;
    ok(&EventPageWire {
        events: page.events.iter().filter_map(|event| EventView::new(&world.products, cell, event)).collect(),
        next: write_cursor(cell.number, page.next),
        has_more: page.next < cell.port.events().end(),
    })
}

async fn stream_events(asked: Asked) -> Result<Response, Problem> {
    let StreamQuery { after, r#type: types } = asked.query()?;
    let selection = selection(&asked, types.as_deref())?;
    let last = asked.headers.get("last-event-id").map(|value| value.to_str().unwrap_or_default());
    let last = last.filter(|text| !text.is_empty());
    let (field, text) = match last {
        Some(text) => ("Last-Event-ID", Some(text)),
        None => ("after", after.as_deref()),
    };
    let after = place(&asked, field, text, asked.cell.port.events().end())?;
    let credential = Credential::of(asked.headers, asked.caller.party);
    open_stream(&asked.desk, &asked.cell, selection, after, credential, asked.caller.role)
}
