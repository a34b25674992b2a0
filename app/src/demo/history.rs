//! Carries a plan out against a running server, request by request, moving its clock between them.

use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sycee_alipay::signature::SigningKey;

use super::Options;
use super::gateway::{self, DONE, REFUSED, decimal};
use super::people::{CUSTOMERS, MARKETS, Market, SHOPS, market_of};
use super::plan::{Deed, Payment, Plan, Sale, Step};
use crate::bench::client::Client;

const DAY_SECONDS: u64 = 86_400;

/// Makes the history and says how it went, a line a week.
///
/// # Errors
/// One line: something was not as it should be.
pub async fn make(options: &Options) -> Result<(), String> {
    let began = Instant::now();
    let mut client = Client::connect(&options.address).await?;
    let clock = now(&client.get("/sandbox/v1/clock").await?)?;
    let gap_seconds = u64::try_from(Timestamp::now().as_second() - clock.as_second()).unwrap_or(0);
    let days = options.days.unwrap_or(gap_seconds / DAY_SECONDS);
    if days == 0 || days > gap_seconds / DAY_SECONDS {
        return Err(format!(
            "the server's clock says {clock}: there is no room for {days} days until now; start it with --clock-start"
        ));
    }
    let first_day = clock.to_zoned(TimeZone::UTC).date();
    let plan = Plan::new(options.seed, first_day, days);
    let mut history = History::open(client, &plan, options.seed, first_day).await?;
    if let Some(file) = &options.sign_ins {
        let text = format!("{:#}\n", history.sign_ins());
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    history.live(&plan, days).await?;
    history.arrive().await?;
    println!("made in {:.1} s with seed {}", began.elapsed().as_secs_f64(), options.seed);
    Ok(())
}

fn now(reply: &Value) -> Result<Timestamp, String> {
    text(reply, "now")?.parse().map_err(|error| format!("the server's clock: {error}"))
}

fn text<'a>(reply: &'a Value, field: &str) -> Result<&'a str, String> {
    reply[field].as_str().ok_or_else(|| format!("no {field} in {reply}"))
}

fn money(market: &Market, minor: u64) -> Value {
    json!({"currency": market.currency, "minor": minor})
}

/// With what all people of the demo who can sign in in a browser do so.
const PIN: &str = "739164";

struct Customer {
    id: String,
    token: String,
    /// With which, and the PIN, they sign in in a browser.
    phone: Option<String>,
}

/// One of a shop's people, who signs in with this number and the PIN.
struct Member {
    number: String,
    role: &'static str,
}

struct Counter {
    merchant_id: String,
    store_id: String,
    app_id: String,
    printed_code: String,
    people: Vec<Member>,
}

/// What a week, or all of it, has seen.
#[derive(Clone, Copy, Default)]
struct Seen {
    payments: u64,
    abroad: u64,
    refunds: u64,
    sends: u64,
    refused: u64,
    settled: u64,
}

struct History {
    client: Client,
    key: SigningKey,
    seed: u64,
    first_day: Date,
    start_second: i64,
    now: Timestamp,
    customers: Vec<Customer>,
    shops: Vec<Counter>,
    /// The trade numbers of payments that were made.
    trades: Vec<Option<String>>,
    /// How many requests were numbered.
    requests: u64,
    week: Seen,
    total: Seen,
}

/// Gives a shop an owner and a cashier.
async fn people(client: &mut Client, token: &str) -> Result<Vec<Member>, String> {
    let authorization = format!("Bearer {token}");
    let mut people = Vec::new();
    for (name, role) in [("Olga Owner", "owner"), ("Chris Cashier", "cashier")] {
        let headers = [("authorization", authorization.as_str()), ("idempotency-key", role)];
        let body = json!({"name": name, "role": role, "pin": PIN}).to_string();
        let (status, bytes) = client.exchange("POST", "/api/v1/members", &headers, &body).await?;
        let opened: Value = serde_json::from_slice(&bytes).map_err(|error| format!("a member: {status} {error}"))?;
        people.push(Member { number: text(&opened, "member")?.to_owned(), role });
    }
    Ok(people)
}

