"""What a run tells, from events as ansible-runner gives them."""

from __future__ import annotations

from typing import Any

import pytest
from palier.workstation.events import MOST_SAID, Listener, Record, Wait, message

ASSERTED = {"msg": "All assertions passed"}


def event(kind: str, task: str = "Do it", res: Any = None, role: str = "git", **data: Any) -> dict[str, Any]:
    """An event of a task."""
    about = {"task": task, "role": role, "task_action": "ansible.builtin.command", "duration": 0.5}
    return {
        "event": kind,
        "stdout": "",
        "event_data": {**about, **({} if res is None else {"res": res}), **data},
    }


def heard(*events: dict[str, Any], rc: int = 0) -> Record:
    """The record of a run with these events."""
    listener = Listener(lambda role, task: None)
    for each in events:
        listener.hear(each)
    listener.record.rc = rc
    return listener.record


def debug(kind: str, told: Any, **data: Any) -> dict[str, Any]:
    return event(kind, "Tell", {"msg": told, "changed": False}, task_action="ansible.builtin.debug", **data)


@pytest.mark.parametrize(
    ("kind", "res", "outcome"),
    [
        ("runner_on_ok", {"changed": False}, "ok"),
        ("runner_on_ok", {}, "ok"),
        ("runner_on_ok", {"changed": True}, "changed"),
        ("runner_on_skipped", {"changed": False, "skip_reason": "Conditional result was False"}, "skipped"),
        ("runner_on_failed", {"msg": "no", "changed": True}, "failed"),
        ("runner_on_unreachable", {"msg": "no route", "unreachable": True}, "unreachable"),
    ],
)
def test_a_task_ends_in_one_of_five_ways(kind: str, res: dict[str, Any], outcome: str) -> None:
    (task,) = heard(event(kind, "Write the config", res)).tasks

    assert (task.role, task.name, task.outcome, task.seconds) == ("git", "Write the config", outcome, 0.5)
    assert task.says == ("" if outcome in ("ok", "changed", "skipped") else res["msg"])


def test_a_role_and_a_task_are_told_as_they_begin() -> None:
    began: list[tuple[str, str]] = []
    listener = Listener(lambda role, task: began.append((role, task)))

    listener.hear(event("playbook_on_task_start", "Read the facts", role=""))
    listener.hear(event("runner_on_ok", "Read the facts", {}, role=""))
    listener.hear(event("playbook_on_task_start", "Write the config"))

    assert began == [("", "Read the facts"), ("git", "Write the config")]
    assert list(listener.record.roles()) == [""]


def test_roles_are_in_the_order_of_the_run() -> None:
    record = heard(*(event("runner_on_ok", str(n), {}, role) for n, role in enumerate(["ssh", "git", "ssh"])))

    assert {role: [task.name for task in tasks] for role, tasks in record.roles().items()} == {
        "ssh": ["0", "2"],
        "git": ["1"],
    }
    assert list(record.roles()) == ["ssh", "git"]


def test_a_task_without_a_duration_is_timed_here() -> None:
    (task,) = heard(event("playbook_on_task_start"), event("runner_on_ok", res={}, duration=None)).tasks

    assert 0 <= task.seconds < 5


def test_the_last_failure_is_the_one_that_ended_the_run() -> None:
    record = heard(
        event("runner_on_failed", "Rescued", {"msg": "one"}),
        event("runner_on_ok", "Instead", {}),
        event("runner_on_failed", "The end", {"msg": "two"}),
        rc=2,
    )

    assert record.failure is not None
    assert (record.failure.name, record.failure.says) == ("The end", "two")


def test_a_failure_that_a_rescue_took_care_of_is_none_of_the_run() -> None:
    record = heard(event("runner_on_failed", "Ask sudo", {"msg": "no"}), event("runner_on_ok", res={}), rc=0)

    assert record.failure is None
    assert record.tasks[0].outcome == "failed"


def test_an_ignored_failure_is_no_failure_and_says_nothing() -> None:
    record = heard(event("runner_on_failed", res={"msg": "no"}, ignore_errors=True), rc=2)

    assert record.tasks[0].outcome == "ok"
    assert record.tasks[0].says == ""
    assert record.failure is None


def test_a_machine_that_is_not_reached_is_a_failure() -> None:
    record = heard(event("runner_on_unreachable", role="", res={"msg": "Connection refused"}), rc=4)

    assert record.failure is not None
    assert record.failure.outcome == "unreachable"


ARGUMENTS = "ansible.builtin.validate_argument_spec"


def test_the_check_of_a_roles_arguments_counts_only_where_it_fails() -> None:
    well = heard(
        event("playbook_on_task_start", "Validating arguments", task_action=ARGUMENTS),
        event("runner_on_ok", "Validating arguments", {"changed": False}, task_action=ARGUMENTS),
    )
    badly = heard(
        event("runner_on_failed", "Validating arguments", {"msg": "missing: x"}, task_action=ARGUMENTS),
        rc=2,
    )

    assert well.tasks == []
    assert badly.failure is not None
    assert badly.failure.says == "missing: x"


