//! What customers, shops and operators do when their turn comes. Each reads what is durable, asks one thing, and may not hear
//! the answer: then it looks again and asks again.

use sycee_acquiring::command::{
    CANCEL, CLOSE, CodeTarget, ISSUE_PAY_CODE, OrderFields, OrderRef, PRECREATE, Precreate, REFUND, RefundOrder,
    TransferToCustomer,
};
use sycee_acquiring::record::{MerchantTransfer, TransferState};
use sycee_acquiring::reply::{CancelAction, CancelReply, OrderReply};
use sycee_acquiring::{Order, OrderState};
use sycee_contract::{Caller, Command, Refusal, decode};
use sycee_interop::command::{
    COLLECT, CollectBody, ENQUIRE, EnquireBody, EnquireReply, PAY_ABROAD, PayAbroad, PayAbroadReply, RELEASE_PAYMENT,
    ReleasePayment, SEND_MONEY,
};
use sycee_interop::quote::Target;
use sycee_interop::record::{Collection, Enquiry, EnquiryState, Outgoing, OutgoingState};
use sycee_money::Money;

use super::World;
use super::history::{History, Stage, Way};
use crate::setup::{Market, amount, operator};

/// After how many visits a history ends whatever it waits for: what it waits for goes on without it.
const VISITS_MAX: u64 = 150;

impl World {
    pub(super) fn new_history(&mut self) -> History {
        let turned = self.random.below(2) == 0;
        let [from, to] = if turned { [self.markets[1], self.markets[0]] } else { self.markets };
        let way = match self.random.below(10) {
            0..=2 => Way::Printed,
            3..=5 => Way::Scanned,
            6..=7 => Way::Collected,
            _ => Way::Sent,
        };
        let (here, there) = (&self.people[&from.number], &self.people[&to.number]);
        let random = &mut self.random;
        let (payer, payee, stage) = match way {
            Way::Printed => (here.customer(random), there.merchant(random), Stage::Enquire),
            Way::Scanned => (here.customer(random), there.merchant(random), Stage::Place),
            Way::Collected => (here.customer(random), there.merchant(random), Stage::IssueCode),
            Way::Sent => (here.merchant(random), there.customer(random), Stage::Send),
        };
        let amount_minor = match random.below(20) {
            0 => 1 + random.below(3),
            1..=10 => 1 + random.below(900),
            11..=18 => 1 + random.below(60_000),
            _ => 1 + random.below(5_000_000),
        };
        History {
            id: self.begun,
            way,
            from: from.number,
            to: to.number,
            payer,
            // Money is sometimes sent to a number that is nobody's.
            payee: if way == Way::Sent && random.below(20) == 0 { payee + 90_000 } else { payee },
            amount_minor,
            stage,
            order: 0,
            enquiry: 0,
            payment: 0,
            tries: 0,
            refunds: 0,
            refunds_left: [0, 0, 1, 1, 2, 3, 5][usize::try_from(random.below(7)).unwrap_or(0)],
            digest: [0; 32],
            due_tick: 0,
            visits: 0,
            mind: None,
            pending: None,
        }
    }

    pub(super) fn market(&self, number: u16) -> Market {
        *self.markets.iter().find(|market| market.number == number).expect("a participant")
    }

    /// One turn of a history.
    pub(super) fn visit(&mut self, history: &mut History) {
        history.visits += 1;
        history.due_tick = self.network.ticks() + 1 + self.random.below(4);
        if let Some(mut answer) = history.pending.take() {
            use tokio::sync::oneshot::error::TryRecvError;
            match answer.try_recv() {
                Ok(Ok(reply)) => return self.answered(history, reply.outcome),
                // Whether it was done is known when it is asked again.
                Ok(Err(_)) | Err(TryRecvError::Closed) => {}
                Err(TryRecvError::Empty) => {
                    history.pending = Some(answer);
                    return;
                }
            }
        }
        if history.visits > VISITS_MAX {
            history.stage = Stage::End;
            return;
        }
        history.mind = None;
        match history.stage {
            Stage::Place | Stage::Enquire | Stage::Pay | Stage::IssueCode | Stage::Collect | Stage::Send => {
                self.ask_next(history);
            }
            Stage::Refund => self.refund(history),
            Stage::AwaitQuote => self.await_quote(history),
            Stage::AwaitPayment => self.await_payment(history),
            Stage::AwaitCollection => self.await_collection(history),
            Stage::AwaitTransfer => self.await_transfer(history),
            Stage::End => {}
        }
    }

    fn submit(&mut self, history: &mut History, cell: u16, command: Command) {
        if self.network.at(cell).is_open() {
            history.pending = Some(self.network.site(cell).submit(command));
        }
    }

