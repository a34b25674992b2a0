//! Bodies and replies of this product's commands. Field numbers are for ever.

use minicbor::{Decode, Encode};

use crate::{MemberRole, OwnLimits, StaffRole};

/// Opens a customer.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenCustomer {
    /// The vault's handle of the person's data (law 9).
    #[cbor(n(0), with = "minicbor::bytes")]
    pub person: [u8; 16],
    /// The keyed digest of the person's phone number, by which others find the customer.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub contact: Option<[u8; 32]>,
    /// The KYC tier; `None` for the market's highest.
    #[n(2)]
    pub kyc_rank: Option<u16>,
}

/// Opens a member of the operator's staff.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenStaff {
    /// The vault's handle of the person's data.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub person: [u8; 16],
    /// The keyed digest of the person's phone number.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub contact: Option<[u8; 32]>,
    /// What the person may do.
    #[n(2)]
    pub staff_role: StaffRole,
}

/// The reply of both.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Opened {
    /// The new party's number.
    #[n(0)]
    pub party: u64,
}

/// Moves a customer to another KYC tier.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetKycRank {
    /// The customer.
    #[n(0)]
    pub party: u64,
    /// The tier's rank in the market pack.
    #[n(1)]
    pub kyc_rank: u16,
}

/// Gives a customer limits of its own, or takes them back. Two people must agree.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct SetOwnLimits {
    /// The customer.
    #[n(0)]
    pub party: u64,
    /// The limits; `None` for the tier's alone.
    #[n(1)]
    pub limits: Option<OwnLimits>,
}

/// Freezes a party: new requests that move its money are refused, obligations are still booked (law 7).
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Freeze {
    /// The party.
    #[n(0)]
    pub party: u64,
    /// Why: a number of the operator's own list.
    #[n(1)]
    pub reason_code: u16,
}

/// Ends a freeze.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Unfreeze {
    /// The party.
    #[n(0)]
    pub party: u64,
}

/// Changes or removes the contact of a party.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ChangeContact {
    /// The party.
    #[n(0)]
    pub party: u64,
    /// The keyed digest of the new phone number; `None` removes the old one.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub contact: Option<[u8; 32]>,
}

/// Opens a member of a merchant's people.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct OpenMember {
    /// The merchant's party number.
    #[n(0)]
    pub employer: u64,
    /// The vault's handle of the person's data.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub person: [u8; 16],
    /// The keyed digest of the person's phone number as a member's: the same phone may have a wallet too.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub contact: Option<[u8; 32]>,
    /// What the person may do.
    #[n(3)]
    pub member_role: MemberRole,
}

/// Changes what a member may do, or dismisses them: whoever is dismissed may do nothing.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct ChangeMember {
    /// The member.
    #[n(0)]
    pub member: u64,
    /// What they may do from now on.
    #[n(1)]
    pub member_role: MemberRole,
    /// Whether they are dismissed.
    #[n(2)]
    pub is_dismissed: bool,
}
