"""The fixtures of both suites; a suite's own conftest gives `gateway_url`, `new_key` and `new_client`."""

import pytest

from sycee_harness.server import Server
from sycee_harness.world import World


@pytest.fixture(scope="session")
def server():
    """One server for the suite; at its end it stops cleanly and its data pass the audit."""
    running = Server()
    try:
        yield running
        running.stop_and_audit()
    finally:
        running.kill()


@pytest.fixture(scope="module")
def world(server, gateway_url, new_key, new_client):
    """The people of one test file; after it the books of the cells it used balance."""
    created = World(server.base_url, gateway_url, new_key, new_client)
    yield created
    created.close()
