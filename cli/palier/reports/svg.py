"""Drawings as SVG: lines with their fan, a timeline. Colours are the page's, by class.

No script and no picture from elsewhere: what is drawn is text in the page. Values above a drawing's top leave
it there, and the table beside it has them in full.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10
from zlib import crc32

from palier.capacity.numbers import short

WIDE, HIGH = 480.0, 230.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 106.0, 14.0, 26.0
_LINE = 15.0  # height of a line of text
Point = tuple[datetime.date, float]


@dataclass(frozen=True)
class Series:
    """A line, with its label at the end; `low` and `high` are its fan."""

    label: str
    points: Sequence[Point]
    low: Sequence[Point] = ()
    high: Sequence[Point] = ()
    style: str = "line"


@dataclass(frozen=True)
class Level:
    """A horizontal line: a threshold, in the class of its level."""

    label: str
    value: float
    style: str


@dataclass(frozen=True)
class Bar:
    """A row of a timeline, from `start` over `middle` to `end`; None is beyond the right edge."""

    label: str
    start: datetime.date
    middle: datetime.date | None
    end: datetime.date | None
    style: str


@dataclass(frozen=True)
class _Frame:
    start: datetime.date
    end: datetime.date
    most: float
    high: float = HIGH
    left: float = _LEFT
    right: float = _RIGHT

    @property
    def edge(self) -> float:
        return WIDE - self.right

    def x(self, day: datetime.date) -> float:
        days = max(1, (self.end - self.start).days)
        share = min(max((day - self.start).days / days, 0.0), 1.0)
        return self.left + share * (self.edge - self.left)

    def y(self, value: float) -> float:
        # What is beyond the top is drawn there and cut by the frame; twice as far is as good as any.
        share = min(max(value / self.most, 0.0), 2.0)
        return self.high - _BOTTOM - share * (self.high - _BOTTOM - _TOP)


def lines(
    title: str,
    summary: str,
    series: Sequence[Series],
    levels: Sequence[Level] = (),
    unit: str = "",
    most: float | None = None,
) -> str:
    """Lines over dates, each with its fan, and thresholds across; `unit` follows the values of the axis."""
    days = [day for each in series for day, _ in (*each.points, *each.high)]
    values = [value for each in series for _, value in (*each.points, *each.high) if isfinite(value)]
    wanted = max([*values, *(1.1 * level.value for level in levels)], default=1.0)
    step = _step(min(wanted, most or float("inf")) or 1.0)
    frame = _Frame(min(days), max(days), step * ceil(min(wanted, most or float("inf")) / step) or 1.0)
    # The same frame for the same place, so that a page may say it as often as it has drawings.
    cut = f"cut{crc32(f'{title}{summary}'.encode()):08x}"
    drawn = [_fan(frame, each) for each in series if each.low]
    drawn += [_line(frame, each) for each in series]
    parts = [_axis(frame, step, unit), _months(frame)]
    parts += [_level(frame, level) for level in levels if level.value <= frame.most]
    parts.append(
        f'<clipPath id="{cut}"><rect x="{frame.left:.0f}" y="{_TOP - 2:.0f}" '
        f'width="{frame.edge - frame.left + 4:.0f}" height="{HIGH - _TOP - _BOTTOM + 4:.0f}"/></clipPath>'
        f'<g clip-path="url(#{cut})">{"".join(drawn)}</g>'
    )
    parts += _labels(frame, series, levels)
    return _svg(title, summary, HIGH, parts)


def _step(most: float) -> float:
    """A round distance between values of the axis, for four or five of them."""
    power = 10.0 ** floor(log10(most / 4))
    return next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= most / 4)


def _axis(frame: _Frame, step: float, unit: str) -> str:
    parts = []
    for index in range(round(frame.most / step) + 1):
        y = frame.y(index * step)
        parts.append(_across("grid", frame, y))
        text = escape(f"{short(index * step, 4)}{unit}")
        parts.append(
            f'<text class="tick" x="{frame.left - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{text}</text>'
        )
    return "".join(parts)


def _across(style: str, frame: _Frame, y: float) -> str:
    return f'<line class="{style}" x1="{frame.left:.0f}" x2="{frame.edge:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'


def _months(frame: _Frame) -> str:
    months = max(1, round((frame.end - frame.start).days / 30.44))
    room = max(2, int((frame.edge - frame.left) / 62))
    every = next(step for step in (1, 2, 3, 6, 12, 24) if months / step <= room or step == 24)
    parts = []
    year, month = frame.start.year, frame.start.month
    while (day := datetime.date(year, month, 1)) <= frame.end:
        if day >= frame.start and (month - 1) % every == 0:
            place = f'x="{frame.x(day):.1f}" y="{frame.high - 8:.0f}" text-anchor="middle"'
            parts.append(f'<text class="tick" {place}>{day:%Y-%m}</text>')
        year, month = year + month // 12, month % 12 + 1
    return "".join(parts)


def _level(frame: _Frame, level: Level) -> str:
    return _across(f"level {level.style}", frame, frame.y(level.value))


def _path(frame: _Frame, points: Sequence[Point]) -> str:
    return " ".join(f"{frame.x(day):.1f},{frame.y(value):.1f}" for day, value in points)


def _fan(frame: _Frame, series: Series) -> str:
    around = [*series.high, *reversed(series.low)]
    return f'<polygon class="fan" points="{_path(frame, around)}"/>'


def _line(frame: _Frame, series: Series) -> str:
    drawn = f'<polyline class="{series.style}" points="{_path(frame, series.points)}"/>'
    if series.style == "observed":
        drawn += "".join(
            f'<circle class="dot" cx="{frame.x(day):.1f}" cy="{frame.y(value):.1f}" r="3"/>'
            for day, value in series.points
        )
    return drawn


def _labels(frame: _Frame, series: Sequence[Series], levels: Sequence[Level]) -> list[str]:
    """The names of lines and levels at the right edge, moved apart where two would meet."""
    wanted = [
        (max(frame.y(each.points[-1][1]), _TOP), f"name {each.style}", each.label)
        for each in series
        if each.label and each.points
    ]
    wanted += [(frame.y(each.value), each.style, each.label) for each in levels if each.value <= frame.most]
    placed, last = [], -_LINE
    for y, style, text in sorted(wanted):
        last = max(y, last + _LINE)
        place = f'x="{frame.edge + 6:.0f}" y="{last + 4:.1f}"'
        placed.append(f'<text class="{style}" {place}>{escape(text)}</text>')
    return placed


def timeline(title: str, summary: str, bars: Sequence[Bar], start: datetime.date, end: datetime.date) -> str:
    """A row for each bar: from its early to its late day, with a mark at the likely one."""
    row = 22.0
    frame = _Frame(start, end, 1.0, _TOP + row * len(bars) + _BOTTOM, left=168.0, right=26.0)
    parts = [_months(frame)]
    for index, bar in enumerate(bars):
        y = _TOP + row * index + row / 2
        x1, x2 = frame.x(bar.start), frame.x(bar.end or end)
        place = f'x="{frame.left - 8:.0f}" y="{y + 4:.1f}" text-anchor="end"'
        parts.append(f'<text class="row" {place}>{escape(bar.label)}</text>')
        parts.append(_across("grid", frame, y))
        size = f'x="{x1:.1f}" y="{y - 6:.1f}" width="{max(4.0, x2 - x1):.1f}" height="12" rx="3"'
        parts.append(f'<rect class="bar {bar.style}" {size}/>')
        if bar.middle is not None:
            at = f'cx="{frame.x(bar.middle):.1f}" cy="{y:.1f}" r="5"'
            parts.append(f'<circle class="mark {bar.style}" {at}/>')
    return _svg(title, summary, frame.high, parts)


def _svg(title: str, summary: str, high: float, parts: Sequence[str]) -> str:
    told = escape(f"{title}. {summary}", quote=True)
    return (
        f'<svg viewBox="0 0 {WIDE:.0f} {high:.0f}" role="img" aria-label="{told}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
