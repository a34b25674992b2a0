"""The flows of `sycee_harness.flows.order_string`, through this client."""

from sycee_harness.flows.order_string import *  # noqa: F403
