//! The product interop on whole networks: tables of corridors, refunds, quotes, collections, transfers, trouble, windows, caps.

mod amounts;
mod bench;
mod caps;
mod collecting;
mod liars;
mod quotes;
mod trouble;
mod windows;