def test_what_a_person_has_to_do_is_told_by_a_task_and_by_each_item_of_a_loop() -> None:
    one, two = ({"waits": f"add the key to {where}", "who": "adiallo"} for where in ("GitHub", "GitLab"))
    record = heard(
        debug("runner_on_ok", one),
        debug("runner_item_on_ok", one),
        debug("runner_item_on_ok", two),
        event(
            "runner_on_ok", "Tell", {"results": [{"msg": one}, {"msg": two}], "msg": "All items completed"}
        ),
    )

    first, second = Wait("add the key to GitHub", "adiallo"), Wait("add the key to GitLab", "adiallo")
    assert record.waits == [first, first, second]


@pytest.mark.parametrize("told", ["a text with waits", ["waits"], {"who": "adiallo"}, None])
def test_what_else_debug_says_waits_for_nobody(told: Any) -> None:
    assert heard(debug("runner_on_ok", told), debug("runner_item_on_ok", told)).waits == []


def test_a_check_that_holds_may_have_something_to_tell() -> None:
    asserted = {"task_action": "ansible.builtin.assert"}
    record = heard(
        event("runner_on_ok", res={"msg": "your key has no passphrase"}, **asserted),
        event("runner_on_ok", res=ASSERTED, **asserted),
        event("runner_on_failed", res={"msg": "does not hold"}, **asserted),
        event("runner_on_ok", res={"msg": "of no check"}),
    )

    assert record.notes == ["your key has no passphrase"]


def test_checks_and_the_results_of_our_modules_are_kept() -> None:
    checks = [{"name": "disk", "ok": False, "says": "5 MB free", "fix": "free some"}]
    record = heard(
        event("runner_on_failed", res={"checks": checks, "msg": "disk"}, task_action="palier_preflight"),
        event("runner_on_ok", res={"public_key": "k="}, task_action="palier_vpn_public_key"),
    )

    assert record.checks == checks
    assert record.results["palier_vpn_public_key"]["public_key"] == "k="
    assert set(record.results) == {"palier_preflight", "palier_vpn_public_key"}


def test_differences_are_those_of_the_task_and_of_its_items() -> None:
    one, two, three = ({"before": "", "after": str(n)} for n in range(3))
    results = [{"diff": one}, {"diff": [two, {}, three]}, {"diff": []}, {"item": "none"}, "no mapping"]

    (task,) = heard(event("runner_on_ok", res={"changed": True, "results": results})).tasks

    assert task.diffs == (one, two, three)


def test_what_ansible_says_itself_is_kept_for_a_run_without_a_task() -> None:
    record = heard(
        {"event": "verbose", "stdout": "\nERROR! no such role\n\n  git\n", "event_data": {}},
        {"event": "error", "stdout": "the end"},
        {"event": "playbook_on_stats", "stdout": "PLAY RECAP", "event_data": {"ok": {}}},
    )

    assert record.said == ["ERROR! no such role", "  git", "the end"]
    assert record.tasks == []


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ({"msg": "no package matching 'x'"}, "no package matching 'x'"),
        ({"msg": "non-zero return code", "stderr": "boom\n"}, "non-zero return code\nboom"),
        ({"msg": "non-zero return code", "stderr": "", "stdout": "out"}, "non-zero return code\nout"),
        ({"msg": "failed", "stderr": "the reason", "stdout": "chatter"}, "failed\nthe reason"),
        ({"msg": "failed: the reason", "stderr": "the reason", "stdout": ""}, "failed: the reason"),
        ({"msg": "MODULE FAILURE", "module_stderr": "Traceback"}, "MODULE FAILURE\nTraceback"),
        ({"stderr": "alone"}, "alone"),
        ({}, ""),
        ({"msg": None, "stdout": None}, ""),
    ],
)
def test_a_failure_says_what_the_module_and_then_what_the_program_said(
    result: dict[str, Any], says: str
) -> None:
    assert message(result) == says


def test_of_a_loop_only_the_failing_items_speak_and_each_thing_once() -> None:
    results = [
        {"msg": "fine", "failed": False},
        {"msg": "no", "stderr": "one", "failed": True},
        {"msg": "no", "stderr": "one", "failed": True},
        {"msg": "no", "stderr": "two", "failed": True},
        "no mapping",
    ]

    assert message({"msg": "One or more items failed", "results": results}) == "no\none; no\ntwo"


@pytest.mark.parametrize("where", ["msg", "stderr", "module_stderr", "stdout", "module_stdout"])
def test_colours_carriage_returns_and_the_end_of_a_connection_are_no_message(where: str) -> None:
    said = "\x1b[1;31merror\x1b[0m: no\r\nroom\r\nShared connection to 10.0.0.7 closed.\r\n"

    assert message({where: said}) == "error: no\nroom"


def test_where_ssh_speaks_only_of_its_connection_the_programs_output_is_told() -> None:
    result = {"msg": "failed", "stderr": "Shared connection to box closed.\r\n", "stdout": "no room\r\n"}

    assert message(result) == "failed\nno room"


def test_a_whole_builds_output_is_told_by_its_end() -> None:
    said = message({"msg": "failed", "stdout": "chatter\n" * 5000 + "the reason"})

    assert len(said) <= MOST_SAID
    assert said.startswith("failed\n")
    assert said.endswith("the reason")
    assert len(message({"results": [{"failed": True, "msg": str(n) * 900} for n in range(9)]})) <= MOST_SAID
