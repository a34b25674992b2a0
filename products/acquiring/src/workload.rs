//! Load.
use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload};

use crate::command::{CLOSE, OrderRef};

#[derive(Default)]
pub(crate) struct Shop {}

impl Workload for Shop {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        let named = OrderRef { out_trade_no: Some("none".into()), id: None };
        let command = Command::new(CLOSE, Caller::merchant(0), &named);
        WorkItem { command, expectation: Expectation::Refused(crate::refusal::TRADE_NOT_EXIST) }
    }
    fn learn(&mut self, _: &Answer) {}
}
