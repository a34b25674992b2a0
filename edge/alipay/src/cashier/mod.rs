//! The page on which a customer pays an order that a merchant's site has made.
//!
//! It is plain HTML without scripts, in the visitor's language. On it one scans with a phone, or signs in and pays on this device
//! ([`paying`]). While the order waits, it shows what is to be paid and the code to scan, and asks again
//! every few seconds under an address of its own: `/cashier/{trade_no}/{seal}`. The seal is a keyed digest that only this server
//! can make, so that trade numbers, which count up, cannot be tried out. When the order is paid the browser is sent back to
//! the merchant with signed parameters.

mod abroad;
mod html;
pub(crate) mod paying;
mod qr;

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use sycee_acquiring::record::Merchant;
use sycee_acquiring::{Channel, Order, OrderState, parse_trade_no, trade_no};
use sycee_codes::own::{Label, OwnCode};
use sycee_contract::MarketPack;
use sycee_engine::CellHandle;
use sycee_engine::vault::Handle;
use sycee_money::Money;
use sycee_party::Party;

use crate::codes::{business, gateway};
use crate::gateway::{html_response, redirect_response};
use crate::market_time::MarketTime;
use crate::pages::form::Form;
use crate::pages::language::Language;
use crate::return_url::{PAGE_PAY_RETURN_METHOD, WAP_PAY_RETURN_METHOD, redirect_url};
use crate::state::{Alipay, unreadable};
use crate::wire::callback_url::CallbackUrl;
use crate::wire::failure::Failure;
use crate::wire::outgoing_fields::OutgoingFields;

/// Bytes of the keyed digest that stand in an address: enough that nobody finds one by trying.
const SEAL_BYTES: usize = 16;

/// What a browser gets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// A page to show.
    Html(String),
    /// The address to go to.
    Redirect(String),
}

/// Whether an order is one that is paid on a page.
#[must_use]
pub fn has_page(order: &Order) -> bool {
    matches!(order.channel, Channel::Page | Channel::Wap)
}

/// The page for an order as it stands now; `is_chosen` says that the visitor has named the language.
///
/// # Errors
/// When the cell cannot be read, or what is shown cannot be made.
pub fn page_of_order(
    alipay: &Alipay,
    cell: &CellHandle,
    order: &Order,
    language: &Language,
    is_chosen: bool,
) -> Result<Page, Failure> {
    let market = cell.market().map_err(unreadable)?;
    let here = address_of(cell, &trade_no(order, cell.number));
    let shown = shown_of(cell, order, language, &here);
    if order.deadline_ns().is_some() && !order.expired_at(alipay.world.clock.now_ns()) {
        let code = code_of_order(cell, &market, order)
            .map_err(|problem| Failure::with_detail(business::SYSTEM_ERROR, problem))?;
        let (svg, is_scanned) = (qr::svg(&code, language.text("qr_label")), was_scanned(order));
        let page = if is_chosen { html::waiting_in } else { html::waiting };
        return Ok(Page::Html(page(&shown, &code, &svg, is_scanned)));
    }
    let return_url = order.return_url.as_deref().and_then(CallbackUrl::parse);
    match (&order.paid, return_url) {
        (Some(_), _) if order.state != OrderState::Paid => {
            Ok(Page::Html(html::ended(&shown, "refunded_title", "refunded")))
        }
        (Some(_), Some(url)) => back_to_merchant(alipay, cell, &market, order, &url).map(Page::Redirect),
        (Some(_), None) => Ok(Page::Html(html::ended(&shown, "paid_title", "paid"))),
        (None, _) => Ok(Page::Html(html::ended(&shown, "closed_title", "closed"))),
    }
}

/// Whether a phone has scanned the code: the order has a buyer whom the shop has not named.
fn was_scanned(order: &Order) -> bool {
    order.buyer.is_some() && order.buyer != order.required_buyer
}

/// What the pages of an order show.
fn shown_of<'a>(cell: &CellHandle, order: &'a Order, language: &'a Language, here: &str) -> html::Shown<'a> {
    html::Shown {
        language,
        merchant: merchant_name(cell, order.merchant),
        subject: &order.subject,
        amount: format!("{} {}", order.total.to_decimal_two(), order.total.currency.code()),
        out_trade_no: &order.out_trade_no,
        here: here.to_owned(),
    }
}

/// The address of the page of the trade of this number.
fn address_of(cell: &CellHandle, trade_no: &str) -> String {
    format!("/cashier/{trade_no}/{}", seal(cell, trade_no))
}

/// The page for a failure: it has no code to scan and goes nowhere.
#[must_use]
pub fn page_of_failure(language: &Language, failure: &Failure) -> String {
    let unsure = [gateway::UNKNOWN_ERROR, business::SYSTEM_ERROR, business::TRADE_HAS_SUCCESS];
    let is_sure = !unsure.iter().any(|code| code.name == failure.sub_code.name);
    html::failed(language, &failure.message, failure.sub_code.name, is_sure)
}

