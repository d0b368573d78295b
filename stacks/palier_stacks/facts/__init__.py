"""Facts about AWS that settings are checked against: regions, zones, instance classes and their shapes.

They are a dated copy of published tables (`aws.json`, whose `source` says of which), so that a slip of
the keyboard is refused before anything is called. `tests/unit/stacks/derive_facts.py` makes the file.
A region whose EC2 offers are not in the tables has an empty list, which means unknown, not none.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """What one instance has: virtual CPUs and memory in GiB."""

    vcpus: int
    memory_gib: float


@cache
def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((files(__package__) / "aws.json").read_text(encoding="utf-8"))
    return facts


def source() -> dict[str, str]:
    """Where each table comes from, and when it was taken."""
    return dict(_facts()["source"])


def regions() -> list[str]:
    """Every region known here, sorted."""
    return list(_facts()["regions"])


@cache
def zones(region: str) -> tuple[str, ...]:
    """Availability zones of a region, as the tables name them. KeyError for an unknown region."""
    return tuple(f"{region}{letter}" for letter in _facts()["regions"][region]["zones"])


def _names(table: str, region: str | None, prefix: str) -> list[str]:
    families = _facts()[table]
    offered = _facts()["regions"][region][table.removesuffix("_postgres")] if region else []
    return [
        f"{prefix}{family}.{size}"
        for family, sizes in families.items()
        if not offered or family in offered
        for size in sizes
    ]


@cache
def database_classes(region: str | None = None) -> tuple[str, ...]:
    """RDS for PostgreSQL instance classes, of one region or of all."""
    return tuple(_names("rds_postgres", region, "db."))


@cache
def instance_types(region: str | None = None) -> tuple[str, ...]:
    """EC2 types of the general, compute and memory families, of one region or of all."""
    return tuple(_names("ec2", region, ""))


@cache
def cache_node_types(region: str | None = None) -> tuple[str, ...]:
    """ElastiCache node types, of one region or of all."""
    return tuple(_names("cache", region, "cache."))


def database_shape(instance_class: str) -> Shape:
    """Shape of an RDS class. KeyError for an unknown one."""
    _, family, size = instance_class.split(".")
    return Shape(*_facts()["rds_postgres"][family][size])


def instance_architecture(instance_type: str) -> str:
    """`arm64` or `x86_64`. KeyError for an unknown type."""
    architecture: str = _facts()["ec2_architecture"][instance_type.split(".")[0]]
    return architecture
