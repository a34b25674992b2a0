"""The server is killed (SIGKILL) at random moments while both clients are at work and repeat what was not answered, under
the key or number that it had: all that was acknowledged was done, nothing was done twice, and the books say the same.

Chance has a seed; nothing is asserted about how long anything takes.
"""

import collections
import json
import os
import pathlib
import queue
import random
import socket
import subprocess
import tempfile
import threading
import time

import pytest
from api_world import ApiWorld, eur
from steps import Actor, Thread
from sycee_client import Bearer, Client, every
from sycee_harness.server import Server

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
WORKER = REPOSITORY / "conformance/own-api-typescript/build/worker.js"
SEED = 20_261_129
KILLS = int(os.environ.get("SYCEE_KILLS", "15"))
# Seeds of the actors of each client.
PYTHON, TYPESCRIPT = (1, 2), (3, 4)
# Before a kill the server lives so long since it has answered the first step, seconds.
LIVES_SECONDS = (0.05, 0.6)
START_MINOR = 1_000_000
SHOP_MINOR = 50_000


class Worker:
    """The process with the actors of the client for TypeScript."""

    def __init__(self, base_url, people):
        self.records = []
        self._phases = queue.Queue()
        self._process = subprocess.Popen(["node", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._listen, daemon=True).start()
        self._say(json.dumps({"baseUrl": base_url, "seeds": TYPESCRIPT, "people": people}))

    def _say(self, line):
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _listen(self):
        for line in self._process.stdout:
            said = json.loads(line)
            if "done" in said:
                self.records.append(said["done"])
            else:
                self._phases.put(said)
        self._phases.put(None)

    def finish(self, phase):
        """Ends a phase, and gives what is said at its end."""
        self._say(phase)
        said = self._phases.get(timeout=300)
        assert said is not None, "the worker has failed: its error is above"
        return said[phase]

    def kill(self):
        """Ends it, whatever it does."""
        self._process.kill()
        self._process.wait()


def _free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _open_people(world):
    """A shop and two customers for each actor, each with money."""

    def told(person):
        return {"number": person.number, "token": person.token}

    actors, people = {}, []
    for name in [f"python-{seed}" for seed in PYTHON] + [f"typescript-{seed}" for seed in TYPESCRIPT]:
        customers = [world.customer(START_MINOR) for _ in range(2)]
        shop = world.merchant()
        code = world.printed_code(shop)
        customers[0].api.pay_printed_code({"code": code, "total": eur(SHOP_MINOR)})
        people += [customer.number for customer in customers]
        actors[name] = {"customers": [told(one) for one in customers], "shop": {**told(shop), "code": code}}
    staff = {role: told(world.staff[role]) for role in ("cashier", "support")}
    return {"people": people, "actors": actors, **staff}


class Town:
    """The people, what they had, and what they have done since."""

    def __init__(self, world, people):
        self.world = world
        self.people = people
        self.had = collections.Counter()
        for one in people["actors"].values():
            first, second = (customer["number"] for customer in one["customers"])
            self.had.update({first: START_MINOR - SHOP_MINOR, second: START_MINOR, one["shop"]["number"]: SHOP_MINOR})
        self.debits, self.credits = world.totals()["EUR"]

    def client(self, token):
        """A client of whoever has the token."""
        return Client(self.world.base_url, Bearer(token))

    def assert_is_what_was_done(self, records):
        """Balances, histories, totals and orders are what the records add up to, and no two records have the same thing."""
        have, moved, names = collections.Counter(self.had), 0, []
        for record in records:
            names += record["names"]
            for payer, payee, minor in record["moves"]:
                have[payer] -= minor
                have[payee] += minor
                moved += minor
        assert len(set(names)) == len(names), "two requests were answered with the same thing"
        for one in self.people["actors"].values():
            for party in [*one["customers"], one["shop"]]:
                balances = self.client(party["token"]).balances()["balances"]
                assert balances == [{"currency": "EUR", "minor": str(have[party["number"]]), "held_minor": "0"}], party
        self._assert_histories(records)
        # Each move is one transfer of the ledger: no shop pays a fee.
        assert self.world.totals()["EUR"] == (self.debits + moved, self.credits + moved)
        for name, trade_no, status, refunded in (order for record in records for order in record["orders"]):
            shop = self.client(self.people["actors"][name]["shop"]["token"])
            shown = shop.show_order(trade_no)
            assert (shown["status"], shown["refunded"]["minor"]) == (status, str(refunded)), shown


    def _assert_histories(self, records):
        """Each has every move once in its history, and nothing else."""
        moves = collections.defaultdict(collections.Counter)
        for payer, payee, minor in (move for record in records for move in record["moves"]):
            moves[payer][-minor] += 1
            moves[payee][minor] += 1
        for one in self.people["actors"].values():
            first, second = one["customers"]
            shop = self.client(one["shop"]["token"])
            moves[one["shop"]["number"]][SHOP_MINOR] += 1
            moves[first["number"]].update({START_MINOR: 1, -SHOP_MINOR: 1})
            moves[second["number"]][START_MINOR] += 1
            entries = every(lambda cursor, shop=shop: shop.list_entries({"limit": 200, "cursor": cursor}))
            changes = collections.Counter(int(entry["balance_change_minor"]) for entry in entries)
            assert changes == moves[one["shop"]["number"]], one["shop"]["number"]
            for customer in one["customers"]:
                api = self.client(customer["token"])
                items = every(lambda cursor, api=api: api.list_history({"limit": 200, "cursor": cursor}))
                signs = {"in": 1, "out": -1}
                changes = collections.Counter(signs[item["direction"]] * int(item["money"]["minor"]) for item in items)
                assert changes == moves[customer["number"]], customer["number"]


def _wait_for_a_step(count, stopped):
    """Until one more step was done than there were."""
    before = count()
    while count() == before:
        assert not stopped(), "an actor has ended"
        time.sleep(0.01)


@pytest.fixture
def directory():
    """Where the server that is killed keeps its data."""
    with tempfile.TemporaryDirectory(prefix="sycee-kills-") as folder:
        yield folder


def test_nothing_is_lost_and_nothing_done_twice_over_kills(directory):
    """Each request of both clients is done once."""
    chance, port = random.Random(SEED), _free_port()

    def start():
        return Server("--cells", "fr", listen=f"127.0.0.1:{port}", directory=directory)

    server, worker = start(), None
    try:
        world = ApiWorld(server.base_url, client=Client)
        people = _open_people(world)
        town = Town(world, people)
        over = threading.Event()
        threads = [Thread(Actor(server.base_url, seed, people), over) for seed in PYTHON]
        for thread in threads:
            thread.start()
        worker = Worker(server.base_url, people)

        def records():
            return [record for thread in threads for record in thread.actor.records] + worker.records

        def failed():
            return any(thread.failure for thread in threads)

        for _ in range(KILLS):
            _wait_for_a_step(lambda: len(records()), failed)
            time.sleep(chance.uniform(*LIVES_SECONDS))
            server.kill()
            server = start()
        over.set()
        for thread in threads:
            thread.join()
            if thread.failure:
                raise thread.failure
        counted = worker.finish("over")

        town.assert_is_what_was_done(records())
        retried = sum(thread.actor.retried for thread in threads)
        found_done = sum(thread.actor.found_done for thread in threads)
        assert retried > 0 and counted["retried"] > 0, "no call met a kill: the test has tried nothing"

        # Asked again, everything is answered as it was, and nothing is done.
        for thread in threads:
            thread.actor.ask_everything_again()
        again = worker.finish("again") + sum(len(thread.actor.agains) for thread in threads)
        town.assert_is_what_was_done(records())
        world.sandbox.assert_books_balance("fr")
        print(
            f"{KILLS} kills, {len(records())} steps; sent again after a kill: {retried} in Python,"
            f" {counted['retried']} in TypeScript; of these done before and not heard: {found_done + counted['foundDone']};"
            f" asked again at the end: {again}"
        )
        server.stop_and_audit()
    finally:
        server.kill()
        if worker:
            worker.kill()
