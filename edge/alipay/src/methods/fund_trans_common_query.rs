//! `alipay.fund.trans.common.query`: how a transfer stands, by our number or the merchant's; ours wins.

use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex, TransferState};
use sycee_acquiring::{parse_trade_no, transfer_no};

use super::Call;
use crate::codes::{GatewayCode, business};
use crate::state::unreadable;
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.trans.common.query";

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let number = |field| {
        let text = call.fields().optional_identifier(field);
        text.map_err(|error| error.into_failure(business::FUND_INVALID_PARAMETER))
    };
    let ours = match number("order_id")? {
        Some(number) => Some(number),
        None => number("pay_fund_order_id")?,
    };
    let found = match (ours, number("out_biz_no")?) {
        (Some(ours), _) => by_number(call, &ours)?,
        (None, Some(theirs)) => by_out_biz_no(call, &theirs)?,
        (None, None) => {
            return Err(Failure::with_detail(business::FUND_INVALID_PARAMETER, "out_biz_no or order_id is needed"));
        }
    };
    let transfer = found.ok_or(Failure::new(business::FUND_ORDER_NOT_EXIST))?;
    let number = transfer_no(&transfer, call.cell.number);
    let status = match transfer.state {
        TransferState::Done => "SUCCESS",
    };
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("order_id", number.clone())
        .with("pay_fund_order_id", number)
        .with("out_biz_no", transfer.out_biz_no)
        .with("trans_amount", transfer.money.to_decimal_two())
        .with("status", status)
        .with("pay_date", call.time.write(transfer.at_ns)))
}

fn by_out_biz_no(call: &Call<'_>, number: &str) -> Result<Option<MerchantTransfer>, Failure> {
    call.cell.port.get(&MerchantTransfer::key(call.merchant, number)).map_err(unreadable)
}

fn by_number(call: &Call<'_>, number: &str) -> Result<Option<MerchantTransfer>, Failure> {
    let Some((_, id)) = parse_trade_no(number).filter(|(cell, _)| *cell == call.cell.number) else { return Ok(None) };
    let index = call.cell.port.get::<MerchantTransferIndex>(&MerchantTransferIndex::key(id)).map_err(unreadable)?;
    let Some(index) = index.filter(|index| index.merchant == call.merchant) else { return Ok(None) };
    let transfer = by_out_biz_no(call, &index.out_biz_no)?;
    Ok(transfer.filter(|transfer| transfer_no(transfer, call.cell.number) == number))
}
