"""`palier roster`: who works here, as files. Thin: `palier.onboarding` reads and checks."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path

import click

from palier.commands.phase_options import OUTPUT
from palier.errors import InputError


def _roster_option(default: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--roster",
        "folder",
        type=click.Path(path_type=Path),
        help=f"The folder of people/ and teams/.  [default: PALIER_ROSTER_DIR, or {default}]",
    )


NEAREST = _roster_option("the nearest at or above")
# For what needs the people stack's settings as well.
ROSTER = _roster_option("what the people stack's settings name")


@click.group(short_help="Say who works here: validate and list the roster.")
def roster() -> None:
    """Who works here, as code: a file for each person in people/, for each team in teams/.

    \b
    Examples:
      palier roster validate
      palier roster list --team marketplace
      palier roster schema person > person.schema.json
    """


@roster.command(short_help="Read every file, and say everything that is wrong.")
@NEAREST
@OUTPUT
def validate(folder: Path | None, output: str) -> None:
    """Read every file, and say everything that is wrong. Exit code 2 where something is.

    \b
    Examples:
      palier roster validate --roster examples/jobo
    """
    from palier.onboarding.roster import find, read

    found, wrong = read(find(folder))
    if output == "json":
        problems = [{"file": str(each.file), "key": each.key, "problem": str(each)} for each in wrong]
        click.echo(json.dumps({"people": len(found.people), "teams": len(found.teams), "problems": problems}))
        if wrong:
            raise click.exceptions.Exit(InputError.exit_code)
        return
    for each in wrong[:-1]:
        click.echo(f"error: {each}", err=True)
    if wrong:
        raise wrong[-1]
    click.echo(f"{len(found.people)} people in {len(found.teams)} teams: the roster is whole")


@roster.command("list", short_help="List the people, by team.")
@NEAREST
@click.option("--team", help="Only this team's.")
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Who is there that day.  [default: all]",
)
@OUTPUT
def list_(folder: Path | None, team: str | None, day: datetime.datetime | None, output: str) -> None:
    """List the people, by team and name.

    \b
    Examples:
      palier roster list --roster examples/jobo --team marketplace
      palier roster list --on 2024-07-01 --output json
    """
    from palier.capacity.sections import nearest
    from palier.onboarding.roster import load

    found = load(folder)
    if team is not None and team not in found.teams:
        raise InputError(f"no team {team!r}", key="--team", allowed=nearest(team, found.teams) or None)
    people = [
        (login, person)
        for login, person in found.people.items()
        if team in (None, person.team) and (day is None or person.is_there(day.date()))
    ]
    people.sort(key=lambda each: (each[1].team, each[1].name))
    if output == "json":
        click.echo(
            json.dumps([{"login": login, **person.model_dump(mode="json")} for login, person in people])
        )
        return
    rows = [("team", "login", "name", "role", "first day", "last day")]
    rows += [
        (each.team, login, each.name, each.role, str(each.starts), str(each.ends or "–"))
        for login, each in people
    ]
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(f"{cell:<{width}}" for cell, width in zip(row, wide, strict=True)).rstrip())


@roster.command(short_help="Say who takes a newcomer by the hand, and why.")
@click.argument("login")
@click.option("--write", "writes", is_flag=True, help="Set the best one in the newcomer's file.")
@click.option("--choose", metavar="LOGIN", help="With --write: this one instead; anybody of the roster.")
@NEAREST
@OUTPUT
def buddy(login: str, writes: bool, choose: str | None, folder: Path | None, output: str) -> None:
    """Say who of the team's buddies takes a newcomer by the hand, best first, and why.

    Who has no newcomer goes before who has one. Then languages, time zone, skills, and whose last newcomer is
    longest ago. What the newcomer's file says already stays.

    \b
    Examples:
      palier roster buddy adiallo --roster examples/jobo
      palier roster buddy adiallo --write --choose snguyen
    """
    if choose is not None and not writes:
        raise InputError("says nothing without --write", key="--choose")
    from palier.onboarding import buddies
    from palier.onboarding.roster import load

    found = load(folder)
    newcomer = found.login(login)
    stands = found.people[newcomer].buddy
    candidates = buddies.ranked(found, newcomer)
    wanted = found.login(choose) if choose else stands or candidates[0].login
    if wanted == newcomer:
        raise InputError("nobody is their own buddy", key="--choose")
    written = writes and wanted != stands
    if written:
        buddies.write(found, newcomer, wanted)
    if output == "json":
        ranking = [{**each.__dict__, "last": each.last and each.last.isoformat()} for each in candidates]
        told = {"login": newcomer, "buddy": wanted, "was": stands, "written": written, "ranking": ranking}
        click.echo(json.dumps(told))
        return
    for place, each in enumerate(candidates, start=1):
        click.echo(f"{place}. {each.login}: {each.reasons()}")
    file = found.file_of(newcomer)
    if written:
        click.echo(f"{wanted} is the buddy of {newcomer}: written to {file}")
    else:
        click.echo(
            f"{wanted} is the buddy of {newcomer}, as {file.name} says"
            if wanted == stands
            else f"{wanted} would be the buddy of {newcomer}; --write sets it in {file.name}"
        )


@roster.command(short_help="Print the JSON Schema of a file, for editors.")
@click.argument("kind", type=click.Choice(["person", "team"]))
def schema(kind: str) -> None:
    """Print the JSON Schema of a person's or a team's file, which editors complete and check by.

    \b
    Examples:
      palier roster schema person > person.schema.json
    """
    from palier.onboarding.models import Person, Team

    model = Person if kind == "person" else Team
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
    click.echo(json.dumps(document, indent=2))
