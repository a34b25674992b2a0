//! A customer's history: everything that moved booked money of theirs, whichever product moved it. The customer asks for their own;
//! staff asks for that of one customer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex};
use sycee_acquiring::{Order, purpose as acquiring, trade_no, transfer_no};
use sycee_contract::{Key, Role, decode};
use sycee_engine::{CellHandle, ReadPoint};
use sycee_interop::purpose as interop;
use sycee_ledger::OPERATOR as OPERATORS_OWN;
use sycee_party::{Party, StaffRole};
use sycee_wallet::{CustomerEntry, TRANSFER_CASH_IN, TRANSFER_CASH_OUT, TRANSFER_PAY_REQUEST, TRANSFER_SEND};

use super::Operation;
use super::payees::shown_name;
use crate::desk::{Asked, blocking, ok};
use crate::lists::csv::{Line, Row};
use crate::lists::{Day, Days, Lister, Page, Paging, Slice, Sorting, Walk, page_or_csv};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

pub(super) const OPERATIONS: &[Operation] = &[
    Operation::get("list_history", "/history", |asked| Box::pin(list(asked)))
        .says(
            "Everything that moved the customer's money, with the balance after each. What is only held is not in it.",
        )
        .for_roles(&[Role::Customer])
        .queries::<HistoryQuery>()
        .exports()
        .gives::<Page<HistoryItem>>(),
    Operation::post("note_movement", "/history/{movement}/note", |asked| Box::pin(note(asked)))
        .says("Writes a note of the customer's own to a movement, in place of the one before.")
        .for_roles(&[Role::Customer])
        .takes::<NoteBody>()
        .gives::<Noted>(),
    Operation::get("list_history_of_customer", "/customers/{customer}/history", |asked| Box::pin(list(asked)))
        .says("Everything that moved one customer's money, for staff.")
        .for_roles(&[Role::Operator])
        .for_staff(&[StaffRole::Support, StaffRole::Finance])
        .queries::<HistoryQuery>()
        .exports()
        .gives::<Page<HistoryItem>>(),
];

/// Why a customer's money moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HistoryKind {
    /// A shop was paid.
    Payment,
    /// A shop gave money back.
    Refund,
    /// Money was sent to another customer, or came from one.
    Transfer,
    /// Another customer's request was paid, or one's own was.
    MoneyRequest,
    /// Money came in at the bank.
    CashIn,
    /// Money left by the bank.
    CashOut,
    /// A merchant sent money.
    MerchantTransfer,
    /// A shop of another cell was paid.
    PaymentAbroad,
    /// A shop of another cell gave money back.
    RefundAbroad,
    /// Somebody of another cell sent money.
    TransferFromAbroad,
    /// Another reason: of a later product, or a correction.
    Other,
}

impl HistoryKind {
    const fn of(entry: &CustomerEntry) -> Self {
        match (entry.code, entry.is_incoming) {
            (acquiring::PAYMENT, false) => Self::Payment,
            (acquiring::REFUND, true) => Self::Refund,
            (TRANSFER_SEND, _) => Self::Transfer,
            (TRANSFER_PAY_REQUEST, _) => Self::MoneyRequest,
            (TRANSFER_CASH_IN, true) => Self::CashIn,
            (TRANSFER_CASH_OUT, false) => Self::CashOut,
            (acquiring::MERCHANT_TRANSFER, true) => Self::MerchantTransfer,
            (interop::PAYMENT, false) => Self::PaymentAbroad,
            (interop::RETURN | interop::CLEARING, true) => Self::RefundAbroad,
            (interop::PAYMENT, true) => Self::TransferFromAbroad,
            _ => Self::Other,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Transfer => "transfer",
            Self::MoneyRequest => "money_request",
            Self::CashIn => "cash_in",
            Self::CashOut => "cash_out",
            Self::MerchantTransfer => "merchant_transfer",
            Self::PaymentAbroad => "payment_abroad",
            Self::RefundAbroad => "refund_abroad",
            Self::TransferFromAbroad => "transfer_from_abroad",
            Self::Other => "other",
        }
    }
}

/// Which way money moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "HistoryDirection")]
enum Direction {
    In,
    Out,
}

