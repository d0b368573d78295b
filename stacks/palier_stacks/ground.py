"""What a later phase takes from foundation, checked before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from palier_stacks.master_password import MANAGED_BY_RDS


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


def unfollowable(outputs: Mapping[str, Any], environment: str) -> str | None:
    """Why RDS would make no replica of foundation's primary, and what to run; None where it would."""
    up = f"palier up foundation --env {environment}"
    if outputs["backup_retention_days"] < 1:
        return (
            "the primary keeps no backups, and RDS makes no replica without them; set "
            f"foundation:database.backup_retention_days to 1 or more and run: {up}"
        )
    if MANAGED_BY_RDS in outputs["database_master_secret_arn"]:
        return (
            "RDS manages the primary's master password, and makes no replica of such an instance; "
            f"let foundation give it one of its own and run: {up}"
        )
    return None
