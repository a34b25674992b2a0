//! Merchants' bills: a ZIP of two GBK files, details and summary, of a day or a month of the market, in the shape of the platform's.
//!
//! A bill is made when it is fetched, from the merchant's history; nothing is kept. Its address is short-lived and sealed: a
//! keyed digest that only this server can make, over all that stands in it. A bill is there when its last day has ended
//! in the market, so it does not change any more.

mod account;
mod csv;
mod history;
mod period;
mod trade;
mod zip;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sycee_acquiring::Order;
use sycee_acquiring::entry::MerchantEntry;
use sycee_contract::{Key, Record};
use sycee_engine::{CellHandle, ReadPoint};
use sycee_money::Currency;
use sycee_party::cell_of;
use tracing::error;

use self::csv::Lines;
pub use self::history::{entries, number_of_date, report};
pub use self::period::{BillType, Period};
use crate::market_time::MarketTime;
use crate::state::{Alipay, sixteen_digits};

/// How long an address can be fetched, by the world's clock: the platform says 30 seconds.
const ADDRESS_LIVES_NS: u64 = 30_000_000_000;
/// How long after the end of its last day a bill is there: what was decided before midnight is durable by then.
const AFTER_MIDNIGHT_NS: u64 = 60_000_000_000;
/// The most movements in a bill: it is made in memory, some hundred bytes for each.
const ENTRIES_MAX: usize = 200_000;

/// The path of a bill's address on this server, as it can be fetched from now on.
#[must_use]
pub fn path(cell: &CellHandle, merchant: u64, bill_type: BillType, period: &Period, now_ns: u64) -> String {
    let until_ns = now_ns.saturating_add(ADDRESS_LIVES_NS);
    let named = named(merchant, bill_type, period, until_ns);
    format!("/bills/{named}/{}", seal(cell, &named))
}

fn named(merchant: u64, bill_type: BillType, period: &Period, until_ns: u64) -> String {
    format!("{merchant:016}/{}/{}/{until_ns}", bill_type.name(), period.text())
}

fn seal(cell: &CellHandle, named: &str) -> String {
    cell.vault.digest("bill", named.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a bill of this period is there: its last day has ended in the market.
#[must_use]
pub fn is_made(period: &Period, time: &MarketTime, now_ns: u64) -> bool {
    period.ends_at_ns(time).is_some_and(|end| end.saturating_add(AFTER_MIDNIGHT_NS) <= now_ns)
}

/// Whether something is in a merchant's bill.
///
/// # Errors
/// What keeps the cell from being read, for the operator.
pub fn has_entries(
    cell: &CellHandle,
    merchant: u64,
    bill_type: BillType,
    period: &Period,
    currency: Currency,
) -> Result<bool, String> {
    use sycee_acquiring::entry::EntryKind::{Payment, Refund};
    let mut found = false;
    let days = (period.first, period.last);
    entries(&cell.port.begin_read(), merchant, currency, days, &mut |_, _, entry| {
        found = bill_type == BillType::SignCustomer || matches!(entry.kind, Payment | Refund);
        !found
    })
    .map_err(|error| error.to_string())?;
    Ok(found)
}

/// `GET /bills/{merchant}/{type}/{date}/{until}/{seal}`.
pub(crate) async fn handle(
    State(alipay): State<Arc<Alipay>>,
    Path((merchant, bill_type, date, until, sealed)): Path<(String, String, String, String, String)>,
) -> Response {
    let named = format!("{merchant}/{bill_type}/{date}/{until}");
    let asked = (|| {
        let merchant = sixteen_digits(&merchant)?;
        Some((merchant, BillType::parse(&bill_type)?, Period::parse(&date)?, until.parse::<u64>().ok()?))
    })();
    let Some((merchant, bill_type, period, until_ns)) = asked else { return not_found() };
    let Some(cell) = cell_of(merchant).and_then(|cell| alipay.world.numbered(cell)) else { return not_found() };
    // Compared as whole digests: the time it takes says nothing about the seal itself.
    let (given, made) = (cell.vault.digest("compare", sealed.as_bytes()), seal(cell, &named));
    if given != cell.vault.digest("compare", made.as_bytes()) {
        return not_found();
    }
    if until_ns <= alipay.world.clock.now_ns() {
        return plain(StatusCode::FORBIDDEN, "This address was valid for 30 seconds. Ask for a new one.\n");
    }
    let now_ns = alipay.world.clock.now_ns();
    let cell = Arc::clone(cell);
    match tokio::task::spawn_blocking(move || make(&cell, merchant, bill_type, period, now_ns)).await {
        Ok(Ok(Some(bytes))) => zip_response(merchant, &period, bytes),
        Ok(Ok(None)) => not_found(),
        Ok(Err(why)) => {
            error!(merchant, "a bill is not made: {why}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The bill cannot be made.\n")
        }
        Err(panicked) => {
            error!(merchant, "a bill broke off: {panicked}");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "The bill cannot be made.\n")
        }
    }
}

/// The archive; `None` if nothing is in it.
fn make(
    cell: &CellHandle,
    merchant: u64,
    bill_type: BillType,
    period: Period,
    now_ns: u64,
) -> Result<Option<Vec<u8>>, String> {
    let market = cell.market().map_err(|error| error.to_string())?;
    let time = MarketTime::new(&market.time_zone)?;
    let (read, currency) = (cell.port.begin_read(), market.currency);
    let bill = Bill { cell, read, merchant, currency, period, time, now_ns };
    let (files, kind) = match bill_type {
        BillType::Trade => (trade::files(&bill)?, "业务明细"),
        BillType::SignCustomer => (account::files(&bill)?, "账务明细"),
    };
    let Some([details, summary]) = files else { return Ok(None) };
    let stem = format!("{merchant}_{}_{kind}", period.text().replace('-', ""));
    let files = [(format!("{stem}.csv"), details), (format!("{stem}(汇总).csv"), summary)];
    zip::archive(&files).map(Some).map_err(|error| error.to_string())
}

/// A bill that is being made.
struct Bill<'a> {
    cell: &'a CellHandle,
    read: ReadPoint,
    merchant: u64,
    currency: Currency,
    period: Period,
    time: MarketTime,
    now_ns: u64,
}

