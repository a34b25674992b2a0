"""The flows of `sycee_harness.flows.gateway`, through this client."""

from sycee_harness.flows.gateway import *  # noqa: F403
