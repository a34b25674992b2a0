//! What a bad call is answered, method by method, in both versions: the documented code, never HTTP 500, and not a cent moves.
//!
//! Each method has a call that is good and rows that spoil it in one place ([`trades`], [`funds`]); what is wrong with the call as
//! such is the same for all methods ([`any_method`]). Codes are those of the platform's error lists; where a list has no code of its
//! own for a fault, that of an invalid parameter stands.

mod any_method;
mod funds;
mod trades;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sycee_alipay::methods::{Handler, METHODS, handler};
use sycee_alipay::order_strings::OfWallets;
use sycee_engine::order_strings::OrderStrings as _;
use sycee_ledger::{Account, AccountId};

use crate::client::{Split, assert_succeeded, form, signed_fields, signed_text};
use crate::rest::Odd;
use crate::world::{Shop, TestWorld};

/// A field of the content, the JSON that it is spoilt with (nothing: it is left out), and the code. An empty field is the whole
/// content; a dot leads into an object or a list.
type Row = (&'static str, &'static str, &'static str);

/// A method with a good call and what spoils it. `$` names what the world has made for it, `$x65` is 65 letters.
struct Method {
    name: &'static str,
    good: &'static str,
    /// What the good call is answered.
    code: &'static str,
    /// What an amount is answered that is none.
    invalid: &'static str,
    amounts: &'static [&'static str],
    rows: &'static [Row],
}

/// No amounts: in form, in size, in precision.
const AMOUNTS: &[&str] = &[
    r#""-1.00""#,
    "-5",
    r#""0""#,
    r#""0.00""#,
    "0",
    r#""1.001""#,
    "0.009",
    r#""100000000.01""#,
    r#""99999999999999999999999""#,
    "1e400",
    r#""1e2""#,
    r#""abc""#,
    r#""1,00""#,
    r#"" 1.00""#,
    r#""+1.00""#,
    r#""٣.00""#,
    "[]",
    "{}",
    "true",
];

/// Methods that have no content: `authorising` has the table of what spoils their parameters.
const WITHOUT_CONTENT: [&str; 2] = ["alipay.system.oauth.token", "alipay.user.info.share"];

/// What the same call is answered a second time, where that is something else.
const REPEATED: &[(&str, &str)] = &[("alipay.trade.close", "ACQ.TRADE_STATUS_ERROR")];

fn methods() -> impl Iterator<Item = &'static Method> {
    trades::METHODS.iter().chain(funds::METHODS)
}

/// What the table speaks of.
struct Scene {
    world: TestWorld,
    shop: Shop,
    customer: u64,
    names: BTreeMap<&'static str, String>,
}

impl Scene {
    async fn new() -> Self {
        let world = TestWorld::start().await;
        let (shop, partner) = (world.shop("fr").await, world.shop("fr").await);
        let customer = world.customer("fr", "+33612345678", 90_000).await;
        let mut names = BTreeMap::new();
        let paid = world.sell(&shop, customer, "30.00", "http://127.0.0.1:9/").await;
        let text =
            |node: &Value, field: &str| node[field].as_str().unwrap_or_else(|| panic!("{field} of {node}")).to_owned();
        names.insert("paid", text(&paid, "out_trade_no"));
        names.insert("paid_no", text(&paid, "trade_no"));
        names.insert("customer", customer.to_string());
        names.insert("shop", shop.merchant.to_string());
        names.insert("partner", partner.merchant.to_string());
        let open =
            json!({"out_trade_no": "open", "total_amount": "1.00", "subject": "x", "buyer_id": customer.to_string()});
        assert_succeeded(&world.call(&shop, "alipay.trade.create", open).await);
        let list = json!([{"account": partner.merchant.to_string()}]);
        let bind = json!({"out_request_no": "b", "receiver_list": list});
        assert_succeeded(&world.call(&shop, "alipay.trade.royalty.relation.bind", bind).await);
        let settle = json!({"out_request_no": "settled", "trade_no": names["paid_no"],
            "royalty_parameters": [{"trans_in": names["partner"], "amount": "1.00"}]});
        let settled = world.call(&shop, "alipay.trade.order.settle", settle).await;
        names.insert("settled", text(&settled, "settle_no"));
        let freeze = json!({"out_order_no": "frozen", "out_request_no": "freeze", "order_title": "x", "amount": "10.00",
            "auth_code": world.pay_code("fr", customer).await});
        let frozen = world.call(&shop, "alipay.fund.auth.order.freeze", freeze).await;
        names.insert("auth_no", text(&frozen, "auth_no"));
        // Enough for every good call.
        world.sell(&shop, customer, "50.00", "http://127.0.0.1:9/").await;
        Self { world, shop, customer, names }
    }

