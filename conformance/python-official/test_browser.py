"""Payment in a browser, by the link or the form that the official Python SDK makes."""

import pytest
from sycee_harness.browser import assert_cashier, assert_return, browse, read_form

RETURN_URL = "http://shop.example/thanks"


@pytest.mark.parametrize("http_method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("method", "product_code"),
    [("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"), ("alipay.trade.wap.pay", "QUICK_WAP_PAY")],
)
def test_page_payment_and_signed_return(world, method, product_code, http_method):
    """Page, payment, the way back, the notification."""
    shop, customer, receiver = world.shop(), world.customer(5000), world.receiver()
    order = shop.order(4990, product_code=product_code, subject="Deux cafés")
    made = shop.client.page(method, order, http_method, receiver.url, RETURN_URL)
    visit = (made, None) if http_method == "GET" else read_form(made)

    code = assert_cashier(browse(*visit), order["subject"])
    assert customer.pay(code=code)["status"] == "paid"
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert_return(
        shop,
        browse(*visit),
        RETURN_URL,
        statuses=(302,) if http_method == "GET" else (302, 303),
        method=f"{method}.return",
        app_id=shop.app_id,
        out_trade_no=order["out_trade_no"],
        trade_no=trade["trade_no"],
        total_amount="49.90",
    )
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert fields["out_trade_no"] == order["out_trade_no"]
