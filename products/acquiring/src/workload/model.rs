//! What the load knows: every balance and order as its answers must have left them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::Decode;
use sycee_contract::{Random, decode};
use sycee_party::command::Opened;
use sycee_wallet::command::CashMoved;

use crate::command::OrderFields;
use crate::order::Order;
use crate::reply::{
    AuthorisationReply, CancelAction, CancelReply, MerchantReply, OrderReply, PayStaticReply, RefundReply,
    SettleFeesReply, TransferReply,
};
use crate::settlement::SettlementReply;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DealState {
    Open,
    Paid,
    Closed,
}

/// An order as the load knows it.
#[derive(Clone, Debug)]
pub(super) struct Deal {
    pub(super) merchant: usize,
    pub(super) buyer: usize,
    pub(super) id: u64,
    pub(super) fields: Option<OrderFields>,
    pub(super) scanned: bool,
    pub(super) total_minor: u64,
    pub(super) refunded_minor: u64,
    pub(super) last_refund: Option<(String, u64)>,
    pub(super) state: DealState,
}

impl Deal {
    pub(super) fn new(merchant: usize, buyer: usize, total_minor: u64) -> Self {
        Self {
            merchant,
            buyer,
            id: 0,
            fields: None,
            scanned: false,
            total_minor,
            refunded_minor: 0,
            last_refund: None,
            state: DealState::Open,
        }
    }
}

/// Money that is frozen, as the load knows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrozenMoney {
    pub(super) merchant: usize,
    pub(super) buyer: usize,
    pub(super) id: u64,
    pub(super) held_minor: u64,
}

/// What the last command does to the model if it is done. Numbers are places in the model's lists.
#[derive(Clone, Debug, Default)]
pub(super) enum Awaited {
    #[default]
    Nothing,
    Preparing,
    CashIn(usize, u64),
    StaticPaid(Deal),
    Placed(Deal),
    Scanned(usize),
    Paid(usize),
    CodeIssued(usize, [u8; 32]),
    PaidByCode(Deal),
    Frozen(FrozenMoney),
    PaidFromFreeze(Deal, FrozenMoney),
    Unfrozen(FrozenMoney),
    FreezeEnded,
    Refunded(usize, u64, String),
    RefundRepeated(usize),
    CancelledPaid(usize, u64),
    Ended(usize),
    OrderRepeated(u64),
    Transferred(usize, usize, u64),
    FeesSettled(usize),
    SettledPaid(SettledOrder),
    SettledRefunded(usize),
    Settled,
}

/// An order of the shop whose money is settled.
#[derive(Clone, Copy, Debug)]
pub(super) struct SettledOrder {
    pub(super) buyer: usize,
    pub(super) id: u64,
    pub(super) minor: u64,
}

/// A party and its balance.
#[derive(Clone, Copy, Debug)]
struct Purse {
    party: u64,
    minor: u64,
}

#[derive(Default)]
pub(super) struct Model {
    customers: Vec<Purse>,
    merchants: Vec<Purse>,
    deals: Vec<Deal>,
    /// A living payment code and whose it is.
    pub(super) code: Option<(usize, [u8; 32])>,
    /// What is frozen, if anything.
    pub(super) frozen: Option<FrozenMoney>,
    /// The shop whose money is settled.
    pub(super) settled: u64,
    /// Its last order that was not refunded.
    pub(super) settled_order: Option<SettledOrder>,
    /// Its last payout.
    pub(super) payout: Option<u64>,
}

impl Model {
    pub(super) fn customer(&self, at: usize) -> u64 {
        self.customers.get(at).map_or(0, |purse| purse.party)
    }

    pub(super) fn customer_balance(&self, at: usize) -> u64 {
        self.customers.get(at).map_or(0, |purse| purse.minor)
    }

    pub(super) fn merchant(&self, at: usize) -> u64 {
        self.merchants.get(at).map_or(0, |purse| purse.party)
    }

