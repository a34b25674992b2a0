//! National schemes by the names of their fields: read from every vector, and written again.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sycee_codes::emvco::merchant::{Initiation, parse};
use sycee_codes::scheme::{
    LAYOUTS, SchemeDetails, details, first_layout, hex_of_message, is_thai_number, message_of_hex, thai_mobile,
    true_money_wallet,
};
use sycee_codes::{Decoded, Kind, decode, scheme};

fn vectors() -> BTreeMap<String, (String, String)> {
    let file: Json = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    let list = file["vectors"].as_array().unwrap().clone();
    let text = |one: &Json, member: &str| one[member].as_str().unwrap().to_string();
    list.iter().map(|one| (text(one, "id"), (text(one, "payload"), text(one, "scheme")))).collect()
}

fn payload(id: &str) -> String {
    vectors()[id].0.clone()
}

fn read(id: &str) -> SchemeDetails {
    decode(&payload(id)).details.unwrap_or_else(|| panic!("{id} has no details"))
}

/// `name=value` of the accounts, then what stands outside that is the scheme's own.
fn told(details: &SchemeDetails, outside: &[&str]) -> Vec<String> {
    let mut told = Vec::new();
    for account in &details.accounts {
        for named in account.values.iter().filter(|named| named.name != "globally_unique_id") {
            told.push(format!("{}.{}={}", account.template, named.name, named.value));
        }
    }
    told.extend(outside.iter().filter_map(|name| Some(format!("{name}={}", details.get(name)?))));
    told
}

#[test]
fn every_vector_of_a_national_scheme_has_named_details() {
    for (id, (payload, its_scheme)) in vectors() {
        let details = details(&parse(&payload).fields);
        if matches!(its_scheme.as_str(), "emvco" | "unknown_guid") {
            assert_eq!(details, None, "{id}");
            continue;
        }
        let details = details.unwrap_or_else(|| panic!("{id} has no details"));
        assert_eq!(details.scheme, its_scheme, "{id}");
        let unnamed: &[&str] = match id.as_str() {
            // An account whose owner names itself by a number that nobody has published.
            "nepal_multi" => &["27.00"],
            _ => &[],
        };
        assert_eq!(details.unnamed, unnamed, "{id}");
        assert!(details.accounts.iter().all(|account| !account.values.is_empty()), "{id}");
    }
}

