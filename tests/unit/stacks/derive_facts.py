"""Derives `palier_stacks/facts/aws.json` from the data that cfn-lint and moto ship.

Run as a script it writes the file; the test beside it holds the shipped file against what the installed
versions say. Neither cfn-lint nor moto is needed by whoever only uses the stacks.
"""

from __future__ import annotations

import gzip
import json
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

DERIVED_ON = "2026-11-22"
# A stateless application tier wants general, compute or memory families; storage and accelerator
# families would only hide a slip of the keyboard.
APPLICATION_FAMILY = re.compile(r"[cmrt]\d")

Shapes = dict[str, dict[str, list[float]]]


def _moto(name: str) -> Any:
    return json.loads(gzip.decompress((files("moto.ec2") / "resources" / name).read_bytes()))


def _cfnlint(name: str) -> Any:
    return json.loads((files("cfnlint") / "data/schemas/extensions" / name).read_text())


def _postgres_classes(by_region: Any) -> dict[str, set[str]]:
    classes: dict[str, set[str]] = {}
    for region, schema in by_region.items():
        found: set[str] = set()
        for rule in schema["allOf"]:
            if rule["if"]["properties"]["Engine"].get("const") == "postgres":
                found |= set(rule["then"]["properties"]["DBInstanceClass"]["enum"])
        classes[region] = found
    return classes


def _cache_types(by_region: Any) -> dict[str, set[str]]:
    return {
        region: set(schema["enum"])
        for region, schema in by_region.items()
        if isinstance(schema, dict) and "enum" in schema
    }


def _shape(types: Any, name: str) -> list[float] | None:
    """[vCPU, memory GiB] of an EC2 type. RDS's x2g has EC2's x2gd as its only sibling."""
    family, size = name.split(".")
    entry = types.get(name) or types.get(f"{family}d.{size}")
    if entry is None:
        return None
    memory_gib = entry["MemoryInfo"]["SizeInMiB"] / 1024
    return [entry["VCpuInfo"]["DefaultVCpus"], int(memory_gib) if memory_gib.is_integer() else memory_gib]


def _families(names: set[str]) -> list[str]:
    return sorted({name.split(".")[-2] for name in names})


def _zones() -> dict[str, list[str]]:
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    return {
        region: [zone.name.removeprefix(region) for zone in zones]
        for region, zones in sorted(RegionsAndZonesBackend.zones.items())
    }


def _region_types() -> dict[str, set[str]]:
    folder = files("moto.ec2") / "resources/instance_type_offerings/region"
    return {
        entry.name.removesuffix(".json.gz"): {
            offer["InstanceType"] for offer in json.loads(gzip.decompress(entry.read_bytes()))
        }
        for entry in folder.iterdir()
    }


def derive() -> dict[str, Any]:
    """The whole content of aws.json."""
    types = _moto("instance_types.json.gz")
    rds = _postgres_classes(_cfnlint("aws_rds_dbinstance/dbinstanceclass_enum.json"))
    cache = _cache_types(_cfnlint("aws_elasticache_cachecluster/cachenodetype_enum.json"))
    offered = _region_types()
    application = {
        name: entry
        for name, entry in types.items()
        if APPLICATION_FAMILY.match(name) and not entry["BareMetal"]
    }
    database: Shapes = {}
    for name in sorted(set().union(*rds.values())):
        _, family, size = name.split(".")
        if (shape := _shape(types, f"{family}.{size}")) is not None:
            database.setdefault(family, {})[size] = shape
    machines: Shapes = {}
    architectures: dict[str, str] = {}
    for name, entry in sorted(application.items()):
        family, size = name.split(".")
        shape = _shape(types, name)
        assert shape is not None
        machines.setdefault(family, {})[size] = shape
        architectures[family] = "arm64" if "arm64" in _architectures(entry) else "x86_64"
    nodes: dict[str, list[str]] = {}
    for name in sorted(set().union(*cache.values())):
        _, family, size = name.split(".")
        nodes.setdefault(family, []).append(size)
    regions = {
        region: {
            "zones": zones,
            "rds": [family for family in _families(rds.get(region, set())) if family in database],
            "ec2": [family for family in _families(offered.get(region, set())) if family in machines],
            "cache": _families(cache.get(region, set())),
        }
        for region, zones in _zones().items()
    }
    return {
        "source": {
            "derived_on": DERIVED_ON,
            "zones": f"moto {version('moto')}, moto/ec2/models/availability_zones_and_regions.py",
            "rds_postgres": f"cfn-lint {version('cfn-lint')}, aws_rds_dbinstance/dbinstanceclass_enum.json",
            "cache": f"cfn-lint {version('cfn-lint')}, aws_elasticache_cachecluster/cachenodetype_enum.json",
            "shapes": f"moto {version('moto')}, ec2/resources/instance_types.json.gz ([vCPU, memory GiB]); "
            "an RDS class has the shape of the EC2 type of its name",
        },
        "regions": regions,
        "rds_postgres": database,
        "ec2": machines,
        "ec2_architecture": architectures,
        "cache": nodes,
    }


def _architectures(entry: Any) -> list[str]:
    found: list[str] = entry["ProcessorInfo"]["SupportedArchitectures"]
    return found


def render(facts: dict[str, Any]) -> str:
    """JSON with one line per entry of each table, so that a change is a readable diff."""
    blocks = []
    for table, entries in facts.items():
        lines = [
            f"    {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
            for key, value in entries.items()
        ]
        blocks.append(f'  "{table}": {{\n' + ",\n".join(lines) + "\n  }")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


if __name__ == "__main__":
    target = Path(__file__).parents[3] / "stacks/palier_stacks/facts/aws.json"
    target.write_text(render(derive()))
    print(f"{target}: {target.stat().st_size} bytes")
