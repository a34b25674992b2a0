//! `alipay.trade.royalty.relation.bind`, `.unbind`, `.batchquery` and `alipay.trade.royalty.rate.query`: to whom a merchant may pass
//! money on, and how much of a trade.
//!
//! A receiver is named by number (`userId`) or by log-in name (`loginName`: a customer's phone number, and then the name is
//! needed and checked). What was a log-in name is answered with its middle hidden: it is not kept.

use sycee_acquiring::command::{BIND_RECEIVERS, BindReceivers, UNBIND_RECEIVERS, UnbindReceivers};
use sycee_acquiring::reply::ReceiversReply;
use sycee_acquiring::royalty::{NamedBy, PARTS_MAX, ROYALTY_MAX_BPS, Receiver, RoyaltyReceivers};

use super::fund_trans_uni_transfer::has_name;
use super::{Call, logon_id};
use crate::codes::{GatewayCode, SubCode, business};
use crate::state::{sixteen_digits, unreadable};
use crate::wire::biz_content::{FieldError, Fields};
use crate::wire::failure::Failure;
use crate::wire::response::Node;

pub(super) const BIND_METHOD: &str = "alipay.trade.royalty.relation.bind";
pub(super) const UNBIND_METHOD: &str = "alipay.trade.royalty.relation.unbind";
pub(super) const QUERY_METHOD: &str = "alipay.trade.royalty.relation.batchquery";
pub(super) const RATE_METHOD: &str = "alipay.trade.royalty.rate.query";

/// How many receivers a page has, if the request does not say, and at most.
const PAGE_SIZE: usize = 20;
const PAGE_SIZE_MAX: usize = 100;

fn bad(error: FieldError) -> Failure {
    error.into_failure(business::INVALID_PARAMETER)
}

/// A receiver's number and how it was named. `kind_field` and `account_field` are the names of the fields.
///
/// # Errors
/// `unknown` when there is nobody of this name, `no_kind` when it is not a kind of name that is taken.
pub(super) fn receiver(
    call: &Call<'_>,
    fields: Fields<'_>,
    [kind_field, account_field, name_field]: [&'static str; 3],
    [unknown, no_kind]: [SubCode; 2],
) -> Result<(u64, NamedBy), Failure> {
    let kind = fields.optional_text(kind_field, 32).map_err(bad)?;
    let account = fields.text(account_field, 128).map_err(bad)?;
    let name = fields.optional_text(name_field, 256).map_err(bad)?;
    let nobody = |detail: &str| Failure::with_detail(unknown, format!("{account_field}: {detail}"));
    let found = match kind.as_deref() {
        None | Some("userId") => {
            let number = sixteen_digits(&account).ok_or_else(|| nobody("is no number of sixteen digits"))?;
            (number, NamedBy::Number)
        }
        Some("loginName") => {
            let party = call.party_of_phone(&account)?.ok_or_else(|| nobody("is nobody's log-in name"))?;
            (party, NamedBy::Login)
        }
        Some(_) => {
            return Err(Failure::with_detail(no_kind, format!("{kind_field} is neither userId nor loginName")));
        }
    };
    match name {
        Some(name) if !has_name(call, found.0, &name)? => Err(nobody("the name is not the receiver's")),
        _ => Ok(found),
    }
}

/// The receivers of a request; each with its fields.
fn listed<'c>(call: &'c Call<'_>) -> Result<Vec<(Receiver, Fields<'c>)>, Failure> {
    call.fields().text("out_request_no", 32).map_err(bad)?;
    let list = call.fields().objects("receiver_list", PARTS_MAX).map_err(bad)?;
    if list.is_empty() {
        return Err(Failure::new(business::RECEIVER_LIST_EMPTY));
    }
    let names = ["type", "account", "name"];
    let codes = [business::USER_NOT_EXIST, business::INVALID_RECEIVER_TYPE];
    list.into_iter()
        .map(|fields| {
            let (party, named_by) = receiver(call, fields, names, codes)?;
            let memo = fields.optional_text("memo", 256).map_err(bad)?.map(String::from);
            Ok((Receiver { party, named_by, memo }, fields))
        })
        .collect()
}

fn done() -> Node {
    Node::with_outcome(GatewayCode::Success).with("result_code", "SUCCESS")
}

pub(super) async fn bind(call: &Call<'_>) -> Result<Node, Failure> {
    let listed = listed(call)?;
    let is_unnamed =
        |(receiver, fields): &(Receiver, Fields<'_>)| receiver.named_by == NamedBy::Login && !fields.has("name");
    if listed.iter().any(is_unnamed) {
        return Err(Failure::with_detail(business::INVALID_PARAMETER, "loginName needs the name"));
    }
    let body = BindReceivers { receivers: listed.into_iter().map(|(receiver, _)| receiver).collect() };
    let reply = call.ask::<_, ReceiversReply>(BIND_RECEIVERS, &body).await;
    reply.map(|_| done()).map_err(|unanswered| unanswered.into_failure(BIND_METHOD))
}

pub(super) async fn unbind(call: &Call<'_>) -> Result<Node, Failure> {
    let receivers = listed(call)?.into_iter().map(|(receiver, _)| receiver.party).collect();
    let reply = call.ask::<_, ReceiversReply>(UNBIND_RECEIVERS, &UnbindReceivers { receivers }).await;
    reply.map(|_| done()).map_err(|unanswered| unanswered.into_failure(UNBIND_METHOD))
}

pub(super) async fn query(call: &Call<'_>) -> Result<Node, Failure> {
    call.fields().text("out_request_no", 32).map_err(bad)?;
    let number = |field: &'static str, most: usize, otherwise: usize| {
        let Some(text) = call.fields().optional_text(field, 4).map_err(bad)? else { return Ok(otherwise) };
        let wrong = || Failure::with_detail(business::INVALID_PARAMETER, format!("{field} is not 1 to {most}"));
        text.parse().ok().filter(|number| (1..=most).contains(number)).ok_or_else(wrong)
    };
    let page = number("page_num", 9_999, 1)?;
    let size = number("page_size", PAGE_SIZE_MAX, PAGE_SIZE)?;
    let read = call.cell.port.begin_read();
    let bound: Option<RoyaltyReceivers> = read.get(&RoyaltyReceivers::key(call.merchant)).map_err(unreadable)?;
    let receivers = bound.unwrap_or_default().receivers;
    let (count, pages) = (receivers.len(), receivers.len().div_ceil(size));
    let shown: Vec<Node> = receivers
        .into_iter()
        .skip((page - 1).saturating_mul(size))
        .take(size)
        .map(|receiver| {
            let login = logon_id(call.cell, &read, receiver.party);
            let (kind, account) = match receiver.named_by {
                NamedBy::Number => ("userId", receiver.party.to_string()),
                NamedBy::Login => ("loginName", login.clone()),
            };
            Node::new()
                .with("type", kind)
                .with("account", account)
                .with_optional("memo", receiver.memo)
                .with("login_name", login.clone())
                .with("bind_login_name", login)
        })
        .collect();
    Ok(done()
        .with("receiver_list", shown)
        .with("total_page_num", pages.to_string())
        .with("total_record_num", count.to_string())
        .with("current_page_num", page.to_string())
        .with("current_page_size", size.to_string()))
}

pub(super) async fn rate(call: &Call<'_>) -> Result<Node, Failure> {
    call.fields().text("out_request_no", 32).map_err(bad)?;
    Ok(Node::with_outcome(GatewayCode::Success)
        .with("user_id", call.merchant.to_string())
        .with("max_ratio", (ROYALTY_MAX_BPS / 100).to_string()))
}
