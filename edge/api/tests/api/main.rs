//! The API behind real HTTP, over a cell that runs.

mod calling;
mod document;
mod events;
mod idempotency;
mod requests;
mod signing;
mod testing;
mod webhooks;
mod world;
