"""`palier onboard metrics`: how onboarding goes. Thin: `palier.onboarding.metrics` reads and counts."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import ENVIRONMENT, report_for
from palier.commands.roster import ROSTER
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.console import Reporter
    from palier.onboarding.github import GitHub
    from palier.onboarding.metrics.history import History
    from palier.onboarding.metrics.measuring import Metrics
    from palier.onboarding.metrics.settings import MetricsSettings
    from palier.onboarding.metrics.surveys import Surveys
    from palier.onboarding.roster import Roster

OUTPUTS = click.Choice(["text", "json", "markdown"])


@click.command(short_help="Say how onboarding goes: five goals, by cohort.")
@ROSTER
@ENVIRONMENT
@click.option("--team", help="Only this team's people.")
@click.option(
    "--by",
    type=click.Choice(["month", "quarter", "year"]),
    default="quarter",
    show_default=True,
    help="What a cohort is: who began in the same month, quarter or year.",
)
@click.option(
    "--as-of",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="As it stood when this day ended (UTC).  [default: now, or the last reading]",
)
@click.option(
    "--surveys",
    "surveys_place",
    type=click.Path(path_type=Path),
    help="Folder of surveys, or one CSV file.  [default: surveys/ of the roster]",
)
@click.option(
    "--history",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep what is read of GitHub here, and ask for what is new alone.",
)
@click.option("--offline", is_flag=True, help="Ask GitHub nothing; count from --history alone.")
@click.option("--people", is_flag=True, help="Add a row for each person.")
@click.option("--output", type=OUTPUTS, default="text", show_default=True, help="Who reads it.")
def metrics(output: str, people: bool, **given: Any) -> None:
    """Say how onboarding goes: time to first commit, first feature and full productivity, satisfaction after
    3 months, retention after 12; by cohort, each against its goal, with the trend.

    Who had not the time yet is "too early", not a miss. Changes nothing but the file of --history.

    \b
    Examples:
      palier onboard metrics --env production --history onboarding-history.json
      palier onboard metrics --env production --history onboarding-history.json --offline --by year
    """
    from palier.onboarding.metrics import telling

    result = _measured(report_for("json" if output == "json" else "text"), **given)
    if output == "json":
        click.echo(json.dumps(telling.document(result, people)))
        return
    lines = telling.text if output == "text" else telling.markdown
    click.echo("\n".join(lines(result, people)))


def _measured(
    report: Reporter,
    folder: Path | None,
    environment: str,
    team: str | None,
    by: Any,
    day: datetime.datetime | None,
    surveys_place: Path | None,
    file: Path | None,
    offline: bool,
) -> Metrics:
    from palier.onboarding.metrics import coverage, history
    from palier.onboarding.metrics.measuring import chosen, measure
    from palier.onboarding.metrics.settings import settings_of

    if offline and file is None:
        raise InputError("needs the file that was read before", key="--offline", allowed="with --history")
    now = datetime.datetime.now(datetime.UTC)
    as_of = _as_of(day, now)
    roster, all_settings, github = reached(environment, folder, report, offline)
    settings = settings_of(all_settings)
    _known_team(roster, team)
    surveys = _surveys(surveys_place, roster)
    organization = str(all_settings.organization)
    known = history.load(file, organization) if file else history.History(organization)
    people = chosen(roster, team)
    if github is not None:
        known = _read(github, roster, people, known, settings, now, file, report)
    else:
        as_of = as_of or coverage.known_until(roster, people, known, settings, now)
        coverage.need(roster, people, known, settings, as_of, file or Path())
    return measure(roster, known, surveys, settings, as_of or now, by, team)


def reached(
    environment: str, folder: Path | None, report: Reporter, offline: bool
) -> tuple[Roster, Any, GitHub | None]:
    """The roster, the people stack's settings, and GitHub unless `offline`. Raises InputError, Refused."""
    from palier.onboarding.reach import STACK, reach
    from palier.onboarding.roster import load
    from palier.phases import catalog

    if not offline:
        found = reach(environment, folder, report)
        return found.roster, found.settings, found.github
    phase = catalog.find(STACK)
    settings = catalog.load_settings(phase, environment)
    return load(folder or settings.roster_folder(catalog.project_folder(phase))), settings, None


def _read(
    github: GitHub,
    roster: Roster,
    people: Any,
    known: History,
    settings: MetricsSettings,
    now: datetime.datetime,
    file: Path | None,
    report: Reporter,
) -> History:
    from palier.onboarding.metrics import history, reading

    with report.step("reading GitHub") as step:
        return reading.read(
            github,
            roster,
            people,
            known,
            settings,
            now,
            told=step.update,
            keep=lambda found: history.save(file, found) if file else None,
        )


def _as_of(day: datetime.datetime | None, now: datetime.datetime) -> datetime.datetime | None:
    if day is None:
        return None
    begins = day.replace(tzinfo=datetime.UTC)
    if begins > now:
        raise InputError(f"{day:%Y-%m-%d} is still to come", key="--as-of", allowed=f"up to {now:%Y-%m-%d}")
    return min(begins + datetime.timedelta(days=1), now)


def _known_team(roster: Roster, team: str | None) -> None:
    from palier.capacity.sections import nearest

    if team is not None and team not in roster.teams:
        raise InputError(f"no team {team!r}", key="--team", allowed=nearest(team, roster.teams) or None)


def _surveys(place: Path | None, roster: Roster) -> Surveys:
    from palier.onboarding.metrics import surveys

    folder = place or roster.folder / surveys.FOLDER
    return {} if place is None and not folder.exists() else surveys.load(folder, roster)
