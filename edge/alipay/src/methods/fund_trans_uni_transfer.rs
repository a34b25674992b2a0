//! `alipay.fund.trans.uni.transfer`: money from the merchant's balance to a customer's wallet, in the same market or, through the
//! network and converted at the rate of the moment, in another.

use sycee_acquiring::command::{MERCHANT_TRANSFER, TransferToCustomer};
use sycee_acquiring::record::{MerchantTransfer, TransferState};
use sycee_acquiring::reply::TransferReply;
use sycee_contract::CommandCode;
use sycee_engine::vault::Handle;
use sycee_interop::command::SEND_MONEY;
use sycee_money::Money;
use sycee_party::{Party, cell_of};

use super::fund_trans_common_query::refusal_of;
use super::{Call, Unanswered};
use crate::codes::{GatewayCode, business};
use crate::refusals;
use crate::state::{sixteen_digits, unreadable};
use crate::wire::biz_content::{FieldError, Fields};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const METHOD: &str = "alipay.fund.trans.uni.transfer";

/// The least transfer in major units, where the currency has such a part.
const AMOUNT_MIN: &str = "0.1";
/// What a transfer to one account is called, where it is called anything.
const EXPECTED: [(&str, &str); 2] = [("product_code", "TRANS_ACCOUNT_NO_PWD"), ("biz_scene", "DIRECT_TRANSFER")];

fn bad(error: FieldError) -> Failure {
    error.into_failure(business::FUND_INVALID_PARAMETER)
}

fn no_payee(why: &str) -> Failure {
    Failure::with_detail(business::FUND_PAYEE_NOT_EXIST, why)
}

pub(super) async fn answer(call: &Call<'_>) -> Result<Node, Failure> {
    let fields = call.fields();
    for (field, expected) in EXPECTED {
        if fields.optional_text(field, 64).map_err(bad)?.is_some_and(|text| text != expected) {
            return Err(Failure::with_detail(business::FUND_INVALID_PARAMETER, format!("{field} is not {expected}")));
        }
    }
    let out_biz_no = fields.identifier("out_biz_no").map_err(bad)?.into_owned();
    let money = fields.amount("trans_amount", call.cell.currency).map_err(bad)?;
    if Money::parse_decimal(AMOUNT_MIN, money.currency).is_ok_and(|least| money.amount < least.amount) {
        return Err(Failure::new(business::FUND_EXCEED_LIMIT_SINGLE_MIN_AMOUNT));
    }
    let title = match fields.optional_text("order_title", 256).map_err(bad)? {
        Some(title) => Some(title),
        None => fields.optional_text("remark", 256).map_err(bad)?,
    };
    let payee = match payee(call, fields.object("payee_info").map_err(bad)?) {
        Ok(payee) => payee,
        Err(failure) => {
            // A repeat must not read that it failed because the payee's phone or name has changed since: the first transfer stands.
            let before = MerchantTransfer::key(call.merchant, &out_biz_no);
            let before: Option<MerchantTransfer> = call.cell.port.get(&before).map_err(unreadable)?;
            return Err(before.map_or(failure, |_| Failure::new(business::FUND_PAYMENT_INFO_INCONSISTENCY)));
        }
    };
    let body = TransferToCustomer { out_biz_no: out_biz_no.clone(), payee, money, title: title.map(String::from) };
    let node = Node::with_outcome(GatewayCode::Success).with("out_biz_no", out_biz_no);
    let is_abroad = cell_of(payee) != Some(call.cell.number);
    let transfer = if is_abroad { send_abroad(call, &body).await } else { ask(call, MERCHANT_TRANSFER, &body).await };
    let transfer = match transfer {
        Ok(transfer) => transfer,
        Err(Unanswered::UnderWay) => return Ok(node.with("status", "DEALING")),
        Err(unanswered) => return Err(unanswered.into_failure(METHOD)),
    };
    let number = sycee_acquiring::transfer_no(&transfer, call.cell.number);
    let status = match transfer.state {
        TransferState::Done => "SUCCESS",
        TransferState::UnderWay => "DEALING",
        TransferState::Failed => {
            let refusal = refusal_of(call, &transfer)?;
            return Err(
                refusal.map_or(Failure::new(business::FUND_SYSTEM_ERROR), |why| refusals::failure(METHOD, &why))
            );
        }
    };
    Ok(node
        .with("order_id", number.clone())
        .with("pay_fund_order_id", number)
        .with("status", status)
        .with("trans_date", call.time.write(transfer.at_ns)))
}

async fn ask(call: &Call<'_>, code: CommandCode, body: &TransferToCustomer) -> Result<MerchantTransfer, Unanswered> {
    call.ask::<_, TransferReply>(code, body).await.map(|reply| reply.transfer)
}

/// Sends to another cell and waits until it is known what came of it; gives back the transfer as it stands then.
async fn send_abroad(call: &Call<'_>, body: &TransferToCustomer) -> Result<MerchantTransfer, Unanswered> {
    let transfer = ask(call, SEND_MONEY, body).await?;
    let key = MerchantTransfer::key(call.merchant, &transfer.out_biz_no);
    let ended = call
        .until(&key, |row: Option<MerchantTransfer>| row.filter(|transfer| transfer.state != TransferState::UnderWay));
    match ended.await {
        Err(Unanswered::UnderWay) => Ok(transfer),
        ended => ended,
    }
}

/// The customer that `payee_info` names.
fn payee(call: &Call<'_>, info: Fields<'_>) -> Result<u64, Failure> {
    let identity = info.text("identity", 128).map_err(bad)?;
    let name = info.optional_text("name", 128).map_err(bad)?;
    let identity_type = info.text("identity_type", 64).map_err(bad)?;
    let payee = match identity_type.as_ref() {
        "ALIPAY_USER_ID" => {
            let number = sixteen_digits(&identity).filter(|number| cell_of(*number).is_some());
            number.ok_or_else(|| no_payee("identity is no customer's number"))?
        }
        "ALIPAY_LOGON_ID" => {
            if name.is_none() {
                return Err(Failure::with_detail(business::FUND_INVALID_PARAMETER, "ALIPAY_LOGON_ID needs the name"));
            }
            call.party_of_phone(&identity)?.ok_or_else(|| no_payee("identity is no customer's phone number"))?
        }
        _ => {
            let detail = "identity_type is not ALIPAY_USER_ID or ALIPAY_LOGON_ID";
            return Err(Failure::with_detail(business::FUND_INVALID_PARAMETER, detail));
        }
    };
    if payee == call.merchant {
        return Err(Failure::new(business::FUND_PAYER_PAYEE_CANNOT_SAME));
    }
    match name {
        Some(_) if cell_of(payee) != Some(call.cell.number) => {
            // A name that was given to be checked must not go unchecked.
            Err(no_payee("who is called what in another wallet is not known here; leave the name out"))
        }
        Some(name) if !has_name(call, payee, &name)? => Err(no_payee("the name is not the payee's")),
        _ => Ok(payee),
    }
}

/// Whether a customer of this cell is called so; letters' case and blanks around do not matter. Nobody is called anything.
pub(super) fn has_name(call: &Call<'_>, payee: u64, name: &str) -> Result<bool, Failure> {
    let party = call.cell.port.get::<Party>(&Party::key(payee)).map_err(unreadable)?;
    let Some(party) = party else { return Ok(false) };
    let person = call.cell.vault.person(Handle(party.person)).map_err(unreadable)?;
    Ok(person.is_some_and(|person| person.name.trim().to_lowercase() == name.trim().to_lowercase()))
}
