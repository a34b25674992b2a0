//! Paying on this device: signing in, confirming, paying, and back to the shop.
//!
//! `…/pay` shows the sign-in form or, to somebody who has signed in for this order, what is to be confirmed; `…/sign-in` and a
//! second `…/pay` take the forms; `…/done` shows what came of it. The browser goes back to the shop from the order's own page,
//! so that no form leads to another site.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use sycee_acquiring::Order;
use sycee_acquiring::command::{OrderTarget, PAY_ORDER};
use sycee_acquiring::refusal::{BUYER_BALANCE_NOT_ENOUGH, TRADE_HAS_SUCCESS};
use sycee_contract::{Caller, Command, Refusal};
use sycee_engine::{CellHandle, NoReply};
use sycee_money::{Currency, Money};

use super::abroad::{Answer, Paid, PayerAbroad, explained, written};
use super::html::{self, Confirming, Explained};
use super::{address_of, found, page_of_failure, shown_of};
use crate::codes::gateway;
use crate::gateway::{html_response, see_other};
use crate::pages::form::Form;
use crate::pages::language::Language;
use crate::pages::sheet::with_language;
use crate::pages::sign_in_form::{SignInForm, notice};
use crate::pages::visitor::{Browser, SignedIn, Visitor, is_from_elsewhere, sign_in};
use crate::state::{Alipay, unreadable};
use crate::wire::failure::Failure;

type Place = Path<(String, String)>;

/// What a browser asks of an order that can be paid.
struct Desk<'a> {
    alipay: &'a Alipay,
    cell: &'a CellHandle,
    order: Order,
    language: &'static Language,
    /// The address of the order's page.
    here: String,
}

impl<'a> Desk<'a> {
    fn open(alipay: &'a Alipay, place: &Place, language: &'static Language) -> Result<Self, Failure> {
        let Path((number, seal)) = place;
        let (cell, order) = found(alipay, number, seal)?;
        Ok(Self { alipay, cell, order, language, here: address_of(cell, number) })
    }