    /// A payment code that lives for the next minute.
    async fn renew_code(&mut self) {
        let code = self.world.pay_code("fr", self.customer).await;
        self.names.insert("code", code);
    }

    /// A text of the table with its names filled in.
    fn filled(&self, text: &str) -> String {
        let mut pieces = text.split('$');
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(piece.len());
            let (name, rest) = piece.split_at(end);
            match name.strip_prefix('x').and_then(|count| count.parse().ok()) {
                Some(count) => filled.extend(std::iter::repeat_n('x', count)),
                None => filled.push_str(&self.names[name]),
            }
            filled.push_str(rest);
        }
        filled
    }

    fn spoilt(&self, method: &Method, field: &str, value: &str) -> String {
        let value = self.filled(value);
        if field.is_empty() {
            return value;
        }
        let mut content: Value = serde_json::from_str(&self.filled(method.good)).unwrap();
        let (path, last) = field.rsplit_once('.').unwrap_or(("", field));
        let steps = path.split('.').filter(|step| !step.is_empty());
        let place = steps.fold(&mut content, |place, step| match step.parse::<usize>() {
            Ok(at) => &mut place[at],
            Err(_) => &mut place[step],
        });
        if value.is_empty() {
            place.as_object_mut().unwrap().remove(last).unwrap_or_else(|| panic!("{} has no {field}", method.name));
        } else {
            let value = serde_json::from_str(&value).unwrap_or_else(|_| panic!("{} {field}: {value}", method.name));
            match last.parse::<usize>() {
                Ok(at) => place[at] = value,
                Err(_) => place[last] = value,
            }
        }
        content.to_string()
    }

    /// The parameters of a call in version 2; what an upload says stands beside its file.
    fn parameters(&self, method: &Method, content: &str) -> Vec<(String, String)> {
        if method.name != trades::UPLOAD {
            return signed_text(&self.shop, method.name, content, &[]);
        }
        let content: Value = serde_json::from_str(content).unwrap_or_default();
        let fields = content.as_object().cloned().unwrap_or_default();
        let fields: Vec<(&str, &str)> =
            fields.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
        signed_fields(&self.shop, method.name, &fields)
    }

    /// The code that a call in version 2 is answered: at the gateway, on the page or by the wallet.
    async fn code(&self, name: &str, parameters: &[(String, String)]) -> String {
        if let Ok(Handler::OrderString { .. }) = handler(name) {
            let text = form(parameters, |_| true);
            return match OfWallets(self.world.alipay.clone()).open(&text).await {
                Ok(_) => "10000".into(),
                Err(told) => code_in(&told.result),
            };
        }
        let answer = self.world.send(parameters, Split::Body).await;
        assert_eq!(answer.status, 200, "{name} {}", answer.body);
        if answer.body.starts_with('{') {
            return code_in(&answer.body);
        }
        // A page, to be paid or with the code of what is wrong.
        match answer.body.contains("sycee:code") {
            true => "10000".into(),
            false => {
                let (_, code) = answer.body.rsplit_once("<code dir=\"ltr\">").unwrap();
                code.split_once('<').unwrap().0.to_owned()
            }
        }
    }

    /// The code that a call in version 3 is answered, as version 2 has it.
    async fn rest_code(&self, name: &str, content: &str) -> String {
        let target = format!("/v3/{}", name.replace('.', "/"));
        let answer = self.world.rest(&self.shop, "POST", &target, content, Odd::default()).await;
        let (status, body) = self.world.rest_answer(&answer);
        assert!((200..500).contains(&status), "{name} {content}: {status} {body}");
        if status < 400 { "10000".into() } else { body["code"].as_str().unwrap().to_owned() }
    }

    /// What everybody has; what was debited was credited.
    fn books(&self) -> BTreeMap<AccountId, Account> {
        let accounts = self.world.cell("fr").port.begin_read().all_accounts().unwrap();
        let sum = |of: fn(&Account) -> u64| accounts.values().map(|account| u128::from(of(account))).sum::<u128>();
        assert_eq!(sum(|account| account.debits_posted_minor), sum(|account| account.credits_posted_minor));
        accounts
    }
}

