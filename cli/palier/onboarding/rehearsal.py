"""The end of a rehearsal: one newcomer of the example's roster is onboarded on the local cloud."""

from __future__ import annotations

import datetime
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.local.layout import layout
from palier.onboarding import local_world, operation
from palier.onboarding.operation import Order, Run
from palier.onboarding.reach import STACK, reach
from palier.onboarding.roster import PEOPLE, TEAMS, load
from palier.onboarding.steps.table import choose
from palier.paths import LOCAL_ENVIRONMENT as LOCAL
from palier.phases import catalog


@dataclass(frozen=True)
class Newcomer:
    """Who was onboarded, by which run; `pages` is the folder of their page."""

    login: str
    name: str
    run: Run

    @property
    def page(self) -> str:
        """The file of their page."""
        return str(self.run.cases[0].facts["page"])

    def as_dict(self) -> dict[str, Any]:
        """For `--output json`."""
        return {"login": self.login, "page": self.page, **self.run.as_dict()}

    def lines(self) -> list[str]:
        """For people."""
        steps, changed = len(self.run.results), self.run.changed
        told = f"{steps} steps done and proved" if changed else "nothing to change"
        minutes = self.run.budget_seconds / 60
        return [
            "",
            f"{self.name} is onboarded: {told} ({self.run.seconds:.1f} s of {minutes:.0f} minutes)",
            *(f"  {each.line()}" for each in self.run.results),
            "Their page, to open in a browser:",
            f"  {self.page}",
            f"Take it all back: palier offboard apply {self.login} --roster {rehearsed_roster()}",
        ]


def rehearsed_roster() -> Path:
    """The copy of the roster that a rehearsal works on: the repository's own files stay as they are."""
    return layout().roster


def newcomer(report: Reporter) -> Newcomer | None:
    """Onboard the roster's first newcomer. None, with a word, where the platform has no roster.

    Raises OperationError where a step failed.
    """
    phase = catalog.find(STACK)
    settings = catalog.load_settings(phase, LOCAL)
    source = settings.roster_folder(catalog.project_folder(phase))
    if not (source / PEOPLE).is_dir():
        report.line(f"No roster in {source}: nobody is onboarded")
        return None
    folder = _copied(source)
    roster = load(folder)
    new = (each for each, person in roster.people.items() if local_world.is_newcomer(roster, each, person))
    login = next(new, None)
    if login is None:
        report.line(f"Nobody of {source} is a newcomer: nobody is onboarded")
        return None
    order = Order(operation.APPLY, (login,), choose((), ()), settings.work.budget_minutes, here=True)
    run = operation.carry_out(reach(LOCAL, folder, report), order, report, datetime.date.today())
    if run.failed or run.waiting:
        said = "; ".join(f"{each.title}: {each.says}" for each in (*run.failed, *run.waiting))
        raise OperationError(
            f"{login} is not onboarded: {said}",
            left="the phases stand",
            next_step=f"palier onboard apply {login} --here --roster {folder}",
        )
    return Newcomer(login, roster.people[login].name, run)


def _copied(source: Path) -> Path:
    """The rehearsal's copy of the roster, made once: a second run goes on with what the first wrote."""
    target = rehearsed_roster()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if source == target or target.is_dir():
        return target
    fresh = target.with_name(f"roster.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    for part in (PEOPLE, TEAMS):
        shutil.copytree(source / part, fresh / part)
    os.replace(fresh, target)
    return target
