"""Shops, customers and money for the flows, whichever client speaks for the shop."""

import dataclasses
import itertools
import time

from sycee_harness.corridors import AMPLE, CURRENCIES, assert_recomputes, returned_minor
from sycee_harness.receiver import Receiver
from sycee_harness.sandbox import Sandbox

# Keys that the shops of a test file share: making one takes long.
SHARED_KEYS = 3

_numbers = itertools.count(1)


def new_number(prefix):
    """A shop's own order, refund or transfer number."""
    return f"{prefix}_{int(time.time() * 1000):x}_{next(_numbers)}"


@dataclasses.dataclass
class Registered:
    """What a client needs to speak for a shop."""

    app_id: str
    private_pem: str  # PKCS#1
    gateway_public_key: str  # base64 of SPKI DER


class Shop:
    """A merchant spoken for by an unmodified client; the client checks every answer's signature.

    `client` has `call(method, biz_content, notify_url=None) -> dict` and `verify(fields) -> bool`.
    """

    def __init__(self, world, cell, merchant, registered, client):
        self.world = world
        self.cell = cell
        self.currency, self.decimals = CURRENCIES[cell]
        self.merchant_id = merchant["merchant_id"]
        self.certificates = merchant.get("certificates")
        self.registered = registered
        self.client = client

    @property
    def app_id(self):
        """The app's id at the Alipay edge."""
        return self.registered.app_id

    def call(self, method, notify_url=None, **biz_content):
        """Calls `alipay.<method>` through the client."""
        return self.client.call(f"alipay.{method}", biz_content, notify_url=notify_url)

    def yuan(self, minor):
        """An amount in minor units as the protocol writes it: two decimals in every currency."""
        cents = minor * (100 if self.decimals == 0 else 1)
        return f"{cents // 100}.{cents % 100:02}"

    def order(self, minor, **extra):
        """The fields every order has."""
        fields = {"out_trade_no": new_number("order"), "subject": "Two coffees", "total_amount": self.yuan(minor)}
        return {**fields, **extra}

    def assert_status(self, out_trade_no, status):
        """Asks for the trade, expects its status, gives the answer."""
        answer = self.call("trade.query", out_trade_no=out_trade_no)
        assert_succeeded(answer)
        assert answer["trade_status"] == status
        return answer

    def balance_minor(self):
        """What the shop has."""
        return self.world.sandbox.balance_minor("merchants", self.merchant_id, self.currency)

    def sell(self, customer, minor, notify_url=None):
        """A paid order, by the shortest way: the shop scans the customer's code."""
        order = self.order(minor, scene="bar_code", auth_code=customer.pay_code())
        paid = self.call("trade.pay", notify_url=notify_url, **order)
        assert_succeeded(paid)
        return order, paid

    def assert_genuine(self, fields):
        """A notification is signed by the gateway and carries no empty values."""
        assert all(value != "" for value in fields.values()), fields
        assert self.client.verify(dict(fields)) is True, fields
        # The same check must notice a forged amount, or the line above proves nothing.
        assert self.client.verify({**fields, "total_amount": "999999.00"}) is False


