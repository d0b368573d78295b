"""Which sources there are, and how each is made from its section of palier.yaml."""

from __future__ import annotations

from typing import Any

from palier.capacity.sources.model import Source, Voice
from palier.capacity.sources.settings import Sources


def make(name: str, settings: Sources, environment: str, voice: Voice) -> Source:
    """The source of that name; `environment` says which AWS. Raises LookupError where it is not named."""
    if name == "prometheus" and settings.prometheus:
        from palier.capacity.sources.prometheus import Prometheus

        return Prometheus(settings.prometheus, voice)
    raise LookupError(name)


def policy() -> dict[str, Any]:
    """The IAM policy document that the sources need; GetMetricData knows no narrower resource than all."""
    statement = {
        "Sid": "PalierCollect",
        "Effect": "Allow",
        "Action": ["cloudwatch:GetMetricData"],
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
