"""The outputs of a small check, word by word: tests/unit/checking/golden holds them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from palier.checking import github, junit, markdown, sarif, table
from palier.checking.model import Check, as_data

from tests.unit.checking import samples

GOLDEN = Path(__file__).parent / "golden"
RENDERERS: dict[str, Callable[[Check], str]] = {
    "table.txt": table.render,
    "summary.md": markdown.render,
    "check.sarif": sarif.render,
    "junit.xml": junit.render,
    "github.txt": github.render,
}
every_output = pytest.mark.parametrize("name", RENDERERS)


@every_output
def test_an_output_is_word_by_word_what_was_reviewed(name: str) -> None:
    assert RENDERERS[name](samples.FULL) == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "check"), [("violated", samples.VIOLATED), ("clean", samples.CLEAN)])
def test_the_table_tells_what_to_do_only_where_something_is_violated(name: str, check: Check) -> None:
    text = table.render(check)

    assert text == (GOLDEN / f"table-{name}.txt").read_text(encoding="utf-8")
    assert ("next: " in text) is (name == "violated")


@every_output
def test_an_output_does_not_depend_on_the_order_in_which_things_were_found(name: str) -> None:
    findings, policies = list(samples.FOUNDATION.findings), list(samples.POLICIES)
    random.Random(7).shuffle(findings)
    random.Random(7).shuffle(policies)
    foundation = replace(samples.FOUNDATION, findings=tuple(findings))
    phases = (foundation, *samples.FULL.phases[1:])
    mixed = replace(samples.FULL, phases=phases, policies=tuple(policies))

    assert RENDERERS[name](mixed) == RENDERERS[name](samples.FULL)


def test_the_data_of_a_check_can_be_written_as_json() -> None:
    data = json.loads(json.dumps(as_data(samples.FULL)))

    assert data["exit_code"] == 2
    assert [phase["phase"] for phase in data["phases"]] == ["foundation", "replicas", "cdn"]
