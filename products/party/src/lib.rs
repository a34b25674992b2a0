//! Parties: customers, merchants and staff; their numbers, KYC tier, freezes, and the limits that follow from them.
//!
//! Other products open parties with [`open`], look them up with [`find`] and [`find_by_contact`], and leave limits and
//! freezes to this product's guard, which sees every plan.
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

mod audit;
pub mod command;
mod decide;
pub mod event;
mod guard;
mod member;
mod number;
mod record;
mod refusal;
mod workload;

use alloc::boxed::Box;
use alloc::vec::Vec;

use sycee_contract::{
    Books, Caller, Command, CommandCode, CommandDescriptor, Deciding, Descriptor, EventDescriptor, Finding,
    InvariantDescriptor, Nature, Product, RefusalCode, Role, Stop, Table, TableDescriptor, Workload,
};

pub use decide::{find, find_by_contact, open, require_staff_role, want};
pub use guard::Limits;
pub use member::{Members, require_member_role};
pub use number::{cell_of, party_number};
pub use record::{ContactOwner, CountedHold, MemberRole, OwnLimits, Party, PartyCounter, PartyKind, StaffRole, Usage};
pub use refusal::{
    BALANCE_LIMIT, CONTACT_TAKEN, DAY_LIMIT, LAST_OWNER, LIFETIME_LIMIT, MEMBER_MAY_NOT, MEMBERS_EXHAUSTED,
    MONTH_LIMIT, PARTIES_EXHAUSTED, PARTY_FROZEN, PARTY_NOT_FOUND, STAFF_MAY_NOT, STAFF_ROLE_UNFIT, TIER_UNKNOWN,
    TRANSACTION_LIMIT, WRONG_PARTY_KIND, YEAR_LIMIT,
};

/// This product's number.
pub const NUMBER: u8 = 1;

/// `open_customer`: body [`command::OpenCustomer`], reply [`command::Opened`].
pub const OPEN_CUSTOMER: CommandCode = 0x0101;
/// `open_staff`: body [`command::OpenStaff`], reply [`command::Opened`].
pub const OPEN_STAFF: CommandCode = 0x0102;
/// `set_kyc_rank`: body [`command::SetKycRank`], reply empty.
pub const SET_KYC_RANK: CommandCode = 0x0103;
/// `freeze`: body [`command::Freeze`], reply empty.
pub const FREEZE: CommandCode = 0x0104;
/// `unfreeze`: body [`command::Unfreeze`], reply empty.
pub const UNFREEZE: CommandCode = 0x0105;
/// `change_contact`: body [`command::ChangeContact`], reply empty.
pub const CHANGE_CONTACT: CommandCode = 0x0106;
/// `set_own_limits`: body [`command::SetOwnLimits`], reply empty. Two people must agree.
pub const SET_OWN_LIMITS: CommandCode = 0x0107;
/// `open_member` (operator, or the merchant for itself; key): body [`command::OpenMember`], reply [`command::Opened`].
pub const OPEN_MEMBER: CommandCode = 0x0108;
/// `change_member` (as above): body [`command::ChangeMember`], reply empty.
pub const CHANGE_MEMBER: CommandCode = 0x0109;

/// Parties, by number.
pub const PARTY: Table = 0x0101;
/// Party numbers, by contact digest.
pub const CONTACT: Table = 0x0102;
/// How many parties were opened: one row.
pub const COUNTER: Table = 0x0103;
/// Spending of customers, by party number.
pub const USAGE: Table = 0x0104;
/// Holds counted in [`USAGE`] that have not ended, by hold id.
pub const COUNTED_HOLD: Table = 0x0105;
/// The people of merchants, by the merchant's party number.
pub const MEMBERS: Table = 0x0106;

/// The product.
pub struct PartyProduct;

const fn operator(
    number: u8,
    name: &'static str,
    fingerprint: &'static [(u16, &'static str)],
    binding_refusals: &'static [RefusalCode],
) -> CommandDescriptor {
    CommandDescriptor { number, name, roles: &[Role::Operator], nature: Nature::Request, fingerprint, binding_refusals }
}

