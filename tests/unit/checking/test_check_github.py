"""Workflow commands: one line each whatever is in it, by the runner's rules; and the summary of the job."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from palier.checking import github, markdown
from palier.checking.model import Check
from palier.errors import OperationError

from tests.unit.checking import samples
from tests.unit.checking.anything import CHECK, TEXT

COMMAND = re.compile(r"::(error|warning|notice)(?: (?P<properties>[^:]*))?::(?P<message>.*)")


def _decoded(text: str) -> str:
    """As the runner decodes it: the percent sign last."""
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, character)
    return text


@given(CHECK)
def test_every_finding_and_failure_is_one_line(check: Check) -> None:
    lines = github.render(check).split("\n")

    assert lines.pop() == ""
    assert not lines.pop().startswith("::")
    assert len(lines) == len(check.findings) + sum(1 for phase in check.phases if phase.failed)
    assert all(COMMAND.fullmatch(line) for line in lines)
    assert all(len(line.splitlines()) == 1 for line in lines)


@given(TEXT, TEXT)
def test_no_message_or_title_can_begin_another_property_or_command(title: str, message: str) -> None:
    found = COMMAND.fullmatch(github.command("error", message, {"file": "a.yaml", "title": title}))

    assert found
    properties = found["properties"].split(",")
    assert properties[0] == "file=a.yaml"
    assert len(properties) <= 2
    assert all(re.match(r"(file|title)=", each) for each in properties)


@pytest.mark.parametrize(
    ("text", "data", "value"),
    [
        ("50% of 100%0A", "50%25 of 100%250A", "50%25 of 100%250A"),
        ("a:b,c", "a:b,c", "a%3Ab%2Cc"),
        ("two\r\nlines", "two lines", "two lines"),
    ],
)
def test_texts_are_escaped_by_the_runners_rules(text: str, data: str, value: str) -> None:
    assert github.command("notice", text, {"title": text}) == f"::notice title={value}::{data}"
    assert _decoded(value) == " ".join(text.split())


def test_files_are_named_from_the_root_of_the_repository() -> None:
    first = github.render(samples.VIOLATED, folder="shop").splitlines()[0]

    assert first.startswith("::error file=shop/stacks/foundation/Pulumi.production.yaml,title=")


def test_what_stops_the_change_comes_first() -> None:
    names = [line.split()[0] for line in github.render(samples.FULL).splitlines() if line.startswith("::")]

    assert names == ["::error", "::error", "::warning", "::notice", "::notice"]


def test_the_summary_is_added_to_what_the_job_has_written_already(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    file.write_text("before\n")

    assert github.append_summary(samples.FULL, {"GITHUB_STEP_SUMMARY": str(file)}) == file
    assert file.read_text(encoding="utf-8") == f"before\n{markdown.render(samples.FULL)}"


def test_without_a_file_for_it_no_summary_is_written() -> None:
    assert github.append_summary(samples.FULL, {}) is None
    assert github.append_summary(samples.FULL, {"GITHUB_STEP_SUMMARY": ""}) is None


def test_a_summary_that_cannot_be_written_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(OperationError, match="the summary cannot be added to"):
        github.append_summary(samples.FULL, {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "file")})
