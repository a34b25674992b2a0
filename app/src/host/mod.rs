//! The threads of a cell. The engine's parts are stepped; here each gets a thread: one decides, one makes durable, one fills the
//! tables, one fetches cold rows. The next batch is decided while the last one is synced.

mod cell;
mod data;
mod metrics;

pub use cell::{HostedCell, host};
pub use data::{CellFolders, DataLock, open_cell};
pub use metrics::CellMetrics;
