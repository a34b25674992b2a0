"""Payment in a browser, by the link that the community SDK makes."""

import pytest
from sycee_harness.browser import assert_cashier, assert_return, browse

RETURN_URL = "http://shop.example/thanks"


@pytest.mark.parametrize("method", ["alipay.trade.page.pay", "alipay.trade.wap.pay"])
def test_page_payment_and_signed_return(world, method):
    """Page, payment, the way back, the notification."""
    shop, customer, receiver = world.shop(), world.customer(5000), world.receiver()
    order = shop.order(4990, subject="Deux cafés")
    link = shop.client.page(method, order, receiver.url, RETURN_URL)

    code = assert_cashier(browse(link), order["subject"])
    assert customer.pay(code=code)["status"] == "paid"
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    assert_return(
        shop,
        browse(link),
        RETURN_URL,
        method=f"{method}.return",
        app_id=shop.app_id,
        out_trade_no=order["out_trade_no"],
        trade_no=trade["trade_no"],
        total_amount="49.90",
    )
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert fields["out_trade_no"] == order["out_trade_no"]
