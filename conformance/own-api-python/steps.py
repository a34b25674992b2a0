"""What an actor does again and again while the server is killed: one function a step, in the table `STEPS`, as in
../own-api-typescript/src/steps.ts. A step says what it has done by what it was answered; whoever reads it adds that up alone.
"""

import random
import threading

from sycee_client import Bearer, Client, ProblemError

STEPS = []
# A call is tried through any number of kills; it must be answered in the end.
PATIENCE_SECONDS = 120


def step(function):
    """Puts a function into the table."""
    STEPS.append(function)
    return function


class Wrong(AssertionError):
    """What may not happen."""


class Party:
    """One of the people, with a client that counts what was sent again."""

    def __init__(self, actor, number, token, **more):
        self.actor = actor
        self.number = number
        self.__dict__.update(more)
        self.api = Client(actor.base_url, Bearer(token), patience_seconds=PATIENCE_SECONDS, on_answer=actor.hear)


class Actor:
    """A shop with its two customers and a cashier, all in one thread. `people` is every customer of the test."""

    def __init__(self, base_url, seed, people):
        self.base_url = base_url
        self.random = random.Random(seed)
        self.name = f"python-{seed}"
        self.people = people["people"]
        mine = people["actors"][self.name]
        self.anna, self.bruno = (Party(self, **customer) for customer in mine["customers"])
        self.shop = Party(self, **mine["shop"])
        self.cashier = Party(self, **people["cashier"])
        self.support = Party(self, **people["support"])
        self.records = []
        self.agains = []
        self.retried = self.found_done = 0
        self._asks_again = False
        self._attempts = 1
        self._count = 0

    def hear(self, answer):
        """Counts what was sent again, and what had been done although nobody had heard it."""
        self._attempts = answer.attempts
        if self._asks_again:
            return
        if answer.status == 200 and answer.attempts > 1:
            self.retried += 1
        if answer.headers.get("idempotent-replayed") == "true":
            if answer.attempts == 1:
                raise Wrong(f"{answer.operation}: a new key was answered as known")
            self.found_done += 1

    def number(self, prefix):
        """A number or key that nobody else has."""
        self._count += 1
        return f"{self.name}-{prefix}-{self._count}"

    def minor(self):
        """A small amount."""
        return self.random.randint(1, 50)

    def keyed(self, call, *args):
        """Asks under the key that the client makes, and remembers how to ask again."""
        answers = []
        reply = call(*args, on_answer=answers.append)
        key = answers[-1].key

        def again():
            repeated = call(*args, idempotency_key=key, on_answer=answers.append)
            if repeated != reply or answers[-1].headers.get("idempotent-replayed") != "true":
                raise Wrong(f"{key}: {reply} became {repeated}")

        self.agains.append(again)
        return reply

    def numbered(self, call, body):
        """Asks what has a number of its own."""
        reply = call(body)
        if reply["repeated"]:
            if self._attempts == 1:
                raise Wrong(f"{body}: a new number was answered as known")
            self.found_done += 1

        def again():
            try:
                if call(body)["repeated"] is not True:
                    raise Wrong(f"{body} was done twice")
            except ProblemError as problem:
                # What was paid or cancelled since is not to be made again under its number.
                if problem.code not in {"trade_has_success", "trade_has_closed"}:
                    raise

        self.agains.append(again)
        return reply

    def ask_everything_again(self):
        """Every request, under the key or number that it had: nothing is done, and the answers are the same."""
        self._asks_again = True
        for again in self.agains:
            again()

    def did(self, name, moves=(), names=(), orders=()):
        """Says what was done: money from party to party, names that nothing else may have, orders as they must be found."""
        self.records.append({"step": name, "moves": list(moves), "names": list(names), "orders": list(orders)})

    def run(self, over):
        """Steps by chance until it is over, and each of them once at least."""
        order = self.random.sample(STEPS, len(STEPS))
        while not over.is_set() or order:
            (order.pop() if order else self.random.choice(STEPS))(self)


class Thread(threading.Thread):
    """An actor at work; `failure` is what went wrong."""

    def __init__(self, actor, over):
        super().__init__(name=actor.name)
        self.actor = actor
        self.failure = None
        self._over = over

    def run(self):
        try:
            self.actor.run(self._over)
        except Exception as failure:  # noqa: BLE001  the test shows it
            self.failure = failure


def _money(minor):
    return {"currency": "EUR", "minor": str(minor)}


@step
def sends(actor):
    payee, minor = actor.random.choice(actor.people), actor.minor()
    if payee == actor.anna.number:
        payee = actor.bruno.number
    sent = actor.keyed(actor.anna.api.send, {"payee": payee, "money": _money(minor)})
    actor.did("sends", [(actor.anna.number, payee, minor)], [f"transfer {sent['transfer']}"])


@step
def sends_more_than_there_is(actor):
    try:
        actor.keyed(actor.anna.api.send, {"payee": actor.bruno.number, "money": _money(4_999_999)})
    except ProblemError as problem:
        if problem.code != "balance_not_enough":
            raise
        actor.did("sends_more_than_there_is")
    else:
        raise Wrong("more was sent than there is")


