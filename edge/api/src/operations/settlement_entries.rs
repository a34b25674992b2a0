//! A settlement down to its entries, and from each to its order.

use axum::response::Response;
use schemars::JsonSchema;
use serde::Serialize;
use sycee_acquiring::entry::{EntryKind, MerchantEntry};
use sycee_acquiring::payout::Payout;
use sycee_acquiring::{Order, trade_no};
use sycee_contract::decode;
use sycee_engine::ReadPoint;
use sycee_money::Money;

use super::merchant_lists::EntryKindWire;
use super::settlement::named;
use crate::desk::{Asked, ok};
use crate::problem::Problem;
use crate::wire::{Instant, MoneyWire, digits};

/// How many entries a page has.
const PAGE: usize = 500;
/// How many rows one request looks through at most: a day also has entries of the business dates around it.
const LOOKED_THROUGH: usize = 50_000;

/// One movement of a merchant's money.
#[derive(Serialize, JsonSchema)]
struct SettlementEntryWire {
    /// After which the list goes on.
    entry: String,
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

/// Some entries.
#[derive(Serialize, JsonSchema)]
pub(super) struct SettlementEntriesPage {
    entries: Vec<SettlementEntryWire>,
    /// After what the next page begins; left out on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// The place of an entry: the calendar day, and its id.
fn place(text: &str) -> Option<(u32, u64)> {
    let (day, id) = text.split_once('-')?;
    Some((u32::try_from(digits(day)?).ok()?, digits(id)?))
}

/// `GET /settlements/{currency}/{date}/entries/after/{entry}`.
pub(super) async fn list(asked: Asked) -> Result<Response, Problem> {
    let settlement = named(&asked)?;
    let merchant = settlement.merchant;
    // Entries of the closing stand on the day on which it was made, which may be later than the last of the date itself.
    let closed_day =
        settlement.closing.as_ref().map_or(u32::MAX, |closing| market_day(&asked, closing.at_ns).unwrap_or(u32::MAX));
    let last_day = if closed_day == u32::MAX { u32::MAX } else { settlement.last_day.max(closed_day) };
    let first = if settlement.first_day == 0 { settlement.date } else { settlement.first_day };
    let mut after = match asked.path("entry") {
        "first" => MerchantEntry::of_day(merchant, first),
        text => {
            let (day, id) = place(text).ok_or_else(|| Problem::not_found("a list goes on after an entry"))?;
            MerchantEntry::key(merchant, day, id)
        }
    };
    let (point, prefix) = (asked.cell.port.begin_read(), MerchantEntry::of_merchant(merchant));
    let (mut entries, mut looked, mut next) = (Vec::new(), 0, None);
    'pages: loop {
        let rows = point.scan(&prefix, Some(&after), PAGE)?;
        for (key, row) in &rows {
            let (day, id) = (MerchantEntry::date_of(key).unwrap_or(0), MerchantEntry::id_of(key).unwrap_or(0));
            if day > last_day {
                next = None;
                break 'pages;
            }
            if entries.len() >= PAGE || looked >= LOOKED_THROUGH {
                break 'pages;
            }
            looked += 1;
            next = Some(format!("{day}-{id}"));
            let entry: MerchantEntry = decode(row, "entry")?;
            if entry.settlement == Some(settlement.date) && entry.money.currency == settlement.currency {
                entries.push(wire(&asked, &point, &entry, format!("{day}-{id}"))?);
            }
        }
        let Some((last, _)) = rows.last().filter(|_| rows.len() == PAGE) else {
            next = None;
            break;
        };
        after = last.clone();
    }
    ok(&SettlementEntriesPage { entries, next })
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

fn wire(
    asked: &Asked,
    point: &ReadPoint,
    entry: &MerchantEntry,
    place: String,
) -> Result<SettlementEntryWire, Problem> {
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
        entry: place,
        kind: EntryKindWire::of(entry.kind),
        at: Instant(entry.at_ns),
        on_balance_minor: entry.on_balance_minor().to_string(),
        money: MoneyWire(entry.money),
        fee: money(entry.fee),
        balance_after: money(entry.balance_after),
        trade_no: order.as_ref().map(|order| trade_no(order, asked.cell.number)),
        out_trade_no: order.map(|order| order.out_trade_no),
        out_request_no: entry.number.clone(),
        payout: payout.map(|payout| payout.number(asked.cell.number)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::settlement::date_text;
    use super::*;

    #[test]
    fn places_and_dates_are_read_as_they_are_written() {
        assert_eq!(place("20270331-16"), Some((20_270_331, 16)));
        for text in ["", "-", "20270331", "20270331-", "-16", "a-1", "99999999999-1"] {
            assert_eq!(place(text), None, "{text}");
        }
        assert_eq!(date_text(20_270_331), "2027-03-31");
        assert_eq!(date_number(jiff::civil::date(2027, 3, 31)), Some(20_270_331));
    }
}
