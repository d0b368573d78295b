"""What a later phase takes from foundation, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class GroundRefused(ValueError):
    """What stands is not such that the phase can stand on it: why, and what to run."""


def check_ground(
    outputs: Mapping[str, Any], needed: Sequence[str], *, region: str, environment: str
) -> dict[str, Any]:
    """Foundation's outputs, if all that are needed are there and of this region; GroundRefused if not."""
    up = f"palier up foundation --env {environment}"
    missing = [name for name in needed if outputs.get(name) is None]
    if len(missing) == len(needed):
        raise GroundRefused(f"foundation is not up in {environment}; run: {up}")
    if missing:
        raise GroundRefused(
            f"foundation in {environment} has no output {missing[0]}: it is older or half up; run: {up}"
        )
    if outputs["region"] != region:
        raise GroundRefused(f"aws:region: {region} is not foundation's; set it to {outputs['region']}")
    return dict(outputs)
