//! The generator: published payloads byte for byte, refusals one by one, and the round trip as a property.

mod random;

use random::Random;
use sycee_codes::emvco::merchant::{
    AdditionalData, Initiation, LanguageTemplate, MerchantPresented, Template, Tip, parse,
};
use sycee_codes::field::text_at;
use sycee_codes::{Field, Problem};

fn published(id: &str) -> String {
    let file: serde_json::Value = serde_json::from_str(include_str!("vectors/qr_mpm.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    let vector = vectors.iter().find(|vector| vector["id"] == id).unwrap();
    vector["payload"].as_str().unwrap().to_string()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_string())
}

#[test]
fn published_payloads_are_made_byte_for_byte() {
    let fps = MerchantPresented::new(Initiation::Dynamic, "0000", "344", "HK", "company_1_data", "HK")
        .merchant_account(Template::new(26, "hk.com.hkicl").field(3, "+852-67891234"))
        .amount("100")
        .additional_data(AdditionalData { reference_label: some("INV/TEST/0001"), ..AdditionalData::default() });
    let korea = MerchantPresented::new(Initiation::Static, "7299", "410", "KR", "NAISHUSIAT", "SEOUL MAPO-GU")
        .card_account(15, "2600041026000410711958120000000")
        .merchant_account(Template::new(26, "D4100000014010").field(5, "100005408"))
        .postal_code("04086")
        .additional_data(AdditionalData {
            store_label: some("100005408"),
            reference_label: some("MQ2020000048110"),
            customer_label: some("00000000"),
            terminal_label: some("00000001"),
            ..AdditionalData::default()
        })
        .language(LanguageTemplate {
            language: "ko".into(),
            merchant_name: "나이스샷".into(),
            merchant_city: some("서울 마포구"),
        });
    // Given in another order than it is written.
    let qris = MerchantPresented::new(Initiation::Dynamic, "5812", "360", "ID", "Warung Contoh", "Jakarta Pusat")
        .tip(&Tip::Percentage("0.75".into()))
        .postal_code("10340")
        .amount("50000")
        .merchant_account(Template::new(51, "ID.CO.QRIS.WWW").field(2, "ID1020261234567").field(3, "UKE"))
        .merchant_account(
            Template::new(26, "ID.CO.EXAMPLE.WWW")
                .field(1, "936000990000000001")
                .field(2, "EXMID0000000001")
                .field(3, "UKE"),
        );
    let cash = MerchantPresented::new(Initiation::Static, "6011", "704", "VN", "NGUYEN VAN A", "HA NOI")
        .merchant_account(
            Template::new(38, "A000000727")
                .nested(1, vec![Field::text("00", "970416"), Field::text("01", "12345678")])
                .field(2, "QRCASH"),
        )
        .additional_data(AdditionalData {
            reference_label: some("201901091557142283847"),
            terminal_label: some("00001111"),
            ..AdditionalData::default()
        });
    for (id, code) in
        [("fps_mobile_invoice", fps), ("kr_bc_static", korea), ("qris_tip_percent", qris), ("vietqr_atm_cash", cash)]
    {
        assert_eq!(code.generate(), Ok(published(id)), "{id}");
    }
}

fn shop() -> MerchantPresented {
    MerchantPresented::new(Initiation::Static, "5812", "156", "CN", "SHOP", "CITY")
        .merchant_account(Template::new(26, "com.ab"))
}

#[test]
fn what_is_out_of_specification_is_refused_by_name() {
    let basic = |mcc, currency, country, name, city| {
        MerchantPresented::new(Initiation::Static, mcc, currency, country, name, city)
            .merchant_account(Template::new(26, "com.ab"))
    };
    let purpose = |text: &str| AdditionalData { purpose: some(text), ..AdditionalData::default() };
    let ask = |text: &str| AdditionalData { consumer_data_request: some(text), ..AdditionalData::default() };
    let owned = |template| AdditionalData { payment_system: vec![template], ..AdditionalData::default() };
    let language = |code: &str, name: &str| LanguageTemplate {
        language: code.into(),
        merchant_name: name.into(),
        merchant_city: None,
    };
    let long = Template::new(80, "com.ab").field(1, "x".repeat(89));
    let full = (81..=87).fold(shop(), |shop, id| shop.unreserved(Template::new(id, "com.ab").field(1, "x".repeat(80))));
    #[rustfmt::skip]
    let table: Vec<(MerchantPresented, &str)> = vec![
        (basic("581", "156", "CN", "SHOP", "CITY"), "wrong_length 52"),
        (basic("58I2", "156", "CN", "SHOP", "CITY"), "not_digits 52"),
        (basic("5812", "CNY", "CN", "SHOP", "CITY"), "not_digits 53"),
        (basic("5812", "156", "cn", "SHOP", "CITY"), "not_a_country 58"),
        (basic("5812", "156", "CN", "", "CITY"), "empty 59"),
        (basic("5812", "156", "CN", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "CITY"), "too_long 59"),
        (basic("5812", "156", "CN", "最佳运输", "CITY"), "not_printable_ascii 59"),
        (basic("5812", "156", "CN", "SHOP", "SIXTEEN LETTERS!"), "too_long 60"),
        (MerchantPresented::new(Initiation::Static, "5812", "156", "CN", "SHOP", "CITY"), "no_merchant_account "),
        (shop().amount("0"), "not_an_amount 54"),
        (shop().amount("0.00"), "not_an_amount 54"),
        (shop().amount("1e3"), "not_an_amount 54"),
        (shop().amount("1,5"), "not_an_amount 54"),
        (shop().amount(" 1"), "not_an_amount 54"),
        (shop().amount("5."), "not_an_amount 54"),
        (shop().amount("12345678901234"), "too_long 54"),
        (shop().amount("1").amount("2"), "repeated_id 54"),
        (shop().tip(&Tip::Fixed("0".into())), "not_an_amount 56"),
        (shop().tip(&Tip::Percentage("0".into())), "not_a_percentage 57"),
        (shop().tip(&Tip::Percentage("100".into())), "not_a_percentage 57"),
        (shop().card_account(26, "4000"), "id_out_of_range 26, repeated_id 26, not_a_template 26"),
        (shop().card_account(1, "4000"), "id_out_of_range 01, repeated_id 01, unexpected_value 01"),
        (shop().card_account(2, ""), "empty 02"),
        (shop().merchant_account(Template::new(26, "com.cd")), "repeated_id 26"),
        (shop().merchant_account(Template::new(52, "com.cd")), "id_out_of_range 52, repeated_id 52, not_text 52"),
        (shop().merchant_account(Template::new(27, "")), "empty 27.00"),
        (shop().merchant_account(Template::new(27, "x".repeat(33))), "too_long 27.00"),
        (shop().merchant_account(Template::new(27, "com.cd").field(0, "x")), "repeated_id 27.00"),
        (shop().merchant_account(Template::new(27, "com.cd").field(100, "x")),
            "reserved_id 27.100, id_out_of_range 27.100"),
        (shop().merchant_account(Template::new(27, "com.cd").field(1, "")), "empty 27.01"),
        (shop().merchant_account(Template::new(27, "com.cd").field(1, "a\nb")), "control_character 27.01"),
        (shop().merchant_account(Template::new(27, "com.cd").nested(1, vec![])), "empty 27.01"),
        (shop().unreserved(Template::new(65, "com.ab")), "id_out_of_range 65, reserved_id 65"),
        (shop().unreserved(long), "too_long 80"),
        (shop().unreserved(Template::new(100, "com.ab")), "id_out_of_range 100, reserved_id 100"),
        (shop().postal_code("12345678901"), "too_long 61"),
        (shop().additional_data(purpose(&"x".repeat(26))), "too_long 62.08"),
        (shop().additional_data(purpose("")), "empty 62.08"),
        (shop().additional_data(ask("AA")), "not_a_data_request 62.09"),
        (shop().additional_data(owned(Template::new(49, "com.ab"))), "id_out_of_range 62.49, reserved_id 62.49"),
        (shop().language(language("zho", "店")), "not_a_language 64.00"),
        (shop().language(language("zh", "")), "empty 64.01"),
        (full, "code_too_long "),
    ];
    for (code, expected) in table {
        let refused = code.generate().unwrap_err();
        let tell = |problem: &Problem| format!("{} {}", problem.kind.code(), problem.path);
        let found: Vec<String> = refused.problems.iter().map(tell).collect();
        assert_eq!(found.join(", "), expected);
    }
}

#[test]
fn the_longest_values_are_accepted() {
    let code = MerchantPresented::new(
        Initiation::Dynamic,
        "5812",
        "156",
        "CN",
        "ABCDEFGHIJKLMNOPQRSTUVWXY",
        "FIFTEEN LETTERS",
    )
    .card_account(2, &"9".repeat(99))
    .merchant_account(Template::new(51, "x".repeat(32)).field(99, "y".repeat(59)))
    .amount("1234567890.50")
    .postal_code("1234567890")
    .additional_data(AdditionalData {
        bill_number: some("***"),
        consumer_data_request: some("AME"),
        ..AdditionalData::default()
    });
    let payload = code.generate().unwrap();
    assert_eq!(parse(&payload).problems, vec![]);
}

/// A code with every optional part there or not, filled with what the specification allows.
fn any_code(random: &mut Random) -> (MerchantPresented, Vec<(String, String)>) {
    const PRINTABLE: &str = " !\"#%&'()*+,-./0123456789:;<=>?@AZaz[\\]^_`{|}~";
    const WIDE: &str = "aZ09 -最佳运输나이ร้านភ្នំ😀é";
    let mut expected: Vec<(String, String)> = Vec::new();
    let name = random.text(PRINTABLE, 25);
    let mcc = format!("{:04}", random.below(10_000));
    expected.push(("59".into(), name.clone()));
    expected.push(("52".into(), mcc.clone()));
    let initiation = *random.pick(&[Initiation::Static, Initiation::Dynamic]);
    let mut code = MerchantPresented::new(initiation, &mcc, "978", "IT", &name, "ROMA");
    let account = random.text("0123456789ab", 40);
    let id = 26 + random.below(26) as u8;
    code = code.merchant_account(Template::new(id, "com.example").field(5, account.as_str()));
    expected.push((format!("{id}.05"), account));
    if random.below(2) == 0 {
        let amount = format!("{}.{:02}", 1 + random.below(999_999), random.below(100));
        code = code.amount(&amount);
        expected.push(("54".into(), amount));
    }
    code = match random.below(4) {
        0 => code.tip(&Tip::AskConsumer),
        1 => code.tip(&Tip::Fixed(format!("{}", 1 + random.below(9999)))),
        2 => code.tip(&Tip::Percentage(format!("{}.5", random.below(100)))),
        _ => code,
    };
    if random.below(2) == 0 {
        let label = random.text(PRINTABLE, 25);
        let own = random.text(WIDE, 20);
        code = code.additional_data(AdditionalData {
            reference_label: Some(label.clone()),
            payment_system: vec![Template::new(50, "org.example").field(1, own.as_str())],
            ..AdditionalData::default()
        });
        expected.push(("62.05".into(), label));
        expected.push(("62.50.01".into(), own));
    }
    if random.below(2) == 0 {
        let (name, city) = (random.text(WIDE, 25), random.text(WIDE, 15));
        code = code.language(LanguageTemplate {
            language: "zh".into(),
            merchant_name: name.clone(),
            merchant_city: Some(city.clone()),
        });
        expected.push(("64.01".into(), name));
        expected.push(("64.02".into(), city));
    }
    if random.below(2) == 0 {
        let text = random.text(WIDE, 60);
        code = code.unreserved(Template::new(80, "com.example").field(7, text.as_str()));
        expected.push(("80.07".into(), text));
    }
    (code, expected)
}

#[test]
fn what_is_generated_is_read_back_without_problems() {
    let mut random = Random(1);
    for _ in 0..5_000 {
        let (code, expected) = any_code(&mut random);
        let payload = code.generate().unwrap();
        assert!(payload.chars().count() <= 512);
        let parsed = parse(&payload);
        assert!(parsed.valid && parsed.problems.is_empty(), "{payload}");
        for (path, value) in expected {
            assert_eq!(text_at(&parsed.fields, &path), Some(&*value), "{payload}");
        }
    }
}
