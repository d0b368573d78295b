"""The first task, the path, and what keeps the pace."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.errors import InputError
from palier.onboarding import first_task, path
from palier.onboarding.calls import Pace
from palier.onboarding.github import Issue
from palier.onboarding.roster_files import set_key
from palier.onboarding.settings import WorkSettings

NOW = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.UTC)
WORK = WorkSettings(checklist_repository="runbooks")


def issue(number: int, *labels: str, days: int = 1, body: str = "", repository: str = "api") -> Issue:
    touched = NOW - datetime.timedelta(days=days)
    return Issue(repository, number, f"Task {number}", "", body, labels, (), False, touched)


def best(*issues: Issue) -> list[int]:
    ranked = sorted(issues, key=lambda each: first_task.order(each, ["api", "web"], WORK, NOW))
    return [each.number for each in ranked]


def test_fresh_goes_before_stale_then_small_before_large_then_the_latest() -> None:
    assert best(issue(1, "size/XS", days=400), issue(2, "size/XL")) == [2, 1]
    assert best(issue(1, "size/L"), issue(2, "size/S")) == [2, 1]
    assert best(issue(1, "size/S", days=9), issue(2, "size/S", days=2)) == [2, 1]


def test_what_has_no_size_goes_behind_what_has_one_shorter_first() -> None:
    assert best(issue(1, body="x" * 50), issue(2, body="x"), issue(3, "size/XL")) == [3, 2, 1]


@given(
    st.permutations([issue(1, "size/S"), issue(2, "size/S", repository="web"), issue(3), issue(4, "size/M")])
)
def test_the_order_in_which_github_lists_them_does_not_matter(listed: list[Issue]) -> None:
    assert best(*listed) == best(*sorted(listed, key=lambda each: each.number))


def test_a_checklist_is_found_by_its_mark_and_names_people_and_task() -> None:
    body = path.checklist(path.DEFAULT, "new", "New Comer", "ada", "kim", "shop/api#2")
    assert path.find([issue(3, body=body)], "new") is not None
    assert path.find([issue(3, body=body)], "ne") is None
    for words in (
        "@ada",
        "@kim",
        "First commit: shop/api#2",
        "### Day 5: Feedback & Planning",
        "## Months 1-3",
    ):
        assert words in body


def test_a_first_task_that_comes_later_leaves_what_was_ticked_off() -> None:
    body = path.checklist(path.DEFAULT, "new", "New", "ada", "kim", None)
    assert "@kim: no open issue suits a first day yet" in body
    ticked = body.replace("- [ ] Product demo", "- [x] Product demo")

    later = path.with_task(ticked, "shop/api#2", "kim")

    assert "First task: shop/api#2" in later
    assert "- [x] Product demo" in later
    assert path.with_task(later, "shop/api#2", "kim") == later
    assert path.with_task("their own words", "shop/api#2", "kim") == "their own words"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("week: [{title: Day 1, items: [Lunch with {buddy}]}]", "path.yaml"),
        ("week: []\nmonths: []", "week"),
        ('week: [{title: D, items: ["{friend}"]}]\nmonths: []', "nothing is called {friend}"),
        ('week: [{title: D, items: ["{"]}]\nmonths: []', "braces that name nothing"),
        ("weeks: []\nmonths: []", "weeks"),
    ],
)
def test_a_path_that_is_wrong_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / path.FILE).write_text(text)
    with pytest.raises(InputError) as refused:
        path.load(tmp_path)
    assert said in str(refused.value)
    assert "path.yaml" in str(refused.value)


def test_a_team_s_own_path_takes_the_default_s_place(tmp_path: Path) -> None:
    (tmp_path / path.FILE).write_text('week: [{title: Day 1, items: ["Lunch with {buddy}"]}]\nmonths: []\n')
    assert path.checklist(path.load(tmp_path), "new", "New", "ada", None, None).count("- [ ]") == 1


@given(st.lists(st.floats(0, 30), max_size=60))
def test_no_minute_has_more_than_its_pace_allows(gaps: list[float]) -> None:
    clock = [0.0]
    pace = Pace(5, clock=lambda: clock[0], sleep=lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    taken = []
    for gap in gaps:
        clock[0] += gap
        pace.take()
        taken.append(clock[0])
    for begins in taken:
        assert len([each for each in taken if begins <= each < begins + 59.999]) <= 5


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("a: 1\nb: 2\n", "b", "3", "a: 1\nb: 3\n"),
        ("a: 1\n", "b", "3", "a: 1\nb: 3\n"),
        ("a: 1\nb:\n  c: 2\n  d: 3\ne: 4\n", "b", "{c: 5}", "a: 1\nb: {c: 5}\ne: 4\n"),
        ("a: 1\nb:\n- x\n- y\ne: 4\n", "b", None, "a: 1\ne: 4\n"),
        ("# ours\na: 1  # kept\n", "b", None, "# ours\na: 1  # kept\n"),
    ],
)
def test_one_key_of_a_file_is_set_and_the_rest_stays(
    tmp_path: Path, before: str, key: str, value: Any, after: str
) -> None:
    file = tmp_path / "new.yaml"
    file.write_text(before)
    set_key(file, key, value)
    assert file.read_text() == after
