"""From load to utilisation: what each technical metric becomes, on every path and month.

Every figure starts from its observation and moves by a ratio: what the model makes of the load then, over
what it makes of the load now. So month 0 is what was observed; a coefficient matters only for the change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from palier.capacity.structure import Structure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from palier.capacity.demand import Draws

    Array = NDArray[np.float64]


@dataclass(frozen=True)
class Load:
    """Load against today's, shape (months + 1, paths), and what was observed of each metric."""

    ratio: Array
    observed: Mapping[str, float]
    draws: Draws
    now: Structure
    then: Structure
    storage_growth: Array  # share of today's data a month, by path


Modelled = dict[str, "Array"]


def technical(load: Load, only: str | None = None) -> Modelled:
    """Each technical metric that was observed and has a model; months and paths as in `load.ratio`.

    With `only`, no more than that metric takes, for who asks for one of many structures.
    """
    wanted = _MODELS.keys() if only is None else _needed(only)
    tier = _Tier(load)
    found = {
        name: load.observed[name] * _MODELS[name](load, tier)
        for name in _MODELS
        if name in wanted and name in load.observed
    }
    if only is None or only in _CONSEQUENCES:
        _add_times(load, found)
    _add_peaks(load, found)
    return found


def _needed(metric: str) -> tuple[str, ...]:
    if metric in _CONSEQUENCES:
        return BOTTLENECKS
    return (PEAKS.get(metric, metric),)


class _Tier:
    """The application, worked out when the first metric asks for it."""

    def __init__(self, load: Load) -> None:
        self._load = load

    @cached_property
    def now(self) -> _Application:
        return _application(self._load)


@dataclass(frozen=True)
class _Application:
    """The tier that scales: its load in one region, its instances, its CPU, each against today's."""

    load: Array
    instances: Array
    cpu: Array


def _offloaded(load: Load, structure: Structure) -> Array:
    """Share of requests that a CDN does not answer, by path."""
    return 1.0 - (
        load.draws.share("cache_hit_ratio") if structure.cdn else 0.0 * load.draws["cache_hit_ratio"]
    )


def _application(load: Load) -> _Application:
    import numpy as np

    from palier.capacity.scalability import capacity, instances_for

    now, then, draws = load.now, load.then, load.draws
    # Between two structures nothing needs to be carried that the other did not: a ratio of two shares.
    here = load.ratio * (_offloaded(load, then) / _offloaded(load, now)) * (now.regions / then.regions)
    if now.instances is None:
        return _Application(here, here, here)
    # Each structure has its own least and most; a change of the most alone is what a roadmap asks about.
    least = then.instances or now.instances
    most = max(then.instances_most or least, least)
    sigma, kappa = draws["usl_contention"], draws["usl_coherency"]
    used = load.observed.get("cpu_utilization", then.target_cpu_percent)
    carried = capacity(float(now.instances), sigma, kappa)
    # Scaling starts instances until CPU is at its target, or there are no more.
    wanted = instances_for(here * carried * used / then.target_cpu_percent, sigma, kappa)
    instances = np.clip(wanted, least, most)
    cpu = here * carried / capacity(instances, sigma, kappa)
    # Row 0 is today, before scaling has done anything.
    cpu[0], instances[0] = here[0], float(now.instances)
    return _Application(here, instances / now.instances, cpu)


def _memory(load: Load, tier: _Tier) -> Array:
    fixed = load.draws.share("memory_fixed_share")
    return fixed + (1.0 - fixed) * tier.now.load / tier.now.instances


def _per_server(load: Load, structure: Structure) -> Array:
    """Share of the database's work that its writer does, of one server with one vCPU, by path."""
    import numpy as np

    draws = load.draws
    writes, everywhere = draws.share("write_share"), draws.share("cross_shard_share")
    cached = draws.share("cdn_database_share") * draws.share("cache_hit_ratio") if structure.cdn else 0.0
    reads = np.maximum(1.0 - writes - cached, 0.0)
    # The writer takes its part of the reads too; a replica replays less than the writer writes, so the writer
    # is never the lesser.
    work = writes + reads / (1.0 + structure.replicas) / structure.regions
    return np.asarray(work * (everywhere + (1.0 - everywhere) / structure.shards) / structure.database_vcpus)


