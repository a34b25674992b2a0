//! The bill of a day and of a month, the settlement report, the merchant's balance and the ledger: to the cent the same.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sycee_acquiring::command::{SETTLE_FEES, SettleFees};
use sycee_acquiring::entry::Totals;
use sycee_acquiring::payout::{PAYOUT_RESULT, PayoutResult, PayoutState};
use sycee_acquiring::settlement::{
    MOVE_ADVANCE_FUNDS, MoveAdvanceFunds, PayoutSchedule, SET_BANK_ACCOUNT, SET_SETTLEMENT_TERMS, SetBankAccount,
    SetSettlementTerms, Settlement,
};
use sycee_acquiring::{FEE_RECEIVABLE, MERCHANT_BALANCE, MERCHANT_OWES, PAYOUT_IN_TRANSIT};
use sycee_alipay::bills;
use sycee_contract::{Caller, Command};
use sycee_money::Currency;

use crate::bill_files::{cents, of, rows, sum};
use crate::client::{assert_failed, assert_succeeded};
use crate::world::{Shop, TestWorld};

const PAY: &str = "alipay.trade.pay";
const REFUND: &str = "alipay.trade.refund";
const CANCEL: &str = "alipay.trade.cancel";
const TRANSFER: &str = "alipay.fund.trans.uni.transfer";

/// The shop's fee, basis points.
const FEE_BPS: i128 = 60;

fn instant_ns(day: Date, hour: i8, minute: i8, second: i8) -> u64 {
    let zoned = day.at(hour, minute, second, 0).to_zoned(TimeZone::get("Europe/Paris").unwrap()).unwrap();
    u64::try_from(zoned.timestamp().as_nanosecond()).unwrap()
}

/// round(amount × part ÷ whole), halves up, as somebody with paper would.
fn share(amount: i128, part: i128, whole: i128) -> i128 {
    (2 * amount * part + whole) / (2 * whole)
}

/// What this test itself has done on a day, minor units.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Done {
    payments: i128,
    gross: i128,
    refunds: i128,
    refunded: i128,
    fees: i128,
    fees_returned: i128,
    transferred: i128,
    /// Taken, less given back.
    settled: i128,
    paid_out: i128,
    /// What the operator advanced for refunds, less what was paid back.
    advanced: i128,
}

impl Done {
    fn on_balance(self) -> i128 {
        self.gross - self.refunded - self.transferred - self.settled - self.paid_out + self.advanced
    }

    fn fees_owed(self) -> i128 {
        self.fees - self.fees_returned - self.settled
    }

    fn all(days: impl Iterator<Item = Self>) -> Self {
        days.fold(Self::default(), |a, b| Self {
            payments: a.payments + b.payments,
            gross: a.gross + b.gross,
            refunds: a.refunds + b.refunds,
            refunded: a.refunded + b.refunded,
            fees: a.fees + b.fees,
            fees_returned: a.fees_returned + b.fees_returned,
            transferred: a.transferred + b.transferred,
            settled: a.settled + b.settled,
            paid_out: a.paid_out + b.paid_out,
            advanced: a.advanced + b.advanced,
        })
    }
}

/// A sale of the test: what is left of it is known here only.
#[derive(Clone)]
struct Sale {
    number: String,
    minor: i128,
    refunded: i128,
    cancelled: bool,
}

/// A shop that the test runs, and its own books of it.
struct Till<'a> {
    world: &'a TestWorld,
    shop: Shop,
    customers: Vec<u64>,
    sales: Vec<Sale>,
    days: BTreeMap<Date, Done>,
}

fn decimal(minor: i128) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

