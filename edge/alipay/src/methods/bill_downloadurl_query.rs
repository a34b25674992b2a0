//! `alipay.data.dataservice.bill.downloadurl.query`: where the bill of a day or a month can be fetched.

use sycee_acquiring::record::Merchant;

use super::Call;
use crate::bills::{self, BillType, Period, has_entries, is_made};
use crate::codes::{GatewayCode, business};
use crate::state::unreadable;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.data.dataservice.bill.downloadurl.query";

/// The longest type and date that are read, in characters: as the platform's.
const TYPE_MAX_CHARACTERS: usize = 20;
const DATE_MAX_CHARACTERS: usize = 15;

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let text = |field: &'static str, max_characters: usize| {
        let text = call.fields().text(field, max_characters);
        text.map_err(|error| error.into_failure(business::BILL_INVALID_ARGUMENTS))
    };
    let bill_type = text("bill_type", TYPE_MAX_CHARACTERS)?;
    let date = text("bill_date", DATE_MAX_CHARACTERS)?;
    let invalid = |detail: &'static str| Failure::with_detail(business::BILL_INVALID_ARGUMENTS, detail);
    let period =
        Period::parse(&date).ok_or_else(|| invalid("bill_date is no day (yyyy-MM-dd) and no month (yyyy-MM)"))?;
    if bills::number_of_date(period.first) > today(call) {
        return Err(invalid("bill_date has not come"));
    }
    let bill_type = BillType::parse(&bill_type).ok_or(Failure::new(business::BILL_TYPE_NOT_SUPPORTED))?;
    let merchant: Option<Merchant> = call.cell.port.get(&Merchant::key(call.merchant)).map_err(unreadable)?;
    let opened_at_ns = merchant.map_or(0, |merchant| merchant.opened_at_ns);
    if period.ends_at_ns(&call.time).is_none_or(|end| end <= opened_at_ns) {
        return Err(Failure::new(business::BILL_DATE_BEFORE_REGISTRATION));
    }
    let has = has_entries(call.cell, call.merchant, bill_type, &period, call.market.currency);
    if !is_made(&period, &call.time, call.now_ns) || !has.map_err(unreadable)? {
        return Err(Failure::new(business::BILL_NOT_EXIST));
    }
    let path = bills::path(call.cell, call.merchant, bill_type, &period, call.now_ns);
    let url = format!("{}{path}", call.alipay.world.base_url);
    Ok(Node::with_outcome(GatewayCode::Success).with("bill_download_url", url))
}

/// The market's day now, yyyymmdd.
fn today(call: &Call<'_>) -> u32 {
    let digits: String = call.time.write(call.now_ns).chars().take(10).filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}
