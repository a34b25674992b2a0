"""schemathesis over the document, against the running server, in every role: never a 5xx, only documented statuses, codes,
media types and shapes, and a request that is refused moves nothing.

What it makes up is half of the time given names and numbers of people and orders that are really there, or it would not come
past the first look-up. Chance has a seed; the server's own ids and times differ from run to run.
"""

import json
import os

import pytest
import requests
import schemathesis
from api_world import DESCRIBED, DOCUMENT, STAFF, ApiWorld, eur, new_number
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from sycee_client import Client

SEED = 20_261_129
# Requests of each kind for each operation and role that may ask it.
EXAMPLES = int(os.environ.get("SYCEE_EXAMPLES", "4"))
# People of each kind: enough that a customer's 50 requests in a second are not reached by chance.
PEOPLE = 8

# What may end the token that it is asked with.
ENDS_ITS_TOKEN = {"sign_out"}

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {}
for _result in SCHEMA.get_all_operations():
    OPERATIONS[_result.ok().definition.raw["operationId"]] = _result.ok()
CHECKS = checks.CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
REJECTED = checks.CHECKS.get_by_names(["negative_data_rejection"])


class Bench:
    """People with things done, and one connection."""

    def __init__(self, world):
        self.world = world
        self.session = requests.Session()
        self.session.trust_env = False
        self.customers = [world.customer(100_000) for _ in range(PEOPLE)]
        self.shops = [world.merchant() for _ in range(2)]
        self.tokens = {"customer": [one.token for one in self.customers], "merchant": [one.token for one in self.shops]}
        self.tokens |= {role: [world.staff[role].token] for role in STAFF}
        # Somebody who signs in has no token to send.
        self.tokens["anybody"] = [None]
        self.known = self._known()
        self.totals = world.totals()
        self.asked = 0

    def _known(self):
        """Real values by the names of fields and parameters."""
        first, shop = self.customers[0], self.shops[0]
        numbers, trades, codes, requested = [], [], [], []
        for buyer in self.customers[1:5]:
            wanted = {"out_trade_no": new_number("known"), "total": eur(1_000), "subject": "tea"}
            made = shop.api.create_order_with_code({"order": wanted})
            numbers.append(wanted["out_trade_no"])
            trades.append(made["order"]["trade_no"])
            codes.append(made["code"])
            requested.append(buyer.api.request_money({"payer": first.number, "money": eur(5)})["request"])
        first.api.pay_order(trades[0])
        shop.api.refund({"out_trade_no": numbers[0], "out_request_no": "known", "amount": eur(100)})
        payout = {"out_biz_no": "known", "payee": first.number, "money": eur(1)}
        shop.api.transfer_to_customer(payout)
        customers = [one.number for one in self.customers]
        shops = [one.number for one in self.shops]
        return {
            "customer": customers,
            "merchant": shops,
            "party": customers[2:] + shops[1:],
            "payee": customers,
            "payer": customers,
            "buyer": customers,
            "out_trade_no": numbers,
            "trade_no": trades,
            "out_request_no": ["known"],
            "out_biz_no": ["known"],
            "request": requested,
            "code": [*codes, self.world.printed_code(shop)],
            "auth_code": [one.api.issue_pay_code()["auth_code"] for one in self.customers],
            "currency": ["EUR"],
            "minor": ["1", "250"],
            "store": [shop.store],
            "key": [first.api.make_key({"algorithm": "hmac-sha256"})["key"]],
        }

    def token(self, name, role, chance):
        """The token of one of a role; one of its own for what ends it."""
        if name not in ENDS_ITS_TOKEN:
            return chance.choice(self.tokens[role])
        if role == "customer":
            return self.world.customer().token
        if role == "merchant":
            return self.world.merchant().token
        return self.world.admin.issue_token(self.world.staff[role].number, {})["token"]

    def real(self, value, chance):
        """A value with some of its members replaced by real ones."""
        if isinstance(value, dict):
            return {
                name: chance.choice(self.known[name])
                if name in self.known and isinstance(member, str) and chance.random() < 0.7
                else self.real(member, chance)
                for name, member in value.items()
            }
        return [self.real(item, chance) for item in value] if isinstance(value, list) else value

    def ask(self, name, case, token, and_checks=()):
        """Sends a request; the answer is as documented, and the books balance, unmoved by what was refused."""
        self.asked += 1
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = case.call(f"{self.world.base_url}/api/v1", session=self.session, headers=headers)
        case.validate_response(response, checks=[*CHECKS, *and_checks], headers=headers)
        if response.status_code >= 400:
            problem = json.loads(response.text)
            documented = DESCRIBED[name]["responses"][str(response.status_code)]["x-codes"]
            assert problem["code"] in documented, f"{name}: {problem} is not documented"
        totals = self.world.totals()
        if response.status_code >= 400:
            assert totals == self.totals, f"{name}: refused, and moved money"
        self.totals = totals
        return response


@pytest.fixture(scope="module")
def bench(server):
    """People and things for all operations."""
    return Bench(ApiWorld(server.base_url, client=Client))


def _roles(name):
    """In which roles an operation may be asked, staff by what they may do."""
    described = DESCRIBED[name]
    roles = [role for role in described["x-roles"] if role != "operator"]
    if "operator" in described["x-roles"]:
        roles += described["x-staff-roles"]
    return roles


def _examples(test, number=EXAMPLES):
    """Runs a test on a number of made-up inputs, the same each time."""
    calm = settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return seed(SEED)(calm(test))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_any_request_is_answered_as_documented(name, mode, bench):
    """In every role that may ask it."""
    roles = _roles(name)
    described = DESCRIBED[name]
    takes_nothing = "anybody" in roles and not described.get("requestBody") and not described.get("parameters")
    if mode is GenerationMode.NEGATIVE and takes_nothing:
        pytest.skip("it takes neither a token nor anything else that could be wrong")
    strategy = OPERATIONS[name].as_strategy(mode)
    more = REJECTED if mode is GenerationMode.NEGATIVE else ()

    @given(case=strategy, role=st.sampled_from(roles), chance=st.randoms(use_true_random=False))
    def one(case, role, chance):
        if mode is GenerationMode.POSITIVE and chance.random() < 0.8:
            case.path_parameters = bench.real(dict(case.path_parameters or {}), chance)
            if isinstance(case.body, dict):
                case.body = bench.real(case.body, chance)
        bench.ask(name, case, bench.token(name, role, chance), more)

    _examples(one)()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_others_are_refused(name, bench):
    """Every other role with 403, nobody's token with 401, another method with 405."""
    if "anybody" in _roles(name):
        pytest.skip("anybody may ask it")
    others = sorted(set(bench.tokens) - set(_roles(name)) - {"anybody"})

    @given(case=OPERATIONS[name].as_strategy(GenerationMode.POSITIVE))
    def one(case):
        for role in others:
            assert bench.ask(name, case, bench.tokens[role][0]).status_code == 403, role
        assert bench.ask(name, case, "t07nobody").status_code == 401

    _examples(one, 1)()
    path = DESCRIBED[name]["path"].replace("{", "").replace("}", "")
    answer = bench.session.request("PATCH", f"{bench.world.base_url}/api/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert DESCRIBED[name]["method"] in answer.headers["allow"]


def test_the_books_are_as_they_were(bench):
    """Whatever was asked."""
    assert bench.asked > 0
    bench.world.sandbox.assert_books_balance("fr")
    print(f"schemathesis: {bench.asked} requests")
