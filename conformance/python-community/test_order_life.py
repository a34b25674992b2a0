"""The flows of `sycee_harness.flows.order_life`, through this client."""

from sycee_harness.flows.order_life import *  # noqa: F403
