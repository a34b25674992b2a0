//! The test clock. An advance makes everything happen that is due in between, in the order in which it is due.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use sycee_contract::{Key, TimerId, cell};
use sycee_engine::CellHandle;
use sycee_engine::clock::{Clock, TestClock};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::json::{self, Body};
use crate::problem::Problem;

/// The furthest that one advance goes: ten years.
const ADVANCE_MAX_SECONDS: u64 = 3_650 * 86_400;
/// How long the cells may take for what is due at one instant.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often they are looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(1);

#[derive(Serialize)]
struct Now {
    now: String,
}

/// `GET /clock`.
pub(crate) async fn show(State(desk): State<Arc<Desk>>) -> Response {
    now(&desk)
}

fn now(desk: &Desk) -> Response {
    json::ok(&Now { now: json::instant(desk.world().clock.now_ns()) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvanceBody {
    seconds: u64,
}

/// `POST /clock/advance`.
pub(crate) async fn advance(State(desk): State<Arc<Desk>>, Body(body): Body<AdvanceBody>) -> Result<Response, Problem> {
    if body.seconds > ADVANCE_MAX_SECONDS {
        return Err(Problem::bad_field("seconds", &format!("is at most {ADVANCE_MAX_SECONDS}")));
    }
    let Some(clock) = &desk.world().test_clock else {
        let title = "The clock of this server cannot be moved.";
        let detail = "it was started without a test clock";
        return Err(Problem::new(StatusCode::CONFLICT, "no_test_clock", title, detail));
    };
    let _one_at_a_time = desk.advancing.lock().await;
    let target_ns = clock.now_ns().saturating_add(body.seconds.saturating_mul(1_000_000_000));
    // What is on its way now arrives before the clock moves.
    settle(&desk, clock, clock.now_ns()).await?;
    let mut patience = Patience::new();
    while let Some(due_ns) = next_due_ns(&desk)?.filter(|due_ns| *due_ns <= target_ns) {
        // What is due is done, and what is still due after it was done is waited for as long as the cells are.
        patience.spend(due_ns)?;
        settle(&desk, clock, due_ns).await?;
    }
    settle(&desk, clock, target_ns).await?;
    Ok(now(&desk))
}

/// Bounds the time in which the earliest due instant does not move on.
struct Patience {
    due_ns: u64,
    since: Instant,
}

impl Patience {
    fn new() -> Self {
        Self { due_ns: 0, since: Instant::now() }
    }

    fn spend(&mut self, due_ns: u64) -> Result<(), Problem> {
        if due_ns > self.due_ns {
            *self = Self { due_ns, since: Instant::now() };
        }
        if self.since.elapsed() < PATIENCE {
            Ok(())
        } else {
            Err(stuck("an effect stays due however often it is tried"))
        }
    }
}

fn stuck(detail: &str) -> Problem {
    let title = "What is due was not done in time; the clock stands where it came to.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "advance_stuck", title, detail)
}

/// Moves the clock and waits for everything that is due by then.
async fn settle(desk: &Desk, clock: &TestClock, to_ns: u64) -> Result<(), Problem> {
    clock.move_to(to_ns);
    let now_ns = clock.now_ns();
    for cell in &desk.world().cells {
        cell.port.wake();
    }
    let since = Instant::now();
    for cell in &desk.world().cells {
        while timer_due_ns(cell)?.is_some_and(|due_ns| due_ns <= now_ns) {
            if let Some(why) = cell.port.stopped() {
                return Err(stuck(&format!("cell {} has stopped: {why}", cell.name)));
            }
            if since.elapsed() >= PATIENCE {
                return Err(stuck(&format!("cell {} has timers that do not fire", cell.name)));
            }
            cell.port.wake();
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
    for outbound in &desk.sandbox.outbound {
        outbound.run_due(now_ns).await;
    }
    Ok(())
}

/// The earliest of all timers and all attempts.
fn next_due_ns(desk: &Desk) -> Result<Option<u64>, Problem> {
    let mut due_ns = desk.sandbox.outbound.iter().filter_map(|outbound| outbound.next_due_ns()).min();
    for cell in &desk.world().cells {
        if let Some(timer_ns) = timer_due_ns(cell)? {
            due_ns = Some(due_ns.map_or(timer_ns, |due_ns| due_ns.min(timer_ns)));
        }
    }
    Ok(due_ns)
}

/// When the cell's first durable timer is due.
fn timer_due_ns(cell: &CellHandle) -> Result<Option<u64>, Problem> {
    let first = cell.port.begin_read().scan(&Key::new(cell::TIMER), None, 1)?;
    Ok(first.first().and_then(|(key, _)| TimerId::from_key(key)).map(|timer| timer.due_at_ns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_ends_only_where_nothing_moves_on() {
        let mut patience = Patience::new();
        assert!(patience.spend(5).is_ok());
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(patience.spend(5).is_ok());
        assert!(patience.spend(6).is_ok(), "later: the time begins again");
        tokio::time::advance(Duration::from_secs(9)).await;
        assert!(patience.spend(6).is_ok());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(patience.spend(6).unwrap_err().code, "advance_stuck");
    }

    #[test]
    fn seconds_are_a_whole_number() {
        for (text, good) in [
            (r#"{"seconds":60}"#, true),
            (r#"{"seconds":0}"#, true),
            (r#"{"seconds":-1}"#, false),
            (r#"{"seconds":1.5}"#, false),
            (r#"{"seconds":"1"}"#, false),
            (r#"{"minutes":1}"#, false),
        ] {
            assert_eq!(json::read::<AdvanceBody>(text.as_bytes()).is_ok(), good, "{text}");
        }
    }
}
