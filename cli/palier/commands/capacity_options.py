"""What the commands of `palier capacity` share: their options, and what they read first."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from palier.commands.phase_options import OUTPUT
from palier.errors import InputError, OperationError

if TYPE_CHECKING:
    from palier.capacity.demand import FittedScenario, Scenario
    from palier.capacity.forecast import Inputs
    from palier.capacity.observations import History
    from palier.capacity.platform_file import Loaded

F = TypeVar("F", bound=Callable[..., Any])

PLATFORM = click.option(
    "--platform",
    "platform_path",
    type=click.Path(path_type=Path),
    help="palier.yaml, or its folder.  [default: the nearest at or above]",
)
AS_OF = click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Judge from that day; later observations are left aside.",
)
SCENARIO = click.option(
    "--scenario", "wanted", multiple=True, metavar="NAME", help="One of palier.yaml's; may be given again."
)
DEMAND = click.option(
    "--scenario",
    "wanted",
    multiple=True,
    metavar="NAME",
    help="One of palier.yaml's, or `fitted`: what history gives; may be given again.",
)
MONTHS = click.option(
    "--months", type=click.IntRange(1, 60), default=24, show_default=True, help="How far to look."
)
SEED = click.option(
    "--seed", type=click.IntRange(min=0), help="Of the random numbers; the same, the same answer."
)


def read_options(command: F) -> F:
    """What every command takes that reads a platform."""
    for option in (OUTPUT, AS_OF, PLATFORM):
        command = option(command)
    return command


def read(platform_path: Path | None, as_of: datetime.datetime | None) -> tuple[Loaded, History]:
    """The platform, and what was observed up to the day. Raises InputError."""
    from palier.capacity.inputs import history_of
    from palier.capacity.platform_file import load

    loaded = load(platform_path)
    return loaded, history_of(loaded, day_of(as_of))


def day_of(as_of: datetime.datetime | None) -> datetime.date | None:
    """The day of the option."""
    return None if as_of is None else as_of.date()


def inputs(loaded: Loaded, as_of: datetime.datetime | None) -> Inputs:
    """What a forecast starts from. Raises InputError; OperationError where numpy is missing."""
    needs("numpy", "forecasts")
    from palier.capacity.inputs import inputs_of

    found = inputs_of(loaded, day_of(as_of))
    from palier.capacity.technical import MODELLED

    if not any(name in found.observed for name in MODELLED):
        raise InputError(
            "no metric of the infrastructure was observed lately; `palier capacity assess` works without",
            file=loaded.file,
            key="observations",
            allowed=", ".join(MODELLED[:5]) + ", …",
        )
    return found


def needs(library: str, what: str) -> None:
    """Refuse where a library of the extra `capacity` is missing."""
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise OperationError(
            f"{what} need {library}, which is not installed", next_step="pip install 'palier[capacity]'"
        )


def demands(
    loaded: Loaded, history: History, wanted: Sequence[str], months: int
) -> list[Scenario | FittedScenario]:
    """As `scenarios`; `fitted` is what history gives. Raises InputError."""
    from palier.capacity.inputs import FITTED, fitted_scenario

    named = [name for name in wanted if name != FITTED]
    found: list[Scenario | FittedScenario] = []
    if named or not wanted:
        found += scenarios(loaded, named)
    if FITTED in wanted and FITTED not in loaded.platform.scenarios:
        found.append(fitted_scenario(history, months))
    return found


def scenarios(loaded: Loaded, wanted: Sequence[str]) -> list[Scenario]:
    """The scenarios of palier.yaml, or those of them that are wanted. Raises InputError."""
    from palier.capacity.inputs import scenarios_of

    known = scenarios_of(loaded.platform)
    names = [each.name for each in known]
    for name in wanted:
        if name not in names:
            raise InputError(
                f"no scenario {name!r}", file=loaded.file, key="scenarios", allowed=", ".join(names)
            )
    return [each for each in known if not wanted or each.name in wanted]


def tell(output: str, data: Any, lines: Sequence[str]) -> None:
    """JSON, or the lines."""
    click.echo(json.dumps(data) if output == "json" else "\n".join(lines))
