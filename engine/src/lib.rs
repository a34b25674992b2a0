//! The engine.
pub mod disk;
pub mod journal;
pub mod limits;
pub mod store;
