"""Kill -9 in the middle of `palier up`, at ten moments: the next one goes on, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.engine.phases.census import census
from tests.engine.phases.machine import Machine, Platform, kill, until
from tests.engine.phases.watched import Watched

UP = ("up", "--through", "replicas")
PALIER, ENGINE, POWER = "palier alone", "palier and its engine", "everything, the local cloud too"


@dataclass(frozen=True)
class Moment:
    """When to kill, and whom. `reached` is asked again and again of the process under way."""

    name: str
    whom: str
    reached: Callable[[Watched], bool]


def _cloud_starts(up: Watched) -> bool:
    return (up.machine.local / "emulator" / "emulator.pid").exists()


# Few creations each, so that there is enough left for the moments that follow.
STORY = (
    Moment("while the local cloud starts", PALIER, _cloud_starts),
    Moment("while the program starts", ENGINE, lambda up: up.engine_told("foundation")),
    Moment("after the first resource", ENGINE, lambda up: up.created("foundation") >= 1),
    Moment("while resources are made", PALIER, lambda up: up.created("foundation") >= 6),
    Moment("while more are made", ENGINE, lambda up: up.created("foundation") >= 6),
    Moment("while it looks at what stands", PALIER, lambda up: up.looked_at("foundation") >= 1),
    Moment("while the last are made", POWER, lambda up: up.created("foundation") >= 6),
    Moment("between the phases", PALIER, lambda up: up.ended("foundation")),
    Moment("while replicas are made", ENGINE, lambda up: up.created("replicas") >= 6),
    Moment("at the end", PALIER, lambda up: up.ended("replicas")),
)


def killed(machine: Machine, moment: Moment) -> int:
    """Start an `up`, kill it at the moment; returns how many operations its state calls pending."""
    up = Watched(machine, *UP)

    until(lambda: moment.reached(up) or up.process.poll() is not None, moment.name, seconds=120)
    assert up.process.poll() is None, f"{moment.name}: it had ended: {up.process.communicate()}"
    doomed = {up.process.pid: "palier"}
    if moment.whom != PALIER:
        doomed |= machine.processes() if moment.whom == POWER else machine.left_running()
    kill(doomed)
    up.process.communicate()
    return len(machine.pending("foundation")) + len(machine.pending("replicas"))


@pytest.mark.timeout(600)
def test_killed_at_ten_moments_it_converges_and_nothing_exists_twice(
    machine: Machine, brought_up: Platform
) -> None:
    pending = {moment.name: killed(machine, moment) for moment in STORY}
    assert len(pending) == 10
    assert any(pending.values()), "no kill left an operation pending: they came at the wrong moments"

    machine.palier(*UP)
    # A sentence for each phase, and the summary: a line for each, and one for all.
    assert machine.palier(*UP).out.count("nothing to change") == 5
    now = census(machine.aws)
    assert (now - brought_up.census, brought_up.census - now) == ({}, {})
    assert machine.pending("foundation") == machine.pending("replicas") == []
    assert machine.locks() == []
    assert list((machine.local / "runs").glob("*.json")) == []
    assert machine.left_running() == {}
    for phase in ("foundation", "replicas"):
        machine.palier("verify", phase)