impl Till<'_> {
    /// Moves the clock to a local time. `day` is from now on the day of what is done.
    fn go_to(&self, day: Date, hour: i8, minute: i8, second: i8) {
        self.world.clock.move_to(instant_ns(day, hour, minute, second));
        self.world.cells_wake();
    }

    async fn sell(&mut self, day: Date, minor: i128, subject: &str) {
        let customer = self.customers[self.sales.len() % self.customers.len()];
        let code = self.world.pay_code(&self.shop.cell, customer).await;
        let number = self.world.new_number("sale");
        let paid: Value = self
            .world
            .call(
                &self.shop,
                PAY,
                json!({"out_trade_no": number, "total_amount": decimal(minor), "subject": subject,
                "auth_code": code, "scene": "bar_code", "store_id": format!("S{}", minor % 2)}),
            )
            .await;
        assert_succeeded(&paid);
        self.sales.push(Sale { number, minor, refunded: 0, cancelled: false });
        let done = self.days.entry(day).or_default();
        (done.payments, done.gross) = (done.payments + 1, done.gross + minor);
        done.fees += share(minor, FEE_BPS, 10_000);
    }

    fn given_back(&mut self, day: Date, sale: usize, minor: i128) {
        let sale = &mut self.sales[sale];
        let fee = share(sale.minor, FEE_BPS, 10_000);
        let before = share(fee, sale.refunded, sale.minor);
        sale.refunded += minor;
        let done = self.days.entry(day).or_default();
        (done.refunds, done.refunded) = (done.refunds + 1, done.refunded + minor);
        done.fees_returned += share(fee, sale.refunded, sale.minor) - before;
    }

    async fn refund(&mut self, day: Date, sale: usize, minor: i128) {
        let content = json!({"out_trade_no": self.sales[sale].number, "refund_amount": decimal(minor),
            "out_request_no": self.world.new_number("refund"), "refund_reason": "cold, and \"late\""});
        let answer = self.world.call(&self.shop, REFUND, content.clone()).await;
        assert_succeeded(&answer);
        // Asked again, it is the same refund.
        assert_eq!(self.world.call(&self.shop, REFUND, content).await["fund_change"], "N");
        self.given_back(day, sale, minor);
    }

    async fn cancel(&mut self, day: Date, sale: usize) {
        let answer = self.world.call(&self.shop, CANCEL, json!({"out_trade_no": self.sales[sale].number})).await;
        assert_eq!(answer["action"], "refund", "{answer}");
        self.sales[sale].cancelled = true;
        self.given_back(day, sale, self.sales[sale].minor - self.sales[sale].refunded);
    }

    async fn transfer(&mut self, day: Date, minor: i128) {
        let payee = json!({"identity": self.customers[0].to_string(), "identity_type": "ALIPAY_USER_ID"});
        let content =
            json!({"out_biz_no": self.world.new_number("wage"), "trans_amount": decimal(minor), "payee_info": payee});
        assert_succeeded(&self.world.call(&self.shop, TRANSFER, content).await);
        self.days.entry(day).or_default().transferred += minor;
    }

    /// Settles all fees: what is owed by the test's own books.
    async fn settle(&mut self, day: Date) {
        let owed = Done::all(self.days.values().copied()).fees_owed();
        let body = SettleFees { merchant: self.shop.merchant, currency: Currency::EUR, at_most: None };
        self.world.ask_as_operator(&self.shop.cell, SETTLE_FEES, &body).await;
        self.days.entry(day).or_default().settled += owed;
    }

    /// A day of business, with movements in its first and last minute.
    async fn run(&mut self, day: Date) {
        let n = i128::from(day.day());
        self.go_to(day, 0, 0, 1);
        if day.day() % 5 == 0 {
            // The last sale of yesterday, not a day ago.
            self.cancel(day, self.sales.len() - 1).await;
        }
        self.sell(day, 333 + 17 * n, "=HYPERLINK(\"http://x\",\"早餐\")").await;
        self.go_to(day, 1, 59, 59);
        self.sell(day, 1_001 + n, "Café, crème 🍜").await;
        self.go_to(day, 3, 0, 0);
        self.refund(day, self.sales.len() - 1, 1 + n).await;
        self.refund(day, self.sales.len() - 1, 333).await;
        if day.day() % 3 == 0 {
            let old = self.sales.iter().position(|sale| !sale.cancelled && sale.refunded == 0).unwrap();
            self.refund(day, old, self.sales[old].minor).await;
        }
        if day.day() % 7 == 0 {
            self.transfer(day, 500 + n).await;
            self.settle(day).await;
            // After that a refund returns a fee that is taken already, and the operator gives it back.
            let last = self.sales.len() - 2;
            self.refund(day, last, self.sales[last].minor).await;
            self.settle(day).await;
        }
        self.go_to(day, 23, 59, 58);
        self.sell(day, 77 + n, "Nachtisch").await;
    }

    /// The bills of a period against what was done in it.
    async fn check_bills(&self, text: &str, done: Done, last_balance: i128) {
        let trade = self.world.bill(&self.shop, "trade", text).await;
        let details = rows(&trade.details.1);
        let (payments, refunds): (Vec<_>, Vec<_>) =
            details.iter().cloned().partition(|row| of(row, "业务类型") == "交易");
        assert!(refunds.iter().all(|row| of(row, "业务类型") == "退款"));
        let counts = [payments.len(), refunds.len()].map(|count| i128::try_from(count).unwrap());
        assert_eq!(counts, [done.payments, done.refunds], "{text}");
        for column in ["订单金额（元）", "商家实收（元）"] {
            assert_eq!(
                (sum(&payments, column), sum(&refunds, column)),
                (done.gross, -done.refunded),
                "{text} {column}"
            );
        }
        let fees = (sum(&payments, "服务费（元）"), sum(&refunds, "服务费（元）"));
        assert_eq!(fees, (-done.fees, done.fees_returned), "{text}");
        let net = done.gross - done.refunded - done.fees + done.fees_returned;
        let summary = rows(&trade.summary.1);
        let (total, stores) = summary.split_last().unwrap();
        assert_eq!(of(total, "门店编号"), "合计");
        for rows in [stores.to_vec(), vec![total.clone()]] {
            assert_eq!(sum(&rows, "实收净额（元）"), net, "{text}");
            let count = |column| rows.iter().map(|row| of(row, column).parse::<i128>().unwrap()).sum::<i128>();
            let counts = (count("交易订单总笔数"), count("退款订单总笔数"));
            assert_eq!(counts, (done.payments, done.refunds), "{text}");
        }
        let totals =
            format!("#交易合计：{}笔，商家实收共{}元，商家优惠共0.00元\r\n", done.payments, decimal(done.gross));
        assert!(trade.details.1.contains(&totals), "{totals}");

        let account = self.world.bill(&self.shop, "signcustomer", text).await;
        let details = rows(&account.details.1);
        let moved = sum(&details, "收入金额（+元）") + sum(&details, "支出金额（-元）");
        assert_eq!(moved, done.on_balance(), "{text}");
        assert_eq!(cents(of(details.last().unwrap(), "账户余额（元）")), last_balance, "{text}");
    }

    /// The settlement report of the days against what was done on each.
    fn check_report(&self, days: (Date, Date)) -> BTreeMap<u32, Totals> {
        let read = self.world.cell("fr").port.begin_read();
        let report = bills::report(&read, self.shop.merchant, Currency::EUR, days).unwrap();
        assert_eq!(report.len(), self.days.len());
        for (day, done) in &self.days {
            let totals = report[&day.strftime("%Y%m%d").to_string().parse().unwrap()];
            let number = |number: u64| i128::from(number);
            let said = Done {
                payments: number(totals.payments),
                gross: number(totals.gross_minor),
                refunds: number(totals.refunds),
                refunded: number(totals.refunded_minor),
                fees: number(totals.fees_minor),
                fees_returned: number(totals.fees_returned_minor),
                transferred: number(totals.transferred_minor),
                settled: number(totals.fees_taken_minor) - number(totals.fees_given_back_minor),
                paid_out: number(totals.paid_out_minor) - number(totals.payouts_returned_minor),
                advanced: number(totals.advanced_minor) - number(totals.recovered_minor),
            };
            assert_eq!(said, *done, "{day}");
        }
        report
    }

    // ---- settled ----

    /// What is in the balance, and what the shop owes the operator, by the test's own books.
    fn all(&self) -> Done {
        Done::all(self.days.values().copied())
    }

    /// A refund that the balance may not have: the operator advances the rest.
    async fn refund_advanced(&mut self, day: Date, sale: usize, minor: i128) {
        let missing = (minor - self.all().on_balance()).max(0);
        self.refund(day, sale, minor).await;
        self.days.entry(day).or_default().advanced += missing;
    }

    /// A cut-off has passed: fees, what was advanced, and the rest is paid out; the bank says that it has paid.
    async fn close(&mut self, day: Date) {
        let all = self.all();
        let taken = all.fees_owed().min(all.on_balance());
        let recovered = all.advanced.min(all.on_balance() - taken);
        let done = self.days.entry(day).or_default();
        done.settled += taken;
        done.advanced -= recovered;
        done.paid_out += all.on_balance() - taken - recovered;
        let date = day.strftime("%Y%m%d").to_string().parse().unwrap();
        let (cell, key) = (self.world.cell("fr"), Settlement::key(self.shop.merchant, Currency::EUR, date));
        let closing = loop {
            self.world.cells_wake();
            let settlement: Option<Settlement> = cell.port.get(&key).unwrap();
            match settlement.and_then(|settlement| settlement.closing) {
                Some(closing) => break closing,
                None => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
            }
        };
        assert_eq!(closing.carried_forward_minor, 0, "{day}");
        let Some(payout) = closing.payout else { return };
        let (state, bank_reference) = (PayoutState::Settled, Some(format!("B{payout}")));
        let body = PayoutResult { payout, state, bank_reference, reason: None };
        cell.port.ask(Command::new(PAYOUT_RESULT, Caller::SYSTEM, &body)).await.unwrap().outcome.unwrap();
    }

    /// A day of a shop that is settled at 18:00 on the days on which banks work.
    async fn run_settled(&mut self, day: Date, is_banking_day: bool) {
        let n = i128::from(day.day());
        self.go_to(day, 9, 0, 0);
        self.sell(day, 1_234 + 11 * n, "Brot").await;
        self.sell(day, 777, "Kaffee").await;
        if day.day() % 4 == 0 {
            self.cancel(day, self.sales.len() - 1).await;
        }
        self.refund(day, self.sales.len() - 2, 100 + n).await;
        self.go_to(day, 18, 0, 1);
        if is_banking_day {
            self.close(day).await;
        }
        self.go_to(day, 20, 0, 0);
        if day.day() % 3 == 0 {
            let old = self.sales.iter().position(|sale| !sale.cancelled && sale.refunded == 0).unwrap();
            self.refund_advanced(day, old, self.sales[old].minor).await;
        }
        self.go_to(day, 23, 59, 58);
        self.sell(day, 77 + n, "Nachtisch").await;
    }

    fn account(&self, kind: sycee_ledger::AccountKind) -> i128 {
        let account = self.world.cell("fr").port.begin_read().account(kind.of(self.shop.merchant, Currency::EUR));
        account.unwrap().map_or(0, |account| account.balance_minor())
    }
}

