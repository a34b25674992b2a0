"""Money back: in parts, once each, never more than was paid."""

import pytest

from sycee_harness.corridors import PAIRS
from sycee_harness.world import assert_failed, assert_succeeded, new_number

MARKETS = [*PAIRS, pytest.param("kr", "kr", id="kr")]


def _refund_query(shop, out_trade_no, number):
    return shop.call("trade.fastpay.refund.query", out_trade_no=out_trade_no, out_request_no=number)


@pytest.mark.parametrize(("payer", "cell"), MARKETS)
def test_refunds_in_parts(world, payer, cell):
    """Two parts, a repeat, the refusals, the rest; each asked for and notified."""
    shop = world.shop(cell)
    minors = {"total": 10_000, "first": 3000, "second": 2000, "both": 5000}
    amounts = {name: shop.yuan(minor) for name, minor in minors.items()}
    customer = world.payer(shop, 10_000, payer)
    receiver = world.receiver()
    order, paid = shop.sell(customer, 10_000, notify_url=receiver.url)
    out_trade_no = order["out_trade_no"]
    assert order["total_amount"] == amounts["total"]
    first, second, rest = (new_number(name) for name in ("first", "second", "rest"))

    def refund(amount, number=None):
        extra = {} if number is None else {"out_request_no": number}
        return shop.call("trade.refund", out_trade_no=out_trade_no, refund_amount=amount, **extra)

    for number, amount, changed, total in (
        (first, amounts["first"], "Y", amounts["first"]),
        (second, amounts["second"], "Y", amounts["both"]),
        (first, amounts["first"], "N", amounts["both"]),
    ):
        answer = refund(amount, number)
        assert_succeeded(answer)
        assert (answer["fund_change"], answer["refund_fee"]) == (changed, total)
        assert (answer["trade_no"], answer["out_trade_no"]) == (paid["trade_no"], out_trade_no)
    customer.assert_spent(shop, (10_000, 5000))
    assert shop.balance_minor() == 5000

    for amount, number, sub_code in (
        (amounts["second"], first, "ACQ.DISCORDANT_REPEAT_REQUEST"),
        (amounts["total"], new_number("over"), "ACQ.REASON_TRADE_REFUND_FEE_ERR"),
        (amounts["first"], None, "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
    ):
        assert_failed(refund(amount, number), sub_code)
    customer.assert_spent(shop, (10_000, 5000))
    shop.assert_status(out_trade_no, "TRADE_SUCCESS")

    known = _refund_query(shop, out_trade_no, second)
    assert_succeeded(known)
    assert known["refund_status"] == "REFUND_SUCCESS"
    assert known["out_request_no"] == second
    assert known["refund_amount"] == amounts["second"]
    assert known["total_amount"] == amounts["total"]
    unknown = _refund_query(shop, out_trade_no, new_number("never"))
    assert_succeeded(unknown)
    assert "refund_status" not in unknown

    answer = refund(amounts["both"], rest)
    assert_succeeded(answer)
    assert (answer["fund_change"], answer["refund_fee"]) == ("Y", amounts["total"])
    shop.assert_status(out_trade_no, "TRADE_CLOSED")
    customer.assert_spent(shop, (10_000, 10_000))
    assert shop.balance_minor() == 0

    for number, status, total in (
        (first, "TRADE_SUCCESS", amounts["first"]),
        (second, "TRADE_SUCCESS", amounts["both"]),
        (rest, "TRADE_CLOSED", amounts["total"]),
    ):
        (fields,) = receiver.expect(1, out_biz_no=number)
        shop.assert_genuine(fields)
        assert (fields["trade_status"], fields["refund_fee"]) == (status, total)
        assert fields["out_trade_no"] == out_trade_no
        assert fields["gmt_refund"]


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_the_whole_amount_goes_under_the_order_number(world, payer, cell):
    """A full refund needs no number of its own."""
    shop = world.shop(cell)
    customer = world.payer(shop, 2000, payer)
    order, _ = shop.sell(customer, 2000)
    out_trade_no, whole = order["out_trade_no"], shop.yuan(2000)
    answer = shop.call("trade.refund", out_trade_no=out_trade_no, refund_amount=whole)
    assert_succeeded(answer)
    assert (answer["fund_change"], answer["refund_fee"]) == ("Y", whole)
    known = _refund_query(shop, out_trade_no, out_trade_no)
    assert (known["refund_status"], known["refund_amount"]) == ("REFUND_SUCCESS", whole)
    shop.assert_status(out_trade_no, "TRADE_CLOSED")
    customer.assert_spent(shop, (2000, 2000))


def test_an_order_that_does_not_exist(world):
    """Nothing to give back."""
    shop = world.shop()
    request = {"out_trade_no": new_number("none"), "refund_amount": "1.00", "out_request_no": new_number("refund")}
    assert_failed(shop.call("trade.refund", **request), "ACQ.TRADE_NOT_EXIST")
