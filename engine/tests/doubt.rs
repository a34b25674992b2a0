//! What an adversarial review found, each with the scenario that showed it.

mod bench;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bench::{HandClock, START_NS, Site, account, credits, open_accounts, timers, transfer};
use sycee_books::command::PlaceHold;
use sycee_contract::{Caller, Command};
use sycee_engine::clock::Clock;
use sycee_engine::disk::{Disk, DiskFault, FileDisk, MemoryDisk};
use sycee_engine::drive::Driven;
use sycee_engine::store::{FjallStore, MemoryStore, StoreError, TableStore};
use sycee_engine::vault::Vault;
use sycee_engine::{CellConfig, OpenError, limits, open};
use sycee_money::Amount;

fn open_on(disk: Arc<dyn Disk>, clock: Arc<dyn Clock>, segment_bytes: u64) -> Driven {
    let products = Arc::new(sycee_registry::products());
    let config = CellConfig { cell: 7, time_zone: "Europe/Paris".into(), products, clock, disk, segment_bytes };
    let tables = |_: bool| -> Result<Arc<dyn TableStore>, StoreError> { Ok(Arc::new(MemoryStore::new())) };
    Driven::new(open(config, &tables).unwrap())
}

#[test]
fn after_a_failed_sync_what_a_restart_reads_is_written_again() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    driven.ask(transfer(1, 2, 5)).unwrap();
    site.disk.arm(DiskFault::SyncFails);
    driven.ask(transfer(1, 2, 7)).unwrap_err();
    drop(driven);
    // The system still shows the bytes whose sync failed, so the restart takes them for there.
    let mut driven = site.open().unwrap();
    assert_eq!(credits(&driven, 2), 12);
    driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap();
    drop(driven);
    site.disk.lose_power(0);
    site.tables.replace(MemoryStore::new());
    assert_eq!(credits(&site.open().unwrap(), 2), 13, "what was acknowledged rests on bytes that are there");
}

#[test]
fn a_journal_that_is_behind_its_tables_is_refused_and_left_as_it_is() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    driven.ask(transfer(1, 2, 5)).unwrap();
    drop(driven);
    // The tables have the last batch; on the disk it is damaged.
    let name = site.disk.list().unwrap().into_iter().find(|name| name.starts_with("journal-")).unwrap();
    let used = site.disk.read(&name).unwrap().iter().rposition(|byte| *byte != 0).unwrap();
    site.disk.flip_bit(&name, used, 3);
    let before = site.disk.read(&name).unwrap();
    let Err(error) = site.open() else { panic!("an acknowledged operation was cut off") };
    assert!(error.to_string().contains("has lost operations"), "{error}");
    assert!(site.disk.read(&name).unwrap() == before, "what is left of it is still there to be repaired");
}

#[test]
fn a_segment_without_a_batch_takes_one_that_is_longer_than_it() {
    let folder = tempfile::tempdir().unwrap();
    // Killed after the segment was made and before its first batch.
    std::fs::write(folder.path().join("journal-00000000000000000001"), vec![0_u8; 4096]).unwrap();
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(folder.path()).unwrap());
    let mut driven = open_on(Arc::clone(&disk), Arc::clone(&Site::new().clock) as Arc<dyn Clock>, 4096);
    driven.ask(open_accounts(200)).unwrap().outcome.unwrap();
    driven.ask(transfer(1, 2, 1)).unwrap().outcome.unwrap();
    drop(driven);
    let driven = open_on(disk, Arc::clone(&Site::new().clock) as Arc<dyn Clock>, 4096);
    assert_eq!(credits(&driven, 2), 1);
}

/// A clock that steps back between the look for due timers and the stamp.
struct SteppingClock {
    time_ns: AtomicU64,
    looks: AtomicU64,
}

impl Clock for SteppingClock {
    fn now_ns(&self) -> u64 {
        let now = self.time_ns.load(Ordering::SeqCst);
        if self.looks.fetch_add(1, Ordering::SeqCst) >= 1 && now > START_NS { now - 1_000_000 } else { now }
    }
}

