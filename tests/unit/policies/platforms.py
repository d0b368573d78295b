"""A small platform for the policies of capacity: what it observed, how it grows, and stacks that serve it.

Every coefficient is at its middle and nothing is noisy, so that messages can be asserted to the digit.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from palier.capacity.coefficients import COEFFICIENTS
from palier.capacity.platform_file import Loaded, load
from palier_policies.capacity import PACK
from palier_policies.judge import Finding, Judge
from palier_policies.resources import Resource
from palier_policies.rules import Rules
from palier_policies.stack import Stack

from tests.unit.policies.happy import resource

GROUP, DATABASE = "aws:autoscaling/group:Group", "aws:rds/instance:Instance"
DAY = datetime.datetime.now(datetime.UTC).date().replace(day=1)
OBSERVED: Mapping[str, float] = {
    "cpu_utilization": 50,
    "memory_usage": 45,
    "database_utilization": 30,
    "database_connections": 30,
    "storage_usage": 20,
    "response_time_p95": 0.4,
    "error_rate": 0.1,
    "mau": 100_000,
    "revenue": 100_000,
    "infrastructure_cost": 5_000,
}


def platform(folder: Path, observed: Mapping[str, float] | None = None, **more: Any) -> Path:
    """A palier.yaml: `observed` over OBSERVED (None leaves a metric out), further keys as given."""
    metrics = {name: value for name, value in {**OBSERVED, **(observed or {})}.items() if value is not None}
    content = {
        "platform": "shop",
        "currency": "USD",
        "observations": [{"date": DAY, "metric": name, "value": value} for name, value in metrics.items()],
        "scenarios": {
            "steady": {"growth_percent": 10, "months": 12},
            "expected": {"growth_percent": 50, "months": 12},
            "best": {"growth_percent": 100, "months": 12},
        },
        "coefficients": {
            **{each.name: float(each.mid) for each in COEFFICIENTS},
            "growth_spread": 0.0,
            "monthly_noise": 0.0,
        },
        **more,
    }
    file = folder / "palier.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return file


def fleet(least: int = 4, most: int = 12) -> Resource:
    """The application."""
    return resource(GROUP, "application", minSize=least, desiredCapacity=least, maxSize=most)


def writer(instance_class: str = "db.m7g.xlarge", **inputs: Any) -> Resource:
    """The database that writes."""
    return resource(
        DATABASE,
        "primary",
        identifier="primary",
        engine="postgres",
        instanceClass=instance_class,
        allocatedStorage=100,
        storageType="gp3",
        **inputs,
    )


def replicas(count: int) -> tuple[Resource, ...]:
    """So many replicas of it, in a stack of their own."""
    return tuple(
        resource(
            DATABASE,
            f"replica-{index}",
            project="replicas",
            identifier=f"replica-{index}",
            engine="postgres",
            instanceClass="db.m7g.xlarge",
            replicateSourceDb="primary",
        )
        for index in range(count)
    )


def change(
    file: Path,
    planned: tuple[Resource, ...],
    standing: tuple[Resource, ...] = (),
    *,
    project: str = "foundation",
    environment: str = "production",
) -> Stack:
    """A stack of the platform that goes from what stands to what is planned."""

    def read() -> Loaded:
        return load(file)

    return Stack(project, environment, planned, lambda: standing, read)


def said(stack: Stack, policy: str, rules: Rules | None = None) -> list[tuple[str, str]]:
    """Level and message of each finding of one policy."""
    return [(each.level, each.message) for each in findings(stack, policy, rules)]


def findings(stack: Stack, policy: str, rules: Rules | None = None) -> list[Finding]:
    """The findings of one policy."""
    return [each for each in Judge(PACK, rules or Rules()).stack(stack) if each.policy == policy]
