"""The cdn phase, which this one needs only where its edge is to know every region."""

from __future__ import annotations

from typing import Any

import pulumi

from palier_stacks.multi_region.settings import RoutingSettings


def edge_store(settings: RoutingSettings, organization: str, environment: str) -> pulumi.Output[str] | None:
    """ARN of the key value store that cdn's edge reads; None where the settings do not ask for it.

    pulumi.RunError, in one line, where cdn has none to give.
    """
    if not settings.cdn:
        return None
    reference = pulumi.StackReference(f"{organization}/cdn/{environment}")

    def found(outputs: dict[str, Any]) -> str:
        arn = outputs.get("key_value_store_arn")
        if not arn:
            raise pulumi.RunError(
                f"multi-region:routing.cdn is true, and cdn is not up in {environment}; "
                f"run: palier up cdn --env {environment}, or set it to false"
            )
        return str(arn)

    return reference.outputs.apply(found)
