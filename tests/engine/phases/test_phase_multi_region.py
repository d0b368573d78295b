"""Further regions on the local cloud: in order, shared, and left as a failover has made them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.phases.machine import REGION, Machine, Platform, until

PHASE, FAR = "multi-region", "eu-west-1"
ACTIVE = "/jobo/local/application/ACTIVE_REGION"
REPLICA = "jobo-local-database-eu-west-1"


@pytest.fixture
def machine(whole_path: Platform, tmp_path: Path) -> Iterator[Machine]:
    """The machine on which the whole path stands; its settings are put back."""
    file = whole_path.machine.settings(PHASE)
    kept = shutil.copy(file, tmp_path / file.name)
    try:
        yield whole_path.machine
    finally:
        shutil.copy(kept, file)


def failing(machine: Machine, phase: str, code: int | None = 0) -> set[str]:
    """The checks of a phase that do not hold."""
    said = machine.palier("verify", phase, "--output", "json", code=code)
    return {result["check"] for result in said.json["results"] if not result["ok"]}


def changes(machine: Machine, command: str = "up") -> dict[str, int]:
    """What a run of the phase changes, by kind."""
    (summary,) = machine.palier(command, PHASE, "--output", "json").json["phases"]
    return {kind: summary[kind] for kind in ("created", "updated", "replaced", "deleted") if summary[kind]}


def bucket(machine: Machine, region: str) -> str:
    """The region's bucket of assets."""
    regional: dict[str, Any] = machine.palier("outputs", PHASE, "--output", "json").json["regional"]
    return str(regional[region]["assets_bucket"])


def test_every_check_holds_in_every_region_and_at_home(machine: Machine) -> None:
    assert failing(machine, PHASE) == set()
    assert failing(machine, "foundation") == set()


def test_a_second_up_changes_nothing(machine: Machine) -> None:
    before = machine.mutations()

    assert changes(machine) == {}
    assert machine.mutations() == before


def test_a_session_and_an_asset_written_far_away_are_at_home(machine: Machine) -> None:
    item = {"session": {"S": "s-1"}, "expires_at": {"N": "4102444800"}}
    machine.aws("dynamodb", FAR).put_item(TableName="jobo-local-sessions", Item=item)
    assets = {region: bucket(machine, region) for region in (REGION, FAR)}
    machine.aws("s3", FAR).put_object(Bucket=assets[FAR], Key="logo.svg", Body=b"<svg/>")
    home, key = machine.aws("dynamodb"), {"session": item["session"]}

    def arrived() -> bool:
        listed = machine.aws("s3").list_objects_v2(Bucket=assets[REGION]).get("Contents", [])
        return "logo.svg" in {each["Key"] for each in listed}

    until(lambda: home.get_item(TableName="jobo-local-sessions", Key=key).get("Item") == item, "the session")
    until(arrived, "the asset")


def test_an_image_that_the_home_does_not_run_is_refused_and_nothing_is_touched(machine: Machine) -> None:
    machine.set(PHASE, "application", image="nginx:1.30")
    before = machine.mutations()
    said = machine.palier("up", PHASE, code=1)

    assert "multi-region:application.image: the home region runs nginx:1.29" in said.err
    assert machine.mutations() == before


def test_regions_too_small_for_the_peak_are_refused_before_the_engine_starts(machine: Machine) -> None:
    machine.set(PHASE, "capacity", forecast_peak_requests_per_second=301)
    said = machine.palier("up", "--through", PHASE, code=2)

    assert "carry 300 of the forecast peak of 301 requests/s: 1 instances short" in said.err
    assert "multi-region:capacity" in said.err


def test_what_a_failover_has_moved_no_up_moves_back(machine: Machine) -> None:
    there = machine.aws("rds", FAR)
    there.promote_read_replica(DBInstanceIdentifier=REPLICA)
    for region in (REGION, FAR):
        told(machine, region, FAR)
    try:
        assert changes(machine) == {}
        changes(machine, "refresh")
        assert changes(machine) == {}, "also after the state has learnt what stands"
        (database,) = there.describe_db_instances(DBInstanceIdentifier=REPLICA)["DBInstances"]
        assert "ReadReplicaSourceDBInstanceIdentifier" not in database, "it still writes"
        assert failing(machine, PHASE, code=1) == {"regions.writer"}, "the primary of old writes as well"
    finally:
        made_a_replica_again(machine)
    assert failing(machine, PHASE) == set()


def told(machine: Machine, region: str, active: str) -> None:
    """Tell the application of a region which region writes."""
    machine.aws("ssm", region).put_parameter(Name=ACTIVE, Value=active, Type="String", Overwrite=True)


def made_a_replica_again(machine: Machine) -> None:
    """Take the far database away and let an `up` make it anew: the way back where nothing was written."""
    machine.aws("rds", FAR).delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
    for region in (REGION, FAR):
        told(machine, region, REGION)
    changes(machine, "refresh")
    changes(machine)
