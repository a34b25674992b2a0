//! Payments across a border, for customers: what it would cost, paying exactly that, and what became of it.

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_contract::{Command, Role, decode};
use sycee_interop::command::{ENQUIRE, EnquireBody, EnquireReply, PAY_ABROAD, PayAbroad, PayAbroadReply};
use sycee_interop::quote::{Quote, Target, rate_text};
use sycee_interop::record::{Enquiry, EnquiryState, Outgoing, OutgoingState};
use sycee_money::{Amount, Money};

use super::Operation;
use crate::abroad::{known_cell, refusal_name};
use crate::codebook::Target as Coded;
use crate::desk::{Asked, answer, ok};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

const CUSTOMER: &[Role] = &[Role::Customer];

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::post("enquire", "/quotes", |asked| Box::pin(enquire(asked)))
        .says("Asks what paying a shop's code of another cell would cost. It waits up to 10 seconds for the network's quote.")
        .asks(ENQUIRE)
        .takes::<EnquireWire>()
        .gives::<QuoteWire>(),
    Operation::get("show_quote", "/quotes/{quote}", |asked| Box::pin(show_quote(asked)))
        .says("A quote that the customer asked for.")
        .for_roles(CUSTOMER)
        .gives::<QuoteWire>(),
    Operation::post("pay_quote", "/quotes/{quote}/pay", |asked| Box::pin(pay_quote(asked)))
        .says("Pays exactly what the quote says, once however often it is asked. It waits up to 10 seconds for the end.")
        .asks(PAY_ABROAD)
        .may_need_proof()
        .gives::<PaymentWire>(),
    Operation::get("show_payment", "/payments/{payment}", |asked| Box::pin(show_payment(asked)))
        .says("A payment of the customer's to another cell: where it stands, and where the money is.")
        .for_roles(CUSTOMER)
        .gives::<PaymentWire>(),
];

/// What is to be paid: a code.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EnquireWire {
    /// The text of the code, as scanned: of an order, or a shop's printed one.
    code: String,
    /// How much, in the shop's currency: for a printed code only, where the customer types it.
    amount: Option<MoneyWire>,
    /// What it is for, up to 64 characters; for a printed code only.
    #[serde(default)]
    reference: String,
}

/// Where a quote stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum QuoteState {
    /// The network has not answered yet; ask for the quote again.
    Asked,
    /// It can be paid until it expires.
    Quoted,
    /// Its time is over; ask for another.
    Expired,
    /// The network or the shop's operator has refused.
    Refused,
    /// It was used for a payment.
    Used,
}

/// What a payment costs. All of it but `price` is in the customer's currency; `mid_market`, `margin` and `residual_minor` make the
/// converted price, and `total` is that with the fee.
#[derive(Serialize, JsonSchema)]
pub(super) struct Offer {
    /// What the shop gets, in its currency.
    price: MoneyWire,
    /// What the customer pays.
    total: MoneyWire,
    /// The customer's fee in it.
    fee: MoneyWire,
    /// The network's margin in it, rounded down.
    margin: MoneyWire,
    /// The price at mid-market, rounded down.
    mid_market: MoneyWire,
    /// What rounding left, minor units as digits.
    residual_minor: Digits,
    /// Mid-market: how many of the customer's currency one of the shop's buys; a decimal number, cut off after 18 decimals.
    rate: String,
    /// The rate with the margin, likewise.
    customer_rate: String,
    /// The network's margin, basis points.
    margin_bps: u32,
    /// Who says the rate.
    rate_source: String,
    /// As of when.
    rate_at: Instant,
    /// Until when it can be paid.
    expires_at: Instant,
    /// How many seconds that is from this answer on, by the server's clock; 0 if it is over. A device whose clock is wrong counts these.
    seconds_left: u64,
}

pub(super) fn offer(quote: &Quote, now_ns: u64) -> Offer {
    let split = &quote.split;
    let own = |amount: Amount| MoneyWire(Money::new(amount, split.total.currency));
    Offer {
        price: MoneyWire(split.payee),
        total: MoneyWire(split.total),
        fee: own(split.fee),
        margin: own(split.margin),
        mid_market: own(split.mid),
        residual_minor: Digits(split.residual.minor()),
        rate: rate_text(quote.rate),
        customer_rate: quote.customer_rate_text(),
        margin_bps: quote.margin_bps,
        rate_source: quote.rate_source.clone(),
        rate_at: Instant(quote.rate_at_ns),
        expires_at: Instant(quote.expires_at_ns),
        seconds_left: quote.expires_at_ns.saturating_sub(now_ns) / 1_000_000_000,
    }
}

