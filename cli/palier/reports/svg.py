"""Drawings as SVG: lines with their fan, a timeline, small lines. Colours are the page's, by class.

No script and no picture from elsewhere: what is drawn is text in the page. Values above a drawing's top are cut
there, and the table beside it has them in full.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from math import isfinite

WIDE, HIGH = 640.0, 260.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 96.0, 12.0, 26.0
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
    bottom: float = field(default=_BOTTOM)

    def x(self, day: datetime.date) -> float:
        days = max(1, (self.end - self.start).days)
        share = min(max((day - self.start).days / days, 0.0), 1.0)
        return self.left + share * (WIDE - self.left - self.right)

    def y(self, value: float) -> float:
        share = min(max(value / self.most, 0.0), 1.0) if self.most > 0 else 0.0
        return self.high - self.bottom - share * (self.high - self.bottom - _TOP)


def lines(
    title: str,
    summary: str,
    series: Sequence[Series],
    levels: Sequence[Level] = (),
    tell: Callable[[float], str] = lambda value: f"{value:g}",
    most: float | None = None,
) -> str:
    """Lines over dates, each with its fan, and thresholds across. `tell` writes a value of the axis."""
    days = [day for each in series for day, _ in (*each.points, *each.high)]
    values = [value for each in series for _, value in (*each.points, *each.high) if isfinite(value)]
    values += [level.value for level in levels]
    top = min(1.08 * max(values, default=1.0), most or float("inf")) or 1.0
    frame = _Frame(min(days), max(days), top)
    parts = [_axis(frame, tell), _months(frame)]
    parts += [_level(frame, level) for level in levels if level.value <= top]
    parts += [_fan(frame, each) for each in series if each.low]
    parts += [_line(frame, each) for each in series]
    parts += _labels(frame, series)
    return _svg(title, summary, HIGH, parts)


def _axis(frame: _Frame, tell: Callable[[float], str]) -> str:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = frame.y(share * frame.most)
        parts.append(
            f'<line class="grid" x1="{frame.left:.0f}" x2="{WIDE - frame.right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(
            f'<text class="tick" x="{frame.left - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">'
            f"{escape(tell(share * frame.most))}</text>"
        )
    return "".join(parts)


def _months(frame: _Frame) -> str:
    days = (frame.end - frame.start).days
    months = max(1, round(days / 30.44))
    every = next(step for step in (1, 2, 3, 6, 12, 24) if months / step <= 8 or step == 24)
    parts = []
    year, month = frame.start.year, frame.start.month
    while (day := datetime.date(year, month, 1)) <= frame.end:
        if day >= frame.start and (month - 1) % every == 0:
            x = frame.x(day)
            parts.append(
                f'<text class="tick" x="{x:.1f}" y="{frame.high - 8:.0f}" text-anchor="middle">{day:%Y-%m}</text>'
            )
        year, month = year + month // 12, month % 12 + 1
    return "".join(parts)


def _level(frame: _Frame, level: Level) -> str:
    y = frame.y(level.value)
    return (
        f'<line class="level {level.style}" x1="{frame.left:.0f}" x2="{WIDE - frame.right:.0f}" '
        f'y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick {level.style}" x="{WIDE - frame.right + 6:.0f}" y="{y + 4:.1f}">'
        f"{escape(level.label)}</text>"
    )


def _path(frame: _Frame, points: Sequence[Point]) -> str:
    return " ".join(f"{frame.x(day):.1f},{frame.y(value):.1f}" for day, value in points)


def _fan(frame: _Frame, series: Series) -> str:
    around = [*series.high, *reversed(series.low)]
    return f'<polygon class="fan {series.style}" points="{_path(frame, around)}"/>'


def _line(frame: _Frame, series: Series) -> str:
    drawn = f'<polyline class="{series.style}" points="{_path(frame, series.points)}"/>'
    if series.style == "observed":
        drawn += "".join(
            f'<circle class="dot" cx="{frame.x(day):.1f}" cy="{frame.y(value):.1f}" r="3"/>'
            for day, value in series.points
        )
    return drawn


def _labels(frame: _Frame, series: Sequence[Series]) -> list[str]:
    """Each line's name at its end, moved apart where two would meet."""
    wanted = sorted((frame.y(each.points[-1][1]), each) for each in series if each.label and each.points)
    placed, last = [], -20.0
    for y, each in wanted:
        y = max(y, last + 14.0)
        last = y
        x = frame.x(each.points[-1][0]) + 6
        placed.append(
            f'<text class="name {each.style}" x="{x:.1f}" y="{y + 4:.1f}">{escape(each.label)}</text>'
        )
    return placed


def timeline(title: str, summary: str, bars: Sequence[Bar], start: datetime.date, end: datetime.date) -> str:
    """A row for each bar: from its early to its late day, with a mark at the likely one."""
    row = 22.0
    high = _TOP + row * len(bars) + _BOTTOM
    frame = _Frame(start, end, 1.0, high, left=190.0, right=16.0)
    parts = [_months(frame)]
    for index, bar in enumerate(bars):
        y = _TOP + row * index + row / 2
        x1, x2 = frame.x(bar.start), frame.x(bar.end or end)
        parts.append(
            f'<text class="row" x="{frame.left - 8:.0f}" y="{y + 4:.1f}" text-anchor="end">{escape(bar.label)}</text>'
        )
        parts.append(
            f'<line class="grid" x1="{frame.left:.0f}" x2="{WIDE - frame.right:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(
            f'<rect class="bar {bar.style}" x="{x1:.1f}" y="{y - 6:.1f}" width="{max(4.0, x2 - x1):.1f}" '
            f'height="12" rx="3"/>'
        )
        if bar.middle is not None:
            parts.append(
                f'<circle class="mark {bar.style}" cx="{frame.x(bar.middle):.1f}" cy="{y:.1f}" r="5"/>'
            )
    return _svg(title, summary, high, parts)


def _svg(title: str, summary: str, high: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDE:.0f} {high:.0f}" role="img" aria-label="{escape(f"{title}. {summary}", quote=True)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
