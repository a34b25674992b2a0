//! Consumer-presented codes: the published ones, faults one by one, accessors, and what is written is read back.

mod random;

use random::Random;
use serde_json::{Map, Value as Json, json};
use sycee_codes::emvco::consumer::{
    APPLICATION_OWNERS, AccountNumber, Application, ConsumerPresented, Data, MAXIMUM_BYTES, Tag, Track2, owner_of,
    parse, tag, upper_hex,
};
use sycee_codes::{Kind, Problem, decode};

fn vectors() -> Vec<Json> {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_cpm.json")).unwrap();
    file["bertlv"].as_array().unwrap().clone()
}

fn payload(id: &str) -> String {
    vectors().iter().find(|one| one["id"] == id).unwrap()["payload"].as_str().unwrap().into()
}

/// The published tree as an object; the second application template is `61#2`.
fn tree(objects: &Json) -> Json {
    let mut fields = Map::new();
    for object in objects.as_array().unwrap() {
        let tag = object["tag"].as_str().unwrap();
        let id = if fields.contains_key(tag) { format!("{tag}#2") } else { tag.to_string() };
        let value = if object["value"].is_array() { tree(&object["value"]) } else { object["value"].clone() };
        assert!(fields.insert(id, value).is_none());
    }
    Json::Object(fields)
}

/// Standard base64, written once more so that the tests do not lean on the crate's own.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let mut bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    bits.resize(bits.len().div_ceil(6) * 6, 0);
    let mut text: String =
        bits.chunks(6).map(|six| alphabet[six.iter().fold(0, |sum, bit| sum * 2 + usize::from(*bit))]).collect();
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The problems of these objects behind a right beginning (85 CPV01).
fn problems(hex: &str) -> (bool, Vec<String>) {
    let decoded = decode(&base64(&bytes(&format!("8505 4350563031 {hex}"))));
    assert_eq!(decoded.kind, Kind::EmvcoCpm);
    (decoded.valid, decoded.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect())
}

#[test]
fn every_vector_decodes_as_published() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 7);
    let mut good = 0;
    for vector in &vectors {
        let (id, text) = (&vector["id"], vector["payload"].as_str().unwrap());
        let decoded = decode(text);
        if vector["expect_valid"] == false {
            assert!(!decoded.valid && !parse(text).valid, "{id}");
            continue;
        }
        assert!(decoded.valid && decoded.problems.is_empty(), "{id}: {:?}", decoded.problems);
        let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
        assert_eq!(json["kind"], "emvco-cpm", "{id}");
        assert_eq!(json["fields"], tree(&vector["decoded"]), "{id}");
        assert_eq!(base64(&bytes(vector["hex"].as_str().unwrap())), text, "{id}");
        good += 1;
    }
    assert_eq!(good, 4);
}

#[test]
fn refused_vectors_say_why() {
    for (id, kind, expected) in [
        ("neg_4", Kind::EmvcoCpm, "no_application 61: there is no application in the payload"),
        ("neg_5", Kind::Unknown, "unrecognised: not a payment code that is known here"),
        ("neg_6", Kind::Unknown, "unrecognised: not a payment code that is known here"),
    ] {
        let decoded = decode(&payload(id));
        let found: Vec<String> = decoded.problems.iter().map(Problem::to_string).collect();
        assert_eq!((decoded.kind, found), (kind, vec![expected.to_string()]), "{id}");
    }
    let found = |id| parse(&payload(id)).problems.iter().map(Problem::to_string).collect::<Vec<_>>();
    assert!(found("neg_5").contains(&"unrecognised: not a payment code that is known here".into()));
    assert!(found("neg_6").contains(&"broken_structure: the fields cannot be read (after 3 characters)".into()));
}

