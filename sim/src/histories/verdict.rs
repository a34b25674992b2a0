//! What must hold when everything has drained: each payment is the same thing in three cells, each order is final, each customer
//! has what the rows say, and no money was made or lost.

use std::collections::BTreeMap;

use sycee_acquiring::record::{MerchantTransfer, TransferState};
use sycee_acquiring::{Order, OrderState};
use sycee_contract::decode;
use sycee_contract::link::Parked;
use sycee_interop::message::{Envelope, Stands};
use sycee_interop::quote::Quote;
use sycee_interop::record::{
    Collection, Forwarded, Incoming, KnownCell, OpenQuote, OrderPayment, Outgoing, OutgoingState, Participant,
    PaymentName, Pricing,
};
use sycee_interop::window::{OwnWindow, WindowSide, WindowState};
use sycee_money::{Amount, Currency};

use super::World;
use crate::auditor;
use crate::setup::NETWORK;

/// What happened, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Histories.
    pub histories: u64,
    /// Payments that were done.
    pub done: u64,
    /// Payments that were refused after their money was held.
    pub refused: u64,
    /// Payments whose money people released.
    pub released: u64,
    /// Of those, the ones that had been done: what is owed for them is in suspense.
    pub in_suspense: u64,
    /// Payments with refunds.
    pub refunded: u64,
    /// Kills of cells.
    pub kills: u64,
    /// Times in which a cell ran a product that does not know all messages.
    pub parkings: u64,
    /// Parked messages that were understood later.
    pub understood: u64,
    /// Settlement instructions carried out.
    pub settled: u64,
    /// Windows closed.
    pub windows: u64,
    /// Of those, the ones that were disputed because something was in suspense, and paid with a later one.
    pub disputed: u64,
}

impl Tally {
    /// Adds another network's.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.done += other.done;
        self.refused += other.refused;
        self.released += other.released;
        self.in_suspense += other.in_suspense;
        self.refunded += other.refunded;
        self.kills += other.kills;
        self.parkings += other.parkings;
        self.understood += other.understood;
        self.settled += other.settled;
        self.windows += other.windows;
        self.disputed += other.disputed;
    }
}

/// round(paid × part ÷ whole), halves up, on paper's terms.
fn share(paid: Amount, part: Amount, whole: Amount) -> u128 {
    let (paid, part, whole) = (u128::from(paid.minor()), u128::from(part.minor()), u128::from(whole.minor()));
    (2 * paid * part + whole) / (2 * whole)
}

impl World {
    pub(super) fn judge(&mut self) -> Result<(), String> {
        self.tally.histories = self.begun;
        let products = (self.products)();
        auditor::mirror(&self.network)?;
        auditor::audits(&self.network, &products)?;
        auditor::nothing_is_held(&self.network)?;
        auditor::money_is_kept(&self.network, &self.put_in)?;
        for number in self.markets.map(|market| market.number) {
            self.judge_payments(number)?;
            self.judge_orders(number)?;
            self.judge_customers(number)?;
        }
        self.judge_network()?;
        self.judge_windows()?;
        self.judge_parked()
    }

    fn judge_payments(&mut self, number: u16) -> Result<(), String> {
        for (_, row) in self.network.at(number).all::<Outgoing>() {
            let name = PaymentName { origin: number, payment: row.id };
            let forwarded = self.network.at(NETWORK).get::<Forwarded>(&Forwarded::key(name));
            let incoming = self.network.at(row.destination).get::<Incoming>(&Incoming::key(name));
            let stands = forwarded.as_ref().map_or(Stands::Unknown, |forwarded| forwarded.stands);
            let wrong = |what: &str| Err(format!("{name:?}: {what}: {row:?} {forwarded:?} {incoming:?}"));
            match (&row.state, stands, &forwarded, &incoming) {
                (OutgoingState::Done, Stands::Done, Some(there), Some(paid)) => {
                    self.tally.done += 1;
                    self.tally.refunded += u64::from(!row.refunded.is_zero());
                    let quote = &there.quote;
                    // The quote with which a code is shown names no payer: only their cell knows whose code it is.
                    let own = row.quote.clone().map(|own| Quote { payer: row.payer, ..own });
                    if own.as_ref() != Some(quote) || paid.quote != *quote || row.total != quote.split.total {
                        return wrong("the cells have different quotes");
                    }
                    if !quote.adds_up() {
                        return wrong("the quote does not add up");
                    }
                    if (there.refunded, paid.refunded) != (row.refunded, row.refunded) {
                        return wrong("the cells have different refunds");
                    }
                    let fee = if quote.fee_returned { Amount::ZERO } else { quote.split.fee };
                    let returnable = row.total.amount.saturating_sub(fee);
                    let due = share(returnable, row.refunded, quote.split.payee.amount);
                    if u128::from(row.returned.minor()) != due || there.returned != row.returned {
                        return wrong("what was returned is not round(paid × c ÷ total)");
                    }
                }
                (OutgoingState::Refused { .. }, Stands::Unknown | Stands::Refused, _, None) => self.tally.refused += 1,
                (OutgoingState::Released, Stands::Unknown | Stands::Refused, _, None) => self.tally.released += 1,
                (OutgoingState::Released, Stands::Done, Some(_), Some(_)) => {
                    self.tally.released += 1;
                    self.tally.in_suspense += 1;
                }
                (OutgoingState::Held, ..) => return wrong("it is still held"),
                _ => return wrong("the cells do not agree what became of it"),
            }
        }
        for (_, known) in self.network.at(number).all::<KnownCell>() {
            let there = self.network.at(NETWORK).get::<Participant>(&Participant::key(known.entry.cell));
            if there.as_ref().map(|there| &there.entry) != Some(&known.entry) {
                return Err(format!("cell {number} knows {known:?}, the network {there:?}"));
            }
        }
        for (_, row) in self.network.at(number).all::<MerchantTransfer>() {
            if row.state == TransferState::UnderWay {
                return Err(format!("cell {number}: {row:?} is still under way"));
            }
        }
        Ok(())
    }

