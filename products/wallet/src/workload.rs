//! Load: customers who pay each other, with a model of every balance. Amounts are small, so that the limits of a market's
//! highest KYC tier do not bind. The money is euro: the market pack must hold it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sycee_contract::{Answer, Caller, Command, Expectation, Random, RefusalCode, WorkItem, Workload, decode};
use sycee_money::{Amount, Currency, Money};
use sycee_party::OPEN_CUSTOMER;
use sycee_party::command::{OpenCustomer, Opened};

use crate::command::{
    CashIn, CashMoved, CashOut, DeclineRequest, MoneyRequested, PayRequest, Payee, RequestMoney, Send, Sent,
};
use crate::{
    BALANCE_NOT_ENOUGH, CASH_IN, CASH_OUT, CURRENCY_NOT_HELD, DECLINE_REQUEST, NOT_YOUR_REQUEST, PAY_REQUEST,
    PAYEE_IS_PAYER, PAYEE_NOT_FOUND, REQUEST_ENDED, REQUEST_MONEY, REQUEST_NOT_FOUND, SEND,
};

/// How many customers there are.
const CUSTOMERS: u8 = 16;

#[derive(Clone, Copy)]
struct Customer {
    number: u64,
    balance_minor: u64,
}

#[derive(Clone, Copy)]
struct Asked {
    request: u64,
    from: usize,
    to: usize,
    minor: u64,
}

/// What the next answer does to the model if it is "done".
#[derive(Clone, Copy, Default)]
enum Awaited {
    #[default]
    Nothing,
    Opened,
    CashIn(usize, u64),
    CashOut(usize, u64),
    Sent(usize, usize, u64),
    Requested(usize, usize, u64),
    Paid(Asked),
    Declined,
}

/// The generator.
#[derive(Default)]
pub(crate) struct Wallets {
    customers: Vec<Customer>,
    asked: Vec<Asked>,
    awaited: Awaited,
    problem: Option<String>,
}

impl Workload for Wallets {
    fn prepare(&mut self) -> Vec<WorkItem> {
        self.awaited = Awaited::Opened;
        let open = |index: u8| {
            let body = OpenCustomer { person: [index; 16], contact: Some(contact(index)), kyc_rank: None };
            let command = Command::new(OPEN_CUSTOMER, Caller::OPERATOR, &body);
            WorkItem {
                command: command.with_id(&format!("wallet-workload-{index}")),
                expectation: Expectation::Accepted,
            }
        };
        (0..CUSTOMERS).map(open).collect()
    }

    fn next(&mut self, random: &mut Random) -> WorkItem {
        self.awaited = Awaited::Nothing;
        let [from, to] = [self.any(random), self.any(random)];
        let payer = self.number(from);
        let balance_minor = self.balance(from);
        match random.below(12) {
            0 | 1 if balance_minor < 5_000 => self.cash_in(from, random),
            2 => self.cash_out(from, random),
            3 => {
                let to_nobody = Send { payee: Payee::Contact([0xee; 32]), money: euro(1) };
                refused(random, SEND, payer, &to_nobody, PAYEE_NOT_FOUND)
            }
            4 => {
                let kronur = Money::new(Amount::ONE, Currency::ISK);
                let body = Send { payee: Payee::Party(self.number(from ^ 1)), money: kronur };
                refused(random, SEND, payer, &body, CURRENCY_NOT_HELD)
            }
            5 => {
                let too_much =
                    Send { payee: self.payee(from ^ 1, random), money: euro(balance_minor.saturating_add(1)) };
                refused(random, SEND, payer, &too_much, BALANCE_NOT_ENOUGH)
            }
            6 if from != to => self.request(from, to, random),
            7 | 8 => self.answer(random),
            _ => self.send(from, to, random),
        }
    }