#[test]
fn whose_application_it_is_is_told_by_the_beginning_of_its_id() {
    for (one, _) in APPLICATION_OWNERS {
        let like = APPLICATION_OWNERS.iter().filter(|(other, _)| other.starts_with(one));
        assert_eq!(like.count(), 1, "{one}");
    }
    #[rustfmt::skip]
    let table = [
        ("emvco_two_apps", Json::Null), ("unionpay_style", json!("unionpay")), ("qris_cpm_synthetic", json!("qris")),
    ];
    for (id, scheme) in table {
        let json: Json = serde_json::from_str(&decode(&payload(id)).to_json()).unwrap();
        assert_eq!(json["scheme"], scheme, "{id}");
    }
    for (id, owner) in [
        ("A0000000031010", Some("visa")),
        ("a0000006022020", Some("qris")),
        ("A000000602", None),
        ("A0000006770101110", Some("promptpay_credit_transfer")),
        ("A000000677010112", Some("promptpay_bill_payment")),
        ("", None),
        ("A00000000é", None),
    ] {
        assert_eq!(owner_of(id), owner, "{id}");
    }
}

#[test]
fn faults_are_reported_and_only_broken_structure_invalidates() {
    const APPLICATION: &str = "6109 4F07 A0000006022020";
    let with = |rest: &str| format!("61{:02X} 4F07 A0000006022020 {rest}", 9 + bytes(rest).len());
    let after = |rest: &str| format!("{APPLICATION} {rest}");
    let of = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    #[rustfmt::skip]
    let table: Vec<(String, bool, Vec<String>)> = vec![
        (APPLICATION.into(), true, of(&[])),
        // Structure.
        ("".into(), false, of(&["no_application 61"])),
        (after("61"), false, of(&["broken_structure "])),
        (after("6109 4F07 A00000"), false, of(&["broken_structure "])),
        (after("0000FF"), true, of(&["trailing_bytes "])),
        (after("00004F"), false, of(&["broken_structure "])),
        ("6181 09 4F07 A0000006022020".into(), true, of(&["length_not_shortest 61"])),
        ("620B 61 09 4F07 A0000006022020".into(), false,
            of(&["unknown_tag 62.61", "no_application 61", "common_data_for_one_application 62"])),
        (format!("{APPLICATION}{APPLICATION}{APPLICATION}"), true, of(&["too_many_applications 61"])),
        (after("6206 5F20 03 414243"), true, of(&["common_data_for_one_application 62"])),
        (format!("{APPLICATION}{APPLICATION} 6200"), true, of(&["empty 62"])),
        (format!("{APPLICATION}{APPLICATION} 6206 5F20 03 414243 6200"), false, of(&["repeated_id 62"])),
        (after("7003 500141"), true, of(&["unknown_tag 70"])),
        (after("5001 41"), true, of(&["unknown_tag 50"])),
        (after("8505 4350563031"), false, of(&["repeated_id 85"])),
        // In the application.
        ("6103 5001 41".into(), true, of(&["missing 61.4F"])),
        ("6100".into(), true, of(&["empty 61", "missing 61.4F"])),
        ("6103 4F07 A0".into(), true, of(&["not_a_template 61", "missing 61.4F"])),
        (format!("{APPLICATION} 6103 5001 41"), true, of(&["missing 61#2.4F"])),
        ("6106 4F04 A0000006".into(), true, of(&["not_an_application_id 61.4F"])),
        ("6113 4F11 A000000602 000000000000 000000000000".into(), true, of(&["not_an_application_id 61.4F"])),
        (with("4F05 A000000003"), false, of(&["repeated_id 61.4F"])),
        (with("5000"), true, of(&["empty 61.50"])),
        (with("5011 4141414141414141414141414141414141"), true, of(&["too_long 61.50"])),
        (with("5002 C3A9"), true, of(&["not_printable_ascii 61.50"])),
        (with("5A08 123456789012345A"), true, of(&["not_an_account_number 61.5A"])),
        (with("5A03 123456"), true, of(&["not_an_account_number 61.5A"])),
        (with("5A0A FF345678901234567890"), true, of(&["not_an_account_number 61.5A"])),
        (with("570A 1234567890123458 1912"), true, of(&["not_track_2 61.57"])),
        (with("5F2D 03 656E64"), true, of(&["not_a_language 61.5F2D"])),
        (with("5F2D 0A 656E656E656E656E656E"), true, of(&["not_a_language 61.5F2D"])),
        (with("9F26 07 00000000000000"), true, of(&["wrong_length 61.9F26"])),
        (with("6103 500141 6103 500142"), false, of(&["repeated_id 61.61", "unknown_tag 61.61"])),
        (with("BF0C 03 500141"), true, of(&["unknown_tag 61.BF0C"])),
        (with("64 03 500141"), true, of(&["unknown_tag 61.64"])),
        // Payment systems may have objects of their own in 63, but known ones keep their form.
        (with("63 09 9F74 01 00 9F36 02 0001"), true, of(&[])),
        (with("63 04 9F36 02 00"), true, of(&["not_a_template 61.63"])),
        (with("63 04 9F36 01 00"), true, of(&["wrong_length 61.63.9F36"])),
        (with("63 02 0000"), true, of(&["not_a_template 61.63"])),
    ];
    for (hex, valid, expected) in table {
        assert_eq!(problems(&hex), (valid, expected), "{hex}");
    }
    // Another version is told and read.
    let other = decode(&base64(&bytes("8505 4350563032 6109 4F07 A0000006022020")));
    assert_eq!((other.kind, other.valid), (Kind::EmvcoCpm, true));
    assert_eq!(other.problems[0].to_string(), "unexpected_value 85: the value is not allowed here");
}

