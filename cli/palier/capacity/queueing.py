"""Queueing: how long a request takes at a utilisation, for a station of several servers (M/M/c).

D. Gross, J. Shortle et al., Fundamentals of Queueing Theory, 4th edition, section 2.3: arrivals at random,
service times exponential, one queue, first come first served. Real service times vary less or more; only
ratios of the results are used, from an observed P95 to a later one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

MOST_UTILISATION = 0.99  # above, a queue has no time to become steady; the model says that it is left
_STEPS = 400


def erlang_c(offered: float, servers: int) -> float:
    """Probability that a request waits; `offered` load in servers, below `servers`.

    By Erlang B's recursion, which does not overflow. Raises ValueError outside 0 <= offered < servers.
    """
    if not 0 <= offered < servers:
        raise ValueError(f"offered load {offered:g} is not below {servers} servers")
    blocking = 1.0
    for count in range(1, servers + 1):
        blocking = offered * blocking / (count + offered * blocking)
    utilisation = offered / servers
    return blocking / (1.0 - utilisation * (1.0 - blocking))


def response_time(utilisation: float, servers: int, quantile: float = 0.95) -> float:
    """Time within which a share `quantile` of requests is answered, in mean service times.

    `utilisation` from 0 to below 1. Solved by bisection, to a relative 1e-9.
    """
    from math import exp, log

    offered = utilisation * servers
    waits = erlang_c(offered, servers)
    left = servers - 1.0 - offered

    def longer(time: float) -> float:
        if abs(left) < 1e-9:
            return exp(-time) * (1.0 + waits * time)
        return exp(-time) * (1.0 + waits * (1.0 - exp(-left * time)) / left)

    low, high = 0.0, -log(1.0 - quantile)
    while longer(high) > 1.0 - quantile:
        low, high = high, 2.0 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if longer(middle) > 1.0 - quantile else (low, middle)
    return high


@lru_cache(maxsize=64)
def _table(servers: int) -> tuple[Any, Any]:
    import numpy as np

    # Denser where it bends: squares bring the points together at the end.
    points = MOST_UTILISATION * (1.0 - (1.0 - np.linspace(0.0, 1.0, _STEPS)) ** 2)
    return points, np.array([response_time(float(point), servers) for point in points])


def response_times(utilisation: Array, servers: int) -> Array:
    """P95 for many utilisations at once, in mean service times, never falling as utilisation grows.

    Beyond MOST_UTILISATION the queue only grows; the value there goes on in a straight line, as a mark that
    more is worse, not as a time.
    """
    import numpy as np

    points, times = _table(servers)
    inside = np.interp(utilisation, points, times)
    return np.asarray(inside * (1.0 + 100.0 * np.maximum(utilisation - MOST_UTILISATION, 0.0)))
