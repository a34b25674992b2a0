//! Lists of what moved a merchant's money, by day. The merchant asks for its own; staff asks for those of one merchant.

use std::sync::Arc;

use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex, Refund};
use sycee_acquiring::{Order, trade_no, transfer_no};
use sycee_contract::{Role, decode};
use sycee_engine::{CellHandle, ReadPoint};
use sycee_money::Money;
use sycee_party::StaffRole;

use super::Operation;
use super::order_view::{OrderView, view_of};
use crate::desk::Asked;
use crate::lists::csv::{Line, Row};
use crate::lists::{Day, Days, Lister, Page, Paging, Slice, Sorting, Walk, page_or_csv};
use crate::problem::Problem;
use crate::wire::{Digits, Instant, MoneyWire};

pub(super) const MERCHANT: &[Role] = &[Role::Merchant];
pub(super) const OPERATOR: &[Role] = &[Role::Operator];
pub(super) const OFFICE: &[StaffRole] = &[StaffRole::Support, StaffRole::Finance];

/// An operation that a merchant asks of itself, its people from a role on, and the same for staff who ask it of a merchant.
macro_rules! for_both {
    ($least:ident, $id:literal, $staff_id:literal, $path:literal, $handler:ident, $query:ty, $item:ty, $says:literal) => {
        [
            Operation::get($id, $path, |asked| Box::pin($handler(asked)))
                .says($says)
                .for_roles(MERCHANT)
                .for_members(sycee_party::MemberRole::$least)
                .queries::<$query>()
                .exports()
                .gives::<Page<$item>>(),
            Operation::get($staff_id, concat!("/merchants/{merchant}", $path), |asked| Box::pin($handler(asked)))
                .says(concat!($says, " Of one merchant, for staff."))
                .for_roles(OPERATOR)
                .for_staff(OFFICE)
                .queries::<$query>()
                .exports()
                .gives::<Page<$item>>(),
        ]
    };
}
pub(super) use for_both;

const ENTRIES: [Operation; 2] = for_both!(
    Manager,
    "list_entries",
    "list_entries_of_merchant",
    "/entries",
    entries,
    EntryQuery,
    EntryWire,
    "What moved the merchant's money: payments, refunds, transfers, fees, with the balance after each."
);
const PAYMENTS: [Operation; 2] = for_both!(
    Cashier,
    "list_received_payments",
    "list_received_payments_of_merchant",
    "/received-payments",
    payments,
    DaysQuery,
    PaymentItem,
    "The payments that the merchant got, with the fee of each and what was refunded of it since."
);
const REFUNDS: [Operation; 2] = for_both!(
    Cashier,
    "list_refunds",
    "list_refunds_of_merchant",
    "/refunds",
    refunds,
    DaysQuery,
    RefundItem,
    "The refunds that the merchant made, those of cancels included."
);
pub(super) const OPERATIONS: [&[Operation]; 3] = [&ENTRIES, &PAYMENTS, &REFUNDS];

/// What makes an item of an entry with its day (yyyymmdd) and its id, or passes it over.
type EachEntry<'a, T> = &'a mut dyn FnMut(&ReadPoint, u32, u64, MerchantEntry) -> Result<Option<T>, Problem>;

/// A cell and a merchant in it, whose rows are listed.
pub(super) struct OfMerchant {
    pub cell: Arc<CellHandle>,
    pub merchant: u64,
    pub now_ns: u64,
}

impl OfMerchant {
    /// The caller, or the merchant that staff names in the path.
    pub fn of(asked: &Asked) -> Result<Self, Problem> {
        let merchant = match asked.caller.role {
            Role::Operator => asked.party("merchant")?,
            _ => asked.caller.party,
        };
        Ok(Self { cell: Arc::clone(&asked.cell), merchant, now_ns: asked.desk.world.clock.now_ns() })
    }

