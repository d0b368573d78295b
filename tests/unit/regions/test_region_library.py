"""The parts of `palier region`: the capacity proof, the journal, the status, the shape of a database."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st
from palier.errors import InputError, OperationError
from palier.regions.capacity import prove
from palier.regions.clients import ask
from palier.regions.journal import SWITCHOVER, Entry, Journal
from palier.regions.model import Lag, Unreachable
from palier.regions.shape import replica_request, shape_of
from palier.regions.status import observe
from palier.regions.telling import status_lines
from palier.regions.topology import Demand, Topology

from tests.unit.regions.fake_regions import AWAY, HOME, FakeHands, World, topology

COUNTS = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.integers(0, 500), min_size=1)
RATES = st.floats(0.1, 1e5)


@given(COUNTS, RATES, RATES)
def test_a_proof_holds_exactly_where_nothing_is_missing(
    counts: dict[str, int], peak: float, each: float
) -> None:
    proof = prove(Demand(peak, each), list(counts), counts)
    assert proof.holds == (proof.missing_instances == 0)
    assert not proof.holds or proof.capacity_requests_per_second >= peak * (1 - 1e-6)
    more = {**counts, "a": counts.get("a", 0) + proof.missing_instances}
    assert prove(Demand(peak, each), list(more), more).holds


@given(COUNTS, RATES, RATES)
def test_a_region_more_never_carries_less(counts: dict[str, int], peak: float, each: float) -> None:
    without = prove(Demand(peak, each), list(counts)[1:], counts)
    proof = prove(Demand(peak, each), list(counts), counts)
    assert proof.missing_instances <= without.missing_instances


def test_a_region_that_did_not_answer_counts_for_nothing() -> None:
    proof = prove(Demand(300, 50), ["a", "b"], {"a": 6, "b": None})
    assert proof.sentence() == (
        "a: at most 6 instances carry 300 of the forecast peak of 300 requests/s (b not counted: no answer)"
    )
    assert prove(Demand(300, 50), ["b"], {"b": None}).missing_requests_per_second == 300


def test_a_journal_tells_what_it_was_told(tmp_path: Path) -> None:
    journal = Journal("local", tmp_path, tmp_path)
    operation = journal.begin(SWITCHOVER, HOME, AWAY, 10.0)
    journal.done(operation, Entry("fence", 11.0, 12.5, {"fenced_at": 12.5}))
    again = Journal("local", tmp_path, tmp_path).unfinished()
    assert again == operation
    journal.end(operation, "done", 20.0)
    assert journal.unfinished() is None
    assert [each.outcome for each in journal.operations()] == ["done"]


@given(cut=st.integers(1, 60))
def test_a_line_that_a_kill_cut_short_counts_as_not_there_and_swallows_no_other(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = Journal("local", folder, folder)
    operation = journal.begin(SWITCHOVER, HOME, AWAY, 10.0)
    journal.done(operation, Entry("fence", 11.0, 12.0))
    journal.file.write_bytes(journal.file.read_bytes()[:-cut])
    left = journal.unfinished()
    assert left is not None
    journal.done(left, Entry("drain", 13.0, 14.0))
    again = journal.unfinished()
    assert again is not None
    # Without its newline alone, the line of the fence is whole.
    assert [entry.step for entry in again.entries] == (["fence", "drain"] if cut == 1 else ["drain"])


def test_only_its_user_reads_the_journal(tmp_path: Path) -> None:
    journal = Journal("local", tmp_path, tmp_path / "regions")
    journal.begin(SWITCHOVER, HOME, AWAY, 10.0)
    assert journal.file.stat().st_mode & 0o077 == 0


def test_a_region_that_hangs_holds_up_nobody() -> None:
    released = threading.Event()

    class Hanging(FakeHands):
        def database(self, region: str, identifier: str | None = None) -> Any:
            if region == HOME:
                released.wait(30)
            return super().database(region, identifier)

    one = World.standing(topology())
    overview = observe(one.topology, Hanging(one), longest_seconds=0.2)
    released.set()
    assert overview.seen[HOME].silent == "no answer in 0 s"
    assert overview.seen[AWAY].silent is None
    assert "no answer: no answer in 0 s" in status_lines(overview)[1]


def test_a_healthy_platform_has_no_problems_and_says_who_writes() -> None:
    one = World.standing(topology())
    overview = observe(one.topology, FakeHands(one))
    assert overview.problems() == []
    assert overview.writer == HOME
    told = json.loads(json.dumps(overview.as_data()))
    assert told["healthy"] is True
    assert [row["role"] for row in told["regions"]] == ["writer", "reader"]
    assert told["without"][HOME]["holds"] is True


def test_regions_that_both_write_are_told_and_neither_is_called_the_writer() -> None:
    one = World.standing(topology())
    one.instances[AWAY, "db"].follows, one.active[AWAY] = "", AWAY
    overview = observe(one.topology, FakeHands(one))
    assert overview.writer is None
    assert overview.claimants == [HOME, AWAY]
    assert "eu-west-3 and eu-west-1 follow nobody" in "\n".join(overview.problems())


def refused(status: int, code: str) -> ClientError:
    """AWS's refusal."""
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DescribeDBInstances")


