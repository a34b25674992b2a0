//! The life of an order until it is paid.

use sycee_acquiring::command::*;
use sycee_acquiring::order::{CloseReason, OrderState};
use sycee_acquiring::refusal::*;
use sycee_acquiring::reply::*;
use sycee_acquiring::{TradeStatus, parse_trade_no, trade_no};
use sycee_contract::{Caller, EffectPolicy, decode};

use sycee_money::{Currency, Money};

use crate::bench::*;

fn precreate(out_trade_no: &str, minor: u64) -> Precreate {
    Precreate { order: fields(out_trade_no, minor), code_lifetime_seconds: None }
}

#[test]
fn a_code_becomes_a_trade_when_scanned_and_is_finished_when_refunds_end() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(5_000));
    let (seller, customer) = (Caller::merchant(shop.merchant), Caller::customer(buyer));

    let OrderReply { order, repeated } = bench.done(&by(PRECREATE, seller, &precreate("A1", 1_250)));
    assert!(!repeated);
    assert_eq!(order.status_at(bench.now_ns), TradeStatus::NotExist);
    assert!(order.scannable_at(bench.now_ns));
    // The pack: the code lives 120 minutes, the order 180.
    assert_eq!(order.deadline_ns(), Some(bench.now_ns + 2 * HOUR_NS));
    let again: OrderReply = bench.done(&by(PRECREATE, seller, &precreate("A1", 1_250)));
    assert_eq!((again.order.id, again.repeated), (order.id, true));

    let target = OrderTarget { id: order.id };
    let scanned: OrderReply = bench.done(&by(SCAN_ORDER, customer, &target));
    assert_eq!(scanned.order.status_at(bench.now_ns), TradeStatus::WaitBuyerPay);
    assert_eq!(scanned.order.deadline_ns(), Some(order.created_at_ns + 3 * HOUR_NS));
    assert!(bench.plan.effects.is_empty(), "waiting for the buyer notifies nobody");
    let again: OrderReply = bench.done(&by(SCAN_ORDER, customer, &target));
    assert!(again.repeated);

    let paid: OrderReply = bench.done(&by(PAY_ORDER, customer, &target));
    let [effect] = bench.plan.effects.as_slice() else { panic!("one notice") };
    assert_eq!((effect.kind, effect.policy), (EFFECT_NOTICE, EffectPolicy::BindsNobody));
    assert_eq!(effect.target, "http://shop.example/n");
    let notice: Notice = decode(&effect.body, "notice").expect("a notice");
    assert_eq!((notice.kind, &notice.order), (NoticeKind::Paid, &paid.order));
    assert_eq!(bench.plan.events.iter().map(|event| event.kind).collect::<Vec<_>>(), [EVENT_ORDER_PAID]);
    let again: OrderReply = bench.done(&by(PAY_ORDER, customer, &target));
    assert!(again.repeated);

    let order = bench.order(order.id);
    assert_eq!(order.status_at(bench.now_ns), TradeStatus::Success);
    let paid_at = order.paid.as_ref().expect("paid").at_ns;
    assert_eq!(order.status_at(paid_at + 90 * DAY_NS - 1), TradeStatus::Success);
    assert_eq!(order.status_at(paid_at + 90 * DAY_NS), TradeStatus::Finished);
    assert_eq!(bench.balance(sycee_wallet::BALANCE.of(buyer, order.total.currency)), 3_750);
    assert_eq!(bench.balance(sycee_acquiring::MERCHANT_BALANCE.of(shop.merchant, order.total.currency)), 1_250);
}