    /// The entries of some days, each made into an item or passed over.
    pub fn entries<T>(
        &self,
        (sorting, days): (Sorting, Days),
        (after, limit): (Option<&[u8]>, usize),
        each: EachEntry<'_, T>,
    ) -> Result<Slice<T>, Problem> {
        let walk = Walk::new(MerchantEntry::of_merchant(self.merchant), sorting)
            .within(days, |day| MerchantEntry::of_day(self.merchant, day));
        let point = self.cell.port.begin_read();
        walk.slice(&point, after, limit, &mut |key, bytes| {
            let entry: MerchantEntry = decode(bytes, "entry")?;
            let (date, id) = (MerchantEntry::date_of(key).unwrap_or(0), MerchantEntry::id_of(key).unwrap_or(0));
            each(&point, date, id, entry)
        })
    }
}

pub(super) fn order(point: &ReadPoint, id: u64) -> Result<Order, Problem> {
    point.get(&Order::key(id))?.ok_or_else(|| Problem::internal("an entry is of an order that is not there", &id))
}

/// Some days, in an order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DaysQuery {
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
}

/// Which entries.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EntryQuery {
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
    kind: Option<EntryKindWire>,
}

/// Why a merchant's money moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum EntryKindWire {
    /// An order was paid.
    Payment,
    /// A payment was refunded, in part or whole.
    Refund,
    /// A transfer to a customer is done.
    Transfer,
    /// Accrued fees were taken from the balance.
    FeesTaken,
    /// Fees were given back to the balance.
    FeesGivenBack,
    /// A part of a trade's proceeds was passed on.
    RoyaltyGiven,
    /// Another merchant passed on a part of a trade's proceeds.
    RoyaltyReceived,
    /// A refund took back what had been passed on.
    RoyaltyReturned,
    /// Another merchant's refund took back what it had passed on.
    RoyaltyTakenBack,
    /// A part of a day's proceeds is held back.
    ReserveHeld,
    /// What was held back long enough is in the balance again.
    ReserveReleased,
    /// Money is on its way to the merchant's bank.
    PaidOut,
    /// The bank has not paid it, or got it back.
    PayoutReturned,
    /// The operator has advanced what a refund needed.
    Advanced,
    /// What was advanced was paid back out of proceeds.
    AdvanceRecovered,
}

impl EntryKindWire {
    pub const fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Payment => Self::Payment,
            EntryKind::Refund => Self::Refund,
            EntryKind::Transfer => Self::Transfer,
            EntryKind::FeesTaken => Self::FeesTaken,
            EntryKind::FeesGivenBack => Self::FeesGivenBack,
            EntryKind::RoyaltyGiven => Self::RoyaltyGiven,
            EntryKind::RoyaltyReceived => Self::RoyaltyReceived,
            EntryKind::RoyaltyReturned => Self::RoyaltyReturned,
            EntryKind::RoyaltyTakenBack => Self::RoyaltyTakenBack,
            EntryKind::ReserveHeld => Self::ReserveHeld,
            EntryKind::ReserveReleased => Self::ReserveReleased,
            EntryKind::PaidOut => Self::PaidOut,
            EntryKind::PayoutReturned => Self::PayoutReturned,
            EntryKind::Advanced => Self::Advanced,
            EntryKind::AdvanceRecovered => Self::AdvanceRecovered,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Transfer => "transfer",
            Self::FeesTaken => "fees_taken",
            Self::FeesGivenBack => "fees_given_back",
            Self::RoyaltyGiven => "royalty_given",
            Self::RoyaltyReceived => "royalty_received",
            Self::RoyaltyReturned => "royalty_returned",
            Self::RoyaltyTakenBack => "royalty_taken_back",
            Self::ReserveHeld => "reserve_held",
            Self::ReserveReleased => "reserve_released",
            Self::PaidOut => "paid_out",
            Self::PayoutReturned => "payout_returned",
            Self::Advanced => "advanced",
            Self::AdvanceRecovered => "advance_recovered",
        }
    }
}

/// One movement of a merchant's money.
#[derive(Serialize, JsonSchema)]
struct EntryWire {
    entry: Digits,
    kind: EntryKindWire,
    /// The day of the market.
    day: Day,
    at: Instant,
    /// How much, without sign: the price, what was refunded of it, what was transferred, taken or given back.
    money: MoneyWire,
    /// What it did to the balance, minor units with sign.
    balance_change_minor: String,
    /// The balance after it, with what is held.
    balance_after: MoneyWire,
    /// Of a payment the fee that accrued, of a refund the fee that it returned; otherwise zero.
    fee: MoneyWire,
    /// Of a payment or refund, our number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// Of a payment or refund, the merchant's number of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<String>,
    /// The merchant's number of a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_request_no: Option<String>,
    /// Our number of a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer_no: Option<String>,
    /// The merchant's number of a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_biz_no: Option<String>,
}

