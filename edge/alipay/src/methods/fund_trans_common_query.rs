//! `alipay.fund.trans.common.query`: how a transfer stands, by our number or the merchant's; ours wins.

use sycee_acquiring::record::{MerchantTransfer, MerchantTransferIndex, TransferState};
use sycee_acquiring::{parse_trade_no, transfer_no};
use sycee_contract::{Key, Refusal, decode};
use sycee_interop::record::{OUTGOING, Outgoing, OutgoingState};

use super::Call;
use super::fund_trans_uni_transfer::METHOD as TRANSFER;
use crate::codes::{GatewayCode, business};
use crate::refusals;
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
        TransferState::UnderWay => "DEALING",
        TransferState::Failed => "FAIL",
    };
    let failed = match transfer.state {
        TransferState::Failed => refusal_of(call, &transfer)?.map(|refusal| refusals::failure(TRANSFER, &refusal)),
        TransferState::Done | TransferState::UnderWay => None,
    };
    let pay_date = (transfer.state == TransferState::Done).then(|| call.time.write(transfer.at_ns));
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("order_id", number.clone())
        .with("pay_fund_order_id", number)
        .with("out_biz_no", transfer.out_biz_no)
        .with("trans_amount", transfer.money.to_decimal_two())
        .with("status", status)
        .with_optional("pay_date", pay_date)
        .with_optional("error_code", failed.as_ref().map(|failure| failure.sub_code.name))
        .with_optional("fail_reason", failed.map(|failure| failure.message.into_owned())))
}

/// Why a transfer to another cell has failed. Its payment was made in the same plan: it is the first of all with a higher id.
pub(super) fn refusal_of(call: &Call<'_>, transfer: &MerchantTransfer) -> Result<Option<Refusal>, Failure> {
    let after = Outgoing::key(transfer.id);
    let rows = call.cell.port.begin_read().scan(&Key::new(OUTGOING), Some(&after), 1).map_err(unreadable)?;
    let Some((_, bytes)) = rows.first() else { return Ok(None) };
    let payment: Outgoing = decode(bytes, "payment").map_err(|stop| unreadable(format!("{stop:?}")))?;
    let is_its = payment.payer == transfer.merchant && payment.out_biz_no.as_ref() == Some(&transfer.out_biz_no);
    Ok(match payment.state {
        OutgoingState::Refused { refusal } if is_its => Some(refusal),
        _ => None,
    })
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
