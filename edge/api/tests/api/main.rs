//! The API behind real HTTP, over a cell that runs.

mod authorisations;
mod border;
mod calling;
mod document;
mod idempotency;
mod lists;
mod proposals;
mod sessions;
mod signing;
mod world;
