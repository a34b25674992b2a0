//! Rate sources: where the network's mid-market rates come from. A source only asks the command `set_rates`; what is done with
//! a rate, and when it is too old, the product interop says.

mod file;
mod simulated;

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sycee_contract::{Caller, Command};
use sycee_engine::Port;
use sycee_engine::clock::Clock;
use sycee_engine::outbound::Outbound;
use sycee_interop::command::{SET_RATES, SetRates};
use tokio::sync::Mutex;

/// How often simulated rates are set anew, by the world's clock.
const SIMULATED_EVERY_NS: u64 = 600_000_000_000;
/// How often a source is looked at, in real time.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// What simulated rates are called.
const SIMULATED: &str = "simulated";

/// Where rates come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// They are made up: in a sandbox.
    Simulated,
    /// A file, read whenever it has changed.
    File(PathBuf),
}

/// Brings rates into the network's cell.
pub struct Feed {
    source: Source,
    port: Arc<Port>,
    clock: Arc<dyn Clock>,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    set_ns: Option<u64>,
    modified: Option<SystemTime>,
}

impl Feed {
    /// A feed for the network's cell behind `port`.
    #[must_use]
    pub fn new(source: Source, port: Arc<Port>, clock: Arc<dyn Clock>) -> Self {
        Self { source, port, clock, last: Mutex::default() }
    }

    /// Sets the rates now, if the source has new ones.
    ///
    /// # Errors
    /// One line; the rates in force stay.
    pub async fn refresh(&self) -> Result<(), String> {
        let mut last = self.last.lock().await;
        let now_ns = self.clock.now_ns();
        let (set, modified) = match &self.source {
            Source::Simulated => {
                if last.set_ns.is_some_and(|set_ns| now_ns.saturating_sub(set_ns) < SIMULATED_EVERY_NS) {
                    return Ok(());
                }
                let rates = simulated::rates(now_ns).map_err(|error| format!("simulated rates: {error}"))?;
                (SetRates { source: SIMULATED.into(), at_ns: now_ns, rates }, None)
            }
            Source::File(path) => {
                let failed = |error: &dyn std::fmt::Display| format!("rates {}: {error}", path.display());
                let modified =
                    std::fs::metadata(path).and_then(|data| data.modified()).map_err(|error| failed(&error))?;
                if last.modified == Some(modified) {
                    return Ok(());
                }
                let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
                let set = file::parse(&text).map_err(|error| {
                    // What is wrong in a file is said once, until it changes again. A refusal by the cell may pass: the file is
                    // tried again.
                    last.modified = Some(modified);
                    failed(&error)
                })?;
                (set, Some(modified))
            }
        };
        let command = Command::new(SET_RATES, Caller::OPERATOR, &set);
        let reply = self.port.ask(command).await.map_err(|error| format!("rates: {error}"))?;
        reply.outcome.map_err(|refusal| format!("rates: {}", refusal.detail))?;
        last.set_ns = Some(now_ns);
        last.modified = modified;
        Ok(())
    }

    /// Looks at the source for as long as it is polled.
    pub async fn run(self: Arc<Self>) {
        loop {
            if let Err(error) = self.refresh().await {
                tracing::warn!("{error}; the rates in force stay");
                tokio::time::sleep(LOOK_EVERY * 10).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

impl Outbound for Feed {
    /// Nothing that is to be waited for: a rate that is a little old does.
    fn next_due_ns(&self) -> Option<u64> {
        None
    }

    /// After the clock has moved, rates are fresh before anybody is answered.
    fn run_due(&self, _: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            if let Err(error) = self.refresh().await {
                tracing::warn!("{error}; the rates in force stay");
            }
        })
    }
}