#[test]
fn faults_of_the_text_are_reported() {
    let good = payload("emvco_two_apps");
    let bare = good.trim_end_matches('=');
    let table = [
        (format!("{good}\n"), true, "surrounding_space"),
        (bare.to_string(), true, "base64_not_canonical"),
        (format!("{bare}="), true, "base64_not_canonical"),
        (format!("{good}="), true, "base64_not_canonical"),
        (good.replace("zcE", "z-E"), false, "broken_structure"),
        (format!("{} {}", &good[..80], &good[80..]), false, "broken_structure"),
    ];
    for (text, valid, expected) in table {
        let decoded = decode(&text);
        assert_eq!((decoded.kind, decoded.valid), (Kind::EmvcoCpm, valid), "{text}");
        assert_eq!(decoded.problems[0].kind.code(), expected, "{text}");
        assert!(!valid || decoded.fields == decode(&good).fields, "{text}");
    }
}

#[test]
fn codes_longer_than_readers_must_support_are_told_and_endless_ones_are_not_read() {
    // 7 bytes for 85, 2 + 1 for 61's tag and length of two bytes, 9 for 4F, 3 for the tag and length of 5F50.
    let of_length = |length: usize| {
        let filler = length - 7 - 4 - 9 - 5;
        let mut hex = format!("8505 4350563031 6182{:04X} 4F07 A0000006022020 5F5082{filler:04X}", filler + 9 + 5);
        hex.push_str(&"41".repeat(filler));
        base64(&bytes(&hex))
    };
    let codes = |text: &str| decode(text).problems.iter().map(|one| one.kind.code()).collect::<Vec<_>>();
    assert_eq!(codes(&of_length(512)), ["too_long"]);
    assert_eq!(codes(&of_length(513)), ["code_too_long", "too_long"]);
    assert!(decode(&of_length(513)).valid);
    assert!(!decode(&of_length(2_300)).valid);
    assert!(codes(&of_length(2_300)).contains(&"broken_structure"));
    assert!(!decode(&format!("hQVDUFYwMW{}", "A".repeat(2_000_000))).valid);
}

#[test]
fn templates_nest_two_levels_and_no_further() {
    // 61 { 4F, 63 { 64 { 63 { … } } } }: what is in 63 stays bytes.
    let mut inner = vec![0x50, 0x01, 0x41];
    for _ in 0..40 {
        inner = [&[0x64, u8::try_from(inner.len()).unwrap()], inner.as_slice()].concat();
    }
    let inner_hex = upper_hex(&inner);
    let hex = format!("61{:02X} 4F07 A0000006022020 63{:02X} {inner_hex}", inner.len() + 11, inner.len());
    let decoded = decode(&base64(&bytes(&format!("8505 4350563031 {hex}"))));
    assert!(decoded.valid);
    let json: Json = serde_json::from_str(&decoded.to_json()).unwrap();
    assert_eq!(json["fields"]["61"]["63"]["64"], inner_hex[4..]);
}

