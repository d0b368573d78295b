"""`palier capacity roadmap`: which change, live by when, started by when, and why not less."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.capacity_options import (
    DEMAND,
    MONTHS,
    SEED,
    demands,
    inputs,
    read,
    read_options,
    tell,
)
from palier.commands.phase_options import YES, asker, report_for
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.platform_file import Loaded, Platform
    from palier.capacity.roadmap import Roadmap


@click.command()
@read_options
@DEMAND
@MONTHS
@SEED
@click.option("--apply", "write", is_flag=True, help="Write the steps' settings, after showing the diff.")
@click.option(
    "--env",
    "environment",
    help="Whose settings to price and change.  [default: palier.yaml's structure.environment]",
)
@click.option(
    "--due-within-days",
    type=click.IntRange(min=0),
    default=31,
    show_default=True,
    help="With --apply: steps whose work must start within so many days.",
)
@YES
def roadmap(
    platform_path: Path | None,
    as_of: datetime.datetime | None,
    output: str,
    wanted: tuple[str, ...],
    months: int,
    seed: int | None,
    write: bool,
    environment: str | None,
    due_within_days: int,
    yes: bool,
) -> None:
    """Say which change relieves what binds, when it must be live, and when work must start.

    The simplest kind of change that suffices is taken, from more instances and storage over a larger
    database, replicas, a CDN and shards to further regions; what each could not do stands below the table.

    With --apply the settings of the steps that are due are changed in the phases' files, for one scenario:
    the diff is shown first, and what a phase would refuse is not written. `palier preview` then shows what it
    makes.

    \b
    Examples:
      palier capacity roadmap --platform examples/jobo
      palier capacity roadmap --scenario aggressive --months 18
      palier capacity roadmap --output json
      palier capacity roadmap --scenario conservative --apply --env local
    """
    from palier.capacity.forecast import SEED as DEFAULT
    from palier.capacity.forecast import Forecaster
    from palier.capacity.planner import PATHS, Planner
    from palier.capacity.roadmap_telling import roadmap_lines
    from palier.capacity.step_costs import step_costs
    from palier.costs.prices import open_book

    loaded, history = read(platform_path, as_of)
    if write:
        _check_apply(loaded, wanted, environment)
    platform, found = loaded.platform, inputs(loaded, as_of)
    forecaster = Forecaster(found, months=months, paths=PATHS, seed=DEFAULT if seed is None else seed)
    plans = []
    with report_for(output).step("looking for the least that suffices") as step:
        for scenario in demands(loaded, history, wanted, months):
            step.update(scenario.name)
            plans.append(Planner.of(platform, forecaster, scenario).plan())
    settings = _settings(platform, environment, plans)
    stands, book = platform.structure.phases, open_book()
    costs = [step_costs(each, settings, stands, book) for each in plans]
    lines: list[str] = []
    for each, priced in zip(plans, costs, strict=True):
        lines += [*roadmap_lines(each, priced, platform.currency, platform.currency_per_usd), ""]
    data = [
        {
            **each.as_data(),
            "costs": [one.as_data() for one in priced],
            "changes": _changes(each, settings, stands),
        }
        for each, priced in zip(plans, costs, strict=True)
    ]
    tell(output, data, lines[:-1])
    if write:
        chosen = environment or platform.structure.environment
        assert chosen is not None  # checked above
        apply(plans[0], chosen, platform.structure.phases, due_within_days, yes)


def _settings(platform: Platform, environment: str | None, plans: Sequence[Roadmap]) -> dict[str, Any]:
    """The settings of the phases that stand and of those that steps change; none without an environment."""
    from palier.capacity.standing import load_settings

    chosen = environment or platform.structure.environment
    if chosen is None:
        return {}
    touched = [step.phase for plan in plans for step in plan.steps]
    return load_settings(chosen, dict.fromkeys(["foundation", *platform.structure.phases, *touched]))


def _changes(plan: Roadmap, settings: dict[str, Any], stands: Sequence[str]) -> list[dict[str, Any]]:
    from palier.capacity.standing import setting_changes

    return [
        {**change.__dict__, "text": change.sentence()}
        for step in plan.steps
        for change in setting_changes(step, settings, stands)
    ]


def _check_apply(loaded: Loaded, wanted: Sequence[str], environment: str | None) -> None:
    names = list(loaded.platform.scenarios)
    if len(wanted) != 1 and len(names) != 1:
        raise InputError("--apply takes one scenario", key="--scenario", allowed=", ".join(names))
    if environment is None and loaded.platform.structure.environment is None:
        raise InputError(
            "whose settings? palier.yaml names no environment",
            key="--env",
            allowed="local, or another of stacks/foundation/Pulumi.<env>.yaml",
        )


def apply(
    plan: Roadmap, environment: str, standing_phases: Sequence[str], due_within_days: int, yes: bool
) -> None:
    """Show the diff of the due steps' settings, ask, and write it."""
    from palier.capacity.settings_edit import edits
    from palier.capacity.settings_edit import write as put
    from palier.capacity.standing import load_settings, setting_changes
    from palier.phases import catalog

    last = plan.as_of + datetime.timedelta(days=due_within_days)
    due = [step for step in plan.steps if step.start_by <= last]
    if not due:
        click.echo(f"nothing to change: no step has to start by {last}", err=True)
        return
    settings = load_settings(environment, dict.fromkeys([*standing_phases, *(step.phase for step in due)]))
    changes = [change for step in due for change in setting_changes(step, settings, standing_phases)]
    for change in changes:
        click.echo(change.sentence(), err=True)
    found = [edit for edit in edits(changes, environment) if edit.changes]
    if not found:
        click.echo("nothing to change: the settings say so already", err=True)
        return
    click.echo("\n".join(line for edit in found for line in edit.diff()), err=True)
    ask = asker(yes)
    if ask is not None and not ask(f"Write these settings of {environment}?"):
        raise KeyboardInterrupt
    for edit in found:
        put(edit)
    written = {edit.file.parent.name for edit in found}
    names = [phase.name for phase in catalog.phases() if phase.name in written]
    click.echo(f"written: {', '.join(names)}; next: palier preview --through {names[-1]}", err=True)
