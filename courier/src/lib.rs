//! Calls to addresses that others have given: which of them may be called (server-side request forgery), and how they are called.
//!
//! Two edges tell merchants what has happened, each by its own protocol. Where they may call and how is here, once, so that a rule
//! that one of them needs holds for the other. This crate knows nothing of either.

mod address;
mod kept;
mod posting;

pub use address::{Network, Reach};
pub use hyper::body::Bytes;
pub use hyper::header::{HeaderName, HeaderValue};
pub use posting::{Answer, Courier, NotPosted, Reading, TIMEOUT, is_address, receiver_of};
