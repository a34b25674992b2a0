//! The books of one payment, laid side by side.

use serde_json::{Value, json};
use sycee_acquiring::command::{OrderRef, REFUND, RefundOrder};
use sycee_contract::{Caller, Command};
use sycee_money::{Amount, Money};

use crate::world::TestWorld;

fn money(currency: &str, minor: u64) -> Value {
    json!({"currency": currency, "minor": minor})
}

/// `phase debit credit currency minor`, each account as its kind and what tells it from others.
fn lines(book: &Value) -> Vec<String> {
    let account = |account: &Value| {
        let kind = account["account"].as_str().unwrap();
        account["with"].as_str().map_or_else(|| kind.to_owned(), |with| format!("{kind}:{with}"))
    };
    let line = |movement: &Value| {
        let (phase, amount) = (movement["phase"].as_str().unwrap(), &movement["amount"]);
        let (debit, credit) = (account(&movement["debit"]), account(&movement["credit"]));
        format!("{phase} {debit} {credit} {} {}", amount["currency"].as_str().unwrap(), amount["minor"])
    };
    book["movements"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_cells_have_the_same_payment_each_from_its_own_rows() {
    let world = TestWorld::start(Vec::new()).await;
    world.connect().await;
    let (customer, merchant) = (world.customer("th", 100_000).await, world.merchant("fr").await);
    let code = world.static_code(&merchant).await;
    let body = json!({"code": code, "amount": money("EUR", 1_250), "confirm": true});
    let paid = world.post(&format!("/customers/{customer}/pay"), &body).await.with(200);
    world.set_rates(&[("EUR", "THB", "40")]).await;
    let (_, id) = sycee_acquiring::parse_trade_no(paid["payment_id"].as_str().unwrap()).unwrap();
    let cell = world.world.named("fr").unwrap();
    let refund = RefundOrder {
        order: OrderRef { out_trade_no: None, id: Some(id) },
        amount: Money::new(Amount::new(500).unwrap(), cell.currency),
        out_request_no: Some("r-1".into()),
        reason: None,
    };
    let command = Command::new(REFUND, Caller::merchant(merchant.parse().unwrap()), &refund);
    cell.port.ask(command).await.unwrap().outcome.unwrap();
    world.post("/clock/advance", &json!({"seconds": 0})).await.with(200);

    let payments = world.get(&format!("/customers/{customer}/payments")).await.with(200);
    let number = payments[0]["payment"].as_str().unwrap();
    let books = world.get(&format!("/payments/th/{number}/books")).await.with(200);
    assert_eq!(books["payment"], number);
    // 12.50 EUR at 37.8431 and 0.5 %: 475.41 THB, of which 473.03 at mid-market, 2.36 margin, 0.02 rounding. Two fifths of
    // that: 190.16, 189.21, 0.94, and so 0.01. At 40 the 5.00 EUR are worth 200.00 THB: 10.79 more than then.
    let expected = [
        (
            "th payer",
            vec!["payment balance clearing:net THB 47541", "refund clearing:net balance THB 19016"],
            json!([{"peer": "net", "currency": "THB", "minor": -28_525}]),
        ),
        (
            "net network",
            vec![
                "payment clearing:th fx_position:EUR THB 47541",
                "payment fx_position:EUR fx_margin THB 236",
                "payment fx_position:EUR fx_residual THB 2",
                "payment fx_position:THB clearing:fr EUR 1250",
                "refund clearing:fr fx_position:THB EUR 500",
                "refund fx_margin fx_position:EUR THB 94",
                "refund fx_residual fx_position:EUR THB 1",
                "refund fx_position:EUR fx_result THB 1079",
                "refund fx_position:EUR clearing:th THB 19016",
            ],
            json!([
                {"peer": "th", "currency": "THB", "minor": 28_525},
                {"peer": "fr", "currency": "EUR", "minor": -750},
            ]),
        ),
        (
            "fr payee",
            vec!["payment clearing:net merchant_balance EUR 1250", "refund merchant_balance clearing:net EUR 500"],
            json!([{"peer": "net", "currency": "EUR", "minor": 750}]),
        ),
    ];
    let cells = books["cells"].as_array().unwrap();
    assert_eq!(cells.len(), expected.len());
    for (book, (who, movements, owed)) in cells.iter().zip(expected) {
        assert_eq!(format!("{} {}", book["cell"].as_str().unwrap(), book["part"].as_str().unwrap()), who);
        assert_eq!(lines(book), movements, "{who}");
        assert_eq!(book["owed"], owed, "{who}");
    }

    world.get("/payments/th/999/books").await.is_problem(404, "payment_not_found");
    world.get("/payments/th/x/books").await.is_problem(404, "path_not_found");
    world.get(&format!("/payments/xx/{number}/books")).await.is_problem(404, "cell_not_found");
}
