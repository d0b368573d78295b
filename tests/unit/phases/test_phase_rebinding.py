"""What was made anew under its own name is the same resource to the states, under another id."""

from __future__ import annotations

from typing import Any

from palier.phases.rebinding import rebind, rebound

from tests.unit.phases.conftest import resource

OLD, NEW = "db-OLD", "db-NEW"


def deployment(*resources: dict[str, Any]) -> dict[str, Any]:
    """A deployment of these resources."""
    return {"manifest": {}, "resources": list(resources)}


class Book:
    """Remembers that a refresh is owed."""

    def __init__(self) -> None:
        self.owed, self.held = False, False

    def alone(self) -> Book:
        return self

    def __enter__(self) -> None:
        self.held = True

    def __exit__(self, *_: object) -> None:
        self.held = False

    def owe_refresh(self) -> None:
        self.owed = True


class Stack:
    """A stack whose state is a mapping."""

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.book, self.deployment, self.replaced = Book(), deployment(*resources), 0

    def state(self) -> Any:
        from palier.phases import state

        return state.parse(self.deployment)

    def export(self) -> dict[str, Any]:
        return {"version": 3, "deployment": self.deployment}

    def replace(self, exported: dict[str, Any]) -> None:
        assert self.book.held, "nobody else may work on it meanwhile"
        assert self.book.owed, "known before the state says otherwise, should we be killed between"
        self.deployment, self.replaced = exported["deployment"], self.replaced + 1


def ids(stack: Stack) -> list[str]:
    """The ids in a stack's state."""
    return [entry["id"] for entry in stack.deployment["resources"]]


def test_only_the_resource_of_the_old_id_is_changed() -> None:
    before = deployment(
        resource("primary", OLD, outputs={"id": OLD, "address": "a"}), resource("vpc", "vpc-1")
    )
    after, changed = rebound(before, {OLD: NEW})

    assert [entry["id"] for entry in after["resources"]] == [NEW, "vpc-1"]
    assert after["resources"][0]["outputs"] == {"id": NEW, "address": "a"}
    assert changed == [before["resources"][0]["urn"]]
    assert before["resources"][0]["id"] == OLD, "the export itself is not touched"


def test_the_old_one_of_a_replacement_under_way_keeps_its_id() -> None:
    after, changed = rebound(deployment(resource("primary", OLD, delete=True)), {OLD: NEW})

    assert (after["resources"][0]["id"], changed) == (OLD, [])


def test_every_stack_that_holds_it_is_told_and_owes_a_refresh() -> None:
    foundation, replicas = Stack(resource("primary", OLD)), Stack(resource("replica-1", "db-OTHER"))
    changed = rebind([foundation, replicas], {OLD: NEW})  # type: ignore[list-item]

    assert (ids(foundation), ids(replicas)) == ([NEW], ["db-OTHER"])
    assert (foundation.book.owed, replicas.book.owed) == (True, False)
    assert len(changed) == 1


def test_a_second_call_changes_nothing() -> None:
    stack = Stack(resource("primary", OLD))
    rebind([stack], {OLD: NEW})  # type: ignore[list-item]

    assert rebind([stack], {OLD: NEW}) == []  # type: ignore[list-item]
    assert stack.replaced == 1