/// The code in an answer of version 2: `sub_code`, or that it was done.
fn code_in(body: &str) -> String {
    match body.split_once("\"sub_code\":\"") {
        Some((_, rest)) => rest.split_once('"').unwrap().0.to_owned(),
        None => {
            assert!(body.contains("\"code\":\"10000\""), "{body}");
            "10000".into()
        }
    }
}

/// As version 3 has it.
fn bare(code: &str) -> &str {
    ["isv.", "aop.", "isp."].iter().find_map(|prefix| code.strip_prefix(prefix)).unwrap_or(code)
}

fn is_sent(name: &str) -> bool {
    matches!(handler(name), Ok(Handler::Node(_)))
}

#[test]
fn each_method_is_in_the_table_with_rows_of_its_own() {
    let named: Vec<&str> = methods().map(|method| method.name).collect();
    for (name, _) in METHODS.iter().filter(|(name, _)| !WITHOUT_CONTENT.contains(name)) {
        let method = methods().find(|method| method.name == *name);
        let method = method.unwrap_or_else(|| panic!("{name} has no rows in the table of bad calls"));
        let rows = method.rows.len() + method.amounts.len() * AMOUNTS.len();
        assert!(rows >= 2, "{name} has {rows} rows");
        assert_eq!(named.iter().filter(|other| *other == name).count(), 1, "{name}");
    }
    assert_eq!(named.len() + WITHOUT_CONTENT.len(), METHODS.len(), "a method of the table is not offered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_field_is_answered_with_its_documented_code_and_moves_nothing() {
    let mut scene = Scene::new().await;
    let before = scene.books();
    let mut wrong = Vec::new();
    for method in methods() {
        scene.renew_code().await;
        let amounts =
            method.amounts.iter().flat_map(|field| AMOUNTS.iter().map(|value| (*field, *value, method.invalid)));
        for (field, value, expected) in method.rows.iter().copied().chain(amounts) {
            let content = scene.spoilt(method, field, value);
            let code = scene.code(method.name, &scene.parameters(method, &content)).await;
            let rest =
                if is_sent(method.name) { scene.rest_code(method.name, &content).await } else { bare(expected).into() };
            if (code.as_str(), rest.as_str()) != (expected, bare(expected)) {
                wrong.push(format!("{} {field} {value}: {code}, {rest} and not {expected}", method.name));
            }
        }
        if scene.books() != before {
            wrong.push(format!("{} moved money", method.name));
            break;
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_wrong_as_such_is_answered_alike_by_all_methods() {
    let mut scene = Scene::new().await;
    scene.renew_code().await;
    let before = scene.books();
    let mut wrong = Vec::new();
    for method in methods() {
        for (what, parameters, expected) in any_method::spoilt(&scene, method) {
            let code = scene.code(method.name, &parameters).await;
            if code != expected {
                wrong.push(format!("{} {what}: {code} and not {expected}", method.name));
            }
        }
        for (what, body, expected) in any_method::bodies() {
            let code = if is_sent(method.name) { scene.rest_code(method.name, &body).await } else { continue };
            if code != bare(expected) {
                wrong.push(format!("{} version 3, {what}: {code} and not {expected}", method.name));
            }
        }
    }
    assert!(scene.books() == before, "money moved");
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_good_calls_of_the_table_are_good_and_the_same_bytes_again_move_nothing_more() {
    let mut scene = Scene::new().await;
    for method in methods() {
        scene.renew_code().await;
        let parameters = scene.parameters(method, &scene.filled(method.good));
        let code = scene.code(method.name, &parameters).await;
        assert_eq!(code, method.code, "{}", method.name);
        let done = scene.books();
        let again = scene.code(method.name, &parameters).await;
        assert!(scene.books() == done, "{}: the same bytes again moved money", method.name);
        let repeated = REPEATED.iter().find(|(name, _)| *name == method.name).map_or(method.code, |(_, code)| code);
        assert_eq!(again, repeated, "{}", method.name);
        // A clock that is years off is believed to be somebody's: natural keys, not clocks, tell a repeat.
        for clock in ["1999-12-31 23:59:59", "2099-01-01 00:00:00"] {
            let moved = [("timestamp", clock)];
            let code = scene.code(method.name, &any_method::replaced(&scene, method, &moved)).await;
            assert_eq!(code, repeated, "{} at {clock}", method.name);
        }
        assert!(scene.books() == done, "{}: another clock moved money", method.name);
    }
}