/// One movement of a customer's money.
#[derive(Serialize, JsonSchema)]
struct HistoryItem {
    /// By which it is named in this API.
    movement: String,
    kind: HistoryKind,
    direction: Direction,
    /// How much, without sign.
    money: MoneyWire,
    /// The balance after it, with what is held.
    balance_after: MoneyWire,
    /// The day of the market.
    day: Day,
    at: Instant,
    /// The party on the other side; left out where it is the operator, as for what the bank or another cell moves.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_party: Option<Digits>,
    /// The name of the party on the other side: a shop's as it is, a person's with most of it hidden; left out where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    other_name: Option<String>,
    /// Of a payment or refund, our number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// Of a payment or refund, what was bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Of a merchant's transfer, our number of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_no: Option<String>,
    /// Of money sent or requested, of cash in and out: the transfer's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<Digits>,
    /// Of a payment abroad and what came back of it: the payment's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<Digits>,
    /// What the customer has written about it. Staff is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl Row for HistoryItem {
    const COLUMNS: &'static [&'static str] = &[
        "day",
        "at",
        "kind",
        "direction",
        "amount",
        "balance_after",
        "currency",
        "other_party",
        "trade_no",
        "subject",
        "transfer_no",
        "transfer",
        "payment",
        "other_name",
        "note",
        "movement",
    ];

    fn write(&self, line: &mut Line) {
        line.value(self.day.0).instant(self.at.0).value(self.kind.name());
        line.value(if self.direction == Direction::In { "in" } else { "out" });
        line.amount(self.money.0).amount(self.balance_after.0).value(self.money.0.currency);
        line.optional(self.other_party.map(|party| party.0)).optional(self.trade_no.as_ref());
        line.text(self.subject.as_deref().unwrap_or_default()).optional(self.transfer_no.as_ref());
        line.optional(self.transfer.map(|id| id.0)).optional(self.payment.map(|id| id.0));
        line.text(self.other_name.as_deref().unwrap_or_default()).text(self.note.as_deref().unwrap_or_default());
        line.value(&self.movement);
    }
}

/// Which movements.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HistoryQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// In which order; `newest` if left out.
    #[serde(default)]
    order: Sorting,
    /// The first day of the market.
    from: Option<Day>,
    /// The last day of the market.
    to: Option<Day>,
    /// Those of one kind only.
    kind: Option<HistoryKind>,
    /// Those of one direction only.
    direction: Option<Direction>,
}

struct History {
    cell: Arc<CellHandle>,
    customer: u64,
    /// Whether it is the customer who asks.
    is_own: bool,
    sorting: Sorting,
    days: Days,
    kind: Option<HistoryKind>,
    direction: Option<Direction>,
}

impl History {
    fn item(
        &self,
        point: &ReadPoint,
        names: &mut HashMap<u64, Option<String>>,
        key: &Key,
        entry: &CustomerEntry,
    ) -> Result<Option<HistoryItem>, Problem> {
        let kind = HistoryKind::of(entry);
        let direction = if entry.is_incoming { Direction::In } else { Direction::Out };
        let fits =
            self.kind.is_none_or(|wanted| wanted == kind) && self.direction.is_none_or(|wanted| wanted == direction);
        if !fits {
            return Ok(None);
        }
        let currency = entry.money.currency;
        let (date, movement) = (CustomerEntry::date_of(key).unwrap_or(0), movement_id(key));
        let other_name = match names.entry(entry.other) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(place) => {
                let party: Option<Party> = point.get(&Party::key(entry.other))?;
                place.insert(party.map(|party| shown_name(&self.cell, &party)).transpose()?.flatten()).clone()
            }
        };
        let note = if self.is_own { self.cell.vault.note(self.customer, &movement)? } else { None };
        let mut item = HistoryItem {
            movement,
            other_name,
            note,
            kind,
            direction,
            money: MoneyWire(entry.money),
            balance_after: MoneyWire(sycee_money::Money::new(entry.balance_after, currency)),
            day: Day::of_number(date).ok_or_else(|| Problem::internal("a row has a day that is none", &date))?,
            at: Instant(entry.at_ns),
            other_party: Some(entry.other).filter(|other| *other != OPERATORS_OWN).map(Digits),
            trade_no: None,
            subject: None,
            transfer_no: None,
            transfer: None,
            payment: None,
        };
        match kind {
            HistoryKind::Payment | HistoryKind::Refund => {
                let order: Option<Order> = point.get(&Order::key(entry.of))?;
                item.trade_no = order.as_ref().map(|order| trade_no(order, self.cell.number));
                item.subject = order.map(|order| order.subject);
            }
            HistoryKind::MerchantTransfer => {
                let index: Option<MerchantTransferIndex> = point.get(&MerchantTransferIndex::key(entry.of))?;
                let key = index.map(|index| MerchantTransfer::key(index.merchant, &index.out_biz_no));
                let transfer: Option<MerchantTransfer> = key.map(|key| point.get(&key)).transpose()?.flatten();
                item.transfer_no = transfer.map(|transfer| transfer_no(&transfer, self.cell.number));
            }
            HistoryKind::Transfer | HistoryKind::MoneyRequest | HistoryKind::CashIn | HistoryKind::CashOut => {
                item.transfer = Some(Digits(entry.of));
            }
            HistoryKind::PaymentAbroad | HistoryKind::RefundAbroad => item.payment = Some(Digits(entry.of)),
            HistoryKind::TransferFromAbroad | HistoryKind::Other => {}
        }
        Ok(Some(item))
    }
}

