//! The cells of this process, open and running.

use std::path::PathBuf;
use std::sync::Arc;

use sycee_alipay::notifier::Notifier;
use sycee_alipay::signature::SigningKey;
use sycee_alipay::state::Alipay;
use sycee_contract::{Caller, Command, MarketPack, MarketRole, PendingMarket, Products, cell};
use sycee_engine::clock::{Clock, SystemClock, TestClock};
use sycee_engine::outbound::{Faults, Outbound};
use sycee_engine::vault::Vault;
use sycee_engine::{CellHandle, World};

use tokio::task::JoinHandle;

use super::{Doors, credentials, participants, peering, secrets};
use crate::config::Settings;
use crate::host::{CellFolders, CellMetrics, DataLock, HostedCell, host, open_cell};
use crate::market;
use crate::rates::{Feed, Source};

/// Everything that runs.
pub struct RunningWorld {
    /// What edges see.
    pub world: Arc<World>,
    /// Counters, by cell.
    pub metrics: Vec<(String, Arc<CellMetrics>)>,
    /// The key that verifies every answer of the Alipay edge: base64 of SPKI DER.
    pub gateway_public_key: String,
    pub(super) doors: Doors,
    hosted: Vec<HostedCell>,
    lock: DataLock,
    data: PathBuf,
}

impl RunningWorld {
    /// Opens every cell, installs its market pack if it is new, and readies the edges.
    ///
    /// # Errors
    /// One line.
    pub fn open(settings: &Settings, base_url: String) -> Result<Self, String> {
        let packs: Vec<MarketPack> =
            settings.cells.iter().map(|name| market::load(name, &settings.packs())).collect::<Result<_, _>>()?;
        distinct(&packs)?;
        let lock = DataLock::take(&settings.data, settings.sandbox)?;
        let products = Arc::new(sycee_registry::products());
        let system: Arc<dyn Clock> = Arc::new(SystemClock);
        let test_clock = settings.sandbox.then(|| match settings.clock_start_ns {
            Some(start_ns) => TestClock::starting_at(Arc::clone(&system), start_ns),
            None => TestClock::new(Arc::clone(&system), 0),
        });
        let clock: Arc<dyn Clock> = match &test_clock {
            Some(clock) => Arc::new(clock.clone()),
            None => system,
        };
        let mut hosted = Vec::new();
        let mut vaults = Vec::new();
        let mut was_new = true;
        for pack in &packs {
            let (cell, vault) = Self::open_one(settings, pack, &products, &clock)?;
            if let Some(test_clock) = &test_clock {
                test_clock.move_to(cell.recovery.time_ns);
            }
            was_new &= cell.recovery.operation == 0;
            vaults.push(Arc::new(vault));
            hosted.push(host(&pack.cell, cell, Arc::clone(&clock)));
        }
        // Before any cell has an operation: a first start that is killed here begins again.
        let gateway_key = gateway_key(&packs, &vaults, was_new)?;
        let gateway_public_key = gateway_key.public_key_base64().map_err(|error| format!("gateway key: {error}"))?;
        let authority = credentials::authority(&packs, &vaults, &gateway_public_key, clock.now_ns())?;
        peering::share_code_key(&packs, &vaults, settings.network_code_key_file.as_deref())?;
        for (cell, pack) in hosted.iter().zip(&packs) {
            install(cell, pack)?;
        }
        let metrics =
            packs.iter().zip(&hosted).map(|(pack, cell)| (pack.cell.clone(), Arc::clone(&cell.metrics))).collect();
        let cells = packs.iter().zip(&hosted).zip(vaults).map(|((pack, cell), vault)| {
            Arc::new(CellHandle {
                name: pack.cell.clone(),
                number: pack.cell_number,
                currency: pack.currency,
                port: Arc::clone(&cell.port),
                vault,
                effects: Arc::clone(&cell.effects),
                outbox: Arc::clone(&cell.outbox),
            })
        });
        let world = Arc::new(World {
            cells: cells.collect(),
            products,
            clock,
            faults: Faults::default(),
            sandbox: settings.sandbox,
            test_clock,
            base_url,
        });
        let links = peering::links(&world, settings)?;
        let gateway = Arc::new(gateway_key);
        let alipay = Alipay::new(Arc::clone(&world), Arc::clone(&gateway))
            .with_authority(Arc::new(authority))
            .with_app_calls(settings.limits.app_calls_per_second);
        let alipay = Arc::new(alipay);
        let notifier = Arc::new(Notifier::allowing(Arc::clone(&world), gateway, settings.notify_allow.clone()));
        let feed = Self::network(&packs, &world, settings)?;
        let doors = Doors { alipay, notifier, links, feed };
        Ok(Self { world, metrics, gateway_public_key, doors, hosted, lock, data: settings.data.clone() })
    }

    /// Registers who takes part in the network whose cell is here, and finds out where its rates come from.
    fn network(packs: &[MarketPack], world: &World, settings: &Settings) -> Result<Option<Arc<Feed>>, String> {
        let Some(pack) = packs.iter().find(|pack| pack.roles.contains(&MarketRole::Network)) else { return Ok(None) };
        let Some(cell) = world.numbered(pack.cell_number) else { return Ok(None) };
        participants::register(&cell.port, pack)?;
        let source = match &settings.rates_file {
            Some(file) => Source::File(file.clone()),
            None if settings.sandbox => Source::Simulated,
            None => {
                tracing::warn!(
                    "no rates_file is configured: payments between currencies are refused until rates are set"
                );
                return Ok(None);
            }
        };
        Ok(Some(Arc::new(Feed::new(source, Arc::clone(&cell.port), Arc::clone(&world.clock)))))
    }

