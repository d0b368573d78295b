"""`palier capacity`: where the platform stands, what breaks first, which phase and when."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import click

from palier.commands.capacity_options import SCENARIO, inputs, read, read_options, scenarios, tell
from palier.commands.phase_options import report_for


@click.group(short_help="Say where the platform stands, what breaks first, and when.")
def capacity() -> None:
    """Say where the platform stands, what breaks first, which phase is needed and when to start it.

    Reads palier.yaml and the observations beside it; examples/jobo has one to try.

    \b
    Examples:
      palier capacity assess --platform examples/jobo
      palier capacity breaches --platform examples/jobo
      palier capacity roadmap --platform examples/jobo
    """


@capacity.command()
@read_options
@click.option(
    "--fail-on",
    type=click.Choice(["attention", "critical"]),
    help="Exit 1 where a metric is at this level or worse; for CI.",
)
def assess(platform_path: Path | None, as_of: datetime.datetime | None, output: str, fail_on: Any) -> None:
    """Hold every metric against its threshold and target, and look for the warning signals.

    A metric wants attention too where its last three values each were worse and it will be at its threshold
    within a quarter. Values older than two months are shown and count for nothing.

    \b
    Examples:
      palier capacity assess
      palier capacity assess --platform examples/jobo --as-of 2024-03-31
      palier capacity assess --fail-on critical --output json
    """
    from palier.capacity.actions import actions_of
    from palier.capacity.assessment import RANK
    from palier.capacity.assessment import assess as look
    from palier.capacity.inputs import scenarios_of, standing
    from palier.capacity.signals import find_signals
    from palier.capacity.telling import assessment_lines

    loaded, history = read(platform_path, as_of)
    platform = loaded.platform
    found = look(history, platform.limits)
    signals = find_signals(history, found, platform.limits, platform.events)
    actions = actions_of(
        found,
        standing(platform)[0],
        next(iter(scenarios_of(platform)), None),
        platform.model,
        history.value("developers"),
    )
    data = {
        "platform": platform.platform,
        "as_of": found.as_of.isoformat(),
        "level": found.level,
        "metrics": [each.as_data() for each in found.standings],
        "signals": [each.as_data() for each in signals],
        "actions": [each.as_data() for each in actions],
    }
    tell(output, data, assessment_lines(found, signals, actions, platform.currency))
    if fail_on is not None and RANK[found.level] >= RANK[fail_on]:
        raise click.exceptions.Exit(1)


@capacity.command(name="scenarios")
@read_options
@SCENARIO
def scenarios_command(
    platform_path: Path | None, as_of: datetime.datetime | None, output: str, wanted: tuple[str, ...]
) -> None:
    """Plan each scenario: infrastructure, cost, team and risk, and what to do about it.

    \b
    Examples:
      palier capacity scenarios --platform examples/jobo
      palier capacity scenarios --scenario aggressive --output json
    """
    from palier.capacity.planning import plan
    from palier.capacity.telling import planning_lines

    loaded, history = read(platform_path, as_of)
    given, chosen = inputs(loaded, as_of), scenarios(loaded, wanted)
    with report_for(output).step("planning the scenarios"):
        found = plan(loaded.platform, given, history, chosen)
    tell(output, found.as_data(), planning_lines(found, loaded.platform.currency))


@capacity.command()
@read_options
@SCENARIO
def economics(
    platform_path: Path | None, as_of: datetime.datetime | None, output: str, wanted: tuple[str, ...]
) -> None:
    """Show cost per user and transaction and its share of revenue, now and along each scenario.

    Investments of palier.yaml that say what they save in a year (`annual_savings`) get their return, today
    and where demand multiplies the savings.

    \b
    Examples:
      palier capacity economics --platform examples/jobo
      palier capacity economics --output json
    """
    from palier.capacity.economics_path import along
    from palier.capacity.telling import economics_lines

    loaded, _ = read(platform_path, as_of)
    given, chosen = inputs(loaded, as_of), scenarios(loaded, wanted)
    with report_for(output).step("following the costs"):
        costs, returns = along(loaded.platform, given, chosen)
    data = {
        "currency": loaded.platform.currency,
        "unit_costs": [each.as_data() for each in costs],
        "returns": [each.as_data() for each in returns],
    }
    tell(output, data, economics_lines(costs, returns, loaded.platform.currency))


def _register() -> None:
    from palier.commands.capacity_backtest import backtest
    from palier.commands.capacity_collect import collect
    from palier.commands.capacity_forecast import breaches, forecast
    from palier.commands.capacity_roadmap import roadmap

    for command in (forecast, breaches, roadmap, backtest, collect):
        capacity.add_command(command)


_register()
