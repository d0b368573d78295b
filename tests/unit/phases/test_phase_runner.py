"""Operations on phases, run against an engine that is a program of its own."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import Any

import pytest
from palier.errors import InputError, OperationError
from palier.phases.operations import Operations, Selection, select
from palier.phases.runner import Options, Outcome, Runner, planned
from palier.phases.stack import PhaseStack

from tests.unit.phases.conftest import Heard, Platform, event, resource

CREATED = [
    event("resourcePreEvent", "create", "main"),
    event("resOutputsEvent", "create", "main"),
    {"summaryEvent": {"resourceChanges": {"create": 2}}},
]
SAME = [event("resOutputsEvent", "same", "main"), {"summaryEvent": {"resourceChanges": {"same": 2}}}]
STANDING: dict[str, Any] = {"resources": [resource("main", "vpc-1")]}


def runner(platform: Platform, name: str = "first") -> Runner:
    """A runner of a phase in the local environment."""
    return Runner(platform.stack(name), platform.heard, f"palier up {name}")


def operations(platform: Platform, answer: bool | None = None) -> Operations:
    """Operations in the local environment; `answer` is what the user says, None: nobody is asked."""

    def ask(question: str) -> bool:
        platform.heard.line(question)
        return bool(answer)

    return Operations("local", platform.heard, ask=None if answer is None else ask)


def nothing(_outcome: Outcome) -> None:
    """Tell nobody."""


def test_a_phase_that_goes_up_makes_its_stack_and_counts_what_was_created(platform: Platform) -> None:
    platform.plan(up={"events": CREATED, "state": STANDING})
    outcome = runner(platform).up(Options())
    assert outcome.changed
    assert (outcome.counts["created"], outcome.stands) == (1, 1)
    assert outcome.sentence().startswith("first (local): 1 created (")
    assert platform.calls("stack")[0]["arguments"] == ["stack", "init", "local"]
    assert "Made the stack first (local)" in platform.heard.text


def test_an_up_that_changes_nothing_says_so_and_costs_one_process(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(up={"events": SAME, "state": STANDING})
    outcome = runner(platform).up(Options())
    assert not outcome.changed
    assert outcome.sentence().startswith("first (local): nothing to change, 1 resources stand")
    assert len(platform.calls()) == 1


def test_the_engine_is_asked_as_the_automation_api_asks_it(platform: Platform) -> None:
    platform.state(**STANDING)
    runner(platform).up(Options(parallel=4, diff=True, message="more memory", refresh=True))
    arguments = platform.calls("up")[0]["arguments"]
    assert arguments[:3] == ["up", "--yes", "--skip-preview"]
    assert "--parallel 4 --diff --message more memory --refresh --stack local" in " ".join(arguments)
    assert platform.calls("up")[0]["cwd"].endswith("stacks/first")


def test_an_interrupted_operation_makes_the_next_one_read_what_stands_first(platform: Platform) -> None:
    operation = {"type": "updating", "resource": resource("main", "vpc-1")}
    platform.state(**STANDING, pending_operations=[operation])
    platform.plan(up={"events": SAME, "state": STANDING})
    runner(platform).up(Options())
    assert "--refresh" in platform.calls("up")[0]["arguments"]
    runner(platform).up(Options())
    assert "--refresh" not in platform.calls("up")[1]["arguments"]


def test_a_refresh_stays_owed_when_the_operation_fails(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.stack().book.owe_refresh()
    platform.plan(up={"code": 255, "output": "error: boom"})
    with pytest.raises(OperationError, match="boom"):
        runner(platform).up(Options())
    assert platform.stack().book.owes_refresh()


def test_debug_shows_the_engines_log_of_a_failure(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(up={"code": 255, "output": "Traceback of the program\nerror: boom"})
    with pytest.raises(OperationError):
        runner(platform).up(Options(debug=True))
    assert "Traceback of the program" in platform.heard.text


def test_a_stop_by_the_user_says_what_stands_and_ends_as_an_interrupt(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(up={"seconds": 30, "events": CREATED})
    threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        runner(platform).up(Options())
    assert "Stopping: the engine finishes what is under way" in platform.heard.text
    assert "first: 1 resources stand; log: " in platform.heard.text


def test_a_preview_leaves_the_state_as_it_is_and_lists_the_changes(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(preview={"events": [event("resourcePreEvent", "update", "main", diffs=["tags"])]})
    outcome = runner(platform).preview(Options())
    assert planned(outcome) == ["  ~  aws:ec2/vpc:Vpc main  [tags]"]
    assert platform.stack().state().stands


def test_a_preview_of_an_interrupted_stack_settles_nothing_but_says_so(platform: Platform) -> None:
    platform.state(**STANDING, pending_operations=[{"type": "creating", "resource": resource("lost")}])
    runner(platform).preview(Options())
    assert platform.stack().state().pending
    assert "an earlier run was interrupted" in platform.heard.text


def test_a_refresh_that_finds_nothing_left_says_why_that_may_be(
    platform: Platform,
) -> None:
    platform.state(**STANDING)
    gone = [event("resOutputsEvent", "delete", "main"), {"summaryEvent": {"resourceChanges": {"delete": 1}}}]
    platform.plan(refresh={"events": gone, "state": {"resources": []}})
    runner(platform).refresh(Options())
    assert (
        "nothing of first stands any more (was the local cloud reset?); `palier up first`"
        in platform.heard.text
    )


def test_an_up_on_an_emptied_local_cloud_reads_what_stands_first(platform: Platform) -> None:
    platform.state(**STANDING)
    emptied = replace(platform.environment, emptied=True)
    Runner(PhaseStack(platform.phases[0], emptied), platform.heard, "palier up first").up(Options())
    assert "--refresh" in platform.calls("up")[0]["arguments"]
    assert "the local cloud is empty though the state tells otherwise (was it reset?)" in platform.heard.text


def test_a_phase_that_was_never_up_cannot_be_refreshed(platform: Platform) -> None:
    with pytest.raises(InputError, match="first does not stand in local"):
        runner(platform).refresh(Options())


def test_a_phase_does_not_go_up_before_what_it_requires(platform: Platform) -> None:
    with pytest.raises(OperationError) as refused:
        operations(platform).up(Selection("second", through=False), Options(), nothing)
    assert refused.value.lines() == [
        "second needs first, of which nothing stands in local",
        "left: nothing was changed",
        "next: palier up --through second",
    ]
    assert platform.calls() == []


def test_through_a_phase_all_before_it_go_up_first(platform: Platform) -> None:
    platform.plan(up={"events": CREATED, "state": STANDING})
    outcomes = operations(platform).up(Selection("second", through=True), Options(), nothing)
    assert [outcome.phase for outcome in outcomes] == ["first", "second"]


def test_settings_of_every_phase_are_checked_before_the_engine_starts(platform: Platform) -> None:
    (platform.root / "platform/stacks/second/Pulumi.local.yaml").unlink()
    with pytest.raises(
        InputError, match=r"stacks/second/Pulumi.local.yaml: no settings for environment local"
    ):
        operations(platform).up(Selection("second", through=True), Options(), nothing)
    assert platform.calls() == []


def test_up_shows_a_preview_and_asks_where_somebody_is_to_be_asked(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(preview={"events": CREATED}, up={"events": CREATED, "state": STANDING})
    told: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        operations(platform, answer=False).up(
            Selection("first", through=False), Options(), lambda outcome: told.append(outcome.operation)
        )
    assert told == ["preview"]
    assert platform.calls("up") == []
    operations(platform, answer=True).up(Selection("first", through=False), Options(), nothing)
    assert len(platform.calls("up")) == 1


def test_a_phase_is_not_destroyed_while_a_later_one_stands_on_it(platform: Platform) -> None:
    platform.state("first", **STANDING)
    platform.state("second", **STANDING)
    with pytest.raises(OperationError) as refused:
        operations(platform).destroy(
            Selection("first", through=False), Options(), remove_stack=True, told=nothing
        )
    assert str(refused.value) == "first cannot go while second stands on it"
    assert "palier destroy --through first" in refused.value.lines()[-1]
    assert platform.calls() == []


def test_destroying_through_a_phase_takes_later_ones_first_and_leaves_no_stack(
    platform: Platform,
) -> None:
    platform.state("first", **STANDING)
    platform.state("second", **STANDING)
    platform.plan(destroy={"state": {"resources": []}})
    outcomes = operations(platform).destroy(
        Selection("first", through=True), Options(), remove_stack=True, told=nothing
    )
    assert [outcome.phase for outcome in outcomes] == ["second", "first"]
    assert not platform.stack("first").state().exists
    assert not platform.stack("second").state().exists
    removed = [call["arguments"] for call in platform.calls("stack")]
    assert removed[0] == ["stack", "rm", "--yes", "--preserve-config", "--remove-backups", "local"]


def test_destroy_names_what_will_go_and_asks(platform: Platform) -> None:
    platform.state(**STANDING)
    with pytest.raises(KeyboardInterrupt):
        operations(platform, answer=False).destroy(
            Selection("first", through=False), Options(), remove_stack=True, told=nothing
        )
    assert "first: 1 resources\n    1 aws:ec2/vpc:Vpc\nDestroy all of that?" in platform.heard.text
    assert platform.calls() == []


def test_nothing_is_asked_or_done_where_nothing_stands(platform: Platform) -> None:
    outcomes = operations(platform, answer=False).destroy(
        Selection("first", through=True), Options(), remove_stack=True, told=nothing
    )
    assert outcomes == []
    assert platform.calls() == []


@pytest.mark.parametrize(("phase", "through"), [(None, None), ("first", "second")])
def test_a_phase_or_through_is_to_be_named_and_not_both(
    platform: Platform, phase: str | None, through: str | None
) -> None:
    with pytest.raises(InputError, match="name one phase, or all on the way to one with --through PHASE"):
        select(phase, through)


def test_what_the_engine_does_is_told_as_events(platform: Platform) -> None:
    platform.state(**STANDING)
    platform.plan(up={"events": CREATED, "state": STANDING})
    runner(platform).up(Options())
    heard: Heard = platform.heard
    assert [told["event"] for told in heard.events] == ["resource_started", "resource_ended"]
    assert heard.events[0]["op"] == "create"


def test_secret_outputs_come_from_the_engine_only_when_asked_for(platform: Platform) -> None:
    platform.state(**STANDING)
    assert platform.stack().outputs(show_secrets=False) == {}
    assert platform.calls() == []
    assert platform.stack().outputs(show_secrets=True) == {"password": "in plain text"}
    assert list((platform.root / "local/runs").glob("*.log")) == [], "no log keeps a secret"
