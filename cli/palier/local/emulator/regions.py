"""Regions that fail on demand, and how far replication lags behind: asked for, kept, seen by the mends.

An outage answers every request to a regional service of that region with an error of the kind 5xx (`error`)
or with nothing at all (`silence`), until it is cleared. Services without regions go on. What replicates into
or out of a region that fails waits; a lag makes what replicates into a region wait so many seconds.

Both are part of what stands: they are in the journal, so a restart comes up with them, and a replay sees
them where they were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from palier.local.emulator.calls import Call

MODES = ("error", "silence")
# Services whose control plane is no region's (AWS general reference, "Global services"), by signing name.
GLOBAL = frozenset(
    {"cloudfront", "cloudfront-keyvaluestore", "globalaccelerator", "iam", "organizations", "route53"}
    | {"route53domains", "shield"}
)
MAX_LAG_SECONDS = 86400.0  # a day: no drill waits longer


@dataclass(frozen=True)
class Span:
    """From when to when (None: still) a region failed, in seconds since the epoch."""

    begin: float
    end: float | None = None

    def holds(self, at: float) -> bool:
        """Whether `at` lies in it."""
        return self.begin <= at and (self.end is None or at < self.end)


@dataclass
class Regions:
    """What was asked for, and since when."""

    modes: dict[str, str] = field(default_factory=dict)
    outages: dict[str, list[Span]] = field(default_factory=dict)
    lags: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    """Region to (since, seconds), in order."""

    def apply(self, body: bytes, at: float) -> dict[str, Any]:
        """Do what a request asks at time `at`: `{"region": …, "mode": …|null}` or `{…, "lag_seconds": …}`.

        Raises ValueError or KeyError for what is none.
        """
        asked = json.loads(body)
        region = asked["region"]
        if not isinstance(region, str):
            raise ValueError("a region's name is wanted")
        if set(asked) - {"region", "mode", "lag_seconds"} or len(asked) < 2:
            raise ValueError("a region with a mode or with lag_seconds is wanted")
        mode, seconds = asked.get("mode"), asked.get("lag_seconds", 0.0)
        if mode is not None and mode not in MODES:
            raise ValueError(f"mode {mode!r} is not one of {', '.join(MODES)} or null")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise ValueError("lag_seconds is a number")
        if not 0 <= seconds <= MAX_LAG_SECONDS:
            raise ValueError(f"lag_seconds {seconds} is outside 0…{MAX_LAG_SECONDS:.0f}")
        if "mode" in asked:
            self._fail(region, mode, at)
        if "lag_seconds" in asked:
            self.lags.setdefault(region, []).append((at, float(seconds)))
        return self.told()

    def _fail(self, region: str, mode: str | None, at: float) -> None:
        spans = self.outages.setdefault(region, [])
        if mode is None:
            if self.modes.pop(region, None) is not None:
                spans[-1] = Span(spans[-1].begin, at)
            return
        if region not in self.modes:
            spans.append(Span(at))
        self.modes[region] = mode

    def told(self) -> dict[str, Any]:
        """What is in force: `{"faults": {region: mode}, "lag_seconds": {region: seconds}}`."""
        lags = {region: entries[-1][1] for region, entries in self.lags.items() if entries[-1][1]}
        return {"faults": dict(self.modes), "lag_seconds": lags}

    def clear(self) -> None:
        """Forget everything."""
        self.modes.clear()
        self.outages.clear()
        self.lags.clear()

    def mode_for(self, call: Call) -> str | None:
        """How a request fails: `error`, `silence`, or None where it does not."""
        return None if call.service in GLOBAL else self.modes.get(call.region)

    def failing(self, *things: Any) -> bool:
        """Whether the region of any of the things (moto's own, or names) fails now."""
        return any(getattr(thing, "region", thing) in self.modes for thing in things)

    def failed_at(self, region: str, at: float) -> bool:
        """Whether the region failed at time `at`."""
        return any(span.holds(at) for span in self.outages.get(region, ()))

    def lag_at(self, region: str, at: float) -> float:
        """The lag asked for of what replicates into the region, in seconds, at time `at`."""
        return next((seconds for since, seconds in reversed(self.lags.get(region, ())) if since <= at), 0.0)


REGIONS = Regions()
