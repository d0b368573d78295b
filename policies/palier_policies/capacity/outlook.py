"""What a change does to the forecast, for a summary: the headroom with what stands and as planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from palier.errors import PalierError

from palier_policies.capacity.change import Change, crossing

if TYPE_CHECKING:
    from palier.capacity.structure import Structure

    from palier_policies.stack import Stack


def outlook(stack: Stack, settings_of: Callable[[str], Any]) -> Mapping[str, Any] | None:
    """Scenario, day of the last observation, horizon, and the metrics before and after.

    None where palier.yaml tells nothing of this environment; that a policy has said already.
    """
    try:
        change = Change.of(stack, settings_of("forecast-headroom"))
        if change.elsewhere is not None:
            return None
        return {
            "scenario": change.scenario.name,
            "as_of": change.inputs.as_of.isoformat(),
            "horizon": change.day(change.horizon_months).isoformat(),
            "before": list(_headroom(change, change.before)),
            "after": list(_headroom(change, change.after)),
        }
    except PalierError:
        return None


def _headroom(change: Change, structure: Structure) -> Iterator[dict[str, Any]]:
    import numpy as np

    today = change.forecaster.technical(np.ones((2, change.forecaster.paths)), structure)
    for name, values in change.metrics(change.scenario, structure).items():
        row = change.inputs.limits.get(name)
        if row is None:
            continue
        value = float(np.median(today[name][1]))
        days = {
            level: None if (months := crossing(row, values, level, 0.5)) is None else change.day(months)
            for level in ("attention", "critical")
        }
        left = row.attention - value if row.direction == "above" else value - row.attention
        yield {
            "metric": name,
            "unit": row.unit,
            "value": value,
            "limit": row.attention,
            "left": left,
            **{level: None if day is None else day.isoformat() for level, day in days.items()},
        }