class Customer:
    """A customer with a balance, acting through the sandbox as the app would."""

    def __init__(self, world, cell, customer_id, start_minor):
        self.world = world
        self.cell = cell
        self.id = customer_id
        self.currency = CURRENCIES[cell][0]
        self.start_minor = start_minor

    def pay_code(self):
        """The code on the customer's phone."""
        return self.world.sandbox.pay_code(self.id)

    def pay(self, **code_or_trade):
        """Scans and pays."""
        return self.world.sandbox.pay(self.id, **code_or_trade)

    def balance_minor(self):
        """What the customer has."""
        return self.world.sandbox.balance_minor("customers", self.id, self.currency)


    def quote(self, **code_or_trade):
        """What it would cost."""
        return self.world.sandbox.quote(self.id, **code_or_trade)

    def payments(self):
        """The payments to shops of other cells, as the customer sees them."""
        return self.world.sandbox.payments("customers", self.id)

    def assert_spent(self, shop, *sales):
        """Exactly these sales of a shop were paid: prices in its minor units, or pairs of a price and what was refunded of
        it so far. Abroad every minor unit is recomputed."""
        sales = [sale if isinstance(sale, tuple) else (sale, 0) for sale in sales]
        if self.cell == shop.cell:
            spent = sum(minor - refunded for minor, refunded in sales)
        else:
            self.world.sandbox.settle()
            payments = [payment for payment in self.payments() if payment["status"] != "refused"]
            assert all(payment["status"] == "paid" for payment in payments), payments
            shown = [(payment["order_amount"]["minor"], payment["refunded_amount"]["minor"]) for payment in payments]
            assert shown == sales
            spent = 0
            for payment in payments:
                assert payment["order_amount"]["currency"] == shop.currency
                assert_recomputes(payment)
                back = returned_minor(payment)
                assert payment["returned_amount"] == {"currency": self.currency, "minor": back}
                spent += payment["paid_amount"]["minor"] - back
            for cell in (self.cell, shop.cell, "net"):
                self.world.sandbox.assert_books_balance(cell)
        assert self.balance_minor() == self.start_minor - spent


class World:
    """A server's cells with their people. `new_key()` gives a private PEM (PKCS#1) and a public key as the sandbox
    takes it; `new_client(gateway_url, registered)` gives a client to speak for a shop."""

    def __init__(self, base_url, gateway_url, new_key, new_client):
        self.base_url = base_url
        self.sandbox = Sandbox(base_url)
        self.gateway_url = gateway_url
        self.new_key = new_key
        self._new_client = new_client
        self._cells = set()
        self._receivers = []
        self._keys = []
        self._shops = 0
        # Every cell has heard who takes part in the network.
        self.sandbox.settle()

    def _shared_key(self):
        if len(self._keys) < SHARED_KEYS:
            self._keys.append(self.new_key())
        self._shops += 1
        return self._keys[self._shops % len(self._keys)]

    def client(self, registered):
        """A client with other credentials than a shop's own."""
        return self._new_client(self.gateway_url, registered)

    def shop(self, cell="fr", **extra):
        """A new merchant with an app."""
        self._cells.add(cell)
        private_pem, public_key = self._shared_key()
        merchant = self.sandbox.create_merchant(cell, app_public_key=public_key, **extra)
        registered = Registered(merchant["app_id"], private_pem, merchant["gateway_public_key"])
        return Shop(self, cell, merchant, registered, self.client(registered))

    def customer(self, minor, cell="fr"):
        """A new customer with a balance."""
        self._cells.add(cell)
        return Customer(self, cell, self.sandbox.create_customer(cell, CURRENCIES[cell][0], minor), minor)

    def payer(self, shop, minor, cell):
        """A customer of `cell` who can pay so much to the shop; at home exactly that."""
        return self.customer(minor if cell == shop.cell else AMPLE[CURRENCIES[cell][0]], cell)

    def poor_payer(self, cell):
        """A customer of `cell` who has hardly anything."""
        return self.customer(1, cell)

    def receiver(self, answers=()):
        """A new notification receiver."""
        receiver = Receiver(answers)
        self._receivers.append(receiver)
        return receiver

    def close(self):
        """Every cell that was used balances."""
        for receiver in self._receivers:
            receiver.close()
        self.sandbox.settle()
        for cell in [*sorted(self._cells), "net"]:
            self.sandbox.assert_books_balance(cell)


def assert_succeeded(answer):
    """The gateway's 10000."""
    assert answer.get("code") == "10000", answer
    assert answer.get("msg") == "Success", answer


def assert_failed(answer, sub_code, code="40004"):
    """A refusal with exactly these codes."""
    assert (answer.get("code"), answer.get("sub_code")) == (code, sub_code), answer
