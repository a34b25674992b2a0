"""Every operation of the document is done through the generated client, and every answer is as documented."""

import json
import urllib.request

import pytest
import scenarios_abroad  # noqa: F401  these put theirs into the table
import scenarios_authorisations  # noqa: F401
import scenarios_lists  # noqa: F401
import scenarios_people  # noqa: F401
import scenarios_settlement  # noqa: F401
import scenarios_staff  # noqa: F401
import scenarios_telling  # noqa: F401
from api_world import DOCUMENT, undriven, unknown
from scenarios import SCENARIOS

_ran = set()


def _run(scenario, world):
    _ran.add(scenario)
    before = world.totals()
    scenario(world)
    after = world.totals()
    assert all(after[currency] >= totals for currency, totals in before.items())


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_scenario(scenario, api):
    """One subject."""
    _run(scenario, api)


def test_every_operation_of_the_document_was_done(api):
    """Whoever adds an operation adds a scenario."""
    for scenario in SCENARIOS:
        if scenario not in _ran:
            _run(scenario, api)
    assert not unknown(), "renew the client: cargo xtask clients"
    assert not undriven(), "these operations need a scenario in scenarios.py"


def test_the_server_serves_the_tracked_document(api):
    """So what is said of the tracked one holds for the server."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{api.base_url}/api/v1/openapi.json", timeout=30) as answer:
        assert json.loads(answer.read()) == DOCUMENT