    fn judge_orders(&self, number: u16) -> Result<(), String> {
        let site = self.network.at(number);
        for (_, order) in site.all::<Order>() {
            if !matches!(order.state, OrderState::Paid | OrderState::Closed) {
                return Err(format!("cell {number}: an order is not final: {order:?}"));
            }
            if order.paid.is_some() && self.unpaid.contains(&(number, order.id)) {
                return Err(format!("cell {number}: the shop has heard that nobody will pay {order:?}"));
            }
            let Some(paid) = order.paid.as_ref().filter(|paid| paid.funding_label == "abroad") else { continue };
            let incoming = site
                .get::<OrderPayment>(&OrderPayment::key(order.id))
                .and_then(|payment| site.get::<Incoming>(&Incoming::key(payment.name)));
            let Some(incoming) = incoming else { return Err(format!("cell {number}: nobody paid {order:?}")) };
            let split = incoming.quote.split;
            if split.payee != order.total || paid.payer_amount != order.total.amount || incoming.order != order.id {
                return Err(format!("cell {number}: {order:?} was paid by {incoming:?}"));
            }
            if incoming.refunded != order.refunded {
                return Err(format!("cell {number}: refunds were not passed on: {order:?} {incoming:?}"));
            }
        }
        for (_, collection) in site.all::<Collection>() {
            if collection.refusal.is_none() {
                return Err(format!("cell {number}: a till still waits: {collection:?}"));
            }
        }
        Ok(())
    }

    /// A customer has what they had, less what they paid, and what came back or was sent.
    fn judge_customers(&self, number: u16) -> Result<(), String> {
        let site = self.network.at(number);
        let mut expected: BTreeMap<u64, i128> =
            self.people[&number].customers.iter().map(|(party, minor)| (*party, i128::from(*minor))).collect();
        for (_, row) in site.all::<Outgoing>() {
            if row.state == OutgoingState::Done
                && let Some(minor) = expected.get_mut(&row.payer)
            {
                *minor += i128::from(row.returned.minor()) - i128::from(row.total.amount.minor());
            }
        }
        for (_, row) in site.all::<Incoming>() {
            if row.order == 0
                && let Some(minor) = expected.get_mut(&row.payee)
            {
                *minor += i128::from(row.quote.split.payee.amount.minor());
            }
        }
        let currency: Currency = self.market(number).currency();
        for (customer, minor) in expected {
            let id = sycee_wallet::customer_account(customer, currency).id();
            let account = sycee_contract::Books::account(site.tables(), id);
            let has = account.map_or((0, 0), |account| (account.balance_minor(), account.held_minor()));
            if has != (minor, 0) {
                return Err(format!(
                    "cell {number}: customer {customer} has {has:?}, expected {minor} and nothing held"
                ));
            }
        }
        Ok(())
    }

    fn judge_network(&self) -> Result<(), String> {
        let site = self.network.at(NETWORK);
        for (_, row) in site.all::<Forwarded>() {
            let origin = self.network.at(row.name.origin);
            if row.stands == Stands::Forwarded || origin.get::<Outgoing>(&Outgoing::key(row.name.payment)).is_none() {
                return Err(format!("the network still waits, or the payer's cell does not know: {row:?}"));
            }
        }
        if let Some((_, row)) = site.all::<OpenQuote>().first() {
            return Err(format!("a quote is still open: {row:?}"));
        }
        if let Some((_, row)) = site.all::<Pricing>().first() {
            return Err(format!("an enquiry still waits for its price: {row:?}"));
        }
        Ok(())
    }

    /// Both sides say the same of every window, and the last one is settled: one that was disputed, because something of it was in
    /// suspense, is paid with the next that is not.
    fn judge_windows(&mut self) -> Result<(), String> {
        let mut last: BTreeMap<u16, WindowState> = BTreeMap::new();
        for (_, side) in self.network.at(NETWORK).all::<WindowSide>() {
            self.tally.windows += 1;
            let own = self.network.at(side.cell).get::<OwnWindow>(&OwnWindow::key(NETWORK, side.window));
            let Some(own) = own else { return Err(format!("the participant does not know {side:?}")) };
            let ended = matches!(side.state, WindowState::Settled | WindowState::Disputed);
            if !ended || own.state != side.state || own.instructions.len() != side.instructions.len() {
                return Err(format!("a window has not ended: {side:?} {own:?}"));
            }
            self.tally.disputed += u64::from(side.state == WindowState::Disputed);
            last.insert(side.cell, side.state);
        }
        match last.iter().find(|(_, state)| **state != WindowState::Settled) {
            Some((cell, state)) => Err(format!("the last window with cell {cell} is {state:?}")),
            None => Ok(()),
        }
    }

    /// What is still parked is of payments that people have released.
    fn judge_parked(&self) -> Result<(), String> {
        for site in self.network.sites() {
            for (_, parked) in site.all::<Parked>() {
                let envelope = decode::<Envelope>(&parked.incoming.message.body, "envelope").ok();
                let payment = envelope.and_then(|envelope| envelope.clearing).and_then(|clearing| clearing.payment);
                let row = payment.and_then(|name| site.get::<Outgoing>(&Outgoing::key(name.payment)));
                if row.is_none_or(|row| row.state != OutgoingState::Released) {
                    return Err(format!("cell {}: nobody understands {parked:?}", site.number()));
                }
            }
        }
        Ok(())
    }
}
