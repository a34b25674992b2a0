"""Order strings: the SDK signs them offline, the customer's wallet brings them, the shop's app gets a signed result."""

import json

import pytest

from sycee_harness.corridors import PAIRS
from sycee_harness.sandbox import Refused
from sycee_harness.world import new_number


def genuine(shop, method, told):
    """The node of a result, after the SDK's own check of its signature; a forged one does not pass."""
    result = told["result"]
    sign = json.loads(result)["sign"]
    key = f"{method.replace('.', '_')}_response"
    text = result[len(f'{{"{key}":') : result.index(f',"sign":"{sign}"')]
    assert shop.client.verify_text(text, sign) is True
    assert shop.client.verify_text(text + " ", sign) is False
    return json.loads(text)


@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_an_app_hands_an_order_to_the_wallet(world, payer, cell):
    """Signed offline, paid, told to the app and to the server; brought again it is the same payment."""
    method = "alipay.trade.app.pay"
    shop = world.shop(cell)
    customer, receiver = world.payer(shop, 5000, payer), world.receiver()
    order = shop.order(1250, subject="Thé & gâteau + 1")
    text = shop.client.order_string(method, order, notify_url=receiver.url)
    quoted = customer.quote(code=text)
    assert (quoted["status"], quoted["order_amount"]["minor"]) == ("quoted", 1250)
    for _ in range(2):
        paid = customer.pay(code=text)
        assert (paid["status"], paid["app_result"]["resultStatus"]) == ("paid", "9000")
    node = genuine(shop, method, paid["app_result"])
    told = (node["code"], node["out_trade_no"], node["total_amount"], node["app_id"])
    assert told == ("10000", order["out_trade_no"], shop.yuan(1250), shop.app_id)
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert trade["trade_no"] == node["trade_no"] == paid["payment_id"]
    customer.assert_spent(shop, 1250)
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)


def test_an_app_has_money_frozen(world):
    """Signed offline, confirmed, told of."""
    method = "alipay.fund.auth.order.app.freeze"
    shop, customer, receiver = world.shop(), world.customer(50_000), world.receiver()
    request = {
        "out_order_no": new_number("freeze"),
        "out_request_no": new_number("request"),
        "order_title": "A room",
        "amount": shop.yuan(20_000),
        "product_code": "PRE_AUTH_ONLINE",
    }
    frozen = customer.pay(code=shop.client.order_string(method, request, notify_url=receiver.url))
    assert (frozen["status"], frozen["app_result"]["resultStatus"]) == ("frozen", "9000")
    node = genuine(shop, method, frozen["app_result"])
    assert (node["status"], node["amount"]) == ("SUCCESS", shop.yuan(20_000))
    (fields,) = receiver.expect(1)
    assert shop.client.verify(dict(fields)) is True
    told = (fields["notify_type"], fields["auth_no"], fields["rest_amount"])
    assert told == ("fund_auth_freeze", node["auth_no"], shop.yuan(20_000))
    assert customer.balance_minor() == 30_000


def test_a_forged_order_string_is_refused(world):
    """Nothing is made of it, and the app is told why."""
    method = "alipay.trade.app.pay"
    shop, customer = world.shop(), world.customer(5000)
    text = shop.client.order_string(method, shop.order(1250)).replace("12.50", "0.50")
    with pytest.raises(Refused) as refused:
        customer.pay(code=text)
    problem = json.loads(refused.value.problem)
    assert problem["code"] == "order_string_refused"
    assert genuine(shop, method, problem["app_result"])["sub_code"] == "isv.invalid-signature"
    assert customer.balance_minor() == 5000