/// A quote.
#[derive(Serialize, JsonSchema)]
struct QuoteWire {
    quote: Digits,
    state: QuoteState,
    /// The name of the shop's cell.
    cell: String,
    /// What it costs, once the network has said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
    /// The payment for which it was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<Digits>,
    /// Why it was refused: the code of the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
}

fn no_quote() -> Problem {
    Problem::not_found("the customer has no quote of this id; a quote is kept for 15 minutes")
}

/// The name of another cell; its number where the network has not named it.
pub(super) fn cell_name(asked: &Asked, number: u16) -> Result<String, Problem> {
    let known = known_cell(&asked.cell, number)?;
    Ok(known.map_or_else(|| number.to_string(), |known| known.entry.name))
}

fn quote_wire(asked: &Asked, enquiry: Enquiry) -> Result<QuoteWire, Problem> {
    let now_ns = asked.desk.world.clock.now_ns();
    let mut wire = QuoteWire {
        quote: Digits(enquiry.id),
        state: QuoteState::Asked,
        cell: cell_name(asked, enquiry.destination)?,
        offer: None,
        payment: None,
        refusal: None,
    };
    match enquiry.state {
        EnquiryState::Asked => {}
        EnquiryState::Quoted { quote, .. } => {
            wire.state = if quote.expires_at_ns <= now_ns { QuoteState::Expired } else { QuoteState::Quoted };
            wire.offer = Some(offer(&quote, now_ns));
        }
        EnquiryState::Refused { refusal } => {
            wire.state = QuoteState::Refused;
            wire.refusal = asked.desk.world.products.refusal(refusal.code).map(|known| known.name);
        }
        EnquiryState::Used { payment } => {
            let paid: Option<Outgoing> = asked.cell.port.get(&Outgoing::key(payment))?;
            wire.state = QuoteState::Used;
            wire.offer = paid.and_then(|paid| paid.quote).map(|quote| offer(&quote, now_ns));
            wire.payment = Some(Digits(payment));
        }
    }
    Ok(wire)
}

async fn enquire(asked: Asked) -> Result<Response, Problem> {
    let EnquireWire { code, amount, reference } = asked.body()?;
    let coded = asked.desk.codebook.target(&asked.desk.world, &asked.cell, &code)?;
    let destination = coded.cell().ok_or_else(Problem::code_unknown)?;
    let destination = Some(destination).filter(|cell| *cell != asked.cell.number);
    let destination =
        destination.ok_or_else(|| Problem::bad_field("code", "is of the customer's own cell: pay it as it is"))?;
    let (target, amount) = match (coded, amount) {
        (Coded::Order { id, .. }, None) => (Target::Order { order: id }, None),
        (Coded::Order { .. }, Some(_)) => return Err(Problem::bad_field("amount", "is said by the order itself")),
        (Coded::Shop { .. }, None) => return Err(Problem::bad_field("amount", "is needed for a shop's printed code")),
        (Coded::Shop { merchant, store }, Some(MoneyWire(amount))) => {
            (Target::Merchant { merchant, store, reference }, Some(amount))
        }
    };
    let body = EnquireBody { destination, target, amount };
    let (EnquireReply { enquiry }, replayed) = asked.reply(ENQUIRE, &body).await?;
    let key = Enquiry::key(enquiry);
    let has_answer = |row: Option<Enquiry>| match row {
        Some(row) if row.state == EnquiryState::Asked => None,
        row => Some(row),
    };
    let row = match asked.wait(&key, has_answer).await? {
        Some(row) => row,
        None => asked.cell.port.get(&key)?,
    };
    let row = row.ok_or_else(no_quote)?;
    if let EnquiryState::Refused { refusal } = row.state {
        return Err(Problem::refusal(&asked.desk.world.products, refusal));
    }
    answer(&quote_wire(&asked, row)?, replayed)
}

fn own_enquiry(asked: &Asked) -> Result<Enquiry, Problem> {
    let row: Option<Enquiry> = asked.cell.port.get(&Enquiry::key(asked.id("quote")?))?;
    row.filter(|row| row.payer == asked.caller.party).ok_or_else(no_quote)
}

