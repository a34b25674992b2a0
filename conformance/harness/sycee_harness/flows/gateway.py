"""What the gateway itself refuses. Every refusal is signed, so the client's check of the answer holds here too."""

import dataclasses

import pytest

from sycee_harness.world import assert_failed, new_number


def _foreign_key(world, registered):
    private_pem, _ = world.new_key()
    return dataclasses.replace(registered, private_pem=private_pem)


def _unknown_app(world, registered):
    return dataclasses.replace(registered, app_id="2021999999999999")


def _same(world, registered):
    return registered


@pytest.mark.parametrize(
    ("change", "method", "sub_code"),
    [
        pytest.param(_foreign_key, "alipay.trade.query", "isv.invalid-signature", id="foreign-key"),
        pytest.param(_unknown_app, "alipay.trade.query", "isv.invalid-app-id", id="unknown-app"),
        pytest.param(_same, "alipay.sycee.no.such.method", "isv.invalid-method", id="unknown-method"),
    ],
)
def test_refused_by_the_gateway(world, change, method, sub_code):
    """40002 with the reason."""
    shop = world.shop()
    client = world.client(change(world, shop.registered))
    answer = client.call(method, {"out_trade_no": new_number("none")})
    assert_failed(answer, sub_code, code="40002")
