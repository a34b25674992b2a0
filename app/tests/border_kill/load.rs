//! Those who pay: customers who scan the shop's codes, and customers who show theirs. What was asked and not answered is asked
//! again under the same key, as clients do.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sycee_alipay::signature::SigningKey;
use sycee_contract::Random;

use crate::after_sales::{Number, Task};
use crate::sites::Line;

/// What must have been done under load.
const PAYMENTS_MIN: usize = 300;
const REFUNDS_MIN: usize = 30;
const CANCELS_MIN: usize = 30;
/// How often a payment may be under way still, each time after the server has waited for ten seconds.
const UNDER_WAY_MAX: u32 = 10;

/// A payment that was acknowledged to its payer or to its shop.
pub struct Paid {
    pub customer: usize,
    /// The shop's own number of the order; none for the printed code.
    pub out_trade_no: Option<String>,
    /// The payer's key; none where the shop has scanned.
    pub key: Option<String>,
    /// The price, cents.
    pub price_minor: u64,
    /// What the payer was told that they paid, satang; none where the shop has scanned.
    pub paid_minor: Option<u64>,
    /// What the payer asked for.
    pub body: Value,
}

/// What all threads know.
pub struct Shared {
    /// Where customers ask.
    pub wallet: String,
    /// Where the shop asks.
    pub shops: String,
    pub customers: Vec<String>,
    pub merchant: String,
    /// The shop's printed code.
    pub code: String,
    pub app_id: String,
    pub key: SigningKey,
    pub progress: Progress,
}

/// What the threads tell each other.
#[derive(Default)]
pub struct Progress {
    pub over: AtomicBool,
    next: AtomicU64,
    /// By trade number.
    pub paid: Mutex<BTreeMap<String, Paid>>,
    /// What was finally refused: the shop's number, if it has one, and why.
    pub refused: Mutex<Vec<(Option<String>, String)>>,
    /// What after-sales has to do.
    pub tasks: Mutex<VecDeque<Task>>,
    /// Cents refunded of a trade, by trade number.
    pub refunded: Mutex<BTreeMap<String, u64>>,
    /// Trade numbers and the shop's own numbers of what was cancelled, before or after it was paid.
    pub cancelled: Mutex<BTreeSet<String>>,
}

impl Progress {
    pub fn has_load(&self) -> bool {
        self.paid.lock().unwrap().len() >= PAYMENTS_MIN
            && self.refunded.lock().unwrap().len() >= REFUNDS_MIN
            && self.cancelled.lock().unwrap().len() >= CANCELS_MIN
    }
}

impl Shared {
    pub fn is_over(&self) -> bool {
        self.progress.over.load(Ordering::SeqCst)
    }

    fn number(&self, letter: char) -> String {
        format!("{letter}{}", self.progress.next.fetch_add(1, Ordering::SeqCst))
    }

    fn acknowledge(&self, trade_no: &str, paid: Paid) {
        let before = self.progress.paid.lock().unwrap().insert(trade_no.to_owned(), paid);
        assert!(before.is_none(), "two payments have the number {trade_no}");
    }

    fn refuse(&self, out_trade_no: Option<String>, why: &str) {
        self.progress.refused.lock().unwrap().push((out_trade_no, why.to_owned()));
    }

    fn later(&self, task: Task) {
        self.progress.tasks.lock().unwrap().push_back(task);
    }

    /// Sometimes the customer brings a thing back, or the till has made a mistake.
    fn perhaps_regret(&self, trade_no: &str, price_minor: u64, random: &mut Random) {
        match random.below(12) {
            0..=2 => {
                let first_minor = 1 + random.below(price_minor);
                self.later(Task::Refund { trade_no: trade_no.to_owned(), price_minor, first_minor });
            }
            3 => self.later(Task::Cancel(Number::Trade(trade_no.to_owned()))),
            _ => {}
        }
    }
}

/// The shop's till.
pub struct Till<'s> {
    pub shared: &'s Shared,
    line: Line,
}

impl<'s> Till<'s> {
    pub fn new(shared: &'s Shared) -> Self {
        Self { shared, line: Line::to(&shared.shops) }
    }