    pub(super) fn merchant_balance(&self, at: usize) -> u64 {
        self.merchants.get(at).map_or(0, |purse| purse.minor)
    }

    pub(super) fn any_customer(&self, random: &mut Random) -> usize {
        below(random, self.customers.len())
    }

    pub(super) fn any_merchant(&self, random: &mut Random) -> usize {
        below(random, self.merchants.len())
    }

    pub(super) fn any_deal(&self, state: DealState, random: &mut Random) -> Option<(usize, Deal)> {
        let of_state: Vec<usize> =
            self.deals.iter().zip(0..).filter(|(deal, _)| deal.state == state).map(|(_, at)| at).collect();
        let at = *random.pick(&of_state)?;
        Some((at, self.deals.get(at)?.clone()))
    }

    /// Forgets the oldest orders.
    pub(super) fn forget(&mut self, most: usize) {
        if self.deals.len() > most {
            self.deals.remove(0);
        }
    }

    /// Takes in an answer; gives back what is wrong with it.
    pub(super) fn done(&mut self, awaited: Awaited, reply: &[u8]) -> Option<String> {
        self.take_in(awaited, reply).err()
    }

    fn take_in(&mut self, awaited: Awaited, reply: &[u8]) -> Result<(), String> {
        match awaited {
            Awaited::Nothing => {}
            Awaited::Preparing => self.prepared(reply)?,
            Awaited::CashIn(buyer, minor) => {
                let CashMoved { balance_minor, .. } = read(reply)?;
                let purse = purse(&mut self.customers, buyer)?;
                purse.minor = purse.minor.saturating_add(minor);
                same("the balance after cash in", balance_minor, purse.minor)?;
            }
            Awaited::StaticPaid(deal) => {
                let PayStaticReply { id, payer_amount, .. } = read(reply)?;
                self.deals.push(Deal { id, ..deal });
                self.pay(self.deals.len().saturating_sub(1), payer_amount.minor())?;
            }
            Awaited::Placed(deal) => {
                let order = first_time(reply)?;
                self.deals.push(Deal { id: order.id, ..deal });
            }
            Awaited::Scanned(at) => {
                first_time(reply)?;
                self.deal(at)?.scanned = true;
            }
            Awaited::Paid(at) => {
                let order = first_time(reply)?;
                self.pay(at, paid_minor(&order)?)?;
            }
            Awaited::CodeIssued(buyer, digest) => self.code = Some((buyer, digest)),
            Awaited::PaidByCode(deal) => {
                let order = first_time(reply)?;
                self.deals.push(Deal { id: order.id, ..deal });
                self.pay(self.deals.len().saturating_sub(1), paid_minor(&order)?)?;
            }
            Awaited::Frozen(frozen) => {
                let authorisation = frozen_as(reply, frozen.held_minor)?;
                self.frozen = Some(FrozenMoney { id: authorisation, ..frozen });
            }
            Awaited::PaidFromFreeze(deal, left) => {
                let order = first_time(reply)?;
                same("what is paid out of a freeze", paid_minor(&order)?, deal.total_minor)?;
                self.deals.push(Deal { id: order.id, ..deal });
                self.pay(self.deals.len().saturating_sub(1), paid_minor(&order)?)?;
                self.frozen = Some(left).filter(|left| left.held_minor > 0);
            }
            Awaited::Unfrozen(left) => {
                frozen_as(reply, left.held_minor)?;
                self.frozen = Some(left).filter(|left| left.held_minor > 0);
            }
            Awaited::FreezeEnded => {
                frozen_as(reply, 0)?;
            }
            Awaited::Refunded(at, minor, number) => {
                let RefundReply { refund, repeated, .. } = read(reply)?;
                same("a refund is repeated", repeated, false)?;
                self.give_back(at, minor, refund.to_payer.minor())?;
                let deal = self.deal(at)?;
                deal.last_refund = Some((number, minor));
                same("all refunds of the order", refund.cumulative.minor(), deal.refunded_minor)?;
            }
            Awaited::RefundRepeated(at) => {
                let RefundReply { order, repeated, .. } = read(reply)?;
                same("a refund is repeated", repeated, true)?;
                same("what is refunded", order.refunded.minor(), self.deal(at)?.refunded_minor)?;
            }
            Awaited::CancelledPaid(at, left) => {
                let CancelReply { action, order, .. } = read(reply)?;
                same("the cancel's action", action, Some(CancelAction::Refund))?;
                let order = order.ok_or_else(|| String::from("a cancel without its order"))?;
                let payer = paid_minor(&order)?;
                let deal = self.deal(at)?.clone();
                // round(payer × c ÷ total) was returned before: the rest is what is still missing.
                let before = share(payer, deal.refunded_minor, deal.total_minor);
                self.give_back(at, left, payer.saturating_sub(before))?;
            }
            Awaited::Ended(at) => self.deal(at)?.state = DealState::Closed,
            Awaited::OrderRepeated(id) => {
                let OrderReply { order, repeated } = read(reply)?;
                same("the order that is repeated", (order.id, repeated), (id, true))?;
            }
            Awaited::Transferred(merchant, payee, minor) => {
                let TransferReply { repeated, .. } = read(reply)?;
                same("a transfer is repeated", repeated, false)?;
                take(purse(&mut self.merchants, merchant)?, minor)?;
                let purse = purse(&mut self.customers, payee)?;
                purse.minor = purse.minor.saturating_add(minor);
            }
            Awaited::SettledPaid(order) => self.settled_paid(order, reply)?,
            Awaited::SettledRefunded(buyer) => self.settled_refunded(buyer, reply)?,
            Awaited::Settled => self.settled(reply)?,
            Awaited::FeesSettled(merchant) => {
                let SettleFeesReply { taken, given_back } = read(reply)?;
                let purse = purse(&mut self.merchants, merchant)?;
                take(purse, taken.minor())?;
                purse.minor = purse.minor.saturating_add(given_back.minor());
            }
        }
        Ok(())
    }

