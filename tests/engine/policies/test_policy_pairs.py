"""Every policy on the real engine: it refuses what is broken before that is made, and accepts it mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from palier_policies import catalog

from tests.engine.policies.cases import KEPT_CLASS, Case, merged
from tests.engine.policies.in_process import judged
from tests.engine.policies.pairs import CASES, STANDING
from tests.engine.policies.world import Event, Ran, Stacked
from tests.unit.policies.platforms import platform

LEVELS = {policy.name: policy.level for policy in catalog.policies()}
# What stands of the application and of regions, by palier.yaml: what the broken programs have, and the kept.
TOO_MUCH = {"infrastructure_cost": 25_000, "memory_usage": 97}
ROOM = {"cpu_utilization": 62, "infrastructure_cost": 200_000, "revenue": 5_000_000}
LARGE = {"database_vcpus": 4, "instances": 27, "instances_most": 108, "regions": 2}
SMALL = {"database_vcpus": 4, "instances": 3, "instances_most": 12, "regions": 2}
BROKEN = merged(made for case in CASES if case.policy not in STANDING for made in case.broken)
KEPT = merged(made for case in CASES for made in case.kept)


@dataclass(frozen=True)
class Lived:
    """A stack whose broken program was refused, and whose mended one then stood."""

    stack: Stacked
    refused: Ran
    made_by_refused: list[str]
    stood_after_refused: list[object]
    accepted: Ran
    tight: Path
    roomy: Path


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def lived(fresh: Callable[[str], Stacked], tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The broken program, then the mended one, on one stack."""
    files = tmp_path_factory.mktemp("platforms")
    tight = platform(_folder(files, "tight"), TOO_MUCH, structure=LARGE)
    roomy = platform(_folder(files, "roomy"), ROOM, structure=SMALL)
    stack = fresh("pairs")
    refused = stack.up(BROKEN, tight)
    made, stood = stack.created, stack.standing()
    accepted = stack.up(KEPT, roomy)
    return Lived(stack, refused, made, list(stood), accepted, tight, roomy)


def _messages(events: Iterable[Event]) -> set[tuple[str, str, str]]:
    return {event[:3] for event in events}


def test_every_policy_of_the_catalog_has_a_case() -> None:
    assert [case.policy for case in CASES] == [policy.name for policy in catalog.everything().policies]


def test_what_is_broken_is_refused_before_anything_is_made(lived: Lived) -> None:
    assert lived.refused.code != 0
    assert lived.made_by_refused == []
    assert lived.stood_after_refused == []


@pytest.mark.parametrize(
    "policy", [case.policy for case in CASES if case.policy not in STANDING], ids=lambda name: str(name)
)
def test_every_policy_speaks_at_its_level(lived: Lived, policy: str) -> None:
    assert (LEVELS[policy], policy) in {(level, name) for level, name, _, _ in lived.refused.events}


def test_engine_and_judge_in_process_say_the_same(lived: Lived) -> None:
    assert _messages(lived.refused.events) == judged(BROKEN, lived.tight)


def test_what_is_mended_is_accepted_and_stands_and_no_policy_speaks(lived: Lived) -> None:
    assert lived.accepted.code == 0, lived.accepted.text
    assert lived.accepted.events == []
    assert {(each["type"], each["urn"].rpartition("::")[2]) for each in lived.stack.standing()} == {
        made[:2] for made in KEPT
    }
    assert len(lived.stack.created) == len(KEPT)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.policy in STANDING], ids=lambda case: case.policy
)
def test_what_stands_is_not_taken_away_blindly(lived: Lived, tmp_path: Path, case: Case) -> None:
    busy = platform(tmp_path, {"database_connections": 60, "database_utilization": 60}, structure=SMALL)
    smaller = {made[:2]: made for made in case.broken}
    planned = [smaller.get(made[:2], made) for made in KEPT]

    refused = lived.stack.up(planned, busy)

    assert refused.code != 0
    assert case.policy in refused.violated
    assert _messages(refused.events) == judged(planned, busy, KEPT)
    assert {
        each["inputs"]["instanceClass"]
        for each in lived.stack.standing()
        if (each["type"], "primary") in smaller
    } == {KEPT_CLASS}
