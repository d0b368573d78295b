"""Facts of a report from metrics: value, change, target and sign, as the source document writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from palier.capacity.assessment import RANK
from palier.capacity.metrics import METRICS
from palier.capacity.numbers import money, percent, quantity, short
from palier.capacity.telling import label
from palier.reports.document import Fact
from palier.reports.words import month, word

if TYPE_CHECKING:
    from palier.capacity.assessment import Standing
    from palier.reports.gathered import Gathered

_AVERAGED = ("code_review_time",)  # « 8h moyenne »


def sign_words(level: str, language: str) -> str:
    """What a sign says, for who cannot see it."""
    return word(level if level in RANK else "ok", language)


def value_of(each: Standing, gathered: Gathered) -> str:
    """A metric's value as the reports write it."""
    text = quantity(each.value, each.unit, currency=gathered.currency, language=gathered.language)
    return f"{text} {word('average', gathered.language)}" if each.metric in _AVERAGED else text


def metric_fact(gathered: Gathered, name: str, remark: str = "") -> Fact:
    """One metric with its sign; a metric that was not observed says so, and has none."""
    language = gathered.language
    each = gathered.assessment.of(name)
    if each is None:
        return Fact(label(name, language), word("not_observed", language), remark, data={"metric": name})
    if each.stale:
        old = word("too_old", language).format(date=each.date)
        return Fact(label(name, language), value_of(each, gathered), old, data=each.as_data())
    return Fact(
        label(name, language),
        value_of(each, gathered),
        remark,
        each.sign,
        sign_words(each.level, language),
        each.as_data(),
    )


def change_of(gathered: Gathered, name: str, *, since: bool = False) -> str:
    """The change against the value before, in percent, or in points of what is in percent; else empty."""
    each = gathered.assessment.of(name)
    if each is None or each.before is None or each.change_percent is None:
        return ""
    language = gathered.language
    if METRICS[name].is_percent:
        text = f"{short(each.value - each.before, 2, language)} {word('points', language)}"
        text = text if text.startswith("-") else f"+{text}"
    else:
        text = percent(each.change_percent, language, signed=True)
    before = gathered.history.before(name, each.date)
    if since and before is not None:
        named = month(before.date, language, year=False)
        text += f" {word('vs', language)} {named if language == 'en' else named.lower()}"
    return text


def target_of(gathered: Gathered, name: str) -> str:
    """A metric's target in words, `target: <70%`; empty where it has none."""
    target = gathered.loaded.platform.limits.target(name)
    if target is None:
        return ""
    unit = METRICS[name].unit if name in METRICS else "percent"
    sign = "<" if target.direction == "below" else ">"
    shown = quantity(target.value, unit, currency=gathered.currency, language=gathered.language)
    if unit == "percent" and target.value % 1:
        shown = f"{short(target.value, 4, gathered.language)}%"
    return f"{word('target', gathered.language)}: {sign}{shown}"


def trend_fact(gathered: Gathered, name: str) -> Fact:
    """A metric with its change and its target."""
    parts = (change_of(gathered, name) if name in METRICS else "", target_of(gathered, name))
    return metric_fact(gathered, name, ", ".join(part for part in parts if part))


def unit_cost_facts(gathered: Gathered) -> list[Fact]:
    """Cost per user, share of revenue, cost per transaction, each with its change since the month before."""
    language, currency = gathered.language, gathered.currency
    now = gathered.unit_costs_at(gathered.as_of)
    last = gathered.history.latest("infrastructure_cost")
    earlier = None if last is None else gathered.history.before("infrastructure_cost", last.date)
    before = None if earlier is None else gathered.unit_costs_at(earlier.date)
    found = []
    for key, attribute in (("per_user", "per_user"), ("per_transaction", "per_transaction")):
        cost: float | None = getattr(now, attribute)
        if cost is None:
            found.append(Fact(word(key, language), word("not_observed", language)))
            continue
        was: float | None = None if before is None else getattr(before, attribute)
        change = "" if not was else percent(100 * (cost / was - 1), language, signed=True)
        falls = was is None or round(cost / was, 3) <= 1.0
        found.append(
            Fact(
                word(key, language),
                money(cost, currency, 3, language),
                change,
                "✅" if falls else "⚠️",
                sign_words("ok" if falls else "attention", language),
                {attribute: cost, "before": was},
            )
        )
    share = metric_fact(gathered, "cost_share", target_of(gathered, "cost_share"))
    return [found[0], share, found[1]]
