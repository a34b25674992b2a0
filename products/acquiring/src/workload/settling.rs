//! One more shop, whose money is settled by business dates whenever the market has them. The cell's own timers settle it too, so
//! the model does not know its balance: it checks that every closing adds up, and knows what customers pay and get back.

use alloc::string::String;

use sycee_contract::{Caller, Command, Expectation, Random, WorkItem};
use sycee_money::{Amount, Currency};

use super::model::{Awaited, SettledOrder};
use super::{Shop, accepted, euro, price, unique};
use crate::command::{OrderRef, PAY_STATIC, PayStatic, REFUND, RefundOrder};
use crate::payout::{PAYOUT_RESULT, PayoutResult, PayoutState};
use crate::refusal::{SETTLEMENT_NOT_AGREED, SETTLEMENT_NOT_OFFERED};
use crate::settlement::{
    MOVE_ADVANCE_FUNDS, MoveAdvanceFunds, PayoutSchedule, SET_BANK_ACCOUNT, SET_SETTLEMENT_TERMS, SETTLE_MERCHANT,
    SetBankAccount, SetSettlementTerms, SettleMerchant,
};

impl Shop {
    pub(super) fn settling(&mut self, buyer: usize, random: &mut Random) -> WorkItem {
        match random.below(8) {
            0 => self.agree_terms(random),
            1 => {
                let account = (random.below(4) > 0).then_some([3; 16]);
                let body = SetBankAccount { merchant: self.model.settled, bank_account: account };
                let command = Command::new(SET_BANK_ACCOUNT, Caller::OPERATOR, &body).with_id(&unique(random));
                self.tolerated(command, SETTLEMENT_NOT_AGREED)
            }
            2 => {
                let body = MoveAdvanceFunds {
                    money: euro(price(random)),
                    is_withdrawal: false,
                    bank_reference: String::from("acquiring-workload"),
                };
                accepted(Command::new(MOVE_ADVANCE_FUNDS, Caller::OPERATOR, &body).with_id(&unique(random)))
            }
            3 | 4 => {
                self.awaited = Awaited::Settled;
                let body = SettleMerchant { merchant: self.model.settled, currency: Currency::EUR };
                let command = Command::new(SETTLE_MERCHANT, Caller::OPERATOR, &body);
                self.tolerated(command, SETTLEMENT_NOT_AGREED)
            }
            5 => match self.model.payout {
                Some(payout) => self.bank_says(payout, random),
                None => self.sell_settled(buyer, random),
            },
            6 => match self.model.settled_order {
                Some(order) => self.refund_settled(order, random),
                None => self.sell_settled(buyer, random),
            },
            _ => self.sell_settled(buyer, random),
        }
    }

    fn agree_terms(&mut self, random: &mut Random) -> WorkItem {
        let reserve_bps = if random.below(2) == 0 { 0 } else { 700 };
        let body = SetSettlementTerms {
            merchant: self.model.settled,
            schedule: PayoutSchedule::Daily,
            weekday: 0,
            minimum_payout: Amount::ZERO,
            reserve_bps,
            reserve_days: if reserve_bps == 0 { 0 } else { 3 },
            negative_limit: euro(random.below(5_000)).amount,
            fee_bps: None,
        };
        let command = Command::new(SET_SETTLEMENT_TERMS, Caller::OPERATOR, &body).with_id(&unique(random));
        self.tolerated(command, SETTLEMENT_NOT_OFFERED)
    }

    fn sell_settled(&mut self, buyer: usize, random: &mut Random) -> WorkItem {
        let (minor, merchant) = (price(random), self.model.settled);
        self.awaited = Awaited::SettledPaid(SettledOrder { buyer, id: 0, minor });
        let body = PayStatic { merchant, store: None, total: euro(minor), reference: String::new() };
        let caller = Caller::customer(self.model.customer(buyer));
        accepted(Command::new(PAY_STATIC, caller, &body).with_id(&unique(random)))
    }

    /// Whether the shop has enough, or is advanced it, is up to the clock.
    fn refund_settled(&mut self, order: SettledOrder, random: &mut Random) -> WorkItem {
        self.awaited = Awaited::SettledRefunded(order.buyer);
        self.model.settled_order = None;
        let amount = euro(random.below(order.minor).saturating_add(1));
        let out_request_no = Some(unique(random));
        let named = OrderRef { out_trade_no: None, id: Some(order.id) };
        let body = RefundOrder { order: named, amount, out_request_no, reason: None };
        let command = Command::new(REFUND, Caller::merchant(self.model.settled), &body);
        WorkItem { command, expectation: Expectation::Any }
    }

    fn bank_says(&mut self, payout: u64, random: &mut Random) -> WorkItem {
        let state = match random.below(4) {
            0 => PayoutState::Unknown,
            1 => PayoutState::Returned,
            _ => PayoutState::Settled,
        };
        let body = PayoutResult { payout, state, bank_reference: Some(unique(random)), reason: None };
        accepted(Command::new(PAYOUT_RESULT, Caller::SYSTEM, &body))
    }
}