/// What of this application is asked for, as text.
fn shown(application: Application<'_>) -> Json {
    json!({
        "id": application.id(), "label": application.label(),
        "number": application.account_number().map(|number| number.masked()),
        "name": application.cardholder_name(), "languages": application.languages().collect::<Vec<_>>(),
        "url": application.issuer_url(), "last": application.last_four_digits(),
        "cryptogram": application.cryptogram().map(|bytes| upper_hex(&bytes)),
        "counter": application.transaction_counter(), "random": application.unpredictable_number(),
        "information": application.cryptogram_information(),
        "issuer": application.issuer_application_data().map(upper_hex),
    })
}

#[test]
fn applications_answer_by_meaning() {
    // By hand from the vectors' objects.
    let shared = |id: &str, label: &str| {
        json!({"id": id, "label": label, "number": "123456******3458", "name": "CARDHOLDER/EMV",
            "languages": ["ru", "es", "de", "en"], "url": null, "last": null, "cryptogram": "584FD385FA234BCC",
            "counter": 1, "random": 0x6D58_EF13_u32, "information": null, "issuer": "06010A03000000"})
    };
    #[rustfmt::skip]
    let table = [
        ("emvco_two_apps", vec![shared("A0000000555555", "Product1"), shared("A0000000666666", "Product2")]),
        ("unionpay_style", vec![json!({"id": "A000000333010102", "label": null, "number": "626360******3672",
            "name": null, "languages": [], "url": null, "last": null, "cryptogram": "568AD7BCE66B718B",
            "counter": 0x1122, "random": 0x2260_488E_u32, "information": 128,
            "issuer": "07000103A0000001083030303030303031"})]),
        ("qris_cpm_synthetic", vec![json!({"id": "A0000006022020", "label": "QRISCPM",
            "number": "936000********7890", "name": "BUDI CONTOH", "languages": ["id", "en"],
            "url": "mailto:budi@example.invalid", "last": "7890", "cryptogram": null, "counter": null,
            "random": null, "information": null, "issuer": null})]),
    ];
    for (id, expected) in table {
        let parsed = parse(&payload(id));
        assert_eq!(parsed.version(), Some("CPV01"));
        assert_eq!(parsed.applications().map(shown).collect::<Vec<_>>(), expected, "{id}");
        // Nothing in a log gives the number away.
        let debug = format!("{parsed:?} {:?}", parsed.applications().collect::<Vec<_>>());
        assert!(!debug.contains("1234567890") && !debug.contains("626360"), "{debug}");
    }
    let parsed = parse(&payload("emvco_track2"));
    let track = parsed.applications().next().unwrap().track_2().unwrap();
    assert_eq!((track.expiry.as_str(), track.service_code.as_str()), ("1912", "201"));
    assert_eq!(track.account_number.digits(), "1234567890123458");
}

#[test]
fn the_token_requestor_and_the_account_reference_are_read() {
    let reference = "V001".to_string() + &"1".repeat(25);
    let text = ConsumerPresented::new()
        .application(
            "A0000000031010",
            "VISA",
            Data::new()
                .object(tag::TOKEN_REQUESTOR_ID, bytes("050110030273"))
                .object(tag::PAYMENT_ACCOUNT_REFERENCE, reference.as_str()),
        )
        .generate()
        .unwrap();
    let parsed = parse(&text);
    let application = parsed.applications().next().unwrap();
    assert_eq!(application.token_requestor_id().as_deref(), Some("50110030273"));
    assert_eq!(application.payment_account_reference(), Some(reference.as_str()));
}

