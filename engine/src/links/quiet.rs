//! When the clock of a sandbox is advanced, what crosses between its cells happens too: the clock waits until nothing waits.
//! Peers in other processes are not waited for.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use sycee_contract::{Key, TimerId, cell};

use super::{Links, Side};
use crate::limits;
use crate::outbound::Outbound;
use crate::world::CellHandle;

/// How long nothing may move before the clock goes on without it.
const QUIET_WITHIN: Duration = Duration::from_secs(limits::LINK_QUIET_SECONDS);
/// How often timers that messages have set are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(1);

impl Side {
    /// Whether something waits that will get to its peer without anybody's help.
    fn has_under_way(&self) -> bool {
        let runs = |cell: &CellHandle| cell.port.stopped().is_none();
        self.here.as_ref().is_some_and(|peer| runs(peer))
            && runs(&self.cell)
            // The outbox changes a moment before readers see the batch that changed it: both must say that nothing waits.
            && self.link().is_ok_and(|link| {
                link.is_some_and(|link| link.backlog() > 0 || self.cell.outbox.backlog(self.peer) > 0)
            })
    }
}

impl Links {
    fn under_way(&self) -> Option<&Side> {
        self.sides.iter().find(|side| side.has_under_way())
    }

    /// The cells that are linked within this process and have a timer that is due.
    fn due(&self, now_ns: u64) -> Option<&CellHandle> {
        let linked = self.sides.iter().filter(|side| side.here.is_some()).map(|side| &*side.cell);
        linked.filter(|cell| cell.port.stopped().is_none()).find(|cell| {
            let first = cell.port.begin_read().scan(&Key::new(cell::TIMER), None, 1);
            let timer = first.ok().and_then(|rows| rows.first().and_then(|(key, _)| TimerId::from_key(key)));
            timer.is_some_and(|timer| timer.due_at_ns <= now_ns)
        })
    }

    /// The sum of all places to which links have come, and of the operations of their cells: it rises while anything moves.
    fn moved(&self) -> u64 {
        self.sides.iter().fold(0, |sum, side| {
            let link = side.link().ok().flatten();
            let places = link.map_or(0, |link| link.sent.wrapping_add(link.acknowledged).wrapping_add(link.received));
            sum.wrapping_add(places).wrapping_add(side.cell.port.begin_read().operation)
        })
    }

    /// Waits until no message is under way between cells here and none of them has a timer due that a message may have set.
    async fn quiet(&self, now_ns: u64) {
        let mut moved = self.moved();
        let mut since = tokio::time::Instant::now();
        loop {
            if let Some(side) = self.under_way() {
                let outbox = &side.cell.outbox;
                let seen = outbox.version();
                if side.has_under_way() {
                    // The time is over or it has changed: either way it is looked at again.
                    let _changed = tokio::time::timeout(Duration::from_millis(20), outbox.changed(seen)).await;
                }
            } else if let Some(cell) = self.due(now_ns) {
                cell.port.wake();
                tokio::time::sleep(LOOK_EVERY).await;
            } else if self.under_way().is_none() {
                return;
            }
            let now = self.moved();
            if now != moved {
                (moved, since) = (now, tokio::time::Instant::now());
            } else if since.elapsed() >= QUIET_WITHIN {
                tracing::warn!("the clock goes on although messages between cells are under way");
                return;
            }
        }
    }
}

impl Outbound for Links {
    /// Nothing by the world's clock: messages go in real time, and [`Outbound::run_due`] waits for them at every instant. A link
    /// that is cut must not hold the clock.
    fn next_due_ns(&self) -> Option<u64> {
        None
    }

    fn run_due(&self, now_ns: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.quiet(now_ns))
    }
}
