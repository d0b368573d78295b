"""The history file: strict, whole, and the same whatever is merged into it twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.errors import InputError, OperationError
from palier.onboarding.metrics.history import History, Reading, load, merge, normal, save

from tests.unit.onboarding.metrics.made import Case, cases, history, moment, moments, person, reading

READING: dict[str, Any] = {
    "repository": "app",
    "login": "ada",
    "from": "2024-01-07T23:00:00Z",
    "until": "2024-03-01T00:00:00Z",
    "commits_at": ["2024-01-08T14:00:00Z"],
    "pull_requests": [{"number": 1, "opened_at": "2024-01-09T08:00:00Z", "merged_at": None}],
}
FILE: dict[str, Any] = {"palier_onboarding_history": 1, "organization": "shop", "readings": [READING]}


def test_a_file_written_is_the_history_read(tmp_path: Path) -> None:
    file = tmp_path / "history.json"
    ada = person("ada", "2024-01-08")
    known = history([reading("ada", ada, [moment("2024-01-08T14:00")], [moment("2024-01-10T08:00"), None])])
    save(file, known)
    text = file.read_text()
    save(file, load(file, "shop"))

    assert load(file, "shop") == known
    assert file.read_text() == text, "written again, the same bytes"
    assert [each.name for each in tmp_path.iterdir()] == ["history.json"]


def test_a_file_that_is_not_there_yet_is_an_empty_history(tmp_path: Path) -> None:
    assert load(tmp_path / "history.json", "shop") == History("shop")


@given(cases())
def test_merging_what_is_known_changes_nothing(case: Case) -> None:
    _, readings, _ = case
    known = history(readings)

    assert known.merged(readings) == known
    assert known.merged(known.readings.values()) == known
    assert known.merged(reversed(readings)) == known


@st.composite
def _two(draw: st.DrawFn) -> tuple[Reading, Reading]:
    ada = person("ada", "2024-01-08")
    other = person("ada", draw(st.sampled_from(["2024-01-08", "2024-02-01"])))
    merges = st.lists(st.none() | moments, max_size=4)
    left, right = (
        reading("ada", who, draw(st.lists(moments, max_size=3)), draw(merges), until=draw(moments))
        for who in (ada, other)
    )
    return left, right


@given(_two())
def test_the_order_of_merging_does_not_matter(pair: tuple[Reading, Reading]) -> None:
    left, right = pair
    both = merge(left, right)

    assert both.since == left.since or both.since == right.since
    if left.since == right.since or left.until != right.until:
        assert both == merge(right, left)
    assert merge(both, right) == both or left.since != right.since
    assert merge(both, both) == both
    assert normal(both) == both


def test_a_merge_that_became_known_later_stays_known() -> None:
    ada = person("ada", "2024-01-08")
    opened, merged = reading("ada", ada, (), [None]), reading("ada", ada, (), [moment("2024-01-10T08:00")])

    for left, right in ((opened, merged), (merged, opened)):
        assert merge(left, right).pull_requests[0].merged_at == moment("2024-01-10T08:00")


def changed(**more: Any) -> dict[str, Any]:
    return {**FILE, **more}


def changed_reading(**more: Any) -> dict[str, Any]:
    return {**FILE, "readings": [{**READING, **more}]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON: EOF while parsing"),
        ("[]", "expected"),
        (changed(palier_onboarding_history=2), "palier_onboarding_history: unknown value 2 (allowed: 1)"),
        (changed(organization="other"), "organization: is of other, and the settings say shop"),
        (changed(people=[]), "people: unknown setting 'people'"),
        (changed(readings=[READING, {**READING, "login": "ADA"}]), "readings: ADA in app stands twice"),
        (changed_reading(until="2024-03-01T00:00:00"), "readings[0].until: "),
        (changed_reading(until=5), "readings[0].until: "),
        (changed_reading(commits=[]), "readings[0].commits: unknown setting 'commits'"),
        (changed_reading(login="-"), "readings[0].login: '-' is not a GitHub login"),
        (
            changed_reading(pull_requests=[{"number": 0, "opened_at": "2024-01-09T08:00:00Z"}]),
            "readings[0].pull_requests[0].number: must be at least 1, got 0",
        ),
    ],
)
def test_a_file_that_is_not_a_history_is_refused_in_one_line(
    tmp_path: Path, content: Any, message: str
) -> None:
    file = tmp_path / "history.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))

    with pytest.raises(InputError) as refused:
        load(file, "shop")
    assert str(refused.value).startswith(f"{file}: ")
    assert message in str(refused.value)
    assert len(refused.value.lines()) == 1
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="cannot be written"):
        save(tmp_path / "missing" / "history.json", History("shop"))
