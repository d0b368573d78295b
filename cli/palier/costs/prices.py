"""What a thing costs, in which region, from which source and how old: the price book.

Prices stand in lists of one region each (price_file.py). A region that no list is of gets the price of
us-east-1 times a ratio, marked as an estimate; a thing or a region that nothing is known of gets none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path

from palier.costs import price_file
from palier.costs.price_file import PriceGroup, PriceList

HOME = "us-east-1"  # the region that ratios are against, and where AWS bills what has no region
BUILT_IN = "palier's own"
MOST_DAYS = 90
UPDATE = "palier cost prices update"


@dataclass(frozen=True)
class Price:
    """US dollars for one `unit` of a thing. `estimate`: of another region, by ratio.

    `dated` is the source's date as it stands there, `date` the first day that it may mean.
    """

    usd: Decimal
    unit: str
    grade: str
    source: str
    dated: str
    date: date
    estimate: bool
    kind: str
    key: str


@dataclass(frozen=True)
class PriceBook:
    """Lists of prices; of two that have a price, the first one counts."""

    lists: tuple[PriceList, ...]

    def lookup(self, kind: str, key: str, region: str) -> Price | None:
        """The price of a thing in a region, or None where there is none. Never a guess."""
        for group in self._groups(kind, key, region):
            return _price(group, key, Decimal(1), estimate=False)
        ratio = self.ratio(region)
        if ratio is None or region == HOME:
            return None
        for group in self._groups(kind, key, HOME):
            return _price(group, key, ratio, estimate=True)
        return None

    def ratio(self, region: str) -> Decimal | None:
        """What prices of a region come to against those of us-east-1; None where that is not known."""
        return next((each.ratios[region] for each in self.lists if region in each.ratios), None)

    def _groups(self, kind: str, key: str, region: str) -> Iterator[PriceGroup]:
        for each in self.lists:
            if each.region == region:
                yield from (group for group in each.groups if group.kind == kind and key in group.prices)


def _price(group: PriceGroup, key: str, ratio: Decimal, *, estimate: bool) -> Price:
    usd = group.prices[key] * ratio
    return Price(
        usd, group.unit, group.grade, group.source, group.dated, group.date, estimate, group.kind, key
    )


def built_in() -> PriceList:
    """The prices that Palier brings along, of us-east-1, with the ratios of other regions."""
    with as_file(files("palier.costs") / "prices" / f"{HOME}.json") as file:
        return price_file.read(file, named=BUILT_IN)


def own_file(region: str, folder: Path | None = None) -> Path:
    """Where the user's updated prices of a region stand (they may be missing)."""
    from palier.paths import prices_dir

    return (folder or prices_dir()) / f"{region}.json"


def open_book(file: Path | None = None, *, folder: Path | None = None) -> PriceBook:
    """The price book: `file` before the user's updated prices, those before Palier's own.

    Raises InputError where a file is not one of prices, or was edited after it was sealed.
    """
    from palier.paths import prices_dir

    given = [price_file.read(file)] if file is not None else []
    updated = [price_file.read(found) for found in sorted((folder or prices_dir()).glob("*.json"))]
    return PriceBook((*given, *updated, built_in()))


def aged(prices: Iterable[Price], today: date) -> list[Price]:
    """Those of the prices that are older than 90 days, one of each kind and date, oldest first."""
    old = {(price.date, price.kind): price for price in prices if (today - price.date).days > MOST_DAYS}
    return [old[key] for key in sorted(old)]


def age_warning(prices: Iterable[Price], today: date) -> str | None:
    """One line on the prices that are older than 90 days: what they are of, since when, what to run."""
    old = aged(prices, today)
    if not old:
        return None
    told = ", ".join(f"{price.kind.replace('_', ' ')} of {price.dated}" for price in old)
    return f"prices older than {MOST_DAYS} days: {told}; `{UPDATE}` gets newer ones from AWS"
