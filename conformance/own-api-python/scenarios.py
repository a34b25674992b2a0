"""What people do with the own API: one small function a subject, in the table `SCENARIOS`. A new operation needs a line in one of
them, or a function more; test_operations.py says which operations nobody has done.
"""

import base64

from api_world import eur, new_number
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from refusing import assert_problem
from sycee_client import Anybody, Bearer, Ed25519, HmacSha256

SCENARIOS = []


def scenario(function):
    """Puts a function into the table."""
    SCENARIOS.append(function)
    return function


def rsa_public_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@scenario
def everybody_learns_who_they_are(world):
    anna = world.customer(10_000)
    assert anna.api.me()["party"] == anna.number
    assert anna.api.me()["role"] == "customer"
    assert world.merchant().api.me()["role"] == "merchant"
    assert world.admin.me()["role"] == "operator"
    assert anna.api.balances() == {"balances": [{"currency": "EUR", "minor": "10000", "held_minor": "0"}]}


@scenario
def staff_opens_people_who_then_act(world):
    support = world.staff["support"].api
    phone = "+33 6 12 34 56 78"
    opened = support.open_customer({"name": "Bruno", "phone": phone}, idempotency_key="open-bruno")
    again = support.open_customer({"name": "Bruno", "phone": phone}, idempotency_key="open-bruno")
    assert again == opened, "the same key opens once"
    bruno = opened["party"]
    assert_problem(409, "idempotency_key_reused", support.open_customer, {"name": "B"}, idempotency_key="open-bruno")

    cashier = world.staff["cashier"].api
    paid_in = cashier.cash_in(bruno, {"money": eur(5_000), "bank_reference": "SEPA-1"})
    assert paid_in["balance_minor"] == "5000"
    paid_out = cashier.cash_out(bruno, {"money": eur(1_000), "bank_reference": "SEPA-2"})
    assert paid_out["balance_minor"] == "4000"
    assert_problem(403, "caller_unfit", support.cash_in, bruno, {"money": eur(1), "bank_reference": "x"})

    anna = world.customer(1_000)
    sent = anna.api.send({"payee": phone, "money": eur(1)})
    assert sent["payee"] == bruno, "a phone number finds its customer"
    support.change_contact(bruno, {"phone": None})
    assert_problem(404, "payee_not_found", anna.api.send, {"payee": phone, "money": eur(1)})
    assert support.set_kyc_rank(bruno, {"kyc_rank": 1}) == {"party": bruno}


@scenario
def an_admin_opens_shops_and_staff_and_gives_them_tokens(world):
    shop = world.admin.open_merchant({"name": "Boulangerie", "mcc": "5462", "fee_bps": 100})
    token = world.admin.issue_token(shop["merchant"], {})["token"]
    boulangerie = world.client(Bearer(token))
    assert boulangerie.me()["name"] == "Boulangerie"
    clerk = world.admin.open_staff({"name": "Clara", "staff_role": "cashier"})
    clara = world.client(Bearer(world.admin.issue_token(clerk["party"], {"label": "till", "days": 30})["token"]))
    assert clara.me()["role"] == "operator"
    assert_problem(403, "caller_unfit", clara.open_staff, {"name": "Dora", "staff_role": "admin"})

    app = world.admin.register_app(shop["merchant"], {"public_key": rsa_public_key()})
    changed = boulangerie.set_app_key(app["app"], {"public_key": rsa_public_key(), "previous_valid_seconds": 60})
    assert changed == app
    store = boulangerie.add_store()["store"]
    assert boulangerie.add_terminal({"store": store})["terminal"]

    anna = world.customer(100_000)
    code = anna.api.issue_pay_code()["auth_code"]
    order = {"out_trade_no": new_number("bread"), "total": eur(10_000), "subject": "bread", "store": store}
    assert boulangerie.charge_pay_code({"order": order, "auth_code": code})["order"]["status"] == "paid"
    taken = world.staff["finance"].api.settle_fees(shop["merchant"], {"currency": "EUR"})
    # 1 % of 100.00.
    assert taken == {"taken": eur(100), "given_back": eur(0)}
    balances = boulangerie.balances()["balances"]
    assert balances == [{"currency": "EUR", "minor": "9900", "held_minor": "0"}]


@scenario
def somebody_frozen_can_do_nothing_new(world):
    support = world.staff["support"].api
    anna, bruno = world.customer(1_000), world.customer()
    support.freeze(anna.number, {"reason_code": 7})
    assert anna.api.me()["frozen"] is True
    assert_problem(403, "party_frozen", anna.api.send, {"payee": bruno.number, "money": eur(1)})
    support.unfreeze(anna.number)
    anna.api.send({"payee": bruno.number, "money": eur(1)})
    assert (anna.minor(), bruno.minor()) == (999, 1)