    fn learn(&mut self, answer: &Answer) {
        self.problem = None;
        let awaited = self.awaited;
        let problem = match answer {
            Answer::Done(reply) => self.done(awaited, reply),
            Answer::Refused(refusal) if matches!(awaited, Awaited::Paid(_)) => {
                // Whether a request's time is over is up to the clock.
                (refusal.code != REQUEST_ENDED && refusal.code != BALANCE_NOT_ENOUGH)
                    .then(|| format!("a payment of a request was refused: {refusal:?}"))
            }
            Answer::Refused(_) => None,
        };
        self.problem = problem;
    }

    fn problem(&self) -> Option<String> {
        self.problem.clone()
    }
}

impl Wallets {
    fn cash_in(&mut self, customer: usize, random: &mut Random) -> WorkItem {
        let minor = random.below(500).saturating_add(1);
        self.awaited = Awaited::CashIn(customer, minor);
        let body = CashIn { customer: self.number(customer), money: euro(minor), bank_reference: "B-1".to_string() };
        accepted(random, CASH_IN, Caller::OPERATOR, &body)
    }

    fn cash_out(&mut self, customer: usize, random: &mut Random) -> WorkItem {
        let minor = random.below(60).saturating_add(1);
        let body = CashOut { customer: self.number(customer), money: euro(minor), bank_reference: "B-2".to_string() };
        let item = accepted(random, CASH_OUT, Caller::OPERATOR, &body);
        if minor > self.balance(customer) {
            return WorkItem { expectation: Expectation::Refused(BALANCE_NOT_ENOUGH), ..item };
        }
        self.awaited = Awaited::CashOut(customer, minor);
        item
    }

    fn send(&mut self, from: usize, to: usize, random: &mut Random) -> WorkItem {
        let payer = self.number(from);
        let minor = random.below(60).saturating_add(1);
        let body = Send { payee: self.payee(to, random), money: euro(minor) };
        if from == to {
            return refused(random, SEND, payer, &body, PAYEE_IS_PAYER);
        }
        if minor > self.balance(from) {
            return refused(random, SEND, payer, &body, BALANCE_NOT_ENOUGH);
        }
        self.awaited = Awaited::Sent(from, to, minor);
        accepted(random, SEND, Caller::customer(payer), &body)
    }

    fn request(&mut self, from: usize, to: usize, random: &mut Random) -> WorkItem {
        let minor = random.below(60).saturating_add(1);
        self.awaited = Awaited::Requested(from, to, minor);
        let body = RequestMoney { payer: self.payee(from, random), money: euro(minor) };
        accepted(random, REQUEST_MONEY, Caller::customer(self.number(to)), &body)
    }

    /// Pays or declines the latest request, or answers one that cannot be answered.
    fn answer(&mut self, random: &mut Random) -> WorkItem {
        let payer = |this: &Self, asked: &Asked| Caller::customer(this.number(asked.from));
        match (random.below(4), self.asked.last().copied()) {
            (0, Some(asked)) => {
                let stranger = self.number(asked.to);
                refused(random, PAY_REQUEST, stranger, &PayRequest { request: asked.request }, NOT_YOUR_REQUEST)
            }
            (1, Some(asked)) => {
                self.asked.pop();
                self.awaited = Awaited::Declined;
                let caller = payer(self, &asked);
                let item = accepted(random, DECLINE_REQUEST, caller, &DeclineRequest { request: asked.request });
                WorkItem { expectation: Expectation::Any, ..item }
            }
            (_, Some(asked)) => {
                self.asked.pop();
                self.awaited = Awaited::Paid(asked);
                let caller = payer(self, &asked);
                let item = accepted(random, PAY_REQUEST, caller, &PayRequest { request: asked.request });
                WorkItem { expectation: Expectation::Any, ..item }
            }
            (_, None) => {
                let nobody = self.number(0);
                refused(random, DECLINE_REQUEST, nobody, &DeclineRequest { request: 0 }, REQUEST_NOT_FOUND)
            }
        }
    }

