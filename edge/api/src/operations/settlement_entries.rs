//! A settlement down to its entries, and from each to its order.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::payout::Payout;
use sycee_acquiring::settlement::Settlement;
use sycee_acquiring::{Order, trade_no};
use sycee_engine::ReadPoint;
use sycee_money::Money;

use super::merchant_lists::{EntryKindWire, OfMerchant};
use super::settlement::{SettlementQuery, named};
use crate::desk::Asked;
use crate::lists::{Day, Days, Lister, Paging, Slice, Sorting, page};
use crate::problem::Problem;
use crate::wire::{Instant, MoneyWire};

/// One movement of a merchant's money.
#[derive(Serialize, JsonSchema)]
pub(super) struct SettlementEntryWire {
    kind: EntryKindWire,
    at: Instant,
    /// What it did to the balance, minor units as digits, with `-` in front if it went down.
    on_balance_minor: String,
    money: MoneyWire,
    /// Of a payment the fee that accrued, of a refund the fee that it returned.
    fee: MoneyWire,
    balance_after: MoneyWire,
    /// The trade number of the order of a payment, a refund or an advance.
    #[serde(skip_serializing_if = "Option::is_none")]
    trade_no: Option<String>,
    /// The merchant's number of that order.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_trade_no: Option<String>,
    /// The merchant's number of a refund.
    #[serde(skip_serializing_if = "Option::is_none")]
    out_request_no: Option<String>,
    /// The number of a payout.
    #[serde(skip_serializing_if = "Option::is_none")]
    payout: Option<String>,
}

/// The entries of one settlement.
struct Entries {
    of: OfMerchant,
    settlement: Settlement,
    /// The calendar days on which they stand: a day also has entries of the business dates around it.
    days: Days,
    sorting: Sorting,
}

impl Lister for Entries {
    type Item = SettlementEntryWire;

    fn slice(&self, after: Option<&[u8]>, limit: usize) -> Result<Slice<SettlementEntryWire>, Problem> {
        let Settlement { date, currency, .. } = self.settlement;
        self.of.entries((self.sorting, self.days), (after, limit), &mut |point, _, _, entry| {
            let is_of_it = entry.settlement == Some(date) && entry.money.currency == currency;
            if is_of_it { wire(self.of.cell.number, point, &entry).map(Some) } else { Ok(None) }
        })
    }
}

/// `GET /settlements/{currency}/{date}/entries`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    let SettlementQuery { cursor, limit, order } = asked.query()?;
    let settlement = named(&asked)?;
    let first = if settlement.first_day == 0 { settlement.date } else { settlement.first_day };
    // Entries of the closing stand on the day on which it was made, which may be later than the last of the date itself.
    let closed = settlement.closing.as_ref().and_then(|closing| market_day(&asked, closing.at_ns));
    let days = Days {
        from: Day::of_number(first),
        to: closed.map(|closed| closed.max(settlement.last_day)).and_then(Day::of_number),
    };
    let paging = Paging::new(cursor.as_deref(), limit)?;
    page(paging, Entries { of: OfMerchant::of(&asked)?, settlement, days, sorting: order }).await
}

/// The calendar day of an instant in the cell's market, yyyymmdd.
fn market_day(asked: &Asked, at_ns: u64) -> Option<u32> {
    let zone = jiff::tz::TimeZone::get(&asked.cell.market().ok()?.time_zone).ok()?;
    let at = jiff::Timestamp::from_nanosecond(i128::from(at_ns)).ok()?;
    date_number(at.to_zoned(zone).date())
}

fn date_number(date: jiff::civil::Date) -> Option<u32> {
    date.to_string().replace('-', "").parse().ok()
}

fn wire(cell: u16, point: &ReadPoint, entry: &MerchantEntry) -> Result<SettlementEntryWire, Problem> {
    let money = |amount| MoneyWire(Money::new(amount, entry.money.currency));
    let order: Option<Order> = match entry.kind {
        EntryKind::Payment | EntryKind::Refund | EntryKind::Advanced => point.get(&Order::key(entry.of))?,
        _ => None,
    };
    let payout: Option<Payout> = match entry.kind {
        EntryKind::PaidOut | EntryKind::PayoutReturned => point.get(&Payout::key(entry.of))?,
        _ => None,
    };
    Ok(SettlementEntryWire {
        kind: EntryKindWire::of(entry.kind),
        at: Instant(entry.at_ns),
        on_balance_minor: entry.on_balance_minor().to_string(),
        money: MoneyWire(entry.money),
        fee: money(entry.fee),
        balance_after: money(entry.balance_after),
        trade_no: order.as_ref().map(|order| trade_no(order, cell)),
        out_trade_no: order.map(|order| order.out_trade_no),
        out_request_no: entry.number.clone(),
        payout: payout.map(|payout| payout.number(cell)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_as_keys_have_it() {
        assert_eq!(date_number(jiff::civil::date(2027, 3, 31)), Some(20_270_331));
    }
}
