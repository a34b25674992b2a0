"""This client passes amounts on as they come, so shops send JSON numbers with it."""

import pytest
from sycee_harness.world import assert_succeeded, new_number


@pytest.mark.parametrize(
    ("number", "minor", "written"),
    [(20, 2000, "20.00"), (0.29, 29, "0.29"), (1.1, 110, "1.10"), (4.35, 435, "4.35")],
)
def test_amount_as_a_json_number(world, number, minor, written):
    """Read as the decimal that was written, not through a binary fraction."""
    shop, customer = world.shop(), world.customer(5000)
    order = shop.order(minor, scene="bar_code", auth_code=customer.pay_code())
    paid = shop.call("trade.pay", **{**order, "total_amount": number})
    assert_succeeded(paid)
    assert paid["total_amount"] == written
    assert customer.balance_minor() == 5000 - minor
    refunded = shop.call(
        "trade.refund", out_trade_no=order["out_trade_no"], refund_amount=number, out_request_no=new_number("refund")
    )
    assert_succeeded(refunded)
    assert refunded["refund_fee"] == written
    assert customer.balance_minor() == 5000