/// What stands above a list.
struct Heading {
    title: &'static str,
    list: &'static str,
    columns: &'static str,
}

impl Bill<'_> {
    /// Shows each entry with its day and its id.
    fn each(&self, each: &mut dyn FnMut(u32, u64, &MerchantEntry) -> Result<(), String>) -> Result<(), String> {
        let (mut count, mut outcome) = (0_usize, Ok(()));
        let days = (self.period.first, self.period.last);
        entries(&self.read, self.merchant, self.currency, days, &mut |date, id, entry| {
            count += 1;
            outcome = if count > ENTRIES_MAX {
                Err(format!("it has more than {ENTRIES_MAX} movements"))
            } else {
                each(date, id, &entry)
            };
            outcome.is_ok()
        })
        .map_err(|error| error.to_string())?;
        outcome
    }

    fn row<R: Record>(&self, key: &Key) -> Result<R, String> {
        let row = self.read.get(key).map_err(|error| error.to_string())?;
        row.ok_or_else(|| format!("{key:?} is not there"))
    }

    fn order(&self, id: u64) -> Result<Order, String> {
        self.row(&Order::key(id))
    }

    /// A sum with its sign, in major units of the market's currency with at least two decimals.
    fn money(&self, minor: i128) -> String {
        let digits = usize::from(self.currency.minor_digits());
        let scale = 10_u128.pow(u32::from(self.currency.minor_digits()));
        let (whole, part) = (minor.unsigned_abs() / scale, minor.unsigned_abs() % scale);
        let part = if digits == 0 { String::new() } else { format!("{part:0digits$}") };
        format!("{}{whole}.{part:0<2}", if minor < 0 { "-" } else { "" })
    }

    fn head(&self, lines: &mut Lines, heading: &Heading) {
        let Heading { title, list, columns } = heading;
        let day = |date: Option<jiff::civil::Date>| {
            date.map(|date| date.strftime("%Y年%m月%d日 00:00:00").to_string()).unwrap_or_default()
        };
        let (first, end) = (day(Some(self.period.first)), day(self.period.last.tomorrow().ok()));
        lines.line(&format!("#支付宝{title}"));
        lines.line(&format!("#账号：[{:016}0156]", self.merchant));
        lines.line(&format!("#起始日期：[{first}]   终止日期：[{end}]"));
        lines
            .line(&format!("#-----------------------------------------{list}----------------------------------------"));
        lines.line(columns);
    }

    fn foot(&self, lines: &mut Lines) {
        lines.line(&format!("#导出时间：[{}]", self.time.write(self.now_ns)));
    }
}

fn zip_response(merchant: u64, period: &Period, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let disposition = format!("attachment; filename=\"{merchant}_{}.csv.zip\"", period.text().replace('-', ""));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

fn not_found() -> Response {
    plain(StatusCode::NOT_FOUND, "There is no such bill.\n")
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
