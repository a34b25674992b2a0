//! What products and the engine agree on.
//!
//! A [`Command`] asks for something. The engine gives it a [`Stamp`]. [`decide`] runs the product's rule over a [`View`]
//! and returns an [`Outcome`]: a [`Plan`] with a reply, a [`Refusal`], or the keys that must be fetched first.
//! [`apply`] puts a plan into a [`State`]; it never refuses. Nothing in this crate knows a clock, chance, a file or a thread.
#![no_std]
#![cfg_attr(
    not(test),
    deny(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used
    )
)]

extern crate alloc;

mod apply;
mod audit;
pub mod cell;
mod command;
mod decide;
mod deciding;
mod effect;
mod event;
mod idempotency;
mod key;
pub mod link;
mod market;
mod plan;
mod product;
pub mod proposal;
mod record;
mod refusal;
mod seams;
mod stamp;
mod timer;
mod view;
mod workload;

pub use apply::{Mismatch, State, apply};
pub use audit::{Books, Finding};
pub use command::{Caller, Command, CommandCode, Role};
pub use decide::{Answer, Outcome, decide};
pub use deciding::{AccountRef, Deciding, TransferBatchItem};
pub use effect::{Effect, EffectId, EffectPolicy, EffectRecord, EffectState};
pub use event::{Event, EventDescriptor, EventField, EventFieldKind, EventValue, Telling};
pub use idempotency::{FieldDigest, IdempotencyRecord};
pub use key::{Key, Table};
pub use market::{
    ActivateMarket, KycTier, MarketPack, MarketRole, NetworkTerms, OfflineCodeTerms, PackProvenance, ParticipantTerms,
    PendingMarket, SettlementTerms,
};
pub use plan::{AccountOpening, Plan, RowChange};
pub use product::{
    CommandDescriptor, Descriptor, InvariantDescriptor, Nature, Product, Products, RefusalDescriptor, TableDescriptor,
};
pub use record::{Record, decode, encode};
pub use refusal::{Refusal, RefusalClass, RefusalCode, Stop};
pub use seams::{Adjustment, AdjustmentSide, Charge, FundingSource};
pub use stamp::{Operation, Stamp};
pub use timer::TimerId;
pub use view::{Lookup, View};
pub use workload::{Expectation, Random, WorkItem, Workload};

#[cfg(test)]
mod tests;
