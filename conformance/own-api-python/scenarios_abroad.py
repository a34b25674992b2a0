"""Across a border: a customer of France pays a shop in Thailand."""

from api_world import eur
from refusing import assert_problem
from scenarios import scenario


def thb(minor):
    """An amount in satang."""
    return {"currency": "THB", "minor": str(minor)}


@scenario
def the_price_is_shown_and_then_exactly_that_is_paid(world):
    anna, shop = world.customer(50_000), world.merchant(cell="th")
    code = world.printed_code(shop)
    asked = {"code": code, "amount": thb(40_000), "reference": "table 4"}
    quote = anna.api.enquire(asked, idempotency_key="noodles")
    assert (quote["state"], quote["cell"]) == ("quoted", "th")
    assert anna.api.enquire(asked, idempotency_key="noodles")["quote"] == quote["quote"]
    assert anna.api.show_quote(quote["quote"])["offer"] == quote["offer"]
    total = int(quote["offer"]["total"]["minor"])
    paid = anna.api.pay_quote(quote["quote"])
    assert (paid["state"], paid["total"]) == ("paid", eur(total))
    assert anna.api.pay_quote(quote["quote"])["payment"] == paid["payment"]
    assert (anna.minor(), shop.minor("THB")) == (50_000 - total, 40_000)
    assert anna.api.show_payment(paid["payment"])["trade_no"] == paid["trade_no"]
    assert_problem(404, "not_found", world.customer().api.show_payment, paid["payment"])
