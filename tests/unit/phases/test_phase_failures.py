"""Failures of the engine, in one line that helps. The engine's texts are those of 3.220.0."""

from __future__ import annotations

from pathlib import Path

import pytest
from palier.errors import InputError, OperationError, PalierError
from palier.phases.failures import Failed, brief, provider_message, refused, translate
from palier.phases.progress import Failure, Progress
from palier.phases.state import ABSENT, parse
from pulumi.automation import CommandResult
from pulumi.automation.errors import create_command_error

from tests.unit.phases.conftest import resource

URN = "urn:pulumi:local::first::palier:first:First$aws:rds/instance:Instance::primary"
TRACEBACK = """Program failed with an unhandled exception:
Traceback (most recent call last):
  File "/platform/stacks/first/__main__.py", line 9, in <module>
    raise ValueError("kaputt")
ValueError: kaputt
"""
ECHO = Failure("", "an unhandled error occurred: program exited with non-zero exit code: 1")


def failed(
    output: str = "", *failures: Failure, environment: str = "local", operation: str = "up"
) -> PalierError:
    """The error for a failed `up` that had created two resources."""
    progress = Progress(failures=list(failures))
    progress.counts["created"] = 2
    after = parse(
        {
            "resources": [resource("a", "1"), resource("b", "2")],
            "pending_operations": [{"type": "creating", "resource": resource("c")}],
        }
    )
    command = f"palier {operation} first"
    return translate(
        Failed("first", environment, operation, command, output, progress, after, Path("/runs/up.log"))
    )


def test_a_resource_that_fails_is_named_with_the_providers_message_what_is_left_and_what_to_run() -> None:
    error = failed("", Failure(URN, "1 error occurred:\n\t* creating RDS Instance: Invalid\n\n"), ECHO)
    assert isinstance(error, OperationError)
    assert error.lines() == [
        "up of first (local) failed: aws:rds/instance:Instance primary: creating RDS Instance: Invalid",
        "left: 2 created; 2 stand; 1 pending, settled by the next run; the engine's log: /runs/up.log",
        "next: mend it, then `palier up first`: it goes on from here",
    ]


def test_every_failed_resource_is_told_once() -> None:
    other = URN.replace("primary", "other")
    error = failed("", Failure(URN, "boom"), Failure(URN, "boom"), Failure(other, "bang"))
    assert str(error).count("boom") == 1
    assert "\n  also: aws:rds/instance:Instance other: bang" in str(error)


@pytest.mark.parametrize("said", ["ConflictException: Duplicate UserName", "the bucket already exists"])
def test_what_stands_without_being_in_the_state_is_to_be_taken_over(said: str) -> None:
    error = failed("", Failure(URN, said))
    assert isinstance(error, OperationError)
    assert error.lines()[-1] == (
        "next: what stands already is not in the state: take it over with `pulumi import` in stacks/first, "
        "or delete it; then `palier up first`: it goes on from here"
    )
    assert "pulumi import" not in str(failed("", Failure(URN, said), operation="destroy").lines())


def test_a_settings_error_of_the_program_is_bad_input() -> None:
    message = "stacks/first/Pulumi.local.yaml: first:network.vpc_cidr: no CIDR: '10' (allowed: /16 to /24)\n"
    error = failed("", Failure("", message), ECHO)
    assert isinstance(error, InputError)
    assert error.exit_code == 2
    assert str(error) == message.strip()


def test_a_program_that_stops_itself_is_told_in_its_own_words() -> None:
    error = failed("", Failure("", "foundation has no backups"), ECHO)
    assert str(error) == "up of first (local) failed: foundation has no backups"


def test_a_traceback_is_told_by_its_last_line_and_never_shown() -> None:
    error = failed("", Failure("", TRACEBACK))
    assert str(error) == "the program of first failed: ValueError: kaputt"
    assert not any("Traceback" in line or "__main__" in line for line in error.lines())


