"""One request: sent, and sent again under the same key until it is answered or patience ends."""

from __future__ import annotations

import email.utils
import http.client
import json
import random
import re
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from .calling import Answer, CallOptions, OperationFacts
from .errors import ProblemError, UnansweredError, UnexpectedAnswerError
from .generated import OPERATIONS, Operations, Problem
from .signing import Credential, Unsigned

_BASE_PATH = "/api/v1"
# How long to wait before the second attempt; doubled for each further one.
_FIRST_PAUSE_SECONDS = 0.05
# The longest pause of our own; a server's Retry-After may be longer.
_LONGEST_PAUSE_SECONDS = 2.0


def retry_after_seconds(header: str | None, now: float) -> float:
    """What a header Retry-After asks for: seconds or a date, RFC 9110 section 10.2.3. Nothing if it is neither."""
    if header is None:
        return 0.0
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - now)
    except (TypeError, ValueError, OverflowError):
        return 0.0


class _Received(NamedTuple):
    status: int
    headers: Mapping[str, str]
    text: str


class Client(Operations):
    """The API, asked by one party. Threads may share it: each has a connection of its own."""

    def __init__(
        self,
        base_url: str,
        credential: Credential,
        *,
        patience_seconds: float = 30.0,
        attempt_seconds: float = 15.0,
        on_answer: Callable[[Answer], None] | None = None,
    ) -> None:
        super().__init__(self._call, self._follow)
        self._base = urllib.parse.urlsplit(base_url)
        self._credential = credential
        self._patience_seconds = patience_seconds
        self._attempt_seconds = attempt_seconds
        self._on_answer = on_answer
        self._threads = threading.local()

    def _call(
        self,
        name: str,
        path: dict[str, str],
        query: object,
        body: object,
        options: CallOptions,
        accept: str = "application/json",
    ) -> object:
        facts = OPERATIONS[name]
        key = options.get("idempotency_key", str(uuid.uuid4())) if facts.repeat == "key" else None
        sent = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        asked = Unsigned(facts.method, _BASE_PATH + _filled(facts.path, path), _query(query), sent, key)
        until = time.monotonic() + options.get("patience_seconds", self._patience_seconds)
        attempts = 0
        while True:
            attempts += 1
            pause = _pause_seconds(attempts) * random.uniform(0.5, 1)
            failure: Exception
            try:
                if facts.repeat == "never":
                    # One that was kept may have ended meanwhile, and then nobody could say whether it was done.
                    self._connection().close()
                received = self._send(asked, accept)
            except (OSError, http.client.HTTPException) as error:
                if facts.repeat == "never" and not isinstance(error, ConnectionRefusedError):
                    raise UnansweredError(name, key, attempts) from error
                failure = error
            else:
                for told in (self._on_answer, options.get("on_answer")):
                    if told is not None:
                        told(Answer(name, received.status, received.headers, key, attempts))
                if 200 <= received.status < 300:
                    is_json = facts.reply == "json" and accept == "application/json"
                    return json.loads(received.text) if is_json else received.text
                refused = _error(name, received, key, attempts)
                if not _is_worth_repeating(facts, refused):
                    raise refused
                failure = refused
                pause = max(pause, retry_after_seconds(received.headers.get("retry-after"), time.time()))
            if time.monotonic() + pause > until:
                if isinstance(failure, ProblemError):
                    raise failure
                raise UnansweredError(name, key, attempts) from failure
            time.sleep(pause)

    def _follow(self, name: str, path: dict[str, str], query: object, options: CallOptions) -> Iterator[object]:
        """Server-sent events as they come, taken up again where they stood when the connection ends; until no
        connection comes about in patience."""
        facts = OPERATIONS[name]
        asked = Unsigned(facts.method, _BASE_PATH + _filled(facts.path, path), _query(query), None, None)
        patience, last, attempts = options.get("patience_seconds", self._patience_seconds), None, 0
        until = time.monotonic() + patience
        while True:
            attempts += 1
            # One of its own: it stands for as long as somebody follows.
            connection = self._new_connection()
            try:
                headers = {"accept": "text/event-stream, application/problem+json", **self._credential.headers(asked)}
                if last is not None:
                    headers["last-event-id"] = last
                connection.request("GET", _target(asked), None, headers)
                response = connection.getresponse()
                if response.status != 200:
                    told = {header.lower(): value for header, value in response.getheaders()}
                    received = _Received(response.status, told, response.read().decode())
                    refused = _error(name, received, None, attempts)
                    if response.status not in {429, 503}:
                        raise refused
                else:
                    for event_id, data in server_sent(response):
                        attempts, until = 0, time.monotonic() + patience
                        last = event_id or last
                        if data:
                            yield json.loads(data)
            except (OSError, http.client.HTTPException) as error:
                if time.monotonic() > until:
                    raise UnansweredError(name, None, attempts) from error
            finally:
                connection.close()
            if time.monotonic() > until:
                raise UnansweredError(name, None, attempts)
            time.sleep(_pause_seconds(attempts))

    def _send(self, asked: Unsigned, accept: str) -> _Received:
        connection = self._connection()
        headers = {"accept": f"{accept}, application/problem+json"}
        if asked.key is not None:
            headers["idempotency-key"] = asked.key
        if asked.body is not None:
            headers["content-type"] = "application/json"
        # A signature says when it was made, so each attempt has its own.
        headers.update(self._credential.headers(asked))
        try:
            connection.request(asked.method, _target(asked), asked.body, headers)
            response = connection.getresponse()
            # An answer counts when it is there whole.
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        return _Received(response.status, {name.lower(): value for name, value in response.getheaders()}, text)

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = self._new_connection()
        return connection

    def _new_connection(self) -> http.client.HTTPConnection:
        made = http.client.HTTPSConnection if self._base.scheme == "https" else http.client.HTTPConnection
        return made(self._base.hostname or "", self._base.port, timeout=self._attempt_seconds)