    fn open_one(
        settings: &Settings,
        pack: &MarketPack,
        products: &Arc<Products>,
        clock: &Arc<dyn Clock>,
    ) -> Result<(sycee_engine::OpenCell, Vault), String> {
        let folders = CellFolders::of(&settings.data, &pack.cell);
        let opened = open_cell(
            &folders,
            pack.cell_number,
            &pack.time_zone,
            Arc::clone(products),
            Arc::clone(clock),
            settings.segment_bytes,
        );
        let (cell, vault) = opened.map_err(|error| format!("cell {}: {error}", pack.cell))?;
        let recovery = cell.recovery;
        tracing::info!(
            cell = pack.cell,
            operation = recovery.operation,
            replayed = recovery.replayed,
            rebuilt = recovery.rebuilt,
            "cell open"
        );
        Ok((cell, vault))
    }

    /// Starts what runs beside requests.
    #[must_use]
    pub fn start_background(&self) -> JoinHandle<()> {
        let (notifier, links) = (Arc::clone(&self.doors.notifier), Arc::clone(&self.doors.links));
        let feed = self.doors.feed.clone();
        tokio::spawn(async move {
            let rates = async move {
                if let Some(feed) = feed {
                    feed.run().await;
                }
            };
            tokio::join!(notifier.run(), links.run(), rates);
        })
    }

    /// Waits until what was sent between the cells of this server at its start has arrived, and rates are set: who asks the first
    /// thing finds a network. Cells of other processes are not waited for.
    pub async fn ready(&self) {
        let now_ns = self.world.clock.now_ns();
        if let Some(feed) = &self.doors.feed {
            feed.run_due(now_ns).await;
        }
        self.doors.links.run_due(now_ns).await;
    }

    /// Stops every cell and seals the data directory.
    ///
    /// # Errors
    /// One line: the data is safe, but the directory is not sealed.
    pub fn stop(self) -> Result<(), String> {
        let Self { world, doors, hosted, lock, data, .. } = self;
        let mut stopped = Vec::new();
        // All at once: what a cell waits for at its end is the disk.
        hosted.iter().for_each(HostedCell::begin_stop);
        for cell in hosted {
            stopped.extend(cell.stop().err());
        }
        drop(doors);
        // Files must be closed before they are sealed; a request that was cut may hold the world for a moment longer.
        let weak = Arc::downgrade(&world);
        drop(world);
        for _ in 0..200 {
            if weak.strong_count() == 0 {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if let Some(why) = stopped.first() {
            return Err(format!("stopped, but not sealed: a cell had stopped by itself: {why}"));
        }
        if weak.strong_count() > 0 {
            return Err("stopped, but not sealed: a request still held the world".into());
        }
        lock.seal(&data).map_err(|error| format!("stopped, but not sealed: {error}"))?;
        tracing::info!("stopped and sealed");
        Ok(())
    }
}

/// Installs the pack by command, if it is neither in force with nothing to follow nor waiting for its day.
fn install(cell: &HostedCell, pack: &MarketPack) -> Result<(), String> {
    let in_force = cell.port.get::<MarketPack>(&MarketPack::key()).map_err(|error| error.to_string())?;
    let pending = cell.port.get::<PendingMarket>(&PendingMarket::key()).map_err(|error| error.to_string())?;
    let last = pending.map(|pending| pending.pack).or(in_force);
    if last.as_ref() == Some(pack) {
        return Ok(());
    }
    let command = Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, pack);
    let reply = cell.port.ask_blocking_anywhere(command).map_err(|error| error.to_string())?;
    reply.outcome.map(|_| ()).map_err(|refusal| format!("market pack {}: {}", pack.cell, refusal.detail))
}

/// Cells of one process must be told apart by name, number and code prefix.
fn distinct(packs: &[MarketPack]) -> Result<(), String> {
    for (index, pack) in packs.iter().enumerate() {
        for other in &packs[index + 1..] {
            let what = if pack.cell == other.cell {
                "cell"
            } else if pack.cell_number == other.cell_number {
                "cell_number"
            } else if pack.pay_code_prefix == other.pay_code_prefix {
                "pay_code_prefix"
            } else {
                continue;
            };
            return Err(format!("market packs {} and {} have the same {what}", pack.cell, other.cell));
        }
    }
    Ok(())
}

/// The key that signs every answer of the Alipay edge. It is made once, when all cells are new, and kept in every cell's vault, so
/// that adding or removing a cell does not change it.
fn gateway_key(packs: &[MarketPack], vaults: &[Arc<Vault>], is_new: bool) -> Result<SigningKey, String> {
    const NAME: &str = "gateway-key";
    let failed = |error: &dyn std::fmt::Display| format!("gateway key: {error}");
    let der = secrets::shared(NAME, packs, vaults, || {
        if !is_new {
            return Err("gateway key: no vault has it although cells have operations; restore a vault".into());
        }
        let key = SigningKey::generate().map_err(|error| failed(&error))?;
        key.to_pkcs8_der().map_err(|error| failed(&error))
    })?;
    SigningKey::from_pkcs8_der(&der).map_err(|error| failed(&error))
}
