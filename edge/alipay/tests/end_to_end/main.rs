//! Every method over real HTTP with real signatures, against two cells and their network, driven by threads; and notices to a receiver.

mod abroad;
mod authorising;
mod bad_calls;
mod bill_files;
mod bills;
mod client;
mod credentials;
mod deliveries;
mod isolation;
mod not_offered;
mod notices;
mod order_strings;
mod orders;
mod pages;
mod paying;
mod payments;
mod rest;
mod royalties;
mod transfers;
mod uploads;
mod visitor;
mod world;
