"""Lists and exports of a merchant's, and how staff sees them."""

from api_world import eur, new_number
from scenarios import scenario
from sycee_client import every


def _day(world):
    """A shop with two paid orders, one that nobody has paid, a refund and a payout."""
    shop, anna = world.merchant(), world.customer(10_000)
    numbers = []
    for minor in (500, 1_000):
        order = {"out_trade_no": new_number("day"), "total": eur(minor), "subject": "tea"}
        numbers.append(order["out_trade_no"])
        shop.api.charge_pay_code({"order": order, "auth_code": anna.api.issue_pay_code()["auth_code"]})
    unpaid = {"out_trade_no": new_number("day"), "total": eur(75), "subject": "later"}
    shop.api.create_order_with_code({"order": unpaid})
    shop.api.refund({"out_trade_no": numbers[1], "out_request_no": "R-1", "amount": eur(400), "reason": "cold"})
    payout = {"out_biz_no": new_number("day"), "payee": anna.number, "money": eur(50)}
    shop.api.transfer_to_customer(payout)
    return shop, anna, [*numbers, unpaid["out_trade_no"]]


@scenario
def a_shop_lists_what_it_did(world):
    shop, anna, numbers = _day(world)
    listed = every(lambda cursor: shop.api.list_orders({"limit": 1, "cursor": cursor}))
    assert sorted(order["out_trade_no"] for order in listed) == sorted(numbers)
    assert len(shop.api.list_orders_csv().splitlines()) == 4

    entries = shop.api.list_entries({"order": "oldest"})["items"]
    assert [entry["kind"] for entry in entries] == ["payment", "payment", "refund", "transfer"]
    assert [entry["balance_after"]["minor"] for entry in entries] == ["500", "1500", "1100", "1050"]
    assert len(shop.api.list_entries_csv().splitlines()) == 5
    payments = shop.api.list_received_payments()["items"]
    assert [payment["order"]["out_trade_no"] for payment in payments] == [numbers[1], numbers[0]]
    assert shop.api.list_received_payments_csv({"order": "oldest"}).splitlines()[0].startswith("trade_no,out_trade_no")
    assert [refund["reason"] for refund in shop.api.list_refunds()["items"]] == ["cold"]
    assert [transfer["payee"] for transfer in shop.api.list_transfers({"state": "done"})["items"]] == [anna.number]
    (day,) = shop.api.settlement_report()["items"]
    assert (day["payments"], day["gross_minor"], day["refunded_minor"]) == (2, "1500", "400")


@scenario
def staff_sees_a_shops_lists(world):
    shop, anna, numbers = _day(world)
    support = world.staff["support"].api
    orders = support.list_orders_of_merchant(shop.number)["items"]
    assert sorted(order["out_trade_no"] for order in orders) == sorted(numbers)
    assert len(support.list_entries_of_merchant(shop.number)["items"]) == 4
    assert len(support.list_received_payments_of_merchant(shop.number)["items"]) == 2
    assert len(support.list_refunds_of_merchant(shop.number)["items"]) == 1
    assert len(support.list_transfers_of_merchant(shop.number)["items"]) == 1
    assert support.settlement_report_of_merchant(shop.number)["items"] == shop.api.settlement_report()["items"]

    assert support.show_party(anna.number)["kind"] == "customer"
    shops = every(lambda cursor: support.list_parties({"kind": "merchant", "limit": 100, "cursor": cursor}))
    assert shop.number in [party["party"] for party in shops]