impl Row for EntryWire {
    const COLUMNS: &'static [&'static str] = &[
        "entry",
        "kind",
        "day",
        "at",
        "amount",
        "balance_after",
        "fee",
        "currency",
        "trade_no",
        "out_trade_no",
        "out_request_no",
        "transfer_no",
        "out_biz_no",
    ];

    fn write(&self, line: &mut Line) {
        line.value(self.entry.0).value(self.kind.name()).value(self.day.0).instant(self.at.0);
        line.amount(self.money.0).amount(self.balance_after.0).amount(self.fee.0).value(self.money.0.currency);
        line.optional(self.trade_no.as_ref()).text(self.out_trade_no.as_deref().unwrap_or_default());
        line.text(self.out_request_no.as_deref().unwrap_or_default()).optional(self.transfer_no.as_ref());
        line.text(self.out_biz_no.as_deref().unwrap_or_default());
    }
}

struct Entries {
    of: OfMerchant,
    sorting: Sorting,
    days: Days,
    kind: Option<EntryKindWire>,
}

impl Lister for Entries {
    type Item = EntryWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<EntryWire>, Problem> {
        self.of.entries((self.sorting, self.days), (after, limit), &mut |point, date, id, entry| {
            let kind = EntryKindWire::of(entry.kind);
            if self.kind.is_some_and(|wanted| wanted != kind) {
                return Ok(None);
            }
            let money = |amount| MoneyWire(Money::new(amount, entry.money.currency));
            let cell = self.of.cell.number;
            let mut wire = EntryWire {
                entry: Digits(id),
                kind,
                day: Day::of_number(date).unwrap_or(Day(jiff::civil::Date::ZERO)),
                at: Instant(entry.at_ns),
                money: MoneyWire(entry.money),
                balance_change_minor: entry.on_balance_minor().to_string(),
                balance_after: money(entry.balance_after),
                fee: money(entry.fee),
                trade_no: None,
                out_trade_no: None,
                out_request_no: entry.number,
                transfer_no: None,
                out_biz_no: None,
            };
            match kind {
                EntryKindWire::Payment | EntryKindWire::Refund => {
                    let order = order(point, entry.of)?;
                    wire.trade_no = Some(trade_no(&order, cell));
                    wire.out_trade_no = Some(order.out_trade_no);
                }
                EntryKindWire::Transfer => {
                    let transfer = transfer(point, entry.of)?;
                    wire.transfer_no = Some(transfer_no(&transfer, cell));
                    wire.out_biz_no = Some(transfer.out_biz_no);
                }
                _ => {}
            }
            Ok(Some(wire))
        })
    }
}

fn transfer(point: &ReadPoint, id: u64) -> Result<MerchantTransfer, Problem> {
    let index: Option<MerchantTransferIndex> = point.get(&MerchantTransferIndex::key(id))?;
    let key = index.map(|index| MerchantTransfer::key(index.merchant, &index.out_biz_no));
    let row = key.map(|key| point.get(&key)).transpose()?.flatten();
    row.ok_or_else(|| Problem::internal("an entry is of a transfer that is not there", &id))
}

async fn entries(asked: Asked) -> Result<Response, Problem> {
    let EntryQuery { cursor, limit, order, from, to, kind } = asked.query()?;
    let lister = Entries { of: OfMerchant::of(&asked)?, sorting: order, days: Days::new(from, to)?, kind };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

/// A payment that a merchant got.
#[derive(Serialize, JsonSchema)]
struct PaymentItem {
    /// The fee that accrued.
    fee: MoneyWire,
    order: OrderView<'static>,
}

impl Row for PaymentItem {
    const COLUMNS: &'static [&'static str] = &[
        "trade_no",
        "out_trade_no",
        "paid_at",
        "status",
        "total",
        "payer_amount",
        "fee",
        "refunded",
        "currency",
        "store",
        "buyer",
        "subject",
    ];

    fn write(&self, line: &mut Line) {
        let order = &self.order;
        line.value(&order.trade_no).text(&order.out_trade_no);
        line.optional(order.paid_at.map(Instant::text)).value(order.status.name());
        line.amount(order.total.0).optional(order.payer_amount.map(|money| money.0.to_decimal()));
        line.amount(self.fee.0).amount(order.refunded.0).value(order.total.0.currency);
        line.value(order.store.0).optional(order.buyer.map(|buyer| buyer.0)).text(&order.subject);
    }
}

