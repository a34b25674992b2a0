"""Payment in a browser, by the link that the community SDK makes."""

import pytest
from sycee_harness.browser import assert_cashier, assert_return, browse
from sycee_harness.corridors import PAIRS, assert_shop_told

RETURN_URL = "http://shop.example/thanks"


@pytest.mark.parametrize("method", ["alipay.trade.page.pay", "alipay.trade.wap.pay"])
@pytest.mark.parametrize(("payer", "cell"), PAIRS)
def test_page_payment_and_signed_return(world, payer, cell, method):
    """Page, payment, the way back, the notification."""
    shop, receiver = world.shop(cell), world.receiver()
    customer = world.payer(shop, 5000, payer)
    order = shop.order(4990, subject="Deux cafés")
    link = shop.client.page(method, order, receiver.url, RETURN_URL)

    code = assert_cashier(browse(link), order["subject"])
    payment = customer.pay(code=code)
    assert payment["status"] == "paid"
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 4990)
    if payer != cell:
        assert_shop_told(trade, shop, payment)
    assert_return(
        shop,
        browse(link),
        RETURN_URL,
        method=f"{method}.return",
        app_id=shop.app_id,
        out_trade_no=order["out_trade_no"],
        trade_no=trade["trade_no"],
        total_amount=shop.yuan(4990),
    )
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    assert fields["out_trade_no"] == order["out_trade_no"]
