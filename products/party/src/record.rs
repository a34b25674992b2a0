//! Rows of this product and their keys.

use minicbor::{Decode, Encode};
use sycee_contract::{Key, Record, Table};
use sycee_money::Amount;

/// What a party is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum PartyKind {
    /// A person with a wallet; limits of a KYC tier apply.
    #[n(0)]
    Customer,
    /// A business that is paid.
    #[n(1)]
    Merchant,
    /// Somebody who works for the operator.
    #[n(2)]
    Staff,
    /// Somebody who works for a merchant.
    #[n(3)]
    Member,
}

impl PartyKind {
    /// Its name, in `snake_case`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Merchant => "merchant",
            Self::Staff => "staff",
            Self::Member => "member",
        }
    }
}

/// What a member of staff may do; the edge grants commands by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum StaffRole {
    /// Takes and gives cash.
    #[n(0)]
    Cashier,
    /// Helps customers; freezes.
    #[n(1)]
    Support,
    /// Settles and reconciles.
    #[n(2)]
    Finance,
    /// Everything, staff included.
    #[n(3)]
    Admin,
}

/// What somebody who works for a merchant may do; each may do what those before may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum MemberRole {
    /// Takes payments, cancels what is not paid, and looks at orders.
    #[n(0)]
    Cashier,
    /// Gives money back, and looks at settlements.
    #[n(1)]
    Manager,
    /// Everything: people, apps, keys and transfers.
    #[n(2)]
    Owner,
}

/// A party. No personal data: the vault keeps it behind the handle.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Party {
    /// Its number: 16 decimal digits, see [`crate::party_number`].
    #[n(0)]
    pub number: u64,
    /// What it is.
    #[n(1)]
    pub kind: PartyKind,
    /// The rank of its KYC tier in the market pack; 0 for merchants and staff without one.
    #[n(2)]
    pub kyc_rank: u16,
    /// Whether new requests that move its money are refused.
    #[n(3)]
    pub frozen: bool,
    /// The vault's handle of its data.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub person: [u8; 16],
    /// The keyed digest of its phone number.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub contact: Option<[u8; 32]>,
    /// When it was opened, UTC nanoseconds.
    #[n(6)]
    pub opened_at_ns: u64,
    /// What it may do, if it is staff.
    #[n(7)]
    pub staff_role: Option<StaffRole>,
    /// Why it is frozen: a number of the operator's own list.
    #[n(8)]
    pub freeze_reason_code: Option<u16>,
    /// Limits of its own, in the market's currency; where it has none, its tier's hold.
    #[n(9)]
    pub own_limits: Option<OwnLimits>,
    /// For which merchant it works, if it is a member of a merchant's people.
    #[n(10)]
    pub employer: Option<u64>,
    /// What it may do there.
    #[n(11)]
    pub member_role: Option<MemberRole>,
}

/// A customer's own limits, which two people of the operator's staff have agreed on. Each takes the place of the tier's; zero
/// means no limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct OwnLimits {
    /// The most that one payment may take.
    #[n(0)]
    pub transaction: Option<Amount>,
    /// The most that may leave in a calendar day.
    #[n(1)]
    pub day: Option<Amount>,
    /// The most that may leave in a calendar month.
    #[n(2)]
    pub month: Option<Amount>,
    /// The most that may leave in a calendar year.
    #[n(3)]
    pub year: Option<Amount>,
    /// The most that may ever leave.
    #[n(4)]
    pub lifetime: Option<Amount>,
    /// The most that the balance may come to.
    #[n(5)]
    pub balance: Option<Amount>,
}

impl Party {
    /// The key of a party's row.
    #[must_use]
    pub fn key(number: u64) -> Key {
        Key::new(crate::PARTY).number(number)
    }
}

impl Record for Party {
    const TABLE: Table = crate::PARTY;
}

/// Whose contact a digest is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ContactOwner {
    /// The party's number.
    #[n(0)]
    pub party: u64,
}

impl ContactOwner {
    /// The key of a contact's row.
    #[must_use]
    pub fn key(digest: [u8; 32]) -> Key {
        Key::new(crate::CONTACT).fixed(digest)
    }
}

impl Record for ContactOwner {
    const TABLE: Table = crate::CONTACT;
}

/// How many parties this cell has opened.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct PartyCounter {
    /// The counter of the next party's number.
    #[n(0)]
    pub next: u64,
}

impl PartyCounter {
    /// The key of the only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(crate::COUNTER)
    }
}

impl Record for PartyCounter {
    const TABLE: Table = crate::COUNTER;
}

/// What a customer has spent in the market's currency: posted debits and held ones of its claimable accounts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Usage {
    /// The business date that `day_minor` is of, yyyymmdd.
    #[n(0)]
    pub business_date: u32,
    /// Spent on that day, minor units.
    #[n(1)]
    pub day_minor: u64,
    /// The month that `month_minor` is of, yyyymm.
    #[n(2)]
    pub month: u32,
    /// Spent in that month, minor units.
    #[n(3)]
    pub month_minor: u64,
    /// The year that `year_minor` is of, yyyy; `None` in a row of before years were counted.
    #[n(4)]
    pub year: Option<u32>,
    /// Spent in that year, minor units.
    #[n(5)]
    pub year_minor: Option<u64>,
    /// Ever spent, minor units; `None` as above.
    #[n(6)]
    pub lifetime_minor: Option<u64>,
}

impl Usage {
    /// The key of a customer's row.
    #[must_use]
    pub fn key(party: u64) -> Key {
        Key::new(crate::USAGE).number(party)
    }

    /// The same usage as it stands on `business_date`: what belongs to another day, month or year is gone.
    ///
    /// A row of before years were counted still knows its month, which is the least that its year and its lifetime come
    /// to; what was spent before that month is not counted.
    #[must_use]
    pub fn on(&self, business_date: u32, month: u32) -> Self {
        let year_of = |month: u32| month.checked_div(100);
        let counted_year = self.year.or_else(|| year_of(self.month));
        let year_minor = if counted_year == year_of(month) { self.year_minor.unwrap_or(self.month_minor) } else { 0 };
        Self {
            business_date,
            day_minor: if self.business_date == business_date { self.day_minor } else { 0 },
            month,
            month_minor: if self.month == month { self.month_minor } else { 0 },
            year: year_of(month),
            year_minor: Some(year_minor),
            lifetime_minor: Some(self.lifetime_minor.unwrap_or(self.month_minor)),
        }
    }
}

impl Record for Usage {
    const TABLE: Table = crate::USAGE;
}

/// On which day a pending hold was counted, so that its release gives back what is still counted.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct CountedHold {
    /// The business date of the hold, yyyymmdd.
    #[n(0)]
    pub business_date: u32,
}

impl CountedHold {
    /// The key of a hold's row.
    #[must_use]
    pub fn key(hold: u64) -> Key {
        Key::new(crate::COUNTED_HOLD).number(hold)
    }
}

impl Record for CountedHold {
    const TABLE: Table = crate::COUNTED_HOLD;
}