    fn price(&self, history: &History) -> Money {
        self.market(history.to).money(history.amount_minor)
    }

    fn ask_next(&mut self, history: &mut History) {
        let (payer, payee) = (Caller::customer(history.payer), Caller::merchant(history.payee));
        let price = self.price(history);
        let (cell, command) = match history.stage {
            Stage::Place => {
                let body = Precreate { order: fields(history, price), code_lifetime_seconds: None };
                (history.to, Command::new(PRECREATE, payee, &body))
            }
            Stage::Enquire => {
                let printed = Target::Merchant { merchant: history.payee, store: None, reference: "printed".into() };
                let (target, amount) = match history.way {
                    Way::Printed => (printed, Some(price)),
                    _ => (Target::Order { order: history.order }, None),
                };
                let body = EnquireBody { destination: history.to, target, amount };
                (history.from, Command::new(ENQUIRE, payer, &body))
            }
            Stage::Pay => (history.from, Command::new(PAY_ABROAD, payer, &PayAbroad { enquiry: history.enquiry })),
            Stage::IssueCode => {
                history.digest = digest(history.id, history.tries);
                let body = CodeTarget { code_digest: history.digest };
                (history.from, Command::new(ISSUE_PAY_CODE, payer, &body))
            }
            Stage::Collect => {
                // Sometimes the till misreads the code, or the order names another buyer.
                let code_digest = if self.random.below(15) == 0 { [0xee; 32] } else { history.digest };
                let mut order = fields(history, price);
                order.required_buyer = history.id.is_multiple_of(11).then_some(history.payer + 100_000);
                let body = CollectBody { order, origin: history.from, code_digest };
                (history.to, Command::new(COLLECT, payee, &body))
            }
            _ => {
                let body = TransferToCustomer {
                    out_biz_no: history.number(),
                    payee: history.payee,
                    money: self.market(history.from).money(history.amount_minor),
                    title: None,
                };
                (history.from, Command::new(SEND_MONEY, Caller::merchant(history.payer), &body))
            }
        };
        self.submit(history, cell, command);
    }

    fn answered(&mut self, history: &mut History, outcome: Result<Vec<u8>, Refusal>) {
        let Ok(reply) = outcome else {
            history.tries += 1;
            if history.tries > 2 || self.random.below(3) == 0 {
                history.stage = if history.stage == Stage::Refund { Stage::Refund } else { Stage::End };
                history.refunds_left = history.refunds_left.saturating_sub(1);
            }
            return;
        };
        match history.stage {
            Stage::Place => {
                history.order = decode::<OrderReply>(&reply, "reply").expect("an order's reply").order.id;
                history.stage = Stage::Enquire;
            }
            Stage::Enquire => {
                history.enquiry = decode::<EnquireReply>(&reply, "reply").expect("an enquiry's reply").enquiry;
                history.stage = Stage::AwaitQuote;
            }
            Stage::Pay => {
                history.payment = decode::<PayAbroadReply>(&reply, "reply").expect("a payment's reply").payment;
                history.stage = Stage::AwaitPayment;
            }
            Stage::IssueCode => history.stage = Stage::Collect,
            Stage::Collect => {
                history.order = decode::<OrderReply>(&reply, "reply").expect("an order's reply").order.id;
                history.stage = Stage::AwaitCollection;
            }
            Stage::Send => history.stage = Stage::AwaitTransfer,
            Stage::Refund => {
                history.refunds += 1;
                history.refunds_left = history.refunds_left.saturating_sub(1);
            }
            // The answer to a shop's cancel or close while somebody waits.
            Stage::AwaitQuote | Stage::AwaitPayment | Stage::AwaitCollection | Stage::AwaitTransfer | Stage::End => {
                let unpaid = match history.mind.take() {
                    Some(CANCEL) => {
                        let cancelled = decode::<CancelReply>(&reply, "reply").expect("a cancel's reply");
                        cancelled.action == Some(CancelAction::Close)
                    }
                    code => code == Some(CLOSE),
                };
                if unpaid {
                    self.unpaid.insert((history.to, history.order));
                }
            }
        }
    }

    fn await_quote(&mut self, history: &mut History) {
        if self.shop_changes_its_mind(history) {
            return;
        }
        let row = self.network.at(history.from).get::<Enquiry>(&Enquiry::key(history.enquiry));
        match row.map(|row| row.state) {
            Some(EnquiryState::Asked) => {}
            Some(EnquiryState::Quoted { .. }) => match self.random.below(20) {
                0 => history.stage = Stage::End,
                // Let the quote grow old.
                1..=4 => {}
                _ => history.stage = Stage::Pay,
            },
            Some(EnquiryState::Used { payment }) => {
                (history.payment, history.stage) = (payment, Stage::AwaitPayment);
            }
            Some(EnquiryState::Refused { .. }) | None => {
                history.tries += 1;
                history.stage = if history.tries > 2 { Stage::End } else { Stage::Enquire };
            }
        }
    }

