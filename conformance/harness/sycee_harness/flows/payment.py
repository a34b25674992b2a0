"""The customer scans the shop's code, or the shop scans the customer's."""

import re

import pytest

from sycee_harness.corridors import ABROAD, PAIRS, assert_recomputes, assert_shop_told
from sycee_harness.sandbox import assert_refused
from sycee_harness.world import assert_failed, assert_succeeded

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"

MARKETS = [
    pytest.param("fr", 1250, "12.50", id="fr"),
    pytest.param("cn", 1, "0.01", id="cn"),
    pytest.param("kr", 1000, "1000.00", id="kr"),
]

SUBJECTS = [
    pytest.param("Café crème, 龙井茶, ชา, 차", id="scripts"),
    pytest.param("\"Tea\" \\ 'milk' / 100% + a=b&c", id="signs-of-the-form-encoding"),
    pytest.param("set {1} of { and }}", id="braces-that-do-not-match"),
]


@pytest.mark.parametrize(("cell", "minor", "written"), MARKETS)
def test_precreate_scan_query_notification(world, cell, minor, written):
    """Code shown, scanned, paid, asked for and notified."""
    shop = world.shop(cell)
    customer = world.customer(5000, cell)
    receiver = world.receiver()
    order = shop.order(minor)
    assert order["total_amount"] == written

    created = shop.call("trade.precreate", notify_url=receiver.url, **order)
    assert_succeeded(created)
    assert created["out_trade_no"] == order["out_trade_no"]
    assert_failed(shop.call("trade.query", out_trade_no=order["out_trade_no"]), "ACQ.TRADE_NOT_EXIST")

    payment = customer.pay(code=created["qr_code"])
    assert payment["status"] == "paid"
    assert payment["order_amount"] == {"currency": shop.currency, "minor": minor}
    assert payment["paid_amount"] == {"currency": shop.currency, "minor": minor}

    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert trade["out_trade_no"] == order["out_trade_no"]
    assert trade["buyer_user_id"] == customer.id
    for name in ("total_amount", "receipt_amount", "buyer_pay_amount"):
        assert trade[name] == written, name
    assert shop.call("trade.query", trade_no=trade["trade_no"])["out_trade_no"] == order["out_trade_no"]
    assert customer.balance_minor() == 5000 - minor
    assert shop.balance_minor() == minor

    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    wanted = {
        "notify_type": "trade_status_sync",
        "app_id": shop.app_id,
        "version": "1.0",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "trade_no": trade["trade_no"],
        "out_trade_no": order["out_trade_no"],
        "trade_status": "TRADE_SUCCESS",
        "subject": order["subject"],
        "buyer_id": customer.id,
        "total_amount": written,
        "receipt_amount": written,
        "buyer_pay_amount": written,
    }
    assert {name: fields.get(name) for name in wanted} == wanted
    for name in ("notify_time", "gmt_create", "gmt_payment"):
        assert re.fullmatch(TIME, fields[name]), name
    assert fields["notify_id"]
    assert "refund_fee" not in fields


@pytest.mark.parametrize("subject", SUBJECTS)
def test_any_subject_survives_signatures_both_ways(world, subject):
    """Requests, answers and notifications stay verifiable, whatever the text."""
    shop = world.shop()
    customer = world.customer(5000)
    receiver = world.receiver()
    order = shop.order(700, subject=subject)
    created = shop.call("trade.precreate", notify_url=receiver.url, **order)
    assert_succeeded(created)
    customer.pay(code=created["qr_code"])
    shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert fields["subject"] == subject


@pytest.mark.parametrize(("payer", "cell"), ABROAD)
def test_precreate_abroad(world, payer, cell):
    """Quoted, paid exactly as quoted, told to the shop and notified."""
    shop = world.shop(cell)
    customer = world.payer(shop, 8800, payer)
    receiver = world.receiver()
    order = shop.order(8800)
    created = shop.call("trade.precreate", notify_url=receiver.url, **order)
    assert_succeeded(created)
    assert_failed(shop.call("trade.query", out_trade_no=order["out_trade_no"]), "ACQ.TRADE_NOT_EXIST")

    quote = customer.quote(code=created["qr_code"])
    assert (quote["status"], quote["payment_id"]) == ("quoted", None)
    assert quote["order_amount"] == {"currency": shop.currency, "minor": 8800}
    assert_recomputes(quote)
    shop.assert_status(order["out_trade_no"], "WAIT_BUYER_PAY")
    customer.assert_spent(shop)

    payment = customer.pay(quote_id=quote["quote_id"])
    assert payment["status"] == "paid"
    assert (payment["paid_amount"], payment["fx"]) == (quote["paid_amount"], quote["fx"])
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert (trade["trade_no"], trade["buyer_user_id"]) == (payment["payment_id"], customer.id)
    assert_shop_told(trade, shop, payment)
    customer.assert_spent(shop, 8800)
    assert shop.balance_minor() == 8800
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert (fields["trade_status"], fields["receipt_amount"]) == ("TRADE_SUCCESS", shop.yuan(8800))
    assert fields["buyer_id"] == customer.id


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_a_shown_code_is_not_paid_without_enough_money(world, payer, cell):
    """The customer is refused and keeps what there is."""
    shop, customer = world.shop(cell), world.poor_payer(payer)
    created = shop.call("trade.precreate", **shop.order(1000))
    assert_refused(customer.pay, code=created["qr_code"])
    customer.assert_spent(shop)
    assert shop.balance_minor() == 0