    /// Signs a request to the gateway as a merchant's SDK does. An error means that nobody knows whether it was done.
    pub fn ask(&mut self, method: &str, biz: &Value) -> Result<Value, String> {
        let Shared { app_id, key, .. } = self.shared;
        let mut parameters: BTreeMap<&str, String> = BTreeMap::new();
        parameters.insert("app_id", app_id.clone());
        parameters.insert("method", method.into());
        parameters.insert("charset", "utf-8".into());
        parameters.insert("sign_type", "RSA2".into());
        parameters.insert("timestamp", "2026-11-23 12:00:00".into());
        parameters.insert("version", "1.0".into());
        parameters.insert("biz_content", biz.to_string());
        let text = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        parameters.insert("sign", key.sign(text.as_bytes()).unwrap());
        let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let (status, text) =
            self.line.exchange("POST", "/gateway.do", &headers, &body.collect::<Vec<_>>().join("&"))?;
        assert_eq!(status, 200, "{text}");
        let reply: Value = serde_json::from_str(&text).unwrap();
        let reply = reply[format!("{}_response", method.replace('.', "_"))].clone();
        if reply["code"] == "20000" { Err(reply.to_string()) } else { Ok(reply) }
    }

    /// Asks until there is an answer.
    pub fn ask_until_answered(&mut self, method: &str, biz: &Value) -> Value {
        loop {
            if let Ok(reply) = self.ask(method, biz) {
                return reply;
            }
        }
    }

    /// How a trade stands: its status, or why there is none.
    pub fn status(&mut self, biz: &Value) -> String {
        let reply = self.ask_until_answered("alipay.trade.query", biz);
        reply["trade_status"].as_str().or(reply["sub_code"].as_str()).unwrap_or_default().to_owned()
    }
}

