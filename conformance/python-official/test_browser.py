"""Payment in a browser, by the link or the form that the official Python SDK makes."""

import pytest
from sycee_harness.browser import assert_cashier, assert_return, browse, read_form
from sycee_harness.corridors import PAIRS, assert_shop_told

RETURN_URL = "http://shop.example/thanks"


@pytest.mark.parametrize("http_method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("method", "product_code"),
    [("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"), ("alipay.trade.wap.pay", "QUICK_WAP_PAY")],
)
@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_page_payment_and_signed_return(world, payer, cell, method, product_code, http_method):
    """Page, payment, the way back, the notification."""
    shop, receiver = world.shop(cell), world.receiver()
    customer = world.payer(shop, 5000, payer)
    order = shop.order(4990, product_code=product_code, subject="Deux cafés")
    made = shop.client.page(method, order, http_method, receiver.url, RETURN_URL)
    visit = (made, None) if http_method == "GET" else read_form(made)

    code = assert_cashier(browse(*visit), order["subject"])
    payment = customer.pay(code=code)
    assert payment["status"] == "paid"
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 4990)
    if payer != cell:
        assert_shop_told(trade, shop, payment)
    assert_return(
        shop,
        browse(*visit),
        RETURN_URL,
        statuses=(302,) if http_method == "GET" else (302, 303),
        method=f"{method}.return",
        app_id=shop.app_id,
        out_trade_no=order["out_trade_no"],
        trade_no=trade["trade_no"],
        total_amount=shop.yuan(4990),
    )
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert fields["out_trade_no"] == order["out_trade_no"]
