"""The client for Python against a server of its own."""

import os

import pytest

SCENARIOS = ["scenarios", "scenarios_abroad", "scenarios_authorisations", "scenarios_lists", "scenarios_staff"]
pytest.register_assert_rewrite("sycee_harness", "api_world", "refusing", *SCENARIOS)

# What is asserted in these is rewritten only if that is said before.
from api_world import ApiWorld  # noqa: E402
from sycee_harness.server import Server  # noqa: E402

# The sandbox is asked through urllib, which obeys the environment's proxy even for loopback.
os.environ["no_proxy"] = "*"


@pytest.fixture(scope="session")
def server():
    """One server with two markets and the network between them; at its end it stops cleanly and its data pass the audit."""
    running = Server("--cells", "fr,th,net")
    try:
        yield running
        running.stop_and_audit()
    finally:
        running.kill()


@pytest.fixture(scope="session")
def api(server):
    """The people of one cell, each with a client."""
    created = ApiWorld(server.base_url)
    yield created
    created.sandbox.settle()
    created.sandbox.assert_books_balance("fr")
