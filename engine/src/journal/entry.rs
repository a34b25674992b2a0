//! One operation as it is kept.

use minicbor::{Decode, Encode};
use sycee_contract::{Answer, Command, Plan, Stamp};

/// An operation: what was asked, when, what it changed and what was answered.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Entry {
    /// The stamp.
    #[n(0)]
    pub stamp: Stamp,
    /// The command.
    #[n(1)]
    pub command: Command,
    /// The plan.
    #[n(2)]
    pub plan: Plan,
    /// The answer.
    #[n(3)]
    pub answer: Answer,
}
