//! One writer per cell: stamp → decide → apply → commit → reply.
//!
//! The engine is a stepped state machine. [`Sequencer`] decides, [`Committer`] makes durable, [`Applier`] fills the tables; none
//! of them starts a thread, waits or looks at a clock of its own. A host (the app's threads, or a test) drives them. Edges see
//! a [`Port`]: a bounded queue in, durable state out.

pub mod advance;
pub mod allowance;
mod applier;
mod audit;
pub mod certificates;
mod checkpoint;
pub mod clock;
mod committer;
pub mod deliveries;
pub mod disk;
pub mod drive;
mod durable;
mod events;
pub mod journal;
mod layer;
pub mod limits;
pub mod links;
mod memory;
mod open;
pub mod order_strings;
pub mod outbound;
mod outbox;
mod port;
mod replay;
mod reply;
pub mod seal;
mod sequencer;
pub mod store;
pub mod vault;
mod watch;
mod world;

pub use applier::Applier;
pub use audit::{AuditReport, JournalBooks, audit};
pub use checkpoint::Checkpoint;
pub use committer::{Committed, Committer, OpenEffects};
pub use durable::{Durable, ReadPoint, Rows};
pub use events::{EventCursor, EventLog, EventPage, StreamEvent};
pub use layer::Layer;
pub use memory::{Fetched, Memory};
pub use open::{CellConfig, OpenCell, OpenError, OpenTables, Recovery, open};
pub use outbox::{MessageChange, Outbox};
pub use port::{Port, Queued};
pub use replay::{Difference, ReplayReport, replay};
pub use reply::{NoReply, Reply, Responder};
pub use sequencer::{Applying, Batch, Broken, EffectChange, Fetch, FetchResult, Sequencer, Standing, broken};
pub use world::{CellHandle, World};
