"""The charts of the reports: utilisation with its fan, the breach calendar, costs, the team's metrics."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from palier.capacity.numbers import money, quantity, short
from palier.capacity.telling import label
from palier.reports import svg
from palier.reports.document import Chart, Table
from palier.reports.words import word

if TYPE_CHECKING:
    from palier.capacity.breaches import Breach
    from palier.capacity.forecast import Forecast
    from palier.reports.gathered import Gathered

_CUT = 1.7  # of the critical level: what is far beyond says no more by its height
_TABLE_MONTHS = (0, 1, 3, 6, 12, 18, 24)
_MOST_BARS = 14


def utilisation(gathered: Gathered, forecast: Forecast, name: str) -> Chart | None:
    """A metric as it was observed and as it goes on, with its levels; None where it has neither."""
    row, bands = gathered.loaded.platform.limits.get(name), forecast.bands.get(name)
    if row is None or bands is None:
        return None
    language, title = gathered.language, label(name, gathered.language)
    past = [(each.date, each.value) for each in gathered.history.of(name)]
    dates = forecast.dates
    ahead = svg.Series(
        forecast.scenario,
        list(zip(dates, bands.p50, strict=True)),
        list(zip(dates, bands.p10, strict=True)),
        list(zip(dates, bands.p90, strict=True)),
        "line",
    )
    levels = [
        svg.Level(f"{word(level, language)} {row.limit(level):g}", row.limit(level), level)
        for level in ("attention", "critical")
    ]

    def tell(value: float) -> str:
        return quantity(value, bands.unit, currency=gathered.currency, language=language)

    summary = f"{forecast.scenario}, {word('if_nothing', language)}"
    series = [svg.Series("", past, style="observed"), ahead]
    drawn = svg.lines(title, summary, series, levels, _axis_unit(bands.unit), _CUT * row.critical)
    months = [month for month in _TABLE_MONTHS if month <= forecast.months]
    rows = [
        [str(dates[month]), *(tell(values[month]) for values in (bands.p10, bands.p50, bands.p90))]
        for month in months
    ]
    return Chart(title, summary, drawn, Table(title, [word("date", language), "P10", "P50", "P90"], rows))


def calendar(gathered: Gathered, forecast: Forecast) -> Chart | None:
    """The breach calendar as a timeline; None where nothing is crossed."""
    breaches = forecast.breaches
    if not breaches:
        return None
    language, title = gathered.language, word("calendar", gathered.language)
    bars = [_bar(each, language) for each in breaches[:_MOST_BARS]]
    summary = f"{forecast.scenario}, {word('if_nothing', language)}"
    drawn = svg.timeline(title, summary, bars, forecast.as_of, forecast.dates[-1])
    keys = ("metric", "level", "early", "likely", "late")
    header = [word(key, language) for key in keys]
    rows = [_breach_row(each, language) for each in breaches]
    return Chart(title, summary, drawn, Table(title, header, rows))


def _bar(each: Breach, language: str) -> svg.Bar:
    assert each.p10 is not None  # a breach has an early day
    return svg.Bar(
        f"{label(each.metric, language)} {each.limit:.3g}", each.p10, each.p50, each.p90, each.level
    )


def _breach_row(each: Breach, language: str) -> list[str]:
    days = [word("later", language) if day is None else str(day) for day in (each.p10, each.p50, each.p90)]
    return [label(each.metric, language), f"{word(each.level, language)} ({each.limit:.3g})", *days]


def cost_per_user(gathered: Gathered) -> Chart | None:
    """Cost per user at each bill that was observed; None for fewer than two."""
    language, title = gathered.language, word("per_user", gathered.language)
    points = [
        (each.date, cost)
        for each in gathered.history.of("infrastructure_cost")
        if (cost := gathered.unit_costs_at(each.date).per_user) is not None
    ]
    return _observed(gathered, title, points, lambda value: money(value, gathered.currency, 2, language))


def observed(gathered: Gathered, name: str) -> Chart | None:
    """A metric as it was observed, with its levels; None for fewer than two values."""
    from palier.capacity.metrics import METRICS

    language, unit = gathered.language, METRICS[name].unit
    points = [(each.date, each.value) for each in gathered.history.of(name)]
    row = gathered.loaded.platform.limits.get(name)
    levels = []
    if row is not None and row.attention <= 3 * max((value for _, value in points), default=0.0):
        levels = [svg.Level(f"{word('attention', language)} {row.attention:.3g}", row.attention, "attention")]
    return _observed(
        gathered,
        label(name, language),
        points,
        lambda value: quantity(value, unit, currency=gathered.currency, language=language),
        levels,
        _axis_unit(unit),
    )


def _axis_unit(unit: str) -> str:
    """What follows the values of an axis: the rest of a unit is in the drawing's numbers."""
    return "%" if unit.startswith("percent") else {"seconds": "s", "hours": "h"}.get(unit, "")


def _observed(
    gathered: Gathered,
    title: str,
    points: Sequence[tuple[datetime.date, float]],
    tell: Callable[[float], str],
    levels: Sequence[svg.Level] = (),
    axis_unit: str = "",
) -> Chart | None:
    if len(points) < 2:
        return None
    language = gathered.language
    summary = f"{tell(points[0][1])} → {tell(points[-1][1])}"
    drawn = svg.lines(title, summary, [svg.Series("", points, style="observed")], levels, axis_unit)
    header = [word("date", language), word("value", language)]
    return Chart(
        title, summary, drawn, Table(title, header, [[str(day), tell(value)] for day, value in points])
    )


def demand(gathered: Gathered, forecasts: Sequence[Forecast]) -> Chart:
    """Demand against today's, of all scenarios, each to its own end."""
    language, title = gathered.language, word("demand", gathered.language)
    series = [
        svg.Series(each.scenario, list(zip(each.dates, each.demand.p50, strict=True)), style=f"line s{index}")
        for index, each in enumerate(forecasts)
    ]

    def tell(value: float) -> str:
        return f"×{short(value, 3, language)}"

    summary = ", ".join(f"{each.scenario} {tell(each.demand.p50[-1])}" for each in forecasts)
    rows = [
        [
            each.scenario,
            str(each.dates[month]),
            *(tell(band[month]) for band in (each.demand.p10, each.demand.p50, each.demand.p90)),
        ]
        for each in forecasts
        for month in (0, each.months // 2, each.months)
    ]
    header = [word("scenario", language), word("date", language), "P10", "P50", "P90"]
    return Chart(title, summary, svg.lines(title, summary, series), Table(title, header, rows))
