"""ElastiCache: subnet and parameter groups, replication groups."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import resource_name_tags, zones
from palier.local.provider.resources.database_groups import (
    change_parameters,
    describe_parameters,
    set_parameters,
)
from palier.local.provider.resources.facts import cache_node_types
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

_REDIS_PORT = 6379  # What no port means, and so no difference from it.


def _describe_subnet_group(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "subnetIds": [subnet["SubnetIdentifier"] for subnet in found.get("Subnets", ())]}


def _describe_group(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The replication group with what only its member clusters tell: engine, groups, windows."""
    members = found.get("MemberClusters", [])
    first: dict[str, Any] = {}
    if members:
        answer = context.call("DescribeCacheClusters", CacheClusterId=members[0])
        first = next(iter(answer["CacheClusters"]), {})
    nodes = found.get("NodeGroups") or [{}]
    primary = (nodes[0].get("PrimaryEndpoint") or {}) or (found.get("ConfigurationEndpoint") or {})
    reader = nodes[0].get("ReaderEndpoint") or {}
    asked = str(context.inputs.get("engineVersion") or context.outputs.get("engineVersion") or "")
    actual = str(first.get("EngineVersion") or "")
    return {
        **found,
        "engine": first.get("Engine"),
        "engineVersion": asked if actual.startswith(asked) and asked else actual or None,
        "engineVersionActual": actual or None,
        "securityGroupIds": [group["SecurityGroupId"] for group in first.get("SecurityGroups", ())] or None,
        "subnetGroupName": first.get("CacheSubnetGroupName"),
        "parameterGroupName": (first.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
        "maintenanceWindow": first.get("PreferredMaintenanceWindow"),
        "numCacheClusters": len(members),
        "numNodeGroups": len(found.get("NodeGroups", ())),
        "replicasPerNodeGroup": max(len(members) // max(len(found.get("NodeGroups", ())), 1) - 1, 0),
        "primaryEndpointAddress": primary.get("Address"),
        "readerEndpointAddress": reader.get("Address") or primary.get("Address"),
        "port": primary.get("Port"),
        "automaticFailoverEnabled": found.get("AutomaticFailover") in ("enabled", "enabling"),
        "multiAzEnabled": found.get("MultiAZ") == "enabled",
    }


def _group_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "numCacheClusters" in changed:
        new, old = int(inputs["numCacheClusters"]), int(context.outputs.get("numCacheClusters", 0))
        operation = "IncreaseReplicaCount" if new > old else "DecreaseReplicaCount"
        context.call(operation, ReplicationGroupId=context.id, NewReplicaCount=new - 1, ApplyImmediately=True)
    return changed & {"numCacheClusters"}


def _older(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """A lower version, or an engine other than Valkey after Redis, is another group."""
    forced = set()
    if _version(new.get("engineVersion")) < _version(old.get("engineVersion")):
        forced.add("engineVersion")
    if (old.get("engine"), new.get("engine")) != ("redis", "valkey"):
        forced.add("engine")
    if _version(old.get("engineVersionActual") or old.get("engineVersion")) < (7, 0, 5):
        forced.add("transitEncryptionEnabled")
    return forced


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text or "").split(".") if part.isdigit())


def _failover(check: Check) -> list[Problem]:
    inputs = check.inputs
    problems = []
    if inputs.get("multiAzEnabled") is True and inputs.get("automaticFailoverEnabled") is False:
        problems.append(("multiAzEnabled", "automaticFailoverEnabled must be true if multiAzEnabled is true"))
    count = inputs.get("numCacheClusters")
    if inputs.get("automaticFailoverEnabled") is True and isinstance(count, int) and count < 2:
        problems.append(("numCacheClusters", "must be at least 2 if automaticFailoverEnabled is true"))
    return problems


def _node_type(check: Check) -> list[Problem]:
    value, types = check.inputs.get("nodeType"), cache_node_types(check.region)
    if not isinstance(value, str) or not types or value in types:
        return []
    near = ", ".join(get_close_matches(value, types, n=3))
    return [("nodeType", f"{value!r} is not a cache node type that {check.region} has ({near}, …)")]


ENTRIES = (
    Entry(
        "aws:elasticache/subnetGroup:SubnetGroup",
        "elasticache",
        create=Call(
            "CreateCacheSubnetGroup",
            {"CacheSubnetGroupName": "{name}", "CacheSubnetGroupDescription": "{description}"},
        ),
        id="CacheSubnetGroup.CacheSubnetGroupName",
        read=Read("DescribeCacheSubnetGroups", {"CacheSubnetGroupName": "{id}"}, "CacheSubnetGroups[0]"),
        delete=Call("DeleteCacheSubnetGroup", {"CacheSubnetGroupName": "{id}"}),
        update=Call(
            "ModifyCacheSubnetGroup",
            {"CacheSubnetGroupName": "{id}", "CacheSubnetGroupDescription": "{description}"},
        ),
        force_new=frozenset({"name"}),
        names={
            "name": "CacheSubnetGroupName",
            "description": "CacheSubnetGroupDescription",
        },
        defaults={"description": "Managed by Pulumi"},
        tags=resource_name_tags(),
        autoname=Autoname("name", 255, lower=True, prefix=None),
        gone=("CacheSubnetGroupNotFoundFault",),
        described=_describe_subnet_group,
    ),
    Entry(
        "aws:elasticache/parameterGroup:ParameterGroup",
        "elasticache",
        create=Call(
            "CreateCacheParameterGroup",
            {"CacheParameterGroupName": "{name}", "CacheParameterGroupFamily": "{family}"},
        ),
        id="CacheParameterGroup.CacheParameterGroupName",
        read=Read(
            "DescribeCacheParameterGroups", {"CacheParameterGroupName": "{id}"}, "CacheParameterGroups[0]"
        ),
        delete=Call("DeleteCacheParameterGroup", {"CacheParameterGroupName": "{id}"}),
        force_new=frozenset({"description", "family", "name"}),
        names={"name": "CacheParameterGroupName", "family": "CacheParameterGroupFamily"},
        defaults={"description": "Managed by Pulumi"},
        tags=resource_name_tags(),
        autoname=Autoname("name", 255, lower=True, prefix=None),
        packed=frozenset({"parameters"}),
        described=describe_parameters,
        on_update=change_parameters,
        after_create=set_parameters,
    ),
    Entry(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        "elasticache",
        create=Call("CreateReplicationGroup", {"ReplicationGroupDescription": "{description}"}),
        id="ReplicationGroup.ReplicationGroupId",
        read=Read("DescribeReplicationGroups", {"ReplicationGroupId": "{id}"}, "ReplicationGroups[0]"),
        delete=Call(
            "DeleteReplicationGroup",
            {"ReplicationGroupId": "{id}", "FinalSnapshotIdentifier": "{finalSnapshotIdentifier}"},
        ),
        update=Call(
            "ModifyReplicationGroup",
            {"ReplicationGroupId": "{id}", "ApplyImmediately": True},
        ),
        force_new=frozenset(
            {
                "atRestEncryptionEnabled",
                "dataTieringEnabled",
                "globalReplicationGroupId",
                "kmsKeyId",
                "networkType",
                "nodeGroupConfigurations",
                "port",
                "replicationGroupId",
                "securityGroupNames",
                "snapshotArns",
                "snapshotName",
                "subnetGroupName",
            }
        ),
        forces=_older,
        names={
            "description": "ReplicationGroupDescription",
            "nodeType": "CacheNodeType",
            "parameterGroupName": "CacheParameterGroupName",
            "subnetGroupName": "CacheSubnetGroupName",
            "maintenanceWindow": "PreferredMaintenanceWindow",
            "multiAzEnabled": "MultiAZEnabled",
        },
        reads={
            key: key
            for key in (
                "engine",
                "engineVersion",
                "engineVersionActual",
                "securityGroupIds",
                "subnetGroupName",
                "parameterGroupName",
                "maintenanceWindow",
                "numCacheClusters",
                "numNodeGroups",
                "replicasPerNodeGroup",
                "primaryEndpointAddress",
                "readerEndpointAddress",
                "port",
                "automaticFailoverEnabled",
                "multiAzEnabled",
            )
        }
        | {"description": "Description", "memberClusters": "MemberClusters"},
        defaults={"automaticFailoverEnabled": False, "multiAzEnabled": False},
        kept=frozenset(
            {
                "applyImmediately",
                "atRestEncryptionEnabled",
                "autoMinorVersionUpgrade",
                "clusterMode",
                "dataTieringEnabled",
                "engine",
                "engineVersion",
                "globalReplicationGroupId",
                "ipDiscovery",
                "maintenanceWindow",
                "networkType",
                "nodeGroupConfigurations",
                "nodeType",
                "numCacheClusters",
                "numNodeGroups",
                "parameterGroupName",
                "replicasPerNodeGroup",
                "securityGroupIds",
                "securityGroupNames",
                "snapshotWindow",
                "subnetGroupName",
                "transitEncryptionEnabled",
                "transitEncryptionMode",
            }
        ),
        ordered=frozenset({"preferredCacheClusterAzs", "snapshotArns"}),
        spelling={
            "maintenanceWindow": str.lower,
            "port": lambda port: None if port == _REDIS_PORT else port,
            "replicationGroupId": str.lower,
        },
        recomputed={
            "engineVersionActual": ("engineVersion",),
            "memberClusters": ("numCacheClusters", "numNodeGroups", "replicasPerNodeGroup"),
        },
        settings=frozenset({"applyImmediately", "finalSnapshotIdentifier", "authTokenUpdateStrategy"}),
        write_only=frozenset({"authToken"}),
        tags=resource_name_tags(),
        autoname=Autoname("replicationGroupId", 40, lower=True, prefix=None),
        gone=("ReplicationGroupNotFoundFault",),
        checks=(_failover, _node_type, zones("preferredCacheClusterAzs")),
        described=_describe_group,
        on_update=_group_update,
    ),
)