    fn settled_paid(&mut self, order: SettledOrder, reply: &[u8]) -> Result<(), String> {
        let PayStaticReply { id, payer_amount, .. } = read(reply)?;
        take(purse(&mut self.customers, order.buyer)?, payer_amount.minor())?;
        self.settled_order = Some(SettledOrder { id, ..order });
        Ok(())
    }

    fn settled_refunded(&mut self, buyer: usize, reply: &[u8]) -> Result<(), String> {
        let RefundReply { refund, .. } = read(reply)?;
        let purse = purse(&mut self.customers, buyer)?;
        purse.minor = purse.minor.saturating_add(refund.to_payer.minor());
        Ok(())
    }

    /// A closing adds up, whatever timers have settled before.
    fn settled(&mut self, reply: &[u8]) -> Result<(), String> {
        let SettlementReply { settlement, .. } = read(reply)?;
        let Some(settlement) = settlement else { return Ok(()) };
        let closing = settlement.closing.ok_or_else(|| String::from("a settlement is not closed"))?;
        let income = [closing.reserve_released, closing.fees_given_back];
        let spent = [closing.fees_taken, closing.recovered, closing.reserve_held, closing.paid_out];
        let sum = |amounts: &[sycee_money::Amount]| -> i128 {
            amounts.iter().map(|amount| i128::from(amount.minor())).fold(0, i128::saturating_add)
        };
        let day = i128::from(settlement.gross_minor)
            .saturating_sub(i128::from(settlement.refunded_minor))
            .saturating_add(i128::from(settlement.other_in_minor))
            .saturating_sub(i128::from(settlement.other_out_minor));
        let carried = i128::from(closing.brought_forward_minor)
            .saturating_add(day)
            .saturating_add(sum(&income))
            .saturating_sub(sum(&spent));
        same("what is carried forward", i128::from(closing.carried_forward_minor), carried)?;
        self.payout = closing.payout.or(self.payout);
        Ok(())
    }