impl History {
    /// Opens everybody's accounts.
    async fn open(mut client: Client, plan: &Plan, seed: u64, first_day: Date) -> Result<Self, String> {
        let key = SigningKey::generate().map_err(|error| format!("a key for the shops: {error}"))?;
        let public_key = key.public_key_base64().map_err(|error| format!("a key for the shops: {error}"))?;
        let mut customers = Vec::new();
        for (place, ((cell, name), minor)) in CUSTOMERS.iter().zip(&plan.balances_minor).enumerate() {
            let mut body = json!({"cell": cell, "name": name, "balance": money(market_of(cell), *minor)});
            let is_first = CUSTOMERS.iter().position(|(other, _)| other == cell) == Some(place);
            // No country has this code, so the numbers are nobody's.
            let phone = is_first.then(|| format!("+9991000{place:04}"));
            if let Some(phone) = &phone {
                (body["phone"], body["pin"]) = (json!(phone), json!(PIN));
            }
            let opened = client.post("/sandbox/v1/customers", &body.to_string()).await?;
            let (id, token) = (text(&opened, "customer_id")?.to_owned(), text(&opened, "token")?.to_owned());
            customers.push(Customer { id, token, phone });
        }
        let mut shops = Vec::new();
        for (place, shop) in SHOPS.iter().enumerate() {
            let body = json!({"cell": shop.cell, "name": shop.name, "mcc": shop.mcc, "app_public_key": public_key});
            let opened = client.post("/sandbox/v1/merchants", &body.to_string()).await?;
            let merchant_id = text(&opened, "merchant_id")?.to_owned();
            let code = client.post(&format!("/sandbox/v1/merchants/{merchant_id}/static-code"), "{}").await?;
            let is_first = SHOPS.iter().position(|other| other.cell == shop.cell) == Some(place);
            let people = if is_first { people(&mut client, text(&opened, "token")?).await? } else { Vec::new() };
            shops.push(Counter {
                people,
                merchant_id,
                store_id: text(&opened, "store_id")?.to_owned(),
                app_id: text(&opened, "app_id")?.to_owned(),
                printed_code: text(&code, "code")?.to_owned(),
            });
        }
        let now = now(&client.get("/sandbox/v1/clock").await?)?;
        let start = first_day.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
        println!("{} customers and {} shops in {} markets", customers.len(), shops.len(), MARKETS.len());
        Ok(Self {
            client,
            key,
            seed,
            first_day,
            start_second: start.timestamp().as_second(),
            now,
            customers,
            shops,
            trades: vec![None; plan.payments.len()],
            requests: 0,
            week: Seen::default(),
            total: Seen::default(),
        })
    }

    /// Who can sign in, and with what.
    fn sign_ins(&self) -> Value {
        let customers = CUSTOMERS.iter().zip(&self.customers).map(|((cell, name), customer)| {
            let pin = customer.phone.as_ref().map(|_| PIN);
            json!({
                "cell": cell,
                "name": name,
                "customer_id": customer.id,
                "token": customer.token,
                "phone": customer.phone,
                "pin": pin,
            })
        });
        let shops = SHOPS.iter().zip(&self.shops).map(|(shop, counter)| {
            let people = counter.people.iter().map(|one| json!({"number": one.number, "role": one.role, "pin": PIN}));
            json!({
                "people": people.collect::<Vec<_>>(),
                "cell": shop.cell,
                "name": shop.name,
                "merchant_id": counter.merchant_id,
                "store_id": counter.store_id,
                "app_id": counter.app_id,
            })
        });
        json!({"customers": customers.collect::<Vec<_>>(), "shops": shops.collect::<Vec<_>>()})
    }

    async fn live(&mut self, plan: &Plan, days: u64) -> Result<(), String> {
        let mut steps = plan.steps.iter().peekable();
        for day in 0..days {
            while let Some(Step { at_second, deed }) = steps.next_if(|step| step.at_second < (day + 1) * DAY_SECONDS) {
                self.advance_to(*at_second).await?;
                self.act(plan, deed).await.map_err(|error| format!("{deed:?}: {error}"))?;
            }
            if day % 7 == 6 || day + 1 == days {
                self.say_week(day / 7);
            }
        }
        Ok(())
    }

    /// The clock goes to so many seconds after the beginning of the first day, if it is not there yet.
    async fn advance_to(&mut self, at_second: u64) -> Result<(), String> {
        let target = self.start_second.saturating_add_unsigned(at_second);
        self.advance(u64::try_from(target - self.now.as_second()).unwrap_or(0)).await
    }

