"""What can be done about a metric, from the simplest to the hardest, and what each does to the structure.

The order is the source's (« Stratégies par ordre de complexité »: vertical, read replicas, sharding), with
what it says elsewhere of a CDN and of regions, and two things that are simpler than any: more instances, more
storage. Lead times are defaults of Palier's; palier.yaml overrides them (`lead_days:`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from palier.capacity.structure import Structure

MoveKey = Literal["instances", "storage", "vertical", "proxy", "replicas", "cdn", "shards", "multi-region"]
MOST_REPLICAS = 15  # RDS for PostgreSQL (RDS user guide, read replica limits)
_FEW_REPLICAS = 3  # of each shard, where shards are looked for: more servers come from more shards


@dataclass(frozen=True)
class Move:
    """One kind of change. `field` is what it changes of the structure, `weight` how hard it is to run.

    `values` lists what the field may become, least first, given what stands.
    """

    key: MoveKey
    phase: str
    setting: str
    field: str
    english: str
    french: str
    lead_days: int
    weight: int
    values: Callable[[Structure], Sequence[Any]]

    def label(self, language: str = "en") -> str:
        """The name for people."""
        return self.french if language == "fr" else self.english

    def candidates(self, structure: Structure) -> list[Structure]:
        """The structures that this move can make of one, least change first."""
        return [structure.with_changes(**{self.field: value}) for value in self.values(structure)]


def _doubled(least: int, most: int) -> list[int]:
    found = []
    while least < most:
        least = min(2 * least, most)
        found.append(least)
    return found


def _instances(structure: Structure) -> list[int]:
    most = structure.instances_most or structure.instances
    return [] if most is None else [round(most * times) for times in (1.5, 2, 3, 4, 6, 8, 12, 16)]


MOVES: tuple[Move, ...] = (
    Move(
        "instances",
        "foundation",
        "application.max_instances",
        "instances_most",
        "more instances",
        "plus d'instances",
        1,
        0,
        _instances,
    ),
    Move(
        "storage",
        "foundation",
        "database.max_allocated_storage_gib",
        "storage_factor",
        "more storage",
        "plus de stockage",
        1,
        0,
        lambda structure: [structure.storage_factor * times for times in (1.5, 2, 3, 4, 6, 8, 12, 16)],
    ),
    Move(
        "vertical",
        "foundation",
        "database.instance_class",
        "database_vcpus",
        "a larger database",
        "une base plus grande",
        14,
        0,
        lambda structure: _doubled(structure.database_vcpus, structure.database_vcpus_most),
    ),
    Move(
        "proxy",
        "replicas",
        "proxy.enabled",
        "database_proxy",
        "a connection pool",
        "un pool de connexions",
        14,
        1,
        lambda structure: [] if structure.database_proxy else [True],
    ),
    Move(
        "replicas",
        "replicas",
        "instances.count",
        "replicas",
        "read replicas",
        "des réplicas de lecture",
        28,
        1,
        lambda structure: range(structure.replicas + 1, MOST_REPLICAS + 1),
    ),
    Move(
        "cdn",
        "cdn",
        "cache",
        "cdn",
        "a CDN",
        "un CDN",
        28,
        1,
        lambda structure: [] if structure.cdn else [True],
    ),
    Move(
        "shards",
        "shards",
        "servers.count",
        "shards",
        "shards",
        "des shards",
        120,
        3,
        lambda structure: _doubled(structure.shards, 64 * structure.shards),
    ),
    Move(
        "multi-region",
        "multi-region",
        "regions",
        "regions",
        "further regions",
        "d'autres régions",
        150,
        2,
        lambda structure: range(structure.regions + 1, structure.regions + 4),
    ),
)

_BY_KEY: dict[str, Move] = {move.key: move for move in MOVES}


def move(key: str) -> Move:
    """The move of that key. Raises KeyError."""
    return _BY_KEY[key]


def combinations(upto: Move, structure: Structure) -> list[Structure]:
    """What the moves up to one can make of a structure together, that one included, cheapest first.

    Cheap is fewer vCPUs of databases, then fewer servers: what a structure costs follows from these.
    """
    found = [structure]
    for each in MOVES[: MOVES.index(upto) + 1]:
        further = [candidate for start in found for candidate in each.candidates(start)]
        if each.key == "replicas" and upto.key in ("shards", "multi-region"):
            further = [one for one in further if one.replicas <= structure.replicas + _FEW_REPLICAS]
        if each.key in ("instances", "storage") and upto is not each:
            continue  # they relieve what no other move of theirs does
        found = further if each is upto else found + further
    return sorted(found, key=size)


def size(structure: Structure) -> tuple[float, ...]:
    """How much a structure is, for finding the least that suffices."""
    servers = structure.shards * (1 + structure.replicas) * structure.regions
    return (
        structure.database_vcpus * servers,
        servers,
        structure.regions,
        float(structure.cdn),
        float(structure.database_proxy),
        structure.instances_most or 0,
        structure.storage_factor,
    )
