//! What waits for people: payments to other cells whose money is held, and messages of other cells that were not understood.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::link::{Parked, RetryParked};
use sycee_contract::{Key, Role, cell, decode};
use sycee_engine::{Port, World};
use sycee_interop::command::{RELEASE_PAYMENT, ReleasePayment};
use sycee_interop::message::{Envelope, Stands};
use sycee_interop::record::{OUTGOING, Outgoing, OutgoingState};
use sycee_money::Money;
use sycee_party::StaffRole;

use super::Operation;
use super::network::PageQuery;
use super::quotes::{Offer, PaymentState, offer};
use crate::abroad::refusal_name;
use crate::desk::{Asked, ok};
use crate::lists::csv::{Line, Row};
use crate::lists::{Lister, Page, Paging, Slice, Sorting, Walk, page, page_or_csv};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const OPERATOR: &[Role] = &[Role::Operator];
const OFFICE: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_outgoing_payments", "/outgoing-payments", |asked| Box::pin(list_payments(asked)))
        .says("Payments to other cells, of customers and merchants: which hold money, and which wait for a person.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .queries::<PaymentQuery>()
        .exports()
        .gives::<Page<OutgoingWire>>(),
    Operation::get("show_outgoing_payment", "/outgoing-payments/{payment}", |asked| Box::pin(show_payment(asked)))
        .says("One payment to another cell.")
        .for_roles(OPERATOR)
        .for_staff(OFFICE)
        .gives::<OutgoingWire>(),
    Operation::post("release_payment", "/outgoing-payments/{payment}/release", |asked| Box::pin(release(asked)))
        .says("Gives held money back to its payer, on evidence from elsewhere that the payee was not paid; only when it waits for a person.")
        .asks(RELEASE_PAYMENT)
        .for_staff(FINANCE)
        .takes::<ReleaseBody>()
        .gives::<OutgoingWire>(),
    Operation::get("list_parked_messages", "/parked-messages", |asked| Box::pin(list_parked(asked)))
        .says("Messages of other cells that were not understood: set aside until somebody tries them again.")
        .for_roles(OPERATOR)
        .for_staff(FINANCE)
        .queries::<PageQuery>()
        .gives::<Page<ParkedWire>>(),
    Operation::post("retry_parked_message", "/parked-messages/{peer}/{sequence}/retry", |asked| Box::pin(retry(asked)))
        .says("Tries a parked message again.")
        .asks(cell::RETRY_PARKED)
        .for_staff(FINANCE)
        .gives::<Retried>(),
];

/// What the network said last of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NetworkStanding")]
enum Standing {
    /// It does not know the payment.
    Unknown,
    /// It has asked the payee's cell.
    Forwarded,
    /// The payee was paid.
    Done,
    /// The payee will not be paid.
    Refused,
}

/// A payment to another cell, as the payer's operator sees it.
#[derive(Serialize, JsonSchema)]
struct OutgoingWire {
    payment: Digits,
    state: PaymentState,
    /// Whether the network was asked often enough: a person must look.
    waits_for_people: bool,
    payer: Digits,
    /// The number of the payee's cell.
    cell: u16,
    /// What is held, or was paid.
    total: MoneyWire,
    /// What it costs, part by part; for money sent at the rate of the moment, once the network has said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
    /// The shop's number of the order that was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// The merchant's own number of a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_biz_no: Option<String>,
    /// What came back by refunds.
    returned: MoneyWire,
    /// How often the network was asked about it.
    asked: u32,
    /// What the network said last.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<Standing>,
    /// Why it was refused: the code of the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    held_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

fn wire(world: &World, payment: &Outgoing) -> OutgoingWire {
    OutgoingWire {
        payment: Digits(payment.id),
        state: PaymentState::of(payment),
        waits_for_people: payment.waits_for_people(),
        payer: Digits(payment.payer),
        cell: payment.destination,
        total: MoneyWire(payment.total),
        offer: payment.quote.as_ref().map(|quote| offer(quote, world.clock.now_ns())),
        trade_no: payment.trade_no(),
        out_biz_no: payment.out_biz_no.clone(),
        returned: MoneyWire(Money::new(payment.returned, payment.total.currency)),
        asked: payment.asked,
        standing: payment.standing.map(|stands| match stands {
            Stands::Unknown => Standing::Unknown,
            Stands::Forwarded => Standing::Forwarded,
            Stands::Done => Standing::Done,
            Stands::Refused => Standing::Refused,
        }),
        refusal: refusal_name(&world.products, payment),
        held_at: Instant(payment.held_at_ns),
        ended_at: payment.ended_at_ns.map(Instant),
    }
}

impl Row for OutgoingWire {
    const COLUMNS: &'static [&'static str] = &[
        "payment",
        "state",
        "waits_for_people",
        "payer",
        "cell",
        "total",
        "returned",
        "currency",
        "trade_no",
        "out_biz_no",
        "asked",
        "refusal",
        "held_at",
        "ended_at",
    ];

