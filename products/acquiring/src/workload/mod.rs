//! Load: two shops and their customers, with a model of every balance and order. Amounts are small, so that the limits of a
//! market's highest KYC tier do not bind. The money is euro: the market pack must hold it.

mod freezing;
mod model;
mod settling;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::Encode;
use sycee_contract::{Answer, Caller, Command, Expectation, Random, RefusalCode, WorkItem, Workload};
use sycee_money::{Amount, Currency, Money};
use sycee_party::OPEN_CUSTOMER;
use sycee_party::command::OpenCustomer;
use sycee_wallet::CASH_IN;
use sycee_wallet::command::CashIn;

use self::model::{Awaited, Deal, DealState, Model};
use crate::command::{
    CANCEL, CLOSE, CREATE, CodeTarget, ISSUE_PAY_CODE, MERCHANT_TRANSFER, ONBOARD_MERCHANT, OnboardMerchant,
    OrderFields, OrderRef, OrderTarget, PAGE_PAY, PAY_BY_CODE, PAY_ORDER, PAY_STATIC, PagePay, PayByCode, PayStatic,
    REFUND, RefundOrder, SCAN_ORDER, SETTLE_FEES, SettleFees, TransferToCustomer,
};
use crate::refusal::{
    AUTH_CODE_INVALID, BUYER_BALANCE_NOT_ENOUGH, CANCEL_TIME_OUT, CONTEXT_INCONSISTENT, DISCORDANT_REPEAT,
    REFUND_AMOUNT_EXCEEDS, SELLER_BALANCE_NOT_ENOUGH, TRADE_HAS_FINISHED, TRADE_HAS_SUCCESS, TRADE_STATUS_ERROR,
};

const CUSTOMERS: u8 = 8;
/// The merchants' own fees in basis points.
const FEES_BPS: [Option<u32>; 3] = [Some(0), Some(125), None];
/// The fee of the shop whose money is settled, basis points.
const SETTLED_FEE_BPS: u32 = 90;
/// How many orders the model remembers.
const DEALS: usize = 64;
/// Long enough that no order of the load ends by its timer.
const YEARS_SECONDS: u64 = 400_000_000;

/// The generator.
#[derive(Default)]
pub(crate) struct Shop {
    model: Model,
    awaited: Awaited,
    /// A refusal that is not wrong, because it is up to the clock.
    tolerated: Option<RefusalCode>,
    problem: Option<String>,
}

impl Workload for Shop {
    fn prepare(&mut self) -> Vec<WorkItem> {
        self.awaited = Awaited::Preparing;
        let customers = (0..CUSTOMERS).map(|index| {
            let body = OpenCustomer { person: [index; 16], contact: None, kyc_rank: None };
            let id = format!("acquiring-workload-customer-{index}");
            accepted(Command::new(OPEN_CUSTOMER, Caller::OPERATOR, &body).with_id(&id))
        });
        let merchants = FEES_BPS.iter().chain([&Some(SETTLED_FEE_BPS)]).zip(0_u8..).map(|(fee_bps, index)| {
            let body = OnboardMerchant { name: [index; 16], mcc: String::from("5411"), fee_bps: *fee_bps };
            let id = format!("acquiring-workload-merchant-{index}");
            accepted(Command::new(ONBOARD_MERCHANT, Caller::OPERATOR, &body).with_id(&id))
        });
        customers.chain(merchants).collect()
    }

    fn next(&mut self, random: &mut Random) -> WorkItem {
        self.tolerated = None;
        self.model.forget(DEALS);
        self.awaited = Awaited::Nothing;
        // A code lives for seconds: it is used in the next step.
        if let Some((buyer, digest)) = self.model.code.take() {
            return self.pay_by_code(buyer, digest, random);
        }
        if let Some(frozen) = self.model.frozen.take() {
            return self.use_frozen(frozen, random);
        }
        let (merchant, buyer) = (self.model.any_merchant(random), self.model.any_customer(random));
        if self.model.customer_balance(buyer) < 10_000 {
            return self.cash_in(buyer, random);
        }
        match random.below(23) {
            0..=2 => self.pay_static(merchant, buyer, random),
            3 | 4 => self.create(merchant, buyer, random),
            5 => self.page_pay(merchant, buyer, random),
            6 => self.issue_code(buyer, random),
            7..=9 => self.with_deal(DealState::Open, random, Self::scan_or_pay),
            10..=12 => self.with_deal(DealState::Paid, random, Self::refund_part),
            13 => self.with_deal(DealState::Paid, random, Self::refund_wrong),
            14 => self.with_deal(DealState::Paid, random, Self::cancel),
            15 => self.with_deal(DealState::Open, random, Self::close_or_cancel),
            16 => self.with_deal(DealState::Open, random, Self::repeat_order),
            17 => self.with_deal(DealState::Paid, random, Self::on_paid),
            18 => self.transfer(merchant, buyer, random),
            19..=21 => self.settling(buyer, random),
            _ => self.settle_fees(random, merchant),
        }
    }