    fn shown(&self) -> html::Shown<'_> {
        shown_of(self.cell, &self.order, self.language, &self.here)
    }

    fn is_open(&self) -> bool {
        self.order.deadline_ns().is_some() && !self.order.expired_at(self.alipay.world.clock.now_ns())
    }

    /// What a session and its forms are for.
    fn purpose(&self) -> String {
        format!("order {} of {}", self.order.id, self.cell.number)
    }

    fn to(&self, step: &str) -> Response {
        see_other(&with_language(&format!("{}{step}", self.here), &self.language.tag))
    }

    fn visitor(&self, browser: &Browser) -> Result<Option<Visitor>, Failure> {
        Visitor::of(self.alipay, browser, &self.purpose())
    }

    /// The sign-in form, with a cookie for a browser that has none.
    fn sign_in_page(
        &self,
        headers: &HeaderMap,
        login: Option<&str>,
        notice: Option<String>,
    ) -> Result<Response, Failure> {
        let known = Browser::of(headers);
        let browser = known.clone().map_or_else(Browser::new, Ok)?;
        let form = SignInForm {
            alipay: self.alipay,
            language: self.language,
            action: &format!("{}/sign-in", self.here),
            seal: &browser.seal(self.cell, &self.purpose()),
            home: self.cell,
            hidden: &[],
            login,
            notice,
        };
        let mut response = html_response(html::signing_in(&self.shown(), &form.html()));
        if known.is_none() {
            self.give(&mut response, &browser);
        }
        Ok(response)
    }

    fn give(&self, response: &mut Response, browser: &Browser) {
        if let Some(cookie) = browser.cookie(&self.here, &self.alipay.world.base_url) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }

    fn abroad<'b>(&'b self, visitor: &'b Visitor) -> Option<PayerAbroad<'b>> {
        let (home, customer, destination) = (&visitor.cell, visitor.customer, self.cell.number);
        let payer = PayerAbroad { home, customer, destination, order: &self.order, wait: self.alipay.answer_wait };
        (home.number != destination).then_some(payer)
    }

    async fn confirm_page(
        &self,
        browser: &Browser,
        visitor: &Visitor,
        notice: Option<&str>,
    ) -> Result<Response, Failure> {
        let (mut total, mut quote, mut parts): (Money, Option<u64>, Option<Explained>) = (self.order.total, None, None);
        if let Some(payer) = self.abroad(visitor) {
            match payer.enquire().await? {
                Answer::Quoted(enquiry, quoted) => {
                    total = quoted.split.total;
                    quote = Some(enquiry);
                    parts = Some(explained(&quoted, self.alipay.world.clock.now_ns()));
                }
                Answer::Refused(refusal) => return Ok(self.refused(&refusal)),
                Answer::Silent => return Ok(html_response(html::not_paid(&self.shown(), "refused", "SILENT"))),
            }
        }
        let available_minor = balance_minor(&visitor.cell, visitor.customer, total.currency)?;
        let balance = sycee_money::Amount::new(available_minor).unwrap_or(sycee_money::Amount::MAX);
        Ok(html_response(html::confirming(
            &self.shown(),
            &Confirming {
                name: &visitor.name,
                balance: written(Money::new(balance, total.currency)),
                is_enough: available_minor >= total.amount.minor(),
                explained: parts,
                action: &format!("{}/pay", self.here),
                seal: &browser.seal(self.cell, &format!("pay {}", self.purpose())),
                quote,
                notice,
            },
        )))
    }

    /// The page of a refusal: its name is for whoever helps the customer.
    fn refused(&self, refusal: &Refusal) -> Response {
        let name = self.alipay.world.products.refusal(refusal.code).map_or("unknown", |refusal| refusal.name);
        let what = if refusal.code == BUYER_BALANCE_NOT_ENOUGH { "not_enough" } else { "refused" };
        html_response(html::not_paid(&self.shown(), what, name))
    }

    async fn pay(&self, browser: &Browser, visitor: &Visitor, form: &Form) -> Result<Response, Failure> {
        if let Some(payer) = self.abroad(visitor) {
            let quote = form.get("quote").and_then(|quote| quote.parse().ok());
            let Some(enquiry) = quote else { return Ok(self.to("/pay")) };
            return match payer.pay(enquiry).await? {
                Paid::Done | Paid::UnderWay => {
                    visitor.leave(browser);
                    Ok(self.to("/done"))
                }
                Paid::Refused(refusal) => Ok(self.refused(&refusal)),
                Paid::QuoteGone => {
                    let notice = self.language.text("quote_gone");
                    self.confirm_page(browser, visitor, Some(notice)).await
                }
            };
        }
        let target = OrderTarget { id: self.order.id };
        let command = Command::new(PAY_ORDER, Caller::customer(visitor.customer), &target);
        let outcome = match tokio::time::timeout(self.alipay.answer_wait, self.cell.port.ask(command)).await {
            Err(_) => return Ok(self.to("/done")),
            Ok(Err(NoReply::Busy)) => return Ok(html_response(html::not_paid(&self.shown(), "refused", "busy"))),
            Ok(Err(NoReply::Stopped(_))) => {
                return Ok(html_response(html::not_paid(&self.shown(), "unsure", "cell_stopped")));
            }
            Ok(Ok(reply)) => reply.outcome,
        };
        match outcome {
            Err(refusal) if refusal.code != TRADE_HAS_SUCCESS => Ok(self.refused(&refusal)),
            _ => {
                visitor.leave(browser);
                Ok(self.to("/done"))
            }
        }
    }
}

/// What a customer can use in a currency, minor units.
fn balance_minor(home: &CellHandle, customer: u64, currency: Currency) -> Result<u64, Failure> {
    let account = home.port.begin_read().account(sycee_wallet::BALANCE.of(customer, currency)).map_err(unreadable)?;
    // Balances of customers are never below zero.
    Ok(account.map_or(0, |account| u64::try_from(account.available_minor()).unwrap_or(0)))
}

