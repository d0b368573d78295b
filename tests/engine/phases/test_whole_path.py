"""The whole path on one local cloud: every phase stands, and nothing is left to change."""

from __future__ import annotations

from palier.phases import catalog

from tests.engine.phases.machine import ROOT, Platform


def test_every_phase_came_up_at_once_and_is_summed_up(whole_path: Platform) -> None:
    summary = whole_path.said.json
    names = [phase["phase"] for phase in summary["phases"]]
    assert names == [phase.name for phase in catalog.phases()]
    assert names == ["foundation", "replicas", "shards", "cdn", "multi-region"]
    assert all(phase["created"] == phase["stands"] for phase in summary["phases"])
    assert summary["totals"]["stands"] == sum(phase["stands"] for phase in summary["phases"])
    assert summary["totals"]["stands"] >= 390


def test_a_rehearsal_of_the_whole_path_checks_every_phase_and_changes_nothing(whole_path: Platform) -> None:
    machine = whole_path.machine
    # The drills of other files moved the writer there and back: the states are to know first.
    machine.palier("up", "--through", catalog.phases()[-1].name)
    before = machine.mutations()
    said = machine.palier("rehearse", "--output", "json").json
    assert said["changed"] is False
    assert said["drills"] == []
    assert [phase["checks"] for phase in said["phases"]] == [43, 18, 21, 19, 47]
    assert machine.mutations() == before


def test_every_phase_as_it_stands_passes_every_policy(whole_path: Platform) -> None:
    machine = whole_path.machine
    machine.palier("up", "--through", catalog.phases()[-1].name)
    before = machine.mutations()

    said = machine.palier("check", "--platform", str(ROOT / "examples/rehearsal"), "--output", "json").json

    assert [phase["phase"] for phase in said["phases"]] == [phase.name for phase in catalog.phases()]
    # An observation that is getting old is advice, and the file's date stands still.
    mandatory = [
        each for phase in said["phases"] for each in phase["findings"] if each["level"] != "advisory"
    ]
    assert mandatory == []
    assert len(said["policies"]) > 20
    assert machine.mutations() == before


def test_the_whole_path_comes_down_last_phase_first_and_leaves_nothing(whole_path: Platform) -> None:
    """The last of the path that stands: whatever needs it up stands before, here and in other files."""
    machine = whole_path.machine
    said = machine.palier("destroy", "--through", "foundation", "--yes", "--output", "json").json
    names = [phase["phase"] for phase in said["phases"]]
    assert names == [phase.name for phase in reversed(catalog.phases())]
    assert said["totals"]["stands"] == 0
    # A database that changed sides in a drill was put into a snapshot first, which is the user's to delete.
    left = machine.ask("summary")["services"]
    assert set(left) <= {"rds"}
    assert set(left.get("rds", {})) <= {"snapshot"}
    assert machine.locks() == []
