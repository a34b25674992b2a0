"""The sandbox API: people, shops, clock, faults, books."""

import json
import re
import urllib.error
import urllib.request

# Loopback only, whatever proxy the environment names.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
ANSWERS_WITHIN_SECONDS = 60


class Refused(Exception):
    """A refusal of the sandbox: an RFC 9457 problem document."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem}")
        self.status = status
        self.problem = problem


class Sandbox:
    """One server's sandbox."""

    def __init__(self, base_url):
        self.base_url = base_url

    def request(self, verb, path, body=None):
        """Calls the sandbox and gives the decoded answer; a refusal is raised as `Refused`."""
        request = urllib.request.Request(
            f"{self.base_url}/sandbox/v1{path}",
            method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=ANSWERS_WITHIN_SECONDS) as response:
                text = response.read()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode(errors="replace")) from None
        return json.loads(text) if text else None

    def create_merchant(self, cell, **merchant):
        """Registers a merchant with an app at the Alipay edge."""
        return self.request("POST", "/merchants", {"cell": cell, "name": "Café de la Gare", **merchant})

    def create_customer(self, cell, currency, minor):
        """Registers a customer with a balance and gives the id."""
        balance = {"currency": currency, "minor": minor}
        answer = self.request("POST", "/customers", {"cell": cell, "name": "Amélie Martin", "balance": balance})
        assert re.fullmatch(r"2088\d{12}", answer["customer_id"])
        return answer["customer_id"]

    def pay_code(self, customer_id):
        """The code that a shop's scanner reads off the customer's phone."""
        code = self.request("POST", f"/customers/{customer_id}/pay-code", {})["auth_code"]
        assert re.fullmatch(r"(2[5-9]|30)\d{16,22}", code)
        return code

    def pay(self, customer_id, **code_or_trade):
        """The customer scans a shop's code, or opens a trade made for them, and pays it."""
        return self.request("POST", f"/customers/{customer_id}/pay", {**code_or_trade, "confirm": True})

    def quote(self, customer_id, **code_or_trade):
        """What paying would cost."""
        return self.request("POST", f"/customers/{customer_id}/pay", code_or_trade)

    def payments(self, owner, identity):
        """Payments to other cells, of `customers` or `merchants`."""
        return self.request("GET", f"/{owner}/{identity}/payments")

    def settle(self):
        """Waits until nothing is on its way between cells."""
        self.advance_clock(0)

    def balance_minor(self, owner, identity, currency):
        """Free funds in minor units; a currency never held counts as nothing."""
        rows = self.request("GET", f"/{owner}/{identity}/balances")
        return sum(row["minor"] for row in rows if row["currency"] == currency)

    def advance_clock(self, seconds):
        """Moves the test clock; everything due in between happens before this returns."""
        self.request("POST", "/clock/advance", {"seconds": seconds})

    def assert_books_balance(self, cell):
        """Debits equal credits in every currency, and every invariant of the cell holds."""
        books = self.request("GET", f"/cells/{cell}/trial-balance")
        assert books["currencies"], f"{cell}: a trial balance without currencies"
        for row in books["currencies"]:
            assert row["debits_minor"] == row["credits_minor"], (cell, row)
        assert books["invariants"], f"{cell}: no invariants reported"
        assert any(row["name"] == "clearing_mirrors" for row in books["invariants"]), f"{cell}: clearing is compared"
        broken = [row for row in books["invariants"] if row["holds"] is not True]
        assert not broken, f"{cell}: {broken}"


def assert_refused(call, *args, **kwargs):
    """Expects the sandbox to refuse, as the caller's fault (4xx)."""
    try:
        answer = call(*args, **kwargs)
    except Refused as refusal:
        assert 400 <= refusal.status < 500, refusal
    else:
        raise AssertionError(f"not refused: {answer}")
