"""The flows of `sycee_harness.flows.transfer`, through this client."""

from sycee_harness.flows.transfer import *  # noqa: F403
