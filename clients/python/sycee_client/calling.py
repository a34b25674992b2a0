"""What is said of a call: by the document, by the caller, and by the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypedDict


class OperationFacts(NamedTuple):
    """What the document says of how an operation is asked."""

    method: str
    path: str
    repeat: Literal["read", "key", "number", "never"]
    """What makes a repeat one request: `read` changes nothing, `key` has the header Idempotency-Key, `number` a number
    of the caller's own; `never` has nothing, and is not sent again unless it is certain that it was not done."""
    reply: Literal["json", "text", "stream"]
    """`stream` does not end: one event after the other, each JSON."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer before it is read; for logs and tests."""

    operation: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    key: str | None
    """The key that was sent, if the operation takes one."""
    attempts: int
    """How often it was sent."""


class CallOptions(TypedDict, total=False):
    """What may be said of one call."""

    idempotency_key: str
    """One is made for each call if none is given; give one to finish a call of an earlier process."""
    patience_seconds: float
    """For how long to try, instead of the client's patience."""
    on_answer: Callable[[Answer], None]
    """Is told of every answer, also of those after which the call is tried again."""