/// The text of the code that asks to pay an order, as the market's own wallets read it.
///
/// # Errors
/// What the code's specification does not allow of the merchant or the market.
pub fn code_of_order(cell: &CellHandle, market: &MarketPack, order: &Order) -> Result<String, String> {
    code_of(cell, market, order.merchant, order.id, order.total)
}

/// The text of the code that asks for something of this id to be paid, or to be frozen.
///
/// # Errors
/// As [`code_of_order`].
pub fn code_of(cell: &CellHandle, market: &MarketPack, party: u64, id: u64, amount: Money) -> Result<String, String> {
    let merchant: Option<Merchant> = cell.port.get(&Merchant::key(party)).map_err(|error| error.to_string())?;
    let merchant = merchant.ok_or("the order's merchant is not known")?;
    let template = u8::try_from(market.mpm_template).map_err(|_| "the market's template is not 26 to 51")?;
    let label = Label {
        template,
        guid: &market.mpm_guid,
        merchant_category_code: &merchant.mcc,
        currency_numeric: &format!("{:03}", amount.currency.numeric()),
        amount: Some(&amount.to_decimal()),
        country: &market.market,
        name: &merchant_name(cell, party),
        // A field of the specification; where the shop stands is not known here, and the country says as much.
        city: &market.market,
    };
    let code = OwnCode::Order { cell: cell.number, id };
    code.encode(&label).map_err(|problems| problems.to_string())
}

/// The merchant's name, as people know it; its number if the vault has none.
pub(crate) fn merchant_name(cell: &CellHandle, merchant: u64) -> String {
    let party = cell.port.get::<Party>(&Party::key(merchant)).ok().flatten();
    let person = party.and_then(|party| cell.vault.person(Handle(party.person)).ok().flatten());
    person.map_or_else(|| merchant.to_string(), |person| person.name)
}

fn back_to_merchant(
    alipay: &Alipay,
    cell: &CellHandle,
    market: &MarketPack,
    order: &Order,
    url: &CallbackUrl,
) -> Result<String, Failure> {
    let time = MarketTime::new(&market.time_zone).map_err(unreadable)?;
    let app = order.app.map(|app| app.to_string());
    let method = if order.channel == Channel::Wap { WAP_PAY_RETURN_METHOD } else { PAGE_PAY_RETURN_METHOD };
    let fields = OutgoingFields::new()
        .with("charset", "utf-8")
        .with("out_trade_no", order.out_trade_no.clone())
        .with("method", method)
        .with("total_amount", order.total.to_decimal_two())
        .with("trade_no", trade_no(order, cell.number))
        .with_optional("auth_app_id", app.clone())
        .with("version", "1.0")
        .with_optional("app_id", app)
        .with("seller_id", order.merchant.to_string())
        .with("timestamp", time.write(alipay.world.clock.now_ns()));
    redirect_url(url, &fields, &alipay.gateway_key).map_err(unreadable)
}

/// What makes an address of a trade's page hard to guess.
fn seal(cell: &CellHandle, trade_no: &str) -> String {
    let digest = cell.vault.digest("cashier", trade_no.as_bytes());
    digest.iter().take(SEAL_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /cashier/{trade_no}/{seal}`: the page again, as the order stands now.
pub(crate) async fn handle(
    State(alipay): State<Arc<Alipay>>,
    Path((number, sealed)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    let language = Language::chosen(query.get("lang"), &headers);
    let page = found(&alipay, &number, &sealed)
        .and_then(|(cell, order)| page_of_order(&alipay, cell, &order, language, query.get("lang").is_some()));
    match page {
        Ok(Page::Html(html)) => html_response(html),
        Ok(Page::Redirect(url)) => redirect_response(&url),
        Err(failure) => html_response(page_of_failure(language, &failure)),
    }
}

/// The order that an address names.
fn found<'a>(alipay: &'a Alipay, number: &str, sealed: &str) -> Result<(&'a Arc<CellHandle>, Order), Failure> {
    let unknown = || Failure::new(business::TRADE_NOT_EXIST);
    let (cell, id) = parse_trade_no(number).ok_or_else(unknown)?;
    let cell = alipay.world.numbered(cell).ok_or_else(unknown)?;
    // Compared as whole digests: the time it takes says nothing about the seal itself.
    let (given, made) = (cell.vault.digest("compare", sealed.as_bytes()), seal(cell, number));
    if given != cell.vault.digest("compare", made.as_bytes()) {
        return Err(unknown());
    }
    let order = cell.port.get::<Order>(&Order::key(id)).map_err(unreadable)?;
    let order = order.filter(|order| has_page(order) && trade_no(order, cell.number) == number);
    Ok((cell, order.ok_or_else(unknown)?))
}
