"""Switchover, failover and the way back, on regions in memory: what they do, refuse and measure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palier.errors import InputError, OperationError
from palier.regions.journal import Operation
from palier.regions.measure import measure

from tests.unit.regions.fake_regions import AWAY, HOME, STARTED_AT, FakeHands, Killed, World, mover, topology

THIRD = "eu-central-1"
KINDS = pytest.mark.parametrize("aurora", [False, True], ids=["rds", "aurora"])


def world(*, aurora: bool = False, near: int = 0, **more: object) -> World:
    return World.standing(topology(aurora=aurora, **more), near)  # type: ignore[arg-type]


def lost(one: World, region: str = HOME) -> World:
    one.silent.add(region)
    return one


@KINDS
def test_a_switchover_moves_the_writer_and_the_one_of_old_follows(aurora: bool, tmp_path: Path) -> None:
    one = world(aurora=aurora)
    done = mover(one, tmp_path).switchover(AWAY)
    assert done is not None
    assert done.outcome == "done"
    assert one.active == {HOME: AWAY, AWAY: AWAY}
    assert one.instances[AWAY, "db"].follows == ""
    assert one.instances[HOME, "db"].follows == f"arn:{AWAY}"
    assert not one.fences


@KINDS
def test_a_switchover_there_and_back_leaves_what_there_was(aurora: bool, tmp_path: Path) -> None:
    one, before = world(aurora=aurora, near=0 if aurora else 2), world(aurora=aurora, near=0 if aurora else 2)
    mover(one, tmp_path).switchover(AWAY)
    mover(one, tmp_path).switchover(HOME)
    assert one.active == before.active
    assert {key: each.follows for key, each in one.instances.items()} == {
        key: each.follows for key, each in before.instances.items()
    }


def test_a_switchover_keeps_what_the_primary_of_old_held_and_makes_its_replicas_anew(tmp_path: Path) -> None:
    one = world(near=2)
    done = mover(one, tmp_path).switchover(AWAY)
    assert done is not None
    assert one.snapshots == [f"db-before-{done.id}"]
    assert one.instances[HOME, "near-1"].follows == "db"
    assert one.instances[HOME, "near-1"].backup_retention_days == 7


def test_every_other_region_follows_the_new_writer(tmp_path: Path) -> None:
    one = world(regions=(HOME, AWAY, THIRD))
    mover(one, tmp_path).switchover(AWAY)
    assert one.instances[THIRD, "db"].follows == f"arn:{AWAY}"
    assert len(one.snapshots) == 1  # a replica leaves none


@KINDS
def test_a_second_switchover_changes_nothing(aurora: bool, tmp_path: Path) -> None:
    one = world(aurora=aurora)
    mover(one, tmp_path).switchover(AWAY)
    effects, journal = one.effects.copy(), mover(one, tmp_path).journal.file.read_bytes()
    assert mover(one, tmp_path).switchover(AWAY) is None
    assert one.effects == effects
    assert mover(one, tmp_path).journal.file.read_bytes() == journal


def test_a_switchover_promotes_only_what_has_every_write(tmp_path: Path) -> None:
    one = world()
    one.lag_seconds[AWAY] = 40.0
    done = mover(one, tmp_path).switchover(AWAY)
    assert done is not None
    fence, drain, promote = (done.entry(name) for name in ("fence", "drain", "promote"))
    assert fence is not None
    assert drain is not None
    assert promote is not None
    lag = drain.found["lag"]
    assert lag["measured_at"] - lag["seconds"] >= fence.found["fenced_at"]
    assert promote.began_at >= drain.ended_at
    assert fence.found["fenced_at"] >= fence.began_at + 2.0  # transactions under way have had their time


class NeverThere(FakeHands):
    """A follower that never catches up once writes are stopped."""

    def lag(self, region: str, since: float | None = None) -> None:
        self._answer(region)
        return None if since is not None else super().lag(region)  # type: ignore[return-value]


def test_writes_go_on_where_they_were_if_the_follower_does_not_catch_up(tmp_path: Path) -> None:
    one = world()
    mine = mover(one, tmp_path)
    mine.hands = NeverThere(one)
    with pytest.raises(OperationError, match="not done after 900 s"):
        mine.switchover(AWAY)
    assert not one.fences
    assert one.instances[HOME, "db"].follows == ""
    assert not one.effects[f"promote {AWAY}"]
    assert mine.journal.operations()[-1].outcome == "taken back"


def test_a_switchover_interrupted_before_the_promotion_can_be_taken_back(tmp_path: Path) -> None:
    one = world()
    one.kill_at = 2  # the fence is up
    with pytest.raises(Killed):
        mover(one, tmp_path).switchover(AWAY)
    assert one.fences == {HOME}
    one.kill_at = None
    done = mover(one, tmp_path).switchover(HOME)
    assert done is not None
    assert done.outcome == "taken back"
    assert not one.fences
    assert one.active == {HOME: HOME, AWAY: HOME}


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda one: one.silent.add(AWAY), "eu-west-1 does not answer"),
        (lambda one: one.unhealthy.add(HOME), "none of 2 targets is healthy"),
        (lambda one: one.lag_seconds.update({AWAY: 301.0}), "301 s behind, allowed 300 s"),
        (lambda one: one.led.add(AWAY), "for DNS it is led away"),
        (lambda one: one.most.update({AWAY: 5}), "missing 50 requests/s, 1 instances"),
    ],
)
def test_a_switchover_is_refused_where_a_region_is_not_well(spoil: object, why: str, tmp_path: Path) -> None:
    one = world()
    spoil(one)  # type: ignore[operator]
    with pytest.raises(OperationError, match=why):
        mover(one, tmp_path).switchover(AWAY)
    assert not one.effects
    assert not mover(one, tmp_path).journal.file.exists()


def test_a_region_that_the_platform_is_not_in_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not in us-east-1 \(allowed: eu-west-3, eu-west-1\)"):
        mover(world(), tmp_path).switchover("us-east-1")


@KINDS
def test_a_failover_asks_nothing_of_the_lost_region(aurora: bool, tmp_path: Path) -> None:
    one = lost(world(aurora=aurora))
    done = mover(one, tmp_path).failover(AWAY)
    assert done is not None
    assert done.outcome == "done"
    assert one.active[AWAY] == AWAY
    assert one.instances[AWAY, "db"].follows == ""
    assert one.led == {HOME}
    left = {entry.step for entry in done.entries if entry.left}
    assert left == ({"tell:eu-west-3"} if aurora else {"tell:eu-west-3", "fence"})


@KINDS
def test_the_way_back_makes_the_lost_region_follow_and_a_switchover_leads_home(
    aurora: bool, tmp_path: Path
) -> None:
    one = lost(world(aurora=aurora))
    mover(one, tmp_path).failover(AWAY)
    with pytest.raises(OperationError, match="eu-west-3 does not answer"):
        mover(one, tmp_path).restore()
    one.silent.clear()
    done = mover(one, tmp_path).restore()
    assert done is not None
    assert one.active == {HOME: AWAY, AWAY: AWAY}
    assert one.instances[HOME, "db"].follows == f"arn:{AWAY}"
    assert not one.led
    assert len(one.snapshots) == (0 if aurora else 1)
    assert mover(one, tmp_path).restore() is None
    mover(one, tmp_path).switchover(HOME)
    assert one.active == {HOME: HOME, AWAY: HOME}


def test_a_failover_is_refused_where_the_rest_cannot_carry_the_forecast_peak(tmp_path: Path) -> None:
    one = lost(world(peak=500))
    with pytest.raises(OperationError) as refused:
        mover(one, tmp_path).failover(AWAY)
    assert "300 of the forecast peak of 500 requests/s; missing 200 requests/s, 4 instances" in str(
        refused.value
    )
    assert "raise max_instances by 4 in eu-west-1" in str(refused.value.next_step)
    assert not one.effects
    with pytest.raises(OperationError, match="not even 301 requests/s"):
        mover(one, tmp_path).failover(AWAY, accepted_requests_per_second=301)
    done = mover(one, tmp_path).failover(AWAY, accepted_requests_per_second=300)
    assert done is not None
    assert done.outcome == "done"


def test_a_failover_killed_before_its_proof_proves_it_when_run_again(tmp_path: Path) -> None:
    one = lost(world(peak=500))
    mover(one, tmp_path).journal.begin("failover", HOME, AWAY, one.now)
    with pytest.raises(OperationError, match="cannot carry the forecast peak"):
        mover(one, tmp_path).failover(AWAY)
    done = mover(one, tmp_path).failover(AWAY, accepted_requests_per_second=300)
    assert done is not None
    assert done.entries[0].step == "prove"


def test_a_failover_overtakes_a_switchover_whose_region_was_lost(tmp_path: Path) -> None:
    one = world()
    one.kill_at = 2
    with pytest.raises(Killed):
        mover(one, tmp_path).switchover(AWAY)
    one.kill_at = None
    done = mover(lost(one), tmp_path).failover(AWAY)
    assert done is not None
    assert [each.outcome for each in mover(one, tmp_path).journal.operations()] == ["overtaken", "done"]


def test_an_interrupted_operation_is_gone_on_with_and_no_other_begins(tmp_path: Path) -> None:
    one = lost(world())
    one.kill_at = 1
    with pytest.raises(Killed):
        mover(one, tmp_path).failover(AWAY)
    one.kill_at = None
    with pytest.raises(OperationError) as refused:
        mover(one, tmp_path).restore()
    assert refused.value.next_step == "`palier region failover --to eu-west-1` goes on with it"


def test_another_machine_is_kept_out_while_the_lease_runs_and_no_longer(tmp_path: Path) -> None:
    one = lost(world())
    one.leases[AWAY] = ("bob@train", one.now + 10)
    with pytest.raises(OperationError, match="bob@train is moving the regions"):
        mover(one, tmp_path).failover(AWAY)
    assert not one.effects
    assert mover(one, tmp_path).journal.unfinished() is None  # nothing to go on with
    one.now += 11
    done = mover(one, tmp_path).failover(AWAY)
    assert done is not None
    assert not one.leases


def test_one_operation_at_a_time_on_a_machine(tmp_path: Path) -> None:
    one = world()
    with (
        mover(one, tmp_path).journal.alone(),
        pytest.raises(OperationError, match="another palier is moving"),
    ):
        mover(one, tmp_path).switchover(AWAY)


def test_a_switchover_measures_from_the_end_of_writes_and_loses_nothing(tmp_path: Path) -> None:
    one = world()
    done = mover(one, tmp_path).switchover(AWAY)
    assert done is not None
    fence, activate = done.entry("fence"), done.entry("activate")
    assert fence is not None
    assert activate is not None
    measured = measure(done, one.topology.targets)
    assert measured.rto_seconds == activate.ended_at - fence.began_at
    assert (measured.rpo_seconds, measured.rpo_kept, measured.rto_kept) == (0.0, True, True)


def test_time_that_was_lost_to_a_kill_is_measured_too(tmp_path: Path) -> None:
    one = world()
    one.kill_at = 2  # writes are stopped, and nothing is written down of it
    with pytest.raises(Killed):
        mover(one, tmp_path).switchover(AWAY)
    one.kill_at, one.now = None, one.now + 1000
    done = mover(one, tmp_path).switchover(AWAY)
    assert done is not None
    measured = measure(done, one.topology.targets)
    assert measured.rto_seconds is not None
    assert measured.rto_seconds > 1000
    assert measured.rto_kept is False


@pytest.mark.parametrize(
    ("lost_at", "rpo_seconds"), [(None, 12.0), (STARTED_AT - 30, 42.0), (STARTED_AT - 500, 0.0)]
)
def test_a_failover_measures_what_the_follower_had_not_got(
    lost_at: float | None, rpo_seconds: float, tmp_path: Path
) -> None:
    one = lost(world())
    one.lag_seconds[AWAY] = 12.0  # as measured a minute before the failover
    done = mover(one, tmp_path).failover(AWAY, lost_at=lost_at)
    assert done is not None
    measured = measure(done, one.topology.targets)
    assert measured.rpo_seconds == rpo_seconds
    activate = done.entry("activate")
    assert activate is not None
    assert measured.rto_seconds == activate.ended_at - (STARTED_AT if lost_at is None else lost_at)


def test_what_was_not_measured_is_told_as_such() -> None:
    measured = measure(Operation("1", "failover", HOME, AWAY, 0.0), topology().targets)
    assert (measured.rto_seconds, measured.rpo_seconds, measured.rto_kept, measured.rpo_kept) == (None,) * 4


def _to_the_end(kind: str, one: World, folder: Path) -> Operation | None:
    if kind == "switchover":
        return mover(one, folder).switchover(AWAY)
    if kind == "failover":
        return mover(lost(one), folder).failover(AWAY)
    return mover(one, folder).restore()


def _start(kind: str, aurora: bool, folder: Path) -> World:
    one = world(aurora=aurora, near=0 if aurora else 1)
    if kind == "restore":
        mover(lost(one), folder).failover(AWAY)
        one.silent.clear()
    one.moments = 0
    one.effects.clear()
    return one


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["switchover", "failover", "restore"]),
    aurora=st.booleans(),
    kills=st.lists(st.integers(1, 40), max_size=4),
)
def test_killed_anywhere_and_run_again_it_ends_the_same_and_does_nothing_twice(
    kind: str, aurora: bool, kills: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    calm_folder, folder = tmp_path_factory.mktemp("calm"), tmp_path_factory.mktemp("killed")
    calm, one = _start(kind, aurora, calm_folder), _start(kind, aurora, folder)
    _to_the_end(kind, calm, calm_folder)
    for kill in kills:
        one.moments, one.kill_at = 0, kill
        try:
            _to_the_end(kind, one, folder)
        except Killed:
            one.now += 3.0  # until somebody runs it again
    one.kill_at = None
    _to_the_end(kind, one, folder)
    assert one.standings() == calm.standings()
    assert one.effects == calm.effects
    assert one.states == one.ids(), "Pulumi knows every instance by the id that it has"
    journal = mover(one, folder).journal
    assert journal.unfinished() is None
    for operation in journal.operations():
        steps = [entry.step for entry in operation.entries]
        assert len(steps) == len(set(steps))