#[test]
fn time_ends_orders_with_and_without_their_timers() {
    // (scanned, minutes, status before any timer, reason after it)
    let table = [
        (false, 119, TradeStatus::NotExist, None),
        (false, 120, TradeStatus::NotExist, Some(CloseReason::Expired)),
        (true, 179, TradeStatus::WaitBuyerPay, None),
        (true, 180, TradeStatus::Closed, Some(CloseReason::Expired)),
    ];
    for (scanned, minutes, status, reason) in table {
        let mut bench = Bench::new();
        let (shop, buyer) = (bench.merchant(None), bench.customer(5_000));
        let seller = Caller::merchant(shop.merchant);
        let OrderReply { order, .. } = bench.done(&by(PRECREATE, seller, &precreate("A1", 1_250)));
        let target = OrderTarget { id: order.id };
        if scanned {
            let _: OrderReply = bench.done(&by(SCAN_ORDER, Caller::customer(buyer), &target));
        }
        // The next command comes one second after the clock that is set here.
        bench.now_ns = order.created_at_ns + minutes * 60 * SECOND_NS - SECOND_NS;
        let before = bench.order(order.id);
        assert_eq!(before.status_at(bench.now_ns + SECOND_NS), status, "{scanned} {minutes}");
        if reason.is_some() {
            let refusal = bench.refused(&by(PAY_ORDER, Caller::customer(buyer), &target));
            assert_eq!(refusal.code, TRADE_HAS_CLOSED);
            let refusal = bench.refused(&by(PRECREATE, seller, &precreate("A1", 1_250)));
            assert_eq!(refusal.code, TRADE_HAS_CLOSED);
        }
        assert_eq!(bench.pass(0), usize::from(reason.is_some()), "{scanned} {minutes}");
        let after = bench.order(order.id);
        assert_eq!(after.close_reason, reason);
        // A code that nobody scanned is no trade: its end is not notified.
        let notified = reason.is_some() && scanned;
        assert_eq!(!bench.plan.effects.is_empty(), notified, "{scanned} {minutes}");
        assert_eq!(after.state == OrderState::Closed, reason.is_some());
    }
}

#[test]
fn the_same_number_with_other_content_is_refused_with_the_field() {
    let mut bench = Bench::new();
    let (shop, buyer) = (bench.merchant(None), bench.customer(0));
    let seller = Caller::merchant(shop.merchant);
    let store: StoreReply = bench.operator(ADD_STORE, &AddStore { merchant: shop.merchant });
    let _: OrderReply = bench.done(&by(CREATE, seller, &fields("A1", 100)));
    let base = fields("A1", 100);
    let table = [
        ("total", OrderFields { total: euro(101), ..base.clone() }),
        ("subject", OrderFields { subject: "cake".into(), ..base.clone() }),
        ("body", OrderFields { body: Some("two".into()), ..base.clone() }),
        ("buyer", OrderFields { required_buyer: Some(buyer), ..base.clone() }),
        ("store", OrderFields { store: Some(store.store), ..base.clone() }),
    ];
    for (field, body) in table {
        let refusal = bench.refused(&by(CREATE, seller, &body));
        assert_eq!((refusal.code, refusal.detail.as_str()), (CONTEXT_INCONSISTENT, field));
    }
    let refusal = bench.refused(&by(PAGE_PAY, seller, &PagePay { order: base.clone(), wap: true }));
    assert_eq!((refusal.code, refusal.detail.as_str()), (CONTEXT_INCONSISTENT, "channel"));
    // Who stands at the till, where to notify and when it ends may differ.
    let same = OrderFields { operator: Some("2".into()), notify_url: None, expires_after_seconds: Some(9), ..base };
    let reply: OrderReply = bench.done(&by(CREATE, seller, &same));
    assert!(reply.repeated);
}

