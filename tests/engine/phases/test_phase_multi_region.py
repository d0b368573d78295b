"""Further regions on the local cloud: in order, shared, and left as a failover has made them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine.phases.machine import REGION, Machine, Platform, until

PHASE, FAR = "multi-region", "eu-west-1"
ACTIVE = "/jobo/local/application/ACTIVE_REGION"
PRIMARY, REPLICA = "jobo-local-primary", "jobo-local-database-eu-west-1"


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


def changes(machine: Machine, *command: str) -> dict[str, int]:
    """What a run of the phase (`up`, where nothing else is said) changes, by kind."""
    operation, *options = command or ("up",)
    (summary,) = machine.palier(operation, PHASE, *options, "--output", "json").json["phases"]
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


def test_what_a_failover_and_its_way_back_have_moved_no_up_moves_back(machine: Machine) -> None:
    failed_over(machine)
    assert changes(machine) == {}
    assert changes(machine, "up", "--refresh") == {}, "also once the state has learnt what stands"
    assert failing(machine, PHASE, code=1) == {"regions.writer"}, "the primary of old writes as well"

    told_to_the_states(machine, *made_a_follower_again(machine))
    tell(machine, REGION)
    assert set(changes(machine)) == {"updated"}, "the roles that log in to it, and what it was not made with"
    assert failing(machine, PHASE) == set()
    assert changes(machine) == {}


def failed_over(machine: Machine) -> None:
    """What `palier region failover` does to the databases, by the AWS API."""
    machine.aws("rds", FAR).promote_read_replica(DBInstanceIdentifier=REPLICA)
    tell(machine, FAR)


def tell(machine: Machine, active: str) -> None:
    """Tell the applications which region writes."""
    for region in (REGION, FAR):
        machine.aws("ssm", region).put_parameter(Name=ACTIVE, Value=active, Type="String", Overwrite=True)


def made_a_follower_again(machine: Machine) -> tuple[str, str]:
    """Make the far database anew, under its name, as a follower of the home's: the old id and the new."""
    there = machine.aws("rds", FAR)
    (old,) = there.describe_db_instances(DBInstanceIdentifier=REPLICA)["DBInstances"]
    there.delete_db_instance(DBInstanceIdentifier=REPLICA, SkipFinalSnapshot=True)
    made = there.create_db_instance_read_replica(
        DBInstanceIdentifier=REPLICA,
        SourceDBInstanceIdentifier=old["DBInstanceArn"].replace(FAR, REGION, 1).replace(REPLICA, PRIMARY),
        SourceRegion=REGION,
        DBInstanceClass=old["DBInstanceClass"],
        DBSubnetGroupName=old["DBSubnetGroup"]["DBSubnetGroupName"],
        DBParameterGroupName=old["DBParameterGroups"][0]["DBParameterGroupName"],
        VpcSecurityGroupIds=[group["VpcSecurityGroupId"] for group in old["VpcSecurityGroups"]],
        KmsKeyId=old["KmsKeyId"],
        MonitoringInterval=old["MonitoringInterval"],
        MonitoringRoleArn=old["MonitoringRoleArn"],
        Tags=old["TagList"],
    )["DBInstance"]
    return str(old["DbiResourceId"]), str(made["DbiResourceId"])


def told_to_the_states(machine: Machine, old: str, new: str) -> None:
    """Put the new id in the place of the old one, as whoever made the instance anew does."""
    program = (
        "from palier.console import reporter\n"
        "from palier.phases import catalog\n"
        "from palier.phases.environment import prepare\n"
        "from palier.phases.rebinding import rebind\n"
        "from palier.phases.stack import PhaseStack\n"
        "here = prepare('local', reporter('text'))\n"
        "stacks = [PhaseStack(phase, here) for phase in catalog.phases()]\n"
        f"assert len(rebind(stacks, {{{old!r}: {new!r}}})) == 1\n"
    )
    subprocess.run(
        [sys.executable, "-c", program], check=True, env=machine.variables(), cwd=machine.platform, timeout=60
    )
