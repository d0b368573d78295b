"""What CloudWatch is asked for where palier.yaml names nothing: what the phase `foundation` made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.capacity.sources.model import Voice, failed
from palier.capacity.sources.settings import CloudWatchSettings
from palier.console import Reporter

PHASE, SOURCE = "foundation", "cloudwatch"


class _Spoken(Reporter):
    """Says what looking at a stack takes as the progress of the source."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def line(self, text: str) -> None:
        self._voice.progress(text)


def of_foundation(settings: CloudWatchSettings, environment: str, voice: Voice) -> CloudWatchSettings:
    """The settings with foundation's names. Raises OperationError where it does not stand there."""
    from palier.phases import catalog, operations

    look = operations.look(environment, _Spoken(voice))
    outputs: Mapping[str, Any] = look(catalog.find(PHASE)).state().outputs or {}
    if "autoscaling_group_name" not in outputs:
        raise failed(
            SOURCE,
            f"palier.yaml names nothing to measure, and {PHASE} does not stand in {environment}",
            next_step=f"palier up {PHASE} --env {environment}, or name it below sources.{SOURCE}",
        )
    return with_names(settings, outputs)


def with_names(settings: CloudWatchSettings, outputs: Mapping[str, Any]) -> CloudWatchSettings:
    """The settings with the names of foundation's outputs; a limit of palier.yaml goes before theirs."""
    found = {
        "region": str(outputs["region"]),
        "autoscaling_group": str(outputs["autoscaling_group_name"]),
        # CloudWatch knows a load balancer by the end of its ARN.
        "load_balancer": str(outputs["load_balancer_arn"]).partition(":loadbalancer/")[2],
        "database": str(outputs["database_identifier"]),
        "max_connections": int(outputs["database_max_connections"]),
    }
    own = settings.model_dump(exclude={"region"}, exclude_none=True)
    return CloudWatchSettings.model_validate({**found, **own})
