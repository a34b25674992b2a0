//! What a merchant was told can be seen, and sent again.

use serde_json::json;
use sycee_engine::deliveries::{Deliveries as _, DeliveryState, NotSent};

use crate::notices::{FAIL, Receiver};
use crate::world::TestWorld;

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_seen_with_its_attempts_and_sent_again_as_it_was() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let customer = world.customer("fr", "1", 10_000).await;
    let (receiver, url) = Receiver::start(&[FAIL]).await;
    let paid = world.sell(&shop, customer, "12.50", &url).await;
    world.run_due().await;
    let list = world.notifier.of_merchant(shop.merchant);
    let [one] = &list[..] else { panic!("{list:?}") };
    assert_eq!((one.state, one.app, one.target.as_str()), (DeliveryState::Waiting, Some(shop.app_id), url.as_str()));
    assert_eq!(one.trade_no, paid["trade_no"].as_str().unwrap());
    assert_eq!((one.attempts[0].status, one.attempts[0].answer.as_str()), (Some(500), "fail"));
    assert!(one.attempts[0].failure.as_ref().unwrap().contains("500"));
    assert_eq!(*one.payload, receiver.body(0));

    // Of its own accord it comes in two minutes; on request at once, and the schedule does not count that.
    let again = world.notifier.replay(shop.merchant, &one.notify_id).await.unwrap();
    assert_eq!((receiver.count(), receiver.body(1)), (2, receiver.body(0)), "the same bytes");
    assert_eq!((again.attempts.len(), again.attempts[1].on_request, &again.attempts[1].failure), (2, true, &None));
    assert_eq!((world.open_notices(), again.state), (1, DeliveryState::Waiting));
    world.advance(120);
    world.run_due().await;
    assert_eq!((receiver.count(), world.open_notices()), (3, 0));
    // It has ended, and can still be sent.
    let again = world.notifier.replay(shop.merchant, &one.notify_id).await.unwrap();
    assert_eq!((receiver.body(3), again.state), (receiver.body(0), DeliveryState::Taken));

    for (merchant, number) in [(other.merchant, one.notify_id.as_str()), (shop.merchant, "07"), (shop.merchant, "")] {
        assert_eq!(world.notifier.replay(merchant, number).await, Err(NotSent::Unknown), "{number}");
    }
    assert!(world.notifier.of_merchant(other.merchant).is_empty());
    assert_eq!(receiver.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trade_is_told_anew_as_it_stands() {
    let world = TestWorld::start().await;
    let (shop, other) = (world.shop("fr").await, world.shop("fr").await);
    let customer = world.customer("fr", "1", 10_000).await;
    let (receiver, url) = Receiver::start(&[]).await;
    let paid = world.sell(&shop, customer, "10.00", &url).await;
    world.run_due().await;
    let trade_no = paid["trade_no"].as_str().unwrap();
    let told = world.notifier.tell_again(shop.merchant, trade_no).await.unwrap();
    let told_too = world.notifier.tell_again(shop.merchant, trade_no).await.unwrap();
    let (first, second) = (receiver.fields(&world, 0), receiver.fields(&world, 1));
    assert_eq!((&first["trade_no"], &second["trade_no"]), (&told.trade_no, &told.trade_no));
    assert_eq!((&second["trade_status"], &second["notify_id"]), (&first["trade_status"], &told.notify_id));
    assert!(first["notify_id"] != told.notify_id && told.notify_id != told_too.notify_id);
    assert_eq!(told.state, DeliveryState::OnRequest);

    let refund = json!({"trade_no": trade_no, "refund_amount": "10.00", "out_request_no": "r1"});
    world.call(&shop, "alipay.trade.refund", refund).await;
    world.run_due().await;
    world.notifier.tell_again(shop.merchant, trade_no).await.unwrap();
    assert_eq!(receiver.fields(&world, receiver.count() - 1)["trade_status"], "TRADE_CLOSED");

    let count = receiver.count();
    for (merchant, number) in [(other.merchant, trade_no), (shop.merchant, "1"), (shop.merchant, &trade_no[1..])] {
        assert_eq!(world.notifier.tell_again(merchant, number).await, Err(NotSent::Unknown), "{number}");
    }
    let silent = world.call(
        &shop,
        "alipay.trade.create",
        json!({
            "out_trade_no": "waits", "total_amount": "1.00", "subject": "x", "buyer_id": customer.to_string(),
        }),
    );
    let silent = silent.await;
    let number = silent["trade_no"].as_str().unwrap();
    assert_eq!(world.notifier.tell_again(shop.merchant, number).await, Err(NotSent::NothingToTell));
    assert_eq!(receiver.count(), count);
}
