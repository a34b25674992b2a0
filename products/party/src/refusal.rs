//! Why this product refuses.

use sycee_contract::{RefusalClass, RefusalCode, RefusalDescriptor};

/// No party has this number or contact.
pub const PARTY_NOT_FOUND: RefusalCode = 0x0101;
/// The contact belongs to another party.
pub const CONTACT_TAKEN: RefusalCode = 0x0102;
/// The market pack has no such KYC tier.
pub const TIER_UNKNOWN: RefusalCode = 0x0103;
/// A party of the movement is frozen.
pub const PARTY_FROZEN: RefusalCode = 0x0104;
/// More than one payment may take.
pub const TRANSACTION_LIMIT: RefusalCode = 0x0105;
/// More than may leave in a day.
pub const DAY_LIMIT: RefusalCode = 0x0106;
/// More than may leave in a month.
pub const MONTH_LIMIT: RefusalCode = 0x0107;
/// The balance would be more than it may be.
pub const BALANCE_LIMIT: RefusalCode = 0x0108;
/// The cell has no party numbers left.
pub const PARTIES_EXHAUSTED: RefusalCode = 0x0109;
/// The party is not of the kind that this needs.
pub const WRONG_PARTY_KIND: RefusalCode = 0x010a;
/// Staff without a role, or a role for somebody who is not staff.
pub const STAFF_ROLE_UNFIT: RefusalCode = 0x010b;
/// More than may leave in a calendar year.
pub const YEAR_LIMIT: RefusalCode = 0x010c;
/// More than may ever leave.
pub const LIFETIME_LIMIT: RefusalCode = 0x010d;
/// The role of the member of staff does not go so far.
pub const STAFF_MAY_NOT: RefusalCode = 0x010e;
/// What a member of a merchant's people may do does not go so far.
pub const MEMBER_MAY_NOT: RefusalCode = 0x010f;
/// A merchant has as many people as it may have.
pub const MEMBERS_EXHAUSTED: RefusalCode = 0x0110;
/// Without this member the merchant would have no owner among its people.
pub const LAST_OWNER: RefusalCode = 0x0111;

const fn refusal(
    code: RefusalCode,
    name: &'static str,
    class: RefusalClass,
    meaning: &'static str,
) -> RefusalDescriptor {
    RefusalDescriptor { code, name, class, meaning }
}

pub(crate) const REFUSALS: &[RefusalDescriptor] = &{
    use RefusalClass::{CallersFault, Forbidden, NeedsUser};
    [
        refusal(PARTY_NOT_FOUND, "party_not_found", CallersFault, "No such party is in this cell; nothing moved."),
        refusal(
            CONTACT_TAKEN,
            "contact_taken",
            CallersFault,
            "The contact belongs to another party; nothing was opened or changed.",
        ),
        refusal(TIER_UNKNOWN, "tier_unknown", CallersFault, "The market pack has no such KYC tier; nothing happened."),
        refusal(
            PARTY_FROZEN,
            "party_frozen",
            Forbidden,
            "The payer or the payee is frozen; nothing moved, and the money stays where it is.",
        ),
        refusal(
            TRANSACTION_LIMIT,
            "transaction_limit",
            NeedsUser,
            "More than one payment may take at the payer's KYC tier; nothing moved.",
        ),
        refusal(
            DAY_LIMIT,
            "day_limit",
            NeedsUser,
            "More than may leave in a day at the payer's KYC tier; nothing moved.",
        ),
        refusal(
            MONTH_LIMIT,
            "month_limit",
            NeedsUser,
            "More than may leave in a month at the payer's KYC tier; nothing moved.",
        ),
        refusal(
            BALANCE_LIMIT,
            "balance_limit",
            NeedsUser,
            "The payee's balance would be above the limit of its KYC tier; nothing moved.",
        ),
        refusal(
            PARTIES_EXHAUSTED,
            "parties_exhausted",
            Forbidden,
            "The cell has given out all its party numbers; nothing was opened.",
        ),
        refusal(
            WRONG_PARTY_KIND,
            "wrong_party_kind",
            CallersFault,
            "The party is not of the kind that this command needs; nothing happened.",
        ),
        refusal(
            STAFF_ROLE_UNFIT,
            "staff_role_unfit",
            CallersFault,
            "Staff needs a role, and nobody else has one; nothing was opened.",
        ),
        refusal(
            YEAR_LIMIT,
            "year_limit",
            NeedsUser,
            "More than may leave in a year at the payer's KYC tier; nothing moved.",
        ),
        refusal(
            LIFETIME_LIMIT,
            "lifetime_limit",
            NeedsUser,
            "More than may ever leave at the payer's KYC tier; nothing moved. A higher tier has more room.",
        ),
        refusal(
            STAFF_MAY_NOT,
            "staff_may_not",
            Forbidden,
            "The role of this member of staff does not allow it; nothing happened.",
        ),
        refusal(
            MEMBER_MAY_NOT,
            "member_may_not",
            Forbidden,
            "Whoever acts for the merchant may not do this; nothing happened. An owner or a manager can.",
        ),
        refusal(
            MEMBERS_EXHAUSTED,
            "members_exhausted",
            Forbidden,
            "A merchant has at most 200 people, those who were dismissed included; nobody was added.",
        ),
        refusal(
            LAST_OWNER,
            "last_owner",
            CallersFault,
            "The merchant would have no owner left among its people; nothing changed. Make somebody else an owner first.",
        ),
    ]
};
