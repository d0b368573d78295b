"""Make a region of the running local cloud fail or lag, and end that: for drills of a switch of regions."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from palier.errors import InputError, OperationError
from palier.local import client, cloud

MODES = ("error", "silence")


@dataclass(frozen=True)
class Trouble:
    """What is in force: region to how it fails, and region to the seconds by which it lags behind."""

    faults: dict[str, str]
    lag_seconds: dict[str, float]


def fail(region: str, mode: str) -> Trouble:
    """Make every request to a regional service of `region` fail: `error`, or `silence` (no answer at all).

    IAM, Route 53, CloudFront and the other services without regions go on. It holds until `recover`, over a
    restart too. Raises InputError for an unknown region, OperationError where no local cloud answers.
    """
    return _ask({"region": _known(region), "mode": mode})


def recover(region: str) -> Trouble:
    """End the fault of `region`; one that does not fail is no failure. Raises as `fail`."""
    return _ask({"region": _known(region), "mode": None})


def lag(region: str, seconds: float) -> Trouble:
    """Let what replicates into `region` arrive `seconds` late; 0 ends it. Raises as `fail`."""
    return _ask({"region": _known(region), "lag_seconds": seconds})


def _known(region: str) -> str:
    from palier.local.provider.resources.facts import partitions

    if region in partitions():
        return region
    near = " or ".join(get_close_matches(region, partitions(), n=2))
    raise InputError(
        f"unknown AWS region {region!r}" + (f"; did you mean {near}?" if near else ""), key="REGION"
    )


def _ask(body: dict[str, Any]) -> Trouble:
    now = cloud.status()
    if not now.running:
        raise OperationError("the local cloud does not run", next_step="palier local start")
    return Trouble(**client.must_ask(now.endpoint, "regions", method="PUT", body=body))
