//! Events: what happened, told to other products and to subscribers.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

/// Something that happened. The third seam: the registry asks every product whether it reacts, and a reaction becomes a
/// later command, set as a timer that is due at once in the same plan, so that it is done exactly once.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Event {
    /// What: product number × 256 + a number of the product's own.
    #[n(0)]
    pub kind: u16,
    /// The product's record of it.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}