    async fn advance(&mut self, seconds: u64) -> Result<(), String> {
        if seconds > 0 {
            let body = json!({"seconds": seconds}).to_string();
            self.now = now(&self.client.post("/sandbox/v1/clock/advance", &body).await?)?;
        }
        Ok(())
    }

    async fn act(&mut self, plan: &Plan, deed: &Deed) -> Result<(), String> {
        match *deed {
            Deed::Scan { payment } => {
                let sale = plan.payments[payment];
                let (status, reply) = self.scan(sale).await?;
                if status != 200 || reply["status"] != "paid" {
                    return Err(format!("{status} {reply}"));
                }
                self.paid(payment, sale, text(&reply, "payment_id")?);
            }
            Deed::Collect { payment } => self.collect(payment, plan.payments[payment]).await?,
            Deed::Refund { payment, minor } => {
                let node = self.refund(payment, plan.payments[payment], minor).await?;
                expect_code(&node, DONE)?;
                self.week.refunds += 1;
            }
            Deed::RefundTooMuch { payment, minor } => {
                let node = self.refund(payment, plan.payments[payment], minor).await?;
                expect_code(&node, REFUSED)?;
                self.week.refused += 1;
            }
            Deed::PayTooMuch { payer, shop, minor } => {
                let (status, reply) = self.scan(Sale { payer, shop, minor }).await?;
                if !(400..500).contains(&status) {
                    return Err(format!("this should have been refused: {status} {reply}"));
                }
                self.week.refused += 1;
            }
            Deed::Send { from, to, minor } => {
                let amount = money(market_of(CUSTOMERS[from].0), minor);
                let body = json!({"to": self.customers[to].id, "amount": amount, "confirm": true});
                let path = format!("/sandbox/v1/customers/{}/send", self.customers[from].id);
                let (status, reply) = self.numbered(&path, &body).await?;
                if status != 200 {
                    return Err(format!("{status} {reply}"));
                }
                self.week.sends += 1;
            }
            Deed::Settle => self.settle_due().await?,
        }
        Ok(())
    }

    /// Posts under a key of its own, which is the same in every run.
    async fn numbered(&mut self, path: &str, body: &Value) -> Result<(u16, Value), String> {
        let key = self.number();
        let headers = [("idempotency-key", key.as_str())];
        let (status, bytes) = self.client.exchange("POST", path, &headers, &body.to_string()).await?;
        let reply = serde_json::from_slice(&bytes).map_err(|error| format!("{path}: {status} {error}"))?;
        Ok((status, reply))
    }

    fn number(&mut self) -> String {
        self.requests += 1;
        format!("history-{}-{}", self.seed, self.requests)
    }

    async fn scan(&mut self, Sale { payer, shop, minor }: Sale) -> Result<(u16, Value), String> {
        let amount = money(market_of(SHOPS[shop].cell), minor);
        let body = json!({"code": self.shops[shop].printed_code, "amount": amount, "confirm": true});
        let path = format!("/sandbox/v1/customers/{}/pay", self.customers[payer].id);
        self.numbered(&path, &body).await
    }

    async fn collect(&mut self, payment: Payment, sale: Sale) -> Result<(), String> {
        let path = format!("/sandbox/v1/customers/{}/pay-code", self.customers[sale.payer].id);
        let shown = self.client.post(&path, "{}").await?;
        let biz = json!({
            "out_trade_no": self.number(),
            "scene": "bar_code",
            "auth_code": text(&shown, "auth_code")?,
            "total_amount": decimal(sale.minor, market_of(SHOPS[sale.shop].cell).decimals),
            "subject": SHOPS[sale.shop].name,
        });
        let node = self.gateway(sale.shop, "alipay.trade.pay", &biz).await?;
        expect_code(&node, DONE)?;
        self.paid(payment, sale, text(&node, "trade_no")?);
        Ok(())
    }

    fn paid(&mut self, payment: Payment, sale: Sale, trade_no: &str) {
        self.trades[payment] = Some(trade_no.to_owned());
        self.week.payments += 1;
        self.week.abroad += u64::from(CUSTOMERS[sale.payer].0 != SHOPS[sale.shop].cell);
    }

