"""Passkeys, proofs and limits of customers; the people, apps and printed code of a shop."""

from api_world import eur
from refusing import assert_problem
from scenarios import rsa_public_key, scenario
from soft_passkey import SoftPasskey
from sycee_client import Anybody, Bearer

PIN = "739164"


@scenario
def a_passkey_signs_in_and_proves(world):
    anna = world.customer(10_000, pin=PIN)
    stranger = world.client(Anybody())
    phone = world.client(Bearer(stranger.sign_in({"login": anna.number, "pin": PIN})["token"]))
    # The name of this machine, which is what a passkey of a server without a name is bound to.
    passkey = SoftPasskey(world.base_url.replace("127.0.0.1", "localhost"))
    begun = phone.begin_passkey()
    added = phone.add_passkey(
        {"ceremony": begun["ceremony"], "credential": passkey.create(begun["options"]), "label": "phone"}
    )
    assert [one["passkey"] for one in phone.list_passkeys()["passkeys"]] == [added["passkey"]]

    begun = stranger.begin_sign_in_by_passkey()
    shown = {"ceremony": begun["ceremony"], "credential": passkey.get(begun["options"])}
    session = stranger.sign_in_by_passkey(shown)
    assert session["party"] == anna.number
    assert_problem(401, "passkey_refused", stranger.sign_in_by_passkey, shown)

    other = world.client(Bearer(session["token"]))
    begun = other.begin_proof()
    proof = {"ceremony": begun["ceremony"], "credential": passkey.get(begun["options"])}
    assert "proved_until" in other.prove(proof)
    forged = SoftPasskey("http://elsewhere.example")
    begun = other.begin_proof()
    wrong = {"ceremony": begun["ceremony"], "credential": forged.get(begun["options"])}
    assert_problem(401, "passkey_refused", other.prove, wrong)

    assert phone.remove_passkey(added["passkey"])["passkey"] == added["passkey"]
    begun = stranger.begin_sign_in_by_passkey()
    gone = {"ceremony": begun["ceremony"], "credential": passkey.get(begun["options"])}
    assert_problem(401, "passkey_refused", stranger.sign_in_by_passkey, gone)


@scenario
def a_passkey_of_another_page_proves_nothing(world):
    anna = world.customer(pin=PIN)
    phone = world.client(Bearer(world.client(Anybody()).sign_in({"login": anna.number, "pin": PIN})["token"]))
    begun = phone.begin_passkey()
    elsewhere = SoftPasskey("https://phishing.example").create(begun["options"])
    assert_problem(401, "passkey_refused", phone.add_passkey, {"ceremony": begun["ceremony"], "credential": elsewhere})
    assert phone.list_passkeys() == {"passkeys": []}


@scenario
def a_customer_sees_what_is_left(world):
    limits = world.customer().api.show_limits()
    assert limits["tier"] == limits["tiers"][-1]["name"], "a sandbox opens people in the highest tier"
    assert all(limit["used"]["minor"] == "0" for limit in limits["limits"] if limit["kind"] in ("day", "month"))


