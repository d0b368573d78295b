"""Costs and prices for people and for machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from palier.costs.model import CostEstimate, Item, cents, total
from palier.costs.phases import PhaseCost
from palier.costs.prices import Price, PriceBook, age_warning

ESTIMATE = "estimate"
WHAT_IS_LEFT_OUT = "on demand; without tax, free tier, reservations and what is paid by use"


def prices_used(costs: Iterable[PhaseCost]) -> list[Price]:
    """Every price that went into what is shown."""
    return [item.price for cost in costs for item in cost.shown.items if item.price is not None]


def as_data(costs: Sequence[PhaseCost], today: date, eur_per_usd: Decimal | None) -> dict[str, Any]:
    """For `--output json`; amounts are text, to the cent."""
    shown = sum((cost.shown.monthly_usd for cost in costs), Decimal("0.00"))
    differences = [cost.difference_usd for cost in costs if cost.difference_usd is not None]
    data: dict[str, Any] = {
        "currency": "USD",
        "per": "month",
        "phases": [_phase_data(cost) for cost in costs],
        "monthly_usd": str(shown),
        "difference_usd": str(sum(differences, Decimal("0.00"))) if differences else None,
        "warning": age_warning(prices_used(costs), today),
    }
    if eur_per_usd is not None:
        data |= {"eur_per_usd": str(eur_per_usd), "monthly_eur": str(cents(shown * eur_per_usd))}
    return data


def _phase_data(cost: PhaseCost) -> dict[str, Any]:
    difference = cost.difference_usd
    return {
        "phase": cost.phase,
        "standing": _estimate_data(cost.standing),
        "planned": None if cost.planned is None else _estimate_data(cost.planned),
        "by_settings": cost.by_settings,
        "difference_usd": None if difference is None else str(difference),
    }


def _estimate_data(estimate: CostEstimate) -> dict[str, Any]:
    return {
        "monthly_usd": str(estimate.monthly_usd),
        "estimate": estimate.estimated,
        "services": {name: str(usd) for name, usd in estimate.by_service.items()},
        "items": [_item_data(item) for item in estimate.items],
    }


def _item_data(item: Item) -> dict[str, Any]:
    data = asdict(item)
    price = item.price
    data["quantity"] = None if item.quantity is None else format(item.quantity, "f")
    data["monthly_usd"] = None if item.monthly_usd is None else str(item.monthly_usd)
    if price is not None:
        data["price"] = {
            "usd": format(price.usd, "f"),
            "unit": price.unit,
            "grade": price.grade,
            "source": price.source,
            "date": price.dated,
            "estimate": price.estimate,
        }
    return data


def lines(costs: Sequence[PhaseCost], eur_per_usd: Decimal | None) -> list[str]:
    """What the phases cost: by phase and service, the items, the total, and what is not in it."""
    told: list[str] = []
    for cost in costs:
        told += [*_phase_lines(cost), ""]
    shown = sum((cost.shown.monthly_usd for cost in costs), Decimal("0.00"))
    told.append(f"total: {_usd(shown)} USD a month ({WHAT_IS_LEFT_OUT})")
    changes = [cost.difference_usd for cost in costs if cost.difference_usd is not None]
    if changes:
        told.append(f"difference to what stands: {_signed(sum(changes, Decimal('0.00')))} USD a month")
    if eur_per_usd is not None:
        told.append(f"total: {_usd(cents(shown * eur_per_usd))} EUR a month, at {eur_per_usd} EUR per USD")
    items = [item for cost in costs for item in cost.shown.items]
    if any(item.price is not None and item.price.estimate for item in items):
        told.append("estimate: the price of us-east-1 times a ratio of the region")
    return [*told, *_rest(items)]


def _phase_lines(cost: PhaseCost) -> Iterator[str]:
    shown = cost.shown
    mark = f"  {ESTIMATE}" if shown.estimated else ""
    how = ", by its settings alone" if cost.by_settings else ""
    yield f"{cost.phase}: {_usd(shown.monthly_usd)} USD a month{how}{mark}"
    if cost.difference_usd is not None:
        stands = _usd(cost.standing.monthly_usd)
        yield f"  {_signed(cost.difference_usd)} against what stands ({stands})"
    for service, usd in shown.by_service.items():
        yield f"  {service:<52}{_usd(usd):>12}"
        priced = [item for item in shown.of("priced") if item.service == service]
        for group in _alike(priced):
            yield _item_line(group)


def _item_line(group: Sequence[Item]) -> str:
    first = group[0]
    assert first.price is not None
    quantity = sum((item.quantity or Decimal(0) for item in group), Decimal(0))
    mark = f"  {ESTIMATE}" if first.price.estimate else ""
    notes = {item.note for item in group if item.note}
    note = f"  ({', '.join(sorted(notes))})" if notes else ""
    place = f"{first.what}, {first.region}"
    size = f"{_plain(quantity)} {first.unit} × {_plain(first.price.usd)}"
    return f"    {place:<50}{_usd(total(group)):>12}  {size}{mark}{note}"


def _rest(items: Sequence[Item]) -> Iterator[str]:
    titles = {
        "by_use": "paid by use, not in the total:",
        "no_price": "costs, and has no price here, not in the total:",
        "not_known": "not known before up, not in the total:",
        "unlisted": "of types that Palier knows no cost of:",
    }
    for kind, title in titles.items():
        found = [item for item in items if item.kind == kind]
        if found:
            yield ""
            yield title
            yield from (_rest_line(group) for group in _alike(found, by_region=kind == "by_use"))


def _rest_line(group: Sequence[Item]) -> str:
    first = group[0]
    what = first.type if first.kind == "unlisted" else first.what
    price = first.price
    if price is not None:
        mark = f"  {ESTIMATE}" if price.estimate else ""
        return f"  {first.service}: {what}, {first.region}: {_plain(price.usd)} {price.unit}{mark}"
    regions = ", ".join(dict.fromkeys(item.region for item in group))
    names = sorted({item.resource for item in group})
    who = names[0] if len(names) == 1 else f"{len(group)} resources"
    return f"  {first.service}: {what}: {who} in {regions}"


def _alike(items: Iterable[Item], *, by_region: bool = True) -> list[list[Item]]:
    """The items that are of the same thing at the same price, together, in the order in which they came."""
    groups: dict[tuple[Any, ...], list[Item]] = {}
    for item in items:
        what = item.type if item.kind == "unlisted" else item.what
        place = item.region if by_region else ""
        groups.setdefault((item.service, what, place, item.price), []).append(item)
    return list(groups.values())


def book_lines(book: PriceBook, today: date) -> list[str]:
    """The groups of prices: of what, how many, since when, how old, from where."""
    told = []
    for each in book.lists:
        told.append(f"{each.region}: {each.origin}, sha256 {each.sha256[:12]}")
        for group in each.groups:
            days = (today - group.date).days
            told.append(
                f"  {group.kind:<18} {len(group.prices):>4}  {group.dated:<10} {days:>5} days  "
                f"{group.grade:<11} {group.unit}"
            )
            told.append(f"  {'':<18} {'':>4}  {group.source}")
        if each.ratios:
            told.append(f"  other regions by ratio, as estimates: {', '.join(sorted(each.ratios))}")
    return told


def book_data(book: PriceBook, today: date) -> dict[str, Any]:
    """For `palier cost prices show --output json`."""
    return {
        "lists": [
            {
                "region": each.region,
                "origin": each.origin,
                "sha256": each.sha256,
                "ratios": {region: format(ratio, "f") for region, ratio in each.ratios.items()},
                "groups": [
                    {
                        "kind": group.kind,
                        "unit": group.unit,
                        "grade": group.grade,
                        "source": group.source,
                        "date": group.dated,
                        "age_days": (today - group.date).days,
                        "prices": {key: format(usd, "f") for key, usd in group.prices.items()},
                    }
                    for group in each.groups
                ],
            }
            for each in book.lists
        ]
    }


def _usd(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def _signed(amount: Decimal) -> str:
    return f"{amount:+,.2f}"


def _plain(amount: Decimal) -> str:
    """A number without an exponent and without noughts at its end."""
    told = format(amount, "f")
    return told.rstrip("0").rstrip(".") if "." in told else told
