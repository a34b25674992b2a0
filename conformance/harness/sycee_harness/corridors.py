"""Payments across a border: between which cells, and proof by a computation of our own, in exact fractions."""

import math
from fractions import Fraction

import pytest

# Currency and number of decimals by cell of the sandbox world.
CURRENCIES = {
    "cn": ("CNY", 2),
    "hk": ("HKD", 2),
    "th": ("THB", 2),
    "pk": ("PKR", 2),
    "kr": ("KRW", 0),
    "it": ("EUR", 2),
    "fr": ("EUR", 2),
}
DIGITS = dict(CURRENCIES.values())

# Whose customer pays in whose shop.
CORRIDORS = [("th", "fr"), ("cn", "it"), ("kr", "hk"), ("fr", "cn"), ("hk", "kr")]

# For `@pytest.mark.parametrize(("payer", "cell"), …)`: the corridors, and with a customer who pays at home before them.
ABROAD = [pytest.param(payer, cell, id=f"{payer}-in-{cell}") for payer, cell in CORRIDORS]
PAIRS = [pytest.param("fr", "fr", id="fr"), *ABROAD]

# Enough for anything that is sold in these suites, and below every market's limits; in minor units.
AMPLE = {"THB": 1_500_000, "CNY": 300_000, "KRW": 600_000, "EUR": 40_000, "HKD": 300_000, "PKR": 3_000_000}


def _minor(amount, from_currency, to_currency):
    """A number of minor units of one currency as if both had as many digits."""
    return amount * Fraction(10) ** (DIGITS[to_currency] - DIGITS[from_currency])


def assert_recomputes(payment):
    """What the payer was shown follows from the price, the rate and the margin, to the last minor unit."""
    order, paid, fx = payment["order_amount"], payment["paid_amount"], payment["fx"]
    fee = payment.get("fee_amount", {"minor": 0})["minor"]
    rate, margin = Fraction(fx["rate"]), Fraction(fx["margin"])
    exact = _minor(order["minor"] * rate, order["currency"], paid["currency"])
    mid = math.floor(exact)
    margin_minor, converted = math.floor(mid * margin), math.ceil(exact * (1 + margin))
    residual = converted - mid - margin_minor
    assert (fx["mid_minor"], fx["margin_minor"], fx["residual_minor"]) == (mid, margin_minor, residual), payment
    assert 0 <= residual <= 3
    assert paid["minor"] == converted + fee, payment
    assert Fraction(fx["customer_rate"]) == rate * (1 + margin)
    assert fx["source"]


def assert_bought(payment):
    """The same for money that is sent: so much is given, and the payee gets what it buys, rounded down."""
    got, paid, fx = payment["order_amount"], payment["paid_amount"], payment["fx"]
    given = paid["minor"] - payment.get("fee_amount", {"minor": 0})["minor"]
    rate, margin = Fraction(fx["rate"]), Fraction(fx["margin"])
    assert got["minor"] == math.floor(_minor(given / (rate * (1 + margin)), paid["currency"], got["currency"]))
    mid = math.floor(_minor(got["minor"] * rate, got["currency"], paid["currency"]))
    margin_minor = math.floor(mid * margin)
    shown = (fx["mid_minor"], fx["margin_minor"], fx["residual_minor"])
    assert shown == (mid, margin_minor, given - mid - margin_minor), payment


def returned_minor(payment):
    """What came back: the share of what was refunded, halves up."""
    share = Fraction(payment["paid_amount"]["minor"] * payment["refunded_amount"]["minor"])
    return math.floor(share / payment["order_amount"]["minor"] + Fraction(1, 2))


def assert_shop_told(answer, shop, payment):
    """The shop gets its full price, and hears beside it what the payer's currency was charged."""
    order, paid = payment["order_amount"], payment["paid_amount"]
    for name in ("total_amount", "receipt_amount", "buyer_pay_amount", "settle_amount"):
        assert answer[name] == shop.yuan(order["minor"]), name
    assert answer["trans_currency"] == answer["settle_currency"] == order["currency"]
    assert answer["pay_currency"] == paid["currency"]
    hundredths = paid["minor"] * 10 ** (2 - DIGITS[paid["currency"]])
    assert answer["pay_amount"] == f"{hundredths // 100}.{hundredths % 100:02}"
    assert answer["trans_pay_rate"] == payment["fx"]["customer_rate"]
