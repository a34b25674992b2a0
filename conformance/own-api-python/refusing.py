"""Refusals that are expected."""

import pytest
from sycee_client import ProblemError


def assert_problem(status, code, call, *args, **kwargs):
    """Expects a problem with this status and code, and gives it."""
    with pytest.raises(ProblemError) as raised:
        call(*args, **kwargs)
    problem = raised.value
    assert (problem.status, problem.code) == (status, code), problem
    return problem
