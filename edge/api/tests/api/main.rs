//! The API behind real HTTP, over a cell that runs.

mod calling;
mod document;
mod idempotency;
mod sessions;
mod signing;
mod world;
