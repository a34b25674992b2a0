//! What needs two people, through the API.

use serde_json::{Value, json};
use sycee_party::StaffRole;

use crate::world::{CELL, TestWorld, eur};

fn posting(minor: u64) -> Value {
    json!({
        "debit": {"kind": "general", "sub": 1}, "credit": {"kind": "limited", "sub": 2},
        "money": eur(minor), "reason": "ticket 17",
    })
}

#[tokio::test]
async fn a_posting_by_hand_happens_when_another_person_approves_it() {
    let world = TestWorld::start().await;
    let ann = world.staff_named(CELL, StaffRole::Finance, "Ann").await;
    let ben = world.staff_named(CELL, StaffRole::Finance, "Ben").await;
    let accounts = json!({"accounts": [
        {"kind": "general", "currency": "EUR", "sub": 1}, {"kind": "limited", "currency": "EUR", "sub": 2},
    ]});
    assert_eq!(world.post_as("o", &ann, "/books/accounts", &accounts).await.with(200)["opened"], 2);
    let made = world.post_as("p", &ann, "/proposals/manual-posting", &posting(700)).await.with(200);
    let again = world.post_as("p", &ann, "/proposals/manual-posting", &posting(700)).await;
    assert_eq!((again.header("idempotent-replayed"), &again.json["proposal"]), (Some("true"), &made["proposal"]));
    world
        .post_as("p", &ann, "/proposals/manual-posting", &posting(701))
        .await
        .is_problem(409, "idempotency_key_reused");
    let path = format!("/proposals/{}", made["proposal"].as_str().unwrap());
    let shown = world.get(&ben, &path).await.with(200);
    assert_eq!((&shown["state"], &shown["reason"]), (&json!("open"), &json!("ticket 17")));
    assert_eq!(shown["manual_posting"]["money"], eur(700));
    assert_eq!(shown["manual_posting"]["debit"], json!({"kind": "general", "sub": 1}));

    let approve = format!("{path}/approve");
    world.post_as("a0", &ann, &approve, &json!({})).await.is_problem(403, "same_person");
    let limited = |list: Value| list["accounts"][1]["credits_minor"].clone();
    assert_eq!(limited(world.get(&ann, "/books/accounts").await.with(200)), "0");
    let approved = world.post_as("a1", &ben, &approve, &json!({})).await.with(200);
    assert_eq!((&approved["state"], &approved["ended_by"]), (&json!("approved"), &json!(ben.number.to_string())));
    assert_eq!(limited(world.get(&ann, "/books/accounts").await.with(200)), "700");
    let repeat = world.post_as("a1", &ben, &approve, &json!({})).await;
    assert_eq!((repeat.status, repeat.header("idempotent-replayed")), (200, Some("true")));
    world.post_as("a2", &ben, &approve, &json!({})).await.is_problem(409, "proposal_ended");
    assert_eq!(limited(world.get(&ann, "/books/accounts").await.with(200)), "700");

    // What cannot be done when it is approved stays open, and is then taken back by its proposer.
    let back = json!({
        "debit": {"kind": "limited", "sub": 2}, "credit": {"kind": "general", "sub": 1},
        "money": eur(701), "reason": "too much",
    });
    let made = world.post_as("b", &ann, "/proposals/manual-posting", &back).await.with(200);
    let path = format!("/proposals/{}", made["proposal"].as_str().unwrap());
    let refused = world.post_as("b1", &ben, &format!("{path}/approve"), &json!({})).await;
    assert_eq!(refused.status, 402, "{}", refused.json);
    world.post_as("b2", &ann, &format!("{path}/reject"), &json!({})).await.with(200);
    assert_eq!(world.get(&ann, &path).await.with(200)["state"], "rejected");
    let list = world.get(&ann, "/proposals").await.with(200);
    let states: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
    assert_eq!(states, ["rejected", "approved"], "the newest first");
    let open = world.get(&ann, "/proposals?state=open").await.with(200);
    assert_eq!((&open["items"], &open["next"]), (&json!([]), &Value::Null));
}

