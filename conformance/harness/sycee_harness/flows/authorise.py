"""An app learns who a customer is: the page by forms, the tokens by the client."""

import urllib.parse

from sycee_harness.browser import Visitor

BACK = "http://127.0.0.1:9/in"
PHONE = "+33612340001"
PIN = "739164"


def test_code_tokens_and_name(world):
    """Link, sign-in, consent, code; the client exchanges the code and asks for the name."""
    made = world.sandbox.request(
        "POST", "/customers", {"cell": "fr", "name": "Amélie Martin", "phone": PHONE, "pin": PIN}
    )
    shop = world.shop("fr", redirect_uris=[BACK])
    query = {"app_id": shop.app_id, "scope": "auth_user", "redirect_uri": BACK, "state": "s"}
    visitor = Visitor(world.base_url)
    _, page = visitor.open(f"/oauth2/publicAppAuthorize.htm?{urllib.parse.urlencode(query)}")
    _, page = visitor.send(page, login=PHONE, pin=PIN, wallet="fr")
    away, page = visitor.send(page, answer="allow")
    assert page is None, page
    fields = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(away).query))
    assert fields["state"] == "s"

    tokens = shop.client.exchange_code(fields["auth_code"])
    assert tokens["user_id"] == made["customer_id"]
    who = shop.client.user_info(tokens["access_token"])
    assert (who["code"], who["user_id"], who["nick_name"]) == ("10000", made["customer_id"], "Amélie Martin")
    again = shop.client.exchange_code(fields["auth_code"])
    assert (again["code"], again["sub_code"]) == ("40002", "isv.code-invalid")
