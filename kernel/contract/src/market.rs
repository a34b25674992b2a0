//! The market pack as rules see it (law 12). The file that people write, with its sources, is read by the app.

use alloc::string::String;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use sycee_money::{Amount, Currency};

use crate::{Key, Record, Table, cell};

/// What a cell does in its market.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(index_only)]
pub enum MarketRole {
    /// It keeps customers' balances.
    #[n(0)]
    Wallet,
    /// It keeps merchants.
    #[n(1)]
    Acquirer,
    /// It joins the others.
    #[n(2)]
    Network,
}

/// One KYC tier and its limits in the market's currency; an amount of zero means no limit.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct KycTier {
    /// 1 for the lowest.
    #[n(0)]
    pub rank: u16,
    /// Its name in the market.
    #[n(1)]
    pub name: String,
    /// The most that one payment may take.
    #[n(2)]
    pub transaction_limit: Amount,
    /// The most that may leave in a calendar day.
    #[n(3)]
    pub day_limit: Amount,
    /// The most that may leave in a calendar month.
    #[n(4)]
    pub month_limit: Amount,
    /// The most that the balance may come to.
    #[n(5)]
    pub balance_limit: Amount,
}

/// The content of a market pack, as it entered the cell by the command `install_market`.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct MarketPack {
    /// The cell's short name, such as `fr`.
    #[n(0)]
    pub cell: String,
    /// The cell's number in the world, 1 to 99.
    #[n(1)]
    pub cell_number: u16,
    /// ISO 3166-1 alpha-2.
    #[n(2)]
    pub market: String,
    /// What the cell does.
    #[n(3)]
    pub roles: Vec<MarketRole>,
    /// The market's currency, in which limits are written.
    #[n(4)]
    pub currency: Currency,
    /// What wallets may hold beside it.
    #[n(5)]
    pub other_currencies: Vec<Currency>,
    /// IANA name of the time zone. Rules never use it; the engine computes the stamp's offset from it.
    #[n(6)]
    pub time_zone: String,
    /// Digits that the market's own payment codes begin with: 25 to 30, then two digits.
    #[n(7)]
    pub pay_code_prefix: String,
    /// The EMVCo template (26 to 51) of the market's own merchant-presented codes.
    #[n(8)]
    pub mpm_template: u16,
    /// The globally unique id in that template.
    #[n(9)]
    pub mpm_guid: String,
    /// Lowest first.
    #[n(10)]
    pub kyc_tiers: Vec<KycTier>,
    /// What a merchant pays for a payment unless it has its own price, basis points.
    #[n(11)]
    pub merchant_fee_bps: u32,
    /// Whether a refund returns the fee in proportion.
    #[n(12)]
    pub merchant_fee_returned: bool,
    /// For how many days after payment a merchant may refund.
    #[n(13)]
    pub refund_window_days: u32,
    /// For how many hours after payment a merchant may cancel.
    #[n(14)]
    pub cancel_window_hours: u32,
    /// When an order expires unless the merchant says so, minutes.
    #[n(15)]
    pub order_timeout_minutes: u32,
    /// How long a precreated order's code lives, minutes.
    #[n(16)]
    pub order_code_minutes: u32,
    /// How long a customer's payment code lives, seconds.
    #[n(17)]
    pub pay_code_seconds: u32,
    /// Bank holidays, as decimal numbers yyyymmdd, rising.
    #[n(18)]
    pub holidays: Vec<u32>,
}

impl MarketPack {
    /// The key of its only row.
    #[must_use]
    pub fn key() -> Key {
        Key::new(cell::MARKET)
    }

    /// The highest tier.
    #[must_use]
    pub fn highest_tier(&self) -> Option<&KycTier> {
        self.kyc_tiers.iter().max_by_key(|tier| tier.rank)
    }

    /// The tier of this rank.
    #[must_use]
    pub fn tier(&self, rank: u16) -> Option<&KycTier> {
        self.kyc_tiers.iter().find(|tier| tier.rank == rank)
    }
}

impl Record for MarketPack {
    const TABLE: Table = cell::MARKET;
}
