"""Which sources there are, and how each is made from its section of palier.yaml."""

from __future__ import annotations

from typing import Any

from palier.capacity.sources.model import Source, Voice
from palier.capacity.sources.settings import CloudWatchSettings, Sources


def make(name: str, settings: Sources, environment: str, voice: Voice) -> Source:
    """The source of that name; `environment` says which AWS. Raises LookupError where it is not named."""
    if name == "prometheus" and settings.prometheus:
        from palier.capacity.sources.prometheus import Prometheus

        return Prometheus(settings.prometheus, voice)
    if name == "cloudwatch" and settings.cloudwatch:
        return _cloudwatch(settings.cloudwatch, environment, voice)
    if name == "github" and settings.github:
        from palier.capacity.sources.github import GitHub

        return GitHub(settings.github, voice)
    raise LookupError(name)


def _cloudwatch(settings: CloudWatchSettings, environment: str, voice: Voice) -> Source:
    """The local cloud's values are marked as such, wherever their rows go."""
    from palier.capacity.sources.cloudwatch import NAME, CloudWatch
    from palier.phases.runs import LOCAL
    from palier.verification.session import reach

    label = f"{NAME} (local)" if environment == LOCAL else NAME
    if not settings.names_anything:
        from palier.capacity.sources.foundation import of_foundation

        settings = of_foundation(settings, environment, voice)
    region = settings.region
    assert region is not None, "names come with their region"
    return CloudWatch(settings, voice, lambda: reach(region, environment), label)


def policy() -> dict[str, Any]:
    """The IAM policy document that the sources need; GetMetricData knows no narrower resource than all."""
    from palier.capacity.sources.cloudwatch import ACTION

    statement = {
        "Sid": "PalierCollect",
        "Effect": "Allow",
        "Action": [ACTION],
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
