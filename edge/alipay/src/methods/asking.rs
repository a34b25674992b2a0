//! Asking the engine, and waiting for the final state as long as the platform does.

use minicbor::{Decode, Encode};
use sycee_contract::{Caller, Command, CommandCode, Key, Record, Refusal, decode};
use sycee_engine::store::StoreError;
use sycee_engine::{CellHandle, NoReply};
use tracing::{error, warn};

use super::Call;
use crate::codes::gateway;
use crate::refusals;
use crate::wire::failure::Failure;

/// How long a method waits for the engine's answer and for other cells, seconds. After that it says that the matter is under way.
pub const ANSWER_WAIT_SECONDS: u64 = 10;

/// Why there is no reply to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unanswered {
    /// Refused; nothing happened.
    Refused(Refusal),
    /// No answer came in time: it is, or will be, decided.
    UnderWay,
    /// The cell took nothing, or cannot say: it is full or has stopped. Or its answer cannot be read.
    Unavailable,
}

impl Unanswered {
    /// The failure in the words of `method`.
    #[must_use]
    pub fn into_failure(self, method: &str) -> Failure {
        match self {
            Self::Refused(refusal) => refusals::failure(method, &refusal),
            Self::UnderWay | Self::Unavailable => Failure::new(gateway::UNKNOWN_ERROR),
        }
    }

    /// That a cell's rows cannot be read; the reason is for the operator.
    pub(super) fn unreadable(cell: &CellHandle, error: &StoreError) -> Self {
        error!(cell = cell.name, "the Alipay edge cannot read a cell: {error}");
        Self::Unavailable
    }
}

impl Call<'_> {
    /// Waits until `look` finds in a row what it looks for.
    ///
    /// # Errors
    /// [`Unanswered::UnderWay`] when the time is over that a request may take; [`Unanswered::Unavailable`].
    pub(super) async fn until<R: Record, T>(
        &self,
        key: &Key,
        look: impl FnMut(Option<R>) -> Option<T>,
    ) -> Result<T, Unanswered> {
        match tokio::time::timeout_at(self.deadline, self.cell.port.until(key, look)).await {
            Err(_) => Err(Unanswered::UnderWay),
            Ok(found) => found.map_err(|error| Unanswered::unreadable(self.cell, &error)),
        }
    }

    /// Asks the cell in the merchant's name. Trades, refunds and transfers have the merchant's own numbers, so the command needs
    /// no key: the product's state tells a repeat.
    ///
    /// # Errors
    /// [`Unanswered`].
    pub(super) async fn ask<B, R>(&self, code: CommandCode, body: &B) -> Result<R, Unanswered>
    where
        B: Encode<()>,
        R: for<'b> Decode<'b, ()>,
    {
        let command = Command::new(code, Caller::merchant(self.merchant), body);
        match tokio::time::timeout_at(self.deadline, self.cell.port.ask(command)).await {
            Err(_) => Err(Unanswered::UnderWay),
            Ok(Err(NoReply::Busy)) => Err(Unanswered::Unavailable),
            Ok(Err(NoReply::Stopped(why))) => {
                warn!(cell = self.cell.name, "the cell does not answer the Alipay edge: {why}");
                Err(Unanswered::Unavailable)
            }
            Ok(Ok(reply)) => {
                let bytes = reply.outcome.map_err(Unanswered::Refused)?;
                decode(&bytes, "reply").map_err(|_| {
                    error!(cell = self.cell.name, code, "a reply does not decode");
                    Unanswered::Unavailable
                })
            }
        }
    }
}
