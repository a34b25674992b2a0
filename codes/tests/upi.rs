//! UPI links: checked, written, read back.

mod random;

use random::Random;
use serde_json::{Value as Json, json};
use sycee_codes::decode;
use sycee_codes::upi::{UpiLink, handle};

fn problems(text: &str) -> Vec<String> {
    decode(text).problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect()
}

#[test]
fn the_published_link_is_written_again() {
    let file: Json = serde_json::from_str(include_str!("vectors/uri_codes.json")).unwrap();
    let published = file["upi"]["examples"][0].as_str().unwrap();
    assert_eq!(problems(published), [""; 0]);
    let link = UpiLink::new("shop@examplebank", "Example Shop")
        .merchant_category_code("5812")
        .reference("ORD-42")
        .amount("149.50")
        .parameter("mode", "02");
    assert_eq!(link.generate().unwrap(), published);
}

#[test]
fn links_are_checked() {
    let long = format!("upi://pay?pa=a@b&pn={}", "x".repeat(100));
    #[rustfmt::skip]
    let table: &[(&str, &[&str])] = &[
        ("upi://pay?pa=a@b&pn=x", &[]),
        ("upi://pay?pa=a@b&pn=x&x-own=1", &[]),
        ("UPI://pay?pa=a.b-c_1@ok.bank&pn=%E0%A4%A6", &[]),
        ("upi://pay", &["missing query.pa", "missing query.pn"]),
        ("upi://pay?pa=&pn=", &["empty query.pa", "empty query.pn"]),
        ("upi://pay?pa=a&pn=x", &["not_a_payment_address query.pa"]),
        ("upi://pay?pa=a@b@c&pn=x", &["not_a_payment_address query.pa"]),
        ("upi://pay?pa=@b&pn=x", &["not_a_payment_address query.pa"]),
        ("upi://pay?pa=%C3%A9@b&pn=x", &["not_a_payment_address query.pa"]),
        ("upi://pay?pa=a@b&pn=%0A", &["control_character query.pn"]),
        (&long, &["too_long query.pn"]),
        ("upi://pay?pa=a@b&pn=x&am=0.00", &["not_an_amount query.am"]),
        ("upi://pay?pa=a@b&pn=x&am=1.234", &["not_an_amount query.am"]),
        ("upi://pay?pa=a@b&pn=x&am=1,5", &["not_an_amount query.am"]),
        ("upi://pay?pa=a@b&pn=x&am=-1", &["not_an_amount query.am"]),
        ("upi://pay?pa=a@b&pn=x&am=.5", &["not_an_amount query.am"]),
        ("upi://pay?pa=a@b&pn=x&am=0.5&mam=1", &[]),
        ("upi://pay?pa=a@b&pn=x&cu=USD", &["unexpected_value query.cu"]),
        ("upi://pay?pa=a@b&pn=x&mc=58", &["wrong_length query.mc"]),
        ("upi://pay?pa=a@b&pn=x&mode=2", &["wrong_length query.mode"]),
        ("upi://pay?pa=a@b&pn=x&pa=c@d", &["repeated_id query.pa"]),
    ];
    for (text, expected) in table {
        assert_eq!(problems(text), *expected, "{text}");
        // Only the payee said twice makes a link unusable.
        assert_eq!(decode(text).valid, !expected.contains(&"repeated_id query.pa"), "{text}");
        assert_eq!(decode(text).scheme, Some("upi"));
    }
    assert_eq!(handle("shop@examplebank"), Some("examplebank"));
    for none in ["", "shop", "@examplebank", "shop@", "a b@c", "a@b@c"] {
        assert_eq!(handle(none), None, "{none}");
    }
}

#[test]
fn the_generator_refuses_what_the_specification_does_not_allow() {
    let new = || UpiLink::new("a@b", "x");
    #[rustfmt::skip]
    let table: Vec<(UpiLink, &str)> = vec![
        (UpiLink::new("a", "x"), "not_a_payment_address query.pa"),
        (UpiLink::new("a@b", ""), "empty query.pn"),
        (new().amount("0"), "not_an_amount query.am"),
        (new().amount("1.234"), "not_an_amount query.am"),
        (new().amount("1").amount("2"), "repeated_id query.am"),
        (new().parameter("x-own", "1"), "id_out_of_range query.x-own"),
        (new().parameter("pn&pa", "1"), "id_out_of_range query.pn&pa"),
        (new().reference(&"1".repeat(36)), "too_long query.tr"),
        (new().note("a\nb"), "control_character query.tn"),
        (new().note(&"é".repeat(80)).parameter("sign", &"द".repeat(300)), "code_too_long "),
    ];
    for (link, expected) in table {
        let problem = &link.generate().unwrap_err().problems[0];
        assert_eq!(format!("{} {}", problem.kind.code(), problem.path), expected);
    }
}

#[test]
fn whatever_is_written_reads_back_without_a_problem() {
    let mut random = Random(11);
    for _ in 0..3_000 {
        let (name, note) = (random.text("aé द&=%+?#/ ", 60), random.text("aé&=%+?#/ ", 60));
        let payee = format!("{}@{}", random.text("abc.-_19", 20), random.text("abc19", 10));
        let link = UpiLink::new(&payee, &name).note(&note).amount("12.50").generate().unwrap();
        let decoded = decode(&link);
        assert!(decoded.valid && decoded.problems.is_empty(), "{link}: {:?}", decoded.problems);
        let read: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        let expected = json!({"pa": payee, "pn": name, "tn": note, "am": "12.50", "cu": "INR"});
        assert_eq!(read["fields"]["query"], expected, "{link}");
    }
}
