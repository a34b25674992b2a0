//! Moving a sandbox's clock: an advance makes everything happen that is due in between, in the order in which it is due.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use sycee_contract::{Key, TimerId, cell};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::clock::{Clock, TestClock};
use crate::outbound::Outbound;
use crate::store::StoreError;
use crate::world::{CellHandle, World};

/// The furthest that one advance goes: ten years.
pub const ADVANCE_MAX_SECONDS: u64 = 3_650 * 86_400;
/// How long the cells may take for what is due at one instant.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often they are looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Why the clock was not moved, or not so far.
#[derive(Debug)]
pub enum NotAdvanced {
    /// It is further than one advance goes.
    TooFar,
    /// The server was started without a test clock.
    NoTestClock,
    /// What is due was not done in time; the clock stands where it came to.
    Stuck(String),
    /// A row could not be read.
    Store(StoreError),
}

impl fmt::Display for NotAdvanced {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFar => write!(formatter, "one advance goes at most {ADVANCE_MAX_SECONDS} seconds"),
            Self::NoTestClock => formatter.write_str("the server was started without a test clock"),
            Self::Stuck(why) => write!(formatter, "what is due was not done in time: {why}"),
            Self::Store(error) => error.fmt(formatter),
        }
    }
}

impl From<StoreError> for NotAdvanced {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Moves the clock of a world, one advance at a time, whoever asks.
pub struct Advancer {
    world: Arc<World>,
    /// Those who carry effects out: an advance waits for what they have due.
    outbound: Vec<Arc<dyn Outbound>>,
    advancing: Mutex<()>,
}

impl Advancer {
    /// One for the cells of `world`, with those who carry their effects out, in the order in which they are asked.
    #[must_use]
    pub fn new(world: Arc<World>, outbound: Vec<Arc<dyn Outbound>>) -> Self {
        Self { world, outbound, advancing: Mutex::new(()) }
    }

    /// Moves the clock on; gives back what it says then, UTC nanoseconds.
    ///
    /// # Errors
    /// [`NotAdvanced`].
    pub async fn advance(&self, seconds: u64) -> Result<u64, NotAdvanced> {
        if seconds > ADVANCE_MAX_SECONDS {
            return Err(NotAdvanced::TooFar);
        }
        let Some(clock) = &self.world.test_clock else { return Err(NotAdvanced::NoTestClock) };
        let _one_at_a_time = self.advancing.lock().await;
        let target_ns = clock.now_ns().saturating_add(seconds.saturating_mul(1_000_000_000));
        // What is on its way now arrives before the clock moves.
        self.settle(clock, clock.now_ns()).await?;
        let mut patience = Patience::new(Instant::now());
        while let Some(due_ns) = self.next_due_ns()?.filter(|due_ns| *due_ns <= target_ns) {
            // What is due is done, and what is still due after it was done is waited for as long as the cells are.
            patience.spend(due_ns, Instant::now())?;
            self.settle(clock, due_ns).await?;
        }
        self.settle(clock, target_ns).await?;
        Ok(clock.now_ns())
    }

    /// Moves the clock and waits for everything that is due by then.
    async fn settle(&self, clock: &TestClock, to_ns: u64) -> Result<(), NotAdvanced> {
        clock.move_to(to_ns);
        let now_ns = clock.now_ns();
        for cell in &self.world.cells {
            cell.port.wake();
        }
        let since = Instant::now();
        for cell in &self.world.cells {
            while timer_due_ns(cell)?.is_some_and(|due_ns| due_ns <= now_ns) {
                if let Some(why) = cell.port.stopped() {
                    return Err(NotAdvanced::Stuck(format!("cell {} has stopped: {why}", cell.name)));
                }
                if since.elapsed() >= PATIENCE {
                    return Err(NotAdvanced::Stuck(format!("cell {} has timers that do not fire", cell.name)));
                }
                cell.port.wake();
                tokio::time::sleep(LOOK_EVERY).await;
            }
        }
        for outbound in &self.outbound {
            outbound.run_due(now_ns).await;
        }
        Ok(())
    }

    /// The earliest of all timers and all attempts.
    fn next_due_ns(&self) -> Result<Option<u64>, NotAdvanced> {
        let mut due_ns = self.outbound.iter().filter_map(|outbound| outbound.next_due_ns()).min();
        for cell in &self.world.cells {
            if let Some(timer_ns) = timer_due_ns(cell)? {
                due_ns = Some(due_ns.map_or(timer_ns, |due_ns| due_ns.min(timer_ns)));
            }
        }
        Ok(due_ns)
    }
}

/// Bounds the time in which the earliest due instant does not move on.
struct Patience {
    due_ns: u64,
    since: Instant,
}

impl Patience {
    fn new(now: Instant) -> Self {
        Self { due_ns: 0, since: now }
    }

    fn spend(&mut self, due_ns: u64, now: Instant) -> Result<(), NotAdvanced> {
        if due_ns > self.due_ns {
            *self = Self { due_ns, since: now };
        }
        if now.duration_since(self.since) < PATIENCE {
            Ok(())
        } else {
            Err(NotAdvanced::Stuck("an effect stays due however often it is tried".into()))
        }
    }
}

/// When the cell's first durable timer is due.
fn timer_due_ns(cell: &CellHandle) -> Result<Option<u64>, StoreError> {
    let first = cell.port.begin_read().scan(&Key::new(cell::TIMER), None, 1)?;
    Ok(first.first().and_then(|(key, _)| TimerId::from_key(key)).map(|timer| timer.due_at_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_ends_only_where_nothing_moves_on() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut patience = Patience::new(start);
        assert!(patience.spend(5, at(0)).is_ok());
        assert!(patience.spend(5, at(9)).is_ok());
        assert!(patience.spend(6, at(9)).is_ok(), "later: the time begins again");
        assert!(patience.spend(6, at(18)).is_ok());
        assert!(matches!(patience.spend(6, at(19)), Err(NotAdvanced::Stuck(_))));
    }
}
