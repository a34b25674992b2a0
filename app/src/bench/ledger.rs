//! Durable ledger transfers in batches of 8,190, uniform over the accounts or with one hot account in half of them.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Instant;

use sycee_books::command::{BooksKind, NewAccount, OpenAccounts, PostTransfers, TransferItem, TransfersPosted};
use sycee_contract::{Caller, Command, Random, decode};
use sycee_money::{Amount, Currency};

use super::{Measured, Options, stage};

/// Batches that wait for an answer at the same time.
const IN_FLIGHT: usize = 4;

pub fn run(options: &Options) -> Result<String, String> {
    let count = options.count.unwrap_or(10_000_000);
    let folder = stage::Folder::new()?;
    let hosted = stage::open(&folder.0)?;
    let port = &hosted.port;
    let subs: Vec<u32> =
        (1..=u32::try_from(options.accounts.unwrap_or(10_000)).map_err(|error| error.to_string())?).collect();
    for (index, part) in subs.chunks(4_000).enumerate() {
        let account = |sub: &u32| NewAccount { sub: *sub, kind: BooksKind::General, currency: Currency::EUR };
        let open = OpenAccounts { accounts: part.iter().map(account).collect() };
        let command = Command::new(sycee_books::OPEN_ACCOUNTS, Caller::OPERATOR, &open);
        stage::ask(port, command.with_id(&format!("bench-accounts-{index}")))?;
    }
    let accounts: Vec<_> =
        subs.iter().map(|sub| sycee_books::account_id(BooksKind::General, Currency::EUR, *sub)).collect();
    let mut random = Random::new(42);
    let mut measured = Measured {
        name: if options.hot { "ledger --hot".into() } else { "ledger".into() },
        operations: count,
        elapsed: std::time::Duration::ZERO,
        latencies_us: Vec::new(),
        journal_bytes: 0,
        cpu_seconds: super::threads::CpuTimes::new(),
        more: serde_json::Map::new(),
    };
    let bytes_before = hosted.metrics.journal_bytes.load(Ordering::Relaxed);
    let began = Instant::now();
    let mut waiting = VecDeque::new();
    let mut left = count;
    while left > 0 || !waiting.is_empty() {
        while left > 0 && waiting.len() < IN_FLIGHT {
            let size = left.min(sycee_books::ITEMS_MAX as u64);
            left -= size;
            let items = (0..size).map(|index| item(&accounts, &mut random, options.hot && index % 2 == 0));
            let transfers = PostTransfers { items: items.collect::<Result<_, _>>()? };
            let command = Command::new(sycee_books::POST_TRANSFERS, Caller::OPERATOR, &transfers);
            waiting.push_back((Instant::now(), port.submit(command).map_err(|error| error.to_string())?));
        }
        if let Some((asked, receiver)) = waiting.pop_front() {
            let reply = stage::accepted(receiver.blocking_recv().map_err(|error| error.to_string())?)?;
            let posted: TransfersPosted = decode(&reply, "reply").map_err(|_| "the reply does not decode")?;
            if !posted.refused.is_empty() {
                return Err(format!("{} transfers were refused", posted.refused.len()));
            }
            measured.latencies_us.push(u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX));
        }
    }
    measured.elapsed = began.elapsed();
    measured.journal_bytes = hosted.metrics.journal_bytes.load(Ordering::Relaxed) - bytes_before;
    hosted.stop()?;
    Ok(measured.to_json())
}

fn item(accounts: &[sycee_ledger::AccountId], random: &mut Random, hot: bool) -> Result<TransferItem, String> {
    let pick = |random: &mut Random| random.pick(accounts).copied().ok_or("no accounts");
    let debit = if hot { *accounts.first().ok_or("no accounts")? } else { pick(random)? };
    let mut credit = pick(random)?;
    while credit == debit {
        credit = pick(random)?;
    }
    let amount = Amount::new(1 + random.below(10_000)).map_err(|error| error.to_string())?;
    Ok(TransferItem { debit, credit, amount, code: 1, linked: false })
}
