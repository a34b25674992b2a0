//! One payer's cell, one payee's cell and the network between them, and what people ask of them.

use std::sync::Arc;

use sycee_acquiring::command::{
    CANCEL, CodeTarget, ISSUE_PAY_CODE, OrderFields, OrderRef, PRECREATE, Precreate, REFUND, RefundOrder,
    TransferToCustomer,
};
use sycee_acquiring::reply::{OrderReply, TransferReply};
use sycee_acquiring::{MERCHANT_BALANCE, Order};
use sycee_contract::{Books, Caller, Command, Refusal, RefusalCode, decode};
use sycee_interop::command::{
    COLLECT, CollectBody, ENQUIRE, EnquireBody, EnquireReply, PAY_ABROAD, PayAbroad, PayAbroadReply, SEND_MONEY,
};
use sycee_interop::quote::{Quote, Target};
use sycee_interop::record::{Enquiry, EnquiryState, Outgoing, OutgoingState};
use sycee_ledger::AccountId;
use sycee_sim::auditor;
use sycee_sim::network::Network;
use sycee_sim::setup::{Market, Options, amount, open_customer, open_merchant};

/// What the customer has at the beginning, minor units.
pub const CASH_MINOR: u64 = 10_000_000;
/// What merchants have earned at home.
pub const PROCEEDS_MINOR: u64 = 5_000_000;

pub struct Bench {
    pub network: Network,
    pub from: Market,
    pub to: Market,
    /// Of the payer's cell.
    pub customer: u64,
    /// Of the payee's cell.
    pub merchant: u64,
    /// Of the payer's cell.
    pub sender: u64,
    /// Of the payee's cell.
    pub receiver: u64,
}

impl Bench {
    pub fn new(from: &str, to: &str) -> Self {
        Self::of(&Options::of(1, &[from, to]))
    }

    pub fn of(options: &Options) -> Self {
        let mut network = options.build();
        let (from, to) = (options.markets[0], options.markets[1]);
        let customer = open_customer(&mut network, &from, 1, 2, CASH_MINOR);
        let sender = open_merchant(&mut network, &from, 2, PROCEEDS_MINOR);
        let merchant = open_merchant(&mut network, &to, 3, PROCEEDS_MINOR);
        let receiver = open_customer(&mut network, &to, 4, 2, 0);
        Self { network, from, to, customer, merchant, sender, receiver }
    }

    /// The customer asks what a typed amount would cost; gives back the enquiry.
    pub fn enquire(&mut self, price_minor: u64) -> Result<u64, Refusal> {
        let target = Target::Merchant { merchant: self.merchant, store: None, reference: String::new() };
        self.enquire_for(target, Some(price_minor))
    }

    pub fn enquire_for(&mut self, target: Target, price_minor: Option<u64>) -> Result<u64, Refusal> {
        let amount = price_minor.map(|minor| self.to.money(minor));
        let body = EnquireBody { destination: self.to.number, target, amount };
        let command = Command::new(ENQUIRE, Caller::customer(self.customer), &body);
        let reply = self.network.ask(self.from.number, command)?;
        Ok(decode::<EnquireReply>(&reply, "reply").unwrap().enquiry)
    }

    /// The quote of an enquiry, or why there is none.
    pub fn quote(&mut self, enquiry: u64) -> Result<Quote, Refusal> {
        self.network.drain();
        match self.network.at(self.from.number).get::<Enquiry>(&Enquiry::key(enquiry)).unwrap().state {
            EnquiryState::Quoted { quote, signature } => {
                assert!(quote.adds_up());
                assert_eq!(signature, Some(sycee_sim::network::signature(sycee_sim::setup::NETWORK)));
                Ok(quote)
            }
            EnquiryState::Refused { refusal } => Err(refusal),
            other => panic!("{other:?}"),
        }
    }

    /// The customer pays as quoted; nothing has left the cell yet.
    pub fn pay(&mut self, enquiry: u64) -> Result<u64, Refusal> {
        let command = Command::new(PAY_ABROAD, Caller::customer(self.customer), &PayAbroad { enquiry });
        let reply = self.network.ask(self.from.number, command)?;
        Ok(decode::<PayAbroadReply>(&reply, "reply").unwrap().payment)
    }

    /// The customer pays a printed code, to the end; gives back the payment's id.
    pub fn pay_printed(&mut self, price_minor: u64) -> u64 {
        let enquiry = self.enquire(price_minor).unwrap();
        self.quote(enquiry).unwrap();
        let payment = self.pay(enquiry).unwrap();
        self.network.drain();
        payment
    }

    /// The shop issues a code for an order, the customer scans it; gives back the order and the enquiry.
    pub fn scan(&mut self, number: &str, price_minor: u64) -> (u64, u64) {
        let order = self.fields(number, price_minor);
        let body = Precreate { order, code_lifetime_seconds: None };
        let reply = self.shop(PRECREATE, &body).unwrap();
        let order = decode::<OrderReply>(&reply, "reply").unwrap().order.id;
        (order, self.enquire_for(Target::Order { order }, None).unwrap())
    }

    pub fn issue_code(&mut self, digest: u8) {
        let body = CodeTarget { code_digest: [digest; 32] };
        let command = Command::new(ISSUE_PAY_CODE, Caller::customer(self.customer), &body);
        self.network.ask(self.from.number, command).unwrap();
    }

