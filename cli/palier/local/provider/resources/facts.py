"""What AWS has, from tables that are installed with the emulator anyway: instance classes by region."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

_TABLES = "cfnlint.data.schemas.extensions"


@lru_cache(maxsize=1)
def _database_table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(
        (files(f"{_TABLES}.aws_rds_dbinstance") / "dbinstanceclass_enum.json").read_text()
    )
    return table


@lru_cache(maxsize=1)
def _cache_table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(
        (files(f"{_TABLES}.aws_elasticache_cachecluster") / "cachenodetype_enum.json").read_text()
    )
    return table


@lru_cache(maxsize=64)
def db_instance_classes(region: str, engine: str | None) -> frozenset[str]:
    """DB instance classes that `region` offers for `engine` (of every engine where that is not known).

    Source: cfn-lint's table, which it generates from AWS's price list. Empty for a region it does not have.
    """
    found: set[str] = set()
    for rule in _database_table().get(region, {}).get("allOf", ()):
        condition = rule["if"]["properties"].get("Engine", {})
        if engine is None or engine in (condition.get("const"), *condition.get("enum", ())):
            found.update(rule["then"]["properties"]["DBInstanceClass"]["enum"])
    return frozenset(found)


@lru_cache(maxsize=16)
def cache_node_types(region: str) -> frozenset[str]:
    """ElastiCache node types that `region` offers; the source is that of `db_instance_classes`."""
    return frozenset(_cache_table().get(region, {}).get("enum", ()))
