use super::*;

fn parsed(text: &str) -> BizContent {
    BizContent::parse(text).unwrap()
}

#[test]
fn only_one_object_within_limits_is_read() {
    let nested = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let long = |bytes: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(bytes - 8));
    assert!(BizContent::parse("{}").is_ok());
    assert!(BizContent::parse(" {\"a\" : 1} \n").is_ok());
    assert!(BizContent::parse(&nested(16)).is_ok());
    assert!(BizContent::parse(&long(131_072)).is_ok());
    for text in [
        "",
        "null",
        "[]",
        "\"{}\"",
        "{",
        "{}{}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":1,}",
        "{\"a\":01}",
        "{\"a\":\"\u{1}\"}",
        &nested(17),
        &nested(100_000),
        &long(131_073),
    ] {
        let failure = BizContent::parse(text).unwrap_err();
        assert_eq!(failure.sub_code, gateway::ILLEGAL_JSON);
    }
}

#[test]
fn texts_are_counted_in_characters() {
    let content = parsed(r#"{"subject":"可口可乐","n":20150320010101001,"e":"","z":null,"b":true,"u":"\u53ef\u0026"}"#);
    let fields = content.fields();
    assert_eq!(fields.text("subject", 4).unwrap(), "可口可乐");
    assert_eq!(fields.text("subject", 3).unwrap_err().problem, FieldProblem::TooLong { max_characters: 3 });
    assert_eq!(fields.text("n", 64).unwrap(), "20150320010101001");
    assert_eq!(fields.text("u", 64).unwrap(), "可&");
    for absent in ["e", "z", "not_there"] {
        let name: &'static str = absent;
        assert_eq!(fields.optional_text(name, 9), Ok(None));
        assert_eq!(fields.text(name, 9).unwrap_err().problem, FieldProblem::Missing);
    }
    assert_eq!(fields.text("b", 9).unwrap_err().problem, FieldProblem::NotText);
}

#[test]
fn amounts_are_the_written_digits() {
    let content = parsed(
        r#"{"text":"88.88","number":88.88,"long":9007199254740993,"hidden":0.1000000000000000055,
            "exponent":1e2,"big_exponent":"1E+2","negative":-1,"list":[1],"large":1e999999}"#,
    );
    let fields = content.fields();
    let minor =
        |name| fields.amount(name, Currency::CNY).map(|money| money.amount.minor()).map_err(|error| error.problem);
    assert_eq!(minor("text"), Ok(8_888));
    assert_eq!(minor("number"), Ok(8_888));
    assert_eq!(minor("long"), Err(FieldProblem::AmountOutOfRange));
    for name in ["hidden", "exponent", "big_exponent", "negative", "list", "large"] {
        assert_eq!(minor(name), Err(FieldProblem::NotAnAmount), "{name}");
    }
    assert_eq!(minor("absent"), Err(FieldProblem::Missing));
}

#[test]
fn identifiers_have_a_small_alphabet() {
    let longest = "x".repeat(64);
    for good in ["a", "2015-03_20", longest.as_str()] {
        let content = parsed(&format!("{{\"id\":\"{good}\"}}"));
        assert_eq!(content.fields().identifier("id").unwrap(), good);
    }
    let too_long = "x".repeat(65);
    for bad in ["a b", "a/b", "号", "a.b", "{a}", too_long.as_str()] {
        let content = parsed(&format!("{{\"id\":\"{bad}\"}}"));
        assert_eq!(content.fields().identifier("id").unwrap_err().problem, FieldProblem::NotAnIdentifier, "{bad}");
    }
    let as_number = parsed("{\"id\":20150320010101001}");
    assert_eq!(as_number.fields().identifier("id").unwrap(), "20150320010101001");
}

#[test]
fn nested_objects_and_lists() {
    let content =
        parsed(r#"{"payee_info":{"identity":"2088"},"goods_detail":[{"goods_id":"1"},{"goods_id":"2"}],"bad":[1]}"#);
    let fields = content.fields();
    let payee = fields.object("payee_info").unwrap();
    assert_eq!(payee.text("identity", 64).unwrap(), "2088");
    let goods = fields.objects("goods_detail", 2).unwrap();
    assert_eq!(goods[1].text("goods_id", 64).unwrap(), "2");
    let problem = |result: Result<Vec<Fields<'_>>, FieldError>| result.unwrap_err().problem;
    assert_eq!(problem(fields.objects("goods_detail", 1)), FieldProblem::TooManyEntries { max_entries: 1 });
    assert_eq!(problem(fields.objects("bad", 9)), FieldProblem::NotAListOfObjects);
    assert_eq!(problem(fields.objects("payee_info", 9)), FieldProblem::NotAListOfObjects);
    assert_eq!(fields.object("bad").unwrap_err().problem, FieldProblem::NotAnObject);
    assert!(fields.objects("absent", 1).unwrap().is_empty());
}

#[test]
fn a_wrong_field_becomes_the_familys_failure() {
    let error = parsed("{}").fields().identifier("out_trade_no").unwrap_err();
    let failure = error.into_failure(crate::codes::business::INVALID_PARAMETER);
    assert_eq!(failure.sub_code.name, "ACQ.INVALID_PARAMETER");
    assert_eq!(failure.gateway_code().code(), "40004");
    assert!(failure.message.ends_with("out_trade_no is missing"));
}
