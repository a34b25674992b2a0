//! Every method over real HTTP with real signatures, against two cells that are driven by threads; and notices to a receiver.

mod client;
mod not_offered;
mod notices;
mod orders;
mod pages;
mod payments;
mod transfers;
mod world;