@scenario
def money_is_sent_once_for_a_key(world):
    anna, bruno = world.customer(1_000), world.customer()
    answers = []
    asked = {"payee": bruno.number, "money": eur(250)}
    first = anna.api.send(asked, idempotency_key="rent", on_answer=answers.append)
    again = anna.api.send(asked, idempotency_key="rent", on_answer=answers.append)
    assert again == first
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true"]
    other = {"payee": bruno.number, "money": eur(251)}
    problem = assert_problem(409, "idempotency_key_reused", anna.api.send, other, idempotency_key="rent")
    assert problem.field == "money"
    anna.api.send(asked)
    assert (anna.minor(), bruno.minor()) == (500, 500), "without a key given, each call is another"
    refused = assert_problem(402, "balance_not_enough", anna.api.send, {"payee": bruno.number, "money": eur(501)})
    assert "nothing moved" in refused.money
    assert refused.what_to_do


@scenario
def money_is_asked_for_and_paid_or_declined(world):
    anna, bruno = world.customer(1_000), world.customer()
    wanted = bruno.api.request_money({"payer": anna.number, "money": eur(300)})
    paid = anna.api.pay_request(wanted["request"])
    assert (paid["payee"], paid["money"]) == (bruno.number, eur(300))
    other = bruno.api.request_money({"payer": anna.number, "money": eur(1)})
    assert anna.api.decline_request(other["request"]) == {"request": other["request"]}
    assert_problem(409, "request_ended", anna.api.pay_request, other["request"])
    assert (anna.minor(), bruno.minor()) == (700, 300)


@scenario
def a_code_is_shown_scanned_paid_and_refunded(world):
    shop, anna = world.merchant(), world.customer(5_000)
    number = new_number("table")
    order = {"out_trade_no": number, "total": eur(1_250), "subject": "Two coffees"}
    made = shop.api.create_order_with_code({"order": order, "code_lifetime_seconds": 60})
    assert (made["order"]["status"], made["repeated"]) == ("not_scanned", False)
    assert shop.api.create_order_with_code({"order": order, "code_lifetime_seconds": 60})["repeated"] is True

    scanned = anna.api.scan({"code": made["code"]})["order"]
    assert (scanned["trade_no"], scanned["status"]) == (made["order"]["trade_no"], "waits_for_payment")
    paid = anna.api.pay_order(scanned["trade_no"])
    assert (paid["order"]["status"], paid["order"]["payer_amount"]) == ("paid", eur(1_250))
    assert anna.api.pay_order(scanned["trade_no"])["repeated"] is True
    assert shop.api.show_order_by_number(number) == anna.api.show_order(scanned["trade_no"])

    part = {"out_trade_no": number, "out_request_no": "cold", "amount": eur(450), "reason": "cold coffee"}
    refunded = shop.api.refund(part)
    assert (refunded["to_payer"], refunded["cumulative"], refunded["repeated"]) == (eur(450), eur(450), False)
    assert shop.api.refund(part)["repeated"] is True
    assert shop.api.show_refund(number, "cold")["amount"] == eur(450)
    assert_problem(404, "not_found", shop.api.show_refund, number, "warm")
    assert (anna.minor(), shop.minor()) == (4_200, 800)


@scenario
def orders_end_unpaid_or_are_given_back(world):
    shop, anna = world.merchant(), world.customer(5_000)

    def order(minor):
        wanted = {"out_trade_no": new_number("order"), "total": eur(minor), "subject": "tea"}
        return shop.api.create_order_for_buyer({"order": wanted, "buyer": anna.number})["order"]

    closed = shop.api.close_order({"trade_no": order(100)["trade_no"]})
    assert closed["order"]["status"] == "closed"
    kept = order(200)
    anna.api.pay_order(kept["trade_no"])
    assert shop.minor() == 200
    cancelled = shop.api.cancel_order({"out_trade_no": kept["out_trade_no"]})
    assert (cancelled["action"], cancelled["order"]["status"]) == ("refund", "closed")
    assert (anna.minor(), shop.minor()) == (5_000, 0)


@scenario
def codes_of_phones_pay_once_also_offline(world):
    shop, anna = world.merchant(), world.customer(5_000)
    batch = anna.api.issue_offline_codes({"count": 3})
    assert len(set(batch["auth_codes"])) == 3
    order = {"out_trade_no": new_number("metro"), "total": eur(200), "subject": "ticket"}
    asked = {"order": order, "auth_code": batch["auth_codes"][1]}
    assert shop.api.charge_pay_code(asked)["repeated"] is False
    assert shop.api.charge_pay_code(asked)["repeated"] is True
    assert anna.minor() == 4_800