#[test]
fn what_is_wrong_with_an_order_is_refused() {
    let mut bench = Bench::new();
    let (shop, other) = (bench.merchant(None), bench.merchant(None));
    let seller = Caller::merchant(shop.merchant);
    let base = fields("A1", 100);
    let bad = sycee_contract::cell::BAD_BODY;
    let now = bench.now_ns;
    let dollar = Money::new(euro(1).amount, Currency::USD);
    let table = [
        (bad, OrderFields { out_trade_no: String::new(), ..base.clone() }),
        (bad, OrderFields { out_trade_no: "x".repeat(65), ..base.clone() }),
        (bad, OrderFields { out_trade_no: "a b".into(), ..base.clone() }),
        (bad, OrderFields { out_trade_no: "static_0000000000016".into(), ..base.clone() }),
        (bad, OrderFields { total: euro(0), ..base.clone() }),
        (bad, OrderFields { subject: String::new(), ..base.clone() }),
        (bad, OrderFields { subject: "é".repeat(257), ..base.clone() }),
        (bad, OrderFields { passback_params: Some("p".repeat(513)), ..base.clone() }),
        (bad, OrderFields { notify_url: Some("http://a b/".into()), ..base.clone() }),
        (STORE_NOT_FOUND, OrderFields { store: Some(other.store), ..base.clone() }),
        (APP_NOT_FOUND, OrderFields { app: Some(1), ..base.clone() }),
        (BUYER_NOT_FOUND, OrderFields { required_buyer: Some(7), ..base.clone() }),
        (BUYER_NOT_FOUND, OrderFields { required_buyer: Some(other.merchant), ..base.clone() }),
        (BUYER_SELLER_EQUAL, OrderFields { required_buyer: Some(shop.merchant), ..base.clone() }),
        (CURRENCY_NOT_SUPPORTED, OrderFields { total: dollar, ..base.clone() }),
        (EXPIRY_IN_PAST, OrderFields { expires_at_ns: Some(now), ..base.clone() }),
        (EXPIRY_IN_PAST, OrderFields { expires_after_seconds: Some(0), ..base.clone() }),
    ];
    for (code, body) in table {
        assert_eq!(bench.refused(&by(CREATE, seller, &body)).code, code, "{body:?}");
    }
    let stranger = Caller::merchant(2_088_010_000_099_999);
    assert_eq!(bench.refused(&by(CREATE, stranger, &base)).code, MERCHANT_NOT_FOUND);
    let fits = OrderFields { subject: "é".repeat(256), out_trade_no: "x".repeat(64), ..base };
    let _: OrderReply = bench.done(&by(CREATE, seller, &fits));
}

#[test]
fn only_the_right_customer_pays() {
    let mut bench = Bench::new();
    let shop = bench.merchant(None);
    let seller = Caller::merchant(shop.merchant);
    let (first, second, poor) = (bench.customer(5_000), bench.customer(5_000), bench.customer(99));
    let for_first = OrderFields { required_buyer: Some(first), ..fields("A1", 100) };
    let OrderReply { order, .. } = bench.done(&by(CREATE, seller, &for_first));
    let target = OrderTarget { id: order.id };
    assert_eq!(bench.refused(&by(PAY_ORDER, Caller::customer(second), &target)).code, BUYER_NOT_MATCH);
    assert_eq!(bench.refused(&by(SCAN_ORDER, Caller::customer(second), &target)).code, BUYER_NOT_MATCH);
    let _: OrderReply = bench.done(&by(PAY_ORDER, Caller::customer(first), &target));
    assert_eq!(bench.refused(&by(PAY_ORDER, Caller::customer(second), &target)).code, TRADE_HAS_SUCCESS);

    let precreate_for = |out_trade_no: &str, buyer| Precreate {
        order: OrderFields { required_buyer: Some(buyer), ..fields(out_trade_no, 100) },
        code_lifetime_seconds: None,
    };
    let OrderReply { order, .. } = bench.done(&by(PRECREATE, seller, &precreate_for("A0", first)));
    let target = OrderTarget { id: order.id };
    assert_eq!(bench.refused(&by(SCAN_ORDER, Caller::customer(second), &target)).code, BUYER_NOT_MATCH);
    let _: OrderReply = bench.done(&by(SCAN_ORDER, Caller::customer(first), &target));

    // A scan keeps nobody else away; paying without a scan opens the trade at once.
    let OrderReply { order, .. } = bench.done(&by(PRECREATE, seller, &precreate("A2", 100)));
    let target = OrderTarget { id: order.id };
    let refusal = bench.refused(&by(PAY_ORDER, Caller::customer(poor), &target));
    assert_eq!(refusal.code, BUYER_BALANCE_NOT_ENOUGH);
    assert_eq!(refusal.detail, "available 0.99 EUR, needed 1.00 EUR");
    let _: OrderReply = bench.done(&by(SCAN_ORDER, Caller::customer(first), &target));
    let paid: OrderReply = bench.done(&by(PAY_ORDER, Caller::customer(second), &target));
    assert_eq!(paid.order.buyer, Some(second));
    assert_eq!(bench.refused(&by(PAY_ORDER, Caller::customer(first), &target)).code, TRADE_HAS_SUCCESS);
    let OrderReply { order, .. } = bench.done(&by(PRECREATE, seller, &precreate("A3", 100)));
    let paid: OrderReply = bench.done(&by(PAY_ORDER, Caller::customer(second), &OrderTarget { id: order.id }));
    assert_eq!(paid.order.status_at(bench.now_ns), TradeStatus::Success);
    assert_eq!(bench.refused(&by(SCAN_ORDER, Caller::customer(7), &OrderTarget { id: 1 })).code, TRADE_NOT_EXIST);
}

