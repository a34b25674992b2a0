"""python-alipay-sdk, unmodified, as a shop uses it: one function for each method, or `server_api` for the rest."""

import json

from alipay import AliPay, AliPayConfig
from alipay.exceptions import AliPayException

# Where the library has a function for a method, the flows go through it.
_FUNCTIONS = {
    "alipay.trade.precreate": "api_alipay_trade_precreate",
    "alipay.trade.pay": "api_alipay_trade_pay",
    "alipay.trade.create": "api_alipay_trade_create",
    "alipay.trade.query": "api_alipay_trade_query",
    "alipay.trade.refund": "api_alipay_trade_refund",
    "alipay.trade.fastpay.refund.query": "api_alipay_trade_fastpay_refund_query",
    "alipay.trade.cancel": "api_alipay_trade_cancel",
    "alipay.trade.close": "api_alipay_trade_close",
}


class CommunityClient:
    """The library with the credentials of one shop. It verifies the signature of every answer itself."""

    def __init__(self, gateway_url, registered):
        public_key = registered.gateway_public_key
        self._alipay = AliPay(
            appid=registered.app_id,
            app_private_key_string=registered.private_pem,
            alipay_public_key_string=f"-----BEGIN PUBLIC KEY-----\n{public_key}\n-----END PUBLIC KEY-----",
            sign_type="RSA2",
            config=AliPayConfig(timeout=30),
        )
        # The library has no public way to say where the gateway is.
        self._alipay._gateway = gateway_url

    def call(self, method, biz_content, notify_url=None):
        """Calls a method (a GET with everything in the URL) and gives the verified answer."""
        name = _FUNCTIONS.get(method)
        extra = {} if notify_url is None else {"notify_url": notify_url}
        if name is None:
            return self._alipay.server_api(method, biz_content, **extra)
        return getattr(self._alipay, name)(**biz_content, **extra)

    def exchange_code(self, code):
        """An app's tokens for a code; of a refusal, which the library raises, what it says."""
        try:
            return self._alipay.server_api("alipay.system.oauth.token", {}, grant_type="authorization_code", code=code)
        except AliPayException as refused:
            return json.loads(str(refused).split("message:", 1)[1])["error_response"]

    def user_info(self, auth_token):
        """What the customer has let the app know."""
        return self._alipay.server_api("alipay.user.info.share", {}, auth_token=auth_token)

    def page(self, method, biz_content, notify_url, return_url):
        """The link for the browser: the library makes its query string."""
        functions = {
            "alipay.trade.page.pay": self._alipay.api_alipay_trade_page_pay,
            "alipay.trade.wap.pay": self._alipay.api_alipay_trade_wap_pay,
        }
        query = functions[method](**biz_content, notify_url=notify_url, return_url=return_url)
        return f"{self._alipay._gateway}?{query}"

    def order_string(self, method, biz_content, notify_url=None):
        """What the shop's app hands to the wallet: by the library's function, if it has one."""
        extra = {} if notify_url is None else {"notify_url": notify_url}
        if method == "alipay.trade.app.pay":
            return self._alipay.api_alipay_trade_app_pay(**biz_content, **extra)
        return self._alipay.client_api(method, biz_content, **extra)

    def verify_text(self, text, sign):
        """The library's own check of a text; it has no public one."""
        return self._alipay._verify(text, sign)

    def verify(self, fields):
        """The library's check of a notification or a return."""
        return self._alipay.verify(fields, fields.pop("sign"))
