"""What parties are told: events, webhooks, notifications of orders, their own requests; and a sandbox's clock and faults."""

import time
import urllib.parse

from api_world import eur, new_number
from refusing import assert_problem
from scenarios import rsa_public_key, scenario
from sycee_client import ProblemError
from sycee_harness.browser import Visitor

NOBODY_LISTENS = "http://127.0.0.1:9/hook"


def _sale(shop, anna, **more):
    order = {"out_trade_no": new_number("sale"), "total": eur(100), "subject": "tea", **more}
    code = anna.api.issue_pay_code()["auth_code"]
    return shop.api.charge_pay_code({"order": order, "auth_code": code})["order"]


@scenario
def what_happened_is_read_by_page_and_as_a_stream(world):
    shop, anna = world.merchant(), world.customer(1_000)
    start = shop.api.list_events({"after": "now", "limit": "1"})["next"]
    numbers = [_sale(shop, anna)["trade_no"] for _ in range(3)]
    query = {"after": start, "type": "acquiring.order_paid"}
    seen, after = [], start
    while len(seen) < 3:
        page = shop.api.list_events({**query, "after": after, "limit": "2"})
        seen += page["events"]
        after = page["next"]
    assert [event["data"]["trade_no"] for event in seen] == numbers
    streamed = []
    for event in shop.api.stream_events(query):
        streamed.append(event)
        if len(streamed) == 3:
            break
    assert streamed == seen, "the stream says the same"
    assert_problem(422, "bad_field", shop.api.list_events, {"after": "nonsense"})


@scenario
def a_webhook_is_made_shown_set_back_and_forgotten(world):
    shop = world.merchant()
    made = shop.api.make_webhook({"url": NOBODY_LISTENS, "types": ["acquiring.order_paid"]})
    assert made["secret"].startswith("whsec_")
    (listed,) = shop.api.list_webhooks()["webhooks"]
    assert "secret" not in listed
    assert listed["webhook"] == made["webhook"]
    assert shop.api.replay_webhook(made["webhook"], {"after": made["place"]})["webhook"] == made["webhook"]
    assert shop.api.delete_webhook(made["webhook"])["webhook"] == made["webhook"]
    assert shop.api.list_webhooks()["webhooks"] == []


@scenario
def a_notification_is_seen_and_sent_again(world):
    shop, anna = world.merchant(), world.customer(1_000)
    order = _sale(shop, anna, notify_url=NOBODY_LISTENS)
    until = time.monotonic() + 60
    while not (deliveries := shop.api.list_deliveries()["deliveries"]):
        assert time.monotonic() < until, "the notification was never tried"
        time.sleep(0.05)
    (delivery,) = deliveries
    assert delivery["trade_no"] == order["trade_no"]
    assert shop.api.show_delivery(delivery["notify_id"])["payload"] == delivery["payload"]
    again = shop.api.replay_delivery(delivery["notify_id"])
    assert again["payload"] == delivery["payload"]
    assert any(attempt["on_request"] for attempt in again["attempts"])
    assert shop.api.notify_again(order["trade_no"])["trade_no"] == order["trade_no"]


@scenario
def a_developer_reads_what_its_requests_came_to(world):
    shop = world.merchant()
    try:
        shop.api.show_order("0" * 28)
    except ProblemError as problem:
        assert problem.status == 404
    newest = shop.api.list_requests({"status": "404"})["requests"]
    assert [entry["operation"] for entry in newest] == ["show_order"]


@scenario
def an_app_says_where_its_customers_may_be_sent_back_to(world):
    shop = world.merchant()
    app = world.admin.register_app(shop.number, {"public_key": rsa_public_key()})["app"]
    addresses = ["https://shop.example/in"]
    assert shop.api.set_return_addresses(app, {"addresses": addresses})["addresses"] == addresses
    assert shop.api.list_return_addresses(app)["addresses"] == addresses


@scenario
def an_app_that_a_customer_has_let_in_is_put_out_again(world):
    shop, phone, pin = world.merchant(), "+33612350002", "739164"
    app = world.admin.register_app(shop.number, {"public_key": rsa_public_key()})["app"]
    back = "http://127.0.0.1:9/in"
    shop.api.set_return_addresses(app, {"addresses": [back]})
    anna = world.customer(phone=phone, pin=pin).api
    query = {"app_id": app, "scope": "auth_user", "redirect_uri": back, "state": "s"}
    visitor = Visitor(world.base_url)
    _, page = visitor.open(f"/oauth2/publicAppAuthorize.htm?{urllib.parse.urlencode(query)}")
    _, page = visitor.send(page, login=phone, pin=pin, wallet="fr")
    visitor.send(page, answer="allow")
    assert [consent["app"] for consent in anna.list_consents()["consents"]] == [app]
    assert anna.withdraw_consent(app)["app"] == app
    assert anna.list_consents() == {"consents": []}


@scenario
def admins_of_a_sandbox_move_its_clock_and_make_calls_fail(world):
    before = world.admin.test_clock()["now"]
    assert world.admin.advance_test_clock({"seconds": 1})["now"] > before
    none = {"effect": "webhook", "mode": "lose", "count": 0}
    assert world.admin.set_test_fault(none) == none
    assert_problem(403, "caller_unfit", world.staff["cashier"].api.test_clock)