@step
def asks_for_money(actor):
    minor = actor.minor()
    wanted = actor.keyed(actor.bruno.api.request_money, {"payer": actor.anna.number, "money": _money(minor)})
    paid = actor.keyed(actor.anna.api.pay_request, wanted["request"])
    names = [f"request {wanted['request']}", f"transfer {paid['transfer']}"]
    actor.did("asks_for_money", [(actor.anna.number, actor.bruno.number, minor)], names)


@step
def asks_for_money_in_vain(actor):
    wanted = actor.keyed(actor.bruno.api.request_money, {"payer": actor.anna.number, "money": _money(7)})
    actor.keyed(actor.anna.api.decline_request, wanted["request"])
    actor.did("asks_for_money_in_vain", names=[f"request {wanted['request']}"])


@step
def pays_in_and_out(actor):
    into, out = actor.minor() + 50, actor.minor()
    customer, cash = actor.anna.number, actor.cashier.api
    body = {"money": _money(into), "bank_reference": actor.number("bank")}
    paid_in = actor.keyed(cash.cash_in, customer, body)
    body = {"money": _money(out), "bank_reference": actor.number("bank")}
    paid_out = actor.keyed(cash.cash_out, customer, body)
    names = [f"transfer {paid_in['transfer']}", f"transfer {paid_out['transfer']}"]
    actor.did("pays_in_and_out", [("bank", customer, into), (customer, "bank", out)], names)


@step
def opens_people(actor):
    opened = actor.keyed(actor.support.api.open_customer, {"name": f"Opened {actor.number('name')}"})["party"]
    body = {"money": _money(3), "bank_reference": actor.number("bank")}
    actor.keyed(actor.cashier.api.cash_in, opened, body)
    actor.keyed(actor.support.api.freeze, opened, {"reason_code": 1})
    actor.keyed(actor.support.api.unfreeze, opened)
    shop = actor.keyed(actor.support.api.open_merchant, {"name": "Opened", "mcc": "5999", "fee_bps": 0})
    store = actor.keyed(actor.shop.api.add_store)["store"]
    terminal = actor.keyed(actor.shop.api.add_terminal, {"store": store})["terminal"]
    names = [f"party {opened}", f"party {shop['merchant']}", f"store {store}", f"terminal {terminal}"]
    actor.did("opens_people", [("bank", opened, 3)], names)


@step
def pays_a_printed_code(actor):
    minor = actor.minor()
    paid = actor.keyed(actor.anna.api.pay_printed_code, {"code": actor.shop.code, "total": _money(minor)})
    moves = [(actor.anna.number, actor.shop.number, minor)]
    actor.did("pays_a_printed_code", moves, [f"trade {paid['trade_no']}"], [(actor.name, paid["trade_no"], "paid", 0)])


def _sells(actor, minor):
    wanted = {"out_trade_no": actor.number("order"), "total": _money(minor), "subject": "tea"}
    made = actor.numbered(actor.shop.api.create_order_with_code, {"order": wanted})
    trade_no = actor.bruno.api.scan({"code": made["code"]})["order"]["trade_no"]
    actor.numbered(actor.bruno.api.pay_order, trade_no)
    return wanted["out_trade_no"], trade_no


@step
def sells_and_refunds(actor):
    minor = actor.minor() + 1
    number, trade_no = _sells(actor, minor)
    moves, part = [(actor.bruno.number, actor.shop.number, minor)], actor.random.randint(1, minor - 1)
    refund = {"out_trade_no": number, "out_request_no": actor.number("refund"), "amount": _money(part)}
    actor.numbered(actor.shop.api.refund, refund)
    moves.append((actor.shop.number, actor.bruno.number, part))
    actor.did("sells_and_refunds", moves, [f"trade {trade_no}"], [(actor.name, trade_no, "paid", part)])


@step
def sells_and_cancels(actor):
    minor = actor.minor()
    number, trade_no = _sells(actor, minor)
    actor.shop.api.cancel_order({"out_trade_no": number})
    moves = [(actor.bruno.number, actor.shop.number, minor), (actor.shop.number, actor.bruno.number, minor)]
    actor.did("sells_and_cancels", moves, [f"trade {trade_no}"], [(actor.name, trade_no, "closed", minor)])


@step
def charges_a_phone(actor):
    minor, code = actor.minor(), actor.anna.api.issue_pay_code()["auth_code"]
    wanted = {"out_trade_no": actor.number("order"), "total": _money(minor), "subject": "bread"}
    paid = actor.numbered(actor.shop.api.charge_pay_code, {"order": wanted, "auth_code": code})
    trade_no = paid["order"]["trade_no"]
    moves = [(actor.anna.number, actor.shop.number, minor)]
    actor.did("charges_a_phone", moves, [f"trade {trade_no}"], [(actor.name, trade_no, "paid", 0)])


@step
def pays_out(actor):
    minor = actor.minor()
    body = {"out_biz_no": actor.number("payout"), "payee": actor.bruno.number, "money": _money(minor)}
    made = actor.numbered(actor.shop.api.transfer_to_customer, body)
    actor.did("pays_out", [(actor.shop.number, actor.bruno.number, minor)], [f"payout {made['transfer_no']}"])
