//! The API behind real HTTP, over a cell that runs.

mod authorisations;
mod border;
mod calling;
mod document;
mod events;
mod idempotency;
mod lists;
mod payees;
mod people;
mod proofs;
mod proposals;
mod requests;
mod sessions;
mod settling;
mod sign_ups;
mod signing;
mod testing;
mod webhooks;
mod world;
