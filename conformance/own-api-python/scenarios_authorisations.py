"""Money frozen for a merchant, and what a customer sees of what happened."""

from api_world import eur, new_number
from refusing import assert_problem
from scenarios import scenario


def _wanted(minor):
    numbers = {"out_order_no": new_number("room"), "out_request_no": new_number("room")}
    return {**numbers, "title": "room 12", "amount": eur(minor)}


@scenario
def money_is_frozen_by_a_code_paid_from_and_given_back(world):
    shop, anna = world.merchant(), world.customer(1_000)
    asked = {"authorisation": _wanted(600)}
    made = shop.api.issue_authorisation_code(asked)
    assert shop.api.issue_authorisation_code(asked)["repeated"] is True
    number = anna.api.scan({"code": made["code"]})["authorisation"]["authorisation_no"]
    assert anna.api.confirm_authorisation(number)["authorisation"]["held"] == eur(600)
    assert anna.api.confirm_authorisation(number)["repeated"] is True
    assert anna.minor() == 400, "what is frozen cannot be spent"
    assert anna.api.show_authorisation(number)["state"] == "authorised"

    order = {"out_trade_no": new_number("breakfast"), "total": eur(250), "subject": "breakfast"}
    assert shop.api.pay_from_authorisation(number, {"order": order})["order"]["status"] == "paid"
    assert shop.api.pay_from_authorisation(number, {"order": order})["repeated"] is True
    less = {"out_request_no": new_number("room"), "amount": eur(100)}
    assert shop.api.release_authorisation(number, less)["authorisation"]["held"] == eur(250)
    assert shop.api.cancel_authorisation(number)["authorisation"]["state"] == "closed"
    shown = shop.api.show_authorisation_by_number(asked["authorisation"]["out_order_no"])
    assert (shown["paid"], shown["released"], shown["held"]) == (eur(250), eur(350), eur(0))
    assert (anna.minor(), shop.minor()) == (750, 250)
    order["out_trade_no"] = new_number("breakfast")
    assert_problem(409, "authorisation_closed", shop.api.pay_from_authorisation, number, {"order": order})


@scenario
def money_is_frozen_by_a_phone(world):
    shop, anna = world.merchant(), world.customer(1_000)
    asked = {"authorisation": _wanted(300), "auth_code": anna.api.issue_pay_code()["auth_code"]}
    assert shop.api.authorise_by_pay_code(asked)["authorisation"]["state"] == "authorised"
    (listed,) = shop.api.list_authorisations({"state": "authorised"})["items"]
    assert listed["held"] == eur(300)
    assert len(shop.api.list_authorisations_csv().splitlines()) == 2


@scenario
def a_customer_sees_what_happened(world):
    anna, bruno = world.customer(1_000), world.customer()
    anna.api.send({"payee": bruno.number, "money": eur(300)})
    items = anna.api.list_history({"order": "oldest"})["items"]
    assert [(item["kind"], item["direction"]) for item in items] == [("cash_in", "in"), ("transfer", "out")]
    assert [item["balance_after"] for item in items] == [eur(1_000), eur(700)]
    assert len(anna.api.list_history_csv().splitlines()) == 3
    seen = world.staff["support"].api.list_history_of_customer(bruno.number)["items"]
    assert [(item["direction"], item["money"]) for item in seen] == [("in", eur(300))]
