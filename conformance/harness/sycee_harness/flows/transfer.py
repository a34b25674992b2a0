"""A shop sends money out of its proceeds; these codes carry no `ACQ.` prefix."""

import pytest

from sycee_harness.corridors import ABROAD, assert_bought
from sycee_harness.world import assert_failed, assert_succeeded, new_number

# A shop of `payer` sells at home and sends to a customer of `cell`; amounts are the shop's.
MARKETS = [pytest.param("fr", "fr", id="fr"), pytest.param("kr", "kr", id="kr"), *ABROAD]


@pytest.mark.parametrize(("payer", "cell"), MARKETS)
def test_transfer_to_a_customer(world, payer, cell):
    """Once per number, not more than there is, to someone who exists; then asked for."""
    shop = world.shop(payer)
    written, other, too_much = shop.yuan(4000), shop.yuan(4001), shop.yuan(6001)
    buyer, payee = world.customer(10_000, payer), world.customer(0, cell)
    shop.sell(buyer, 10_000)
    number = new_number("transfer")
    product = {"product_code": "TRANS_ACCOUNT_NO_PWD", "biz_scene": "DIRECT_TRANSFER"}

    def transfer(out_biz_no=number, trans_amount=written, identity=payee.id):
        return shop.call(
            "fund.trans.uni.transfer",
            out_biz_no=out_biz_no,
            trans_amount=trans_amount,
            order_title="Prize of the month",
            payee_info={"identity": identity, "identity_type": "ALIPAY_USER_ID"},
            **product,
        )

    answer = transfer()
    assert_succeeded(answer)
    assert (answer["status"], answer["out_biz_no"]) == ("SUCCESS", number)
    assert answer["pay_fund_order_id"]
    assert answer["trans_date"]
    again = transfer()
    assert_succeeded(again)
    assert (again["status"], again["order_id"]) == ("SUCCESS", answer["order_id"])

    assert_failed(transfer(trans_amount=other), "PAYMENT_INFO_INCONSISTENCY")
    assert_failed(transfer(new_number("transfer"), too_much), "PAYER_BALANCE_NOT_ENOUGH")
    assert_failed(transfer(new_number("transfer"), identity="2088999999999990"), "PAYEE_NOT_EXIST")
    nobody = new_number("transfer")
    for _ in range(2):
        assert_failed(transfer(nobody, identity=payee.id[:-5] + "99999"), "PAYEE_NOT_EXIST")
    if payer == cell:
        assert payee.balance_minor() == 4000
    else:
        world.sandbox.settle()
        sent, refused = world.sandbox.payments("merchants", shop.merchant_id)
        assert (sent["status"], sent["out_biz_no"]) == ("paid", number)
        assert (refused["status"], refused["out_biz_no"]) == ("refused", nobody)
        assert sent["paid_amount"] == {"currency": shop.currency, "minor": 4000}
        assert_bought(sent)
        assert sent["order_amount"] == {"currency": payee.currency, "minor": payee.balance_minor()}
    assert shop.balance_minor() == 6000

    for identity in ({"out_biz_no": number}, {"order_id": answer["order_id"]}):
        known = shop.call("fund.trans.common.query", **identity, **product)
        assert_succeeded(known)
        assert (known["status"], known["trans_amount"]) == ("SUCCESS", written)
        assert (known["out_biz_no"], known["order_id"]) == (number, answer["order_id"])
    assert_failed(shop.call("fund.trans.common.query", out_biz_no=new_number("none"), **product), "ORDER_NOT_EXIST")
