//! Whole networks in one thread, on a seed: cells with their journals and tables in memory, the wire between them, faults,
//! histories that know what must hold, and an auditor that trusts no cell's own sums.

pub mod auditor;
pub mod clock;
mod disk;
pub mod histories;
pub mod network;
pub mod setup;
pub mod site;
pub mod store;
pub mod wire;
