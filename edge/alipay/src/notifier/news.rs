//! What a notice is about: a trade, or frozen money.

use sycee_acquiring::reply::{EFFECT_FREEZE_NOTICE, EFFECT_NOTICE, FreezeNotice, Notice};
use sycee_contract::{EffectRecord, decode};

/// The body of a notice.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// A trade was paid, refunded or closed.
    Trade(Box<Notice>),
    /// Money was frozen, or went back.
    Freeze(Box<FreezeNotice>),
}

impl News {
    /// Whether effects of this kind are notices.
    pub fn is_kind(kind: u16) -> bool {
        [EFFECT_NOTICE, EFFECT_FREEZE_NOTICE].contains(&kind)
    }

    /// Reads an effect; `None` if it is no notice, or its body does not decode.
    pub fn of(record: &EffectRecord) -> Option<Self> {
        let body = &record.effect.body;
        match record.effect.kind {
            EFFECT_NOTICE => decode(body, "notice").ok().map(|notice| Self::Trade(Box::new(notice))),
            EFFECT_FREEZE_NOTICE => decode(body, "freeze notice").ok().map(|notice| Self::Freeze(Box::new(notice))),
            _ => None,
        }
    }

    /// Who is told.
    pub fn merchant(&self) -> u64 {
        match self {
            Self::Trade(notice) => notice.order.merchant,
            Self::Freeze(notice) => notice.authorisation.merchant,
        }
    }

    /// The app that asked for what is told of.
    pub fn app(&self) -> Option<u64> {
        match self {
            Self::Trade(notice) => notice.order.app,
            Self::Freeze(notice) => notice.authorisation.app,
        }
    }

    /// Whose money it is or was.
    pub fn customer(&self) -> Option<u64> {
        match self {
            Self::Trade(notice) => notice.order.buyer,
            Self::Freeze(notice) => notice.authorisation.customer,
        }
    }

    /// The number of the trade or the authorisation.
    pub fn number(&self, cell: u16) -> String {
        match self {
            Self::Trade(notice) => sycee_acquiring::trade_no(&notice.order, cell),
            Self::Freeze(notice) => notice.authorisation.number(cell),
        }
    }
}
