//! A journal written under another fee rule opens, every acknowledged reply holds, and `sycee replay` lists the difference.

mod support;

use std::sync::Arc;

use support::{assert_audit, sycee};
use sycee::host::{CellFolders, DataLock, host, open_cell};
use sycee::market::{Packs, load};
use sycee_acquiring::Acquiring;
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant, PAY_STATIC, PayStatic};
use sycee_acquiring::reply::MerchantReply;
use sycee_contract::{Caller, Command, Products, cell, decode};
use sycee_engine::Reply;
use sycee_engine::clock::{Clock, SystemClock};
use sycee_money::{Amount, Currency, Money, Rounding};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::command::CashIn;

fn euros(minor: u64) -> Money {
    Money { amount: Amount::new(minor).unwrap(), currency: Currency::EUR }
}

/// The registry's products, but fees are rounded down.
fn other_rules() -> Products {
    let mut list = sycee_registry::list();
    let number = Acquiring::default();
    let number = sycee_contract::Product::descriptor(&number).number;
    for product in &mut list {
        if product.descriptor().number == number {
            *product = Box::new(Acquiring::with_fee_rounding(Rounding::Down));
        }
    }
    Products::new(list).unwrap()
}

struct Run {
    replies: Vec<Reply>,
    fees_minor: u64,
}

/// Opens the cell with these rules, asks for the same things, and stops cleanly.
fn run(data: &std::path::Path, products: Products) -> Run {
    let lock = DataLock::take(data, false).unwrap();
    let market = load("fr", &Packs::Embedded).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let folders = CellFolders::of(data, "fr");
    let (opened, vault) =
        open_cell(&folders, 7, &market.time_zone, Arc::new(products), Arc::clone(&clock), 1 << 20).unwrap();
    let hosted = host("fr", opened, clock);
    let port = Arc::clone(&hosted.port);
    let ask = |command: Command, id: &str| port.ask_blocking(command.with_id(id)).unwrap();
    if port.get::<sycee_contract::MarketPack>(&sycee_contract::MarketPack::key()).unwrap().is_none() {
        ask(Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &market), "market");
    }
    let mut replies = Vec::new();
    let shop = OnboardMerchant { name: [1; 16], mcc: "5411".into(), fee_bps: Some(60) };
    replies.push(ask(Command::new(ONBOARD_MERCHANT, Caller::OPERATOR, &shop), "shop"));
    let merchant: MerchantReply = decode(replies[0].outcome.as_ref().unwrap(), "reply").unwrap();
    let person = OpenCustomer { person: [2; 16], contact: None, kyc_rank: None };
    replies.push(ask(Command::new(sycee_party::OPEN_CUSTOMER, Caller::OPERATOR, &person), "person"));
    let customer: Opened = decode(replies[1].outcome.as_ref().unwrap(), "reply").unwrap();
    let cash = CashIn { customer: customer.party, money: euros(10_000), bank_reference: "b".into() };
    replies.push(ask(Command::new(sycee_wallet::CASH_IN, Caller::OPERATOR, &cash), "cash"));
    // 60 basis points of 100, 150 and 1,000 minor units are 0.6, 0.9 and 6: rounded half up 1, 1 and 6, down 0, 0 and 6.
    for (index, minor) in [100, 150, 1_000].into_iter().enumerate() {
        let pay = PayStatic { merchant: merchant.merchant, store: None, total: euros(minor), reference: "r".into() };
        let command = Command::new(PAY_STATIC, Caller::customer(customer.party), &pay);
        replies.push(ask(command, &format!("pay{index}")));
    }
    let fee_income = sycee_acquiring::FEE_INCOME.of(sycee_ledger::OPERATOR, Currency::EUR);
    let fees = port.begin_read().account(fee_income).unwrap().unwrap();
    let fees_minor = u64::try_from(fees.balance_minor()).unwrap();
    drop(port);
    hosted.stop().unwrap();
    drop(vault);
    lock.seal(data).unwrap();
    Run { replies, fees_minor }
}

#[test]
fn an_old_journal_opens_and_replay_lists_what_would_differ() {
    let folder = tempfile::tempdir().unwrap();
    let old = run(folder.path(), other_rules());
    assert_eq!(old.fees_minor, 6);
    assert!(old.replies.iter().all(|reply| reply.outcome.is_ok() && !reply.repeated));

    // The same questions under today's rules: every answer is the one that was given, and no fee is taken again.
    let new = run(folder.path(), sycee_registry::products());
    assert_eq!(new.fees_minor, 6);
    for (before, after) in old.replies.iter().zip(&new.replies) {
        assert!(after.repeated);
        assert_eq!(after.outcome, before.outcome);
    }
    assert_audit(folder.path());

    let data = folder.path().to_str().unwrap();
    let output = sycee(&["replay", "--data", data]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let listed: Vec<&str> = text.lines().filter(|line| line.contains("acquiring.pay_static")).collect();
    assert_eq!(listed.len(), 2, "the payments of 1.00 and 1.50, not that of 10.00: {text}");
    assert!(text.contains("2 differ"), "{text}");
}

#[test]
fn the_audit_names_what_was_changed_below_a_seal() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), sycee_registry::products());
    let table = assert_audit(folder.path());
    assert!(table.contains("seal       intact"), "{table}");
    let journal = folder.path().join("fr").join("journal");
    let segment = std::fs::read_dir(&journal)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with("journal-"));
    let segment = segment.unwrap();
    let good = std::fs::read(&segment).unwrap();
    for byte in [0, 20, 100, 500] {
        let mut bad = good.clone();
        bad[byte] ^= 4;
        std::fs::write(&segment, &bad).unwrap();
        let output = sycee(&["audit", "--data", folder.path().to_str().unwrap()]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "byte {byte}: {text}");
        assert!(text.contains("journal/journal-") && text.contains("changed"), "{text}");
        assert!(text.contains("DAMAGED") && text.contains("journal-"), "{text}");
    }
    std::fs::write(&segment, &good).unwrap();
    assert_audit(folder.path());
}
