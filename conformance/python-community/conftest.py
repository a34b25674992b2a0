"""The community's Python SDK against a server of its own."""

import os

import pytest
from community_client import CommunityClient
from Cryptodome.PublicKey import RSA

pytest.register_assert_rewrite("sycee_harness")
pytest_plugins = ["sycee_harness.plugin"]

# The library asks through urllib, which obeys the environment's proxy even for loopback.
os.environ["no_proxy"] = "*"


@pytest.fixture(scope="session")
def gateway_url(server):
    """The server's gateway."""
    return f"{server.base_url}/gateway.do"


@pytest.fixture(scope="session")
def new_key():
    """Makes a key: private as PKCS#1 PEM; public as base64 of PKCS#1 DER, which shops also upload."""

    def make():
        key = RSA.generate(2048)
        lines = key.public_key().export_key("PEM", pkcs=1).decode().split("\n")
        return key.export_key("PEM", pkcs=1).decode(), "".join(lines[1:-1])

    return make


@pytest.fixture(scope="session")
def new_client():
    """The client under test."""
    return CommunityClient
