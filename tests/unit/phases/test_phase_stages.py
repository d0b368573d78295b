"""One display for a whole path of phases, in each of the three voices, and the summary at its end."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from palier.console import JsonReporter, Reporter, Step, TerminalReporter
from palier.phases.operations import Selection
from palier.phases.runner import Options, Outcome
from palier.phases.summary import lines, totals
from rich.console import Console

from tests.unit.phases.conftest import Platform
from tests.unit.phases.test_phase_runner import CREATED, STANDING, operations


def terminal() -> tuple[TerminalReporter, io.StringIO]:
    """The terminal's voice, and what it wrote."""
    written = io.StringIO()
    return TerminalReporter(Console(file=written, force_terminal=True, width=80)), written


def outcome(phase: str, created: int, stands: int, seconds: float) -> Outcome:
    """What bringing a phase up came to."""
    counts = {"created": created, "updated": 0, "same": stands - created}
    return Outcome(phase, "local", "up", counts, created > 0, stands, seconds, Path("log"))


def fail_at(step: Step, text: str) -> None:
    """A step that fails while it does that."""
    step.update(text)
    raise ZeroDivisionError


def test_a_terminal_keeps_a_row_for_each_stage_with_its_end() -> None:
    report, written = terminal()
    with report.stages(["foundation", "replicas"]) as stages:
        for name in stages.names:
            with stages.stage(name), report.step(f"Bringing {name} up") as step:
                step.update("3/7")
    said = written.getvalue()
    assert "Bringing foundation up" not in said.split("\x1b")[-1]
    assert "✓ foundation" in said
    assert "✓ replicas" in said


def test_a_stage_that_fails_keeps_its_cross_and_what_it_was_doing() -> None:
    report, written = terminal()
    with (
        pytest.raises(ZeroDivisionError),
        report.stages(["foundation", "replicas"]) as stages,
        stages.stage("foundation"),
        report.step("Bringing foundation up") as step,
    ):
        fail_at(step, "3/7 · creating a database")
    rows = written.getvalue()
    assert "✗ foundation" in rows
    assert "Bringing foundation up · 3/7 · creating a database" in rows
    assert "· replicas" in rows


def test_while_a_display_is_paused_nothing_is_drawn_and_it_comes_back_below() -> None:
    report, written = terminal()
    with report.stages(["foundation", "replicas"]) as stages:
        with stages.paused():
            before = written.getvalue()
            with stages.stage("foundation"):
                pass
            assert written.getvalue() == before
            written.write("asked\n")
        assert "foundation" in written.getvalue().split("asked\n")[1]


def test_one_stage_alone_is_told_as_steps() -> None:
    report, written = terminal()
    with report.stages(["foundation"]) as stages, stages.stage("foundation"), report.step("Bringing it up"):
        pass
    assert "✓ Bringing it up" in written.getvalue()


def test_a_plain_log_says_which_of_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    report = Reporter()
    with report.stages(["foundation", "replicas"]) as stages:
        with stages.stage("replicas"), report.step("Bringing replicas up"):
            pass
        with report.step("Something between"):
            pass
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "[2/2] Bringing replicas up ..."
    assert said[2] == "Something between ..."


def test_machines_are_told_when_a_stage_starts_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    report = JsonReporter()
    with (
        pytest.raises(ZeroDivisionError),
        report.stages(["foundation", "replicas"]) as stages,
        stages.stage("replicas"),
    ):
        raise ZeroDivisionError
    started, ended = map(json.loads, capsys.readouterr().err.splitlines())
    assert started == {"event": "stage_started", "stage": "replicas", "number": 2, "of": 2}
    assert (ended["event"], ended["stage"], ended["ok"]) == ("stage_ended", "replicas", False)


def test_the_phases_of_a_path_are_its_stages(platform: Platform) -> None:
    platform.plan(up={"events": CREATED, "state": STANDING})
    operations(platform).up(Selection("second", through=True), Options(), lambda _outcome: None)
    told = [
        (said["stage"], said["number"]) for said in platform.heard.events if said["event"] == "stage_started"
    ]
    assert told == [("first", 1), ("second", 2)]


def test_the_summary_has_a_line_for_each_phase_and_one_for_all() -> None:
    table = lines([outcome("foundation", 9, 10, 12.34), outcome("replicas", 0, 5, 1.0)])
    assert table == [
        "phase       resources  seconds  changes",
        "foundation         10     12.3  9 created",
        "replicas            5      1.0  nothing to change",
        "in all             15     13.3",
    ]
    assert lines([outcome("foundation", 0, 5, 1.0), outcome("replicas", 0, 5, 1.0)])[-1].endswith(
        "nothing to change"
    )


def test_one_phase_needs_no_summary() -> None:
    assert lines([outcome("foundation", 1, 1, 1.0)]) == []


def test_the_totals_for_machines_sum_up_every_phase() -> None:
    told = totals([outcome("foundation", 9, 10, 12.34), outcome("replicas", 0, 5, 1.0)])
    assert told == {"created": 9, "updated": 0, "same": 6, "stands": 15, "seconds": 13.34}
