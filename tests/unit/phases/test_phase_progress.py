"""The engine's events, turned into an account of what happens."""

from __future__ import annotations

import json
from pathlib import Path

from palier.phases.progress import EventLog, Progress, describe

from tests.unit.phases.conftest import event

DEBUG = '{"sequence":1,"diagnosticEvent":{"message":"registering","color":"never","severity":"debug"}}\n'


def test_what_is_done_and_under_way_is_told_in_one_line() -> None:
    progress = Progress(expected=3)
    progress.take(event("resourcePreEvent", "create", "first"))
    progress.take(event("resOutputsEvent", "create", "first"))
    progress.take(event("resourcePreEvent", "create", "second"))
    progress.take(event("resourcePreEvent", "update", "third"))
    assert progress.text() == "1/3 · creating aws:ec2/vpc:Vpc second, 1 more"


def test_more_resources_than_the_state_had_raise_the_total() -> None:
    progress = Progress(expected=1)
    for name in ("a", "b", "c"):
        progress.take(event("resourcePreEvent", "create", name))
    assert progress.text().startswith("0/3 ")


def test_before_the_first_resource_the_program_starts() -> None:
    assert Progress().text() == "the program starts"


def test_a_replacement_is_counted_once() -> None:
    progress = Progress()
    for op in ("create-replacement", "replace", "delete-replaced"):
        progress.take(event("resourcePreEvent", op, "main"))
        progress.take(event("resOutputsEvent", op, "main"))
    assert progress.counts == {"created": 0, "updated": 0, "replaced": 1, "deleted": 0, "same": 0}


def test_components_providers_and_the_stack_are_not_counted_as_resources() -> None:
    progress = Progress()
    for kind, custom in (
        ("palier:first:First", False),
        ("pulumi:providers:aws", True),
        ("pulumi:pulumi:Stack", False),
    ):
        urn = f"urn:pulumi:local::first::{kind}::x"
        metadata = {"op": "create", "urn": urn, "type": kind, "new": {"custom": custom}}
        progress.take({"resourcePreEvent": {"metadata": metadata}})
        progress.take({"resOutputsEvent": {"metadata": metadata}})
    assert progress.counts["created"] == 0
    assert not progress.changed


def test_a_change_of_components_alone_is_a_change() -> None:
    progress = Progress()
    progress.take({"summaryEvent": {"resourceChanges": {"create": 1, "same": 3}}})
    assert progress.changed


def test_resources_that_stay_are_no_change() -> None:
    progress = Progress()
    progress.take(event("resOutputsEvent", "same", "main"))
    progress.take({"summaryEvent": {"resourceChanges": {"same": 2}}})
    assert progress.counts["same"] == 1
    assert not progress.changed


def test_a_failure_keeps_the_resource_and_the_message_without_colours() -> None:
    progress = Progress()
    urn = event("resourcePreEvent", "create", "main")["resourcePreEvent"]["metadata"]["urn"]
    message = "<{%reset%}>creating VPC: \x1b[31mVpcLimitExceeded<{%reset%}>\n"
    progress.take({"diagnosticEvent": {"severity": "error", "urn": urn, "message": message}})
    assert [(failure.subject, failure.message) for failure in progress.failures] == [
        ("aws:ec2/vpc:Vpc main", "creating VPC: VpcLimitExceeded")
    ]


def test_what_the_engine_shows_in_passing_is_no_failure() -> None:
    progress = Progress()
    progress.take({"diagnosticEvent": {"severity": "error", "ephemeral": True, "message": "retrying"}})
    assert progress.failures == []


def test_an_event_log_is_read_as_it_grows_a_torn_line_when_it_is_whole(tmp_path: Path) -> None:
    taken: list[object] = []
    log, reader = tmp_path / "events", EventLog(taken.append)
    assert reader.read(log) == 0
    line = json.dumps({"summaryEvent": {"resourceChanges": {}}})
    log.write_text(DEBUG + line[:10])
    assert reader.read(log) == 0
    log.write_text(DEBUG + line + "\n" + DEBUG)
    assert reader.read(log) == 1
    assert taken == [{"summaryEvent": {"resourceChanges": {}}}]


def test_a_nested_resource_is_described_by_its_own_type() -> None:
    urn = "urn:pulumi:local::first::palier:first:First$palier:first:Network$aws:ec2/subnet:Subnet::data-a"
    assert describe(urn) == "aws:ec2/subnet:Subnet data-a"
