"""Certificate mode: the library names its certificates by serial and reads the gateway's key out of one."""

import base64

import pytest
from certificate_client import CertificateClient
from cryptography import x509
from sycee_harness.browser import assert_cashier, assert_return, browse
from sycee_harness.corridors import assert_shop_told
from sycee_harness.world import assert_failed, assert_succeeded


@pytest.fixture(name="certified_shop")
def certified_shop_fixture(world):
    """Makes a shop that works with certificates; `changes` are certificates of others to use in place of its own."""

    def make(cell="fr", **changes):
        shop = world.shop(cell, certificates=True)
        certificates = {**shop.certificates, **changes}
        registered = shop.registered
        shop.client = CertificateClient(world.gateway_url, registered.app_id, registered.private_pem, certificates)
        shop.certificates = certificates
        return shop

    return make


@pytest.mark.parametrize(("payer", "cell"), [("fr", "fr"), ("th", "fr")])
def test_precreate_scan_query_refund_notification(world, certified_shop, payer, cell):
    """The life of an order, every answer and the notification verified with the certificate's key."""
    shop = certified_shop(cell)
    customer = world.payer(shop, 5000, payer)
    receiver = world.receiver()
    order = shop.order(1250)
    created = shop.call("trade.precreate", notify_url=receiver.url, **order)
    assert_succeeded(created)
    payment = customer.pay(code=created["qr_code"])
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    if payer != cell:
        assert_shop_told(trade, shop, payment)
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)
    refund = {"out_trade_no": order["out_trade_no"], "out_request_no": "r1", "refund_amount": shop.yuan(250)}
    assert_succeeded(shop.call("trade.refund", **refund))
    customer.assert_spent(shop, (1250, 250))


@pytest.mark.parametrize(("payer", "cell"), [("fr", "fr"), ("th", "fr")])
def test_barcode(world, certified_shop, payer, cell):
    """The shop scans the customer's code."""
    shop = certified_shop(cell)
    customer = world.payer(shop, 5000, payer)
    order, _ = shop.sell(customer, 700)
    shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 700)


@pytest.mark.parametrize(("payer", "cell"), [("fr", "fr"), ("th", "fr")])
def test_page_payment_and_signed_return(world, certified_shop, payer, cell):
    """Page, payment, the way back, the notification."""
    method, return_url = "alipay.trade.page.pay", "http://shop.example/thanks"
    shop, receiver = certified_shop(cell), world.receiver()
    customer = world.payer(shop, 5000, payer)
    order = shop.order(4990)
    link = shop.client.page(method, order, receiver.url, return_url)
    payment = customer.pay(code=assert_cashier(browse(link), order["subject"]))
    trade = shop.assert_status(order["out_trade_no"], "TRADE_SUCCESS")
    customer.assert_spent(shop, 4990)
    if payer != cell:
        assert_shop_told(trade, shop, payment)
    assert_return(
        shop,
        browse(link),
        return_url,
        method=f"{method}.return",
        app_id=shop.app_id,
        out_trade_no=order["out_trade_no"],
        trade_no=trade["trade_no"],
        total_amount=shop.yuan(4990),
    )
    (fields,) = receiver.expect(1)
    shop.assert_genuine(fields)


def test_a_certificate_of_another_app(world, certified_shop):
    """Refused, and the refusal is verified."""
    other = certified_shop()
    shop = certified_shop(app_cert=other.certificates["app_cert"])
    assert_failed(shop.call("trade.query", out_trade_no="nobody-1"), "isv.app-cert-not-exist", "40002")


def test_the_chain_and_the_download(world, certified_shop):
    """Signatures of the chain hold, and the gateway's certificate can be fetched by the serial the library computes."""
    shop = certified_shop()
    platform, issuing = x509.load_pem_x509_certificates(shop.certificates["alipay_cert"].encode())
    (root,) = x509.load_pem_x509_certificates(shop.certificates["root_cert"].encode())
    (app,) = x509.load_pem_x509_certificates(shop.certificates["app_cert"].encode())
    for certificate, issuer in ((root, root), (issuing, root), (platform, issuing), (app, issuing)):
        certificate.verify_directly_issued_by(issuer)
    library = shop.client._alipay
    serial = library.get_cert_sn(shop.certificates["alipay_cert"])
    downloaded = library.server_api("alipay.open.app.alipaycert.download", {"alipay_cert_sn": serial})
    assert_succeeded(downloaded)
    assert base64.b64decode(downloaded["alipay_cert_content"]).decode() == shop.certificates["alipay_cert"]