/// March 2027 in France: the clocks change on Sunday 28, and Monday 29 is Easter Monday.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_bills_report_balance_and_ledger_agree_to_the_cent() {
    let first = date(2027, 3, 1);
    let world = TestWorld::start_at(instant_ns(date(2027, 2, 28), 12, 0, 0), vec![20_270_329]).await;
    let shop = world.shop_with_fee("fr", Some(u32::try_from(FEE_BPS).unwrap())).await;
    let mut customers = Vec::new();
    for phone in ["1", "2", "3"] {
        customers.push(world.customer("fr", phone, 90_000).await);
    }
    let mut till = Till { world: &world, shop, customers, sales: Vec::new(), days: BTreeMap::new() };
    let month: Vec<Date> = first.series(jiff::Span::new().days(1)).take(31).collect();
    for day in &month {
        till.run(*day).await;
    }
    till.go_to(date(2027, 4, 1), 0, 1, 0);

    let mut balance = 0;
    for (day, done) in &till.days {
        balance += done.on_balance();
        till.check_bills(&day.to_string(), *done, balance).await;
    }
    let all = Done::all(till.days.values().copied());
    till.check_bills("2027-03", all, balance).await;

    let report = till.check_report((first, month[30]));
    let net: i128 = report.values().map(|totals| totals.net_minor()).sum();
    assert_eq!(net, all.gross - all.refunded - all.fees + all.fees_returned);

    // The ledger.
    assert_eq!(till.account(MERCHANT_BALANCE), all.on_balance());
    assert_eq!(till.account(FEE_RECEIVABLE), all.fees_owed());
    assert_eq!(world.balance_minor("fr", till.shop.merchant), balance);
    let customers: i128 = till.customers.iter().map(|customer| world.balance_minor("fr", *customer)).sum();
    assert_eq!(customers, 3 * 90_000 - all.gross + all.refunded + all.transferred);
    // The world was no easy one.
    assert!(all.refunds > 60 && all.transferred > 0 && all.settled > 0 && all.fees_owed() > 0, "{all:?}");
    assert!(report.values().any(|totals| totals.fees_given_back_minor > 0));
}

