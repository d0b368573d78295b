"""A roadmap in lines for a terminal: the table of steps, why not less, and a timeline."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from palier.capacity.moves import move
from palier.capacity.numbers import money, short
from palier.capacity.telling import label, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from palier.capacity.roadmap import Roadmap, Step
    from palier.capacity.step_costs import StepCost

_WIDE = 48  # columns of the timeline


def roadmap_lines(
    found: Roadmap, costs: Sequence[StepCost] = (), currency: str = "USD", rate: float | None = None
) -> list[str]:
    """The steps, each with what binds, when it must be live, when to start, and why less does not do.

    `costs` has one for each step; they are told in dollars, or in `currency` at `rate` for a dollar.
    """
    head = f"{found.scenario}: from {found.as_of} to {found.horizon}"
    if not found.steps and not found.unresolved:
        return [f"{head}: what stands suffices"]
    lines = [head]
    if found.steps:
        head_row = ["", "phase", "change", "live by", "start by", "because", "holds until", "left at the end"]
        rows = [_row(index, step) for index, step in enumerate(found.steps, start=1)]
        if any(each.monthly_usd is not None for each in costs):
            head_row.append("a month")
            rows = [[*row, cost_text(each, currency, rate)] for row, each in zip(rows, costs, strict=True)]
        lines += table([head_row, *rows], "  ")
        lines += _reasons(found)
        lines += [f"  {reason}" for reason in _unpriced(costs)]
        lines += ["", *timeline(found)]
    return lines + [
        f"  nothing here relieves {each.metric}: {each.level} ({each.limit:g} {each.unit}) from {each.date}"
        for each in found.unresolved
    ]


def cost_text(cost: StepCost, currency: str, rate: float | None) -> str:
    """`+120$`; `up to` where it depends on use, `~` where the price is another region's by ratio."""
    if cost.monthly_usd is None:
        return "–"
    usd = float(cost.monthly_usd)
    amount = money(usd, "USD") if rate is None else money(usd * rate, currency)
    sign = "+" if usd > 0 else ""
    return f"{'up to ' if cost.at_most else ''}{'~' if cost.estimated else ''}{sign}{amount}"


def _unpriced(costs: Sequence[StepCost]) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for number, cost in enumerate(costs, start=1):
        if cost.why:
            why = f"without a cost: {cost.why}" if cost.monthly_usd is None else cost.why
            reasons.setdefault(why, []).append(f"{number}.")
    return [f"{' '.join(numbers)} {why}" for why, numbers in reasons.items()]


def _row(index: int, step: Step) -> list[str]:
    because = step.because
    late = f" ({step.late_days} days ago)" if step.late_days else ""
    holds = str(step.holds_until.date) if step.holds_until else "the end"
    left = "" if step.left is None else short(step.left, 2)
    when = "now" if because.months == 0 else str(step.live_by)
    return [
        f"{index}.",
        step.phase,
        f"{move(step.move).english}: {change_text(step)}",
        when,
        f"{step.start_by}{late}",
        f"{label(because.metric)} {because.level} ({because.limit:g})",
        holds,
        left,
    ]


def change_text(step: Step, language: str = "en") -> str:
    """What becomes of what, as the structure counts: `replicas 2 → 4`."""
    french = language == "fr"
    if step.field in ("cdn", "database_proxy"):
        return "aucun → un" if french else "none → one"
    today = " fois l'actuel" if french else " times today's"
    unit = {"database_vcpus": " vCPUs", "storage_factor": today}.get(step.field, "")
    return f"{step.old:g} → {step.new:g}{unit}"


def _reasons(found: Roadmap) -> list[str]:
    lines = []
    for index, step in enumerate(found.steps, start=1):
        lines += [f"  {index}. and not {each.sentence()}" for each in step.refused]
    return ["", *lines] if lines else []


def timeline(found: Roadmap) -> list[str]:
    """A line for each step over the months: `-` for work, `#` from when it must be live."""
    days = max(1, (found.horizon - found.as_of).days)

    def column(day: datetime.date) -> int:
        return round(min(max((day - found.as_of).days / days, 0.0), 1.0) * (_WIDE - 1))

    lines = []
    for step in found.steps:
        start, live = column(step.start_by), column(step.live_by)
        bar = "".join("#" if at >= live else "-" if at >= start else "." for at in range(_WIDE))
        lines.append(f"  {step.move:<12}  {bar}")
    first, last = str(found.as_of), str(found.horizon)
    ruler = first + " " * (_WIDE - len(first) - len(last)) + last
    return [*lines, f"  {'':<12}  {ruler}", f"  {'':<12}  - work, # live"]