#[test]
fn published_codes_are_written_again_from_their_meaning() {
    let shared = Data::new()
        .account_number(&AccountNumber::new("1234567890123458").unwrap())
        .cardholder_name("CARDHOLDER/EMV")
        .languages("ruesdeen")
        .transparent(tag::ISSUER_APPLICATION_DATA, bytes("06010A03000000"))
        .transparent(tag::CRYPTOGRAM, bytes("584FD385FA234BCC"))
        .transparent(tag::TRANSACTION_COUNTER, bytes("0001"))
        .transparent(tag::UNPREDICTABLE_NUMBER, bytes("6D58EF13"));
    let two = ConsumerPresented::new()
        .application("A0000000555555", "Product1", Data::new())
        .application("a0000000666666", "Product2", Data::new())
        .common_data(shared);
    assert_eq!(two.generate().unwrap(), payload("emvco_two_apps"));

    let qris = ConsumerPresented::new().application(
        "A0000006022020",
        "QRISCPM",
        Data::new()
            .account_number(&AccountNumber::new("936000991234567890").unwrap())
            .cardholder_name("BUDI CONTOH")
            .languages("iden")
            .object(tag::ISSUER_URL, "mailto:budi@example.invalid")
            .object(tag::LAST_FOUR_DIGITS, bytes("7890"))
            .transparent(Tag::new(0x9F74), "ae61"),
    );
    // The published one fills the last byte of an even number of digits with a whole FF, which is not needed.
    let expected = payload("qris_cpm_synthetic");
    let (written, published) = (parse(&qris.generate().unwrap()), parse(&expected));
    assert_eq!(shown(written.applications().next().unwrap()), shown(published.applications().next().unwrap()));
}

#[test]
fn the_generator_refuses_what_the_specification_does_not_allow() {
    const AID: &str = "A0000006022020";
    let one = |data| ConsumerPresented::new().application(AID, "LABEL", data);
    #[rustfmt::skip]
    let table: Vec<(ConsumerPresented, &str)> = vec![
        (ConsumerPresented::new(), "no_application 61"),
        (ConsumerPresented::new().application("A00000060", "L", Data::new()), "not_an_application_id 61.4F"),
        (ConsumerPresented::new().application("A0000006", "L", Data::new()), "not_an_application_id 61.4F"),
        (ConsumerPresented::new().application(AID, "", Data::new()), "empty 61.50"),
        (ConsumerPresented::new().application(AID, "12345678901234567", Data::new()), "too_long 61.50"),
        (one(Data::new()).common_data(Data::new().cardholder_name("A B")), "common_data_for_one_application 62"),
        (one(Data::new()).application(AID, "L", Data::new()).common_data(Data::new()), "empty 62"),
        (one(Data::new()).application(AID, "L", Data::new()).common_data(Data::new().languages("en"))
            .common_data(Data::new().languages("en")), "repeated_id 62"),
        (one(Data::new()).application(AID, "L", Data::new()).application(AID, "L", Data::new()),
            "too_many_applications 61"),
        (one(Data::new().cardholder_name("É")), "not_printable_ascii 61.5F20"),
        (one(Data::new().languages("eng")), "not_a_language 61.5F2D"),
        (one(Data::new().object(tag::APPLICATION_ID, [1; 7])), "repeated_id 61.4F"),
        (one(Data::new().object(Tag::new(0x9F74), [1])), "unknown_tag 61.9F74"),
        (one(Data::new().transparent(Tag::new(0x9F), [1])), "id_out_of_range 61.63.9F"),
        (one(Data::new().transparent(Tag::new(0x70), [1])), "not_a_template 61.63.70"),
        (one(Data::new().transparent(tag::CRYPTOGRAM, [1; 7])), "wrong_length 61.63.9F26"),
        (one(Data::new().transparent(Tag::new(0x9F74), [1; 255]).transparent(Tag::new(0x9F75), [1; 255])),
            "code_too_long "),
    ];
    for (code, expected) in table {
        let problems = code.generate().unwrap_err().problems;
        let found: Vec<String> = problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
        assert_eq!(found, [expected]);
    }
}