def _database(load: Load, _tier: _Tier) -> Array:
    return load.ratio * (_per_server(load, load.then) / _per_server(load, load.now))


def _pool(load: Load, structure: Structure) -> Array:
    draws = load.draws
    writes, everywhere = draws.share("write_share"), draws.share("cross_shard_share")
    proxied = 1.0 / draws["proxy_multiplexing"] if structure.database_proxy else 1.0
    readers = writes + (1.0 - writes) / (1.0 + structure.replicas)
    # A server's limit grows with its memory, as RDS's max_connections does (DBInstanceClassMemory / 9531392).
    return proxied * readers * (everywhere + (1.0 - everywhere) / structure.shards) / structure.database_vcpus


def _connections(load: Load, tier: _Tier) -> Array:
    pooled = load.draws.share("connections_per_instance_share")
    return (1.0 - pooled + pooled * tier.now.instances) * (_pool(load, load.then) / _pool(load, load.now))


def _storage(load: Load, _tier: _Tier) -> Array:
    import numpy as np

    # What is written follows the load of each month: the sum over the months so far, by trapezes.
    steps = (load.ratio[1:] + load.ratio[:-1]) / 2.0
    written = np.vstack([np.zeros_like(load.ratio[:1]), np.cumsum(steps, axis=0)])
    room = load.then.storage_factor / load.now.storage_factor * load.then.shards / load.now.shards
    return (1.0 + load.storage_growth * written) / room


def _bandwidth(_load: Load, tier: _Tier) -> Array:
    # Each instance brings its own network.
    return tier.now.load / tier.now.instances


_MODELS: dict[str, Callable[[Load, _Tier], Array]] = {
    "cpu_utilization": lambda _load, tier: tier.now.cpu,
    "memory_usage": _memory,
    "database_utilization": _database,
    "database_connections": _connections,
    "storage_usage": _storage,
    "bandwidth_utilization": _bandwidth,
    "throughput": lambda load, _tier: load.ratio,
    "application_instances": lambda _load, tier: tier.now.instances,
}
_CONSEQUENCES = ("response_time_p95", "error_rate")  # of what the bottlenecks do
BOTTLENECKS = ("cpu_utilization", "database_utilization")
PEAKS = {
    "cpu_utilization_peak": "cpu_utilization",
    "memory_usage_peak": "memory_usage",
    "database_utilization_peak": "database_utilization",
    "database_connections_peak": "database_connections",
    "bandwidth_utilization_peak": "bandwidth_utilization",
}
MODELLED = (*_MODELS, *PEAKS, *_CONSEQUENCES)


def utilisation(found: Modelled) -> Array | None:
    """The utilisation, as a share, of what is nearest to its end; None where neither tier was observed."""
    import numpy as np

    stations = [found[name] / 100.0 for name in BOTTLENECKS if name in found]
    if not stations:
        return None
    return stations[0] if len(stations) == 1 else np.maximum(*stations)


def _add_times(load: Load, found: Modelled) -> None:
    import numpy as np

    from palier.capacity.queueing import response_times

    used = utilisation(found)
    if used is None:
        return
    if "response_time_p95" in load.observed:
        now = response_times(used[:1, :1], load.now.database_vcpus)[0, 0]
        slower = response_times(used, load.then.database_vcpus) / now
        slower[0] = 1.0  # today is what was observed
        found["response_time_p95"] = load.observed["response_time_p95"] * slower
    if "error_rate" in load.observed:
        refused = 100.0 * np.maximum(0.0, 1.0 - 1.0 / np.maximum(used, 1e-9))
        found["error_rate"] = np.minimum(100.0, load.observed["error_rate"] + refused)


def _add_peaks(load: Load, found: Modelled) -> None:
    for peak, average in PEAKS.items():
        if peak in load.observed and average in found and load.observed[average] > 0:
            found[peak] = found[average] * (load.observed[peak] / load.observed[average])
