//! Accounts: who owns them, what they count, and how far they may go.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use sycee_money::{Amount, Currency};

use crate::LedgerRefusal;

/// The owner number of accounts that belong to the operator of the cell, not to a party.
pub const OPERATOR: u64 = 0;

/// Names one account: its owner, its kind, its currency and a sub-number, in 128 bits.
///
/// The id is its own index: an account is found from what it is, so nothing has to be looked up to name it. Layout
/// from the most significant bit: owner 64, kind 16, currency 16 (ISO 4217 numeric), sub 32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountId(u128);

impl AccountId {
    /// The account of `owner` (a party's number, or [`OPERATOR`]) of a kind in a currency. `sub` tells apart several
    /// accounts of the same kind, such as pots or counterparties; 0 for the ordinary one.
    #[must_use]
    pub fn new(owner: u64, kind: u16, currency: Currency, sub: u32) -> Self {
        let id = (u128::from(owner) << 64)
            | (u128::from(kind) << 48)
            | (u128::from(currency.numeric()) << 32)
            | u128::from(sub);
        Self(id)
    }

    /// The owning party's number, or [`OPERATOR`].
    #[must_use]
    pub fn owner(self) -> u64 {
        self.part(64, u128::from(u64::MAX))
    }

    /// The number of its [`AccountKind`].
    #[must_use]
    pub fn kind(self) -> u16 {
        u16::try_from(self.part(48, 0xffff)).unwrap_or(u16::MAX)
    }

    /// The ISO 4217 numeric code of its currency. Two accounts exchange money only if this is equal.
    #[must_use]
    pub fn currency_numeric(self) -> u16 {
        u16::try_from(self.part(32, 0xffff)).unwrap_or(u16::MAX)
    }

    /// Its currency; `None` if the bits were not made by [`AccountId::new`].
    #[must_use]
    pub fn currency(self) -> Option<Currency> {
        Currency::from_numeric(self.currency_numeric())
    }

    /// The sub-number.
    #[must_use]
    pub fn sub(self) -> u32 {
        u32::try_from(self.part(0, 0xffff_ffff)).unwrap_or(u32::MAX)
    }

    /// Big-endian bytes, so that accounts sort by owner, then kind.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// The reverse of [`AccountId::to_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    fn part(self, shift: u32, mask: u128) -> u64 {
        u64::try_from((self.0 >> shift) & mask).unwrap_or(u64::MAX)
    }
}

impl<C> Encode<C> for AccountId {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for AccountId {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let at = d.position();
        let bytes = d.bytes()?;
        let bytes: [u8; 16] =
            bytes.try_into().map_err(|_| decode::Error::message("an account id has 16 bytes").at(at))?;
        let id = Self::from_bytes(bytes);
        if id.currency().is_none() {
            return Err(decode::Error::message("an account id names an unknown currency").at(at));
        }
        Ok(id)
    }
}

/// What an account counts, from the operator's side of the books.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum AccountClass {
    /// What the operator has or is owed (a bank account, a receivable). Grows by debits.
    #[n(0)]
    Asset,
    /// What the operator owes (a wallet, a merchant's balance). Grows by credits.
    #[n(1)]
    Liability,
    /// What the operator has earned. Grows by credits.
    #[n(2)]
    Income,
    /// What the operator has spent. Grows by debits.
    #[n(3)]
    Expense,
}

/// How far an account may go. Pending amounts count against a limit as if they were posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum Limit {
    /// No limit.
    #[n(0)]
    None,
    /// Posted and pending debits never exceed posted credits: a wallet is never overdrawn.
    #[n(1)]
    DebitsMustNotExceedCredits,
    /// Posted and pending credits never exceed posted debits.
    #[n(2)]
    CreditsMustNotExceedDebits,
}

/// One line of a product's chart of accounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccountKind {
    /// Unique in the whole chart: product number × 256 + a number of the product's own.
    pub number: u16,
    /// The field's term, in `snake_case`.
    pub name: &'static str,
    /// What it counts.
    pub class: AccountClass,
    /// How far it may go.
    pub limit: Limit,
    /// Whether its balance is money that customers or merchants can claim (e-money to be safeguarded).
    pub claimable: bool,
}

