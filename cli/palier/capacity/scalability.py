"""The Universal Scalability Law: what n instances carry, with what they wait for and agree on.

C(n) = n / (1 + sigma (n - 1) + kappa n (n - 1)), N. Gunther, Guerrilla Capacity Planning (2007), chapter 4.
With both at zero it is linear. Fitted from observed pairs of instances and what they carry, fully used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from palier.capacity.observations import History

FEWEST_SIZES = 3  # a curve with two unknowns and a scale


def capacity(instances: Any, contention: Any, coherency: Any) -> Any:
    """Capacity of so many instances in units of one; beyond its peak it stays at the peak.

    Who scales stops where one more instance carries less. Arrays or numbers.
    """
    import numpy as np

    sigma, kappa = np.asarray(contention), np.asarray(coherency)
    with np.errstate(divide="ignore", over="ignore"):
        peak = np.sqrt(np.maximum(1.0 - sigma, 0.0) / kappa)
    useful = np.minimum(instances, np.maximum(peak, 1.0))
    return useful / (1.0 + sigma * (useful - 1.0) + kappa * useful * (useful - 1.0))


def instances_for(wanted: Any, contention: Any, coherency: Any) -> Any:
    """Instances that carry `wanted` times what one does: capacity() turned round; infinite where none do.

    The smaller root of c kappa n^2 - (1 - c sigma + c kappa) n + c (1 - sigma) = 0, in the form that loses no
    digits where kappa is zero.
    """
    import numpy as np

    sigma, kappa = np.asarray(contention), np.asarray(coherency)
    rest = 1.0 - wanted * (sigma - kappa)
    inside = rest * rest - 4.0 * wanted * wanted * kappa * (1.0 - sigma)
    reachable = (rest > 0) & (inside >= 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = 2.0 * wanted * (1.0 - sigma) / (rest + np.sqrt(np.maximum(inside, 0.0)))
    return np.where(reachable, found, np.inf)


@dataclass(frozen=True)
class Fit:
    """What was fitted: requests per second of one instance fully used, and the two coefficients."""

    requests_per_second_per_instance: float
    contention: float
    coherency: float
    sizes: int


def fit(instances: Sequence[float], requests_per_second: Sequence[float]) -> Fit | None:
    """The law through pairs of instances and what they carry fully used; None for fewer than three sizes.

    Least squares on n / C(n), which is linear in the unknowns; a coefficient that comes out negative is zero,
    and the rest is fitted again.
    """
    import numpy as np

    sizes = len(set(instances))
    if sizes < FEWEST_SIZES or min(requests_per_second) <= 0:
        return None
    n, carried = np.asarray(instances, float), np.asarray(requests_per_second, float)
    columns = {"scale": np.ones_like(n), "sigma": n - 1.0, "kappa": n * (n - 1.0)}
    names = list(columns)
    while True:
        solved, *_ = np.linalg.lstsq(
            np.column_stack([columns[name] for name in names]), n / carried, rcond=None
        )
        found = dict(zip(names, solved.tolist(), strict=True))
        negative = [name for name in names if name != "scale" and found[name] < 0]
        if not negative:
            break
        names.remove(min(negative, key=found.__getitem__))
    scale = found["scale"]
    if scale <= 0:
        return None
    return Fit(1.0 / scale, found.get("sigma", 0.0) / scale, found.get("kappa", 0.0) / scale, sizes)


def fit_history(history: History) -> Fit | None:
    """The law through the days on which instances, throughput and CPU were all observed."""
    pairs = []
    for observed in history.of("application_instances"):
        carried = history.at("throughput", observed.date)
        used = history.at("cpu_utilization", observed.date)
        if carried and used and carried.date == used.date == observed.date and used.value > 0:
            pairs.append((observed.value, carried.value * 100.0 / used.value))
    if not pairs:
        return None
    return fit([pair[0] for pair in pairs], [pair[1] for pair in pairs])
