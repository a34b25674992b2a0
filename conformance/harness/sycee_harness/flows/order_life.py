"""Orders made for a buyer, all the ways an order ends, and what its number means a second time."""

import pytest

from sycee_harness.corridors import PAIRS
from sycee_harness.sandbox import assert_refused
from sycee_harness.world import assert_failed, assert_succeeded, new_number


def _created(shop, customer, **extra):
    order = shop.order(1500, buyer_id=customer.id, **extra)
    answer = shop.call("trade.create", **order)
    assert_succeeded(answer)
    assert answer["out_trade_no"] == order["out_trade_no"]
    return order, answer["trade_no"]


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_create_is_paid_by_its_buyer_only(world, payer, cell):
    """Waits for the buyer it was made for."""
    shop = world.shop(cell)
    customer, stranger = world.payer(shop, 5000, payer), world.payer(shop, 5000, payer)
    order, trade_no = _created(shop, customer)
    shop.assert_status(order["out_trade_no"], "WAIT_BUYER_PAY")
    assert_refused(stranger.pay, trade_no=trade_no)
    assert customer.pay(trade_no=trade_no)["status"] == "paid"
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert (trade["trade_no"], trade["buyer_user_id"]) == (trade_no, customer.id)
    customer.assert_spent(shop, 1500)
    stranger.assert_spent(shop)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_cancel_before_payment_closes(world, payer, cell):
    """Action `close`; the buyer can no longer pay."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, trade_no = _created(shop, customer)
    cancelled = shop.call("trade.cancel", out_trade_no=order["out_trade_no"])
    assert_succeeded(cancelled)
    assert (cancelled["action"], cancelled["retry_flag"], cancelled["trade_no"]) == ("close", "N", trade_no)
    shop.assert_status(order["out_trade_no"], "TRADE_CLOSED")
    assert_refused(customer.pay, trade_no=trade_no)
    customer.assert_spent(shop)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_cancel_after_payment_refunds(world, payer, cell):
    """Action `refund`; the buyer has the money back."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, _ = shop.sell(customer, 1500)
    cancelled = shop.call("trade.cancel", out_trade_no=order["out_trade_no"])
    assert_succeeded(cancelled)
    assert (cancelled["action"], cancelled["retry_flag"]) == ("refund", "N")
    shop.assert_status(order["out_trade_no"], "TRADE_CLOSED")
    customer.assert_spent(shop, (1500, 1500))
    assert shop.balance_minor() == 0


def test_cancel_of_an_unknown_order(world):
    """Succeeds and says that there was nothing to do."""
    cancelled = world.shop().call("trade.cancel", out_trade_no=new_number("none"))
    assert_succeeded(cancelled)
    assert "action" not in cancelled
    assert cancelled["retry_flag"] == "N"


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_close_before_payment(world, payer, cell):
    """The trade is closed; its number stays used."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, trade_no = _created(shop, customer)
    closed = shop.call("trade.close", out_trade_no=order["out_trade_no"], operator_id="till_1")
    assert_succeeded(closed)
    assert (closed["trade_no"], closed["out_trade_no"]) == (trade_no, order["out_trade_no"])
    shop.assert_status(order["out_trade_no"], "TRADE_CLOSED")
    assert_refused(customer.pay, trade_no=trade_no)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_close_of_a_paid_order(world, payer, cell):
    """Only an order that waits can be closed."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, _ = shop.sell(customer, 1500)
    assert_failed(shop.call("trade.close", out_trade_no=order["out_trade_no"]), "ACQ.TRADE_STATUS_ERROR")
    shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 1500)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_expiry(world, payer, cell):
    """A minute too late is too late."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, trade_no = _created(shop, customer, timeout_express="1m")
    world.sandbox.advance_clock(120)
    shop.assert_status(order["out_trade_no"], "TRADE_CLOSED")
    assert_refused(customer.pay, trade_no=trade_no)
    customer.assert_spent(shop)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("trade.precreate", "trade.precreate"),
        ("trade.create", "trade.create"),
        ("trade.create", "trade.pay"),
    ],
)
@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_the_same_number_with_another_amount(world, payer, cell, first, second):
    """An order number belongs to one order."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    extra = {
        "trade.precreate": dict,
        "trade.create": lambda: {"buyer_id": customer.id},
        "trade.pay": lambda: {"scene": "bar_code", "auth_code": customer.pay_code()},
    }
    order = shop.order(1000)
    assert_succeeded(shop.call(first, **order, **extra[first]()))
    other = {**order, "total_amount": shop.yuan(1001)}
    assert_failed(shop.call(second, **other, **extra[second]()), "ACQ.CONTEXT_INCONSISTENT")
    customer.assert_spent(shop)


@pytest.mark.parametrize("method", ["trade.precreate", "trade.create"])
@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_the_number_of_a_paid_order(world, payer, cell, method):
    """Cannot be ordered again."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order = shop.order(1000, **({"buyer_id": customer.id} if method == "trade.create" else {}))
    answer = shop.call(method, **order)
    assert_succeeded(answer)
    if method == "trade.create":
        customer.pay(trade_no=answer["trade_no"])
    else:
        customer.pay(code=answer["qr_code"])
    assert_failed(shop.call(method, **order), "ACQ.TRADE_HAS_SUCCESS")
    customer.assert_spent(shop, 1000)