def test_a_provider_that_ends_with_a_traceback_is_not_taken_for_the_program() -> None:
    message = f"Detected that /plugins/pulumi-resource-aws exited prematurely. \n  Its output:{TRACEBACK}"
    error = failed("", Failure("", message))
    assert str(error) == "the provider pulumi-resource-aws failed: ValueError: kaputt"
    assert not any("Traceback" in line for line in error.lines())


def test_events_for_machines_hold_no_traceback_either() -> None:
    assert brief(TRACEBACK) == "Program failed with an unhandled exception: ValueError: kaputt"
    assert brief("no such\nVPC") == "no such\nVPC"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (
            "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
            "PULUMI_CONFIG_PASSPHRASE: wrong passphrase for the secrets of first (production); "
            "nothing was changed",
        ),
        (
            "error: getting stack configuration: get stack secrets manager: passphrase must be set with "
            "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
            "PULUMI_CONFIG_PASSPHRASE: the secrets of first (production) need their passphrase; "
            "set it, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it",
        ),
    ],
)
def test_a_passphrase_that_is_wrong_or_missing_is_bad_input(output: str, told: str) -> None:
    error = failed(output, environment="production")
    assert isinstance(error, InputError)
    assert str(error) == told


def test_a_locked_stack_names_the_holder_and_what_to_do() -> None:
    error = failed(
        "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or "
        "delete the lock file with `pulumi cancel`.\n"
        "  file:///x/a.json: created by ana@vm (pid 12) at 2026-11-22T21:43:39Z"
    )
    assert (
        error.lines()[0] == "the stack first (local) is locked by ana@vm, pid 12, since 2026-11-22T21:43:39Z"
    )
    assert "pulumi cancel -s local" in error.lines()[2]


def test_a_missing_plugin_says_how_to_get_it() -> None:
    output = "error: could not load plugin for aws provider 'urn:x': no resource plugin 'aws' found"
    assert "pulumi plugin install" in failed(output, environment="production").lines()[-1]
    assert "palier doctor" in failed(output).lines()[-1]


def test_a_failure_without_an_event_is_told_by_the_engines_last_error_line() -> None:
    error = failed("Updating (local):\nerror: first\nerror: no space left on device\n", operation="refresh")
    assert str(error) == "refresh of first (local) failed: no space left on device"
    assert error.lines()[-1] == "next: mend it, then `palier refresh first`"


def test_an_engine_that_dies_without_a_word_still_gives_a_line() -> None:
    assert str(failed("")) == "up of first (local) failed: no message"


def test_a_quick_command_that_fails_is_told_by_its_error_line() -> None:
    result = CommandResult(stdout="", stderr="error: unable to open bucket file:///x: no such file", code=255)
    error = refused("first", "local", "making the stack", create_command_error(result))
    assert (
        str(error)
        == "making the stack of first (local) failed: unable to open bucket file:///x: no such file"
    )


def test_a_wrong_passphrase_is_bad_input_in_a_quick_command_too() -> None:
    result = CommandResult(stdout="", stderr="error: getting secrets manager: incorrect passphrase", code=255)
    assert isinstance(refused("first", "local", "outputs", create_command_error(result)), InputError)


def test_a_providers_message_is_one_line_without_list_markup() -> None:
    assert provider_message("2 errors occurred:\n\t* one\n\t* two\n") == "one * two"


def test_a_refused_property_is_told_without_its_value() -> None:
    kind = "aws:rds/instance:Instance"
    message = f"{kind} resource 'primary': property password value {{{{s3cret}}}} has a problem: is too short"
    assert provider_message(message) == "password: is too short"


def test_a_preview_that_fails_has_changed_nothing() -> None:
    told = failed("error: boom", operation="preview").lines()[1]
    assert told == "left: nothing was changed; the engine's log: /runs/up.log"


def test_nothing_created_is_said_plainly() -> None:
    one = Failed(
        "first", "local", "up", "palier up first", "", Progress(failures=[ECHO]), ABSENT, Path("/runs/up.log")
    )
    assert translate(one).lines()[1] == "left: nothing changed; 0 stand; the engine's log: /runs/up.log"
