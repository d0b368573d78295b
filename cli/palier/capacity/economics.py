"""Money: cost per user and per transaction, infrastructure's share of revenue, what an investment returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.assessment import DAYS_PER_MONTH
from palier.capacity.limits import COST_SHARE, Limits
from palier.capacity.thresholds import Level

if TYPE_CHECKING:
    from palier.capacity.planning_settings import Investment

Verdict = Literal["now", "within_3_months", "backlog", "do_not"]
# « Framework de décision dette technique » of the source document: ROI in percent a year.
_VERDICTS: tuple[tuple[float, Verdict], ...] = ((300.0, "now"), (150.0, "within_3_months"), (50.0, "backlog"))


@dataclass(frozen=True)
class UnitCosts:
    """Costs of one month, in the platform's currency; None where a part was not observed."""

    label: str
    infrastructure_cost: float | None
    per_user: float | None
    per_transaction: float | None
    share_percent: float | None
    level: Level | None

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return dict(self.__dict__)


def unit_costs(label: str, values: Mapping[str, float], limits: Limits) -> UnitCosts:
    """Unit costs from the values of one month: the bill, users, transactions a day, revenue."""
    cost = values.get("infrastructure_cost")
    users = values.get("mau") or values.get("users")
    transactions, revenue = values.get("daily_transactions"), values.get("revenue")
    share = _over(cost, revenue, 100.0)
    row = limits.get(COST_SHARE.metric)
    return UnitCosts(
        label,
        cost,
        _over(cost, users),
        _over(cost, None if transactions is None else transactions * DAYS_PER_MONTH),
        share,
        None if share is None or row is None else row.level(share),
    )


def _over(cost: float | None, by: float | None, times: float = 1.0) -> float | None:
    return None if cost is None or not by else times * cost / by


@dataclass(frozen=True)
class Return:
    """What an investment returns in a year against what it costs, and what the source says to do about it."""

    what: str
    cost: float
    annual_savings: float
    roi_percent: float
    verdict: Verdict
    scenario: str | None = None

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return dict(self.__dict__)


def roi_percent(annual_savings: float, cost: float) -> float:
    """Savings of a year over the cost, in percent. Raises ValueError for a cost that is not above zero."""
    if cost <= 0:
        raise ValueError(f"a cost of {cost:g} returns nothing that can be told")
    return 100.0 * annual_savings / cost


def verdict(roi: float) -> Verdict:
    """What to do at a return in percent a year: more than 300 now, more than 150 soon, less than 50 not."""
    for least, word in _VERDICTS:
        if roi > least or (word == "backlog" and roi >= least):
            return word
    return "do_not"


def returns(
    investments: Sequence[Investment], annual_cost_per_developer: float, demand: Mapping[str, float]
) -> list[Return]:
    """Each investment that says what it saves, today and where demand multiplies that by scenario.

    `demand` is the mean of a scenario's demand over its first year, against today's.
    """
    found = []
    for each in investments:
        cost = cost_of(each, annual_cost_per_developer)
        if each.annual_savings is None or cost <= 0:
            continue
        for scenario, times in [(None, 1.0), *demand.items()]:
            saved = each.annual_savings * times
            roi = roi_percent(saved, cost)
            found.append(Return(each.note or each.what, cost, saved, roi, verdict(roi), scenario))
    return found


def cost_of(investment: Investment, annual_cost_per_developer: float) -> float:
    """What an investment costs: its amount, and a year of the developers in it."""
    return (investment.amount or 0.0) + (investment.developers or 0) * annual_cost_per_developer
