"""What a call can end with, other than its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .generated import Problem


class ProblemError(Exception):
    """The server has answered that it was not done, and why (RFC 9457)."""

    def __init__(self, operation: str, problem: Problem, key: str | None, attempts: int) -> None:
        said = f"{problem['status']} {problem['code']}: {problem['detail']}"
        super().__init__(f"{operation}: {said}. {problem['money']} {problem['what_to_do']}")
        self.operation = operation
        self.problem = problem
        self.key = key
        self.attempts = attempts

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem["status"]

    @property
    def code(self) -> str:
        """The stable code."""
        return self.problem["code"]

    @property
    def field(self) -> str | None:
        """The field that is wrong, if it is one."""
        return self.problem.get("field")

    @property
    def money(self) -> str:
        """Where the money is, one sentence."""
        return self.problem["money"]

    @property
    def what_to_do(self) -> str:
        """What the caller can do."""
        return self.problem["what_to_do"]


class UnansweredError(Exception):
    """No answer came in time. Whether it was done is not known: call again with the same key, or the same number, to
    learn it."""

    def __init__(self, operation: str, key: str | None, attempts: int) -> None:
        super().__init__(f"{operation}: no answer after {attempts} attempts; whether it was done is not known")
        self.operation = operation
        self.key = key
        self.attempts = attempts


class UnexpectedAnswerError(Exception):
    """An answer that is not this API's: something else stands at this address, or in between."""

    def __init__(self, operation: str, status: int, text: str, key: str | None, attempts: int) -> None:
        super().__init__(f"{operation}: {status} without a problem document: {text[:200]}")
        self.operation = operation
        self.status = status
        self.key = key
        self.attempts = attempts