#[test]
fn a_timer_is_not_decided_before_its_time_and_so_not_lost() {
    let clock = Arc::new(SteppingClock { time_ns: START_NS.into(), looks: 0.into() });
    let site = Site::new();
    let mut driven = open_on(Arc::new(site.disk.clone()), Arc::clone(&clock) as Arc<dyn Clock>, 1 << 20);
    driven.ask(open_accounts(2)).unwrap();
    let amount = Amount::new(30).unwrap();
    let body = PlaceHold { debit: account(1), credit: account(2), amount, expires_at_ns: START_NS + 1_000_000_000 };
    let hold = Command::new(sycee_books::PLACE_HOLD, Caller::OPERATOR, &body).with_id("hold");
    driven.ask(hold).unwrap().outcome.unwrap();
    let held = |driven: &Driven| driven.port().begin_read().account(account(1)).unwrap().unwrap().debits_pending_minor;
    clock.time_ns.store(START_NS + 1_000_000_000, Ordering::SeqCst);
    clock.looks.store(0, Ordering::SeqCst);
    driven.settle().unwrap();
    assert_eq!((held(&driven), timers(&driven).len()), (30, 1), "found due, and not yet at its stamp");
    clock.time_ns.store(START_NS + 2_000_000_000, Ordering::SeqCst);
    driven.settle().unwrap();
    assert_eq!((held(&driven), timers(&driven).len()), (0, 0));
}

#[test]
fn what_waits_for_cold_rows_is_bounded_and_then_the_queue_fills() {
    let site = Site::new();
    let mut driven = site.open().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    let mut incoming = Vec::new();
    let mut fetches = Vec::new();
    let mut receivers = Vec::new();
    for index in 0..3 * limits::WAITING_COMMANDS {
        receivers.push(driven.submit(transfer(1, 2, 1).with_id(&format!("cold-{index}"))));
        if index % 1_000 == 0 {
            let room = if driven.cell.sequencer.is_saturated() { 0 } else { limits::BATCH_COMMANDS - incoming.len() };
            driven.port().take(room, std::time::Duration::ZERO, &mut incoming);
            driven.cell.sequencer.step(&mut incoming).unwrap();
            fetches.append(&mut driven.cell.sequencer.take_fetches());
        }
    }
    assert!(fetches.len() <= limits::WAITING_COMMANDS, "{} wait", fetches.len());
    assert!(receivers.iter().any(Result::is_err) || driven.port().waiting() > 0);
    let accepted = receivers.iter().filter(|receiver| receiver.is_ok()).count();
    for wanted in fetches {
        let found = sycee_engine::drive::fetch(&*driven.cell.tables, wanted).unwrap();
        driven.cell.sequencer.supply(found).unwrap();
    }
    while !incoming.is_empty() || driven.cell.sequencer.has_waiting() {
        driven.cell.sequencer.step(&mut incoming).unwrap();
        for wanted in driven.cell.sequencer.take_fetches() {
            let found = sycee_engine::drive::fetch(&*driven.cell.tables, wanted).unwrap();
            driven.cell.sequencer.supply(found).unwrap();
        }
        driven.commit().unwrap();
    }
    driven.settle().unwrap();
    assert_eq!(credits(&driven, 2), accepted as u64, "all that was taken was done, once");
}

#[test]
fn tables_that_do_not_open_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (tables, journal) = (folder.path().join("tables"), folder.path().join("journal"));
    let open_here = || -> Result<Driven, OpenError> {
        let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(&journal)?);
        let config = CellConfig {
            cell: 7,
            time_zone: "Europe/Paris".into(),
            products: Arc::new(sycee_registry::products()),
            clock: Arc::clone(&Site::new().clock) as Arc<dyn Clock>,
            disk,
            segment_bytes: 1 << 20,
        };
        let make = |empty_first: bool| -> Result<Arc<dyn TableStore>, StoreError> {
            if empty_first {
                std::fs::remove_dir_all(&tables).map_err(|error| StoreError::new(error.to_string()))?;
            }
            Ok(Arc::new(FjallStore::open(&tables)?))
        };
        Ok(Driven::new(open(config, &make)?))
    };
    let mut driven = open_here().unwrap();
    driven.ask(open_accounts(2)).unwrap();
    driven.ask(transfer(1, 2, 5)).unwrap();
    // A second owner is not a broken store.
    let Err(error) = open_here() else { panic!("two owners of the same tables") };
    assert!(matches!(error, OpenError::Store(StoreError { in_use: true, .. })), "{error}");
    drop(driven);
    for damage in ["version", "keyspaces"] {
        let path = tables.join(damage);
        if path.is_dir() {
            std::fs::remove_dir_all(path).unwrap()
        } else {
            std::fs::write(path, b"").unwrap()
        }
        let driven = open_here().unwrap();
        assert_eq!(credits(&driven, 2), 5, "{damage}");
    }
}

