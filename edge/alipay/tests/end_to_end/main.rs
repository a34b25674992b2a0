//! Every method over real HTTP with real signatures, against two cells and their network, driven by threads; and notices to a receiver.

mod abroad;
mod client;
mod credentials;
mod not_offered;
mod notices;
mod orders;
mod pages;
mod payments;
mod transfers;
mod world;
