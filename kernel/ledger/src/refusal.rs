//! Why the ledger says no: numbered, in order of precedence.

/// A refusal of the ledger. The number is stable: it is stored in journals and shown to clients. When several apply, the
/// lowest number is given.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u16)]
pub enum LedgerRefusal {
    /// The amount is zero.
    AmountZero = 1,
    /// Debit and credit are the same account.
    SameAccount = 2,
    /// The two accounts have different currencies.
    CurrencyMismatch = 3,
    /// No hold has this id.
    HoldNotFound = 4,
    /// The hold was posted, voided or has expired before.
    HoldNotPending = 5,
    /// More was to be posted than is held.
    PostExceedsHold = 6,
    /// The hold's time is over; it can only be expired.
    HoldTimeOver = 7,
    /// The hold cannot expire yet.
    HoldTimeNotOver = 8,
    /// A total would exceed [`crate::Account::MAX_TOTAL_MINOR`].
    TotalOverflow = 9,
    /// The debited account's limit does not allow it (not enough in it).
    DebitLimit = 10,
    /// The credited account's limit does not allow it.
    CreditLimit = 11,
    /// Another member of its linked set was refused.
    LinkedSetRefused = 12,
    /// The last item of a batch says that it is linked to a next one.
    LinkedSetOpen = 13,
}

impl LedgerRefusal {
    /// Every refusal, in order of precedence.
    pub const ALL: [Self; 13] = [
        Self::AmountZero,
        Self::SameAccount,
        Self::CurrencyMismatch,
        Self::HoldNotFound,
        Self::HoldNotPending,
        Self::PostExceedsHold,
        Self::HoldTimeOver,
        Self::HoldTimeNotOver,
        Self::TotalOverflow,
        Self::DebitLimit,
        Self::CreditLimit,
        Self::LinkedSetRefused,
        Self::LinkedSetOpen,
    ];

    /// Its stable number.
    #[must_use]
    #[allow(clippy::as_conversions)] // a fieldless enum's discriminant has no other safe conversion
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmountZero => "amount_zero",
            Self::SameAccount => "same_account",
            Self::CurrencyMismatch => "currency_mismatch",
            Self::HoldNotFound => "hold_not_found",
            Self::HoldNotPending => "hold_not_pending",
            Self::PostExceedsHold => "post_exceeds_hold",
            Self::HoldTimeOver => "hold_time_over",
            Self::HoldTimeNotOver => "hold_time_not_over",
            Self::TotalOverflow => "total_overflow",
            Self::DebitLimit => "debit_limit",
            Self::CreditLimit => "credit_limit",
            Self::LinkedSetRefused => "linked_set_refused",
            Self::LinkedSetOpen => "linked_set_open",
        }
    }
}

// Numbers have no gap and no double: the n-th refusal has the number n.
const _: () = {
    let mut index: usize = 0;
    while index < LedgerRefusal::ALL.len() {
        #[allow(clippy::as_conversions, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
        {
            assert!(LedgerRefusal::ALL[index].number() as usize == index + 1);
            index += 1;
        }
    }
};
