"""Notifications when the shop does not answer as it should."""


def test_two_failures_then_success(world):
    """Three deliveries of one notification: at once, after 2 and after 10 minutes; then no more."""
    shop, customer = world.shop(), world.customer(5000)
    receiver = world.receiver(answers=[500, 500])
    order, _ = shop.sell(customer, 100, notify_url=receiver.url)
    receiver.expect(1)
    world.sandbox.advance_clock(120)
    receiver.expect(2)
    world.sandbox.advance_clock(600)
    deliveries = receiver.expect(3)
    for fields in deliveries:
        shop.assert_genuine(fields)
        assert (fields["out_trade_no"], fields["trade_status"]) == (order["out_trade_no"], "TRADE_SUCCESS")
    assert len({fields["notify_id"] for fields in deliveries}) == 1
    world.sandbox.advance_clock(25 * 60 * 60)
    assert len(receiver.deliveries) == 3
