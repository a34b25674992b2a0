"""People of one cell, each with a client of the own API, and what every answer must be by the document."""

import itertools
import json
import pathlib

import jsonschema_rs
from sycee_client import OPERATIONS, Bearer, Client, ProblemError
from sycee_harness.sandbox import Sandbox

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = json.loads((REPOSITORY / "docs/openapi.json").read_text())
STAFF = ("admin", "cashier", "support", "finance")

# Operations that cannot be done by tests yet, each with the reason.
NOT_YET = {
    "release_payment": "a payment waits for people only after its network was silent for days; its refusal is tried",
    "retry_parked_message": "a message is parked only when a peer is mistaken; its refusal is tried",
}

_numbers = itertools.count(1)


def new_number(prefix):
    """A number of the caller's own: of an order, a refund, a transfer."""
    return f"{prefix}-{next(_numbers)}"


def eur(minor):
    """An amount in cents."""
    return {"currency": "EUR", "minor": str(minor)}


def _described():
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], {**operation, "path": path, "method": method.upper()}


DESCRIBED = dict(_described())


def _validator(schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


_REPLIES = {
    name: _validator(operation["responses"]["200"]["content"]["application/json"]["schema"])
    for name, operation in DESCRIBED.items()
    if "application/json" in operation["responses"]["200"].get("content", {})
}


class Driven(Client):
    """A client that remembers which operations were done, and holds every answer against the document."""

    done: set[str] = set()

    def _call(self, name, path, query, body, options, *accept):
        try:
            reply = super()._call(name, path, query, body, options, *accept)
        except ProblemError as problem:
            documented = DESCRIBED[name]["responses"].get(str(problem.status), {}).get("x-codes", [])
            assert problem.code in documented, f"{name}: {problem.status} {problem.code} is not documented"
            raise
        Driven.done.add(name)
        if name in _REPLIES and not accept:
            wrong = [str(error) for error in _REPLIES[name].iter_errors(reply)]
            assert not wrong, f"{name}: {reply}: {wrong}"
        return reply

    def _follow(self, name, *asked):
        for event in super()._follow(name, *asked):
            Driven.done.add(name)
            yield event


class Person:
    """A party with a token, and its client `api`."""

    def __init__(self, world, number, token):
        self.world = world
        self.number = number
        self.token = token
        self.api = world.client(Bearer(token))

    def minor(self, currency="EUR"):
        """What is free, in minor units."""
        rows = self.api.balances()["balances"]
        return sum(int(row["minor"]) for row in rows if row["currency"] == currency)


class ApiWorld:
    """One cell's people. The sandbox opens them, because outside the sandbox somebody must be the first admin."""

    def __init__(self, base_url, cell="fr", client=Driven):
        self.base_url = base_url
        self.cell = cell
        self.sandbox = Sandbox(base_url)
        self._client = client
        self.staff = {role: self._staff(cell, role) for role in STAFF}
        self.admin = self.staff["admin"].api

    def client(self, credential, **settings):
        """A client with this credential."""
        return self._client(self.base_url, credential, **settings)

    def _staff(self, cell, role):
        opened = self.sandbox.request("POST", "/staff", {"cell": cell, "name": role, "role": role})
        return Person(self, opened["staff_id"], opened["token"])

    def staff_of(self, cell, role):
        """The client of a new member of staff of another cell."""
        return self._staff(cell, role).api

    def customer(self, minor=0, cell=None, currency="EUR", **more):
        """A new customer with so much."""
        body = {"cell": cell or self.cell, "name": "Anna Weiß", **more}
        if minor:
            body["balance"] = {"currency": currency, "minor": minor}
        opened = self.sandbox.request("POST", "/customers", body)
        return Person(self, opened["customer_id"], opened["token"])

    def merchant(self, cell=None, **more):
        """A new shop."""
        opened = self.sandbox.request("POST", "/merchants", {"cell": cell or self.cell, "name": "Café du Port", **more})
        person = Person(self, opened["merchant_id"], opened["token"])
        person.store = opened["store_id"]
        return person

    def printed_code(self, merchant):
        """What the shop's printed code says."""
        return self.sandbox.request("POST", f"/merchants/{merchant.number}/static-code", {})["code"]

    def totals(self):
        """The cell's trial balance: debits and credits by currency."""
        shown = self.staff["finance"].api.trial_balance()
        assert shown["balanced"] is True, shown
        return {row["currency"]: (int(row["debits_minor"]), int(row["credits_minor"])) for row in shown["currencies"]}


def undriven():
    """The operations of the document that nobody has done."""
    return sorted(set(DESCRIBED) - Driven.done - set(NOT_YET))


def unknown():
    """Operations that only one of document and client has."""
    return sorted(set(DESCRIBED) ^ set(OPERATIONS))