@scenario
def a_shops_people_do_what_their_roles_are_for(world):
    shop, stranger = world.merchant(), world.client(Anybody())
    olga = shop.api.open_member({"name": "Olga", "role": "owner", "pin": PIN})
    chloe = shop.api.open_member({"name": "Chloé", "phone": "+33612360011", "role": "cashier", "pin": PIN})
    asked = {"login": "+33612360011", "cell": "fr", "at_shop": True}
    cashier = world.client(Bearer(stranger.sign_in({**asked, "pin": PIN})["token"]))
    assert cashier.me()["member"]["member"] == chloe["member"]
    assert_problem(403, "caller_unfit", cashier.list_members)
    passkey = SoftPasskey(world.base_url.replace("127.0.0.1", "localhost"))
    begun = cashier.begin_passkey()
    cashier.add_passkey({"ceremony": begun["ceremony"], "credential": passkey.create(begun["options"])})
    begun = stranger.begin_sign_in_by_passkey()
    shown = {"ceremony": begun["ceremony"], "credential": passkey.get(begun["options"])}
    assert stranger.sign_in_by_passkey(shown)["role"] == "merchant"
    owner = world.client(Bearer(stranger.sign_in({"login": olga["member"], "pin": PIN})["token"]))
    assert [one["name"] for one in owner.list_members()["members"]] == ["Olga", "Chloé"]
    assert owner.set_member_pin(chloe["member"], {"pin": "846275"})["sessions_ended"] == 2
    assert_problem(401, "sign_in_failed", stranger.sign_in, {**asked, "pin": PIN})
    assert owner.change_member(chloe["member"], {"role": "cashier", "dismissed": True})["dismissed"] is True
    assert_problem(401, "sign_in_failed", stranger.sign_in, {**asked, "pin": "846275"})
    begun = stranger.begin_sign_in_by_passkey()
    shown = {"ceremony": begun["ceremony"], "credential": passkey.get(begun["options"])}
    assert_problem(401, "passkey_refused", stranger.sign_in_by_passkey, shown)
    assert_problem(422, "last_owner", owner.change_member, olga["member"], {"role": "manager", "dismissed": False})


@scenario
def a_payee_is_seen_before_and_remembered_after(world):
    anna, bruno = world.customer(1_000), world.customer()
    seen = anna.api.find_payee({"payee": bruno.number})
    assert seen["party"] == bruno.number and "***" in seen["name"]
    assert_problem(404, "payee_not_found", anna.api.find_payee, {"payee": "+999999999999"})
    anna.api.send({"payee": seen["party"], "money": eur(250)})
    moved = anna.api.list_history({"limit": 1})["items"][0]
    assert moved["other_name"] == seen["name"] and "note" not in moved
    noted = anna.api.note_movement(moved["movement"], {"text": "rent"})
    assert noted == {"movement": moved["movement"], "note": "rent"}
    assert anna.api.list_history({"limit": 1})["items"][0]["note"] == "rent"
    assert_problem(404, "not_found", anna.api.note_movement, "20260101-1-0", {"text": "rent"})


@scenario
def test_money_comes_once(world):
    anna = world.customer()
    came = anna.api.top_up({"money": eur(2_000)}, idempotency_key="monday")
    assert anna.api.top_up({"money": eur(2_000)}, idempotency_key="monday") == came
    assert anna.minor() == 2_000
    assert_problem(403, "caller_unfit", world.merchant().api.top_up, {"money": eur(1)})


@scenario
def both_see_what_was_asked_for(world):
    anna, bruno = world.customer(1_000), world.customer()
    wanted = bruno.api.request_money({"payer": anna.number, "money": eur(300)})
    (asked,) = anna.api.list_money_requests({"state": "open"})["items"]
    assert (asked["request"], asked["direction"], asked["money"]) == (wanted["request"], "incoming", eur(300))
    anna.api.decline_request(wanted["request"])
    assert anna.api.list_money_requests({"state": "open"})["items"] == []
    (told,) = bruno.api.list_money_requests({"direction": "outgoing"})["items"]
    assert (told["state"], told["other_party"]) == ("declined", anna.number)


@scenario
def a_shop_registers_an_app_and_hangs_its_code(world):
    shop, anna = world.merchant(), world.customer(1_000)
    made = shop.api.make_app({"public_key": rsa_public_key()})
    certified = shop.api.certify_app(made["app"])
    assert certified["app_cert"].startswith("-----BEGIN CERTIFICATE-----")
    assert shop.api.certify_app(made["app"]) == certified, "one for each key"
    shop.api.set_app_key(made["app"], {"public_key": rsa_public_key()})
    assert shop.api.certify_app(made["app"])["app_cert"] != certified["app_cert"]
    assert_problem(404, "not_found", world.merchant().api.certify_app, made["app"])
    listed = shop.api.list_apps()
    assert [app["app"] for app in listed["apps"]] == [made["app"]]
    assert listed["gateway"]["url"].endswith("/gateway.do")
    code = shop.api.show_shop_code()["code"]
    assert anna.api.pay_printed_code({"code": code, "total": eur(450)})["merchant"] == shop.number
