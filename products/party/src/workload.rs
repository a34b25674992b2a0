//! Load.
use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload};
#[derive(Default)]
pub(crate) struct Parties;
impl Workload for Parties {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: Command::new(crate::UNFREEZE, Caller::OPERATOR, &crate::command::Unfreeze { party: 0 }), expectation: Expectation::Refused(crate::PARTY_NOT_FOUND) }
    }
    fn learn(&mut self, _: &Answer) {}
}
