"""The commands: arguments, exit codes, what goes to stdout."""

from __future__ import annotations

import json

import click
import pytest
from palier.commands import phases as commands
from palier.commands.main import COMMANDS, run
from palier.commands.phase_options import asker, choices
from palier.commands.rehearse import rehearse
from palier.errors import InputError, OperationError
from palier.phases.rehearsal import Drill, Rehearsal, Stage, _refuse
from palier.phases.runner import Outcome
from palier.phases.runs import LOCAL
from palier.phases.state import SECRET_SIGNATURE, SIGNATURE_KEY

from tests.unit.phases.conftest import Platform, resource
from tests.unit.phases.test_phase_runner import CREATED, SAME, STANDING

ROOT = {
    "urn": "urn:pulumi:local::first::pulumi:pulumi:Stack::first-local",
    "type": "pulumi:pulumi:Stack",
    "outputs": {
        "address": "10.0.0.1",
        "zones": ["a", "b"],
        "password": {SIGNATURE_KEY: SECRET_SIGNATURE, "ciphertext": "v1:abc"},
    },
}


@pytest.mark.parametrize(
    "command",
    [
        commands.phases,
        commands.preview,
        commands.up,
        commands.refresh,
        commands.destroy,
        commands.status,
        commands.outputs,
        rehearse,
    ],
)
def test_every_command_has_help_with_an_example_and_the_line_of_the_table(command: click.Command) -> None:
    assert "Example" in (command.help or "")
    assert COMMANDS[command.name or ""][1] == command.short_help


