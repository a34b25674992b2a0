//! What a caller of the engine gets.

use sycee_contract::{Operation, Refusal};
use tokio::sync::oneshot;

/// The answer to a command. It is durable: nothing that it says can be lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// The operation up to which a reader must have read to see what this reply says.
    pub operation: Operation,
    /// The product's encoded reply, or why not.
    pub outcome: Result<Vec<u8>, Refusal>,
    /// Whether the command was answered before, under the same key.
    pub repeated: bool,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoReply {
    /// The queue is full; nothing happened. Try again.
    Busy,
    /// The cell has stopped; why. Whether the command was done is known when the cell is opened again: ask again then, under
    /// the same key.
    Stopped(String),
}

impl std::fmt::Display for NoReply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Busy => f.write_str("the cell has as many commands waiting as it takes; nothing happened, try again"),
            Self::Stopped(why) => {
                write!(f, "the cell has stopped ({why}); ask again under the same key when it is back")
            }
        }
    }
}

impl std::error::Error for NoReply {}

/// Where an answer goes.
pub type Responder = oneshot::Sender<Result<Reply, NoReply>>;
