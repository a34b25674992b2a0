//! Load on a cell that knows no other: everything is refused, and nothing moves. Payments between cells are the load of the
//! simulator, which has several.

use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload};
use sycee_money::{Amount, Currency, Money};

use crate::command::{
    CONFIRM_SETTLEMENT, ConfirmSettlement, ENQUIRE, EnquireBody, PAY_ABROAD, PayAbroad, RELEASE_PAYMENT,
    ReleasePayment, SET_RATES, SetRates,
};
use crate::quote::Target;
use crate::refusal::{ENQUIRY_UNKNOWN, NOT_A_NETWORK, PAYMENT_UNKNOWN};

/// Callers whom nobody knows.
pub(crate) struct Strangers;

impl Workload for Strangers {
    fn next(&mut self, random: &mut Random) -> WorkItem {
        let stranger = Caller::customer(1);
        let id = random.below(1_000_000);
        let euro = Currency::from_code("EUR").and_then(|euro| Some((euro, Amount::new(id.saturating_add(1)).ok()?)));
        let (command, code) = match (random.below(5), euro) {
            (0, Some((euro, amount))) => {
                let target = Target::Merchant { merchant: id, store: None, reference: "".into() };
                let body = EnquireBody { destination: 98, target, amount: Some(Money::new(amount, euro)) };
                (Command::new(ENQUIRE, stranger, &body), sycee_wallet::PAYER_NOT_FOUND)
            }
            (1, Some((euro, _))) => {
                let bank_reference = "0001".into();
                let body = ConfirmSettlement { window: id, cell: 98, currency: euro, bank_reference };
                (Command::new(CONFIRM_SETTLEMENT, Caller::OPERATOR, &body), NOT_A_NETWORK)
            }
            (2, _) => {
                let body = SetRates { source: "stranger".into(), at_ns: 0, rates: [].into() };
                (Command::new(SET_RATES, Caller::OPERATOR, &body), NOT_A_NETWORK)
            }
            (3, _) => {
                let body = ReleasePayment { payment: id, reference: "0001".into() };
                (Command::new(RELEASE_PAYMENT, Caller::OPERATOR, &body), PAYMENT_UNKNOWN)
            }
            _ => (Command::new(PAY_ABROAD, stranger, &PayAbroad { enquiry: id }), ENQUIRY_UNKNOWN),
        };
        WorkItem { command, expectation: Expectation::Refused(code) }
    }

    fn learn(&mut self, _: &Answer) {}
}
