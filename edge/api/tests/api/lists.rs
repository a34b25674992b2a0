//! Lists: pages, filters, exports, and who may see them.

use serde_json::{Value, json};
use sycee_party::StaffRole;

use crate::world::{Somebody, TestWorld, eur};

/// A shop with three paid orders (the second one refunded in part), one that nobody has paid, and a transfer; and its customer.
async fn shop_with_a_day(world: &TestWorld) -> (Somebody, Somebody) {
    let (anna, shop) = (world.customer("Anna", 10_000).await, world.merchant("Shop").await);
    for (number, minor, subject) in [("A-1", 500, "tea"), ("A-2", 1_000, "=1+2"), ("A-3", 250, "a \"b\", c")] {
        let order = json!({"out_trade_no": number, "total": eur(minor), "subject": subject});
        let code = world.post(&anna, "/pay-code", &json!({})).await.with(200)["auth_code"].clone();
        world.post(&shop, "/orders/by-pay-code", &json!({"order": order, "auth_code": code})).await.with(200);
    }
    let order = json!({"out_trade_no": "A-4", "total": eur(75), "subject": "later"});
    world.post(&shop, "/orders", &json!({"order": order})).await.with(200);
    let refund = json!({"out_trade_no": "A-2", "out_request_no": "R-1", "amount": eur(400), "reason": "cold"});
    world.post(&shop, "/refunds", &refund).await.with(200);
    let transfer = json!({"out_biz_no": "T-1", "payee": anna.number.to_string(), "money": eur(50)});
    world.post(&shop, "/merchant-transfers", &transfer).await.with(200);
    (anna, shop)
}

/// A member of each item of a list.
fn column(list: &Value, pointer: &str) -> Vec<Value> {
    list["items"].as_array().unwrap().iter().map(|item| item.pointer(pointer).cloned().unwrap_or(Value::Null)).collect()
}

/// All pages of a list, one after the other.
async fn all(world: &TestWorld, who: &Somebody, path: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let join = if path.contains('?') { '&' } else { '?' };
        let page = world.get(who, &format!("{path}{join}limit={limit}{cursor}")).await.with(200);
        assert!(page["items"].as_array().unwrap().len() <= limit);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
}

#[tokio::test]
async fn pages_of_any_size_give_the_same_list_both_ways() {
    let world = TestWorld::start().await;
    let (_, shop) = shop_with_a_day(&world).await;
    let whole = world.get(&shop, "/entries?order=oldest").await.with(200);
    assert_eq!(column(&whole, "/kind"), ["payment", "payment", "payment", "refund", "transfer"]);
    let minor = |minor: &str| json!(minor);
    let after: Vec<Value> = column(&whole, "/balance_after/minor");
    assert_eq!(after, [minor("500"), minor("1500"), minor("1750"), minor("1350"), minor("1300")]);
    assert_eq!(column(&whole, "/out_trade_no")[3], "A-2");
    assert_eq!(column(&whole, "/out_biz_no")[4], "T-1");
    for limit in [1, 2, 3, 4, 5, 200] {
        assert_eq!(all(&world, &shop, "/entries?order=oldest", limit).await, *whole["items"].as_array().unwrap());
        let mut newest = all(&world, &shop, "/entries", limit).await;
        newest.reverse();
        assert_eq!(newest, *whole["items"].as_array().unwrap(), "{limit}");
    }
    let refunds = world.get(&shop, "/entries?kind=refund").await.with(200);
    assert_eq!(column(&refunds, "/out_request_no"), ["R-1"]);
}

