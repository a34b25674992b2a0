"""The flows of `sycee_harness.flows.notification`, through this client."""

from sycee_harness.flows.notification import *  # noqa: F403
