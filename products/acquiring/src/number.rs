//! Numbers that people see: trade numbers, app ids, and the order numbers that printed codes generate.

use alloc::format;
use alloc::string::String;

use crate::order::Order;
use crate::record::MerchantTransfer;

/// What a generated order number begins with. Merchants may not choose numbers that look like one.
const GENERATED: &str = "static_";

/// The trade number of an order: 28 digits. The day of its creation in the market (8), the cell (2), the bucket of the
/// merchant's number (5), the order's id (13).
#[must_use]
pub fn trade_no(order: &Order, cell: u16) -> String {
    number(order.created_date, cell, order.merchant, order.id)
}

/// The number of a merchant's transfer, made in the same way.
#[must_use]
pub fn transfer_no(transfer: &MerchantTransfer, cell: u16) -> String {
    number(transfer.created_date, cell, transfer.merchant, transfer.id)
}

/// The number of an order from its parts, for those who have no [`Order`] at hand: the business date of its creation, the cell,
/// the merchant's number and the order's id.
#[must_use]
pub fn number(date: u32, cell: u16, merchant: u64, id: u64) -> String {
    format!("{date:08}{cell:02}{:05}{id:013}", bucket(merchant))
}

/// The bucket digits of a party's number: 2088, cell (2), bucket (5), serial (5).
fn bucket(party: u64) -> u64 {
    party.checked_div(100_000).and_then(|head| head.checked_rem(100_000)).unwrap_or(0)
}

/// The cell and the id in a trade number or transfer number. Whether there is such an order, and whether the other digits are
/// its own, is for the caller to see ([`trade_no`] of the order found).
#[must_use]
pub fn parse_trade_no(text: &str) -> Option<(u16, u64)> {
    if text.len() != 28 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let cell = text.get(8..10)?.parse().ok()?;
    let id = text.get(15..28)?.parse().ok()?;
    Some((cell, id))
}

/// The order number of a payment of a printed code: made from the order's id, so that no index is needed to find it.
#[must_use]
pub fn generated_out_trade_no(id: u64) -> String {
    format!("{GENERATED}{id:013}")
}

/// The id in a generated order number; `None` for numbers that merchants choose.
#[must_use]
pub fn parse_generated(out_trade_no: &str) -> Option<u64> {
    let digits = out_trade_no.strip_prefix(GENERATED)?;
    if digits.len() < 13 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The `running`-th app id of a cell: 2021, the cell (2 digits), the running number (10 digits). `None` when it does not fit.
#[must_use]
pub fn app_id(cell: u16, running: u64) -> Option<u64> {
    if !(1..=99).contains(&cell) || running >= 10_000_000_000 {
        return None;
    }
    let head = 202_100_u64.checked_add(u64::from(cell))?;
    head.checked_mul(10_000_000_000)?.checked_add(running)
}