#[tokio::test]
async fn merchants_list_payments_refunds_orders_and_transfers() {
    let world = TestWorld::start().await;
    let (anna, shop) = shop_with_a_day(&world).await;
    let payments = world.get(&shop, "/received-payments").await.with(200);
    assert_eq!(column(&payments, "/order/out_trade_no"), ["A-3", "A-2", "A-1"]);
    // 60 basis points: of 2.50 1.5 cents, of 10.00 6 cents, of 5.00 3 cents.
    assert_eq!(column(&payments, "/fee/minor"), ["2", "6", "3"]);
    assert_eq!(column(&payments, "/order/refunded/minor"), ["0", "400", "0"]);
    let refunds = world.get(&shop, "/refunds").await.with(200);
    assert_eq!(column(&refunds, "/reason"), ["cold"]);
    let orders = world.get(&shop, "/orders").await.with(200);
    assert_eq!(column(&orders, "/out_trade_no"), ["A-1", "A-2", "A-3", "A-4"]);
    let unpaid = world.get(&shop, "/orders?status=not_scanned").await.with(200);
    assert_eq!(column(&unpaid, "/out_trade_no"), ["A-4"]);
    let transfers = world.get(&shop, "/merchant-transfers?state=done").await.with(200);
    assert_eq!(column(&transfers, "/payee"), [json!(anna.number.to_string())]);
    for path in ["/orders?to=2001-01-01", "/received-payments?to=2001-01-01", "/entries?from=2999-01-01"] {
        let none = world.get(&shop, path).await.with(200);
        assert_eq!(none, json!({"items": [], "next": null}), "{path}");
    }
}

#[tokio::test]
async fn an_export_has_every_line_and_no_formula() {
    let world = TestWorld::start().await;
    let (_, shop) = shop_with_a_day(&world).await;
    let lines = world.csv(&shop, "/received-payments?order=oldest").await;
    assert_eq!(lines.len(), 4);
    let heading = "trade_no,out_trade_no,paid_at,status,total,payer_amount,fee,refunded,currency,store,buyer,subject";
    assert_eq!(lines[0], heading);
    assert!(lines[1].contains(",A-1,") && lines[1].contains(",paid,5.00,5.00,0.03,0.00,EUR,"), "{}", lines[1]);
    assert!(lines[2].ends_with(",'=1+2"), "{}", lines[2]);
    assert!(lines[3].ends_with(",\"a \"\"b\"\", c\""), "{}", lines[3]);
    for (path, count) in [("/entries", 6), ("/orders", 5), ("/refunds", 2), ("/merchant-transfers", 2)] {
        assert_eq!(world.csv(&shop, path).await.len(), count, "{path}");
    }
    // A limit is of a page; an export has all. What is wrong with the query is a problem still.
    assert_eq!(world.csv(&shop, "/entries?limit=1").await.len(), 6);
    let headers = format!("Authorization: Bearer {}\r\nAccept: text/csv\r\n", shop.token);
    world.request("GET", "/entries?limit=0", &headers, "").await.is_problem(422, "bad_field");
    let headers = format!("Authorization: Bearer {}\r\nAccept: application/json, */*\r\n", shop.token);
    assert!(world.request("GET", "/entries", &headers, "").await.json["items"].is_array());
}

#[tokio::test]
async fn more_lines_than_are_read_at_once_are_exported_whole() {
    let world = TestWorld::start().await;
    let (anna, shop) = (world.customer("Anna", 200_000).await, world.merchant("Shop").await);
    for place in 0..450 {
        let command = sycee_contract::Command::new(
            sycee_acquiring::command::PAY_STATIC,
            sycee_contract::Caller::customer(anna.number),
            &sycee_acquiring::command::PayStatic {
                merchant: shop.number,
                store: None,
                total: sycee_money::Money::new(
                    sycee_money::Amount::new(place + 1).unwrap(),
                    sycee_money::Currency::EUR,
                ),
                reference: String::new(),
            },
        );
        world.cell().port.ask(command.with_id(&place.to_string())).await.unwrap().outcome.unwrap();
    }
    let lines = world.csv(&anna, "/history?order=oldest").await;
    assert_eq!(lines.len(), 1 + 1 + 450);
    let amounts: Vec<&str> = lines[2..].iter().map(|line| line.split(',').nth(4).unwrap()).collect();
    let expected: Vec<String> = (1..=450).map(|minor| format!("{}.{:02}", minor / 100, minor % 100)).collect();
    assert_eq!(amounts, expected);
    assert_eq!(all(&world, &shop, "/received-payments", 200).await.len(), 450);
    let report = world.get(&shop, "/settlement-report").await.with(200);
    // 1 + 2 + … + 450 cents.
    assert_eq!(report["items"][0]["gross_minor"], json!((450 * 451 / 2).to_string()));
}