#[test]
fn close_is_for_trades_that_wait() {
    let mut bench = Bench::new();
    let (shop, other, buyer) = (bench.merchant(None), bench.merchant(None), bench.customer(5_000));
    let seller = Caller::merchant(shop.merchant);
    let named = |number: &str| OrderRef { out_trade_no: Some(number.into()), id: None };
    assert_eq!(bench.refused(&by(CLOSE, seller, &named("A1"))).code, TRADE_NOT_EXIST);
    let _: OrderReply = bench.done(&by(PRECREATE, seller, &precreate("A1", 100)));
    assert_eq!(bench.refused(&by(CLOSE, seller, &named("A1"))).code, TRADE_NOT_EXIST);
    let OrderReply { order, .. } = bench.done(&by(CREATE, seller, &fields("A2", 100)));
    assert_eq!(bench.refused(&by(CLOSE, Caller::merchant(other.merchant), &named("A2"))).code, TRADE_NOT_EXIST);
    // The id wins over the number.
    let by_id = OrderRef { out_trade_no: Some("A1".into()), id: Some(order.id) };
    assert_eq!(bench.refused(&by(CLOSE, Caller::merchant(other.merchant), &by_id)).code, TRADE_NOT_EXIST);
    let closed: OrderReply = bench.done(&by(CLOSE, seller, &by_id));
    assert_eq!((closed.order.id, closed.order.close_reason), (order.id, Some(CloseReason::Closed)));
    assert_eq!(bench.plan.effects.len(), 1);
    assert_eq!(bench.refused(&by(CLOSE, seller, &by_id)).code, TRADE_STATUS_ERROR);
    assert_eq!(bench.refused(&by(CREATE, seller, &fields("A2", 100))).code, TRADE_HAS_CLOSED);
    let OrderReply { order, .. } = bench.done(&by(CREATE, seller, &fields("A3", 100)));
    let _: OrderReply = bench.done(&by(PAY_ORDER, Caller::customer(buyer), &OrderTarget { id: order.id }));
    assert_eq!(bench.refused(&by(CLOSE, seller, &named("A3"))).code, TRADE_STATUS_ERROR);
    assert_eq!(bench.refused(&by(CREATE, seller, &fields("A3", 100))).code, TRADE_HAS_SUCCESS);
}

#[test]
fn codes_live_as_asked_and_never_longer_than_the_market_says() {
    // (asked for the code, asked for the order; seconds that the code lives)
    let table = [(None, None, 7_200), (Some(60), None, 60), (Some(7_201), None, 7_200), (Some(60), Some(30), 30)];
    let mut bench = Bench::new();
    let seller = Caller::merchant(bench.merchant(None).merchant);
    for (n, (code_lifetime_seconds, expires_after_seconds, lives)) in table.into_iter().enumerate() {
        let order = OrderFields { expires_after_seconds, ..fields(&format!("A{n}"), 100) };
        let OrderReply { order, .. } = bench.done(&by(PRECREATE, seller, &Precreate { order, code_lifetime_seconds }));
        assert_eq!(order.deadline_ns(), Some(bench.now_ns + lives * SECOND_NS), "{n}");
    }
}

#[test]
fn a_trade_number_says_day_cell_bucket_and_id() {
    let mut bench = Bench::new();
    let _ = bench.merchant(None);
    let shop = bench.merchant(None);
    let OrderReply { order, .. } = bench.done(&by(CREATE, Caller::merchant(shop.merchant), &fields("A1", 100)));
    // The second party of cell 1 has the number 2088 01 00001 00000; the fourth operation's first id is 64.
    assert_eq!(shop.merchant, 2_088_010_000_100_000);
    assert_eq!(order.id, 64);
    let number = trade_no(&order, 1);
    assert_eq!(number, "2026033101000010000000000064");
    assert_eq!(parse_trade_no(&number), Some((1, 64)));
    for wrong in ["", "202603310100001000000000006", "2026033101000010000000000064 ", "20260331010000100000000000é"] {
        assert_eq!(parse_trade_no(wrong), None, "{wrong}");
    }
}
