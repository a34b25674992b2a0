//! Load.
use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload};
#[derive(Default)]
pub(crate) struct Wallets;
impl Workload for Wallets {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: Command::new(crate::PAY_REQUEST, Caller::customer(1), &crate::command::PayRequest { request: 0 }), expectation: Expectation::Refused(crate::REQUEST_NOT_FOUND) }
    }
    fn learn(&mut self, _: &Answer) {}
}
