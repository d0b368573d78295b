"""Books of prices and planned resources for the tests, as short as they can be."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from palier.costs.model import Item, Planned
from palier.costs.price_file import PriceGroup, PriceList
from palier.costs.prices import PriceBook, open_book
from palier.costs.table import items_of
from palier.costs.world import world

REGION = "us-east-1"


def built_in_book() -> PriceBook:
    """Palier's own prices, whatever the user of this machine has updated."""
    return open_book(folder=Path("no such folder"))


def group(kind: str, dated: str = "2026-11-01", **prices: str) -> PriceGroup:
    """A group of prices, keys with `_` for what cannot be a name."""
    amounts = {key: Decimal(usd) for key, usd in prices.items()}
    return PriceGroup(kind, "USD per thing", "first_hand", "a test", dated, amounts)


def book(*groups: PriceGroup, region: str = REGION, **ratios: str) -> PriceBook:
    """A book of one list; ratios by region, with `_` for `-`."""
    of = {name.replace("_", "-"): Decimal(ratio) for name, ratio in ratios.items()}
    return PriceBook((PriceList(region, groups, of, "", "a test"),))


def planned(kind: str, name: str = "thing", *, region: str = REGION, **inputs: Any) -> Planned:
    """A resource of `aws:<kind>` with these inputs, by Pulumi's names."""
    token = f"aws:{kind}"
    return Planned(f"urn:pulumi:local::foundation::{token}::{name}", token, region, inputs)


def priced(resource: Planned, *beside: Planned, prices: PriceBook | None = None) -> list[Item]:
    """The items of a resource beside others."""
    return items_of(world(prices or built_in_book(), [resource, *beside]), resource)


def costs(items: list[Item]) -> dict[str, str]:
    """What costs so much a month: dollars by what."""
    return {item.what: str(item.monthly_usd) for item in items if item.kind == "priced"}
