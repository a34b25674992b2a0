//! Load.
use sycee_contract::{Answer, Caller, Command, Expectation, Random, WorkItem, Workload, cell};
#[derive(Default)]
pub(crate) struct BulkWork { _n: u32 }
impl Workload for BulkWork {
    fn next(&mut self, _: &mut Random) -> WorkItem {
        WorkItem { command: Command::new(crate::VOID_HOLD, Caller::OPERATOR, &crate::command::VoidHold { hold: 0 }), expectation: Expectation::Refused(cell::LEDGER_REFUSAL_BASE + 4) }
    }
    fn learn(&mut self, _: &Answer) {}
}
