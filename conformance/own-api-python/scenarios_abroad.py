"""Across a border: a customer of France pays a shop in Thailand, and the network's operator settles."""

from api_world import eur, new_number
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
    key = new_number("noodles")
    quote = anna.api.enquire(asked, idempotency_key=key)
    assert (quote["state"], quote["cell"]) == ("quoted", "th")
    assert anna.api.enquire(asked, idempotency_key=key)["quote"] == quote["quote"]
    assert anna.api.show_quote(quote["quote"])["offer"] == quote["offer"]
    total = int(quote["offer"]["total"]["minor"])
    paid = anna.api.pay_quote(quote["quote"])
    assert (paid["state"], paid["total"]) == ("paid", eur(total))
    assert anna.api.pay_quote(quote["quote"])["payment"] == paid["payment"]
    assert (anna.minor(), shop.minor("THB")) == (50_000 - total, 40_000)
    assert anna.api.show_payment(paid["payment"])["trade_no"] == paid["trade_no"]
    assert_problem(404, "not_found", world.customer().api.show_payment, paid["payment"])


@scenario
def the_network_is_looked_after(world):
    """Participants, rates, prefunding, an exchange; a window that is closed and settled."""
    admin, finance = world.staff_of("net", "admin"), world.staff_of("net", "finance")
    participants = {row["cell"]: row for row in finance.list_participants()["items"]}
    assert {"fr", "th"} <= set(participants)
    cap = str(int(participants["fr"]["net_debit_cap"]["minor"]) + 1)
    assert admin.register_participant({"cell": "fr", "net_debit_cap_minor": cap})["net_debit_cap"]["minor"] == cap
    assert finance.list_rates()["items"]
    funded = finance.prefund(str(participants["fr"]["number"]), {"money": eur(7_000), "bank_reference": "b1"})
    assert int(funded["prefunded_minor"]) - int(participants["fr"]["prefunded_minor"]) == 7_000
    exchanged = finance.exchange({"given": eur(1_000), "got": thb(39_000), "bank_reference": "x1"})
    assert exchanged["given"] == eur(1_000)

    the_price_is_shown_and_then_exactly_that_is_paid(world)
    window = finance.show_open_window()["window"]
    assert finance.close_window(window) == {"window": window}
    # Both sides have counted when nothing is on its way any more.
    world.sandbox.settle()
    for side in finance.show_window(window)["sides"]:
        for due in side["instructions"]:
            paid = {"cell": side["cell"], "currency": due["money"]["currency"], "bank_reference": "SIM-1"}
            finance.confirm_settlement(window, paid)
    world.sandbox.settle()
    assert finance.show_window(window)["open_sides"] == 0
    assert finance.list_windows({"unsettled": True})["items"] == []


@scenario
def staff_sees_what_is_on_its_way_abroad(world):
    the_price_is_shown_and_then_exactly_that_is_paid(world)
    support, finance = world.staff["support"].api, world.staff["finance"].api
    payment = support.list_outgoing_payments({"state": "paid"})["items"][0]
    assert support.show_outgoing_payment(payment["payment"])["payer"] == payment["payer"]
    released = {"reference": "file 1"}
    assert_problem(409, "payment_not_waiting", finance.release_payment, payment["payment"], released)
    assert finance.list_parked_messages()["items"] == []
    assert_problem(404, "message_not_parked", finance.retry_parked_message, "98", "1")