#[test]
fn whatever_is_written_reads_back_without_a_problem() {
    let mut random = Random(61);
    let some = |random: &mut Random, length: usize| -> Vec<u8> {
        (0..length).map(|_| u8::try_from(random.below(256)).unwrap()).collect()
    };
    let mut written = 0;
    for _ in 0..3_000 {
        let data = |random: &mut Random| {
            let digits = random.text("0123456789", 19);
            let mut data = match AccountNumber::new(&digits) {
                Some(number) => Data::new().account_number(&number),
                None => Data::new().cardholder_name(&random.text("ABC /'.", 26)),
            };
            for (tag, length) in [(tag::CRYPTOGRAM, 8), (tag::TRANSACTION_COUNTER, 2), (Tag::new(0x9F7C), 120)] {
                if random.below(2) == 0 {
                    let length = if length == 120 { 1 + random.below(140) } else { length };
                    data = data.transparent(tag, some(random, length));
                }
            }
            data
        };
        let aid = |random: &mut Random| {
            let length = 5 + random.below(12);
            upper_hex(&some(random, length))
        };
        let (first, label) = (aid(&mut random), random.text("Ab 9", 16));
        let mut code = ConsumerPresented::new().application(&first, &label, data(&mut random));
        let two = random.below(2) == 0;
        if two {
            let second = aid(&mut random);
            code = code.application(&second, "2", data(&mut random)).common_data(data(&mut random));
        }
        let text = match code.generate() {
            Ok(text) => text,
            Err(refused) => {
                assert_eq!(refused.problems[0].kind.code(), "code_too_long", "{refused}");
                continue;
            }
        };
        written += 1;
        let decoded = decode(&text);
        assert_eq!(decoded.kind, Kind::EmvcoCpm);
        assert!(decoded.valid && decoded.problems.is_empty(), "{text}: {:?}", decoded.problems);
        let parsed = parse(&text);
        let ids: Vec<_> = parsed.applications().map(|application| application.id().unwrap()).collect();
        assert_eq!(ids.len(), if two { 2 } else { 1 });
        assert_eq!(ids[0], first);
        assert_eq!(parsed.applications().next().unwrap().label(), Some(label.as_str()));
        assert!(text.len() <= MAXIMUM_BYTES.div_ceil(3) * 4);
    }
    assert!(written > 2_000, "{written}");
}

#[test]
fn numbers_are_masked_wherever_they_are_shown() {
    for (digits, masked) in [
        ("1234567890123458", "123456******3458"),
        ("1234567890123456789", "123456*********6789"),
        ("123456789012345", "123456*****2345"),
        ("12345678901234", "**********1234"),
        ("12345678", "****5678"),
    ] {
        let number = AccountNumber::new(digits).unwrap();
        assert_eq!(number.masked(), masked);
        assert_eq!((format!("{number}"), format!("{number:?}")), (masked.into(), masked.into()));
        assert_eq!(number.digits(), digits);
        assert_eq!(AccountNumber::from_packed(&number.packed()), Some(number));
    }
    for other in ["", "1234567", "12345678901234567890", "1234567A", "１２３４５６７８"] {
        assert_eq!(AccountNumber::new(other), None, "{other}");
    }
}

#[test]
fn track_2_is_read_strictly() {
    let track = Track2::from_packed(&bytes("6263600100713672D23122010000018801")).unwrap();
    assert_eq!(track.account_number.digits(), "6263600100713672");
    assert_eq!((track.expiry.as_str(), track.service_code.as_str()), ("2312", "201"));
    assert!(!format!("{track:?}").contains("6263600100713672"));
    for (hex, why) in [
        ("", "empty"),
        ("1234567890123458", "no separator"),
        ("1234567890123458D19122", "no service code"),
        ("1234567890123458D1913201", "month 13"),
        ("1234567890123458D1900201", "month 00"),
        ("1234567D19122010", "seven digits"),
        ("1234567890123458D19122A1", "a letter"),
        ("1234567890123458D1912201F1", "filler within"),
        ("1234567890123458D191220100000000000000000000", "20 bytes and more"),
    ] {
        assert_eq!(Track2::from_packed(&bytes(hex)), None, "{why}");
    }
}