#[tokio::test]
async fn the_settlement_report_says_what_the_entries_say() {
    let world = TestWorld::start().await;
    let (_, shop) = shop_with_a_day(&world).await;
    let report = world.get(&shop, "/settlement-report").await.with(200);
    assert_eq!(report["items"].as_array().unwrap().len(), 1);
    let day = &report["items"][0];
    assert_eq!((&day["payments"], &day["gross_minor"]), (&json!(3), &json!("1750")));
    assert_eq!((&day["refunds"], &day["refunded_minor"]), (&json!(1), &json!("400")));
    // Of 6 cents for 10.00, 0.4 × 6 = 2.4 are returned: 2. What is earned: 17.50 - 4.00 - 0.11 + 0.02.
    assert_eq!(
        (&day["fees_minor"], &day["fees_returned_minor"], &day["net_minor"]),
        (&json!("11"), &json!("2"), &json!("1341"))
    );
    assert_eq!((&day["transferred_minor"], &day["balance_change_minor"]), (&json!("50"), &json!("1300")));
    let lines = world.csv(&shop, "/settlement-report").await;
    assert!(lines[1].ends_with(",EUR,3,17.50,1,4.00,0.11,0.02,13.41,0.50,0.00,0.00,13.00,0.09"), "{}", lines[1]);
    let dollars = world.get(&shop, "/settlement-report?currency=USD").await.with(200);
    assert_eq!(dollars["items"], json!([]));
    // The next day's are another item; each page goes on where the one before ended.
    world.clock.move_to(sycee_engine::clock::Clock::now_ns(&world.clock) + 24 * 3_600 * 1_000_000_000);
    let transfer = json!({"out_biz_no": "T-2", "payee": "2088070000000000", "money": eur(1)});
    world.post(&shop, "/merchant-transfers", &transfer).await.with(200);
    for order in ["newest", "oldest"] {
        let days = all(&world, &shop, &format!("/settlement-report?order={order}"), 1).await;
        let mut sums: Vec<&str> = days.iter().map(|day| day["balance_change_minor"].as_str().unwrap()).collect();
        if order == "oldest" {
            sums.reverse();
        }
        assert_eq!(sums, ["-1", "1300"]);
    }
}

#[tokio::test]
async fn a_customers_history_has_all_that_moved() {
    let world = TestWorld::start().await;
    let (anna, shop) = shop_with_a_day(&world).await;
    let ben = world.customer("Ben", 0).await;
    let send = json!({"payee": ben.number.to_string(), "money": eur(100)});
    let sent = world.post_as("s", &anna, "/send", &send).await.with(200);
    let ask = json!({"payer": anna.number.to_string(), "money": eur(30)});
    let request = world.post_as("r", &ben, "/money-requests", &ask).await.with(200)["request"].clone();
    let pay = format!("/money-requests/{}/pay", request.as_str().unwrap());
    world.post_as("p", &anna, &pay, &json!({})).await.with(200);
    let history = world.get(&anna, "/history?order=oldest").await.with(200);
    let kinds =
        ["cash_in", "payment", "payment", "payment", "refund", "merchant_transfer", "transfer", "money_request"];
    assert_eq!(column(&history, "/kind"), kinds);
    let after: Vec<Value> = column(&history, "/balance_after/minor");
    assert_eq!(after, ["10000", "9500", "8500", "8250", "8650", "8700", "8600", "8570"]);
    assert_eq!(column(&history, "/subject")[2], "=1+2");
    assert_eq!(column(&history, "/other_party")[1], json!(shop.number.to_string()));
    assert_eq!(column(&history, "/other_party")[0], Value::Null);
    assert_eq!(column(&history, "/transfer")[6], sent["transfer"]);
    assert!(column(&history, "/transfer_no")[5].is_string());
    let order = world.get(&shop, "/orders/by-number/A-2").await.with(200);
    assert_eq!(column(&history, "/trade_no")[4], order["trade_no"]);
    let got = world.get(&ben, "/history").await.with(200);
    assert_eq!(column(&got, "/kind"), ["money_request", "transfer"]);
    assert_eq!(column(&got, "/direction"), ["in", "in"]);
    let incoming = world.get(&anna, "/history?direction=in").await.with(200);
    assert_eq!(column(&incoming, "/kind"), ["merchant_transfer", "refund", "cash_in"]);
    for limit in [1, 3] {
        assert_eq!(all(&world, &anna, "/history?order=oldest", limit).await, *history["items"].as_array().unwrap());
    }
    let support = world.staff(StaffRole::Support).await;
    let seen = world.get(&support, &format!("/customers/{}/history?order=oldest", anna.number)).await.with(200);
    assert_eq!(seen, history);
}

