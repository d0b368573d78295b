"""Drills on the local cloud: a region is made to fail, the failover converges, nothing is lost, and back."""

from __future__ import annotations

import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.engine.phases.machine import Machine, Platform, until

HOME, AWAY = "eu-west-3", "eu-west-1"
SESSIONS = "jobo-local-sessions"
# What each operation may ask of RDS once, whatever happens to it.
ONCE = ("PromoteReadReplica", "DeleteDBInstance", "CreateDBInstanceReadReplica")


@pytest.fixture
def machine(whole_path: Platform) -> Iterator[Machine]:
    """The machine on which the whole path stands; home writes again afterwards, and nothing fails."""
    machine = whole_path.machine
    yield machine
    machine.palier("local", "fault", HOME, "--clear")
    machine.palier("region", "restore", code=None)
    machine.palier("region", "switchover", "--to", HOME, code=None)


def aws(machine: Machine, service: str, region: str) -> Any:
    """A client of a region."""
    import boto3

    return boto3.client(
        service,
        region_name=region,
        endpoint_url=machine.endpoint,
        aws_access_key_id="palierlocal",
        aws_secret_access_key="palierlocal",
    )


def log_in(machine: Machine, region: str, session: str) -> None:
    """A user's session, written in a region."""
    item = {"session": {"S": session}, "user": {"S": "ada"}}
    aws(machine, "dynamodb", region).put_item(TableName=SESSIONS, Item=item)


def sessions(machine: Machine, region: str) -> set[str]:
    """The sessions that a region knows."""
    found = aws(machine, "dynamodb", region).scan(TableName=SESSIONS)["Items"]
    return {item["session"]["S"] for item in found}


def region(machine: Machine, *arguments: str, code: int | None = 0) -> Any:
    """What a command about regions says, in JSON."""
    return machine.palier("region", *arguments, "--json", code=code).json


def last_request(machine: Machine) -> int:
    """The number of the newest request to the local cloud."""
    return max(int(request["number"]) for request in machine.ask("requests"))


def done_since(machine: Machine, number: int) -> Counter[str]:
    """How often RDS did each thing that is to be done once, after a request."""
    found = (each for each in machine.ask(f"requests?since={number}") if each["operation"] in ONCE)
    return Counter(each["operation"] for each in found if each["status"] == 200)


def failing(machine: Machine, phase: str) -> list[str]:
    """The checks of a phase that do not hold."""
    told = machine.palier("verify", phase, "--output", "json", code=None).json
    return sorted({each["check"] for each in told["results"] if not each["ok"]})


@pytest.mark.parametrize("mode", ["error", "silence"])
def test_a_lost_region_is_failed_over_from_nothing_is_lost_and_the_way_back_leads_home(
    mode: str, machine: Machine
) -> None:
    log_in(machine, HOME, f"{mode}-before")
    until(lambda: f"{mode}-before" in sessions(machine, AWAY), "the session, in the other region")
    log_in(machine, HOME, f"{mode}-last")  # still on its way when the region is lost
    machine.palier("local", "fault", HOME, "--mode", mode)
    began = time.monotonic()
    seen = region(machine, "status", code=1)
    assert time.monotonic() - began < 20  # never a hang, even of a region that says nothing
    assert [one["answers"] for one in seen["regions"]] == [False, True]

    done = region(machine, "failover", "--to", AWAY)
    assert (done["outcome"], done["rto"]["kept"], done["rpo"]["kept"]) == ("done", True, True)
    there = sessions(machine, AWAY)
    assert f"{mode}-before" in there
    assert f"{mode}-last" not in there
    log_in(machine, AWAY, f"{mode}-meanwhile")

    machine.palier("local", "fault", HOME, "--clear")
    assert region(machine, "status", code=1)["writer"] is None  # home does not know yet
    region(machine, "restore")
    assert region(machine, "status")["writer"] == AWAY
    assert failing(machine, "multi-region") == []
    region(machine, "switchover", "--to", HOME)
    assert region(machine, "status")["writer"] == HOME
    for place in (HOME, AWAY):
        assert {f"{mode}-before", f"{mode}-last", f"{mode}-meanwhile"} <= sessions(machine, place)
    assert failing(machine, "foundation") == []


def test_what_would_lose_something_is_refused_and_changes_nothing(machine: Machine) -> None:
    aws(machine, "autoscaling", AWAY).update_auto_scaling_group(
        AutoScalingGroupName=group(machine), MaxSize=5
    )
    before = machine.mutations()
    try:
        said = machine.palier("region", "switchover", "--to", AWAY, code=1).err
    finally:
        aws(machine, "autoscaling", AWAY).update_auto_scaling_group(
            AutoScalingGroupName=group(machine), MaxSize=6
        )
    assert f"error: no switchover to {AWAY}: without {HOME}, " in said
    assert "missing 50 requests/s, 1 instances" in said
    assert machine.mutations() == before + 1  # the size that is put back


def group(machine: Machine) -> str:
    """The autoscaling group of the further region."""
    groups = aws(machine, "autoscaling", AWAY).describe_auto_scaling_groups()["AutoScalingGroups"]
    return str(groups[0]["AutoScalingGroupName"])


def test_a_switchover_that_is_killed_again_and_again_converges_and_asks_nothing_twice(
    machine: Machine,
) -> None:
    before, chance, killed = last_request(machine), random.Random(4), 0
    for _ in range(6):
        process = machine.start("region", "switchover", "--to", AWAY, "--json")
        try:
            process.communicate(timeout=chance.uniform(1.0, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            killed += 1
    region(machine, "switchover", "--to", AWAY)
    assert killed
    assert region(machine, "status")["writer"] == AWAY
    # Home's database, and its two replicas within the region, are made anew.
    assert done_since(machine, before) == Counter(
        {"PromoteReadReplica": 1, "DeleteDBInstance": 3, "CreateDBInstanceReadReplica": 3}
    )
    assert region(machine, "history")[0]["outcome"] == "done"
