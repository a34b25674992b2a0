"""The flows of `sycee_harness.flows.authorise`, through this client."""

from sycee_harness.flows.authorise import *  # noqa: F403
