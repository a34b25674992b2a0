//! The sandbox API end to end: real HTTP, real cells on disks in memory.

mod abroad;
mod http;
mod parties;
mod paying;
mod payment_books;
mod time;
mod world;
