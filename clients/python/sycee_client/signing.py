"""Who asks: by a bearer token, or by a signature of the request (RFC 9421, digests by RFC 9530)."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Now = Callable[[], float]
"""Where time comes from: seconds since 1970. It must be within 300 seconds of the server's."""


@dataclasses.dataclass(frozen=True)
class Unsigned:
    """What a signature covers."""

    method: str
    path: str
    query: str
    """Without the question mark; empty if there is none."""
    body: bytes | None
    key: str | None


class Credential(Protocol):
    """Makes the headers that say who asks."""

    def headers(self, request: Unsigned) -> dict[str, str]:
        """The headers for one attempt."""
        ...


class Bearer:
    """A token that was given to the party."""

    def __init__(self, token: str) -> None:
        self._token = token

    def headers(self, request: Unsigned) -> dict[str, str]:
        """The headers for one attempt."""
        return {"authorization": f"Bearer {self._token}"}


class Anybody:
    """Nobody yet: for signing in."""

    def headers(self, request: Unsigned) -> dict[str, str]:
        """The headers for one attempt."""
        return {}


class HmacSha256:
    """The secret, base64, as `POST /keys` has told it."""

    def __init__(self, key_id: str, secret: str, now: Now = time.time) -> None:
        self._key_id = key_id
        self._secret = base64.b64decode(secret, validate=True)
        self._now = now

    def headers(self, request: Unsigned) -> dict[str, str]:
        """The headers for one attempt."""
        return _signed(request, self._key_id, "hmac-sha256", self._now, self._sign)

    def _sign(self, base: bytes) -> bytes:
        return hmac.digest(self._secret, base, "sha256")


class Ed25519:
    """The private key whose public key was given to `POST /keys`."""

    def __init__(self, key_id: str, private_key: Ed25519PrivateKey, now: Now = time.time) -> None:
        self._key_id = key_id
        self._private_key = private_key
        self._now = now

    def headers(self, request: Unsigned) -> dict[str, str]:
        """The headers for one attempt."""
        return _signed(request, self._key_id, "ed25519", self._now, self._private_key.sign)


def _signed(
    request: Unsigned, key_id: str, algorithm: str, now: Now, sign: Callable[[bytes], bytes]
) -> dict[str, str]:
    headers: dict[str, str] = {}
    covered = [("@method", request.method), ("@path", request.path)]
    if request.query:
        covered.append(("@query", f"?{request.query}"))
    if request.body is not None:
        digest = f"sha-256=:{base64.b64encode(hashlib.sha256(request.body).digest()).decode()}:"
        headers["content-digest"] = digest
        covered.append(("content-digest", digest))
    if request.key is not None:
        covered.append(("idempotency-key", request.key))
    names = " ".join(f'"{name}"' for name, _ in covered)
    parameters = f'({names});created={int(now())};keyid="{key_id}";alg="{algorithm}"'
    lines = [*(f'"{name}": {value}' for name, value in covered), f'"@signature-params": {parameters}']
    signature = base64.b64encode(sign("\n".join(lines).encode())).decode()
    headers["signature-input"] = f"s={parameters}"
    headers["signature"] = f"s=:{signature}:"
    return headers
