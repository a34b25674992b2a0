//! Passing on a part of a trade's proceeds: bound, paid, asked about, taken back, billed.

use serde_json::{Value, json};
use sycee_party::{Party, PartyKind};

use crate::client::{assert_failed, assert_succeeded};
use crate::world::{Shop, TestWorld};

const BIND: &str = "alipay.trade.royalty.relation.bind";
const UNBIND: &str = "alipay.trade.royalty.relation.unbind";
const RELATIONS: &str = "alipay.trade.royalty.relation.batchquery";
const RATE: &str = "alipay.trade.royalty.rate.query";
const SETTLE: &str = "alipay.trade.order.settle";
const SETTLED: &str = "alipay.trade.order.settle.query";
const REFUND: &str = "alipay.trade.refund";

/// A shop that has sold for 20.00, and its trade number; a partner and a friend whose log-in name is +33612345678.
struct Scene {
    world: TestWorld,
    shop: Shop,
    partner: Shop,
    friend: u64,
    trade_no: String,
}

impl Scene {
    async fn new() -> Self {
        let world = TestWorld::start().await;
        let (shop, partner) = (world.shop("fr").await, world.shop("fr").await);
        let friend = world.customer("fr", "+33612345678", 0).await;
        let buyer = world.customer("fr", "1", 10_000).await;
        let paid = world.sell(&shop, buyer, "20.00", "http://127.0.0.1:9/").await;
        let trade_no = paid["trade_no"].as_str().unwrap().to_owned();
        let scene = Self { world, shop, partner, friend, trade_no };
        let list = json!([
            {"type": "userId", "account": scene.partner.merchant.to_string(), "memo": "bread"},
            {"type": "loginName", "account": "+33612345678", "name": "Amélie Martin"},
        ]);
        let bound = scene.call(BIND, json!({"out_request_no": "B1", "receiver_list": list})).await;
        assert_succeeded(&bound);
        assert_eq!(bound["result_code"], "SUCCESS");
        scene
    }

    async fn call(&self, method: &str, content: Value) -> Value {
        self.world.call(&self.shop, method, content).await
    }

    fn part(&self, amount: &str) -> Value {
        json!({"royalty_type": "transfer", "trans_in_type": "userId", "trans_in": self.partner.merchant.to_string(),
            "amount": amount, "desc": "their share"})
    }

    async fn settle(&self, number: &str, parts: Value) -> Value {
        let content = json!({"out_request_no": number, "trade_no": self.trade_no, "royalty_parameters": parts});
        self.call(SETTLE, content).await
    }