    fn learn(&mut self, answer: &Answer) {
        let awaited = core::mem::take(&mut self.awaited);
        if matches!(awaited, Awaited::Preparing) {
            self.awaited = Awaited::Preparing;
        }
        self.problem = match answer {
            Answer::Done(reply) => self.model.done(awaited, reply),
            Answer::Refused(refusal) => {
                let wrong = self.tolerated.is_some_and(|tolerated| tolerated != refusal.code);
                wrong.then(|| format!("refused with {refusal:?}"))
            }
        };
    }

    fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

impl Shop {
    fn cash_in(&mut self, buyer: usize, random: &mut Random) -> WorkItem {
        let minor = random.below(50_000).saturating_add(10_000);
        let bank_reference = String::from("acquiring-workload");
        let body = CashIn { customer: self.model.customer(buyer), money: euro(minor), bank_reference };
        self.awaited = Awaited::CashIn(buyer, minor);
        accepted(Command::new(CASH_IN, Caller::OPERATOR, &body).with_id(&unique(random)))
    }

    fn pay_static(&mut self, merchant: usize, buyer: usize, random: &mut Random) -> WorkItem {
        let balance = self.model.customer_balance(buyer);
        let caller = Caller::customer(self.model.customer(buyer));
        let pay = |minor, random: &mut Random, model: &Model| {
            let party = model.merchant(merchant);
            let body = PayStatic { merchant: party, store: None, total: euro(minor), reference: String::new() };
            Command::new(PAY_STATIC, caller, &body).with_id(&unique(random))
        };
        if random.below(8) == 0 {
            // Ten times and more: no discount could make it payable.
            let much = balance.saturating_mul(10).saturating_add(10);
            return refused(pay(much, random, &self.model), BUYER_BALANCE_NOT_ENOUGH);
        }
        let minor = price(random);
        self.awaited = Awaited::StaticPaid(Deal::new(merchant, buyer, minor));
        accepted(pay(minor, random, &self.model))
    }

    fn create(&mut self, merchant: usize, buyer: usize, random: &mut Random) -> WorkItem {
        let deal = Deal::new(merchant, buyer, price(random));
        let fields = fields(&unique(random), deal.total_minor, Some(self.model.customer(buyer)));
        let command = self.ask(CREATE, merchant, &fields);
        self.awaited = Awaited::Placed(Deal { fields: Some(fields), scanned: true, ..deal });
        accepted(command)
    }

    fn page_pay(&mut self, merchant: usize, buyer: usize, random: &mut Random) -> WorkItem {
        let deal = Deal::new(merchant, buyer, price(random));
        let body = PagePay { order: fields(&unique(random), deal.total_minor, None), wap: false };
        self.awaited = Awaited::Placed(deal);
        accepted(self.ask(PAGE_PAY, merchant, &body))
    }

    fn issue_code(&mut self, buyer: usize, random: &mut Random) -> WorkItem {
        let code_digest = digest(random);
        self.awaited = Awaited::CodeIssued(buyer, code_digest);
        let caller = Caller::customer(self.model.customer(buyer));
        accepted(Command::new(ISSUE_PAY_CODE, caller, &CodeTarget { code_digest }))
    }