struct Payments {
    of: OfMerchant,
    sorting: Sorting,
    days: Days,
}

impl Lister for Payments {
    type Item = PaymentItem;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<PaymentItem>, Problem> {
        self.of.entries((self.sorting, self.days), (after, limit), &mut |point, _, _, entry| {
            if entry.kind != EntryKind::Payment {
                return Ok(None);
            }
            let order = order(point, entry.of)?;
            let fee = MoneyWire(Money::new(entry.fee, entry.money.currency));
            Ok(Some(PaymentItem { fee, order: view_of(self.of.cell.number, self.of.now_ns, order) }))
        })
    }
}

async fn payments(asked: Asked) -> Result<Response, Problem> {
    let DaysQuery { cursor, limit, order, from, to } = asked.query()?;
    let lister = Payments { of: OfMerchant::of(&asked)?, sorting: order, days: Days::new(from, to)? };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

/// A refund that a merchant made.
#[derive(Serialize, JsonSchema)]
struct RefundItem {
    /// Our number of the order.
    trade_no: String,
    /// The merchant's number of the order.
    out_trade_no: String,
    /// The merchant's number of the refund; of a cancel, a number that no merchant can have given.
    out_request_no: String,
    at: Instant,
    /// Its part of the price.
    amount: MoneyWire,
    /// What of it went back to the payer.
    to_payer: MoneyWire,
    /// All refunds of the order up to this one.
    cumulative: MoneyWire,
    /// The fee that was returned to the merchant.
    fee_returned: MoneyWire,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Row for RefundItem {
    const COLUMNS: &'static [&'static str] = &[
        "trade_no",
        "out_trade_no",
        "out_request_no",
        "at",
        "amount",
        "to_payer",
        "cumulative",
        "fee_returned",
        "currency",
        "reason",
    ];

    fn write(&self, line: &mut Line) {
        line.value(&self.trade_no).text(&self.out_trade_no).text(&self.out_request_no).instant(self.at.0);
        line.amount(self.amount.0).amount(self.to_payer.0).amount(self.cumulative.0).amount(self.fee_returned.0);
        line.value(self.amount.0.currency).text(self.reason.as_deref().unwrap_or_default());
    }
}

struct Refunds {
    of: OfMerchant,
    sorting: Sorting,
    days: Days,
}

impl Lister for Refunds {
    type Item = RefundItem;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<RefundItem>, Problem> {
        self.of.entries((self.sorting, self.days), (after, limit), &mut |point, _, _, entry| {
            if entry.kind != EntryKind::Refund {
                return Ok(None);
            }
            let (order, number) = (order(point, entry.of)?, entry.number.unwrap_or_default());
            let refund: Option<Refund> = point.get(&Refund::key(order.id, &number))?;
            let Some(refund) = refund else {
                return Err(Problem::internal("an entry is of a refund that is not there", &order.id));
            };
            let money = |amount| MoneyWire(Money::new(amount, entry.money.currency));
            Ok(Some(RefundItem {
                trade_no: trade_no(&order, self.of.cell.number),
                out_trade_no: order.out_trade_no,
                out_request_no: refund.out_request_no,
                at: Instant(refund.at_ns),
                amount: money(refund.amount),
                to_payer: money(refund.to_payer),
                cumulative: money(refund.cumulative),
                fee_returned: money(refund.fee_returned),
                reason: refund.reason,
            }))
        })
    }
}

async fn refunds(asked: Asked) -> Result<Response, Problem> {
    let DaysQuery { cursor, limit, order, from, to } = asked.query()?;
    let lister = Refunds { of: OfMerchant::of(&asked)?, sorting: order, days: Days::new(from, to)? };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}