@pytest.mark.parametrize(
    ("error", "how"),
    [
        (ReadTimeoutError(endpoint_url="x"), "no answer in time"),
        (ConnectTimeoutError(endpoint_url="x"), "no answer in time"),
        (EndpointConnectionError(endpoint_url="x"), "no connection"),
        (refused(503, "ServiceUnavailable"), "ServiceUnavailable"),
    ],
)
def test_no_answer_and_5xx_mean_that_the_region_does_not_answer(error: Exception, how: str) -> None:
    def call() -> None:
        raise error

    with pytest.raises(Unreachable, match=how):
        ask(HOME, call)


def test_a_refusal_means_that_it_does_and_is_told_in_words() -> None:
    def call() -> None:
        raise refused(403, "AccessDenied")

    with pytest.raises(OperationError, match="AWS refused DescribeDBInstances: AccessDenied: no"):
        ask(HOME, call)
    with pytest.raises(ClientError):
        ask(HOME, call, known=("AccessDenied",))


INSTANCE = {
    "DBInstanceIdentifier": "primary",
    "DbiResourceId": "db-OLD",
    "DBInstanceClass": "db.m7g.large",
    "Endpoint": {"Port": 5432},
    "DBParameterGroups": [{"DBParameterGroupName": "own"}],
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "data"},
    "KmsKeyId": "key-here",
    "BackupRetentionPeriod": 7,
    "PreferredBackupWindow": "02:00-03:00",
    "IAMDatabaseAuthenticationEnabled": True,
    "MonitoringInterval": 0,
    "AvailabilityZone": "eu-west-3b",
    "MonitoringRoleArn": "role",
    "TagList": [{"Key": "Name", "Value": "primary"}],
}


def test_a_follower_is_made_with_what_the_database_of_old_had() -> None:
    shape = json.loads(json.dumps(shape_of(INSTANCE)))  # as the journal keeps it
    request = replica_request(shape, "arn:aws:rds:eu-west-1:123456789012:db:other")
    assert shape["stood_alone"] is True
    assert request["KmsKeyId"] == "key-here"
    assert request["SourceRegion"] == "eu-west-1"
    assert request["DBSubnetGroupName"] == "data"
    assert request["EnableIAMDatabaseAuthentication"] is True
    assert request["AvailabilityZone"] == "eu-west-3b"
    assert "AvailabilityZone" not in shape_of({**INSTANCE, "MultiAZ": True})["request"]
    assert "MonitoringRoleArn" not in request  # RDS refuses one without an interval


def test_a_replica_within_the_region_takes_key_and_subnets_from_its_source() -> None:
    request = replica_request(shape_of({**INSTANCE, "ReadReplicaSourceDBInstanceIdentifier": "x"}), "primary")
    assert not {"KmsKeyId", "SourceRegion", "DBSubnetGroupName"} & set(request)


def test_a_platform_in_one_region_has_no_regions_to_move_between() -> None:
    with pytest.raises(InputError, match="multi-region does not stand in local"):
        Topology.of({}, "local")


def test_a_lag_says_until_when_all_has_arrived() -> None:
    assert Lag(12.0, 100.0).replicated_until == 88.0
