//! Bills of GOST R 56042. The account numbers are invented.

mod random;

use random::Random;
use serde_json::{Value as Json, json};
use sycee_codes::gost::Bill;
use sycee_codes::{Kind, decode};

const ACCOUNT: &str = "40702810138250123017";
const BILL: &str = "ST00012|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|BankName=ОАО \"БАНК\"|BIC=044525225|\
    CorrespAcc=30101810400000000225";

fn bill() -> Bill {
    Bill::new("ООО «Три кита»", ACCOUNT, "ОАО \"БАНК\"", "044525225", "30101810400000000225")
}

fn problems(text: &str) -> Vec<String> {
    decode(text).problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect()
}

#[test]
fn a_bill_is_read_and_written() {
    let decoded = decode(BILL);
    assert_eq!((decoded.kind, decoded.scheme, decoded.valid), (Kind::Gost56042, Some("gost_56042"), true));
    let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
    let expected = json!({"charset": "2", "Name": "ООО «Три кита»", "PersonalAcc": ACCOUNT,
        "BankName": "ОАО \"БАНК\"", "BIC": "044525225", "CorrespAcc": "30101810400000000225"});
    assert_eq!((&json["kind"], &json["problems"], &json["fields"]), (&json!("gost-56042"), &json!([]), &expected));
    assert_eq!(bill().generate().unwrap(), BILL);
    // Another separator, one at the end, and names in other letter case.
    let other = BILL.replace('|', ";").replace("BIC=", "bic=") + ";";
    assert_eq!((decode(&other).valid, problems(&other)), (true, vec![]));
}

#[test]
fn faults_of_bills_are_reported() {
    #[rustfmt::skip]
    let table: Vec<(String, bool, Vec<&str>)> = vec![
        (BILL.replace("ST00012", "ST00014"), true, vec!["unexpected_value charset"]),
        (format!("{BILL}|Sum=1000"), true, vec![]),
        (format!("{BILL}|Sum=10.00"), true, vec!["not_digits Sum"]),
        (format!("{BILL}|Sum="), true, vec!["empty Sum"]),
        (format!("{BILL}|BIC=044525225"), false, vec!["repeated_id BIC"]),
        (format!("{BILL}|bic=000000000"), false, vec!["repeated_id bic"]),
        (format!("{BILL}|nonsense"), false, vec!["broken_structure "]),
        (format!("{BILL}|=1"), false, vec!["broken_structure "]),
        (format!("{BILL}||Sum=1"), false, vec!["broken_structure "]),
        (BILL.replace("=044525225", "=04452522"), true, vec!["wrong_length BIC"]),
        (BILL.replace("|BIC=044525225", ""), true, vec!["missing BIC"]),
        ("ST00012|".into(), false, vec!["broken_structure ", "missing Name", "missing PersonalAcc",
            "missing BankName", "missing BIC", "missing CorrespAcc"]),
    ];
    for (text, valid, expected) in table {
        assert_eq!(
            (decode(&text).valid, problems(&text)),
            (valid, expected.iter().map(ToString::to_string).collect()),
            "{text}"
        );
    }
    let broken = decode("ST00012|Name=Три|x");
    assert!(broken.problems[0].to_string().ends_with("(after 17 characters)"), "{}", broken.problems[0]);
    for other in ["ST00012", "ST0001", "ST000129Name=1", "ST00022|Name=1", "ST0001é|Name=1"] {
        assert_eq!(decode(other).kind, Kind::Unknown, "{other}");
    }
}

#[test]
fn the_generator_refuses_what_cannot_be_read() {
    #[rustfmt::skip]
    let table: Vec<(Bill, &str)> = vec![
        (Bill::new("", ACCOUNT, "B", "044525225", "0"), "empty Name"),
        (Bill::new("A|B", ACCOUNT, "B", "044525225", "0"), "unexpected_value Name"),
        (Bill::new("A", "1", "B", "044525225", "0"), "wrong_length PersonalAcc"),
        (bill().field("sum", "1").field("Sum", "2"), "repeated_id Sum"),
        (bill().field("Charset", "2"), "id_out_of_range Charset"),
        (bill().field("a=b", "2"), "id_out_of_range a=b"),
        (bill().field("payerAddress", "\n"), "control_character payerAddress"),
        (bill().field("payerAddress", "a "), "unexpected_value payerAddress"),
        (bill().field("payerAddress", ""), "empty payerAddress"),
        (bill().field("payerAddress", &"я".repeat(1_200)), "code_too_long "),
    ];
    for (bill, expected) in table {
        let problem = &bill.generate().unwrap_err().problems[0];
        assert_eq!(format!("{} {}", problem.kind.code(), problem.path), expected);
    }
}

#[test]
fn whatever_is_written_reads_back_and_any_text_gets_an_answer() {
    let mut random = Random(56_042);
    for _ in 0..3_000 {
        let (name, purpose) = (random.text("aя=«; ", 80), random.text("aя=://%", 100));
        let text = Bill::new(&name, ACCOUNT, "B", "044525225", "0").field("Purpose", &purpose).generate().unwrap();
        let decoded = decode(&text);
        assert!(decoded.valid && decoded.problems.is_empty(), "{text}: {:?}", decoded.problems);
        let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        assert_eq!((&json["fields"]["Name"], &json["fields"]["Purpose"]), (&json!(name), &json!(purpose)));
    }
    for _ in 0..50_000 {
        let _ = decode(&format!("ST0001{}", random.text("23|=;яName=BIC", 60))).to_json();
    }
    for hostile in ["|a=".repeat(300_000), "|".repeat(1_000_000), "|é=1".repeat(250_000)] {
        assert!(decode(&format!("ST00012{hostile}")).problems.len() < 1_000);
    }
}
