"""A newcomer's page in a real browser: readable, quiet, alone; on a phone and in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest
from palier.onboarding import page
from palier.onboarding.steps.base import Case
from playwright.sync_api import Browser

from tests.browser.test_report_pages import CONTRAST, opened
from tests.unit.onboarding.world import TODAY, reach


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The page of a newcomer whose team's description tries to be markup."""
    world = reach(tmp_path / "roster")
    team = world.roster.folder / "teams" / "web.yaml"
    team.write_text(team.read_text().replace("The shop's pages", "<script>document.title='taken'</script>"))
    world.read_again()
    made = tmp_path / "new.html"
    made.write_text(page.html(Case("new", world, TODAY)), encoding="utf-8")
    return made


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_it_fits_reads_well_and_runs_nothing_of_what_the_roster_says(
    browser: Browser, file: Path, width: int, dark: bool
) -> None:
    with opened(browser, file, width=width, dark=dark) as found:
        assert found.title() == "Welcome, New Comer · shop"
        assert found.evaluate("document.documentElement.scrollWidth") <= width
        assert found.evaluate(CONTRAST) == []
        assert found.locator("h2").all_inner_texts() == [
            "Your people",
            "Your first task",
            "Your access",
            "Your repositories",
            "Week 1",
            "Months 1 to 3",
        ]
        assert "<script>document.title" in found.locator("header").inner_text()
