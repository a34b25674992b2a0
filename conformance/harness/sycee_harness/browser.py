"""As much of a web browser as a cashier page needs: follow a link or submit a form, stop at another site."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

# The SDKs write unescaped `&` into attributes. Browsers leave `&not` in `&notify_url` alone; html.unescape of
# Python 3.11 does not, so only the references that are really written are read.
_REFERENCES = {"&quot;": '"', "&lt;": "<", "&gt;": ">", "&#39;": "'", "&#x27;": "'", "&amp;": "&"}


def _attribute(tag, name):
    found = re.search(rf"""\s{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", tag, re.IGNORECASE)
    if found is None:
        return None
    value = found.group(1) if found.group(1) is not None else found.group(2)
    return re.sub(r"&(?:quot|lt|gt|#39|#x27|amp);", lambda reference: _REFERENCES[reference.group()], value)


def _tags(text, name):
    return re.findall(rf"<{name}\b[^>]*>", text, re.IGNORECASE)


def code_of(text):
    """The text to scan that a cashier page carries as `<meta name="sycee:code" content="...">`, if it does."""
    codes = [_attribute(tag, "content") for tag in _tags(text, "meta") if _attribute(tag, "name") == "sycee:code"]
    return codes[0] if codes else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to `browse`."""

    def redirect_request(self, *_):
        """Gives the 3xx answer back as it is."""


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _fetch(url, body):
    try:
        return _OPENER.open(url, data=body, timeout=30)
    except urllib.error.HTTPError as answer:
        return answer


def browse(url, form=None):
    """Requests a page. Redirects within the server are followed; one to another site is returned as
    `(status, url, None)`, a page as `(status, content type, text)`."""
    body = None if form is None else urllib.parse.urlencode(form).encode()
    origin = urllib.parse.urlsplit(url).netloc
    for _ in range(5):
        with _fetch(url, body) as answer:
            location = answer.headers.get("location")
            if location is None:
                return answer.status, answer.headers.get("content-type", ""), answer.read().decode()
            url = urllib.parse.urljoin(url, location)
            if urllib.parse.urlsplit(url).netloc != origin:
                return answer.status, url, None
        body = None
    raise AssertionError(f"redirected too often, last to {url}")


def read_form(text):
    """What a self-submitting form sends, and where to: `(url, fields)`."""
    form = _tags(text, "form")[0]
    assert _attribute(form, "method").lower() == "post"
    inputs = _tags(text, "input")
    fields = {_attribute(tag, "name"): _attribute(tag, "value") for tag in inputs if _attribute(tag, "name")}
    return _attribute(form, "action"), fields


def assert_cashier(answer, *shown):
    """Expects a cashier page for an order and gives the code on it."""
    status, content_type, text = answer
    assert status == 200, answer
    assert content_type.startswith("text/html")
    for words in shown:
        assert words in text
    code = code_of(text)
    assert code, "the page carries a code to scan"
    return code


def assert_return(shop, answer, return_url, statuses=(302,), **wanted):
    """Expects the way back to the shop, signed for it."""
    status, url, text = answer
    assert text is None, "a redirect to the shop"
    assert status in statuses
    base, _, query = url.partition("?")
    assert base == return_url
    fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True))
    shop.assert_genuine(fields)
    assert {name: fields.get(name) for name in wanted} == wanted
    assert fields["seller_id"]


class Visitor:
    """A person's browser without scripts: keeps its cookies, fills in forms, follows redirects of the server."""

    def __init__(self, base_url):
        self._base_url = base_url
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect, cookies)

    def open(self, url, form=None):
        """A page as `(url, text)`; the text is `None` where another site begins."""
        url = urllib.parse.urljoin(self._base_url, url)
        body = None if form is None else urllib.parse.urlencode(form).encode()
        for _ in range(5):
            try:
                answer = self._opener.open(url, data=body, timeout=30)
            except urllib.error.HTTPError as redirect:
                answer = redirect
            with answer:
                location = answer.headers.get("location")
                if location is None:
                    return url, answer.read().decode()
            url, body = urllib.parse.urljoin(url, location), None
            if urllib.parse.urlsplit(url).netloc != urllib.parse.urlsplit(self._base_url).netloc:
                return url, None
        raise AssertionError(f"redirected too often, last to {url}")

    def send(self, text, **fields):
        """Fills in the form of a page and presses its button."""
        action, hidden = read_form(text)
        return self.open(action, {**{name: value or "" for name, value in hidden.items()}, **fields})
