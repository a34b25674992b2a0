//! A merchant's orders and transfers by its own numbers, whatever became of them. The merchant asks for its own; staff asks for those
//! of one merchant.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use sycee_acquiring::record::{MERCHANT_TRANSFER, MerchantTransfer, ORDER_INDEX, OrderIndex};
use sycee_contract::{Key, decode};

use super::Operation;
use super::merchant_lists::{MERCHANT, OFFICE, OPERATOR, OfMerchant, for_both, order};
use super::order_view::{OrderView, Status, view_of};
use super::shop::{TransferStateWire, TransferWire, transfer_of};
use crate::desk::Asked;
use crate::lists::csv::{Line, Row};
use crate::lists::{Day, Days, Lister, Page, Paging, Slice, Sorting, Walk, page_or_csv};
use crate::problem::Problem;
use crate::wire::Instant;

const ORDERS: [Operation; 2] = for_both!(
    Cashier,
    "list_orders",
    "list_orders_of_merchant",
    "/orders",
    orders,
    OrderQuery,
    OrderView<'static>,
    "The merchant's orders by its own numbers, the shortest first: those that nobody has paid, too. Orders of printed codes have no \
     number of the merchant's; they are among the received payments."
);
const TRANSFERS: [Operation; 2] = for_both!(
    Manager,
    "list_transfers",
    "list_transfers_of_merchant",
    "/merchant-transfers",
    transfers,
    TransferQuery,
    TransferWire<'static>,
    "The merchant's transfers to customers by its own numbers, the shortest first: those under way and failed, too."
);

pub(super) const OPERATIONS: [&[Operation]; 2] = [&ORDERS, &TRANSFERS];

/// Which orders.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OrderQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// Those that were made on this day of the market or later.
    from: Option<Day>,
    /// Those that were made on this day of the market or before.
    to: Option<Day>,
    /// Those that stand so now only.
    status: Option<Status>,
}

impl Row for OrderView<'static> {
    const COLUMNS: &'static [&'static str] = &[
        "trade_no",
        "out_trade_no",
        "status",
        "total",
        "refunded",
        "currency",
        "created_at",
        "expires_at",
        "paid_at",
        "closed_at",
        "store",
        "buyer",
        "subject",
    ];

    fn write(&self, line: &mut Line) {
        line.value(&self.trade_no).text(&self.out_trade_no).value(self.status.name());
        line.amount(self.total.0).amount(self.refunded.0).value(self.total.0.currency);
        line.instant(self.created_at.0).instant(self.expires_at.0);
        line.optional(self.paid_at.map(Instant::text)).optional(self.closed_at.map(Instant::text));
        line.value(self.store.0).optional(self.buyer.map(|buyer| buyer.0)).text(&self.subject);
    }
}

struct Orders {
    of: OfMerchant,
    days: Days,
    status: Option<Status>,
}

impl Lister for Orders {
    type Item = OrderView<'static>;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<OrderView<'static>>, Problem> {
        let point = self.of.cell.port.begin_read();
        let walk = Walk::new(Key::new(ORDER_INDEX).number(self.of.merchant), Sorting::Oldest);
        walk.slice(&point, after, limit, &mut |_, bytes| {
            let OrderIndex { order: id } = decode(bytes, "order index")?;
            let order = order(&point, id)?;
            if !self.days.contain(order.created_date) {
                return Ok(None);
            }
            let order = view_of(self.of.cell.number, self.of.now_ns, order);
            Ok(Some(order).filter(|order| self.status.is_none_or(|status| status == order.status)))
        })
    }
}

async fn orders(asked: Asked) -> Result<Response, Problem> {
    let OrderQuery { cursor, limit, from, to, status } = asked.query()?;
    let lister = Orders { of: OfMerchant::of(&asked)?, days: Days::new(from, to)?, status };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}

/// Which transfers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TransferQuery {
    /// The `next` of the page before.
    cursor: Option<String>,
    /// How many items, 1 to 200; 50 if left out.
    #[schemars(range(min = 1, max = 200))]
    limit: Option<u16>,
    /// Those that were made on this day of the market or later.
    from: Option<Day>,
    /// Those that were made on this day of the market or before.
    to: Option<Day>,
    /// Those that stand so only.
    state: Option<TransferStateWire>,
}

impl Row for TransferWire<'static> {
    const COLUMNS: &'static [&'static str] =
        &["transfer_no", "out_biz_no", "payee", "amount", "currency", "state", "at"];

    fn write(&self, line: &mut Line) {
        line.value(&self.transfer_no).text(&self.out_biz_no).value(self.payee.0);
        line.amount(self.money.0).value(self.money.0.currency).value(self.state.name()).instant(self.at.0);
    }
}

struct Transfers {
    of: OfMerchant,
    days: Days,
    state: Option<TransferStateWire>,
}

impl Lister for Transfers {
    type Item = TransferWire<'static>;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<TransferWire<'static>>, Problem> {
        let point = self.of.cell.port.begin_read();
        let prefix = Key::new(MERCHANT_TRANSFER).number(self.of.merchant);
        Walk::new(prefix, Sorting::Oldest).slice(&point, after, limit, &mut |_, bytes| {
            let transfer: MerchantTransfer = decode(bytes, "transfer")?;
            if !self.days.contain(transfer.created_date) {
                return Ok(None);
            }
            let wire = transfer_of(self.of.cell.number, transfer, true, None);
            Ok(Some(wire).filter(|wire| self.state.is_none_or(|state| state == wire.state)))
        })
    }
}

async fn transfers(asked: Asked) -> Result<Response, Problem> {
    let TransferQuery { cursor, limit, from, to, state } = asked.query()?;
    let lister = Transfers { of: OfMerchant::of(&asked)?, days: Days::new(from, to)?, state };
    page_or_csv(&asked, Paging::new(cursor.as_deref(), limit)?, lister).await
}
