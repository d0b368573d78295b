"""How demand may go: a scenario's path, with the doubt about it, as thousands of paths at once.

Every scenario is drawn with the same random numbers, so that one between two others lies between them on each
path, and the same seed gives the same answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.coefficients import Coefficient

    Array = NDArray[np.float64]

FAR = 100.0  # times today's load, beyond which no observation of today bears a figure


@dataclass(frozen=True)
class Scenario:
    """Demand at the end of `months`, in percent more than today. It goes on at the same pace afterwards."""

    name: str
    growth_percent: float
    months: int

    @property
    def log_growth_per_month(self) -> float:
        """Logarithm of a month's growth."""
        return math.log1p(self.growth_percent / 100.0) / self.months

    @property
    def percent_per_month(self) -> float:
        """Growth of one month, in percent."""
        return 100.0 * math.expm1(self.log_growth_per_month)

    def log_path(self, months: int, draws: Draws) -> Array:
        """Logarithm of demand against today's, shape (months + 1, paths); row 0 is zero."""
        import numpy as np

        steps = np.arange(months + 1.0)[:, None]
        spread = np.exp(draws["growth_spread"])[None, :]
        return steps * self.log_growth_per_month * spread + draws.noise[: months + 1]


@dataclass(frozen=True)
class FittedScenario:
    """Demand as history continues it: mean and standard deviation of its logarithm, month by month."""

    name: str
    log_mean: tuple[float, ...]
    log_sd: tuple[float, ...]
    method: str = ""
    notes: tuple[str, ...] = field(default=())

    def log_path(self, months: int, draws: Draws) -> Array:
        """As of a Scenario; each path keeps its luck. ValueError for more months than were fitted."""
        import numpy as np

        if months > len(self.log_mean):
            raise ValueError(f"fitted for {len(self.log_mean)} months, not {months}")
        mean = np.concatenate([[0.0], np.asarray(self.log_mean[:months])])[:, None]
        spread = np.concatenate([[0.0], np.asarray(self.log_sd[:months])])[:, None]
        return mean + spread * draws.luck[None, :]


class Draws:
    """The random numbers of a forecast: one value of each coefficient for each path, and monthly noise."""

    def __init__(self, coefficients: Mapping[str, Coefficient], months: int, paths: int, seed: int) -> None:
        import numpy as np

        self.paths = paths
        # Each has a stream of its own: fixing one, or a new one beside it, leaves the others as they were.
        self._values: dict[str, Array] = {
            name: _triangle(each, np.random.default_rng([seed, crc32(name.encode())]).random(paths))
            for name, each in coefficients.items()
        }
        generator = np.random.default_rng(seed)
        self.luck = generator.standard_normal(paths)
        self._values["growth_spread"] = coefficients["growth_spread"].mid * self.luck
        noise = generator.standard_normal((months + 1, paths)) * coefficients["monthly_noise"].mid
        noise[0] = 0.0
        self.noise = noise

    def __getitem__(self, name: str) -> Array:
        return self._values[name]

    def share(self, name: str) -> Array:
        """A coefficient in percent, as a share."""
        return self._values[name] / 100.0


def _triangle(entry: Coefficient, uniform: Array) -> Array:
    import numpy as np

    width = entry.high - entry.low
    if width == 0:
        return np.full_like(uniform, entry.mid)
    at = (entry.mid - entry.low) / width
    below = entry.low + np.sqrt(uniform * width * (entry.mid - entry.low))
    above = entry.high - np.sqrt((1.0 - uniform) * width * (entry.high - entry.mid))
    return np.where(uniform < at, below, above)