    /// The shop scans a code.
    pub fn collect(
        &mut self,
        number: &str,
        price_minor: u64,
        digest: u8,
        buyer: Option<u64>,
    ) -> Result<Order, Refusal> {
        let order = OrderFields { required_buyer: buyer, ..self.fields(number, price_minor) };
        let body = CollectBody { order, origin: self.from.number, code_digest: [digest; 32] };
        let reply = self.shop(COLLECT, &body)?;
        Ok(decode::<OrderReply>(&reply, "reply").unwrap().order)
    }

    pub fn cancel(&mut self, order: u64) -> Result<Vec<u8>, Refusal> {
        self.shop(CANCEL, &OrderRef { out_trade_no: None, id: Some(order) })
    }

    /// The shop refunds a part of what a payment has paid.
    pub fn refund(&mut self, payment: u64, part_minor: u64, number: &str) {
        let order = self.payment(payment).receipt.unwrap().order;
        let body = RefundOrder {
            order: OrderRef { out_trade_no: None, id: Some(order) },
            amount: self.to.money(part_minor),
            out_request_no: Some(number.into()),
            reason: None,
        };
        self.shop(REFUND, &body).unwrap();
        self.network.drain();
    }

    /// A merchant of the payer's cell sends money to a customer of the payee's.
    pub fn send(&mut self, number: &str, payee: u64, minor: u64) -> Result<TransferReply, Refusal> {
        let money = self.from.money(minor);
        let body = TransferToCustomer { out_biz_no: number.into(), payee, money, title: None };
        let command = Command::new(SEND_MONEY, Caller::merchant(self.sender), &body);
        let reply = self.network.ask(self.from.number, command)?;
        Ok(decode(&reply, "reply").unwrap())
    }

    fn shop<T: minicbor::Encode<()>>(&mut self, code: u16, body: &T) -> Result<Vec<u8>, Refusal> {
        self.network.ask(self.to.number, Command::new(code, Caller::merchant(self.merchant), body))
    }

    fn fields(&self, number: &str, price_minor: u64) -> OrderFields {
        OrderFields {
            app: None,
            out_trade_no: number.into(),
            total: self.to.money(price_minor),
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

    pub fn payment(&self, payment: u64) -> Outgoing {
        self.network.at(self.from.number).get(&Outgoing::key(payment)).unwrap()
    }

    /// Why a payment was refused.
    pub fn refusal(&self, payment: u64) -> RefusalCode {
        match self.payment(payment).state {
            OutgoingState::Refused { refusal } => refusal.code,
            other => panic!("{other:?}"),
        }
    }

    /// Posted and held of an account of a cell.
    pub fn balance(&self, cell: u16, id: AccountId) -> (i128, u64) {
        let account = Books::account(self.network.at(cell).tables(), id);
        account.map_or((0, 0), |account| (account.balance_minor(), account.held_minor()))
    }

    /// What the customer has, and what of it is held.
    pub fn customer_has(&self) -> (i128, u64) {
        let id = sycee_wallet::customer_account(self.customer, self.from.currency()).id();
        self.balance(self.from.number, id)
    }

    pub fn merchant_has(&self) -> i128 {
        self.balance(self.to.number, MERCHANT_BALANCE.of(self.merchant, self.to.currency())).0
    }

    /// A network's own account in the payer's currency.
    pub fn network_has(&self, kind: &sycee_ledger::AccountKind) -> i128 {
        let id = kind.of(sycee_ledger::OPERATOR, self.from.currency());
        self.balance(sycee_sim::setup::NETWORK, id).0
    }

    /// All audits and the mirror.
    pub fn check(&self) {
        auditor::mirror(&self.network).unwrap();
        auditor::audits(&self.network, &sycee_registry::products()).unwrap();
    }

    /// The same, and that all money is there: what people had at the beginning, and what else was brought to banks.
    pub fn check_money(&self, also: &[(Market, i128)]) {
        self.check();
        let mut put_in = std::collections::BTreeMap::new();
        *put_in.entry(self.from.currency()).or_default() += i128::from(CASH_MINOR + PROCEEDS_MINOR);
        *put_in.entry(self.to.currency()).or_default() += i128::from(PROCEEDS_MINOR);
        for (market, minor) in also {
            *put_in.entry(market.currency()).or_default() += minor;
        }
        auditor::nothing_is_held(&self.network).unwrap();
        auditor::money_is_kept(&self.network, &put_in).unwrap();
    }

    /// Ticks while the clock moves, without waiting for what cannot arrive.
    pub fn wait(&mut self, seconds: u64) {
        // A little more: stamps run ahead of a clock that stands.
        self.network.clock.advance_ns(seconds * sycee_sim::clock::SECOND_NS + 1_000);
        for _ in 0..4 {
            self.network.tick();
        }
    }

    /// A cell comes back with all products.
    pub fn open(&mut self, cell: u16) {
        self.network.open(cell, Arc::new(sycee_registry::products()));
    }
}

/// An amount that a table writes.
pub fn minor(amount_minor: u64) -> sycee_money::Amount {
    amount(amount_minor)
}
