"""The page made for this person, from what the run has seen."""

from __future__ import annotations

from pathlib import Path

from palier.onboarding import page
from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing


class Page(Step):
    """A page of HTML in the folder of pages."""

    name = "page"
    title = "Page"
    what = "Write the person's page: team, people, repositories, access, week 1, first task, buddy, links."
    proof = "The page on the disk says what the run has seen."
    sees = ("first-task", "checklist")
    after = (
        "buddy",
        "vpn-peer",
        "github-access",
        "aws-access",
        "slack-channels",
        "slack-welcome",
        "first-task",
        "checklist",
    )

    def check(self, case: Case) -> Found:
        """Whether the page says what stands now."""
        file = file_of(case)
        if file.is_file() and file.read_text(encoding="utf-8") == page.html(case):
            case.facts["page"] = str(file)
            return done(str(file))
        return missing("not written, or of before", f"write {file}")

    def apply(self, case: Case, told: Told) -> None:
        """Write it whole."""
        from palier.capacity import whole_files

        file = file_of(case)
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole_files.replace(file, page.html(case))


def file_of(case: Case) -> Path:
    """Where the page stands."""
    from palier.paths import onboarding_dir

    folder = case.pages or onboarding_dir(case.reach.environment) / "pages"
    return folder / f"{case.login}.html"