#[tokio::test]
async fn lists_show_nobody_what_is_others() {
    let world = TestWorld::start().await;
    let (anna, shop) = shop_with_a_day(&world).await;
    let (other, cashier) = (world.merchant("Other").await, world.staff(StaffRole::Cashier).await);
    let finance = world.staff(StaffRole::Finance).await;
    for path in ["/entries", "/received-payments", "/refunds", "/orders", "/merchant-transfers", "/settlement-report"] {
        let first = world.get(&shop, &format!("{path}?limit=1")).await.with(200);
        let nothing = world.get(&other, path).await.with(200);
        assert_eq!(nothing, json!({"items": [], "next": null}), "{path}");
        // A cursor of somebody else's leads nowhere.
        if let Some(next) = first["next"].as_str() {
            let nothing = world.get(&other, &format!("{path}?cursor={next}")).await.with(200);
            assert_eq!(nothing["items"], json!([]), "{path}");
        }
        world.get(&anna, path).await.is_problem(403, "caller_unfit");
        let of_shop = format!("/merchants/{}{path}", shop.number);
        world.get(&cashier, &of_shop).await.is_problem(403, "caller_unfit");
        world.get(&shop, &of_shop).await.is_problem(403, "caller_unfit");
        let seen = world.get(&finance, &of_shop).await.with(200);
        assert_eq!(seen["items"], world.get(&shop, path).await.with(200)["items"], "{path}");
        for query in
            ["cursor=!", "limit=201", "limit=x", "nonsense=1", "from=2026-02-30", "from=2026-02-02&to=2026-02-01"]
        {
            let answer = world.get(&shop, &format!("{path}?{query}")).await;
            assert!([400, 422].contains(&answer.status), "{path}?{query}: {}", answer.json);
        }
    }
}

#[tokio::test]
async fn staff_lists_parties_and_finds_one_by_phone() {
    let world = TestWorld::start().await;
    let support = world.staff(StaffRole::Support).await;
    let opened = json!({"name": "Carla", "phone": "+33 6 12 34 56 78"});
    let carla = world.post_as("c", &support, "/customers", &opened).await.with(200)["party"].clone();
    let shop = world.merchant("Shop").await;
    let list = world.get(&support, "/parties?order=oldest").await.with(200);
    assert_eq!(column(&list, "/kind"), ["staff", "customer", "merchant"]);
    assert_eq!(column(&list, "/staff_role")[0], "support");
    assert_eq!(column(&list, "/kyc_tier")[1], "full");
    let found = world.get(&support, "/parties?phone=%2B33612345678").await.with(200);
    assert_eq!((column(&found, "/party"), column(&found, "/name")), (vec![carla.clone()], vec![json!("Carla")]));
    assert!(!found.to_string().contains("33612345678"), "the number is not written whole: {found}");
    assert_eq!(world.get(&support, "/parties?phone=123456").await.with(200)["items"], json!([]));
    let path = format!("/parties/{}/freeze", shop.number);
    world.post_as("f", &support, &path, &json!({"reason_code": 3})).await.with(200);
    let frozen = world.get(&support, "/parties?frozen=true").await.with(200);
    assert_eq!(column(&frozen, "/freeze_reason_code"), [3]);
    world.get(&world.staff(StaffRole::Cashier).await, "/parties").await.is_problem(403, "caller_unfit");
    // A frozen member of staff reads nothing, either.
    let admin = world.staff(StaffRole::Admin).await;
    let path = format!("/parties/{}/freeze", support.number);
    world.post_as("fs", &admin, &path, &json!({"reason_code": 1})).await.with(200);
    world.get(&support, "/parties").await.is_problem(403, "caller_unfit");
}