static DESCRIPTOR: Descriptor = Descriptor {
    number: NUMBER,
    name: "party",
    commands: &[
        operator(1, "open_customer", &[(0, "person"), (1, "contact"), (2, "kyc_rank")], &[CONTACT_TAKEN]),
        operator(2, "open_staff", &[(0, "person"), (1, "contact"), (2, "staff_role")], &[CONTACT_TAKEN]),
        operator(3, "set_kyc_rank", &[(0, "party"), (1, "kyc_rank")], &[]),
        operator(4, "freeze", &[(0, "party"), (1, "reason_code")], &[]),
        operator(5, "unfreeze", &[(0, "party")], &[]),
        operator(6, "change_contact", &[(0, "party"), (1, "contact")], &[CONTACT_TAKEN]),
        operator(7, "set_own_limits", &[(0, "party"), (1, "limits")], &[]),
        CommandDescriptor {
            roles: &[Role::Operator, Role::Merchant],
            ..operator(
                8,
                "open_member",
                &[(0, "employer"), (1, "person"), (2, "contact"), (3, "member_role")],
                &[CONTACT_TAKEN],
            )
        },
        CommandDescriptor { roles: &[Role::Operator, Role::Merchant], ..operator(9, "change_member", &[], &[]) },
    ],
    refusals: refusal::REFUSALS,
    accounts: &[],
    tables: &[
        TableDescriptor { table: PARTY, name: "party", meaning: "a party; key: its number" },
        TableDescriptor { table: CONTACT, name: "contact", meaning: "whose contact it is; key: its digest" },
        TableDescriptor { table: COUNTER, name: "party_counter", meaning: "how many parties were opened; one row" },
        TableDescriptor { table: USAGE, name: "usage", meaning: "what a customer has spent; key: party number" },
        TableDescriptor {
            table: COUNTED_HOLD,
            name: "counted_hold",
            meaning: "a pending hold that is counted in usage; key: hold id",
        },
        TableDescriptor { table: MEMBERS, name: "members", meaning: "the people of a merchant; key: its party number" },
    ],
    invariants: &[
        InvariantDescriptor {
            name: "contacts_match_parties",
            meaning: "every contact belongs to the party that has it, and every party's contact is listed",
        },
        InvariantDescriptor {
            name: "members_match_parties",
            meaning: "every member is in the list of its merchant, once, and each who is listed is its member",
        },
        InvariantDescriptor { name: "owners_exist", meaning: "every account that is not the operator's has a party" },
        InvariantDescriptor { name: "tiers_exist", meaning: "every customer's KYC tier is in the market pack" },
        InvariantDescriptor {
            name: "counted_holds_pending",
            meaning: "every hold that is still counted in a customer's usage is pending",
        },
    ],
};

impl Product for PartyProduct {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn decide(&self, command: &Command, deciding: &mut Deciding<'_>) -> Result<Vec<u8>, Stop> {
        decide::decide(command, deciding)
    }

    fn needs_two_people(&self, command: &Command) -> bool {
        command.code == SET_OWN_LIMITS
    }

    fn may_agree(&self, _: &Command, person: u64, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        require_staff_role(deciding, person, &[StaffRole::Support, StaffRole::Finance])
    }

    fn guard(&self, nature: Nature, caller: Caller, deciding: &mut Deciding<'_>) -> Result<(), Stop> {
        guard::staff(nature, caller, deciding)?;
        if nature == Nature::Request {
            require_member_role(deciding, caller, MemberRole::Cashier)?;
        }
        guard::guard(nature, deciding)
    }

    fn events(&self) -> &'static [EventDescriptor] {
        event::EVENTS
    }

    fn audit(&self, books: &dyn Books, findings: &mut Vec<Finding>) {
        audit::audit(books, findings);
    }

    fn workload(&self) -> Box<dyn Workload> {
        Box::new(workload::Parties::default())
    }
}

#[cfg(test)]
mod tests;
