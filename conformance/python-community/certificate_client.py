"""The community's client in certificate mode (`DCAliPay`), in place of the one with bare keys."""

from alipay import DCAliPay
from community_client import CommunityClient


class CertificateClient(CommunityClient):
    """The library with one shop's certificates. It takes the gateway's key out of a certificate."""

    def __init__(self, gateway_url, app_id, private_pem, certificates):
        self._alipay = DCAliPay(
            appid=app_id,
            app_private_key_string=private_pem,
            app_public_key_cert_string=certificates["app_cert"],
            alipay_public_key_cert_string=certificates["alipay_cert"],
            alipay_root_cert_string=certificates["root_cert"],
            sign_type="RSA2",
        )
        # The library has no public way to say where the gateway is.
        self._alipay._gateway = gateway_url