    /// Customers are opened first, then merchants; only a merchant's reply has a store. The last one is settled.
    fn prepared(&mut self, reply: &[u8]) -> Result<(), String> {
        if let Ok(MerchantReply { merchant, .. }) = decode(reply, "reply") {
            if self.merchants.len() == super::FEES_BPS.len() {
                self.settled = merchant;
                return Ok(());
            }
            self.merchants.push(Purse { party: merchant, minor: 0 });
        } else {
            let Opened { party } = read(reply)?;
            self.customers.push(Purse { party, minor: 0 });
        }
        Ok(())
    }

    fn pay(&mut self, at: usize, payer_minor: u64) -> Result<(), String> {
        let deal = self.deal(at)?;
        deal.state = DealState::Paid;
        let (merchant, buyer, total) = (deal.merchant, deal.buyer, deal.total_minor);
        take(purse(&mut self.customers, buyer)?, payer_minor)?;
        let purse = purse(&mut self.merchants, merchant)?;
        purse.minor = purse.minor.saturating_add(total);
        Ok(())
    }

    fn give_back(&mut self, at: usize, minor: u64, to_payer_minor: u64) -> Result<(), String> {
        let deal = self.deal(at)?;
        deal.refunded_minor = deal.refunded_minor.saturating_add(minor);
        if deal.refunded_minor == deal.total_minor {
            deal.state = DealState::Closed;
        }
        let (merchant, buyer) = (deal.merchant, deal.buyer);
        take(purse(&mut self.merchants, merchant)?, minor)?;
        let purse = purse(&mut self.customers, buyer)?;
        purse.minor = purse.minor.saturating_add(to_payer_minor);
        Ok(())
    }

    fn deal(&mut self, at: usize) -> Result<&mut Deal, String> {
        self.deals.get_mut(at).ok_or_else(|| format!("the model has no order at {at}"))
    }
}

fn purse(of: &mut [Purse], at: usize) -> Result<&mut Purse, String> {
    of.get_mut(at).ok_or_else(|| format!("the model has no party at {at}"))
}

fn take(purse: &mut Purse, minor: u64) -> Result<(), String> {
    let left = purse.minor.checked_sub(minor);
    purse.minor = left.ok_or_else(|| format!("party {} paid {minor} of {}", purse.party, purse.minor))?;
    Ok(())
}

fn read<'b, T: Decode<'b, ()>>(reply: &'b [u8]) -> Result<T, String> {
    decode(reply, "reply").map_err(|_| String::from("the reply does not decode"))
}

/// The authorisation's id, if so much of it is held.
fn frozen_as(reply: &[u8], held_minor: u64) -> Result<u64, String> {
    let AuthorisationReply { authorisation, repeated, .. } = read(reply)?;
    same("a freeze is repeated", repeated, false)?;
    same("what is held", authorisation.held.minor(), held_minor)?;
    Ok(authorisation.id)
}

fn first_time(reply: &[u8]) -> Result<Order, String> {
    let OrderReply { order, repeated } = read(reply)?;
    same("an order is repeated", repeated, false)?;
    Ok(order)
}

fn paid_minor(order: &Order) -> Result<u64, String> {
    order.paid.as_ref().map(|paid| paid.payer_amount.minor()).ok_or_else(|| String::from("the order is not paid"))
}

/// round(of × part ÷ total), halves up; written anew here, so that it can disagree.
fn share(of: u64, part: u64, total: u64) -> u64 {
    let twice = u128::from(of).saturating_mul(u128::from(part)).saturating_mul(2).saturating_add(u128::from(total));
    let share = twice.checked_div(u128::from(total).saturating_mul(2)).unwrap_or(0);
    u64::try_from(share).unwrap_or(u64::MAX)
}

fn same<T: PartialEq + core::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, the model has {expected:?}")) }
}

fn below(random: &mut Random, length: usize) -> usize {
    usize::try_from(random.below(u64::try_from(length).unwrap_or(0))).unwrap_or(0)
}
