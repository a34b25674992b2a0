//! Across a border: participants and caps, quotes, payments that run through three cells, clearing that mirrors, settlement
//! windows. README.md draws the life of a payment and the chart of accounts.
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

pub mod account;
mod audit;
pub mod clearing;
pub mod command;
mod decide;
mod descriptor;
mod kinds;
pub mod message;
pub mod quote;
pub mod record;
pub mod refusal;
pub mod report;
pub mod routing;
pub mod window;
mod workload;

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_acquiring::reply::{EVENT_ORDER_REFUNDED, OrderRefunded};
use sycee_contract::link::{Incoming, Receipt};
use sycee_contract::{Books, Caller, Command, Deciding, Descriptor, Event, Finding, Product, Stop, Workload, decode};
use sycee_money::Money;

/// This product's number.
pub const NUMBER: u8 = 5;

/// Why a movement was made: the `code` of this product's transfers.
pub mod purpose {
    /// A clearing account moves because of a message.
    pub const CLEARING: u16 = 0x0501;
    /// A payment to another cell.
    pub const PAYMENT: u16 = 0x0502;
    /// What was returned of one.
    pub const RETURN: u16 = 0x0503;
    /// Margin, fee and residual of the network.
    pub const EARNED: u16 = 0x0504;
    /// What a refund at the original rate costs or brings the network.
    pub const RATE_MOVED: u16 = 0x0505;
    /// The network exchanges money at its bank.
    pub const EXCHANGE: u16 = 0x0506;
    /// A participant pays ahead.
    pub const PREFUNDING: u16 = 0x0507;
}

/// The product.
#[derive(Clone, Copy, Debug, Default)]
pub struct Interop {
    unknown_kinds: &'static [u16],
}

impl Interop {
    /// As a version that does not know these kinds of messages yet: for rehearsals of an upgrade.
    #[must_use]
    pub const fn without(unknown_kinds: &'static [u16]) -> Self {
        Self { unknown_kinds }
    }

    fn understands(&self, kind: u16) -> bool {
        !self.unknown_kinds.contains(&kind)
    }
}

impl Product for Interop {
    fn descriptor(&self) -> &'static Descriptor {
        &descriptor::DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        decide::decide(command, deciding)
    }

    fn receive(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        decide::receive(self, incoming, false, deciding)
    }

    fn receive_parked(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<Receipt, Stop> {
        decide::receive(self, incoming, true, deciding)
    }

    fn park(&self, incoming: &Incoming, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        decide::park(incoming, deciding)
    }

    /// A refund of an order that another cell has paid goes on to that cell.
    fn react(&self, event: &Event) -> Option<Command> {
        if event.kind != EVENT_ORDER_REFUNDED {
            return None;
        }
        let refunded: OrderRefunded = decode(&event.body, "event").ok()?;
        let from_abroad = refunded.funding_account.is_some_and(|account| account.kind() == account::TRANSIT.number);
        let body = command::PassRefund {
            order: refunded.order,
            request: refunded.out_request_no,
            amount: Money::new(refunded.to_payer, refunded.amount.currency),
            cumulative: refunded.cumulative,
        };
        from_abroad.then(|| Command::new(command::PASS_REFUND, Caller::SYSTEM, &body))
    }

    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        audit::audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(workload::Strangers)
    }
}