    /// What the shop, its partner and its friend have.
    fn money(&self) -> [i128; 3] {
        [self.shop.merchant, self.partner.merchant, self.friend].map(|party| self.world.balance_minor("fr", party))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_are_bound_listed_and_unbound() {
    let scene = Scene::new().await;
    let listed = scene.call(RELATIONS, json!({"out_request_no": "Q1", "page_num": 1, "page_size": 1})).await;
    assert_succeeded(&listed);
    let shown = |name: &str| listed[name].as_str().unwrap().to_owned();
    assert_eq!([shown("total_record_num"), shown("total_page_num"), shown("current_page_size")], ["2", "2", "1"]);
    let first = &listed["receiver_list"][0];
    assert_eq!((first["type"].as_str(), first["memo"].as_str()), (Some("userId"), Some("bread")));
    assert_eq!(first["account"], scene.partner.merchant.to_string());
    let listed = scene.call(RELATIONS, json!({"out_request_no": "Q1", "page_num": "2", "page_size": "1"})).await;
    let second = &listed["receiver_list"][0];
    assert_eq!(second["type"], "loginName");
    assert!(!listed.to_string().contains("612345"), "a phone number is not given out: {listed}");
    let rate = scene.call(RATE, json!({"out_request_no": "Q1"})).await;
    assert_eq!(
        (rate["max_ratio"].as_str(), rate["user_id"].as_str()),
        (Some("30"), Some(&*scene.shop.merchant.to_string()))
    );

    let wrong = |list: Value| json!({"out_request_no": "B2", "receiver_list": list});
    let table = [
        (json!([]), "ACQ.RECEIVER_LIST_EMPTY"),
        (json!([{"type": "cardAliasNo", "account": "1"}]), "ACQ.INVALID_RECEIVER_TYPE"),
        (json!([{"type": "userId", "account": "2088"}]), "ACQ.USER_NOT_EXIST"),
        (json!([{"type": "userId", "account": scene.shop.merchant.to_string()}]), "ACQ.USER_NOT_EXIST"),
        (json!([{"type": "userId", "account": scene.friend.to_string(), "name": "Somebody"}]), "ACQ.USER_NOT_EXIST"),
        (json!([{"type": "loginName", "account": "+33612345678"}]), "ACQ.INVALID_PARAMETER"),
        (json!([{"type": "loginName", "account": "+1", "name": "Nobody"}]), "ACQ.USER_NOT_EXIST"),
        (json!([{"type": "userId"}]), "ACQ.INVALID_PARAMETER"),
        (json!("x"), "ACQ.INVALID_PARAMETER"),
    ];
    for (list, code) in table {
        assert_failed(&scene.call(BIND, wrong(list)).await, "40004", code);
    }
    let list = json!([{"type": "loginName", "account": "+33612345678"}]);
    assert_succeeded(&scene.call(UNBIND, json!({"out_request_no": "U1", "receiver_list": list})).await);
    let listed = scene.call(RELATIONS, json!({"out_request_no": "Q1"})).await;
    assert_eq!(listed["total_record_num"], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_paid_once_and_asked_about() {
    let scene = Scene::new().await;
    let parts = json!([
        scene.part("3.00"),
        {"trans_in_type": "loginName", "trans_in": "+33612345678", "amount_percentage": "5"},
    ]);
    let settled = scene.settle("S1", parts.clone()).await;
    assert_succeeded(&settled);
    let settle_no = settled["settle_no"].as_str().unwrap();
    assert_eq!((settled["trade_no"].as_str(), settle_no.len()), (Some(&*scene.trade_no), 28));
    assert_eq!(scene.money(), [1_600, 300, 100]);
    let again = scene.settle("S1", parts).await;
    assert_eq!(again["settle_no"], settle_no);
    assert_eq!(scene.money(), [1_600, 300, 100]);

    for named in [json!({"settle_no": settle_no}), json!({"out_request_no": "S1", "trade_no": scene.trade_no})] {
        let shown = scene.call(SETTLED, named).await;
        assert_succeeded(&shown);
        let details = shown["royalty_detail_list"].as_array().unwrap();
        assert_eq!(details.len(), 2);
        assert_eq!((details[0]["amount"].as_str(), details[0]["state"].as_str()), (Some("3.00"), Some("SUCCESS")));
        assert_eq!(details[1]["trans_in"], scene.friend.to_string());
    }
    for named in [json!({"settle_no": "1"}), json!({"out_request_no": "S1", "trade_no": "1"})] {
        assert_failed(&scene.call(SETTLED, named).await, "40004", "ACQ.TRADE_SETTLE_NOT_EXIST");
    }
    let theirs = scene.world.call(&scene.partner, SETTLED, json!({"settle_no": settle_no})).await;
    assert_failed(&theirs, "40004", "ACQ.TRADE_SETTLE_NOT_EXIST");

    let stranger = scene.world.shop("fr").await.merchant.to_string();
    let table = [
        ("S1", json!([scene.part("3.01")]), "ACQ.DUP_OUT_REQUEST_NO"),
        ("S2", json!([scene.part("2.01")]), "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"),
        ("S2", json!([{"trans_in": stranger, "amount": "0.01"}]), "ACQ.ROYALTY_RECEIVER_INVALID"),
        ("S2", json!([{"trans_in": "2088", "amount": "0.01"}]), "ACQ.ROYALTY_ACCOUNT_NOT_EXIST"),
        (
            "S2",
            json!([{"trans_in": stranger, "trans_in_type": "cardAliasNo", "amount": "1"}]),
            "ACQ.NOT_SUPPORT_ROYALTY",
        ),
        ("S2", json!([{"royalty_type": "replenish", "trans_in": stranger, "amount": "1"}]), "ACQ.NOT_SUPPORT_ROYALTY"),
        ("S2", json!([{"trans_in": stranger, "trans_out": stranger, "amount": "1"}]), "ACQ.INVALID_PARAMETER"),
        ("S2", json!([{"trans_in": stranger}]), "ACQ.INVALID_PARAMETER"),
    ];
    for (number, parts, code) in table {
        assert_failed(&scene.settle(number, parts).await, "40004", code);
    }
    assert_eq!(scene.money(), [1_600, 300, 100]);
    let partners = scene.world.cell("fr").port.get::<Party>(&Party::key(scene.partner.merchant)).unwrap().unwrap();
    assert_eq!(partners.kind, PartyKind::Merchant);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_takes_shares_back_from_merchants() {
    let scene = Scene::new().await;
    let friend = json!({"trans_in": scene.friend.to_string(), "amount": "1.00"});
    assert_succeeded(&scene.settle("S1", json!([scene.part("3.00"), friend])).await);
    let refund = |number: &str, amount: &str, from: Value| {
        json!({"trade_no": scene.trade_no, "out_request_no": number, "refund_amount": amount,
            "refund_royalty_parameters": from})
    };
    let (partner, shop) = (scene.partner.merchant.to_string(), scene.shop.merchant.to_string());
    let from = |who: &str, amount: &str| {
        json!([{"royalty_type": "transfer", "trans_out": who, "trans_out_type": "userId",
        "trans_in": shop, "trans_in_type": "userId", "amount": amount}])
    };
    let table = [
        (from(&partner, "3.01"), "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"),
        (from(&scene.friend.to_string(), "0.50"), "ACQ.REFUNDALLOC_UNAUTH_LIMIT"),
        (from("2088", "0.50"), "ACQ.TRADE_SETTLE_ERROR"),
        (json!([{"trans_out": partner, "trans_in": partner, "amount": "1.00"}]), "ACQ.INVALID_PARAMETER"),
    ];
    for (from, code) in table {
        assert_failed(&scene.call(REFUND, refund("R1", "10.00", from)).await, "40004", code);
    }
    assert_eq!(scene.money(), [1_600, 300, 100]);
    let asked = refund("R1", "10.00", from(&partner, "1.50"));
    let back = scene.call(REFUND, asked.clone()).await;
    assert_succeeded(&back);
    assert_eq!((back["fund_change"].as_str(), back["refund_fee"].as_str()), (Some("Y"), Some("10.00")));
    assert_eq!(scene.money(), [750, 150, 100]);
    assert_eq!(scene.call(REFUND, asked).await["fund_change"], "N");
    assert_eq!(scene.money(), [750, 150, 100]);
    let other = scene.call(REFUND, refund("R1", "10.00", from(&partner, "1.49"))).await;
    assert_failed(&other, "40004", "ACQ.DISCORDANT_REPEAT_REQUEST");
}
