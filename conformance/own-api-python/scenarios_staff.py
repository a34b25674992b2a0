"""What needs two people, and the operator's own books."""

import itertools

from api_world import eur
from refusing import assert_problem
from scenarios import scenario

_subs = itertools.count(1)


@scenario
def a_posting_by_hand_needs_two_people(world):
    ann, ben = world.staff["finance"].api, world.staff["admin"].api
    first, second = next(_subs), next(_subs)
    accounts = [{"kind": "general", "currency": "EUR", "sub": sub} for sub in (first, second)]
    assert ann.open_book_accounts({"accounts": accounts}) == {"opened": 2}
    general = [{"kind": "general", "sub": sub} for sub in (first, second)]
    wanted = {"debit": general[0], "credit": general[1], "money": eur(700), "reason": "ticket 17"}
    proposal = ann.propose_manual_posting(wanted)["proposal"]
    assert ben.show_proposal(proposal)["state"] == "open"
    assert_problem(403, "same_person", ann.approve_proposal, proposal)
    assert ben.approve_proposal(proposal)["state"] == "approved"
    credits = {row["sub"]: row["credits_minor"] for row in ann.list_book_accounts()["accounts"]}
    assert (credits[first], credits[second]) == ("0", "700")

    other = ann.propose_manual_posting({**wanted, "money": eur(1)})["proposal"]
    assert ben.reject_proposal(other)["state"] == "rejected"
    listed = {item["proposal"]: item["state"] for item in ann.list_proposals({"limit": 100})["items"]}
    assert (listed[proposal], listed[other]) == ("approved", "rejected")


@scenario
def a_customers_own_limits_need_two_people(world):
    payer, payee = world.customer(1_000), world.customer()
    limits = {"customer": payer.number, "limits": {"transaction_minor": "199"}, "reason": "at their wish"}
    proposal = world.staff["support"].api.propose_own_limits(limits)["proposal"]
    world.admin.approve_proposal(proposal)
    assert_problem(402, "transaction_limit", payer.api.send, {"payee": payee.number, "money": eur(200)})
    payer.api.send({"payee": payee.number, "money": eur(199)})
    assert world.admin.show_party(payer.number)["own_limits"] == {"transaction_minor": "199"}
