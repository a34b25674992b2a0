//! Telling merchants what became of their orders, until they say that they know.
//!
//! Each cell's open effects of the kind *notice* are posted to the order's address: at once, then after each interval of
//! [`notify::RETRY_INTERVALS_SECONDS`](crate::notify::RETRY_INTERVALS_SECONDS), counted from the attempt before by the world's
//! clock. Attempts are not journaled; their end is. A receiver that hangs holds up a few attempts of its own and nobody
//! else's ([`lanes`]). After a restart an effect goes on where its age says it should be.

mod address;
mod attempt;
mod delivery;
mod kept;
mod lanes;
mod notice;
mod on_request;
mod schedule;
mod told;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sycee_acquiring::reply::{EFFECT_NOTICE, Notice};
use sycee_contract::{EffectRecord, decode};
use sycee_engine::World;
use sycee_engine::outbound::Outbound;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use crate::signature::SigningKey;
use address::Reach;
use delivery::Courier;
use on_request::OnRequest;
use schedule::{Addressee, NoticeId, Schedule};
use told::Told;

pub use address::Network;

/// An attempt that has taken so long counts as hanging: it and its receiver get a share of their own.
const HANGS_AFTER: Duration = Duration::from_secs(1);
/// How often the schedule is looked at although nothing has moved: a test clock jumps without a sound.
const POLL: Duration = Duration::from_millis(100);
/// How long news may gather before they are looked at, so that a busy cell is not listed for each payment.
const GATHER: Duration = Duration::from_millis(10);

/// Posts notices. One for a server, over all its cells.
pub struct Notifier {
    inner: Arc<Inner>,
}

struct Inner {
    world: Arc<World>,
    gateway_key: Arc<SigningKey>,
    schedule: Mutex<Schedule>,
    courier: Courier,
    /// As many turns as there are cores.
    signing: Semaphore,
    told: Mutex<Told>,
    on_request: OnRequest,
    /// Something has ended or begun: the schedule is worth a look.
    moved: Notify,
}

impl Notifier {
    /// A notifier for the cells of `world`, which signs with the platform's key. Make it when the cells are open and before they
    /// take commands: what it finds open then is from before a restart.
    ///
    /// In production it calls addresses of the public internet only; in a sandbox any.
    #[must_use]
    pub fn new(world: Arc<World>, gateway_key: Arc<SigningKey>) -> Self {
        Self::allowing(world, gateway_key, Vec::new())
    }

    /// One that may also call these networks, for receivers that are not reached by the public internet.
    #[must_use]
    pub fn allowing(world: Arc<World>, gateway_key: Arc<SigningKey>, networks: Vec<Network>) -> Self {
        let reach = if world.sandbox { Reach::Everywhere } else { Reach::Public(networks) };
        let inner = Inner {
            schedule: Mutex::default(),
            courier: Courier::new(reach),
            signing: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            told: Mutex::default(),
            on_request: OnRequest::new(),
            moved: Notify::new(),
            world,
            gateway_key,
        };
        let now_ns = inner.world.clock.now_ns();
        inner.look(Some(now_ns));
        Self { inner: Arc::new(inner) }
    }

    /// Makes attempts in real time, for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        let mut listeners = JoinSet::new();
        for cell in &self.inner.world.cells {
            let (inner, effects) = (Arc::clone(&self.inner), Arc::clone(&cell.effects));
            listeners.spawn(async move {
                loop {
                    effects.changed().await;
                    inner.moved.notify_waiters();
                    tokio::time::sleep(GATHER).await;
                }
            });
        }
        loop {
            let moved = self.inner.moved.notified();
            self.inner.look(None);
            while Inner::start_due(&self.inner, self.inner.world.clock.now_ns()) {
                tokio::task::yield_now().await;
            }
            if tokio::time::timeout(POLL, moved).await.is_err() {
                // Nothing has moved for a while: time to tidy up.
                self.inner.courier.close_idle();
            }
        }
    }
}

impl Outbound for Notifier {
    fn next_due_ns(&self) -> Option<u64> {
        self.inner.look(None);
        self.inner.schedule().next_due_ns()
    }

    fn run_due(&self, now_ns: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let moved = self.inner.moved.notified();
                tokio::pin!(moved);
                // Listening begins here, so that an attempt that ends in between is not missed.
                moved.as_mut().enable();
                self.inner.look(None);
                while Inner::start_due(&self.inner, now_ns) {
                    tokio::task::yield_now().await;
                }
                if !self.inner.schedule().has_due(now_ns) {
                    return;
                }
                moved.await;
            }
        })
    }
}

impl Inner {
    /// Takes up notices that are not scheduled yet. `restarted_at_ns` tells that they are from before a restart.
    fn look(&self, restarted_at_ns: Option<u64>) {
        for cell in &self.world.cells {
            if cell.effects.is_empty() {
                continue;
            }
            // The list is made under the schedule's lock: what has ended by then is not in it, so nothing is taken up twice.
            let mut schedule = self.schedule();
            for (effect, record) in cell.effects.list_after(schedule.last_seen(cell.number)) {
                schedule.seen(cell.number, effect);
                if record.effect.kind == EFFECT_NOTICE {
                    let to = addressee(&record);
                    schedule.take_up(NoticeId { cell: cell.number, effect }, record, &to, restarted_at_ns);
                }
            }
        }
    }

    /// Starts what is due and has room. Gives back whether there is more to look at.
    fn start_due(inner: &Arc<Self>, now_ns: u64) -> bool {
        let taken = inner.schedule().take(now_ns);
        for due in taken.due {
            let inner = Arc::clone(inner);
            tokio::spawn(async move {
                attempt::make(&inner, due).await;
                inner.moved.notify_waiters();
            });
        }
        taken.is_more
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn addressee(record: &EffectRecord) -> Addressee {
    let notice: Option<Notice> = decode(&record.effect.body, "notice").ok();
    let merchant = notice.map_or(0, |notice| notice.order.merchant);
    Addressee { merchant, receiver: delivery::receiver_of(&record.effect.target) }
}
