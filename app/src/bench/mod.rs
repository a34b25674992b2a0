//! `sycee bench`: load that is made and measured in this process, and one line of JSON.
//!
//! `ledger`: durable transfers in batches. `payments`: a server and its clients, over HTTP on loopback. `api`: the same with
//! requests that are signed. `alipay`: payments through the Alipay gateway. `notices`: what merchants are told, and how soon. `reopen`: a process that is killed with many
//! payments behind it, and how long it takes to open again.

mod alipay;
mod api;
pub mod client;
mod ledger;
mod load;
mod notices;
mod payments;
mod receivers;
mod reopen;
mod signer;
mod stage;
mod threads;

use std::time::Duration;

use signer::Algorithm;

const WHICH: &str = "which one? sycee bench ledger, payments, api, alipay, notices or reopen";

/// Runs a benchmark and prints its line.
///
/// # Errors
/// One line.
pub fn run(arguments: &mut lexopt::Parser) -> Result<(), String> {
    let which = match arguments.next().map_err(|error| error.to_string())? {
        Some(lexopt::Arg::Value(which)) => which,
        _ => return Err(WHICH.into()),
    };
    let mut options = Options::default();
    loop {
        let flag = match arguments.next().map_err(|error| error.to_string())? {
            None => break,
            Some(lexopt::Arg::Long(flag)) => flag.to_owned(),
            Some(other) => return Err(other.unexpected().to_string()),
        };
        let mut number = || -> Result<u64, String> {
            let value = arguments.value().map_err(|error| error.to_string())?;
            value.to_str().and_then(|text| text.replace('_', "").parse().ok()).ok_or(format!("--{flag} takes a number"))
        };
        match flag.as_str() {
            "count" => options.count = Some(number()?),
            "accounts" => options.accounts = Some(number()?.max(2)),
            "connections" => options.connections = Some(usize::try_from(number()?.max(1)).unwrap_or(1)),
            "rate" => options.rate = Some(number()?.max(1)),
            "signature" => {
                let value = arguments.value().map_err(|error| error.to_string())?;
                let algorithm = value.to_str().and_then(Algorithm::named);
                options.signature = algorithm.ok_or("--signature is hmac or ed25519")?;
            }
            "hot" => options.hot = true,
            "abroad" => options.abroad = true,
            "fill" => options.fill = Some(arguments.value().map_err(|error| error.to_string())?.into()),
            other => return Err(format!("invalid option '--{other}'")),
        }
    }
    let line = match which.to_str() {
        Some("ledger") => ledger::run(&options)?,
        Some("payments") => payments::run(&options)?,
        Some("api") => api::run(&options)?,
        Some("alipay") => alipay::run(&options)?,
        Some("notices") => notices::run(&options)?,
        Some("reopen") => reopen::run(&options)?,
        _ => return Err(WHICH.into()),
    };
    println!("{line}");
    Ok(())
}

/// What a benchmark is told.
#[derive(Default)]
pub struct Options {
    /// How many operations; each benchmark has its own default.
    pub count: Option<u64>,
    /// How many accounts or customers; each benchmark has its own default.
    pub accounts: Option<u64>,
    /// How many HTTP connections; each benchmark has its own default.
    pub connections: Option<usize>,
    /// How many are offered in a second.
    pub rate: Option<u64>,
    /// How requests are signed.
    pub signature: Algorithm,
    /// Whether half of the transfers touch one account.
    pub hot: bool,
    /// Whether payers and shop are in different cells.
    pub abroad: bool,
    /// Inside: fill this directory until killed.
    pub fill: Option<std::path::PathBuf>,
}

/// What was measured.
pub struct Measured {
    /// Which benchmark, with its options.
    pub name: String,
    /// How many operations.
    pub operations: u64,
    /// In which time.
    pub elapsed: Duration,
    /// The time from asking to the durable answer: one per request.
    pub latencies_us: Vec<u64>,
    /// Bytes in the journals.
    pub journal_bytes: u64,
    /// Processor time by thread, seconds, where it was measured.
    pub cpu_seconds: threads::CpuTimes,
    /// What else there is to say, by its name in the line.
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Measured {
    /// The line of JSON of the contract.
    #[must_use]
    pub fn to_json(mut self) -> String {
        self.latencies_us.sort_unstable();
        let seconds = self.elapsed.as_secs_f64();
        let percentile = |permille: usize| {
            let last = self.latencies_us.len().saturating_sub(1);
            self.latencies_us.get(last * permille / 1_000).copied().unwrap_or(0)
        };
        let mut line = serde_json::json!({
            "bench": self.name,
            "operations": self.operations,
            "seconds": (seconds * 1_000.0).round() / 1_000.0,
            "per_second": (self.operations as f64 / seconds).round(),
            "p50_us": percentile(500),
            "p99_us": percentile(990),
            "p999_us": percentile(999),
            "bytes_per_operation": (self.journal_bytes as f64 / self.operations.max(1) as f64).round(),
        });
        if !self.cpu_seconds.is_empty() {
            let rounded = self.cpu_seconds.iter().map(|(name, used)| (name, (used * 100.0).round() / 100.0));
            line["cpu_seconds"] =
                rounded.map(|(name, used)| (name.clone(), used.into())).collect::<serde_json::Map<_, _>>().into();
        }
        for (name, value) in self.more {
            line[name] = value;
        }
        line.to_string()
    }
}