#[test]
fn a_vault_is_made_for_a_new_cell_only_and_also_after_a_first_start_that_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, key) = (folder.path().join("vault"), folder.path().join("keys").join("cell.key"));
    // Cut off: a key under its first name, and a vault without its version.
    std::fs::create_dir_all(key.parent().unwrap()).unwrap();
    std::fs::write(key.with_extension("new"), b"sycee-cell").unwrap();
    std::fs::create_dir_all(&vault).unwrap();
    std::fs::write(vault.join("version"), b"").unwrap();
    let made = Vault::open(&vault, &key, true).unwrap();
    made.put_secret("s", b"kept").unwrap();
    drop(made);
    assert_eq!(Vault::open(&vault, &key, false).unwrap().secret("s").unwrap().as_deref(), Some(b"kept".as_slice()));
    // Gone: never made anew under a cell that has operations.
    let key_bytes = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    assert!(Vault::open(&vault, &key, false).is_err(), "the key is gone");
    std::fs::write(&key, key_bytes).unwrap();
    std::fs::remove_dir_all(&vault).unwrap();
    let Err(error) = Vault::open(&vault, &key, false) else { panic!("the vault is gone") };
    assert!(error.to_string().contains("restore"), "{error}");
    // Another cell's key does not open it.
    drop(Vault::open(&vault, &key, true).unwrap());
    let other = folder.path().join("other.key");
    drop(Vault::open(&folder.path().join("other"), &other, true).unwrap());
    let wrong = Vault::open(&vault, &other, false).unwrap();
    wrong.put_secret("x", b"1").unwrap();
    drop(wrong);
    assert!(Vault::open(&vault, &key, false).unwrap().secret("x").is_err());
}

#[test]
fn a_segment_that_was_torn_while_it_was_begun_is_begun_again_after_the_one_before() {
    // Every length of a segment that was begun when power was lost: header torn, header whole, its first batch torn.
    let mut lengths = 0;
    for kept in 0..600 {
        let disk = MemoryDisk::new();
        let clock = Arc::new(HandClock(AtomicU64::new(START_NS)));
        let mut driven = open_on(Arc::new(disk.clone()), Arc::clone(&clock) as Arc<dyn Clock>, 1);
        driven.ask(open_accounts(2)).unwrap();
        driven.ask(transfer(1, 2, 5)).unwrap();
        drop(driven);
        let mut segments: Vec<String> = disk.list().unwrap();
        segments.retain(|name| name.starts_with("journal-"));
        segments.sort();
        assert!(segments.len() >= 2, "a segment for each batch: {segments:?}");
        let last = segments.last().unwrap();
        let bytes = disk.read(last).unwrap();
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap();
        if kept >= used {
            break;
        }
        disk.replace(last, &bytes[..kept]).unwrap();
        lengths += 1;
        // The clock stands where it stood, so only the journal can say that time has gone on.
        let mut driven = open_on(Arc::new(disk.clone()), Arc::clone(&clock) as Arc<dyn Clock>, 1);
        let credited = credits(&driven, 2);
        assert_eq!(credited, 0, "kept {kept}: what was torn was never acknowledged");
        driven.ask(transfer(1, 2, 7)).unwrap().outcome.unwrap();
        drop(driven);
        let driven = open_on(Arc::new(disk.clone()), Arc::clone(&clock) as Arc<dyn Clock>, 1);
        assert_eq!(credits(&driven, 2), 7, "kept {kept}");
    }
    assert!(lengths > 100, "{lengths}");
}
