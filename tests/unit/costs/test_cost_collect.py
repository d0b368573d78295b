"""The resources that are priced: out of a state, of a preview's events or JSON, and of files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from palier.costs import collect
from palier.costs.model import UNKNOWN, Planned
from palier.errors import InputError

STACK = "urn:pulumi:local::foundation"
PROVIDER = f"{STACK}::pulumi:providers:aws::far"
KEY = f"{STACK}::palier:foundation:Encryption$aws:kms/key:Key::data"


def state(urn: str = KEY, **more: Any) -> dict[str, Any]:
    """A resource of a state."""
    return {"urn": urn, "type": urn.split("::")[2].rpartition("$")[2], "custom": True, **more}


REGION = state(PROVIDER, inputs={"region": "eu-west-1"})
OF_REGION = {"provider": f"{PROVIDER}::{UNKNOWN}"}


def told(found: list[Planned]) -> list[tuple[str, str]]:
    """Names and regions."""
    return [(each.name, each.region) for each in found]


def test_a_resource_has_its_own_region_or_that_of_its_provider() -> None:
    own = state(f"{KEY}-own", inputs={"region": "eu-west-3"}, **OF_REGION)
    lost = state(f"{KEY}-lost")
    deployment = {"resources": [state(**OF_REGION), own, lost, REGION]}

    assert told(collect.from_deployment(deployment)) == [
        ("data", "eu-west-1"),
        ("data-own", "eu-west-3"),
        ("data-lost", "unknown region"),
    ]


@pytest.mark.parametrize("more", [{"custom": False}, {"delete": True}, {"external": True}])
def test_what_does_not_stand_in_the_cloud_is_not_priced(more: dict[str, Any]) -> None:
    assert collect.from_deployment({"resources": [state(**more)]}) == []


def test_an_empty_state_has_no_resources() -> None:
    assert collect.from_deployment({}) == []


def event(op: str, new: Any = None, old: Any = None) -> dict[str, Any]:
    """A step as the engine announces it."""
    return {"resourcePreEvent": {"metadata": {"op": op, "urn": KEY, "new": new, "old": old}}}


@pytest.mark.parametrize("op", ["create", "update", "same", "replace", "import"])
def test_what_stands_after_a_step_is_priced_by_its_new_inputs(op: str) -> None:
    new, old = state(inputs={"size": 2}), state(inputs={"size": 1}, id="k-1", outputs={"seen": 1})
    (found,) = collect.from_events([event(op, new, old)])

    assert found.inputs == {"size": 2}
    stays = op in ("update", "same")
    assert (found.id, found.outputs) == (("k-1", {"seen": 1}) if stays else ("", {}))


@pytest.mark.parametrize("op", ["delete", "delete-replaced", "read", "refresh", "discard"])
def test_what_does_not_stand_after_a_step_is_not_priced(op: str) -> None:
    assert collect.from_events([event(op, state(), state()), {"summaryEvent": {}}]) == []


def test_a_replacement_is_priced_once() -> None:
    steps = [event("create-replacement", state()), event("replace", state()), event("delete-replaced", None)]

    assert len(collect.from_events(steps)) == 1


FILES = {
    "an export": {"version": 3, "deployment": {"resources": [state()]}},
    "a state file": {"version": 3, "checkpoint": {"latest": {"resources": [state()]}}},
    "a preview": {"steps": [{"op": "create", "urn": KEY, "newState": state()}]},
    "one event": event("create", state()),
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_of_pulumi_is_known_by_what_is_in_it(tmp_path: Path, content: Any) -> None:
    (tmp_path / "file.json").write_text(json.dumps(content))
    project, found = collect.from_file(tmp_path / "file.json")

    assert project == "foundation"
    assert [each.name for each in found] == ["data"]


def test_an_event_log_has_an_event_a_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"{json.dumps(event('create', state()))}\n{json.dumps({'other': 1})}\n")

    assert len(collect.from_file(tmp_path / "log")[1]) == 1
    assert collect.from_event_log(tmp_path / "log") == collect.from_file(tmp_path / "log")[1]


def test_a_preview_without_what_stays_is_refused_as_its_sum_would_be_too_small(tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"steps": [], "changeSummary": {"same": 3}}))

    with pytest.raises(InputError) as refused:
        collect.from_file(file)
    assert str(refused.value) == (
        f"{file}: the preview leaves out what stays; make it by `pulumi preview --json --show-sames`"
    )


@pytest.mark.parametrize("text", ["{}", "[]", "name: x", "{1}", '{"deployment": 1}', "3"])
def test_another_file_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "other").write_text(text)

    with pytest.raises(InputError, match="other: not what Pulumi says of a stack") as refused:
        collect.from_file(tmp_path / "other")
    assert len(refused.value.lines()) == 1


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        collect.from_file(tmp_path)
