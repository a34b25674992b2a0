"""alipay-sdk-python, unmodified, as a shop uses it: request, model and response class of each method."""

import importlib
import json

import rsa
from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.request.AlipayTradeQueryRequest import AlipayTradeQueryRequest
from alipay.aop.api.response.AlipayTradeQueryResponse import AlipayTradeQueryResponse
from alipay.aop.api.util.SignatureUtils import get_sign_content, verify_with_rsa


def _class(kind, method, suffix):
    name = "".join(part.capitalize() for part in method.split(".")) + suffix
    return getattr(importlib.import_module(f"alipay.aop.api.{kind}.{name}"), name)


class _UnknownMethodRequest(AlipayTradeQueryRequest):
    """A request of a method that the SDK has no class for."""

    def __init__(self, method, biz_model):
        super().__init__(biz_model=biz_model)
        self._method = method

    def get_params(self):
        """The query's parameters under the other method's name."""
        return {**super().get_params(), "method": self._method}


class OfficialClient:
    """The SDK with the credentials of one shop. It verifies the signature of every answer itself."""

    def __init__(self, gateway_url, registered):
        config = AlipayClientConfig()
        config.server_url = gateway_url
        config.app_id = registered.app_id
        config.app_private_key = "".join(registered.private_pem.split("\n")[1:-1])
        config.alipay_public_key = registered.gateway_public_key
        config.sign_type = "RSA2"
        config.timeout = 30
        assert not config.skip_sign
        self._alipay_public_key = registered.gateway_public_key
        self._client = DefaultAlipayClient(alipay_client_config=config)

    def _request(self, method, biz_content, notify_url=None, return_url=None):
        model = _class("domain", method, "Model").from_alipay_dict(biz_content)
        # The models drop what they do not know; a flow that relies on a dropped field would prove nothing.
        assert model.to_alipay_dict().keys() == biz_content.keys()
        request = _class("request", method, "Request")(biz_model=model)
        if notify_url is not None:
            request.notify_url = notify_url
        if return_url is not None:
            request.return_url = return_url
        return request

    def call(self, method, biz_content, notify_url=None):
        """Executes a method and gives the verified answer, after the SDK's response class has parsed it."""
        try:
            request = self._request(method, biz_content, notify_url)
            response = _class("response", method, "Response")()
        except ModuleNotFoundError:
            model = _class("domain", "alipay.trade.query", "Model").from_alipay_dict(biz_content)
            request, response = _UnknownMethodRequest(method, model), AlipayTradeQueryResponse()
        content = self._client.execute(request)
        response.parse_response_content(content)
        answer = json.loads(content)
        for name, value in answer.items():
            if isinstance(value, str):
                # Fields the response class has not heard of are fine; those it has, it must have read.
                assert getattr(response, name, value) == value, name
        return answer

    def exchange_code(self, code):
        """An app's tokens for a code; a failure comes as the gateway words it."""
        request = _class("request", "alipay.system.oauth.token", "Request")()
        request.grant_type = "authorization_code"
        request.code = code
        return json.loads(self._client.execute(request))

    def user_info(self, auth_token):
        """What the customer has let the app know."""
        request = _class("request", "alipay.user.info.share", "Request")()
        request.add_other_text_param("auth_token", auth_token)
        return json.loads(self._client.execute(request))

    def page(self, method, biz_content, http_method, notify_url, return_url):
        """A link (`GET`) or a self-submitting form (`POST`) for the browser."""
        request = self._request(method, biz_content, notify_url, return_url)
        return self._client.page_execute(request, http_method=http_method)

    def order_string(self, method, biz_content, notify_url=None):
        """What the shop's app hands to the wallet."""
        return self._client.sdk_execute(self._request(method, biz_content, notify_url))

    def verify_text(self, text, sign):
        """The check of what an app was told, by the SDK's own function."""
        try:
            return verify_with_rsa(self._alipay_public_key, text.encode(), sign)
        except rsa.VerificationError:
            return False

    def verify(self, fields):
        """The check of a notification or a return, by the SDK's own functions."""
        sign = fields.pop("sign")
        fields.pop("sign_type")
        try:
            return verify_with_rsa(self._alipay_public_key, get_sign_content(fields).encode(), sign)
        except rsa.VerificationError:
            return False
