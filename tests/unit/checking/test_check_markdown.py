"""The summary of a pull request: what it tells, and that no name or message can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from palier.checking import markdown
from palier.checking.model import Check, Finding
from palier.checking.telling import one_line

from tests.unit.checking import samples
from tests.unit.checking.anything import CHECK, TEXT

OUR_TAGS = {
    "<code>",
    "</code>",
    "<details>",
    "</details>",
    "<summary>",
    "</summary>",
}
# `linkify` is left out: it needs a package more. GitHub's own addresses have tests below.
PARSER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def _tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def _rows(text: str) -> list[int]:
    """How many cells each row of each table has."""
    rows: list[int] = []
    for token in _tokens(text):
        if token.type == "tr_open":
            rows.append(0)
        elif token.type in ("th_open", "td_open"):
            rows[-1] += 1
    return rows


def _plain(text: str) -> str:
    """What a reader sees of one paragraph."""
    return "".join(token.content for token in _tokens(text) if token.type == "text")


@given(CHECK)
def test_tables_have_their_rows_and_columns_whatever_the_names(check: Check) -> None:
    text = markdown.render(check)
    lines = [line for line in text.splitlines() if line.startswith("| ") and not set(line) <= set("|- ")]

    assert _rows(text) == [4] * len(lines)


@given(CHECK)
def test_no_name_or_message_becomes_a_tag_a_link_an_image_or_emphasis(check: Check) -> None:
    tokens = list(_tokens(markdown.render(check)))
    tags = {
        tag
        for token in tokens
        if token.type in ("html_inline", "html_block")
        for tag in re.findall(r"<[^>]*>", token.content)
    }

    assert tags <= {*OUR_TAGS, markdown.mark(check)}
    assert not {"link_open", "image", "em_open", "s_open", "fence", "hr"} & {each.type for each in tokens}


@given(CHECK)
def test_the_details_are_closed_as_often_as_they_are_opened(check: Check) -> None:
    blocks = "".join(token.content for token in _tokens(markdown.render(check)) if "html" in token.type)

    assert blocks.count("<details>") == blocks.count("</details>")


@given(TEXT)
def test_escaped_text_is_read_as_it_was_written(text: str) -> None:
    shown = _plain(f"x{markdown.escaped(text)}").removeprefix("x").replace("\u200b", "")

    assert shown.strip() == one_line(text).replace("\u200b", "")[: len(shown)].strip()


@pytest.mark.parametrize("text", ["---", "- one", "+ one", "=== ", "# one"])
def test_a_text_that_begins_like_a_rule_a_list_or_a_heading_is_none(text: str) -> None:
    kinds = {token.type for token in _tokens(f"before\n\n{markdown.escaped(text)}")}

    assert not kinds & {"hr", "bullet_list_open", "heading_open"}


def test_mentions_issues_and_addresses_are_broken_up() -> None:
    told = markdown.escaped("@org/team fixes #12, GH-12: https://example.com and www.example.com")

    assert not re.search(r"@\w|#\d|GH-\d|https:|www\.", told)


def test_a_name_in_code_keeps_its_letters() -> None:
    assert markdown.code("a@b.c#1") == "<code>a@b.c#1</code>"


def test_the_verdict_is_in_the_heading() -> None:
    assert "## ⛔ Palier check: foundation: 1 mandatory" in markdown.render(samples.VIOLATED)
    assert "## ✅ Palier check: cdn: every policy holds" in markdown.render(samples.CLEAN)
    assert "## ❌ Palier check: no preview of replicas" in markdown.render(samples.FULL)


def _many(number: int, message: str) -> Check:
    def finding(mandatory: bool, name: int) -> Finding:
        level = samples.MANDATORY if mandatory else samples.ADVISORY
        return replace(level, message=message, urn=f"urn:pulumi:production::foundation::a:b/c:D::{name}")

    findings = [finding(name % 10 == 0, name) for name in range(number)]
    return replace(samples.VIOLATED, phases=(replace(samples.FOUNDATION, findings=tuple(findings)),))


def test_a_summary_that_is_too_long_says_how_many_findings_it_leaves_out() -> None:
    text = markdown.render(_many(2_000, "x" * 100))
    shown = len(re.findall(r"^- <code>", text, re.MULTILINE))
    left_out = re.search(r"^> (\d+) findings left out", text, re.MULTILINE)

    assert len(text) <= 65_536
    assert left_out
    assert shown + int(left_out[1]) == 2_000
    assert text.count("x" * 100) == shown


def test_what_is_mandatory_is_left_out_last() -> None:
    text = markdown.render(_many(2_000, "x" * 100))
    mandatory = text.partition("<details>")[0]

    assert len(re.findall(r"^- <code>", mandatory, re.MULTILINE)) == 200


def test_as_many_findings_are_shown_as_there_is_room_for() -> None:
    text = markdown.render(_many(2_000, "x" * 100))

    assert len(text) > 65_536 - 400


@given(CHECK, st.integers(100, 3_000))
def test_a_summary_is_never_longer_than_asked(check: Check, most: int) -> None:
    assert len(markdown.render(check, most)) <= most


def test_one_endless_message_does_not_push_the_others_out() -> None:
    endless = replace(samples.MANDATORY, message="y" * 200_000)
    check = replace(
        samples.VIOLATED, phases=(replace(samples.FOUNDATION, findings=(endless, samples.ADVISORY)),)
    )
    text = markdown.render(check)

    assert "left out" not in text
    assert "headroom-stays" in text