#[tokio::test]
async fn own_limits_hold_after_two_people_agreed_and_cashiers_are_none_of_them() {
    let world = TestWorld::start().await;
    let ann = world.staff_named(CELL, StaffRole::Support, "Ann").await;
    let ben = world.staff_named(CELL, StaffRole::Admin, "Ben").await;
    let cashier = world.staff(StaffRole::Cashier).await;
    let (payer, payee) = (world.customer("Payer", 1_000).await, world.customer("Payee", 0).await);
    let send = json!({"payee": payee.number.to_string(), "money": eur(200)});
    let limits = json!({
        "customer": payer.number.to_string(), "limits": {"transaction_minor": "199"}, "reason": "at their wish",
    });
    world.post_as("c", &cashier, "/proposals/own-limits", &limits).await.is_problem(403, "caller_unfit");
    // Support may propose limits and no posting: the door says so, and behind it the product.
    world.post_as("m", &ann, "/proposals/manual-posting", &posting(1)).await.is_problem(403, "caller_unfit");
    let made = world.post_as("p", &ann, "/proposals/own-limits", &limits).await.with(200);
    let approve = format!("/proposals/{}/approve", made["proposal"].as_str().unwrap());
    world.post_as("x", &cashier, &approve, &json!({})).await.is_problem(403, "caller_unfit");
    let finance = world.staff(StaffRole::Finance).await;
    let by_finance = world.post_as("q", &finance, "/proposals/manual-posting", &posting(1)).await.with(200);
    let path = format!("/proposals/{}/approve", by_finance["proposal"].as_str().unwrap());
    world.post_as("q1", &ann, &path, &json!({})).await.is_problem(403, "staff_may_not");

    world.post_as("s1", &payer, "/send", &send).await.with(200);
    world.post_as("a", &ben, &approve, &json!({})).await.with(200);
    world.post_as("s2", &payer, "/send", &send).await.is_problem(402, "transaction_limit");
    let party = world.get(&ben, &format!("/parties/{}", payer.number)).await.with(200);
    assert_eq!(party["own_limits"], json!({"transaction_minor": "199"}));
    let none = json!({"customer": payer.number.to_string(), "limits": null, "reason": "as before"});
    let made = world.post_as("n", &ben, "/proposals/own-limits", &none).await.with(200);
    let approve = format!("/proposals/{}/approve", made["proposal"].as_str().unwrap());
    world.post_as("n1", &ann, &approve, &json!({})).await.with(200);
    world.post_as("s3", &payer, "/send", &send).await.with(200);
}

#[tokio::test]
async fn bad_proposals_are_named_and_late_ones_expire() {
    let world = TestWorld::start().await;
    let (ann, ben) = (world.staff(StaffRole::Finance).await, world.staff(StaffRole::Admin).await);
    let account = |sub: u32| json!({"kind": "general", "sub": sub});
    let table = [
        (json!({"debit": account(1), "credit": account(1), "money": eur(1), "reason": "r"}), 422, "bad_field"),
        (json!({"debit": account(1), "credit": account(2), "money": eur(0), "reason": "r"}), 422, "bad_field"),
        (json!({"debit": account(1), "credit": account(2), "money": eur(1), "reason": " "}), 422, "bad_field"),
        (json!({"debit": account(1), "credit": account(2), "money": eur(1)}), 400, "request_unreadable"),
        (json!({"debit": {"kind": "other", "sub": 1}, "credit": account(2)}), 400, "request_unreadable"),
    ];
    for (place, (body, status, code)) in table.into_iter().enumerate() {
        world.post_as(&format!("k{place}"), &ann, "/proposals/manual-posting", &body).await.is_problem(status, code);
    }
    world.get(&ann, "/proposals/1").await.is_problem(404, "not_found");
    world.post_as("a", &ann, "/proposals/1/approve", &json!({})).await.is_problem(404, "proposal_not_found");
    let made = world.post_as("p", &ann, "/proposals/manual-posting", &posting(5)).await.with(200);
    let path = format!("/proposals/{}", made["proposal"].as_str().unwrap());
    world.clock.move_to(sycee_engine::clock::Clock::now_ns(&world.clock) + 8 * 24 * 3_600 * 1_000_000_000);
    assert_eq!(world.get(&ann, &path).await.with(200)["state"], "expired");
    world.post_as("l", &ben, &format!("{path}/approve"), &json!({})).await.is_problem(409, "proposal_ended");
}