@scenario
def a_printed_code_is_paid(world):
    shop, anna = world.merchant(), world.customer(1_000)
    code = world.printed_code(shop)
    assert anna.api.scan({"code": code})["shop"]["merchant"] == shop.number
    paid = anna.api.pay_printed_code({"code": code, "total": eur(320), "reference": "bread"})
    assert (paid["merchant"], paid["payer_amount"]) == (shop.number, eur(320))
    assert shop.api.show_order(paid["trade_no"])["status"] == "paid"
    assert_problem(422, "code_unknown", anna.api.scan, {"code": "nonsense"})


@scenario
def a_shop_sends_money_to_a_customer(world):
    shop, anna, bruno = world.merchant(), world.customer(1_000), world.customer()
    anna.api.pay_printed_code({"code": world.printed_code(shop), "total": eur(1_000)})
    number = new_number("payout")
    asked = {"out_biz_no": number, "payee": bruno.number, "money": eur(600), "title": "winnings"}
    made = shop.api.transfer_to_customer(asked)
    assert (made["state"], made["repeated"]) == ("done", False)
    assert shop.api.transfer_to_customer(asked)["repeated"] is True
    assert shop.api.show_transfer(number)["transfer_no"] == made["transfer_no"]
    too_much = {**asked, "out_biz_no": new_number("payout")}
    assert_problem(402, "seller_balance_not_enough", shop.api.transfer_to_customer, too_much)
    assert (shop.minor(), bruno.minor()) == (400, 600)


@scenario
def servers_sign_their_requests(world):
    anna, bruno = world.customer(1_000), world.customer()
    made = anna.api.make_key({"algorithm": "hmac-sha256"})
    signing = world.client(HmacSha256(made["key"], made["secret"]))
    signing.send({"payee": bruno.number, "money": eur(100)})
    private = ed25519.Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    registered = anna.api.make_key({"algorithm": "ed25519", "public_key": base64.b64encode(raw).decode()})
    assert "secret" not in registered
    other = world.client(Ed25519(registered["key"], private))
    other.send({"payee": bruno.number, "money": eur(10)})
    assert bruno.minor() == 110
    assert {key["key"] for key in other.list_keys()["keys"]} == {made["key"], registered["key"]}

    assert "revoked_at" in other.revoke_key(made["key"])
    assert_problem(401, "not_authenticated", signing.me)
    forged = world.client(Ed25519(registered["key"], ed25519.Ed25519PrivateKey.generate()))
    assert_problem(401, "not_authenticated", forged.send, {"payee": bruno.number, "money": eur(1)})
    assert bruno.minor() == 110


@scenario
def people_sign_in_and_out(world):
    support = world.staff["support"].api
    anna = support.open_customer({"name": "Anna", "phone": "+33611223344"})["party"]
    support.set_pin(anna, {"pin": "739164"})
    stranger = world.client(Anybody())
    asked = {"login": "+33611223344", "cell": "fr"}
    assert_problem(401, "sign_in_failed", stranger.sign_in, {**asked, "pin": "111222"})
    session = stranger.sign_in({**asked, "pin": "739164", "label": "phone"})
    phone = world.client(Bearer(session["token"]))
    assert phone.me()["party"] == anna
    other = stranger.sign_in({**asked, "pin": "739164", "label": "tablet"})
    listed = {token["label"]: token["current"] for token in phone.list_tokens()["tokens"]}
    assert listed == {"phone": True, "tablet": False}
    assert phone.revoke_token(other["token_id"])["token_id"] == other["token_id"]
    phone.change_pin({"pin": "739164", "new_pin": "846275"})
    assert phone.list_consents() == {"consents": []}
    assert_problem(404, "not_found", phone.withdraw_consent, "2088070000000001")
    assert phone.sign_out() == {"token_id": session["token_id"]}
    assert_problem(401, "not_authenticated", phone.me)


@scenario
def somebody_opens_a_wallet_with_a_phone(world):
    stranger = world.client(Anybody())
    begun = stranger.sign_up({"name": "Zoé", "phone": "+33612360002", "cell": "fr"})
    chosen = {"sign_up": begun["sign_up"], "pin": "739164"}
    assert_problem(401, "code_wrong", stranger.confirm_sign_up, {**chosen, "code": "x"})
    session = stranger.confirm_sign_up({**chosen, "code": begun["code"]})
    assert world.client(Bearer(session["token"])).me()["party"] == session["party"]


@scenario
def finance_sees_that_the_books_balance(world):
    shown = world.staff["finance"].api.trial_balance()
    assert shown["balanced"] is True
    assert [row["currency"] for row in shown["currencies"]] == ["EUR"]
    assert_problem(403, "caller_unfit", world.customer().api.trial_balance)


