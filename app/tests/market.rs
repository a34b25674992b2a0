//! Packs as an operator handles them: checked, compared, signed, and tried on a journal that other packs were in
//! force for.

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use support::{assert_audit, sycee};
use sycee::host::{CellFolders, DataLock, host, open_cell};
use sycee::market::signing::{TrustedKey, keygen, sha256, sign};
use sycee::market::{Packs, embedded, load};
use sycee_acquiring::command::{ONBOARD_MERCHANT, OnboardMerchant, PAY_STATIC, PayStatic};
use sycee_acquiring::reply::MerchantReply;
use sycee_contract::{Caller, Command, cell, decode};
use sycee_engine::clock::{Clock, SystemClock};
use sycee_money::{Amount, Currency, Money};
use sycee_party::command::{OpenCustomer, Opened};
use sycee_wallet::command::CashIn;

const FR: &str = include_str!("../../markets/fr.toml");

/// The pack `fr` with these changes, as a file of its own.
fn written(folder: &Path, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = FR.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "nothing to change: {from}");
        text = text.replacen(from, to, 1);
    }
    let file = folder.join("fr.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// Runs the binary; its status, what it printed, and what it said on standard error.
fn market(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = sycee(&[&["market"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn check_prints_what_packs_say_and_stops_at_the_first_bad_line() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../markets");
    let files: Vec<String> =
        embedded().iter().map(|cell| root.join(format!("{cell}.toml")).display().to_string()).collect();
    let mut arguments = vec!["check"];
    arguments.extend(files.iter().map(String::as_str));
    let (status, printed, error) = market(&arguments);
    assert_eq!((status, error.as_str()), (Some(0), ""), "{printed}");
    for (cell, file) in embedded().iter().zip(&files) {
        assert!(printed.contains(&format!("{file}: market pack {cell}, cell number ")), "{cell}: {printed}");
    }
    let bad = written(folder.path(), &[("cell_number = 7", "cell_number = 700")]);
    let (status, _, error) = market(&["check", bad.to_str().unwrap()]);
    assert_eq!(status, Some(2));
    assert_eq!(error, format!("sycee: {}:4: cell_number 700 is not between 1 and 99\n", bad.display()));
    let good = written(folder.path(), &[]);
    let other = root.join("fr.toml");
    let (status, _, error) = market(&["check", other.to_str().unwrap(), good.to_str().unwrap()]);
    assert_eq!(status, Some(2), "the same cell twice");
    assert!(error.starts_with(&format!("sycee: {}:3: cell is that of ", good.display())), "{error}");
    assert_eq!(market(&["check"]).0, Some(2));
    assert_eq!(market(&["check", "nowhere.toml"]).0, Some(2));
}

#[test]
fn diff_says_whether_something_dangerous_changed() {
    let folder = tempfile::tempdir().unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("../markets/fr.toml");
    for (changes, status, line) in [
        (&[][..], 0, "0 changed, 0 dangerous"),
        (&[("name = \"France\"", "name = \"République\"")], 0, "changed  name: France → République"),
        (
            &[("merchant_bps = { value = 0", "merchant_bps = { value = 60")],
            1,
            "DANGEROUS: fees.merchant_bps: fee raised",
        ),
    ] {
        let new = written(folder.path(), changes);
        let (found, printed, error) = market(&["diff", old.to_str().unwrap(), new.to_str().unwrap()]);
        assert_eq!(found, Some(status), "{printed}{error}");
        assert!(printed.contains(line), "{printed}");
    }
}

#[test]
fn a_signed_pack_is_taken_in_production_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let public_key = keygen("compliance", folder.path()).unwrap();
    let keys = [TrustedKey { name: "compliance".into(), public_key: public_key.clone() }];
    let from = |keys| Packs::Folder { folder: folder.path(), keys, signed: true };
    let file = written(folder.path(), &[]);
    let unsigned = load("fr", &from(&keys)).unwrap_err();
    assert!(unsigned.contains("not signed"), "{unsigned}");
    sign(&file, &folder.path().join("compliance.pem")).unwrap();
    let pack = load("fr", &from(&keys)).unwrap();
    let provenance = pack.provenance.unwrap();
    assert_eq!((provenance.text_sha256, provenance.signer.as_deref()), (sha256(FR.as_bytes()), Some("compliance")));
    assert!(load("fr", &from(&[])).unwrap_err().contains("no trusted key"));

    let file_name = file.to_str().unwrap();
    let (status, printed, _) = market(&["check", file_name, "--trust", &public_key]);
    assert!(status == Some(0) && printed.contains("by compliance, verified"), "{printed}");
    written(folder.path(), &[("name = \"France\"", "name = \"france\"")]);
    assert!(load("fr", &from(&keys)).unwrap_err().contains("not compliance's of this file"));
    assert_eq!(market(&["check", file_name, "--trust", &public_key]).0, Some(2));

    // The server itself: one line, and status 2; in the sandbox an unsigned pack is only warned of.
    let config = folder.path().join("sycee.toml");
    let text = format!(
        "markets = {:?}\nmarket_keys = [{{ name = \"compliance\", public_key = {public_key:?} }}]\n",
        folder.path().display().to_string()
    );
    std::fs::write(&config, text).unwrap();
    let serve = || {
        let data = folder.path().join("data");
        sycee(&["serve", "--config", config.to_str().unwrap(), "--cells", "fr", "--data", data.to_str().unwrap()])
    };
    for (what, reason) in [("a changed file", "not compliance's of this file"), ("no signature", "not signed")] {
        let output = serve();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), error.lines().count()), (Some(2), 1), "{what}: {error}");
        assert!(error.starts_with("sycee: market pack ") && error.contains(reason), "{what}: {error}");
        let _already_gone = std::fs::remove_file(folder.path().join("fr.toml.sig"));
    }
    let lenient = Packs::Folder { folder: folder.path(), keys: &keys, signed: false };
    assert_eq!(load("fr", &lenient).unwrap().provenance.unwrap().signer, None);
}