#[test]
fn the_names_hold_the_values_of_the_vectors() {
    #[rustfmt::skip]
    let table: &[(&str, &[&str], &[&str])] = &[
        ("promptpay_phone2", &[], &["29.mobile_number=0066812223333"]),
        ("promptpay_tax_id", &["country"], &["29.national_or_tax_number=0123456789012", "country=TH"]),
        ("promptpay_truemoney_message", &["message_utf16_hex"],
            &["29.e_wallet_id=140000801111111", "message_utf16_hex=00480065006C006C006F00200057006F0072006C00640021"]),
        ("promptpay_bill_dynamic", &["amount"],
            &["30.biller_id=099400016550100", "30.reference_1=123456789012", "30.reference_2=670429", "amount=3649.22"]),
        ("paynow_uen_fixed", &["bill_number"],
            &["26.proxy_type=2", "26.proxy_value=202012345X", "26.amount_editable=0", "26.expires_on=20271231",
              "bill_number=INV-0001"]),
        ("sgqr_multi", &[],
            &["26.proxy_type=2", "26.proxy_value=202012345X", "26.amount_editable=1",
              "27.code_value=https://qr.example.invalid/ocx0001",
              "28.qr_metadata=23119850006500000001", "28.merchant_id=11118666140", "28.terminal_id=08666001",
              "51.sgqr_id=18091234ABCD", "51.version=01.0001", "51.postal_code=079027", "51.level=02",
              "51.unit_number=02", "51.miscellaneous=0000", "51.version_date=20260101"]),
        ("qris_tip_percent", &["tip_percentage", "postal_code"],
            &["26.acquirer_domain=ID.CO.EXAMPLE.WWW", "26.merchant_pan=936000990000000001",
              "26.merchant_id=EXMID0000000001", "26.merchant_criteria=UKE",
              "51.national_merchant_id=ID1020261234567", "51.merchant_criteria=UKE", "tip_percentage=0.75",
              "postal_code=10340"]),
        ("qris_transfer", &["transfer_purpose", "transfer_reference"],
            &["40.issuer_domain=ID.CO.EXAMPLE.WWW", "40.customer_pan=936000991234567890",
              "40.beneficiary_account=1234567890", "transfer_purpose=DMCT",
              "transfer_reference=1234567890123456789012345"]),
        ("duitnow_p2p", &[], &["26.acquirer_id=501664", "26.qr_id=123456789"]),
        ("duitnow_jompay", &["recipient_reference", "digest"],
            &["26.acquirer_id=898989", "26.biller_code=1234", "recipient_reference=0124007552406",
              "digest=31d4db4506dc9852b1c21c74be148b83"]),
        ("khqr_merchant", &["created_at_ms", "expires_at_ms", "merchant_name_in_language"],
            &["30.bakong_account=khqr@devb", "30.merchant_id=123456", "30.acquiring_bank=Dev Bank",
              "created_at_ms=1726822962612", "expires_at_ms=1726823082612", "merchant_name_in_language=ចន ស្មីន"]),
        ("vietqr_card_amount", &["purpose"],
            &["38.bank_identification_number=970403", "38.account_or_card=9704031101234567", "38.service=QRIBFTTC",
              "purpose=thanh toan don hang"]),
        ("vnpay_merchant", &["terminal_label"], &["26.merchant_id=0108799042", "terminal_label=MPHER01"]),
        ("laoqr_jdb", &["unionpay_15"],
            &["38.institution_id=32170418", "38.account_kind=002", "38.merchant_id=mchVKyozC3MbjS51h67qal4Os",
              "unionpay_15=2031041800520446JDBMSZZXE44BFS0"]),
        ("qrph_p2p", &[], &["27.bic=EXBKPHMMXXX", "27.payment_type=99964403", "27.account=001234567890"]),
        ("qrph_with_alipay", &["alipay_link"],
            &["28.bic=EXBKPHM2XXX", "28.merchant_id=217020000000000000001", "28.proxy_or_flag=000",
              "alipay_link=0010com.alipay0156https://payqr.example.invalid/28101005100000000000000000"]),
        ("bharatqr_upi", &["reference_label"],
            &["26.virtual_payment_address=shop@examplebank", "26.minimum_amount=1.00",
              "27.transaction_reference=EXREF0001", "reference_label=EXREF0001"]),
        ("fps_mobile_invoice", &["reference_label"],
            &["26.mobile_number=+852-67891234", "reference_label=INV/TEST/0001"]),
        ("fps_email", &[], &["26.email=FPS_Identifier_CRC201D@ird.gov.hk"]),
        ("jpqr_static_2", &[],
            &["26.level_1_id=0000000000001", "26.level_2_id=0001", "26.level_3_id=000001", "26.level_4_id=000001"]),
        ("kr_bc_static", &[], &["26.merchant_number=100005408"]),
        ("pix_static_recurrence", &["transaction_id", "recurrence_url"],
            &["26.key=f4c6089a-bfde-4c00-a2d9-9eaa584b0219", "26.description=CobrancaEstatica",
              "transaction_id=80a2d0a923984e8dbb80b4adf",
              "recurrence_url=qr-h.sandbox.pix.bcb.gov.br/rest/api/rec/d7913bcbfc4947c9811669db12b40374"]),
        ("pix_dynamic_recurrence", &["transaction_id"],
            &["26.url=qr-h.sandbox.pix.bcb.gov.br/rest/api/v2/7b2d64c4eb744a2d92a4dd5f8cfc4dfa",
              "transaction_id=***"]),
        ("lankaqr_static", &["additional_data_owner", "tip_mode"],
            &["26.merchant_identification=1672800058120000000010000005",
              "additional_data_owner=537c0a88562e4a599cab63d1992f0dac", "tip_mode=01"]),
        ("fonepay_amount", &["bill_number"], &["26.merchant_number=2222000000001", "bill_number=ORD1"]),
        ("nepal_multi", &[],
            &["29.merchant_identification=NCHL00010001O000012181", "29.merchant_code=X", "49.code_value=Y"]),
        ("raast_p2m", &["merchant_group"],
            &["28.bank_uuid=0123456789abcdef0123456789abcdef", "28.bic=EXBLPKKA", "28.iban=PK36SCBL0000001123456702",
              "merchant_group=GROCERY"]),
        ("pk_legacy_multi", &["visa_02"], &["27.iban=PK73FAYS3555390000000000", "visa_02=4000123456789012"]),
        ("banglaqr", &[],
            &["26.institution_domain=com.examplepay", "26.unverified_01=03", "26.unverified_02=2041",
              "26.unverified_03=1991008200", "26.unverified_04=01712345678"]),
    ];
    for (id, outside, expected) in table {
        assert_eq!(told(&read(id), outside), *expected, "{id}");
    }
    let tested: Vec<String> = table.iter().map(|(id, ..)| read(id).scheme).collect();
    for (id, (_, its_scheme)) in vectors() {
        let is_tested = tested.contains(&its_scheme) || read_nothing(&its_scheme) || id == "khqr_bad_mcc";
        assert!(is_tested || its_scheme == "khqr_individual", "{its_scheme} is in no row");
    }
}

