//! When somebody who has signed in must prove again who they are: a phone that lies about unlocked moves little money.
//!
//! Only people's sessions are asked: a program has nobody to ask, and whoever gives it a token or a key has proved who they are.

use sycee_money::Money;

use crate::desk::Asked;
use crate::problem::Problem;

/// For how long a proof counts, nanoseconds: five minutes, long enough for a queue of payments and short enough for a pocket.
pub(crate) const PROOF_NS: u64 = 300 * 1_000_000_000;

impl Asked {
    /// That the person proved who they are moments ago.
    pub fn is_proved(&self) -> Result<(), Problem> {
        let now_ns = self.desk.world.clock.now_ns();
        match self.proved_at_ns {
            Some(proved_at_ns) if now_ns.saturating_sub(proved_at_ns) > PROOF_NS => Err(Problem::proof_needed()),
            _ => Ok(()),
        }
    }

    /// The same, if the market wants it for so much money. Amounts in other currencies than the market's are not compared: what a
    /// customer pays, also abroad, is in the market's.
    pub fn may_move(&self, money: Money) -> Result<(), Problem> {
        if self.proved_at_ns.is_none() {
            return Ok(());
        }
        let market = self.cell.market()?;
        let is_much = market.proof_above.is_some_and(|above| money.currency == market.currency && money.amount > above);
        if is_much { self.is_proved() } else { Ok(()) }
    }
}
