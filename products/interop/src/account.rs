//! The chart of accounts beside clearing and suspense.

use sycee_contract::AccountRef;
use sycee_ledger::{AccountClass, AccountKind, Limit, OPERATOR};
use sycee_money::Currency;

const fn kind(number: u16, name: &'static str, class: AccountClass) -> AccountKind {
    AccountKind { number, name, class, limit: Limit::None, claimable: false }
}

/// In the payee's cell: between a clearing account and the payee. Zero whenever no refund is between two operations.
pub const TRANSIT: AccountKind = kind(0x0503, "transit", AccountClass::Liability);
/// In the network: what it has acquired of a currency, and below zero given, by payments in another; the sub-number is the
/// other currency's numeric code.
pub const FX_POSITION: AccountKind = kind(0x0504, "fx_position", AccountClass::Liability);
/// In the network: the margin over mid-market.
pub const FX_MARGIN: AccountKind = kind(0x0505, "fx_margin", AccountClass::Income);
/// In the network: what rounding left.
pub const FX_RESIDUAL: AccountKind = kind(0x0506, "fx_residual", AccountClass::Income);
/// In the network: what the rate's moves have brought, below zero cost: refunds at the original rate, and exchanges.
pub const FX_RESULT: AccountKind = kind(0x0507, "fx_result", AccountClass::Income);
/// In the network: payers' fees.
pub const NETWORK_FEE: AccountKind = kind(0x0508, "network_fee", AccountClass::Income);
/// In the network: its own bank accounts.
pub const NOSTRO: AccountKind = kind(0x0509, "nostro", AccountClass::Asset);
/// In the network: what a participant (the sub-number) has paid ahead.
pub const PREFUNDING: AccountKind = kind(0x050a, "prefunding", AccountClass::Liability);
/// In a participant's cell: what it has paid ahead to a network (the sub-number).
pub const PREFUNDED: AccountKind = kind(0x050b, "prefunded", AccountClass::Asset);
/// In a participant's cell: the operator's own money that it has paid ahead.
pub const OWN_FUNDS: AccountKind = kind(0x050c, "own_funds", AccountClass::Liability);

/// The account of a kind that is the operator's own.
pub(crate) fn own(kind: &'static AccountKind, currency: Currency) -> AccountRef {
    AccountRef::of(kind, OPERATOR, currency)
}

/// The network's position in `currency` against `other`.
#[must_use]
pub fn position(currency: Currency, other: Currency) -> AccountRef {
    AccountRef::with_sub(&FX_POSITION, OPERATOR, currency, u32::from(other.numeric()))
}

/// The account of a kind that is kept for each peer.
pub(crate) fn of_peer(kind: &'static AccountKind, currency: Currency, peer: u16) -> AccountRef {
    AccountRef::with_sub(kind, OPERATOR, currency, u32::from(peer))
}