    fn pay_by_code(&mut self, buyer: usize, code_digest: [u8; 32], random: &mut Random) -> WorkItem {
        if random.below(3) == 0 {
            return self.freeze(buyer, code_digest, random);
        }
        let merchant = self.model.any_merchant(random);
        let deal = Deal::new(merchant, buyer, price(random));
        let order = fields(&unique(random), deal.total_minor, None);
        if random.below(4) == 0 {
            let code_digest = digest(random);
            return refused(self.ask(PAY_BY_CODE, merchant, &PayByCode { order, code_digest }), AUTH_CODE_INVALID);
        }
        let command = self.ask(PAY_BY_CODE, merchant, &PayByCode { order, code_digest });
        self.awaited = Awaited::PaidByCode(deal);
        self.tolerated(command, AUTH_CODE_INVALID)
    }

    fn scan_or_pay(&mut self, at: usize, deal: &Deal, _: &mut Random) -> WorkItem {
        let caller = Caller::customer(self.model.customer(deal.buyer));
        let target = OrderTarget { id: deal.id };
        if !deal.scanned {
            self.awaited = Awaited::Scanned(at);
            return accepted(Command::new(SCAN_ORDER, caller, &target));
        }
        self.awaited = Awaited::Paid(at);
        accepted(Command::new(PAY_ORDER, caller, &target))
    }

    fn refund_part(&mut self, at: usize, deal: &Deal, random: &mut Random) -> WorkItem {
        let left = deal.total_minor.saturating_sub(deal.refunded_minor);
        let minor = if random.below(3) == 0 { left } else { random.below(left).saturating_add(1) };
        let number = unique(random);
        let command = self.refund(deal, minor, &number);
        if self.model.merchant_balance(deal.merchant) < minor {
            return refused(command, SELLER_BALANCE_NOT_ENOUGH);
        }
        self.awaited = Awaited::Refunded(at, minor, number);
        self.tolerated(command, TRADE_HAS_FINISHED)
    }

    fn refund_wrong(&mut self, at: usize, deal: &Deal, random: &mut Random) -> WorkItem {
        match (&deal.last_refund, random.below(3)) {
            (Some((number, minor)), 0) => {
                let command = self.refund(deal, *minor, number);
                self.awaited = Awaited::RefundRepeated(at);
                accepted(command)
            }
            (Some((number, minor)), 1) => {
                refused(self.refund(deal, minor.saturating_add(1), number), DISCORDANT_REPEAT)
            }
            _ => {
                let much = deal.total_minor.saturating_sub(deal.refunded_minor).saturating_add(1);
                refused(self.refund(deal, much, &unique(random)), REFUND_AMOUNT_EXCEEDS)
            }
        }
    }

    fn cancel(&mut self, at: usize, deal: &Deal, _: &mut Random) -> WorkItem {
        let command = self.ask(CANCEL, deal.merchant, &by_id(deal));
        let left = deal.total_minor.saturating_sub(deal.refunded_minor);
        if self.model.merchant_balance(deal.merchant) < left {
            // Too late or too little: the clock says which.
            return WorkItem { command, expectation: Expectation::Any };
        }
        self.awaited = Awaited::CancelledPaid(at, left);
        self.tolerated(command, CANCEL_TIME_OUT)
    }

    fn close_or_cancel(&mut self, at: usize, deal: &Deal, random: &mut Random) -> WorkItem {
        let code = if deal.scanned && random.below(2) == 0 { CLOSE } else { CANCEL };
        self.awaited = Awaited::Ended(at);
        accepted(self.ask(code, deal.merchant, &by_id(deal)))
    }

    fn repeat_order(&mut self, at: usize, deal: &Deal, random: &mut Random) -> WorkItem {
        let Some(mut fields) = deal.fields.clone() else { return self.scan_or_pay(at, deal, random) };
        if random.below(2) == 0 {
            fields.total = euro(deal.total_minor.saturating_add(1));
            return refused(self.ask(CREATE, deal.merchant, &fields), CONTEXT_INCONSISTENT);
        }
        self.awaited = Awaited::OrderRepeated(deal.id);
        accepted(self.ask(CREATE, deal.merchant, &fields))
    }

    fn on_paid(&mut self, _: usize, deal: &Deal, _: &mut Random) -> WorkItem {
        match &deal.fields {
            Some(fields) => refused(self.ask(CREATE, deal.merchant, fields), TRADE_HAS_SUCCESS),
            None => refused(self.ask(CLOSE, deal.merchant, &by_id(deal)), TRADE_STATUS_ERROR),
        }
    }