fn read_nothing(scheme: &str) -> bool {
    first_layout(scheme).is_none()
}

#[test]
fn what_is_read_is_written_again_byte_by_byte() {
    // Vectors that a strict writer does not give back, and why.
    #[rustfmt::skip]
    let exceptions = BTreeMap::from([
        ("promptpay_tax_id", "the check digit of the national number is made up"),
        ("promptpay_phone_amount2", "54 stands after 58"),
        ("promptpay_truemoney_message", "54 stands after 58"),
        ("promptpay_bill_dynamic", "54 stands after 58"),
        ("duitnow_p2p", "field 00 is 02"),
        ("duitnow_retail", "field 00 is 02"),
        ("duitnow_jompay", "field 00 is 02"),
        ("khqr_bad_mcc", "the category code is not of digits"),
        ("khqr_upi_tag15", "a code for one payment does not say when it expires"),
        ("nepal_multi", "27 is an account of nobody knows whom"),
        ("qrph_with_alipay", "the specification reserves 66"),
        ("jpqr_static_2", "wrong checksum, wrong order"),
        ("kr_order_swapped", "wrong checksum, wrong order"),
        ("fps_stale_crc", "wrong checksum"),
    ]);
    let mut same = 0;
    for (id, (payload, _)) in vectors() {
        let Some(details) = decode(&payload).details else {
            continue;
        };
        let written = details.generate();
        let is_same = written.as_ref() == Ok(&payload);
        assert_eq!(!is_same, exceptions.contains_key(id.as_str()), "{id}: {written:?}\n{payload}");
        same += usize::from(is_same);
    }
    // 49 vectors, five without a national scheme.
    assert_eq!(same, 49 - 5 - exceptions.len());
}

#[test]
fn what_a_strict_writer_changes_or_refuses_of_the_vectors() {
    // The same code, its fields in order: what a reader finds is the same.
    for id in ["promptpay_phone_amount2", "promptpay_bill_dynamic", "duitnow_p2p", "duitnow_jompay"] {
        let details = read(id);
        let written = details.generate().unwrap();
        let again = decode(&written);
        let sorted = |details: SchemeDetails| {
            let mut values: Vec<_> = details.values.into_iter().map(|named| (named.name, named.value)).collect();
            values.sort();
            (details.accounts, values)
        };
        assert_eq!(sorted(again.details.unwrap()), sorted(details), "{id}");
        assert!(again.valid);
    }
    let table = [
        ("promptpay_tax_id", "wrong_check_digit 29.02"),
        ("khqr_bad_mcc", "not_digits 52"),
        ("khqr_upi_tag15", "missing 99.00"),
        ("nepal_multi", "unknown_name 27.00"),
        ("qrph_with_alipay", "reserved_id 66"),
    ];
    for (id, expected) in table {
        let refused = read(id).generate().unwrap_err();
        let told: Vec<String> =
            refused.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path)).collect();
        assert!(told.iter().any(|problem| problem == expected), "{id}: {told:?}");
    }
}

fn merchant(code: SchemeDetails, currency: &str, country: &str) -> SchemeDetails {
    code.value("merchant_category_code", "5812")
        .value("currency", currency)
        .value("country", country)
        .value("merchant_name", "SHOP")
        .value("merchant_city", "CITY")
}

