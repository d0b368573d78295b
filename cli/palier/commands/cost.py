"""`palier cost`: what the platform costs in a month. Thin: `palier.costs` does the work."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from palier.commands.phase_options import ENVIRONMENT, OUTPUT, PHASE, THROUGH, report_for
from palier.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from palier.costs.phases import PhaseCost
    from palier.costs.prices import PriceBook
    from palier.phases.catalog import PhaseLike

FILE = click.Path(path_type=Path, dir_okay=False)
PRICES = click.option(
    "--prices", "prices_file", type=FILE, help="A file of prices that counts before others."
)


def _rate(_context: click.Context, _option: click.Parameter, value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        rate = Decimal(value)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise InputError(
            f"{value!r} is no rate", key="--eur-per-usd", allowed="euros for a dollar, like 0.92"
        )
    return rate


EUR = click.option(
    "--eur-per-usd", callback=_rate, metavar="RATE", help="Show euros too, at this rate; Palier knows none."
)


@click.group(short_help="Say what the platform costs in a month, offline.")
def cost() -> None:
    """Say what the platform costs in a month: as it stands, or as a preview plans it.

    Offline, from a dated and hashed file of AWS's list prices. What is paid by use and what has no price is
    listed, and never guessed; prices of another region by ratio are marked as estimates.

    \b
    Examples:
      palier cost show
      palier cost show replicas --planned
      palier cost prices show
    """


@cost.command()
@PHASE
@THROUGH
@ENVIRONMENT
@click.option("--planned", is_flag=True, help="Run previews, and show the difference to what stands.")
@click.option(
    "--from", "source", type=FILE, help="A stack export, or a preview as JSON, in place of the environment."
)
@PRICES
@EUR
@OUTPUT
def show(
    phase: str | None,
    through: str | None,
    environment: str,
    planned: bool,
    source: Path | None,
    prices_file: Path | None,
    eur_per_usd: Decimal | None,
    output: str,
) -> None:
    """Show what a phase, or everything, costs in a month: items, services, totals, and what has no price.

    With --planned a preview is run for each phase, which deploys nothing; a phase that cannot be previewed
    yet is priced by its settings.

    \b
    Examples:
      palier cost show
      palier cost show --through replicas --planned
      palier cost show --from export.json --eur-per-usd 0.92
    """
    from palier.costs.prices import open_book

    if source is not None and (phase or through or planned):
        raise InputError("a file is priced alone: leave out PHASE, --through and --planned", key="--from")
    book = open_book(prices_file)
    if source is not None:
        costs = _of_file(source, book)
    else:
        costs = _of_environment(phase, through, environment, planned, book, output)
    _tell(costs, eur_per_usd, output)


def _of_file(source: Path, book: PriceBook) -> list[PhaseCost]:
    from palier.costs import collect
    from palier.costs.estimate import cost_of
    from palier.costs.phases import PhaseCost

    project, resources = collect.from_file(source)
    return [PhaseCost(cost_of(project, resources, book))]


def _of_environment(
    phase: str | None, through: str | None, environment: str, planned: bool, book: PriceBook, output: str
) -> list[PhaseCost]:
    from palier.costs import phases
    from palier.phases import catalog

    if phase and through:
        raise InputError("name one phase, or all on the way to one with --through PHASE")
    chosen: Sequence[PhaseLike] = catalog.phases()
    if phase:
        chosen = (catalog.find(phase),)
    elif through:
        chosen = catalog.through(through)
    report = report_for(output)
    stands = phases.standing(environment, report)
    if planned:
        return phases.planned_costs(environment, report, chosen, stands, book)
    if not any(stands[each.name] for each in chosen):
        report.warn(f"nothing of it stands in {environment}; --planned tells what it would cost")
    return phases.standing_costs(chosen, stands, book)


def _tell(costs: list[PhaseCost], eur_per_usd: Decimal | None, output: str) -> None:
    from palier.costs import telling
    from palier.costs.prices import age_warning

    if output == "json":
        click.echo(json.dumps(telling.as_data(costs, today(), eur_per_usd)))
        return
    click.echo("\n".join(telling.lines(costs, eur_per_usd)))
    if warning := age_warning(telling.prices_used(costs), today()):
        report_for(output).warn(warning)


@cost.group()
def prices() -> None:
    """Look at the prices, get newer ones, and seal a file that was edited.

    \b
    Examples:
      palier cost prices show
      palier cost prices update --region eu-west-3
    """


@prices.command("show")
@PRICES
@OUTPUT
def show_prices(prices_file: Path | None, output: str) -> None:
    """Show the groups of prices: of what, of when, from where, and how sure. The first that knows counts.

    \b
    Example:
      palier cost prices show
    """
    from palier.costs import telling
    from palier.costs.prices import MOST_DAYS, UPDATE, open_book

    book = open_book(prices_file)
    if output == "json":
        click.echo(json.dumps(telling.book_data(book, today())))
        return
    click.echo("\n".join(telling.book_lines(book, today())))
    if any((today() - group.date).days > MOST_DAYS for each in book.lists for group in each.groups):
        report_for(output).warn(f"some are older than {MOST_DAYS} days; `{UPDATE}` gets newer ones from AWS")


@prices.command()
@click.option(
    "--region",
    "regions",
    multiple=True,
    default=["us-east-1"],
    show_default=True,
    help="Region to get the prices of; may be given again.",
)
@click.option("--from", "base", metavar="URL", help="Another address of AWS's price list.")
@OUTPUT
def update(regions: tuple[str, ...], base: str | None, output: str) -> None:
    """Get newer prices from AWS's public price list, which needs no account; some hundred megabytes a region.

    They are kept in the user's own folder and count before those that Palier brings along. Run again with the
    same prices, it changes nothing.

    \b
    Examples:
      palier cost prices update
      palier cost prices update --region eu-west-3 --region eu-west-1
    """
    import re

    from palier.costs import update as updating

    for region in regions:
        if not re.fullmatch(r"[a-z]{2}(?:-[a-z]+)+-\d", region):
            raise InputError(f"{region!r} is no region of AWS", key="--region", allowed="like eu-west-3")
    report = report_for(output)
    done = [updating.update(region, report, base=base or updating.PRICE_LIST) for region in regions]
    if output == "json":
        told = [{"region": each.region, "file": str(each.file), "prices": each.prices} for each in done]
        changed = any(each.changed for each in done)
        click.echo(json.dumps({"changed": changed, "regions": told}))
    else:
        click.echo("\n".join(each.sentence() for each in done))


@prices.command()
@click.argument("file", type=FILE)
def seal(file: Path) -> None:
    """Give a file of prices that was edited by hand its hash, so that it can be used.

    \b
    Example:
      palier cost prices seal prices.json
    """
    from palier.costs import price_file

    done = "sealed" if price_file.seal(file) else "nothing to change: it is sealed"
    click.echo(f"{file}: {done}")


def today() -> date:
    """The day by which prices are old, UTC."""
    return datetime.now(UTC).date()