@pytest.mark.parametrize(("payer", "cell"), ABROAD)
def test_barcode_abroad(world, payer, cell):
    """The shop scans the code of another cell's customer; the same request again is the same payment."""
    shop = world.shop(cell)
    customer = world.payer(shop, 4500, payer)
    receiver = world.receiver()
    order, paid = shop.sell(customer, 4500, notify_url=receiver.url)
    assert re.fullmatch(TIME, paid["gmt_payment"])
    assert paid["buyer_user_id"] == customer.id
    assert "****" in paid["buyer_logon_id"]
    again = shop.call("trade.pay", **order)
    assert_succeeded(again)
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 4500)
    assert shop.balance_minor() == 4500
    (payment,) = customer.payments()
    assert payment["payment_id"] == paid["trade_no"]
    for answer in (paid, again, trade):
        assert answer["trade_no"] == paid["trade_no"]
        assert_shop_told(answer, shop, payment)
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert (fields["total_amount"], fields["receipt_amount"]) == (shop.yuan(4500), shop.yuan(4500))


@pytest.mark.parametrize(("cell", "minor", "written"), MARKETS)
def test_barcode_paid_at_once(world, cell, minor, written):
    """The shop scans the customer's code."""
    shop = world.shop(cell)
    customer = world.customer(5000, cell)
    receiver = world.receiver()
    order, paid = shop.sell(customer, minor, notify_url=receiver.url)
    assert paid["out_trade_no"] == order["out_trade_no"]
    assert paid["buyer_user_id"] == customer.id
    for name in ("total_amount", "receipt_amount", "buyer_pay_amount"):
        assert paid[name] == written, name
    assert re.fullmatch(TIME, paid["gmt_payment"])
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert trade["trade_no"] == paid["trade_no"]
    assert customer.balance_minor() == 5000 - minor
    assert shop.balance_minor() == minor
    (fields,) = receiver.expect(1, trade_status="TRADE_SUCCESS")
    shop.assert_genuine(fields)
    assert fields["out_trade_no"] == order["out_trade_no"]


def _used(world, shop, customer):
    code = customer.pay_code()
    assert_succeeded(shop.call("trade.pay", **shop.order(1000, scene="bar_code", auth_code=code)))
    return code


def _expired(world, shop, customer):
    code = customer.pay_code()
    world.sandbox.advance_clock(120)
    return code


def _unknown(world, shop, customer):
    return customer.pay_code()[:-14] + 14 * "9"


@pytest.mark.parametrize(("take_code", "spent"), [(_used, [1000]), (_expired, []), (_unknown, [])])
@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_a_code_that_cannot_pay(world, payer, cell, take_code, spent):
    """Used, expired and unknown codes are refused alike, and move nothing."""
    shop = world.shop(cell)
    customer = world.payer(shop, 5000, payer)
    order = shop.order(2500, scene="bar_code", auth_code=take_code(world, shop, customer))
    assert_failed(shop.call("trade.pay", **order), "ACQ.PAYMENT_AUTH_CODE_INVALID")
    customer.assert_spent(shop, *spent)
    assert shop.balance_minor() == sum(spent)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_barcode_without_enough_money(world, payer, cell):
    """Refused; nothing moves, and another customer can pay under the same number."""
    shop = world.shop(cell)
    poor, customer = world.poor_payer(payer), world.payer(shop, 2000, payer)
    order = shop.order(2000, scene="bar_code", auth_code=poor.pay_code())
    assert_failed(shop.call("trade.pay", **order), "ACQ.BUYER_BALANCE_NOT_ENOUGH")
    poor.assert_spent(shop)
    assert shop.balance_minor() == 0
    assert_succeeded(shop.call("trade.pay", **{**order, "auth_code": customer.pay_code()}))
    customer.assert_spent(shop, 2000)


def test_barcode_repeated_is_the_same_payment(world):
    """The same request again gives the same success and takes the money once."""
    shop = world.shop()
    customer = world.customer(5000)
    order, paid = shop.sell(customer, 300)
    again = shop.call("trade.pay", **order)
    assert_succeeded(again)
    for name in ("trade_no", "out_trade_no", "total_amount", "buyer_user_id", "gmt_payment"):
        assert again[name] == paid[name], name
    customer.assert_spent(shop, 300)
