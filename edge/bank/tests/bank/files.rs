//! Every kind of file against the standard's own schemas, by a validator that is not ours.

use std::path::Path;
use std::process::Command;

use jiff::civil::date;
use sycee_bank::answer::{self, Answer, AnswerHead, Outcome};
use sycee_bank::payment::{self, CreditTransfer, PaymentFile};
use sycee_bank::simulated::operators_account;
use sycee_engine::outbound::FaultMode;
use sycee_engine::vault::{AccountNumber, BankAccount};

use crate::world::*;

/// Whether `xmllint` (Debian package libxml2-utils) finds the file valid; what it says otherwise.
fn validate(schema: &str, file: &Path) -> Result<(), String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    let output = Command::new("xmllint")
        .args(["--noout", "--nonet", "--schema"])
        .args([schema.as_path(), file])
        .output()
        .expect("xmllint is needed: cargo xtask test installs libxml2-utils");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

fn validate_text(schema: &str, text: &str) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.xml");
    std::fs::write(&file, text).unwrap();
    validate(schema, &file)
}

fn payments() -> PaymentFile {
    let iban = AccountNumber::iban("IT60X0542811101000000123456").unwrap();
    let with_bic = BankAccount::new("Müller & Söhne <GmbH> \"x\"", iban, Some("BLOPIT22")).unwrap();
    let local = BankAccount::new("ร้านกาแฟ", AccountNumber::local("012-345").unwrap(), None).unwrap();
    let transfer = |number: u64, minor, creditor: &BankAccount| CreditTransfer {
        end_to_end_id: format!("{number:028}"),
        money: euro(minor),
        creditor: creditor.clone(),
    };
    PaymentFile {
        message_id: "P2027030107000010000000000123".into(),
        created_at: "2027-03-01T17:00:00Z".into(),
        execution_date: date(2027, 3, 2),
        debtor: operators_account(),
        transfers: vec![transfer(1, 123_456, &with_bic), transfer(2, 5, &local)],
    }
}

#[test]
fn payments_are_valid_and_are_read_as_they_were_written() {
    let file = payments();
    let text = payment::write(&file);
    assert_eq!(validate_text("pain.001.001.09.xsd", &text), Ok(()));
    assert_eq!(payment::read(text.as_bytes()), Ok(file));
    // 1,234.56 and 0.05.
    assert!(text.contains("<CtrlSum>1234.61</CtrlSum>") && text.contains("<NbOfTxs>2</NbOfTxs>"), "{text}");
    for (from, to) in [
        ("<CtrlSum>1234.61</CtrlSum>", "<CtrlSum>1234.60</CtrlSum>"),
        ("<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>1</NbOfTxs>"),
        ("pain.001.001.09", "pain.001.001.03"),
        ("IT60X", "IT61X"),
        ("Ccy=\"EUR\"", "Ccy=\"EUX\""),
        ("2027-03-02", "2027-02-30"),
    ] {
        assert!(text.contains(from));
        assert!(payment::read(text.replace(from, to).as_bytes()).is_err(), "{to}");
    }
    // The validator is one: it finds what is wrong.
    assert!(validate_text("pain.001.001.09.xsd", &text.replace("<PmtMtd>TRF</PmtMtd>", "<PmtMtd>X</PmtMtd>")).is_err());
}

#[test]
fn answers_are_valid_and_are_read_as_they_were_written() {
    let head = AnswerHead { message_id: "SIM1", created_at: "2027-03-02T00:00:00Z", original_message_id: "P1" };
    let answer = |outcome, reason: Option<&str>| Answer {
        end_to_end_id: "2027030107000010000000000123".into(),
        outcome,
        money: Some(euro(9_900)),
        bank_reference: Some("SIM0123".into()),
        reason: reason.map(str::to_owned),
    };
    let rejected = answer(Outcome::Rejected, Some("AC04"));
    let text = answer::write_rejections(&head, std::slice::from_ref(&rejected));
    assert_eq!(validate_text("pain.002.001.10.xsd", &text), Ok(()));
    // A rejection says no amount.
    assert_eq!(answer::read(text.as_bytes()), Ok(vec![Answer { money: None, ..rejected }]));
    let accepted = text.replace("RJCT", "ACCP");
    assert_eq!(answer::read(accepted.as_bytes()), Ok(Vec::new()));

    let both = [answer(Outcome::Booked, None), answer(Outcome::Returned, Some("AC04"))];
    let text = answer::write_notification(&head, &operators_account(), date(2027, 3, 2), &both);
    assert_eq!(validate_text("camt.054.001.08.xsd", &text), Ok(()));
    assert_eq!(answer::read(text.as_bytes()), Ok(both.to_vec()));
    // What is not booked yet says nothing, and neither does somebody else's credit.
    assert_eq!(answer::read(text.replace("BOOK", "PDNG").as_bytes()), Ok(Vec::new()));
    let no_return = text.replace("RtrInf>", "AddtlTxInf>");
    assert_eq!(answer::read(no_return.as_bytes()).map(|answers| answers.len()), Ok(1));
    assert!(answer::read(text.replace("99.00", "99.001").as_bytes()).is_err());
    assert!(answer::read(payment::write(&payments()).as_bytes()).is_err());
}

/// Bytes that were cut or changed anywhere are read or refused, and never worse.
#[test]
fn readers_are_total() {
    let head = AnswerHead { message_id: "S", created_at: "2027-03-02T00:00:00Z", original_message_id: "P1" };
    let booked = Answer {
        end_to_end_id: "2".into(),
        outcome: Outcome::Booked,
        money: Some(euro(1)),
        bank_reference: None,
        reason: None,
    };
    let files = [
        payment::write(&payments()),
        answer::write_rejections(&head, std::slice::from_ref(&booked)),
        answer::write_notification(&head, &operators_account(), date(2027, 3, 2), &[booked]),
    ];
    let mut read = 0;
    for file in files {
        for at in 0..file.len() {
            for byte in [0, b'<', b'>', b'&', b'"', b'/', 0xff] {
                let mut bytes = file.clone().into_bytes();
                bytes[at] = byte;
                read += usize::from(answer::read(&bytes).is_ok()) + usize::from(payment::read(&bytes).is_ok());
            }
            let _cut = (answer::read(&file.as_bytes()[..at]), payment::read(&file.as_bytes()[..at]));
        }
    }
    assert!(read > 0, "the test looked at nothing that can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_that_really_leave_and_come_are_valid() {
    let day = date(2027, 3, 1);
    let world = TestWorld::start(day, &USUAL, 0, "0404", |terms| terms);
    world.sell(10_000);
    world.go_to(instant_ns(day, 20, 0)).await;
    world.set_account("0405");
    world.world.faults.set(None, "payout", FaultMode::Double, 1);
    world.go_to(instant_ns(date(2027, 3, 5), 12, 0)).await;
    let (mut sent, mut rejections, mut notifications) = (0, 0, 0);
    for path in world.files("out").into_values() {
        assert_eq!(validate("pain.001.001.09.xsd", &path), Ok(()));
        sent += 1;
    }
    for (name, path) in world.files("read") {
        if name.contains("pain.002") {
            assert_eq!(validate("pain.002.001.10.xsd", &path), Ok(()));
            rejections += 1;
        } else {
            assert_eq!(validate("camt.054.001.08.xsd", &path), Ok(()));
            notifications += 1;
        }
    }
    assert!(sent >= 2 && rejections >= 1 && notifications >= 2, "{sent} {rejections} {notifications}");
}