    fn write(&self, line: &mut Line) {
        line.value(self.payment.0).value(self.state.name()).value(self.waits_for_people).value(self.payer.0);
        line.value(self.cell).amount(self.total.0).amount(self.returned.0).value(self.total.0.currency);
        line.optional(self.trade_no.as_ref()).text(self.out_biz_no.as_deref().unwrap_or_default());
        line.value(self.asked)
            .optional(self.refusal)
            .instant(self.held_at.0)
            .optional(self.ended_at.map(Instant::text));
    }
}

/// Which payments.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PaymentQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// Those that stand so only.
    state: Option<PaymentState>,
    /// Those that wait for a person only, or that do not.
    waits_for_people: Option<bool>,
}

struct Payments {
    world: Arc<World>,
    port: Arc<Port>,
    sorting: Sorting,
    state: Option<PaymentState>,
    waits_for_people: Option<bool>,
}

impl Lister for Payments {
    type Item = OutgoingWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<OutgoingWire>, Problem> {
        let walk = Walk::new(Key::new(OUTGOING), self.sorting);
        walk.slice(&self.port.begin_read(), after, limit, &mut |_, bytes| {
            let payment: Outgoing = decode(bytes, "payment")?;
            let fits = self.state.is_none_or(|state| state == PaymentState::of(&payment))
                && self.waits_for_people.is_none_or(|waits| waits == payment.waits_for_people());
            Ok(fits.then(|| wire(&self.world, &payment)))
        })
    }
}

async fn list_payments(asked: Asked) -> Result<Response, Problem> {
    let PaymentQuery { cursor, limit, order, state, waits_for_people } = asked.query()?;
    let (world, port) = (Arc::clone(&asked.desk.world), asked.cell.port.clone());
    let lister = Payments { world, port, sorting: order, state, waits_for_people };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

fn read(asked: &Asked, id: u64) -> Result<Outgoing, Problem> {
    let row: Option<Outgoing> = asked.cell.port.get(&Outgoing::key(id))?;
    row.ok_or_else(|| Problem::not_found("no payment to another cell has this id"))
}

async fn show_payment(asked: Asked) -> Result<Response, Problem> {
    ok(&wire(&asked.desk.world, &read(&asked, asked.id("payment")?)?))
}

/// On what evidence money is given back.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ReleaseBody {
    /// A number of the operator's own files, 1 to 64 characters, never a name.
    reference: String,
}

async fn release(asked: Asked) -> Result<Response, Problem> {
    let ReleaseBody { reference } = asked.body()?;
    let payment = asked.id("payment")?;
    asked.ask(RELEASE_PAYMENT, &ReleasePayment { payment, reference }).await?;
    let row = read(&asked, payment)?;
    debug_assert!(row.state == OutgoingState::Released, "a release that was answered is booked");
    ok(&wire(&asked.desk.world, &row))
}

/// A message that was not understood.
#[derive(Serialize, JsonSchema)]
struct ParkedWire {
    /// The number of the cell that sent it.
    peer: u16,
    /// Its place in that cell's stream.
    sequence: Digits,
    /// What kind of message it is: a number of the product's.
    kind: u16,
    /// Why it could not be applied.
    reason: String,
    parked_at: Instant,
    /// What the message makes owed; it is booked in suspense.
    #[serde(skip_serializing_if = "Option::is_none")]
    clearing: Option<MoneyWire>,
}

struct ParkedMessages(Arc<Port>);

impl Lister for ParkedMessages {
    type Item = ParkedWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<ParkedWire>, Problem> {
        let walk = Walk::new(Key::new(cell::PARKED), Sorting::Oldest);
        walk.slice(&self.0.begin_read(), after, limit, &mut |_, bytes| {
            let Parked { incoming, reason, parked_at_ns } = decode(bytes, "parked")?;
            let envelope = decode::<Envelope>(&incoming.message.body, "envelope").ok();
            Ok(Some(ParkedWire {
                peer: incoming.peer,
                sequence: Digits(incoming.sequence),
                kind: incoming.message.kind,
                reason,
                parked_at: Instant(parked_at_ns),
                clearing: envelope.and_then(|envelope| envelope.clearing).map(|clearing| MoneyWire(clearing.money)),
            }))
        })
    }
}

async fn list_parked(asked: Asked) -> Result<Response, Problem> {
    let PageQuery { cursor, limit } = asked.query()?;
    page(Paging::new(cursor.as_deref(), limit)?, ParkedMessages(asked.cell.port.clone())).await
}

/// A message that was understood now.
#[derive(Serialize, JsonSchema)]
struct Retried {
    peer: u16,
    sequence: Digits,
}

async fn retry(asked: Asked) -> Result<Response, Problem> {
    let unknown = |_| Problem::not_found("peer is the number of a cell");
    let (peer, sequence) = (asked.path("peer").parse().map_err(unknown)?, asked.id("sequence")?);
    asked.ask(cell::RETRY_PARKED, &RetryParked { peer, sequence }).await?;
    ok(&Retried { peer, sequence: Digits(sequence) })
}
