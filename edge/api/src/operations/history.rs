//! A customer's history: everything that moved booked money of theirs, whichever product moved it. The customer asks for their own;
//! staff asks for that of one customer.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex};
use sycee_acquiring::{Order, purpose as acquiring, trade_no, transfer_no};
use sycee_contract::{Role, decode};
use sycee_engine::{CellHandle, ReadPoint};
use sycee_interop::purpose as interop;
use sycee_ledger::OPERATOR as OPERATORS_OWN;
use sycee_party::StaffRole;
use sycee_wallet::{CustomerEntry, TRANSFER_CASH_IN, TRANSFER_CASH_OUT, TRANSFER_PAY_REQUEST, TRANSFER_SEND};

use super::Operation;
use crate::desk::Asked;
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
    ];

    fn write(&self, line: &mut Line) {
        line.value(self.day.0).instant(self.at.0).value(self.kind.name());
        line.value(if self.direction == Direction::In { "in" } else { "out" });
        line.amount(self.money.0).amount(self.balance_after.0).value(self.money.0.currency);
        line.optional(self.other_party.map(|party| party.0)).optional(self.trade_no.as_ref());
        line.text(self.subject.as_deref().unwrap_or_default()).optional(self.transfer_no.as_ref());
        line.optional(self.transfer.map(|id| id.0)).optional(self.payment.map(|id| id.0));
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
    sorting: Sorting,
    days: Days,
    kind: Option<HistoryKind>,
    direction: Option<Direction>,
}

impl History {
    fn item(&self, point: &ReadPoint, date: u32, entry: &CustomerEntry) -> Result<Option<HistoryItem>, Problem> {
        let kind = HistoryKind::of(entry);
        let direction = if entry.is_incoming { Direction::In } else { Direction::Out };
        let fits =
            self.kind.is_none_or(|wanted| wanted == kind) && self.direction.is_none_or(|wanted| wanted == direction);
        if !fits {
            return Ok(None);
        }
        let currency = entry.money.currency;
        let mut item = HistoryItem {
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
        walk.slice(&point, after, limit, &mut |key, bytes| {
            self.item(&point, CustomerEntry::date_of(key).unwrap_or(0), &decode(bytes, "entry")?)
        })
    }
}

async fn list(asked: Asked) -> Result<Response, Problem> {
    let HistoryQuery { cursor, limit, order, from, to, kind, direction } = asked.query()?;
    let customer = match asked.caller.role {
        Role::Operator => asked.party("customer")?,
        _ => asked.caller.party,
    };
    let (cell, days) = (Arc::clone(&asked.cell), Days::new(from, to)?);
    let lister = History { cell, customer, sorting: order, days, kind, direction };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}