/// Cents as the gateway writes them.
pub fn euros(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// A customer pays the printed code, and orders made for them. Some orders are cancelled while they are being paid.
pub fn pay_until_over(shared: &Shared, customer: usize, mut random: Random) {
    let (mut wallet, mut till) = (Line::to(&shared.wallet), Till::new(shared));
    while !shared.is_over() {
        let price_minor = 30 + random.below(300);
        let (body, out_trade_no) = if random.below(3) > 0 {
            let amount = json!({"currency": "EUR", "minor": price_minor});
            (json!({"code": shared.code, "amount": amount, "confirm": true}), None)
        } else {
            let out_trade_no = shared.number('o');
            let biz = json!({"out_trade_no": out_trade_no, "total_amount": euros(price_minor), "subject": "border"});
            let reply = till.ask_until_answered("alipay.trade.precreate", &biz);
            assert_eq!(reply["code"], "10000", "{reply}");
            if random.below(4) == 0 {
                shared.later(Task::Cancel(Number::Own(out_trade_no.clone())));
            }
            (json!({"code": reply["qr_code"], "confirm": true}), Some(out_trade_no))
        };
        let is_order = out_trade_no.is_some();
        let paid = Paid { customer, out_trade_no, key: Some(shared.number('k')), price_minor, paid_minor: None, body };
        if let Some(trade_no) = pay(&mut wallet, shared, paid)
            && !is_order
        {
            shared.perhaps_regret(&trade_no, price_minor, &mut random);
        }
    }
}

/// Pays until there is a final answer; gives back the trade number.
fn pay(wallet: &mut Line, shared: &Shared, mut paid: Paid) -> Option<String> {
    let path = format!("/sandbox/v1/customers/{}/pay", shared.customers[paid.customer]);
    let (key, body) = (paid.key.clone().unwrap(), paid.body.to_string());
    let mut under_way = 0;
    loop {
        let Ok((status, text)) = wallet.exchange("POST", &path, &[("idempotency-key", &key)], &body) else { continue };
        let reply: Value = serde_json::from_str(&text).unwrap();
        match status {
            200 if reply["status"] == "paid" => {
                let trade_no = reply["payment_id"].as_str().unwrap().to_owned();
                assert_eq!(reply["order_amount"]["minor"], paid.price_minor, "{reply}");
                paid.paid_minor = Some(reply["paid_amount"]["minor"].as_u64().unwrap());
                shared.acknowledge(&trade_no, paid);
                return Some(trade_no);
            }
            // The network is out of reach for now.
            503 | 424 | 200 => {
                assert!(status != 200 || reply["status"] == "processing", "{reply}");
                under_way += u32::from(status == 200 || reply["code"] == "enquiry_not_answered");
                assert!(under_way < UNDER_WAY_MAX, "{key} never ends: {reply}");
            }
            // Cancelled before it was paid. Or a quote that was too old when both sides were up again.
            404 | 409 => {
                let why = reply["code"].as_str().unwrap_or_default();
                assert!(paid.out_trade_no.is_some() || why == "quote_expired", "{text}");
                shared.refuse(paid.out_trade_no, why);
                return None;
            }
            _ => panic!("{status} {text}"),
        }
    }
}

/// A customer shows codes and the shop scans them. What is not answered is asked again; or the till gives up and cancels.
pub fn show_codes_until_over(shared: &Shared, customer: usize, mut random: Random) {
    let (mut wallet, mut till) = (Line::to(&shared.wallet), Till::new(shared));
    let path = format!("/sandbox/v1/customers/{}/pay-code", shared.customers[customer]);
    while !shared.is_over() {
        let Ok((status, text)) = wallet.exchange("POST", &path, &[], "{}") else { continue };
        if status == 503 {
            continue;
        }
        assert_eq!(status, 200, "{text}");
        let code: Value = serde_json::from_str(&text).unwrap();
        let (price_minor, out_trade_no) = (30 + random.below(300), shared.number('s'));
        let biz = json!({
            "out_trade_no": out_trade_no, "total_amount": euros(price_minor), "subject": "border",
            "scene": "bar_code", "auth_code": code["auth_code"],
        });
        let is_impatient = random.below(4) == 0;
        let mut under_way = 0;
        let trade_no = loop {
            match till.ask("alipay.trade.pay", &biz) {
                Ok(reply) if reply["code"] == "10000" => break reply["trade_no"].as_str().map(String::from),
                Ok(reply) if reply["code"] == "10003" => {
                    if let Some(ended) = queried(&mut till, &out_trade_no) {
                        break ended;
                    }
                    under_way += 1;
                    assert!(under_way < UNDER_WAY_MAX, "{out_trade_no} never ends: {reply}");
                }
                Ok(reply) => {
                    shared.refuse(Some(out_trade_no.clone()), reply["sub_code"].as_str().unwrap_or_default());
                    break None;
                }
                Err(_) if is_impatient => {
                    shared.later(Task::Cancel(Number::Own(out_trade_no.clone())));
                    break None;
                }
                Err(_) => {}
            }
        };
        if let Some(trade_no) = trade_no {
            let paid = Paid {
                customer,
                out_trade_no: Some(out_trade_no),
                key: None,
                price_minor,
                paid_minor: None,
                body: biz,
            };
            shared.acknowledge(&trade_no, paid);
            shared.perhaps_regret(&trade_no, price_minor, &mut random);
        }
    }
}

/// The trade number of an order that was paid after all, or none for one that will not be; nothing while it is under way.
fn queried(till: &mut Till<'_>, out_trade_no: &str) -> Option<Option<String>> {
    let reply = till.ask_until_answered("alipay.trade.query", &json!({"out_trade_no": out_trade_no}));
    match (reply["trade_status"].as_str(), reply["sub_code"].as_str()) {
        (Some("TRADE_SUCCESS"), _) => Some(reply["trade_no"].as_str().map(String::from)),
        (Some("WAIT_BUYER_PAY"), _) => {
            std::thread::sleep(Duration::from_millis(20));
            None
        }
        // As if it had never been: asking to pay again would begin anew.
        (None, Some("ACQ.TRADE_NOT_EXIST")) => {
            till.shared.refuse(Some(out_trade_no.to_owned()), "forgotten");
            Some(None)
        }
        other => panic!("{out_trade_no} {other:?}: {reply}"),
    }
}
