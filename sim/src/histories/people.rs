//! Who lives in a market of the simulator.

use std::collections::BTreeMap;

use sycee_contract::Random;
use sycee_money::Currency;

use crate::network::Network;
use crate::setup::{Market, open_customer, open_merchant};

/// What a rich customer has at the beginning, minor units.
pub(super) const CASH_MINOR: u64 = 50_000_000_000;
/// What a poor one has.
pub(super) const POOR_MINOR: u64 = 700;
/// What a merchant has earned at home.
const PROCEEDS_MINOR: u64 = 10_000_000_000;

/// The people of a cell.
pub(super) struct People {
    /// Customers and what they had at the beginning, minor units. The last but one has little, the last may pay little at a time.
    pub customers: Vec<(u64, u64)>,
    /// Merchants, and what they had earned.
    pub merchants: Vec<(u64, u64)>,
}

impl People {
    pub(super) fn open(network: &mut Network, market: &Market, put_in: &mut BTreeMap<Currency, i128>) -> Self {
        let mut people = Self { customers: Vec::new(), merchants: Vec::new() };
        let wealth =
            [(2, CASH_MINOR), (2, CASH_MINOR), (2, CASH_MINOR), (2, CASH_MINOR), (2, POOR_MINOR), (1, CASH_MINOR)];
        for (index, (kyc_rank, cash_minor)) in (1..).zip(wealth) {
            people.customers.push((open_customer(network, market, index, kyc_rank, cash_minor), cash_minor));
        }
        for index in 1..=3 {
            people.merchants.push((open_merchant(network, market, index, PROCEEDS_MINOR), PROCEEDS_MINOR));
        }
        let all = people.customers.iter().chain(&people.merchants);
        *put_in.entry(market.currency()).or_default() += all.map(|(_, minor)| i128::from(*minor)).sum::<i128>();
        people
    }

    pub(super) fn customer(&self, random: &mut Random) -> u64 {
        random.pick(&self.customers).expect("there are customers").0
    }

    pub(super) fn merchant(&self, random: &mut Random) -> u64 {
        random.pick(&self.merchants).expect("there are merchants").0
    }
}
