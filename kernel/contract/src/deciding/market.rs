//! The market pack, as rules read it.

use alloc::borrow::Cow;

use super::Deciding;
use crate::{MarketPack, Stop, cell};

impl<'a> Deciding<'a> {
    /// The market pack in force.
    ///
    /// # Errors
    /// [`Stop::Need`], or the refusal [`cell::NO_MARKET`].
    pub fn market(&mut self) -> Result<Cow<'a, MarketPack>, Stop> {
        self.market_if_any()?
            .ok_or_else(|| crate::Refusal::new(cell::NO_MARKET, "no market pack is installed in this cell").into())
    }

    /// The market pack in force, or `None` if none is installed.
    ///
    /// # Errors
    /// [`Stop::Need`] if it is not in memory, [`Stop::Broken`] if it does not decode.
    pub fn market_if_any(&mut self) -> Result<Option<Cow<'a, MarketPack>>, Stop> {
        let key = MarketPack::key();
        match self.view.market() {
            Some(pack) if !self.rows.contains_key(&key) => Ok(Some(Cow::Borrowed(pack))),
            _ => Ok(self.get(&key)?.map(Cow::Owned)),
        }
    }
}
