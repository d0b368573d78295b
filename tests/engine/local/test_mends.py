"""Each mend beside its symptom: moto as it is shows the symptom, the emulator does not.

When an upstream test fails, moto has changed: look whether the mend can go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from moto import mock_aws
from palier.local.emulator import mends

from tests.engine.local import (
    symptoms_aurora,
    symptoms_cache,
    symptoms_distribution,
    symptoms_dynamodb,
    symptoms_edge,
    symptoms_edge_functions,
    symptoms_edge_waf,
    symptoms_network,
    symptoms_people,
    symptoms_rds,
    symptoms_regions,
    symptoms_rest,
)
from tests.engine.local.building import database, described
from tests.engine.local.emulated import Emulated, upstream_client
from tests.engine.local.symptoms import Symptom, outcome

SYMPTOMS = (
    *symptoms_rds.SYMPTOMS,
    *symptoms_cache.SYMPTOMS,
    *symptoms_network.SYMPTOMS,
    *symptoms_aurora.SYMPTOMS,
    *symptoms_regions.SYMPTOMS,
    *symptoms_rest.SYMPTOMS,
    *symptoms_dynamodb.SYMPTOMS,
    *symptoms_edge.SYMPTOMS,
    *symptoms_distribution.SYMPTOMS,
    *symptoms_edge_waf.SYMPTOMS,
    *symptoms_edge_functions.SYMPTOMS,
    *symptoms_people.SYMPTOMS,
)
# Tested below, because they need two regions, or show in time alone; one needs a region that fails.
APART = {
    "replica_of_another_region_leaves_its_source",
    "no_rsa_for_symmetric_keys",
    "policies_of_one_partition",
    "unhealthy_in_a_failed_region",  # test_regions.py
    "keys_of_stores",  # test_edge_keys.py
}
every_symptom = pytest.mark.parametrize(
    "symptom", SYMPTOMS, ids=[f"{one.mend}-{one.probe.__name__}" for one in SYMPTOMS]
)


@pytest.fixture
def moto_as_it_is() -> Iterator[None]:
    with mock_aws():
        yield


@every_symptom
@pytest.mark.usefixtures("moto_as_it_is")
def test_moto_still_shows_the_symptom(symptom: Symptom) -> None:
    assert symptom.probe(upstream_client) == symptom.upstream


@every_symptom
def test_the_emulator_is_mended(symptom: Symptom, emulator: Emulated) -> None:
    assert symptom.probe(emulator.client) == symptom.mended


def test_every_mend_has_its_symptom_tested() -> None:
    assert {mend.name for mend in mends.table()} == {one.mend for one in SYMPTOMS} | APART


def test_every_mend_tells_its_symptom() -> None:
    assert [mend.name for mend in mends.table() if len(mend.symptom) < 20] == []


def replica_elsewhere(emulated: Emulated) -> str:
    source = database(emulated.client)
    elsewhere = emulated.client("rds", "eu-west-1")
    elsewhere.create_db_instance_read_replica(
        DBInstanceIdentifier="far", SourceDBInstanceIdentifier=source["DBInstanceArn"]
    )
    return str(source["DBInstanceArn"])


def test_a_replica_of_another_region_stands_for_itself_and_leaves_its_source(emulator: Emulated) -> None:
    arn = replica_elsewhere(emulator)
    here, there = emulator.client("rds"), emulator.client("rds", "eu-west-1")
    far = described(there, "far")
    assert far["ReadReplicaSourceDBInstanceIdentifier"] == arn
    assert far["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"
    assert far["AvailabilityZone"].startswith("eu-west-1")
    assert described(here, "primary")["ReadReplicaDBInstanceIdentifiers"] == [far["DBInstanceArn"]]
    assert outcome(there.delete_db_instance, DBInstanceIdentifier="far", SkipFinalSnapshot=True) == "done"
    assert described(here, "primary")["ReadReplicaDBInstanceIdentifiers"] == []


def test_a_replica_of_another_region_stops_replicating_when_its_source_goes(emulator: Emulated) -> None:
    replica_elsewhere(emulator)
    here, there = emulator.client("rds"), emulator.client("rds", "eu-west-1")
    here.delete_db_instance(DBInstanceIdentifier="primary", SkipFinalSnapshot=True)
    (info,) = described(there, "far")["StatusInfos"]
    assert (info["Status"], info["Normal"]) == ("terminated", False)
    assert outcome(there.promote_read_replica, DBInstanceIdentifier="far") == "done"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in described(there, "far")


@pytest.mark.usefixtures("moto_as_it_is")
def test_moto_still_fails_on_a_replica_of_another_region() -> None:
    source = database(upstream_client)
    elsewhere = upstream_client("rds", "eu-west-1")
    made = outcome(
        elsewhere.create_db_instance_read_replica,
        DBInstanceIdentifier="far",
        SourceDBInstanceIdentifier=source["DBInstanceArn"],
    )
    assert made == "KeyError"


def test_a_symmetric_key_is_made_without_a_key_pair(emulator: Emulated) -> None:
    kms = emulator.client("kms")
    kms.list_keys()
    began = time.monotonic()
    for _ in range(20):
        kms.create_key()
    assert time.monotonic() - began < 1.0, "an RSA pair each would take 2 s"


def test_a_managed_policy_can_be_attached(emulator: Emulated) -> None:
    iam = emulator.client("iam")
    iam.create_user(UserName="somebody")
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    assert outcome(iam.attach_user_policy, UserName="somebody", PolicyArn=arn) == "done"