def test_up_prints_one_sentence_per_phase_and_a_summary(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.plan(up={"events": CREATED, "state": STANDING})
    assert run(["up", "--through", "second"]) == 0
    sentences, _, summary = capfd.readouterr().out.partition("\n\n")
    assert [line.partition(" (")[0] for line in sentences.splitlines()] == ["first", "second"]
    assert [line.split()[:2] for line in summary.splitlines()] == [
        ["phase", "resources"],
        ["first", "1"],
        ["second", "1"],
        ["in", "all"],
    ]


def test_json_is_one_object_on_stdout_and_events_on_stderr(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.state(**STANDING)
    platform.plan(up={"events": SAME, "state": STANDING})
    assert run(["up", "first", "--output", "json"]) == 0
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert (told["operation"], told["changed"], told["phases"][0]["same"]) == ("up", False, 1)
    assert {json.loads(line)["event"] for line in err.splitlines()} >= {
        "step_started",
        "resource_ended",
        "step_ended",
    }


def test_a_failure_is_an_event_too(platform: Platform, capfd: pytest.CaptureFixture[str]) -> None:
    platform.state(**STANDING)
    platform.plan(up={"code": 255, "output": "error: boom"})
    assert run(["up", "first", "--output", "json"]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    errors = [json.loads(line) for line in err.splitlines() if line.startswith('{"event": "error"')]
    assert errors[0]["lines"][0] == "up of first (local) failed: boom"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["up", "frist"], "no phase named frist; did you mean first?"),
        (["up"], "name one phase, or all on the way to one with --through PHASE"),
        (["up", "first", "--env", "a b"], "--env: 'a b' cannot name an environment"),
        (
            ["up", "first", "--env", "production"],
            "Pulumi.production.yaml: no settings for environment production",
        ),
        (["outputs", "first"], "first does not stand in local"),
        (
            ["refresh", "first", "--adopt", "vpc-1"],
            "--adopt: 'vpc-1' does not say which resource has which id",
        ),
        (["up", "first", "--parallel", "0"], "--parallel"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    platform: Platform, capfd: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert run(arguments) == 2
    err = capfd.readouterr().err
    assert told in err.splitlines()[0]
    assert "Traceback" not in err


def test_phases_lists_what_stands(platform: Platform, capfd: pytest.CaptureFixture[str]) -> None:
    platform.state(**STANDING)
    assert run(["phases"]) == 0
    assert capfd.readouterr().out.splitlines()[::2] == ["first   1 resources stand", "second  does not stand"]
    assert run(["phases", "--output", "json"]) == 0
    assert [row["resources"] for row in json.loads(capfd.readouterr().out)] == [1, 0]


def test_status_tells_types_and_what_is_pending(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.state(**STANDING, pending_operations=[{"type": "creating", "resource": resource("lost")}])
    assert run(["status", "first"]) == 0
    out = capfd.readouterr().out
    assert "first (local): 1 resources stand\n    1 aws:ec2/vpc:Vpc\n" in out
    assert "creating urn:pulumi:local::first::aws:ec2/vpc:Vpc::lost" in out


def test_status_tells_that_a_run_was_killed(platform: Platform, capfd: pytest.CaptureFixture[str]) -> None:
    book = platform.stack().book
    record = book.begin("up")
    book.file.write_text(json.dumps({**json.loads(book.file.read_text()), "palier_identity": "another"}))
    assert run(["status", "first", "--output", "json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["running"]["killed"]
    assert told["running"]["log"] == record.log


def test_outputs_show_secrets_only_when_asked(platform: Platform, capfd: pytest.CaptureFixture[str]) -> None:
    platform.state(resources=[ROOT])
    assert run(["outputs", "first"]) == 0
    assert capfd.readouterr().out == 'address: 10.0.0.1\npassword: [secret]\nzones: ["a", "b"]\n'
    assert run(["outputs", "first", "password", "--show-secrets"]) == 0
    assert capfd.readouterr().out == "in plain text\n"


def test_one_output_is_printed_bare_for_scripts(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.state(resources=[ROOT])
    assert run(["outputs", "first", "address"]) == 0
    assert capfd.readouterr().out == "10.0.0.1\n"
    assert run(["outputs", "first", "adress"]) == 2
    assert "first has no output named adress (allowed: address)" in capfd.readouterr().err


def test_destroy_does_nothing_where_nobody_can_answer(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    platform.state(**STANDING)
    assert run(["destroy", "first"]) == 1
    assert "add --yes to do it without asking" in capfd.readouterr().err
    assert platform.stack().state().stands


def test_destroy_again_says_that_nothing_stands(
    platform: Platform, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["destroy", "first", "--yes"]) == 0
    assert capfd.readouterr().out == "Nothing to destroy: nothing of first stands in local.\n"


def test_yes_asks_nobody() -> None:
    assert asker(yes=True) is None
    ask = asker(yes=False)
    assert ask is not None
    with pytest.raises(OperationError, match=r"nobody is there to answer: Sure\?"):
        ask("All of it.\nSure?")


def test_choices_say_which_pending_creation_stands() -> None:
    urn = "urn:pulumi:production::first::aws:ec2/vpc:Vpc::main"
    assert choices((f"{urn}=vpc-1",), (f"{urn}2",)) == {f"{urn}2": None, urn: "vpc-1"}
    with pytest.raises(InputError, match="both adopted and forgotten"):
        choices((f"{urn}=vpc-1",), (urn,))


def _stage(platform: Platform, failed: tuple[str, ...] = ()) -> Stage:
    counts = {"created": 0, "same": 64}
    outcome = Outcome("first", LOCAL, "up", counts, changed=False, stands=64, seconds=4.2, log=platform.root)
    return Stage(outcome, checks=31, failed=failed, endpoints={"reader_endpoint": "reader.jobo.internal"})


def test_a_second_rehearsal_says_that_there_was_nothing_to_change(platform: Platform) -> None:
    lines = Rehearsal("http://127.0.0.1:4790", (_stage(platform),), (), 9.6).lines()
    assert lines[1] == "The rehearsal stands: nothing to change (10 s). Local cloud: http://127.0.0.1:4790"
    assert "  first  64 resources stand, all 31 checks hold" in lines
    assert "  reader_endpoint: reader.jobo.internal" in lines
    assert '  eval "$(palier local env)"' in lines


def test_a_drill_is_told_with_what_it_measured(platform: Platform) -> None:
    drill = Drill("switchover from a to b", 3.64, 0.0, kept=True, seconds=9.1)
    rehearsal = Rehearsal("http://127.0.0.1:4790", (_stage(platform),), (drill,), 9.6)
    assert (
        "  switchover from a to b: RTO 3.6 s, RPO 0.0 s, within the targets (9 s in all)" in rehearsal.lines()
    )
    assert rehearsal.as_dict()["drills"][0]["rto_seconds"] == 3.64


def test_a_rehearsal_whose_checks_do_not_hold_fails_with_each_of_them(platform: Platform) -> None:
    with pytest.raises(OperationError) as failed:
        _refuse([_stage(platform, ("no-public-database: primary: public; wanted: private",))])
    assert failed.value.lines()[0] == (
        "the phases are up, but 1 facts do not hold:\n"
        "  first: no-public-database: primary: public; wanted: private"
    )
    assert "palier verify first" in failed.value.lines()[-1]
