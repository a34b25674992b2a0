"""The customer scans the shop's code, or the shop scans the customer's."""

import re

import pytest

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


def test_a_shown_code_is_not_paid_without_enough_money(world):
    """The customer is refused and keeps what there is."""
    shop = world.shop()
    customer = world.customer(999)
    created = shop.call("trade.precreate", **shop.order(1000))
    assert_refused(customer.pay, code=created["qr_code"])
    assert customer.balance_minor() == 999
    assert shop.balance_minor() == 0


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
    assert_succeeded(shop.call("trade.pay", **shop.order(100, scene="bar_code", auth_code=code)))
    return code


def _expired(world, shop, customer):
    code = customer.pay_code()
    world.sandbox.advance_clock(120)
    return code


def _unknown(world, shop, customer):
    return "289999999999999999"


@pytest.mark.parametrize(("take_code", "spent_minor"), [(_used, 100), (_expired, 0), (_unknown, 0)])
def test_a_code_that_cannot_pay(world, take_code, spent_minor):
    """Used, expired and unknown codes are refused alike, and move nothing."""
    shop = world.shop()
    customer = world.customer(5000)
    order = shop.order(250, scene="bar_code", auth_code=take_code(world, shop, customer))
    assert_failed(shop.call("trade.pay", **order), "ACQ.PAYMENT_AUTH_CODE_INVALID")
    assert customer.balance_minor() == 5000 - spent_minor
    assert shop.balance_minor() == spent_minor


def test_barcode_without_enough_money(world):
    """Refused; nothing moves."""
    shop = world.shop()
    customer = world.customer(199)
    order = shop.order(200, scene="bar_code", auth_code=customer.pay_code())
    assert_failed(shop.call("trade.pay", **order), "ACQ.BUYER_BALANCE_NOT_ENOUGH")
    assert customer.balance_minor() == 199
    assert shop.balance_minor() == 0


def test_barcode_repeated_is_the_same_payment(world):
    """The same request again gives the same success and takes the money once."""
    shop = world.shop()
    customer = world.customer(5000)
    order, paid = shop.sell(customer, 300)
    again = shop.call("trade.pay", **order)
    assert_succeeded(again)
    for name in ("trade_no", "out_trade_no", "total_amount", "buyer_user_id", "gmt_payment"):
        assert again[name] == paid[name], name
    assert customer.balance_minor() == 4700
