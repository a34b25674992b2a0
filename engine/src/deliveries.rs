//! What merchants were told and what they answered, for whoever shows it: the edge that carries notices out keeps it in memory,
//! other edges read it and have notices sent again.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// How a notice stands, as far as this process knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// It will be tried again.
    Waiting,
    /// The receiver has said that it has it.
    Taken,
    /// It was tried for the last time.
    GivenUp,
    /// It was sent because somebody asked for it, once.
    OnRequest,
}

/// One time that a notice was posted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryAttempt {
    /// When it began, UTC nanoseconds by the world's clock.
    pub at_ns: u64,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// The first bytes of the answer's body, read as UTF-8 as far as it is.
    pub answer: String,
    /// Why the notice does not count as received, in words; `None` if it does.
    pub failure: Option<String>,
    /// Whether somebody asked for it; such an attempt is none of the schedule's.
    pub on_request: bool,
}

/// A notice with its last attempts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The number that every attempt carries.
    pub notify_id: String,
    /// The app whose order it is about, if an app asked for it.
    pub app: Option<u64>,
    /// The trade it is about.
    pub trade_no: String,
    /// The address it is posted to.
    pub target: String,
    /// The exact bytes that are posted.
    pub payload: Arc<str>,
    /// How it stands.
    pub state: DeliveryState,
    /// The last attempts, the earliest first.
    pub attempts: Vec<DeliveryAttempt>,
}

/// Why a notice was not sent again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotSent {
    /// The merchant has no such notice that this process remembers, or no such trade.
    Unknown,
    /// There is nothing to tell of the trade: it has no address, or nothing has happened that is notified.
    NothingToTell,
    /// So many are being sent on request that this one has to be asked for later.
    Busy,
    /// It cannot be written; the reason is for the operator.
    Failed(String),
}

impl fmt::Display for NotSent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => formatter.write_str("it is not known"),
            Self::NothingToTell => formatter.write_str("there is nothing to tell, or no address to tell it to"),
            Self::Busy => formatter.write_str("too many are being sent on request"),
            Self::Failed(why) => write!(formatter, "it cannot be written: {why}"),
        }
    }
}

/// What sending again comes to: the notice with the new attempt as its last.
pub type Sending<'d> = Pin<Box<dyn Future<Output = Result<Delivery, NotSent>> + Send + 'd>>;

/// Somebody who has delivered notices and can do so again.
pub trait Deliveries: Send + Sync {
    /// The last notices of a merchant, the latest first. Bounded, and empty after a restart.
    fn of_merchant(&self, merchant: u64) -> Vec<Delivery>;

    /// One of them.
    fn one(&self, merchant: u64, notify_id: &str) -> Option<Delivery>;

    /// Posts the same bytes to the same address again, now, however the notice stands. The schedule does not count it.
    fn replay<'d>(&'d self, merchant: u64, notify_id: &'d str) -> Sending<'d>;

    /// Posts a new notice, with a number of its own, of how a trade stands now. It needs no memory: after a restart too, and
    /// for trades whose notices have long ended.
    fn tell_again<'d>(&'d self, merchant: u64, trade_no: &'d str) -> Sending<'d>;
}
