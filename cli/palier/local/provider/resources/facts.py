"""What AWS has, from tables that are installed anyway: regions, and instance classes by region."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_TABLES = "data/schemas/extensions"


@lru_cache(maxsize=4)
def _table(package: str, path: str) -> Any:
    """A JSON file of an installed package, read without importing the package: cfn-lint's
    imports take longer than a preview."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return {}
    return json.loads((Path(spec.submodule_search_locations[0]) / path).read_text())


def _database_table() -> Any:
    return _table("cfnlint", f"{_TABLES}/aws_rds_dbinstance/dbinstanceclass_enum.json")


def _cache_table() -> Any:
    return _table("cfnlint", f"{_TABLES}/aws_elasticache_cachecluster/cachenodetype_enum.json")


@lru_cache(maxsize=1)
def partitions() -> Mapping[str, tuple[str, str]]:
    """Region to its partition and that partition's DNS suffix, for every region that AWS names.

    Source: botocore's own table, read without importing botocore: a run that changes nothing needs no client.
    """
    return {
        region: (partition["id"], partition["outputs"]["dnsSuffix"])
        for partition in _table("botocore", "data/partitions.json")["partitions"]
        for region in partition["regions"]
        if not region.endswith("-global")
    }


@lru_cache(maxsize=16)
def ec2_instance_types(region: str) -> frozenset[str]:
    """EC2 instance types that `region` offers; the source is that of `db_instance_classes`."""
    table = _table("cfnlint", f"{_TABLES}/aws_ec2_instance/instancetype_enum.json")
    return frozenset(table.get(region, {}).get("enum", ()))


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