#[test]
fn new_codes_are_written_as_the_published_ones() {
    let transfer = |initiation| {
        let code = SchemeDetails::new("promptpay_credit_transfer", initiation);
        let code = code.value("country", "TH").value("currency", "764");
        code.account("promptpay_credit_transfer", &[("mobile_number", &thai_mobile("0812223333").unwrap())])
    };
    assert_eq!(transfer(Initiation::Static).generate().unwrap(), payload("promptpay_phone2"));

    let transfer = SchemeDetails::new("vietqr", Initiation::Dynamic)
        .account(
            "vietqr",
            &[("bank_identification_number", "970422"), ("account_or_card", "0023457923442"), ("service", "QRIBFTTA")],
        )
        .value("currency", "704")
        .value("amount", "40123")
        .value("country", "VN")
        .value("purpose", "test text string");
    assert_eq!(transfer.generate().unwrap(), payload("vietqr_dynamic"));

    let invoice = SchemeDetails::new("paynow", Initiation::Dynamic)
        .account(
            "paynow",
            &[("proxy_type", "2"), ("proxy_value", "202012345X"), ("amount_editable", "0"), ("expires_on", "20271231")],
        )
        .value("merchant_category_code", "0000")
        .value("currency", "702")
        .value("amount", "12.50")
        .value("country", "SG")
        .value("merchant_name", "EXAMPLE TRADING")
        .value("merchant_city", "Singapore")
        .value("bill_number", "INV-0001");
    assert_eq!(invoice.generate().unwrap(), payload("paynow_uen_fixed"));
}

#[test]
fn faults_of_new_codes_are_refused() {
    let static_code = |scheme: &str, account: &[(&str, &str)], currency: &str, country: &str| {
        merchant(SchemeDetails::new(scheme, Initiation::Static).account(scheme, account), currency, country)
    };
    #[rustfmt::skip]
    let table = [
        (static_code("fps", &[("fps_id", "1234567")], "344", "HK"), ""),
        (static_code("fps", &[("fps_id", "1234567"), ("email", "a@b")], "344", "HK"), "not_exactly_one 26"),
        (static_code("fps", &[], "344", "HK"), "not_exactly_one 26"),
        (static_code("fps", &[("mobile_number", "+85267891234")], "344", "HK"), "wrong_form 26.03"),
        (static_code("fps", &[("colour", "red")], "344", "HK"), "unknown_name 26.colour, not_exactly_one 26"),
        (static_code("fps", &[("fps_id", "1234567")], "344", "HK").value("colour", "red"), "unknown_name colour"),
        (static_code("fps", &[("fps_id", "1234567")], "344", "HK").value("amount", "0"), "not_an_amount 54"),
        (static_code("fps", &[("fps_id", "1234567"), ("fps_id", "7654321")], "344", "HK"),
            "not_exactly_one 26, repeated_id 26.02"),
        (static_code("pix", &[("key", "a@b")], "986", "BR").value("transaction_id", "***"), ""),
        (static_code("pix", &[("key", "a@b")], "986", "BR"), "missing 62.05"),
        (static_code("pix", &[("url", "https://x")], "986", "BR").value("transaction_id", "***"), "wrong_form 26.25"),
        (static_code("paynow", &[("proxy_type", "0"), ("proxy_value", "91234567"), ("amount_editable", "1")], "702", "SG"),
            "wrong_form 26.02"),
        (static_code("paynow", &[("proxy_type", "1"), ("proxy_value", "+6591234567"), ("amount_editable", "1")], "702", "SG"),
            "unexpected_value 26.01"),
        (static_code("khqr_individual", &[("bakong_account", "a@b")], "116", "KH"), ""),
        (static_code("khqr_individual", &[("bakong_account", "a@b")], "764", "KH"), "unexpected_value 53"),
        // Told by its shape and the country: in another country it would be nobody's.
        (static_code("khqr_individual", &[("bakong_account", "a@b")], "840", "TH"),
            "unexpected_value 29.00, unrecognised "),
        (static_code("vietqr", &[("bank_identification_number", "97042"), ("account_or_card", "1")], "704", "VN"),
            "wrong_form 38.01.00"),
        (static_code("promptpay_bill_payment", &[("biller_id", "1"), ("reference_1", "A B")], "764", "TH"),
            "wrong_form 30.01, wrong_form 30.02"),
        (static_code("jpqr", &[("level_1_id", "0000000000001")], "392", "JP"),
            "missing 26.02, missing 26.03, missing 26.04"),
        (static_code("nobody", &[], "392", "JP"), "unknown_name nobody, unexpected_value 00.00, unrecognised , \
            no_merchant_account "),
    ];
    for (code, expected) in table {
        let told = match code.generate() {
            Ok(payload) => {
                let decoded = decode(&payload);
                assert!(decoded.valid && decoded.problems.is_empty(), "{payload}: {:?}", decoded.problems);
                String::new()
            }
            Err(refused) => {
                let told = refused.problems.iter().map(|one| format!("{} {}", one.kind.code(), one.path));
                told.collect::<Vec<_>>().join(", ")
            }
        };
        assert_eq!(told, expected);
    }
}

