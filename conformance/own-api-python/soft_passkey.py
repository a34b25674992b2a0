"""A passkey in software: what an authenticator answers (W3C Web Authentication, level 3), as far as these tests ask."""

import base64
import hashlib
import json
import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Flags of authenticator data (section 6.1): a user was present and verified; a credential is attached.
PRESENT_AND_VERIFIED = 0x05
ATTACHED = 0x40


def _text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftPasskey:
    """One credential of one site, made when it is asked for."""

    def __init__(self, origin):
        self._origin = origin
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = os.urandom(32)
        self._user = b""
        self._used = 0

    def _client_data(self, kind, options):
        said = {"type": kind, "challenge": options["challenge"], "origin": self._origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _authenticator_data(self, site, flags):
        self._used += 1
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self._used.to_bytes(4, "big")

    def create(self, options):
        """What `navigator.credentials.create` gives, by its `toJSON`."""
        self._user = _bytes(options["user"]["id"])
        point = self._key.public_key().public_numbers()
        # COSE_Key (RFC 9052, section 7): EC2, ES256, P-256, x, y.
        key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20" + point.x.to_bytes(32, "big")
        key += b"\x22\x58\x20" + point.y.to_bytes(32, "big")
        data = self._authenticator_data(options["rp"]["id"], PRESENT_AND_VERIFIED | ATTACHED)
        data += bytes(16) + len(self._id).to_bytes(2, "big") + self._id + key
        # {"fmt": "none", "attStmt": {}, "authData": data} in CBOR; data has 164 bytes.
        attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([len(data)]) + data
        response = {
            "clientDataJSON": _text(self._client_data("webauthn.create", options)),
            "attestationObject": _text(attestation),
        }
        return self._answer(response)

    def get(self, options):
        """What `navigator.credentials.get` gives."""
        client_data = self._client_data("webauthn.get", options)
        data = self._authenticator_data(options["rpId"], PRESENT_AND_VERIFIED)
        signature = self._key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(data),
            "signature": _text(signature),
            "userHandle": _text(self._user),
        }
        return self._answer(response)

    def _answer(self, response):
        name = _text(self._id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
