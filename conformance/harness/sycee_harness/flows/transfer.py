"""A shop sends money out of its proceeds; these codes carry no `ACQ.` prefix."""

import pytest

from sycee_harness.world import assert_failed, assert_succeeded, new_number

MARKETS = [
    pytest.param("fr", "40.00", "40.01", "60.01", id="fr"),
    pytest.param("kr", "4000.00", "4001.00", "6001.00", id="kr"),
]


@pytest.mark.parametrize(("cell", "written", "other", "too_much"), MARKETS)
def test_transfer_to_a_customer(world, cell, written, other, too_much):
    """Once per number, not more than there is, to someone who exists; then asked for."""
    shop = world.shop(cell)
    buyer, payee = world.customer(10_000, cell), world.customer(0, cell)
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
    assert payee.balance_minor() == 4000
    assert shop.balance_minor() == 6000

    for identity in ({"out_biz_no": number}, {"order_id": answer["order_id"]}):
        known = shop.call("fund.trans.common.query", **identity, **product)
        assert_succeeded(known)
        assert (known["status"], known["trans_amount"]) == ("SUCCESS", written)
        assert (known["out_biz_no"], known["order_id"]) == (number, answer["order_id"])
    assert_failed(shop.call("fund.trans.common.query", out_biz_no=new_number("none"), **product), "ORDER_NOT_EXIST")