    /// Follows an accepted command; gives back what is wrong with its reply.
    fn done(&mut self, awaited: Awaited, reply: &[u8]) -> Option<String> {
        match awaited {
            Awaited::Nothing | Awaited::Declined => None,
            Awaited::Opened => {
                let Ok(Opened { party }) = decode(reply, "reply") else { return undecodable() };
                self.customers.push(Customer { number: party, balance_minor: 0 });
                None
            }
            Awaited::CashIn(customer, minor) => {
                let Ok(CashMoved { balance_minor, .. }) = decode(reply, "reply") else { return undecodable() };
                self.credit(customer, minor);
                self.compare(customer, balance_minor)
            }
            Awaited::CashOut(customer, minor) => {
                let Ok(CashMoved { balance_minor, .. }) = decode(reply, "reply") else { return undecodable() };
                self.debit(customer, minor);
                self.compare(customer, balance_minor)
            }
            Awaited::Sent(from, to, minor) | Awaited::Paid(Asked { from, to, minor, .. }) => {
                let Ok(Sent { payee, balance_minor, money, .. }) = decode(reply, "reply") else {
                    return undecodable();
                };
                if payee != self.number(to) || money != euro(minor) {
                    return Some(format!("{money} were sent to {payee}, not {minor} to {}", self.number(to)));
                }
                self.debit(from, minor);
                self.credit(to, minor);
                self.compare(from, balance_minor)
            }
            Awaited::Requested(from, to, minor) => {
                let Ok(MoneyRequested { request, .. }) = decode(reply, "reply") else { return undecodable() };
                self.asked.push(Asked { request, from, to, minor });
                None
            }
        }
    }

    fn compare(&self, customer: usize, balance_minor: u64) -> Option<String> {
        let model = self.balance(customer);
        (model != balance_minor)
            .then(|| format!("party {}: {balance_minor} in the reply, {model} expected", self.number(customer)))
    }

    fn any(&self, random: &mut Random) -> usize {
        usize::try_from(random.below(u64::from(CUSTOMERS))).unwrap_or(0)
    }

    fn number(&self, customer: usize) -> u64 {
        self.customers.get(customer).map_or(0, |customer| customer.number)
    }

    fn balance(&self, customer: usize) -> u64 {
        self.customers.get(customer).map_or(0, |customer| customer.balance_minor)
    }

    fn payee(&self, customer: usize, random: &mut Random) -> Payee {
        match u8::try_from(customer) {
            Ok(index) if random.below(2) == 0 => Payee::Contact(contact(index)),
            _ => Payee::Party(self.number(customer)),
        }
    }

    fn credit(&mut self, customer: usize, minor: u64) {
        if let Some(customer) = self.customers.get_mut(customer) {
            customer.balance_minor = customer.balance_minor.saturating_add(minor);
        }
    }

    fn debit(&mut self, customer: usize, minor: u64) {
        if let Some(customer) = self.customers.get_mut(customer) {
            customer.balance_minor = customer.balance_minor.saturating_sub(minor);
        }
    }
}

fn contact(index: u8) -> [u8; 32] {
    let mut digest = [0x77; 32];
    if let Some(first) = digest.first_mut() {
        *first = index;
    }
    digest
}

fn euro(minor: u64) -> Money {
    Money::new(Amount::new(minor).unwrap_or(Amount::MAX), Currency::EUR)
}

fn undecodable() -> Option<String> {
    Some("the reply does not decode".to_string())
}

fn accepted<T: minicbor::Encode<()>>(random: &mut Random, code: u16, caller: Caller, body: &T) -> WorkItem {
    let id = format!("wallet-{:016x}", random.next_u64());
    WorkItem { command: Command::new(code, caller, body).with_id(&id), expectation: Expectation::Accepted }
}

fn refused<T: minicbor::Encode<()>>(
    random: &mut Random,
    code: u16,
    customer: u64,
    body: &T,
    refusal: RefusalCode,
) -> WorkItem {
    let item = accepted(random, code, Caller::customer(customer), body);
    WorkItem { expectation: Expectation::Refused(refusal), ..item }
}