async fn show_quote(asked: Asked) -> Result<Response, Problem> {
    ok(&quote_wire(&asked, own_enquiry(&asked)?)?)
}

/// The key is the quote's own, so a quote is paid once however often it is asked.
async fn pay_quote(asked: Asked) -> Result<Response, Problem> {
    let enquiry = own_enquiry(&asked)?;
    if let EnquiryState::Quoted { quote, .. } = &enquiry.state {
        asked.may_move(quote.split.total)?;
    }
    let enquiry = enquiry.id;
    let command = Command::new(PAY_ABROAD, asked.caller, &PayAbroad { enquiry });
    let reply = asked.cell.port.ask(command.with_id(&format!("enquiry-{enquiry}"))).await?;
    let reply = reply.outcome.map_err(|refusal| Problem::refusal(&asked.desk.world.products, refusal))?;
    let PayAbroadReply { payment } = decode(&reply, "reply")?;
    let key = Outgoing::key(payment);
    let ended = asked.wait(&key, |row: Option<Outgoing>| row.filter(|row| row.state != OutgoingState::Held)).await?;
    let row = match ended {
        Some(row) => Some(row),
        None => asked.cell.port.get(&key)?,
    };
    let row = row.ok_or_else(|| Problem::internal("a payment has no row", &payment))?;
    ok(&payment_wire(&asked, &row)?)
}

/// Where a payment stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PaymentState {
    /// The money is held; no final answer has come.
    Processing,
    /// The payee was paid.
    Paid,
    /// The payee was not paid; the money is back in the balance.
    Refused,
    /// The operator gave the money back without an answer.
    Reversed,
}

impl PaymentState {
    /// Of a payment.
    pub const fn of(payment: &Outgoing) -> Self {
        match payment.state {
            OutgoingState::Held => Self::Processing,
            OutgoingState::Done => Self::Paid,
            OutgoingState::Refused { .. } => Self::Refused,
            OutgoingState::Released => Self::Reversed,
        }
    }

    /// As the wire writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Paid => "paid",
            Self::Refused => "refused",
            Self::Reversed => "reversed",
        }
    }
}

/// A payment to another cell.
#[derive(Serialize, JsonSchema)]
struct PaymentWire {
    payment: Digits,
    state: PaymentState,
    /// Where the money is, one sentence.
    money: &'static str,
    /// The name of the payee's cell.
    cell: String,
    /// What is held or was paid.
    total: MoneyWire,
    /// What it costs, part by part.
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
    /// The shop's number of the order that was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// What came back by refunds, in the customer's currency.
    returned: MoneyWire,
    /// Why it was refused: the code of the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    held_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Instant>,
}

fn payment_wire(asked: &Asked, payment: &Outgoing) -> Result<PaymentWire, Problem> {
    let money = match &payment.state {
        OutgoingState::Held => "The money is held in the customer's balance until the other operator has answered.",
        OutgoingState::Done if payment.returned.is_zero() => "The money was paid to the payee.",
        OutgoingState::Done => "The money was paid to the payee; what was refunded is in the customer's balance.",
        OutgoingState::Refused { .. } => "Nothing was paid; the money is in the customer's balance.",
        OutgoingState::Released => "The operator has given the money back; it is in the customer's balance.",
    };
    Ok(PaymentWire {
        payment: Digits(payment.id),
        state: PaymentState::of(payment),
        money,
        cell: cell_name(asked, payment.destination)?,
        total: MoneyWire(payment.total),
        offer: payment.quote.as_ref().map(|quote| offer(quote, asked.desk.world.clock.now_ns())),
        trade_no: payment.trade_no(),
        returned: MoneyWire(Money::new(payment.returned, payment.total.currency)),
        refusal: refusal_name(&asked.desk.world.products, payment),
        held_at: Instant(payment.held_at_ns),
        ended_at: payment.ended_at_ns.map(Instant),
    })
}

async fn show_payment(asked: Asked) -> Result<Response, Problem> {
    let row: Option<Outgoing> = asked.cell.port.get(&Outgoing::key(asked.id("payment")?))?;
    let row = row.filter(|row| row.payer == asked.caller.party);
    let row = row.ok_or_else(|| Problem::not_found("the customer has no payment to another cell of this id"))?;
    ok(&payment_wire(&asked, &row)?)
}