fn answered(language: &Language, answer: Result<Response, Failure>) -> Response {
    answer.unwrap_or_else(|failure| html_response(page_of_failure(language, &failure)))
}

fn language_of(query: Option<&str>, headers: &HeaderMap) -> &'static Language {
    let query = Form::parse(query.unwrap_or_default().as_bytes());
    Language::chosen(query.get("lang"), headers)
}

/// `GET /cashier/{trade_no}/{seal}/pay`.
pub(crate) async fn show(
    State(alipay): State<Arc<Alipay>>,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = language_of(query.as_deref(), &headers);
    let answer = async {
        let desk = Desk::open(&alipay, &place, language)?;
        if !desk.is_open() {
            return Ok(desk.to(""));
        }
        let Some(browser) = Browser::of(&headers) else { return desk.sign_in_page(&headers, None, None) };
        match desk.visitor(&browser)? {
            Some(visitor) => desk.confirm_page(&browser, &visitor, None).await,
            None => desk.sign_in_page(&headers, None, None),
        }
    };
    answered(language, answer.await)
}

/// `POST /cashier/{trade_no}/{seal}/sign-in`.
pub(crate) async fn take_sign_in(State(alipay): State<Arc<Alipay>>, place: Place, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::of_body(body).await;
    let language = Language::chosen(form.get("lang"), &parts.headers);
    let answer = async {
        let desk = Desk::open(&alipay, &place, language)?;
        let browser = Browser::of(&parts.headers).filter(|browser| {
            !is_from_elsewhere(&parts.headers, &alipay.world.base_url)
                && browser.has_sealed(desk.cell, &desk.purpose(), &form)
        });
        if browser.is_none() {
            return desk.sign_in_page(
                &parts.headers,
                form.get("login"),
                Some(language.text("session_over").to_owned()),
            );
        }
        let became = sign_in(&alipay, &form, &desk.purpose()).await?;
        if let SignedIn::As(browser) = &became {
            let mut response = desk.to("/pay");
            desk.give(&mut response, browser);
            return Ok(response);
        }
        desk.sign_in_page(&parts.headers, form.get("login"), notice(language, &became))
    };
    answered(language, answer.await)
}

/// `POST /cashier/{trade_no}/{seal}/pay`.
pub(crate) async fn take_payment(State(alipay): State<Arc<Alipay>>, place: Place, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let form = Form::of_body(body).await;
    let language = Language::chosen(form.get("lang"), &parts.headers);
    // In a task of its own: a browser that goes away leaves nothing half asked.
    let task = tokio::spawn(async move {
        let desk = Desk::open(&alipay, &place, language)?;
        if !desk.is_open() {
            return Ok(desk.to("/done"));
        }
        let browser = Browser::of(&parts.headers).filter(|browser| {
            !is_from_elsewhere(&parts.headers, &alipay.world.base_url)
                && browser.has_sealed(desk.cell, &format!("pay {}", desk.purpose()), &form)
        });
        let Some(browser) = browser else { return Ok(desk.to("/pay")) };
        match desk.visitor(&browser)? {
            Some(visitor) => desk.pay(&browser, &visitor, &form).await,
            None => desk.sign_in_page(&parts.headers, None, Some(language.text("session_over").to_owned())),
        }
    });
    let answer = task.await.unwrap_or_else(|panicked| {
        tracing::error!("a payment on a page broke off: {panicked}");
        Err(Failure::new(gateway::UNKNOWN_ERROR))
    });
    answered(language, answer)
}

/// `GET /cashier/{trade_no}/{seal}/done`.
pub(crate) async fn done(
    State(alipay): State<Arc<Alipay>>,
    place: Place,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let language = language_of(query.as_deref(), &headers);
    let answer = Desk::open(&alipay, &place, language).map(|desk| {
        let is_paid = desk.order.paid.is_some();
        let step = if is_paid || !desk.is_open() { "" } else { "/done" };
        let next = with_language(&format!("{}{step}", desk.here), &language.tag);
        html_response(html::going_on(&desk.shown(), is_paid, &next))
    });
    answered(language, answer)
}
