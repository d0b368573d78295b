"""What to do, in the order of how pressing it is, as the source document's dashboard ends.

An action comes from the row of a metric that is not fine. Two kinds need more than their row: hiring says how
many, from the work that the next months bring; and what scaling does by itself is nobody's to do.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, Literal

from palier.capacity.assessment import DAYS_PER_MONTH
from palier.capacity.limits import GROWTH

if TYPE_CHECKING:
    from palier.capacity.assessment import Assessment, Standing
    from palier.capacity.coefficients import Coefficient
    from palier.capacity.demand import Scenario
    from palier.capacity.structure import Structure

Priority = Literal["critical", "important", "desirable"]
PRIORITIES: tuple[Priority, ...] = ("critical", "important", "desirable")
_HIRING = "Team scaling"
_SCALED = ("cpu_utilization", "memory_usage", "bandwidth_utilization")


@dataclass(frozen=True)
class Action:
    """One thing to do, by the end of a quarter; `developers` is set where it is to hire."""

    action: str
    priority: Priority
    quarter: str
    metric: str
    reason: str
    developers: int | None = None

    def as_data(self) -> dict[str, Any]:
        """For `--output json`."""
        return dict(self.__dict__)


def actions_of(
    assessment: Assessment,
    structure: Structure,
    scenario: Scenario | None,
    coefficients: Mapping[str, Coefficient],
    developers: float | None,
) -> list[Action]:
    """The actions, most pressing first, each once; `scenario` is the one whose pace hiring follows."""
    found: dict[str, Action] = {}
    quarter = quarter_of(assessment.as_of)
    for each in assessment.at_least("attention"):
        if each.action is None or each.action in found or _scales_itself(each, structure):
            continue
        hired = None
        if each.action == _HIRING and developers and scenario is not None:
            hired = to_hire(developers, scenario, coefficients, assessment.as_of)
        found[each.action] = Action(each.action, _priority(each), quarter, each.metric, each.reason, hired)
    return sorted(found.values(), key=lambda action: PRIORITIES.index(action.priority))


def _priority(each: Standing) -> Priority:
    if each.level == "critical":
        return "critical"
    return "desirable" if each.action == GROWTH.action else "important"


def _scales_itself(each: Standing, structure: Structure) -> bool:
    """Whether more instances come by themselves: then there is nothing to do before the roadmap says so."""
    return each.metric in _SCALED and each.level != "critical" and structure.scales


def to_hire(
    developers: float, scenario: Scenario, coefficients: Mapping[str, Coefficient], as_of: datetime.date
) -> int:
    """Developers that the work of the months until the quarter's end asks for, at least one."""
    from math import exp

    months = (quarter_end(as_of) - as_of).days / DAYS_PER_MONTH
    growth = scenario.log_growth_per_month * max(1.0, months)
    return max(1, ceil(developers * (exp(growth * coefficients["workload_elasticity"].mid) - 1.0)))


def quarter_of(day: datetime.date) -> str:
    """`Q2` of a day in June."""
    return f"Q{(day.month + 2) // 3}"


def quarter_end(day: datetime.date) -> datetime.date:
    """The last day of a day's quarter."""
    month = 3 * ((day.month + 2) // 3)
    after = datetime.date(day.year + month // 12, month % 12 + 1, 1)
    return after - datetime.timedelta(days=1)
