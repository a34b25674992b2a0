"""Notifications when the shop does not answer as it should."""


import pytest

from sycee_harness.corridors import PAIRS


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_two_failures_then_success(world, payer, cell):
    """Three deliveries of one notification: at once, after 2 and after 10 minutes; then no more."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    receiver = world.receiver(answers=[500, 500])
    order, _ = shop.sell(customer, 1000, notify_url=receiver.url)
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
