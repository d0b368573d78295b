"""A browser for the whole session, and the pages of the reports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.commands.main import run
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find_or_get

ROOT = Path(__file__).parents[2]
KINDS = ("dashboard", "infrastructure", "team", "quarterly", "scenarios")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, without a window. Gone after its module: while it lives, an event loop runs in this thread,
    and tests elsewhere could not start their own."""
    with sync_playwright() as driver:
        # Without its sandbox, which no root user and few containers may have; the pages are our own.
        found = driver.chromium.launch(executable_path=find_or_get(), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The file of each report of the example, in English and French."""
    folder = tmp_path_factory.mktemp("pages")
    found = {}
    for kind in KINDS:
        platform = ROOT / "examples/jobo" / ("q2-2024" if kind == "quarterly" else "")
        for language in ("en", "fr"):
            out = folder / f"{kind}-{language}.html"
            arguments = [
                "--platform",
                str(platform),
                "--format",
                "html",
                "--lang",
                language,
                "--out",
                str(out),
            ]
            assert run(["report", kind, *arguments]) == 0
            found[f"{kind}-{language}"] = out
    return found