    fn transfer(&mut self, merchant: usize, payee: usize, random: &mut Random) -> WorkItem {
        let balance = self.model.merchant_balance(merchant);
        let too_much = balance == 0 || random.below(3) == 0;
        let minor = if too_much { balance.saturating_add(1) } else { random.below(balance).saturating_add(1).min(500) };
        let customer = self.model.customer(payee);
        let body = TransferToCustomer { out_biz_no: unique(random), payee: customer, money: euro(minor), title: None };
        let command = self.ask(MERCHANT_TRANSFER, merchant, &body);
        if too_much {
            return refused(command, SELLER_BALANCE_NOT_ENOUGH);
        }
        self.awaited = Awaited::Transferred(merchant, payee, minor);
        accepted(command)
    }

    fn settle_fees(&mut self, random: &mut Random, merchant: usize) -> WorkItem {
        self.awaited = Awaited::FeesSettled(merchant);
        let body = SettleFees { merchant: self.model.merchant(merchant), currency: Currency::EUR, at_most: None };
        accepted(Command::new(SETTLE_FEES, Caller::OPERATOR, &body).with_id(&unique(random)))
    }

    // ---- inside ----

    /// Does something with an order of this state; pays a printed code if there is none.
    fn with_deal(
        &mut self,
        state: DealState,
        random: &mut Random,
        does: fn(&mut Self, usize, &Deal, &mut Random) -> WorkItem,
    ) -> WorkItem {
        match self.model.any_deal(state, random) {
            Some((at, deal)) if state == DealState::Paid || self.model.customer_balance(deal.buyer) >= 10_000 => {
                does(self, at, &deal, random)
            }
            Some((_, deal)) => self.cash_in(deal.buyer, random),
            None => {
                let (merchant, buyer) = (self.model.any_merchant(random), self.model.any_customer(random));
                if self.model.customer_balance(buyer) < 10_000 {
                    return self.cash_in(buyer, random);
                }
                self.pay_static(merchant, buyer, random)
            }
        }
    }

    fn refund(&self, deal: &Deal, minor: u64, number: &str) -> Command {
        let out_request_no = Some(String::from(number));
        let body = RefundOrder { order: by_id(deal), amount: euro(minor), out_request_no, reason: None };
        self.ask(REFUND, deal.merchant, &body)
    }

    fn ask<T: Encode<()>>(&self, code: u16, merchant: usize, body: &T) -> Command {
        Command::new(code, Caller::merchant(self.model.merchant(merchant)), body)
    }

    fn tolerated(&mut self, command: Command, refusal: RefusalCode) -> WorkItem {
        self.tolerated = Some(refusal);
        WorkItem { command, expectation: Expectation::Any }
    }
}

fn accepted(command: Command) -> WorkItem {
    WorkItem { command, expectation: Expectation::Accepted }
}

fn refused(command: Command, refusal: RefusalCode) -> WorkItem {
    WorkItem { command, expectation: Expectation::Refused(refusal) }
}

fn by_id(deal: &Deal) -> OrderRef {
    OrderRef { out_trade_no: None, id: Some(deal.id) }
}

fn euro(minor: u64) -> Money {
    Money::new(Amount::new(minor).unwrap_or(Amount::MAX), Currency::EUR)
}

fn price(random: &mut Random) -> u64 {
    random.below(2_000).saturating_add(1)
}

fn unique(random: &mut Random) -> String {
    format!("w{:016x}", random.next_u64())
}

fn digest(random: &mut Random) -> [u8; 32] {
    let mut digest = [0; 32];
    for (to, from) in digest.iter_mut().zip(core::iter::repeat_with(|| random.next_u64().to_be_bytes()).flatten()) {
        *to = from;
    }
    digest
}

fn fields(out_trade_no: &str, total_minor: u64, required_buyer: Option<u64>) -> OrderFields {
    OrderFields {
        app: None,
        out_trade_no: String::from(out_trade_no),
        total: euro(total_minor),
        subject: String::from("bread"),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: Some(String::from("http://merchant.example/notify")),
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: Some(YEARS_SECONDS),
        required_buyer,
    }
}
