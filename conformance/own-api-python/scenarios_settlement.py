"""Merchants' settlement: terms, a day down to its orders, the payout."""

from api_world import eur, new_number
from refusing import assert_problem
from scenarios import scenario

# A weekend and a holiday are shorter: in so many days there is a banking day whose cut-off has passed.
DAYS = 6


@scenario
def a_day_is_settled_and_paid_out(world):
    shop, anna, finance = world.merchant(), world.customer(20_000), world.staff["finance"].api
    terms = {"schedule": "daily", "reserve_bps": 1_000, "reserve_days": 30, "negative_limit_minor": "5000"}
    finance.set_settlement_terms(shop.number, terms)
    account = {"holder": "Café du Port", "iban": "FR14 2004 1010 0505 0001 3M02 606"}
    assert finance.set_bank_account(shop.number, account)["bank_account"] == "****2606"
    assert shop.api.show_settlement_terms()["reserve_bps"] == 1_000

    order = {"out_trade_no": new_number("settled"), "total": eur(10_000), "subject": "tea"}
    shop.api.charge_pay_code({"order": order, "auth_code": anna.api.issue_pay_code()["auth_code"]})
    world.admin.advance_test_clock({"seconds": DAYS * 86_400})
    settlements = shop.api.list_settlements("EUR")["items"]
    (settlement,) = [one for one in settlements if one["gross"] == eur(10_000)]
    assert shop.api.show_settlement("EUR", settlement["date"]) == settlement
    closing = settlement["closing"]
    assert closing["reserve_held"] == eur(1_000)
    entries = shop.api.list_settlement_entries("EUR", settlement["date"], {"order": "oldest"})["items"]
    assert entries[0]["out_trade_no"] == order["out_trade_no"]
    assert sum(int(entry["on_balance_minor"]) for entry in entries) == int(closing["carried_forward_minor"])

    payout = shop.api.show_payout(closing["payout"])
    assert (payout["state"], payout["money"]) == ("settled", closing["paid_out"])
    listed = finance.list_payouts()["items"]
    assert payout["payout"] in [one["payout"] for one in listed]
    said = {"is_settled": True, "bank_reference": "CALL-1", "reason": "by telephone"}
    assert_problem(409, "payout_not_unknown", finance.resolve_payout, payout["payout"], said)
    assert finance.settle_merchant(shop.number, {"currency": "EUR"})["is_more"] is False


@scenario
def a_payout_of_which_the_bank_says_nothing_is_resolved_by_finance(world):
    shop, anna, finance = world.merchant(), world.customer(20_000), world.staff["finance"].api
    world.sandbox.request("POST", f"/merchants/{shop.number}/settlement", {"account": "silent"})
    order = {"out_trade_no": new_number("silent"), "total": eur(10_000), "subject": "tea"}
    shop.api.charge_pay_code({"order": order, "auth_code": anna.api.issue_pay_code()["auth_code"]})
    world.admin.advance_test_clock({"seconds": DAYS * 86_400})
    (settlement,) = [one for one in shop.api.list_settlements("EUR")["items"] if one["gross"] == eur(10_000)]
    number = settlement["closing"]["payout"]
    for _ in range(4):
        world.admin.advance_test_clock({"seconds": 3_600})
    assert number in [one["payout"] for one in finance.list_payouts({"state": "unknown"})["items"]]
    said = {"is_settled": True, "bank_reference": "CALL-1", "reason": "by telephone"}
    resolved = finance.resolve_payout(number, said)
    assert (resolved["state"], resolved["bank_reference"]) == ("settled", "CALL-1")


@scenario
def own_money_is_put_aside_for_refunds(world):
    finance = world.staff["finance"].api
    funds = finance.move_advance_funds({"money": eur(3_000), "bank_reference": "OWN-1"})
    back = {"money": eur(3_000), "bank_reference": "OWN-2", "is_withdrawal": True}
    left = finance.move_advance_funds(back)["available"]
    assert int(funds["available"]["minor"]) - int(left["minor"]) == 3_000
