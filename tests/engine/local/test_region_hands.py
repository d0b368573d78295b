"""The hands of `palier region` on the local cloud: the lease between machines, and what DNS is told."""

from __future__ import annotations

from typing import Any

import pytest
from palier.regions.clients import ImpatientClients
from palier.regions.hands import AwsHands
from palier.regions.lease import DynamoLease
from palier.regions.model import Unreachable
from palier.regions.topology import Demand, Site, Targets, Topology

from tests.engine.local.emulated import Emulated
from tests.engine.local.symptoms_aurora import AWAY, HOME


@pytest.fixture
def clients(emulator: Emulated) -> dict[str, ImpatientClients]:
    return {
        region: ImpatientClients(region=region, endpoint=emulator.endpoint, read_seconds=5)
        for region in (HOME, AWAY)
    }


@pytest.fixture
def lease(clients: dict[str, ImpatientClients]) -> DynamoLease:
    clients[HOME].client("dynamodb").create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "session", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return DynamoLease("sessions", clients)


def test_a_lease_is_of_one_owner_until_it_is_given_back(lease: DynamoLease) -> None:
    assert lease.take(HOME, "ada", 60) is None
    assert lease.take(HOME, "ada", 60) is None  # renewed, or taken up again after a kill
    other = lease.take(HOME, "bob", 60)
    assert other is not None
    assert other["owner"] == "ada"
    lease.give_back(HOME, "bob")  # not his to give
    assert lease.take(HOME, "bob", 60) is not None
    lease.give_back(HOME, "ada")
    assert lease.take(HOME, "bob", 60) is None


def test_a_lease_that_has_expired_is_anybodys(lease: DynamoLease) -> None:
    assert lease.take(HOME, "ada", -5) is None
    assert lease.take(HOME, "bob", 60) is None


def test_a_lease_of_a_region_that_fails_is_not_to_be_had(lease: DynamoLease, emulator: Emulated) -> None:
    emulator.api("regions", method="PUT", body={"region": HOME, "mode": "error"})
    with pytest.raises(Unreachable, match="ServiceUnavailable"):
        lease.take(HOME, "ada", 60)


def test_dns_leads_away_from_a_region_and_back(clients: dict[str, ImpatientClients]) -> None:
    hands = AwsHands(_topology(_health_check(clients)), clients, clients)
    assert hands.led_to(HOME) == "healthy"
    hands.lead_away(HOME)
    assert hands.led_to(HOME) == "led away"
    hands.lead_back(HOME)
    assert hands.led_to(HOME) == "healthy"


def _health_check(clients: dict[str, ImpatientClients]) -> str:
    config: dict[str, Any] = {
        "Type": "HTTP",
        "FullyQualifiedDomainName": "www.jobo.example",
        "Port": 80,
        "ResourcePath": "/",
        "RequestInterval": 10,
        "FailureThreshold": 3,
    }
    made = (
        clients[AWAY]
        .client("route53")
        .create_health_check(CallerReference="region", HealthCheckConfig=config)
    )
    return str(made["HealthCheck"]["Id"])


def _topology(health_check: str) -> Topology:
    sites = {region: Site(region, "tg", "asg", "db", "arn", health_check) for region in (HOME, AWAY)}
    return Topology((HOME, AWAY), sites, False, None, "sessions", "/active", Targets(1, 1), Demand(1, 1))
