"""Aurora: global clusters, whose members stand in several regions."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.aurora import engine_versions, same_names
from palier.local.provider.resources.aurora_rules import GLOBAL_RULES
from palier.local.provider.resources.common import resource_name_tags
from palier.local.provider.table import Call, Entry, Read


def _describe_global(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {
        **found,
        **engine_versions(context, str(found.get("EngineVersion", ""))),
        "globalClusterMembers": [
            {"dbClusterArn": member["DBClusterArn"], "isWriter": member["IsWriter"]}
            for member in found.get("GlobalClusterMembers", ())
        ],
        "tags": found.get("TagList"),
    }


def _create_global(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Without engine and source the official provider asks for plain Aurora."""
    if context.id:
        return arguments
    named = {"Engine", "SourceDBClusterIdentifier"} & arguments.keys()
    return arguments if named else {**arguments, "Engine": "aurora"}


def _delete_global(context: Context) -> None:
    """`forceDestroy` takes the members out, the writer last."""
    if not context.inputs.get("forceDestroy"):
        return
    asked = context.call("DescribeGlobalClusters", GlobalClusterIdentifier=context.id)["GlobalClusters"]
    members = asked[0].get("GlobalClusterMembers", ()) if asked else ()
    for member in sorted(members, key=lambda one: bool(one["IsWriter"])):
        context.call(
            "RemoveFromGlobalCluster",
            GlobalClusterIdentifier=context.id,
            DbClusterIdentifier=member["DBClusterArn"],
        )


ENTRIES = (
    Entry(
        "aws:rds/globalCluster:GlobalCluster",
        "rds",
        create=Call("CreateGlobalCluster"),
        id="GlobalCluster.GlobalClusterIdentifier",
        read=Read("DescribeGlobalClusters", {"GlobalClusterIdentifier": "{id}"}, "GlobalClusters[0]"),
        delete=Call("DeleteGlobalCluster", {"GlobalClusterIdentifier": "{id}"}),
        update=Call("ModifyGlobalCluster", {"GlobalClusterIdentifier": "{id}"}),
        force_new=frozenset(
            {"databaseName", "engine", "globalClusterIdentifier", "sourceDbClusterIdentifier"}
            | {"storageEncrypted"}
        ),
        names={"arn": "GlobalClusterArn", "sourceDbClusterIdentifier": "SourceDBClusterIdentifier"},
        reads=same_names("engineVersion", "engineVersionActual", "globalClusterMembers"),
        defaults={"deletionProtection": False},
        settings=frozenset({"forceDestroy"}),
        write_only=frozenset({"sourceDbClusterIdentifier"}),
        spelling={"globalClusterIdentifier": str.lower},
        kept=frozenset(
            {"engine", "engineLifecycleSupport", "engineVersion", "sourceDbClusterIdentifier"}
            | {"storageEncrypted"}
        ),
        recomputed={"engineVersionActual": ("engineVersion",)},
        tags=resource_name_tags(),
        checks=GLOBAL_RULES,
        prepare=_create_global,
        described=_describe_global,
        before_delete=_delete_global,
    ),
)
