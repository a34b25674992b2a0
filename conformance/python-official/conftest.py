"""The official Python SDK against a server of its own, through port 80."""

import urllib.parse

import pytest
from Crypto.PublicKey import RSA
from forwarder import Forwarder
from official_client import OfficialClient

pytest.register_assert_rewrite("sycee_harness")
pytest_plugins = ["sycee_harness.plugin"]


@pytest.fixture(scope="session")
def gateway_url(server):
    """The server's gateway where this client can reach it."""
    address = urllib.parse.urlsplit(server.base_url)
    forwarder = Forwarder((address.hostname, address.port))
    yield f"{forwarder.url}/gateway.do"
    forwarder.close()


@pytest.fixture(scope="session")
def new_key():
    """Makes a key: private as PKCS#1 PEM, the only form this client takes; public as SPKI PEM."""

    def make():
        key = RSA.generate(2048)
        return key.export_key("PEM", pkcs=1).decode(), key.public_key().export_key("PEM").decode()

    return make


@pytest.fixture(scope="session")
def new_client():
    """The client under test."""
    return OfficialClient