fn euros(minor: u64) -> Money {
    Money { amount: Amount::new(minor).unwrap(), currency: Currency::EUR }
}

/// A cell in which a customer of the lowest tier paid 1.00 and 40.00.
fn cell_that_sold_something(data: &Path) {
    let lock = DataLock::take(data, false).unwrap();
    let pack = load("fr", &Packs::Embedded).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let products = Arc::new(sycee_registry::products());
    let folders = CellFolders::of(data, "fr");
    let (opened, vault) = open_cell(&folders, 7, &pack.time_zone, products, Arc::clone(&clock), 1 << 20).unwrap();
    let hosted = host("fr", opened, clock);
    let ask = |command: Command, id: &str| hosted.port.ask_blocking(command.with_id(id)).unwrap().outcome.unwrap();
    ask(Command::new(cell::INSTALL_MARKET, Caller::OPERATOR, &pack), "market");
    let shop = OnboardMerchant { name: [1; 16], mcc: "5411".into(), fee_bps: None };
    let shop = ask(Command::new(ONBOARD_MERCHANT, Caller::OPERATOR, &shop), "shop");
    let merchant: MerchantReply = decode(&shop, "reply").unwrap();
    let person = OpenCustomer { person: [2; 16], contact: None, kyc_rank: Some(1) };
    let person = ask(Command::new(sycee_party::OPEN_CUSTOMER, Caller::OPERATOR, &person), "person");
    let customer: Opened = decode(&person, "reply").unwrap();
    let cash = CashIn { customer: customer.party, money: euros(10_000), bank_reference: "b".into() };
    ask(Command::new(sycee_wallet::CASH_IN, Caller::OPERATOR, &cash), "cash");
    for minor in [100, 4_000] {
        let pay = PayStatic { merchant: merchant.merchant, store: None, total: euros(minor), reference: "r".into() };
        ask(Command::new(PAY_STATIC, Caller::customer(customer.party), &pay), &format!("pay{minor}"));
    }
    hosted.stop().unwrap();
    drop(vault);
    lock.seal(data).unwrap();
}

#[test]
fn a_dry_run_says_what_another_pack_would_have_decided_and_writes_nothing() {
    let [data, folder] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    cell_that_sold_something(data.path());
    let limit = ("transaction_minor = 5000\n", "transaction_minor = 3999\n");
    // A hundredth of 1.00 and of 40.00 is at least a cent.
    let fee = ("merchant_bps = { value = 0", "merchant_bps = { value = 100");
    let refused = "1 acquiring.pay_static: would be refused, transaction_limit\n";
    for (changes, status, lines) in [
        (&[][..], 0, &["operations decided with both packs, 0 differ\n"][..]),
        (&[("name = \"France\"", "name = \"france\"")], 0, &[" 0 differ\n"]),
        (&[limit], 1, &[" 1 differ\n", refused]),
        (&[fee], 1, &[" 2 differ\n", "2 acquiring.pay_static: would be done with other movements"]),
        (&[limit, fee], 1, &[" 2 differ\n", refused, "1 acquiring.pay_static: would be done with other movements"]),
    ] {
        let file = written(folder.path(), changes);
        let (found, printed, error) =
            market(&["dry-run", file.to_str().unwrap(), "--data", data.path().to_str().unwrap()]);
        assert_eq!(found, Some(status), "{changes:?}: {printed}{error}");
        for line in lines {
            assert!(printed.contains(line), "{changes:?}: {line:?} is not in {printed}");
        }
        assert!(!printed.contains("2088"), "no party's number: {printed}");
    }
    let seal = assert_audit(data.path());
    assert!(seal.contains("seal       intact"), "nothing was written: {seal}");
    let other = written(folder.path(), &[("cell = \"fr\"", "cell = \"it\"")]);
    assert_eq!(market(&["dry-run", other.to_str().unwrap(), "--data", data.path().to_str().unwrap()]).0, Some(2));
}