    async fn refund(&mut self, payment: Payment, sale: Sale, minor: u64) -> Result<Value, String> {
        let trade_no = self.trades[payment].clone().ok_or("the payment was never made")?;
        let biz = json!({
            "trade_no": trade_no,
            "refund_amount": decimal(minor, market_of(SHOPS[sale.shop].cell).decimals),
            "out_request_no": self.number(),
        });
        self.gateway(sale.shop, "alipay.trade.refund", &biz).await
    }

    async fn gateway(&mut self, shop: usize, method: &str, biz: &Value) -> Result<Value, String> {
        gateway::ask(&mut self.client, &self.key, &self.shops[shop].app_id, method, biz).await
    }

    /// Confirms what banks have paid by today: what was due on a weekend is paid on Monday.
    async fn settle_due(&mut self) -> Result<(), String> {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let today: u64 = today.strftime("%Y%m%d").to_string().parse().unwrap_or(0);
        let listed = self.client.get("/sandbox/v1/network/windows").await?;
        for window in listed["windows"].as_array().into_iter().flatten() {
            let sides = window["sides"].as_array().into_iter().flatten();
            let mut open = sides
                .flat_map(|side| side["instructions"].as_array().into_iter().flatten())
                .filter(|instruction| instruction["bank_reference"].is_null())
                .peekable();
            let is_open = open.peek().is_some();
            if !is_open || open.any(|instruction| instruction["due_date"].as_u64().is_none_or(|due| due > today)) {
                continue;
            }
            let settled =
                self.client.post(&format!("/sandbox/v1/network/windows/{}/settle", window["window"]), "{}").await?;
            if settled["waiting"].as_array().is_none_or(|waiting| !waiting.is_empty()) {
                return Err(format!("a window is not agreed: {settled}"));
            }
            self.week.settled += 1;
        }
        Ok(())
    }

    fn say_week(&mut self, week: u64) {
        let Seen { payments, abroad, refunds, sends, refused, settled } = self.week;
        let days = jiff::Span::new().try_weeks(i64::try_from(week).unwrap_or(0)).unwrap_or_default();
        let monday = self.first_day.checked_add(days).unwrap_or(self.first_day);
        println!(
            "week from {monday}: {payments:>3} paid ({abroad} abroad), {refunds} refunds, {sends} sends, \
             {refused} refused, {settled} windows settled"
        );
        let total = &mut self.total;
        total.payments += payments;
        total.abroad += abroad;
        total.refunds += refunds;
        total.sends += sends;
        total.refused += refused;
        total.settled += settled;
        self.week = Seen::default();
    }

    /// The clock comes to the present, and all books are looked at.
    async fn arrive(&mut self) -> Result<(), String> {
        let behind = Timestamp::now().as_second() - self.now.as_second();
        self.advance(u64::try_from(behind).unwrap_or(0)).await?;
        let mut books = 0;
        let cells = self.client.get("/sandbox/v1/cells").await?;
        for cell in cells.as_array().into_iter().flatten() {
            let name = text(cell, "cell")?;
            let trial = self.client.get(&format!("/sandbox/v1/cells/{name}/trial-balance")).await?;
            let balances = trial["currencies"].as_array().into_iter().flatten();
            let is_even = |row: &Value| row["debits_minor"] == row["credits_minor"];
            let invariants = trial["invariants"].as_array().into_iter().flatten();
            let does_hold = |invariant: &Value| invariant["holds"] == true;
            if !balances.clone().all(is_even) || !invariants.clone().all(does_hold) || invariants.count() == 0 {
                return Err(format!("the books of {name} do not hold: {trial}"));
            }
            books += 1;
        }
        let Seen { payments, abroad, refunds, sends, refused, settled } = self.total;
        println!(
            "in all: {payments} paid ({abroad} abroad), {refunds} refunds, {sends} sends, {refused} refused, \
             {settled} windows settled"
        );
        println!("today is {}; the books of all {books} cells balance", self.now.to_zoned(TimeZone::UTC).date());
        Ok(())
    }
}

fn expect_code(node: &Value, code: &str) -> Result<(), String> {
    if node["code"] == code { Ok(()) } else { Err(format!("expected code {code}: {node}")) }
}
