"""Whatever is sent, a service answers what its OpenAPI declares, and never with a server error."""

from uuid import UUID

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from services.donations.app import make_app
from tests.support.house import HouseForTests

CITY, EVERYBODY = UUID(int=1), UUID(int=2)
SPEAKS_SQL = {"GET /campaigns/{campaign_id}/totals"}
"""What memory cannot answer; its own test asks PostgreSQL."""
ROLES = ("accountant", "auditor", "cashier", "coordinator", "leader", "storekeeper")


# An address may carry what we do not know, such as a campaign's mark.
QUERIES = [negative_data_rejection]


def operations():
    house = HouseForTests("donations", make_app)
    house.be_lenient()
    house.unit(CITY)
    for role in ROLES:
        house.grant(EVERYBODY, role, CITY)
    schema = schemathesis.openapi.from_asgi("/openapi.json", house.client.app)
    found = {
        operation.label: operation
        for operation in map(as_ok, schema.get_all_operations())
        # Of each route that HEAD answers as GET does: tests/services/test_strict_door.py.
        if operation.method != "head"
    }
    assert found.keys() > SPEAKS_SQL
    return {label: found[label] for label in found.keys() - SPEAKS_SQL}


def as_ok(found):
    return found.ok()


OPERATIONS = operations()


@pytest.mark.parametrize("sent", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_donations_answers_as_declared(label, sent):
    @given(case=OPERATIONS[label].as_strategy(generation_mode=sent))
    @settings(
        max_examples=10,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def answers(case):
        case.call_and_validate(
            headers={"Authorization": f"Bearer {EVERYBODY}"},
            # What the schema allows, a rule may still refuse.
            excluded_checks=[positive_data_acceptance, *(QUERIES if case.method == "GET" else [])],
        )

    answers()
