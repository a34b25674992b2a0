//! A customer's history: one small row for each time that booked money of theirs moved, by customer and day, whichever product
//! moved it. The guard sees every plan, so no product can forget to write it; holds move nothing and have no row.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_contract::{Deciding, Key, Record, Stop, Table};
use sycee_ledger::{AccountId, Movement, OPERATOR};
use sycee_money::{Amount, Money};

use crate::BALANCE;

/// What moved customers' money, by customer and day.
pub const CUSTOMER_ENTRY: Table = 0x0202;

/// One movement of a customer's booked money. Written in the same plan as the movement itself, and never changed.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CustomerEntry {
    /// What it was for: the movement's number, the product's own.
    #[n(0)]
    pub code: u16,
    /// Whether it came to the customer.
    #[n(1)]
    pub is_incoming: bool,
    /// How much.
    #[n(2)]
    pub money: Money,
    /// What is booked for the customer in this currency after it, with what is held.
    #[n(3)]
    pub balance_after: Amount,
    /// Whose account is on the other side: a party's number, or [`OPERATOR`].
    #[n(4)]
    pub other: u64,
    /// The id of what it was for in its product's own table, such as an order's; 0 if there is none.
    #[n(5)]
    pub of: u64,
    /// When, UTC nanoseconds.
    #[n(6)]
    pub at_ns: u64,
}

impl CustomerEntry {
    /// The key of an entry's row: the day is the market's, as the decimal number yyyymmdd.
    #[must_use]
    pub fn key(customer: u64, date: u32, operation: u64, place: u16) -> Key {
        Self::of_day(customer, date).number(operation).small(place)
    }

    /// What the keys of a customer's day begin with.
    #[must_use]
    pub fn of_day(customer: u64, date: u32) -> Key {
        Self::of_customer(customer).fixed(date.to_be_bytes())
    }

    /// What the keys of a customer begin with.
    #[must_use]
    pub fn of_customer(customer: u64) -> Key {
        Key::new(CUSTOMER_ENTRY).number(customer)
    }

    /// The market's day in the key of an entry, yyyymmdd; `None` for another key.
    #[must_use]
    pub fn date_of(key: &Key) -> Option<u32> {
        let bytes = key.as_bytes().get(10..14)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The operation in the key of an entry; `None` for another key.
    #[must_use]
    pub fn operation_of(key: &Key) -> Option<u64> {
        let bytes = key.as_bytes().get(14..22)?;
        Some(u64::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The place in the operation's plan in the key of an entry; `None` for another key.
    #[must_use]
    pub fn place_of(key: &Key) -> Option<u64> {
        let bytes: [u8; 2] = key.as_bytes().get(22..24)?.try_into().ok()?;
        Some(u64::from(u16::from_be_bytes(bytes)))
    }

    /// What it did to the balance, with sign.
    #[must_use]
    pub fn on_balance_minor(&self) -> i128 {
        let minor = i128::from(self.money.amount.minor());
        if self.is_incoming { minor } else { minor.saturating_neg() }
    }
}

impl Record for CustomerEntry {
    const TABLE: Table = CUSTOMER_ENTRY;
}

/// Whether a history tells of this account: a customer's balance, the ordinary one (a pot beside it would be another account of the
/// same kind, and money put there leaves this one).
pub(crate) fn is_told(account: AccountId) -> bool {
    account.kind() == BALANCE.number && account.owner() != OPERATOR && account.sub() == 0
}

/// A movement on a customer's balance, before it is known what the balance came to.
struct Moved {
    account: AccountId,
    place: u16,
    entry: CustomerEntry,
}

/// Writes the entries of the movements that no guard has seen yet.
pub(crate) fn write(deciding: &mut Deciding<'_>) -> Result<(), Stop> {
    let at_ns = deciding.stamp().time_ns;
    let mut moved: Vec<Moved> = Vec::new();
    for (place, movement, of) in deciding.unguarded_concerns() {
        let (amount, code) = match movement {
            Movement::Transfer { amount, code, .. } | Movement::PostHold { amount, code, .. } => (*amount, *code),
            Movement::Hold { .. } | Movement::ReleaseHold { .. } => continue,
        };
        let (debit, credit) = (movement.debit(), movement.credit());
        for (account, other, is_incoming) in [(debit, credit, false), (credit, debit, true)] {
            let Some(currency) = account.currency() else { continue };
            if !is_told(account) || amount.is_zero() {
                continue;
            }
            let Ok(place) = u16::try_from(place) else {
                return Err(Stop::Broken("more movements than a plan may have"));
            };
            let (money, balance_after, other) = (Money::new(amount, currency), Amount::ZERO, other.owner());
            let entry = CustomerEntry { code, is_incoming, money, balance_after, other, of, at_ns };
            moved.push(Moved { account, place, entry });
        }
    }
    // Each account's balance is known as it is at the end; from there back, entry by entry, to what it was after each.
    let mut after: BTreeMap<AccountId, i128> = BTreeMap::new();
    let (date, operation) = (deciding.stamp().business_date, deciding.stamp().operation);
    for Moved { account, place, mut entry } in moved.into_iter().rev() {
        let minor = match after.get(&account) {
            Some(minor) => *minor,
            None => deciding.account(account)?.map_or(0, |account| account.balance_minor()),
        };
        let Ok(balance) = u64::try_from(minor) else { return Err(Stop::Broken("a customer's balance is below zero")) };
        after.insert(account, minor.saturating_sub(entry.on_balance_minor()));
        entry.balance_after = Amount::new(balance)?;
        deciding.put(CustomerEntry::key(account.owner(), date, operation, place), &entry);
    }
    Ok(())
}
