//! One history: an order or a transfer, and how far whoever drives it has come.

use sycee_contract::CommandCode;

use crate::site::Answer;

/// By which way money crosses the border.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// A shop's printed code.
    Printed,
    /// A code for one order.
    Scanned,
    /// The shop scans the customer's code.
    Collected,
    /// A merchant sends money.
    Sent,
}

/// What its driver does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    /// The merchant places the order.
    Place,
    /// The customer asks what it costs.
    Enquire,
    /// The customer waits for the quote.
    AwaitQuote,
    /// The customer pays.
    Pay,
    /// Everybody waits for the payment's end.
    AwaitPayment,
    /// The customer shows a code.
    IssueCode,
    /// The shop scans it.
    Collect,
    /// The till waits.
    AwaitCollection,
    /// The merchant sends money.
    Send,
    /// The merchant waits.
    AwaitTransfer,
    /// The shop refunds.
    Refund,
    /// Nothing more is done.
    End,
}

/// An order or a transfer with all that its people do.
#[derive(Debug)]
pub(super) struct History {
    pub id: u64,
    pub way: Way,
    pub from: u16,
    pub to: u16,
    pub payer: u64,
    pub payee: u64,
    pub amount_minor: u64,
    pub stage: Stage,
    pub order: u64,
    pub enquiry: u64,
    pub payment: u64,
    pub tries: u64,
    pub refunds: u64,
    pub refunds_left: u64,
    pub digest: [u8; 32],
    pub due_tick: u64,
    pub visits: u64,
    /// The shop's cancel or close whose answer is awaited.
    pub mind: Option<CommandCode>,
    pub pending: Option<Answer>,
}

impl History {
    pub(super) fn has_ended(&self) -> bool {
        self.stage == Stage::End && self.pending.is_none()
    }

    /// The merchant's number of the order or transfer.
    pub(super) fn number(&self) -> String {
        format!("history-{}", self.id)
    }
}
