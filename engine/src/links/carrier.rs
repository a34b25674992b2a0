//! What carries a frame to another cell and its reply back, and what a tester may break on the way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use super::inbox::Inbox;
use crate::outbound::FaultMode;
use crate::world::World;

/// The name under which a tester breaks frames.
const FAULT_EFFECT: &str = "clearing";

/// The bytes of a reply, to come.
pub type Delivery<'c> = Pin<Box<dyn Future<Output = Result<Vec<u8>, Undelivered>> + Send + 'c>>;

/// Carries signed frames to one peer. It knows nothing of what is in them.
pub trait Carrier: Send + Sync {
    /// Hands a frame over and gives back the bytes of the reply.
    fn deliver<'c>(&'c self, frame: &'c [u8]) -> Delivery<'c>;
}

/// Why there is no reply. The frame may have arrived all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Undelivered(pub String);

impl fmt::Display for Undelivered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Undelivered {}

/// To a cell of this process.
pub(super) struct Direct(pub Arc<Inbox>);

impl Carrier for Direct {
    fn deliver<'c>(&'c self, frame: &'c [u8]) -> Delivery<'c> {
        Box::pin(async move { self.0.take(frame).await.map_err(|bad| Undelivered(bad.to_string())) })
    }
}

/// Another carrier, and the faults that a tester has asked for. One fault is one frame's.
pub(super) struct Faulty {
    pub carrier: Arc<dyn Carrier>,
    pub world: Arc<World>,
    /// The name of the cell that sends.
    pub cell: String,
    /// A frame that is delayed, until the next one has arrived.
    pub kept: Mutex<Option<Vec<u8>>>,
}

impl Faulty {
    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn deliver_with(&self, fault: Option<FaultMode>, frame: &[u8]) -> Result<Vec<u8>, Undelivered> {
        let broken = || Err(Undelivered("a fault that a tester has set".into()));
        match fault {
            None => {
                let reply = self.carrier.deliver(frame).await;
                let late = self.kept().take();
                if let Some(late) = late {
                    // It was given up long ago: nobody waits for its reply.
                    let _unheard = self.carrier.deliver(&late).await;
                }
                reply
            }
            Some(FaultMode::Lose) => broken(),
            Some(FaultMode::Double) => {
                let first = self.carrier.deliver(frame).await;
                let second = self.carrier.deliver(frame).await;
                second.or(first)
            }
            Some(FaultMode::Delay) => {
                *self.kept() = Some(frame.to_vec());
                broken()
            }
            Some(FaultMode::TimeoutAfterDoing) => {
                let _lost = self.carrier.deliver(frame).await;
                broken()
            }
        }
    }
}

impl Carrier for Faulty {
    fn deliver<'c>(&'c self, frame: &'c [u8]) -> Delivery<'c> {
        let fault = self.world.faults.take(&self.cell, FAULT_EFFECT);
        Box::pin(self.deliver_with(fault, frame))
    }
}
