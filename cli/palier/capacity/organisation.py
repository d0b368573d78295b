"""The team and the money: what growth does to work, waiting, revenue and the bill.

Work waits for people as requests wait for servers: at an occupancy u, work in progress and so its time grow
as 1 / (1 - u) (D. Reinertsen, The Principles of Product Development Flow (2009), chapter 3, after M/M/1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.demand import Draws

    Array = NDArray[np.float64]

# Beyond, people drop work rather than let it wait for ever; times grow in a straight line from here.
MOST_OCCUPANCY = 0.95
TIMES = ("cycle_time", "lead_time", "code_review_time")
FOLLOW_DEMAND = ("mau", "users", "daily_transactions")
MODELLED = ("occupancy", *TIMES, "deployment_frequency", *FOLLOW_DEMAND, "revenue", "infrastructure_cost")


def organisational(log_demand: Array, observed: Mapping[str, float], draws: Draws) -> dict[str, Array]:
    """Each metric of the team that follows its occupancy, with as many people as today.

    Empty where the occupancy was not observed. Shapes as `log_demand`: (months + 1, paths).
    """
    import numpy as np

    if "occupancy" not in observed:
        return {}
    now = observed["occupancy"] / 100.0
    work = np.exp(log_demand * draws["workload_elasticity"])
    used = now * work
    found = {"occupancy": 100.0 * used}
    waiting = _waiting(used) / _waiting(np.asarray(now))
    for name in TIMES:
        if name in observed:
            found[name] = observed[name] * waiting
    if "deployment_frequency" in observed:
        # Beyond full occupancy the same people deliver the same, for more that is asked.
        found["deployment_frequency"] = observed["deployment_frequency"] / np.maximum(1.0, used)
    return found


def _waiting(used: Array) -> Array:
    import numpy as np

    inside = np.minimum(used, MOST_OCCUPANCY)
    return (1.0 + np.maximum(used - MOST_OCCUPANCY, 0.0)) / (1.0 - inside)


def business(log_demand: Array, load: Array, observed: Mapping[str, float], draws: Draws) -> dict[str, Array]:
    """Users, transactions, revenue and the bill; the bill is that of more of the same, without new phases."""
    import numpy as np

    found: dict[str, Array] = {}
    demand = np.exp(log_demand)
    for name in FOLLOW_DEMAND:
        if name in observed:
            found[name] = observed[name] * demand
    if "revenue" in observed:
        found["revenue"] = observed["revenue"] * np.exp(log_demand * draws["revenue_elasticity"])
    if "infrastructure_cost" in observed:
        found["infrastructure_cost"] = observed["infrastructure_cost"] * load ** draws["cost_elasticity"]
    if "revenue" in found and "infrastructure_cost" in found and observed["revenue"] > 0:
        found["cost_share"] = 100.0 * found["infrastructure_cost"] / found["revenue"]
    return found
