//! What benchmarks play on: a French cell in a folder of its own, and people in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sycee_contract::{Caller, Command, cell, decode};
use sycee_engine::clock::{Clock, SystemClock};
use sycee_engine::{NoReply, Port, Reply, limits};
use sycee_money::{Amount, Money};

use super::Measured;
use crate::config::{Flags, Settings};
use crate::host::{CellFolders, HostedCell, host, open_cell};
use crate::market::{Packs, load};
use crate::server::Server;

/// The cell that benchmarks use.
pub const CELL: &str = "fr";

/// A folder below the working directory's `target`, or the system's temporary one, that is removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    /// A new empty folder.
    ///
    /// # Errors
    /// One line.
    pub fn new() -> Result<Self, String> {
        let base = if Path::new("target").is_dir() { PathBuf::from("target") } else { std::env::temp_dir() };
        let folder = base.join(format!("bench-data-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("left behind: {}: {error}", self.0.display());
        }
    }
}

/// Opens the cell and installs its market.
///
/// # Errors
/// One line.
pub fn open(folder: &Path) -> Result<HostedCell, String> {
    let pack = load(CELL, &Packs::Embedded)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let products = Arc::new(sycee_registry::products());
    let folders = CellFolders::of(folder, CELL);
    let (cell, _vault) =
        open_cell(&folders, pack.cell_number, &pack.time_zone, products, Arc::clone(&clock), limits::SEGMENT_BYTES)
            .map_err(|error| error.to_string())?;
    let hosted = host(CELL, cell, clock);
    ask(&hosted.port, Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &pack))?;
    Ok(hosted)
}

/// Starts a sandbox server with these cells in this process, measures with it, and stops it.
///
/// # Errors
/// One line.
pub fn with_server(
    cells: &[&str],
    measure: impl AsyncFnOnce(&Server) -> Result<Measured, String>,
) -> Result<String, String> {
    let folder = Folder::new()?;
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data: Some(folder.0.clone()),
        cells: Some(cells.iter().map(|cell| (*cell).to_owned()).collect()),
        sandbox: true,
        ..Flags::default()
    };
    let settings = Settings::load(flags)?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    let (measured, running) = runtime.block_on(async {
        let server = Server::start(&settings).await?;
        let measured = measure(&server).await;
        Ok::<_, String>((measured, server.end().await))
    })?;
    // As the server does it: a call to a receiver that does not answer is cut.
    runtime.shutdown_timeout(Duration::from_secs(1));
    running.stop()?;
    measured.map(Measured::to_json)
}

/// How much all journals of a server have grown.
pub fn journal_bytes(server: &Server) -> u64 {
    server.running.metrics.iter().map(|(_, metrics)| metrics.journal_bytes.load(Ordering::Relaxed)).sum()
}

/// Asks, and takes only yes for an answer.
///
/// # Errors
/// One line.
pub fn ask(port: &Port, command: Command) -> Result<Vec<u8>, String> {
    accepted(port.ask_blocking(command))
}

/// The reply's bytes, if it was accepted.
///
/// # Errors
/// One line.
pub fn accepted(reply: Result<Reply, NoReply>) -> Result<Vec<u8>, String> {
    let reply = reply.map_err(|error| error.to_string())?;
    reply.outcome.map_err(|refusal| format!("refused: {} {}", refusal.code, refusal.detail))
}

/// An amount in the cell's currency.
///
/// # Errors
/// One line.
pub fn euros(minor: u64) -> Result<Money, String> {
    let amount = Amount::new(minor).map_err(|error| error.to_string())?;
    Ok(Money { amount, currency: sycee_money::Currency::EUR })
}

/// A merchant, and customers with money.
pub struct People {
    /// The merchant's party number.
    pub merchant: u64,
    /// The customers' party numbers.
    pub customers: Vec<u64>,
}

/// Opens a merchant and customers who have `minor` each.
///
/// # Errors
/// One line.
pub fn people(port: &Port, customers: u64, minor: u64) -> Result<People, String> {
    let merchant = merchant(port, 0)?;
    Ok(People { merchant, customers: customers_with(port, customers, minor)? })
}

/// Opens a merchant, the same one for the same index.
///
/// # Errors
/// One line.
pub fn merchant(port: &Port, index: u64) -> Result<u64, String> {
    use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant};
    let onboard = OnboardMerchant { name: [1; 16], mcc: "5411".into(), fee_bps: None };
    let command = Command::new(ONBOARD_MERCHANT, Caller::OPERATOR, &onboard);
    let reply = ask(port, command.with_id(&format!("bench-merchant-{index}")))?;
    let reply = decode::<sycee_acquiring::reply::MerchantReply>(&reply, "merchant").map_err(|_| "merchant reply")?;
    Ok(reply.merchant)
}

/// Opens customers who have `minor` each, in the order of their numbers.
///
/// # Errors
/// One line.
pub fn customers_with(port: &Port, customers: u64, minor: u64) -> Result<Vec<u64>, String> {
    use sycee_party::command::{OpenCustomer, Opened};
    use sycee_wallet::command::CashIn;
    // Many at once, so that they share syncs.
    let mut waiting = Vec::new();
    for index in 0..customers {
        let mut person = [2; 16];
        person[..8].copy_from_slice(&index.to_be_bytes());
        let open = OpenCustomer { person, contact: None, kyc_rank: None };
        let command = Command::new(sycee_party::OPEN_CUSTOMER, Caller::OPERATOR, &open);
        waiting
            .push(port.submit(command.with_id(&format!("bench-customer-{index}"))).map_err(|error| error.to_string())?);
    }
    let mut numbers = Vec::new();
    for receiver in waiting {
        let reply = accepted(receiver.blocking_recv().map_err(|error| error.to_string())?)?;
        numbers.push(decode::<Opened>(&reply, "customer").map_err(|_| "customer reply")?.party);
    }
    let mut waiting = Vec::new();
    for customer in &numbers {
        let cash = CashIn { customer: *customer, money: euros(minor)?, bank_reference: "bench".into() };
        let command = Command::new(sycee_wallet::CASH_IN, Caller::OPERATOR, &cash);
        waiting
            .push(port.submit(command.with_id(&format!("bench-cash-{customer}"))).map_err(|error| error.to_string())?);
    }
    for receiver in waiting {
        accepted(receiver.blocking_recv().map_err(|error| error.to_string())?)?;
    }
    Ok(numbers)
}