def server_sent(lines: Iterable[bytes]) -> Iterator[tuple[str | None, str]]:
    """The events in a body as id and data (WHATWG HTML, section 9.2.6)."""
    event_id, data = None, list[str]()
    for line in lines:
        field, _, value = line.decode().rstrip("\r\n").partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            event_id = value
        elif field == "data":
            data.append(value)
        elif not field and not value:
            if event_id is not None or data:
                yield event_id, "\n".join(data)
            event_id, data = None, []


def _pause_seconds(attempts: int) -> float:
    return min(_LONGEST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2.0 ** min(max(attempts - 1, 0), 20))


def _target(asked: Unsigned) -> str:
    return f"{asked.path}?{asked.query}" if asked.query else asked.path


def _filled(template: str, path: dict[str, str]) -> str:
    for name, value in path.items():
        # A path with an empty part, `.` or `..` in it is another path.
        if value in {"", ".", ".."}:
            raise ValueError(f"{name} may not be {value!r}")
    return re.sub(r"\{(\w+)\}", lambda found: urllib.parse.quote(path[found.group(1)], safe=""), template)


def _query(query: object) -> str:
    given = query if isinstance(query, dict) else {}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
    return urllib.parse.urlencode({name: text for name, text in texts.items() if given[name] is not None})


def _error(name: str, received: _Received, key: str | None, attempts: int) -> ProblemError | UnexpectedAnswerError:
    if received.headers.get("content-type") == "application/problem+json":
        return ProblemError(name, cast(Problem, json.loads(received.text)), key, attempts)
    return UnexpectedAnswerError(name, received.status, received.text, key, attempts)


def _is_worth_repeating(facts: OperationFacts, error: ProblemError | UnexpectedAnswerError) -> bool:
    """What says that it was not done, or that the same again will tell."""
    if isinstance(error, ProblemError):
        if error.status == 429 or error.code == "busy":
            return True
        return error.status == 503 and facts.repeat != "never"
    # Whatever stands between did not reach the server, or its answer did not reach us.
    return error.status in {502, 503, 504} and facts.repeat != "never"
