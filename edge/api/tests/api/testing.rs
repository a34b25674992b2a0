//! Notifications that were sent, and what is there in a sandbox only.

use std::sync::{Arc, Mutex};

use serde_json::json;
use sycee_api::Api;
use sycee_engine::advance::Advancer;
use sycee_engine::deliveries::{Deliveries, Delivery, DeliveryAttempt, DeliveryState, NotSent, Sending};
use sycee_engine::outbound::FaultMode;
use sycee_party::StaffRole;

use crate::world::TestWorld;

/// One notification of one merchant.
struct OneDelivery {
    merchant: Mutex<u64>,
}

impl OneDelivery {
    fn delivery(&self, merchant: u64, attempts: usize) -> Option<Delivery> {
        let attempt = DeliveryAttempt {
            at_ns: 1,
            status: Some(500),
            answer: "no".into(),
            failure: Some("status".into()),
            on_request: false,
        };
        (*self.merchant.lock().unwrap() == merchant).then(|| Delivery {
            notify_id: "n1".into(),
            app: Some(2_021_070_000_000_001),
            trade_no: "t1".into(),
            target: "http://127.0.0.1/".into(),
            payload: "a=b".into(),
            state: DeliveryState::Waiting,
            attempts: vec![attempt; attempts],
        })
    }
}

impl Deliveries for OneDelivery {
    fn of_merchant(&self, merchant: u64) -> Vec<Delivery> {
        self.delivery(merchant, 1).into_iter().collect()
    }

    fn one(&self, merchant: u64, notify_id: &str) -> Option<Delivery> {
        self.delivery(merchant, 1).filter(|delivery| delivery.notify_id == notify_id)
    }

    fn replay<'d>(&'d self, merchant: u64, notify_id: &'d str) -> Sending<'d> {
        let known = self.one(merchant, notify_id).is_some();
        Box::pin(async move { self.delivery(merchant, 2).filter(|_| known).ok_or(NotSent::Unknown) })
    }

    fn tell_again<'d>(&'d self, merchant: u64, trade_no: &'d str) -> Sending<'d> {
        let why = if trade_no == "t1" { NotSent::NothingToTell } else { NotSent::Unknown };
        let busy = *self.merchant.lock().unwrap() != merchant;
        Box::pin(async move { Err(if busy { NotSent::Busy } else { why }) })
    }
}

#[tokio::test]
async fn notifications_are_seen_and_sent_again_by_their_merchant_and_by_support() {
    let book = Arc::new(OneDelivery { merchant: Mutex::new(0) });
    let shown = Arc::clone(&book);
    let world = TestWorld::start_with(&move |api: Api| api.with_deliveries(shown.clone())).await;
    let (shop, other) = (world.merchant("Shop").await, world.merchant("Other").await);
    let (support, finance) = (world.staff(StaffRole::Support).await, world.staff(StaffRole::Finance).await);
    *book.merchant.lock().unwrap() = shop.number;
    let list = world.get(&shop, "/deliveries").await.with(200);
    assert_eq!(
        (&list["deliveries"][0]["state"], &list["deliveries"][0]["payload"]),
        (&json!("waiting"), &json!("a=b"))
    );
    assert_eq!(list["deliveries"][0]["attempts"][0]["status"], 500);
    assert_eq!(world.get(&shop, "/deliveries/n1").await.with(200), list["deliveries"][0]);
    let again = world.post(&shop, "/deliveries/n1/replay", &json!({})).await.with(200);
    assert_eq!(again["attempts"].as_array().unwrap().len(), 2);
    world.post(&shop, "/orders/t1/notify", &json!({})).await.is_problem(422, "nothing_to_tell");
    world.post(&shop, "/orders/t2/notify", &json!({})).await.is_problem(404, "not_found");
    world.post(&other, "/orders/t1/notify", &json!({})).await.is_problem(429, "too_many_requests");
    assert_eq!(world.get(&other, "/deliveries").await.with(200)["deliveries"], json!([]));
    world.get(&other, "/deliveries/n1").await.is_problem(404, "not_found");
    world.post(&other, "/deliveries/n1/replay", &json!({})).await.is_problem(404, "not_found");
    let of_shop = format!("/deliveries?merchant={}", shop.number);
    assert_eq!(world.get(&support, &of_shop).await.with(200), list);
    world.get(&support, "/deliveries").await.is_problem(422, "bad_field");
    world.get(&finance, &of_shop).await.is_problem(403, "caller_unfit");
    world.get(&other, &of_shop).await.is_problem(422, "bad_field");
}

#[tokio::test]
async fn an_admin_moves_the_test_clock_and_sets_faults() {
    let world = TestWorld::start().await;
    let admin = world.staff(StaffRole::Admin).await;
    world.post(&admin, "/test/clock/advance", &json!({"seconds": 1})).await.is_problem(404, "not_found");
    let advancer = Arc::new(Advancer::new(Arc::clone(&world.world), Vec::new()));
    let world = world.serving(&move |api: Api| api.with_advancer(advancer.clone())).await;
    let support = world.staff(StaffRole::Support).await;
    let before = world.get(&admin, "/test/clock").await.with(200)["now"].as_str().unwrap().to_owned();
    let after = world.post(&admin, "/test/clock/advance", &json!({"seconds": 86_400 * 40})).await.with(200);
    let months = |instant: &str| instant.get(..7).unwrap().to_owned();
    assert!(months(after["now"].as_str().unwrap()) > months(&before), "{before} {after}");
    let body = json!({"seconds": 3_650_u64 * 86_400 + 1});
    world.post(&admin, "/test/clock/advance", &body).await.is_problem(422, "bad_field");
    world.get(&support, "/test/clock").await.is_problem(403, "caller_unfit");
    let fault = json!({"effect": "notification", "mode": "timeout-after-doing", "count": 1});
    assert_eq!(world.post(&admin, "/test/faults", &fault).await.with(200), fault);
    assert_eq!(world.world.faults.take("fr", "notification"), Some(FaultMode::TimeoutAfterDoing));
    for (field, value) in [("effect", "mail"), ("mode", "explode")] {
        let mut bad = fault.clone();
        bad[field] = value.into();
        let answer = world.post(&admin, "/test/faults", &bad).await;
        answer.is_problem(422, "bad_field");
        assert_eq!(answer.json["field"], field);
    }
}

#[tokio::test]
async fn outside_a_sandbox_there_is_no_test_clock() {
    let world = TestWorld::start_as(false, &|api| api).await;
    let admin = world.staff(StaffRole::Admin).await;
    world.get(&admin, "/test/clock").await.is_problem(404, "path_not_found");
    world.post(&admin, "/test/faults", &json!({})).await.is_problem(404, "path_not_found");
    // Nor does an answer say how a signature was checked.
    let headers = "Signature-Input: s=(\"@method\");created=1;keyid=\"k\"\r\nSignature: s=:AAAA:\r\n";
    let answer = world.request("GET", "/me", headers, "").await;
    answer.is_problem(401, "not_authenticated");
    assert!(answer.json.get("signature_base").is_none(), "{}", answer.json);
}
