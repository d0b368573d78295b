"""A backtest in lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from palier.capacity.backtest import LAST, Backtest, Tested, Untested
from palier.capacity.fitting_models import SEASON_MONTHS

_HEAD = ("metric", "", "error", "naive", "ratio", "80 % holds", "naive", "width", "naive", "naive is")


def lines(found: Backtest) -> list[str]:
    """The table for people, and below it what it means and what could not be tested."""
    rows: list[tuple[str, ...]] = [_HEAD, *(_row(each) for each in found.results)]
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(_cells(row, wide)).rstrip() for row in rows]
    return [*table, "", *_remarks(found), *(_untested(each) for each in found.untested)]


def _row(each: Tested) -> tuple[str, ...]:
    sign = " %" if each.measure == "MAPE" else ""
    ratio = each.error_ratio
    return (
        each.metric,
        each.measure,
        f"{each.fitted.error:.3g}{sign}",
        f"{each.naive.error:.3g}{sign}",
        "-" if ratio is None else f"{ratio:.2f}",
        f"{each.fitted.covered} of {each.tested}",
        f"{each.naive.covered} of {each.tested}",
        f"{each.fitted.width:.3g}{sign}",
        f"{each.naive.width:.3g}{sign}",
        ", ".join(each.yardsticks),
    )


def _cells(row: Sequence[str], wide: Sequence[int]) -> list[str]:
    named = (0, 1, len(row) - 1)
    return [
        f"{cell:<{size}}" if column in named else f"{cell:>{size}}"
        for column, (cell, size) in enumerate(zip(row, wide, strict=True))
    ]


def _remarks(found: Backtest) -> list[str]:
    held = sum(each.fitted.covered for each in found.results)
    fitted = dict.fromkeys(method for each in found.results for method in each.methods)
    remarks = [
        f"80 % intervals hold {held} of {found.tested} months ({found.coverage:.0%}), each up to "
        f"{found.holdout_months} months ahead",
        f"fitted by {'; by '.join(fitted)}",
        "ratio: our error over the naive's; below 1 the fit is worth having",
    ]
    if any(LAST in each.yardsticks for each in found.results):
        remarks.append(f"{LAST}: the yardstick where {SEASON_MONTHS} months or fewer were to be seen")
    if any(each.measure == "MAE" for each in found.results):
        remarks.append("MAE, in the metric's unit: a value is zero or below, so that percent mean nothing")
    return remarks + [f"{each.metric}: {note}" for each in found.results for note in each.notes]


def _untested(each: Untested) -> str:
    return f"not tested: {each.metric}: {each.months} of the {each.needed} months needed"
