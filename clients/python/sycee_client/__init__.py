"""A typed client of Sycee's own API: `generated` has its types and operations, the rest is what every call needs."""

from .calling import Answer, CallOptions, OperationFacts
from .client import Client
from .errors import ProblemError, UnansweredError, UnexpectedAnswerError
from .generated import OPERATIONS
from .money import decimal, money
from .paging import Page, every
from .signing import Anybody, Bearer, Credential, Ed25519, HmacSha256, Unsigned

__all__ = [
    "OPERATIONS",
    "Answer",
    "Anybody",
    "Bearer",
    "CallOptions",
    "Client",
    "Credential",
    "Ed25519",
    "HmacSha256",
    "OperationFacts",
    "Page",
    "ProblemError",
    "UnansweredError",
    "UnexpectedAnswerError",
    "Unsigned",
    "decimal",
    "every",
    "money",
]
