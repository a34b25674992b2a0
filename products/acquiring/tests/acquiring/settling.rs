//! A shop that is settled: a small cell whose clock and calendar move together.

use sycee_acquiring::command::*;
use sycee_acquiring::payout::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::settlement::*;
use sycee_acquiring::{MERCHANT_BALANCE, day};
use sycee_contract::*;
use sycee_ledger::{AccountKind, OPERATOR};
use sycee_money::{Amount, Currency};

use crate::bench::*;

/// The handle of the shop's bank account.
pub const BANK_ACCOUNT: [u8; 16] = [5; 16];
/// The offset that the bench's stamps have, seconds.
const OFFSET_SECONDS: u64 = 3_600;

/// Banks work from Monday to Friday but on the holidays; the day is cut off at 18:00, and a payout is carried out a day later.
pub fn banking_market(holidays: &[u32]) -> MarketPack {
    let first = day::days_since_1970(20_260_301).expect("a day");
    let works = |days: i64| (days + 3).rem_euclid(7) < 5;
    let dates = (first..first + 500).filter(|days| works(*days)).filter_map(day::date_of_days);
    MarketPack {
        settlement: Some(SettlementTerms { cut_off_minutes: 18 * 60, days_after: 1, weekend: vec![6, 7] }),
        settlement_calendar: Some(dates.filter(|date| !holidays.contains(date)).collect()),
        holidays: holidays.to_vec(),
        merchant_fee_bps: 100,
        ..market()
    }
}

/// Paid daily, all of it, nothing held back, nothing advanced.
pub fn plain_terms(merchant: u64) -> SetSettlementTerms {
    SetSettlementTerms {
        merchant,
        schedule: PayoutSchedule::Daily,
        weekday: 0,
        minimum_payout: Amount::ZERO,
        reserve_bps: 0,
        reserve_days: 0,
        negative_limit: Amount::ZERO,
        fee_bps: None,
    }
}

/// A shop with a customer.
pub struct Settled {
    pub bench: Bench,
    pub shop: u64,
    pub buyer: u64,
}

impl Settled {
    /// On Monday, 2 March 2026, at 9:00 in the market, with these terms and a bank account.
    pub fn new(holidays: &[u32], terms: impl FnOnce(SetSettlementTerms) -> SetSettlementTerms) -> Self {
        let mut bench = Bench::with(Vec::new(), &banking_market(holidays));
        let shop = bench.merchant(None).merchant;
        let buyer = bench.customer(1_000_000);
        let mut settled = Self { bench, shop, buyer };
        settled.bench.now_ns = instant_ns(20_260_302, 9, 0);
        settled.bench.business_date = 20_260_302;
        let _: MerchantTerms = settled.bench.operator(SET_SETTLEMENT_TERMS, &terms(plain_terms(shop)));
        let body = SetBankAccount { merchant: shop, bank_account: Some(BANK_ACCOUNT) };
        let _: MerchantTerms = settled.bench.operator(SET_BANK_ACCOUNT, &body);
        settled
    }

    /// Moves on to a time of a day in the market; what is due in between happens at its own time.
    pub fn go_to(&mut self, date: u32, hour: u64, minute: u64) {
        let target_ns = instant_ns(date, hour, minute);
        assert!(target_ns >= self.bench.now_ns, "{date} {hour}:{minute} is over");
        loop {
            let first = self.bench.memory.rows.range(Key::new(cell::TIMER)..).next();
            let timer = first.and_then(|(key, row)| Some((TimerId::from_key(key)?, row.clone())));
            let Some((timer, row)) = timer.filter(|(timer, _)| timer.due_at_ns <= target_ns) else { break };
            self.stand_at(timer.due_at_ns.max(self.bench.now_ns));
            let command: Command = decode(&row, "timer").expect("a timer's command");
            self.bench.answer(&command);
        }
        self.stand_at(target_ns.max(self.bench.now_ns));
    }

    fn stand_at(&mut self, ns: u64) {
        self.bench.now_ns = ns;
        let days = (ns / SECOND_NS + OFFSET_SECONDS) / 86_400;
        self.bench.business_date = day::date_of_days(i64::try_from(days).expect("in range")).expect("a day");
    }

    pub fn sell(&mut self, number: &str, minor: u64) {
        let command = by(CREATE, Caller::merchant(self.shop), &fields(number, minor));
        let placed: OrderReply = self.bench.done(&command);
        let pay = OrderTarget { id: placed.order.id };
        let _: OrderReply = self.bench.done(&by(PAY_ORDER, Caller::customer(self.buyer), &pay));
    }

    pub fn refund_command(&self, number: &str, minor: u64, request: &str) -> Command {
        let body = RefundOrder {
            order: OrderRef { out_trade_no: Some(number.into()), id: None },
            amount: euro(minor),
            out_request_no: Some(request.into()),
            reason: None,
        };
        by(REFUND, Caller::merchant(self.shop), &body)
    }

    pub fn refund(&mut self, number: &str, minor: u64, request: &str) {
        let command = self.refund_command(number, minor, request);
        let _: RefundReply = self.bench.done(&command);
    }

    pub fn row<R: Record>(&self, key: &Key) -> Option<R> {
        self.bench.memory.rows.get(key).map(|row| decode(row, "row").expect("the row decodes"))
    }

    pub fn settlement(&self, date: u32) -> Option<Settlement> {
        self.row(&Settlement::key(self.shop, Currency::EUR, date))
    }

    pub fn closing(&self, date: u32) -> Closing {
        self.settlement(date)
            .and_then(|settlement| settlement.closing)
            .unwrap_or_else(|| panic!("{date} is not closed"))
    }

    pub fn payout(&self, date: u32) -> Payout {
        let id = self.closing(date).payout.unwrap_or_else(|| panic!("{date} paid nothing"));
        self.row(&Payout::key(id)).expect("a payout")
    }

    pub fn balance(&self) -> i128 {
        self.account(MERCHANT_BALANCE)
    }

    pub fn account(&self, kind: AccountKind) -> i128 {
        self.bench.balance(kind.of(self.shop, Currency::EUR))
    }

    pub fn operators(&self, kind: AccountKind) -> i128 {
        self.bench.balance(kind.of(OPERATOR, Currency::EUR))
    }

    pub fn bank_says(&mut self, payout: u64, state: PayoutState) -> PayoutReply {
        let body = PayoutResult {
            payout,
            state,
            bank_reference: Some("BANK-1".into()),
            reason: (state == PayoutState::Returned).then(|| "AC04".into()),
        };
        self.bench.done(&by(PAYOUT_RESULT, Caller::SYSTEM, &body))
    }

    pub fn advance_funds(&mut self, minor: u64) {
        let body = MoveAdvanceFunds { money: euro(minor), is_withdrawal: false, bank_reference: "OWN-1".into() };
        let _: AdvanceFundsReply = self.bench.operator(MOVE_ADVANCE_FUNDS, &body);
    }
}

/// An instant of the bench's market.
pub fn instant_ns(date: u32, hour: u64, minute: u64) -> u64 {
    let days = u64::try_from(day::days_since_1970(date).expect("a day")).expect("after 1970");
    (days * 86_400 + hour * 3_600 + minute * 60 - OFFSET_SECONDS) * SECOND_NS
}
