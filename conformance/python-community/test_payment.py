"""The flows of `sycee_harness.flows.payment`, through this client."""

from sycee_harness.flows.payment import *  # noqa: F403