impl Lister for History {
    type Item = HistoryItem;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<HistoryItem>, Problem> {
        let point = self.cell.port.begin_read();
        let walk = Walk::new(CustomerEntry::of_customer(self.customer), self.sorting)
            .within(self.days, |day| CustomerEntry::of_day(self.customer, day));
        let mut names = HashMap::new();
        walk.slice(&point, after, limit, &mut |key, bytes| self.item(&point, &mut names, key, &decode(bytes, "entry")?))
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let HistoryQuery { cursor, limit, order, from, to, kind, direction } = asked.query()?;
    let customer = match asked.caller.role {
        Role::Operator => asked.party("customer")?,
        _ => asked.caller.party,
    };
    let (cell, days, is_own) = (Arc::clone(&asked.cell), Days::new(from, to)?, asked.caller.role == Role::Customer);
    let lister = History { cell, customer, is_own, sorting: order, days, kind, direction };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

/// The longest note, characters.
const NOTE_MAX_CHARACTERS: usize = 200;

/// The id of a movement: the market's day, the operation and the place in its plan, out of its key.
fn movement_id(key: &Key) -> String {
    let part = |number: Option<u64>| number.unwrap_or(0);
    let (date, operation) = (CustomerEntry::date_of(key).unwrap_or(0), part(CustomerEntry::operation_of(key)));
    format!("{date}-{operation}-{}", part(CustomerEntry::place_of(key)))
}

/// The key of a customer's movement of this id, which is written as this API writes it.
fn movement_key(customer: u64, id: &str) -> Option<Key> {
    let mut parts = id.split('-');
    let (date, operation, place) = (parts.next()?, parts.next()?, parts.next()?);
    let key = CustomerEntry::key(customer, date.parse().ok()?, operation.parse().ok()?, place.parse().ok()?);
    Some(key).filter(|key| movement_id(key) == id)
}

/// A note.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoteBody {
    /// At most 200 characters; an empty one takes the note away.
    #[schemars(length(max = 200))]
    text: String,
}

/// A note that was written.
#[derive(Serialize, JsonSchema)]
struct Noted {
    movement: String,
    /// Absent if it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

async fn note(asked: Asked) -> Result<Response, Problem> {
    let NoteBody { text } = asked.body()?;
    let text = text.trim().to_owned();
    if text.chars().count() > NOTE_MAX_CHARACTERS || text.chars().any(char::is_control) {
        return Err(Problem::bad_field("text", "has at most 200 characters, and no line breaks or other controls"));
    }
    let no_movement = || Problem::not_found("the customer has no movement of this id");
    let (customer, movement) = (asked.caller.party, asked.path("movement").to_owned());
    let key = movement_key(customer, &movement).ok_or_else(no_movement)?;
    let _entry: CustomerEntry = asked.cell.port.get(&key)?.ok_or_else(no_movement)?;
    let (vault, about, kept) = (Arc::clone(&asked.cell.vault), movement.clone(), text.clone());
    blocking(move || vault.put_note(customer, &about, &kept)).await??;
    ok(&Noted { movement, note: Some(text).filter(|text| !text.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movement_is_named_by_its_key_and_found_by_its_name() {
        let key = CustomerEntry::key(2_088_070_000_100_031, 20_261_130, 4_711, 3);
        assert_eq!(movement_id(&key), "20261130-4711-3");
        assert_eq!(movement_key(2_088_070_000_100_031, "20261130-4711-3"), Some(key));
        for other in [
            "",
            "20261130",
            "20261130-4711",
            "20261130-4711-",
            "20261130-4711-70000",
            "020261130-4711-3",
            "20261130-4711-3-0",
        ] {
            assert_eq!(movement_key(2_088_070_000_100_031, other), None, "{other}");
        }
        assert_eq!(movement_key(7, "+20261130-4711-3"), None);
    }
}
