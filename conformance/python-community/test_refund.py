"""The flows of `sycee_harness.flows.refund`, through this client."""

from sycee_harness.flows.refund import *  # noqa: F403