/// The same month for a shop that is settled and paid out each banking day: bill, report, settlements, balance, ledger, bank.
#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_settlements_agrees_to_the_cent_with_bills_report_balance_ledger_and_payouts() {
    let (first, easter_monday) = (date(2027, 3, 1), date(2027, 3, 29));
    let is_banking_day = |day: Date| day.weekday().to_monday_one_offset() <= 5 && day != easter_monday;
    let calendar: Vec<Date> =
        first.series(jiff::Span::new().days(1)).take(60).filter(|day| is_banking_day(*day)).collect();
    let world = TestWorld::start_settling(instant_ns(date(2027, 2, 28), 12, 0, 0), &calendar).await;
    let shop = world.shop_with_fee("fr", Some(u32::try_from(FEE_BPS).unwrap())).await;
    let mut customers = Vec::new();
    for phone in ["1", "2", "3"] {
        customers.push(world.customer("fr", phone, 90_000).await);
    }
    let safeguarded = |world: &TestWorld| {
        let id = sycee_wallet::SAFEGUARDING.of(sycee_ledger::OPERATOR, Currency::EUR);
        world.cell("fr").port.begin_read().account(id).unwrap().map_or(0, |account| account.balance_minor())
    };
    let amount = |minor| sycee_money::Amount::new(minor).unwrap();
    let terms = SetSettlementTerms {
        merchant: shop.merchant,
        schedule: PayoutSchedule::Daily,
        weekday: 0,
        minimum_payout: amount(0),
        reserve_bps: 0,
        reserve_days: 0,
        negative_limit: amount(50_000),
        fee_bps: None,
    };
    world.ask_as_operator("fr", SET_SETTLEMENT_TERMS, &terms).await;
    let account = SetBankAccount { merchant: shop.merchant, bank_account: Some([1; 16]) };
    world.ask_as_operator("fr", SET_BANK_ACCOUNT, &account).await;
    let money = sycee_money::Money::new(amount(50_000), Currency::EUR);
    let funds = MoveAdvanceFunds { money, is_withdrawal: false, bank_reference: "OWN".into() };
    world.ask_as_operator("fr", MOVE_ADVANCE_FUNDS, &funds).await;
    let bank = safeguarded(&world);

    let mut till = Till { world: &world, shop, customers, sales: Vec::new(), days: BTreeMap::new() };
    let month: Vec<Date> = first.series(jiff::Span::new().days(1)).take(31).collect();
    for day in &month {
        till.run_settled(*day, is_banking_day(*day)).await;
    }
    till.go_to(date(2027, 4, 1), 0, 1, 0);

    let mut balance = 0;
    for (day, done) in &till.days {
        balance += done.on_balance();
        till.check_bills(&day.to_string(), *done, balance).await;
    }
    let all = till.all();
    till.check_bills("2027-03", all, balance).await;
    till.check_report((first, month[30]));
    // The ledger, and what has left the safeguarding account.
    assert_eq!((till.account(MERCHANT_BALANCE), balance), (all.on_balance(), all.on_balance()));
    assert_eq!(till.account(FEE_RECEIVABLE), all.fees_owed());
    assert_eq!((till.account(MERCHANT_OWES), till.account(PAYOUT_IN_TRANSIT)), (all.advanced, 0));
    assert_eq!(bank - safeguarded(&world), all.paid_out);
    // The settlements.
    let prefix = Settlement::of_currency(till.shop.merchant, Currency::EUR);
    let rows = world.cell("fr").port.begin_read().scan(&prefix, None, 100).unwrap();
    let settlements: Vec<Settlement> =
        rows.iter().map(|(_, row)| sycee_contract::decode(row, "row").unwrap()).collect();
    let closed = settlements.iter().filter_map(|settlement| settlement.closing.as_ref());
    let paid: i128 = closed.map(|closing| i128::from(closing.paid_out.minor())).sum();
    let gross: i128 = settlements.iter().map(|settlement| i128::from(settlement.gross_minor)).sum();
    let refunded: i128 = settlements.iter().map(|settlement| i128::from(settlement.refunded_minor)).sum();
    assert_eq!((paid, gross, refunded), (all.paid_out, all.gross, all.refunded));
    // March has 23 days from Monday to Friday, one of them is the holiday, and what comes after the last cut-off is open.
    assert_eq!(settlements.len(), 22 + 1);
    assert!(all.paid_out > 20_000 && all.refunds > 30, "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bills_are_refused_by_type_date_and_time() {
    let world = TestWorld::start_at(instant_ns(date(2027, 3, 10), 12, 0, 0), Vec::new()).await;
    let shop = world.shop("fr").await;
    let buyer = world.customer("fr", "1", 10_000).await;
    world.clock.move_to(instant_ns(date(2027, 3, 12), 12, 0, 0));
    world.sell(&shop, buyer, "10.00", "http://127.0.0.1:1/").await;
    let table = [
        ("trade", "2027-03-12", "BILL_NOT_EXIST"),
        ("trade", "2027-03-11", "BILL_NOT_EXIST"),
        ("trade", "2027-03", "BILL_NOT_EXIST"),
        ("trade", "2027-03-09", "BILL_DATE_BEFORE_REGISTRATION"),
        ("trade", "2027-02", "BILL_DATE_BEFORE_REGISTRATION"),
        ("signcustomer", "2027-03-12", "BILL_NOT_EXIST"),
        ("merchant_act", "2027-03-11", "TYPE_NOT_SUPPORTED"),
        ("trade", "2027-03-13", "INVAILID_ARGUMENTS"),
        ("trade", "2027-04", "INVAILID_ARGUMENTS"),
        ("trade", "2027-02-29", "INVAILID_ARGUMENTS"),
        ("trade", "20270312", "INVAILID_ARGUMENTS"),
        ("trade", "", "INVAILID_ARGUMENTS"),
    ];
    for (bill_type, day, sub_code) in table {
        assert_failed(&world.ask_bill(&shop, bill_type, day).await, "40004", sub_code);
    }
    // Midnight and a minute.
    world.clock.move_to(instant_ns(date(2027, 3, 13), 0, 0, 30));
    assert_failed(&world.ask_bill(&shop, "trade", "2027-03-12").await, "40004", "BILL_NOT_EXIST");
    world.clock.move_to(instant_ns(date(2027, 3, 13), 0, 1, 0));
    assert_succeeded(&world.ask_bill(&shop, "trade", "2027-03-12").await);
    world.clock.move_to(instant_ns(date(2027, 4, 1), 0, 1, 0));
    assert_eq!(rows(&world.bill(&shop, "signcustomer", "2027-03").await.details.1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bills_address_is_sealed_and_short_lived() {
    let world = TestWorld::start_at(instant_ns(date(2027, 3, 10), 12, 0, 0), Vec::new()).await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let buyer = world.customer("fr", "1", 10_000).await;
    for shop in [&shop, &other] {
        world.sell(shop, buyer, "10.00", "http://127.0.0.1:1/").await;
    }
    world.clock.move_to(instant_ns(date(2027, 3, 11), 9, 0, 0));
    let path = world.bill_path(&shop, "trade", "2027-03-10").await;
    let (status, head, body) = world.fetch(&path).await;
    assert_eq!(status, 200);
    assert!(head.to_ascii_lowercase().contains("content-type: application/zip"), "{head}");
    let files = crate::bill_files::BillFiles::unpack(&body);
    assert_eq!(files.details.0, format!("{}_20270310_业务明细.csv", shop.merchant));
    assert_eq!(files.summary.0, format!("{}_20270310_业务明细(汇总).csv", shop.merchant));
    let begin = format!(
        "#支付宝业务明细查询\r\n#账号：[{}0156]\r\n#起始日期：[2027年03月10日 00:00:00]   终止日期：[2027年03月11日 00:00:00]\r\n",
        shop.merchant
    );
    assert!(files.details.1.starts_with(&begin), "{}", files.details.1);

    let parts: Vec<&str> = path.split('/').collect();
    let [_, _, merchant, bill_type, day, until, seal] = parts[..] else { panic!("{path}") };
    let (later, theirs) = (format!("{until}0"), other.merchant.to_string());
    let turned: String = seal.chars().rev().collect();
    for (merchant, bill_type, day, until, seal) in [
        (theirs.as_str(), bill_type, day, until, seal),
        (merchant, "signcustomer", day, until, seal),
        (merchant, bill_type, "2027-03", until, seal),
        (merchant, bill_type, day, later.as_str(), seal),
        (merchant, bill_type, day, until, turned.as_str()),
        (merchant, bill_type, day, until, "0"),
        ("x", bill_type, day, until, seal),
        (merchant, "x", day, until, seal),
        (merchant, bill_type, "x", until, seal),
        (merchant, bill_type, day, "-1", seal),
    ] {
        let (status, _, _) = world.fetch(&format!("/bills/{merchant}/{bill_type}/{day}/{until}/{seal}")).await;
        assert_eq!(status, 404, "{merchant} {bill_type} {day} {until} {seal}");
    }
    world.advance(30);
    assert_eq!(world.fetch(&path).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_across_a_border_is_in_the_bill() {
    let world = TestWorld::start_at(instant_ns(date(2027, 3, 10), 12, 0, 0), Vec::new()).await;
    world.connect().await;
    let shop = world.shop_with_fee("fr", Some(100)).await;
    let (buyer, payee) = (world.customer("kr", "1", 50_000).await, world.customer("kr", "2", 0).await);
    let code = world.pay_code("kr", buyer).await;
    let content = json!({"out_trade_no": "far", "total_amount": "10.00", "subject": "=1+1", "auth_code": code,
        "scene": "bar_code"});
    assert_succeeded(&world.call(&shop, PAY, content).await);
    assert_succeeded(
        &world
            .call(&shop, REFUND, json!({"out_trade_no": "far", "refund_amount": "4.00", "out_request_no": "r"}))
            .await,
    );
    let payee = json!({"identity": payee.to_string(), "identity_type": "ALIPAY_USER_ID"});
    let sent =
        world.call(&shop, TRANSFER, json!({"out_biz_no": "t", "trans_amount": "5.00", "payee_info": payee})).await;
    assert_eq!(sent["status"], "SUCCESS", "{sent}");
    world.clock.move_to(instant_ns(date(2027, 3, 11), 9, 0, 0));
    let trade = rows(&world.bill(&shop, "trade", "2027-03-10").await.details.1);
    let said: Vec<_> = trade
        .iter()
        .map(|row| {
            ["商户订单号", "商品名称", "商家实收（元）", "退款批次号/请求号", "服务费（元）"]
                .map(|column| of(row, column))
        })
        .collect();
    // 1 % of 10.00, and of that what 4.00 return.
    assert_eq!(said, [["far", "'=1+1", "10.00", "", "-0.10"], ["far", "'=1+1", "-4.00", "r", "0.04"]]);
    let account = rows(&world.bill(&shop, "signcustomer", "2027-03-10").await.details.1);
    let said: Vec<_> = account
        .iter()
        .map(|row| ["业务类型", "收入金额（+元）", "支出金额（-元）", "账户余额（元）"].map(|column| of(row, column)))
        .collect();
    let expected =
        [["在线支付", "10.00", "", "10.00"], ["交易退款", "", "-4.00", "6.00"], ["转账", "", "-5.00", "1.00"]];
    assert_eq!(said, expected);
    assert_eq!(world.balance_minor("fr", shop.merchant), 100);
}
