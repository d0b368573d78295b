"""What the pages say can be held against the program: commands, targets, links, folders, numbers."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from palier import __version__
from palier.commands.main import cli
from palier.engine.build import KEPT_BYTES, TEMPORARY_BYTES
from palier.phases import catalog
from palier.verification.table import CHECKS, checks_of

from tests.unit.docs.pages import (
    ROOT,
    invocations,
    known_options,
    name,
    pages,
    parse,
    prose,
    shell_lines,
    subcommand,
)

every_page = pytest.mark.parametrize("page", pages(), ids=name)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
OUR_FOLDERS = ("cli/", "stacks/", "tests/", "docs/", "benchmarks/", ".ci/")


def _read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


@every_page
def test_the_commands_of_a_page_can_be_run_as_they_stand(page: Path) -> None:
    for line in shell_lines(page.read_text(encoding="utf-8")):
        for words in invocations(line, "palier"):
            try:
                parse(words)
            except click.UsageError as error:
                pytest.fail(f"{line!r}: {error.format_message()}")


@every_page
def test_the_commands_that_a_page_mentions_exist(page: Path) -> None:
    # A line with `error: …` shows what is refused.
    lines = [line for line in prose(page.read_text(encoding="utf-8")).splitlines() if "`error: " not in line]
    for mention in re.findall(r"`(?:[A-Z_]+=\S+ )?palier ([a-z-][^`]*)`", "\n".join(lines)):
        first, _, rest = mention.partition("|")
        alternatives = [first, *(f"{first.rsplit(' ', 1)[0]} {other}" for other in rest.split("|") if other)]
        for text in alternatives:
            command, _, words = subcommand(cli, text.split())
            known_options(command, words)


@every_page
def test_the_make_targets_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    typed = [words for line in shell_lines(text) for words in invocations(line, "make")]
    mentioned = [match.split() for match in re.findall(r"`make ([a-z][^`]*)`", prose(text))]
    asked = {word for words in [*typed, *mentioned] for word in words if "=" not in word}

    assert asked <= TARGETS


@every_page
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    dead = []
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(#[^)\s]*)?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        found = (page.parent / target).resolve() if target else page
        if not found.exists() or (anchor and anchor[1:] not in _anchors(found)):
            dead.append(target + anchor)

    assert dead == []


def _anchors(page: Path) -> set[str]:
    """Anchors of headings, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_files_that_a_page_names_exist(page: str) -> None:
    named = [path for path in re.findall(r"`([\w./-]+)`", _read(page)) if path.startswith(OUR_FOLDERS)]

    assert len(named) > 5
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_map_of_the_code_names_every_package() -> None:
    text = _read("CONTRIBUTING.md")
    packages = [init.parent for init in (ROOT / "cli" / "palier").glob("*/__init__.py")]

    assert len(packages) > 5
    assert [folder.name for folder in packages if f"| `{folder.name}/` |" not in text] == []


def test_the_index_lists_every_page() -> None:
    index = ROOT / "docs" / "README.md"
    # The policies have an index of their own, which this one lists.
    indexes = (index, ROOT / "docs" / "policies" / "README.md")
    listed = {
        (page.parent / link).resolve()
        for page in indexes
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    }
    there = {page for page in pages() if page.parent != ROOT and page != index}

    assert sorted(name(page) for page in there - listed) == []


def test_the_picture_marks_the_phases_that_are_here() -> None:
    picture = _read("docs", "phases.svg")
    marked = re.findall(r'class="name on-here"[^>]*>([^<]+)<', picture)

    assert marked == [phase.name for phase in catalog.phases()]
    assert f"here today: {', '.join(marked)}" in picture
    assert "<title " in picture
    assert "<desc " in picture


@pytest.mark.parametrize("page", ["README.md", "docs/getting-started.md"])
def test_the_output_shown_counts_the_checks_that_there_are(page: str) -> None:
    shown = re.findall(r"^  ([\w-]+) +\d+ resources stand, all (\d+) checks hold$", _read(page), re.MULTILINE)

    assert shown == [(phase.name, str(len(checks_of(phase.name)))) for phase in catalog.phases()]


def test_the_changelog_counts_the_checks_that_there_are() -> None:
    assert f"{len(CHECKS)} checks" in _read("CHANGELOG.md")


def test_the_readme_tells_the_disk_that_a_build_of_the_engine_needs() -> None:
    needed, kept = (TEMPORARY_BYTES + KEPT_BYTES) / 1e9, KEPT_BYTES / 1e9

    assert f"{needed:.1f} GB of free disk while it builds, {kept:.1f} GB afterwards" in _read("README.md")


def test_the_changelog_has_this_version() -> None:
    assert re.search(rf"^## \[.+\].* {re.escape(__version__)}\b", _read("CHANGELOG.md"), re.MULTILINE)