#[test]
fn a_label_of_several_schemes_is_written_as_one() {
    let label = read("sgqr_multi");
    let schemes: Vec<&str> = label.accounts.iter().map(|account| account.scheme.as_str()).collect();
    assert_eq!(schemes, ["paynow", "alipay_plus", "nets", "sgqr"]);
    assert_eq!(label.generate().unwrap(), payload("sgqr_multi"));
}

#[test]
fn thai_numbers_and_messages() {
    // 1 1 0 1 7 0 0 2 3 0 7 0 weighted 13 to 2: 13+12+0+10+63+0+0+12+15+0+21+0 = 146, 146 mod 11 = 3, 11-3 = 8.
    assert!(is_thai_number("1101700230708"));
    // 1 to 9, 0, 1, 2: 13+24+33+40+45+48+49+48+45+0+3+4 = 352, 352 mod 11 = 0, 11-0 = 11, its last digit is 1. (The
    // digits above add up to a multiple of 11, so that all weights could be one too high.)
    assert!(is_thai_number("1234567890121"));
    // 4 weighted 5 instead of 3 weighted 5: 151 mod 11 = 8, so 3 and not 8.
    for wrong in ["1101700240708", "1101700230700", "110170023070", "11017002307088", "110170023070x", ""] {
        assert!(!is_thai_number(wrong), "{wrong}");
    }
    assert_eq!(thai_mobile("+66801111111").as_deref(), Some("0066801111111"));
    assert_eq!(thai_mobile("801111111"), None);
    assert_eq!(true_money_wallet("0801111111").as_deref(), Some("140000801111111"));
    assert_eq!(message_of_hex("00480065006C006C006F00200057006F0072006C00640021").as_deref(), Some("Hello World!"));
    assert_eq!(hex_of_message("Hello World!").unwrap(), "00480065006C006C006F00200057006F0072006C00640021");
    assert_eq!(message_of_hex("0E2A0E27").as_deref(), Some("สว"));
    for wrong in ["004", "00g0", "D800", "+048"] {
        assert_eq!(message_of_hex(wrong), None, "{wrong}");
    }
    assert_eq!(hex_of_message(&"x".repeat(25)), None);
}

#[test]
fn every_layout_belongs_to_a_scheme_and_repeats_nothing() {
    for layout in LAYOUTS {
        let row = scheme::named(layout.scheme).unwrap_or_else(|| panic!("{} is no scheme", layout.scheme));
        let within = |id| row.templates.contains(id);
        assert!(within(layout.templates.start()) && within(layout.templates.end()), "{}", layout.scheme);
        for items in [layout.account, layout.beside] {
            for (position, item) in items.iter().enumerate() {
                let earlier = &items[..position];
                assert!(earlier.iter().all(|one| one.name != item.name && one.path != item.path), "{}", item.name);
            }
        }
        for name in layout.one_of {
            assert!(layout.account.iter().any(|item| item.name == *name && !item.required), "{name}");
        }
    }
}

#[test]
fn json_tells_the_details() {
    let json: Json = serde_json::from_str(&decode(&payload("fps_mobile_invoice")).to_json()).unwrap();
    assert_eq!(json["details"]["scheme"], "fps");
    assert_eq!(json["details"]["accounts"][0]["values"]["mobile_number"], "+852-67891234");
    assert_eq!(json["details"]["accounts"][0]["template"], 26);
    assert_eq!(json["details"]["values"]["reference_label"], "INV/TEST/0001");
    let Decoded { kind, details, .. } = decode("https://shop.example/");
    assert_eq!((kind, details), (Kind::Url, None));
}