impl AccountKind {
    /// The id of the account of this kind that `owner` has in `currency`.
    #[must_use]
    pub fn of(&self, owner: u64, currency: Currency) -> AccountId {
        AccountId::new(owner, self.number, currency, 0)
    }
}

/// An account's state: four totals that only grow, except that pending ones shrink when a hold ends.
///
/// Totals are minor units. A total above [`Account::MAX_TOTAL_MINOR`] is refused before it is reached, so no sum of two of
/// them can overflow.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Account {
    /// Copied from its kind when it was opened; later changes of the chart do not change it.
    #[n(0)]
    pub class: AccountClass,
    /// Copied from its kind when it was opened.
    #[n(1)]
    pub limit: Limit,
    /// Sum of posted debits.
    #[n(2)]
    pub debits_posted_minor: u64,
    /// Sum of posted credits.
    #[n(3)]
    pub credits_posted_minor: u64,
    /// Sum of held debits.
    #[n(4)]
    pub debits_pending_minor: u64,
    /// Sum of held credits.
    #[n(5)]
    pub credits_pending_minor: u64,
}

impl Account {
    /// The largest total: 2^62, so that posted and pending together stay below 2^63.
    pub const MAX_TOTAL_MINOR: u64 = 1 << 62;

    /// A new account with nothing in it.
    #[must_use]
    pub const fn open(class: AccountClass, limit: Limit) -> Self {
        Self {
            class,
            limit,
            debits_posted_minor: 0,
            credits_posted_minor: 0,
            debits_pending_minor: 0,
            credits_pending_minor: 0,
        }
    }

    /// The posted balance on the account's own side (credits less debits for liabilities and income), minor units. It may
    /// be negative where there is no limit.
    #[must_use]
    pub fn balance_minor(&self) -> i128 {
        let debits = i128::from(self.debits_posted_minor);
        let credits = i128::from(self.credits_posted_minor);
        match self.class {
            AccountClass::Asset | AccountClass::Expense => debits.saturating_sub(credits),
            AccountClass::Liability | AccountClass::Income => credits.saturating_sub(debits),
        }
    }

    /// What is reserved on the side that makes the balance smaller, minor units.
    #[must_use]
    pub fn held_minor(&self) -> u64 {
        match self.class {
            AccountClass::Asset | AccountClass::Expense => self.credits_pending_minor,
            AccountClass::Liability | AccountClass::Income => self.debits_pending_minor,
        }
    }

    /// The balance less what is held: what a new transfer may take from a limited account.
    #[must_use]
    pub fn available_minor(&self) -> i128 {
        self.balance_minor().saturating_sub(i128::from(self.held_minor()))
    }

    /// Whether the limit holds now. Checked before a decision is taken and again by the audit.
    #[must_use]
    pub fn limit_holds(&self) -> bool {
        let debits = u128::from(self.debits_posted_minor).saturating_add(u128::from(self.debits_pending_minor));
        let credits = u128::from(self.credits_posted_minor).saturating_add(u128::from(self.credits_pending_minor));
        match self.limit {
            Limit::None => true,
            Limit::DebitsMustNotExceedCredits => debits <= u128::from(self.credits_posted_minor),
            Limit::CreditsMustNotExceedDebits => credits <= u128::from(self.debits_posted_minor),
        }
    }

    pub(crate) fn grow(total: &mut u64, amount: Amount) -> Result<(), LedgerRefusal> {
        let sum = total
            .checked_add(amount.minor())
            .filter(|sum| *sum <= Self::MAX_TOTAL_MINOR)
            .ok_or(LedgerRefusal::TotalOverflow)?;
        *total = sum;
        Ok(())
    }

    pub(crate) fn shrink(total: &mut u64, amount: Amount) -> Result<(), LedgerRefusal> {
        *total = total.checked_sub(amount.minor()).ok_or(LedgerRefusal::HoldNotFound)?;
        Ok(())
    }
}