    fn await_payment(&mut self, history: &mut History) {
        if self.shop_changes_its_mind(history) {
            return;
        }
        let key = Outgoing::key(history.payment);
        let Some(row) = self.network.at(history.from).get::<Outgoing>(&key) else { return };
        match row.state {
            OutgoingState::Held => self.people_look(history, &row),
            OutgoingState::Done => {
                history.order = row.receipt.map_or(0, |receipt| receipt.order);
                history.stage = Stage::Refund;
            }
            OutgoingState::Refused { .. } | OutgoingState::Released => history.stage = Stage::End,
        }
    }

    /// An operator releases money about which the network has been silent for too long.
    fn people_look(&mut self, history: &mut History, row: &Outgoing) {
        if row.waits_for_people() && self.random.below(3) == 0 {
            let body = ReleasePayment { payment: row.id, reference: "file 7".into() };
            self.note(|| format!("payment {} of cell {} is released by people", row.id, history.from));
            self.submit(history, history.from, operator(RELEASE_PAYMENT, &body));
        }
    }

    fn await_collection(&mut self, history: &mut History) {
        if self.shop_changes_its_mind(history) {
            return;
        }
        let site = self.network.at(history.to);
        let refused = site.get::<Collection>(&Collection::key(history.order)).is_some_and(|row| row.refusal.is_some());
        let order = site.get::<Order>(&Order::key(history.order));
        match order.map(|order| order.state) {
            Some(OrderState::Paid) => history.stage = Stage::Refund,
            Some(OrderState::Closed) => history.stage = Stage::End,
            None | Some(_) if refused => {
                history.tries += 1;
                history.stage = if history.tries > 2 { Stage::End } else { Stage::IssueCode };
            }
            None | Some(_) => {}
        }
    }

    fn await_transfer(&mut self, history: &mut History) {
        let key = MerchantTransfer::key(history.payer, &history.number());
        let row = self.network.at(history.from).get::<MerchantTransfer>(&key);
        if row.is_some_and(|row| row.state != TransferState::UnderWay) {
            history.stage = Stage::End;
        }
    }

    /// While somebody waits, the shop may cancel or close the order.
    fn shop_changes_its_mind(&mut self, history: &mut History) -> bool {
        if history.order == 0 || !self.happens(60) {
            return false;
        }
        let code = if self.random.below(2) == 0 { CANCEL } else { CLOSE };
        let body = OrderRef { out_trade_no: None, id: Some(history.order) };
        history.mind = Some(code);
        self.submit(history, history.to, Command::new(code, Caller::merchant(history.payee), &body));
        true
    }

    fn refund(&mut self, history: &mut History) {
        if history.refunds_left == 0 || history.order == 0 {
            history.stage = Stage::End;
            return;
        }
        let merchant = Caller::merchant(history.payee);
        let order = OrderRef { out_trade_no: None, id: Some(history.order) };
        if self.happens(500) {
            self.submit(history, history.to, Command::new(CANCEL, merchant, &order));
            return;
        }
        let part_minor = match self.random.below(4) {
            0 => 1 + self.random.below(3),
            1 => history.amount_minor,
            _ => 1 + self.random.below(history.amount_minor),
        };
        // Sometimes the number of the refund before, as a till that has not heard the answer uses it.
        let number = history.refunds.saturating_sub(u64::from(self.random.below(8) == 0));
        let body = RefundOrder {
            order,
            amount: Money::new(amount(part_minor), self.price(history).currency),
            out_request_no: Some(format!("refund-{number}")),
            reason: None,
        };
        self.submit(history, history.to, Command::new(REFUND, merchant, &body));
    }
}

fn fields(history: &History, total: Money) -> OrderFields {
    OrderFields {
        app: None,
        out_trade_no: history.number(),
        total,
        subject: "a meal".into(),
        body: None,
        store: None,
        store_reference: None,
        terminal: None,
        operator: None,
        passback_params: None,
        notify_url: None,
        return_url: None,
        product_code: None,
        expires_at_ns: None,
        expires_after_seconds: None,
        required_buyer: None,
    }
}

fn digest(history: u64, tries: u64) -> [u8; 32] {
    let mut digest = [7; 32];
    digest[..8].copy_from_slice(&history.to_be_bytes());
    digest[8..16].copy_from_slice(&tries.to_be_bytes());
    digest
}
