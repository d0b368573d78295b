"""Mends of ElastiCache: replication groups whose members stand, change and go with them.

Subnet groups and parameter groups are in `elasticache_groups`.
"""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend

NODE_ID = "0001"  # the one node of a Redis cluster, in AWS's numbering
MODIFIABLE = {
    "CacheParameterGroupName": "cache_parameter_group_name",
    "EngineVersion": "engine_version",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SnapshotWindow": "snapshot_window",
    "NotificationTopicArn": "notification_topic_arn",
    "SecurityGroupIds": "security_group_ids",
    "CacheNodeType": "cache_node_type",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
}


@mend("elasticache")
def members_counted_and_registered() -> None:
    """NumCacheClusters is ignored (always one member), members lie in zones of us-east-1, no reader endpoint
    is told, and member clusters are never registered: describing them answers 404."""
    from moto.elasticache.models import ElastiCacheBackend

    @around(ElastiCacheBackend, "create_replication_group")
    def create(original: Any, self: Any, **named: Any) -> Any:
        group = original(self, **named)
        group.preferred_zones = list(named.get("preferred_cache_cluster_azs") or [])
        group.auth_token = named.get("auth_token")
        if not group.cluster_enabled:
            asked = named.get("num_cache_clusters") or (named.get("replicas_per_node_group") or 0) + 1
            group.node_groups[0]["node_group_members"] = []
            set_members(self, group, group.node_groups[0], asked)
        else:
            for node_group in group.node_groups:
                set_members(self, group, node_group, len(node_group["node_group_members"]))
        for node_group in group.node_groups:
            if "reader_endpoint_address" in node_group:
                endpoint = {"address": node_group["reader_endpoint_address"], "port": group.port}
                node_group["reader_endpoint"] = endpoint
        if group.snapshot_retention_limit > 0:
            group.snapshotting_cluster_id = group.member_clusters[min(1, len(group.member_clusters) - 1)]
        return group


def set_members(backend: Any, group: Any, node_group: dict[str, Any], count: int) -> None:
    """Give `node_group` so many members, primary first, spread over the zones; register their clusters."""
    zones = group.preferred_zones or _zones(backend, group)
    shard = f"-{node_group['node_group_id']}" if group.cluster_enabled else ""
    members = [_member(backend, group, node_group, shard, number, zones) for number in range(1, count + 1)]
    before = {member["cache_cluster_id"] for member in node_group["node_group_members"]}
    node_group["node_group_members"] = members
    for name in before - {member["cache_cluster_id"] for member in members}:
        backend.cache_clusters.pop(name, None)
    for member in members:
        register(backend, group, member)
    everyone = [member for one in group.node_groups for member in one["node_group_members"]]
    group.member_clusters = [member["cache_cluster_id"] for member in everyone]


def _member(
    backend: Any, group: Any, node_group: dict[str, Any], shard: str, number: int, zones: list[str]
) -> dict[str, Any]:
    name = f"{group.replication_group_id}{shard}-{number:0>3}"
    member: dict[str, Any] = {
        "cache_cluster_id": name,
        "cache_node_id": NODE_ID,
        "preferred_availability_zone": zones[(number - 1) % len(zones)],
    }
    if not group.cluster_enabled:
        domain = node_group["primary_endpoint_address"].partition(".")[2]
        member["read_endpoint"] = {"address": f"{name}.{domain}", "port": group.port}
        member["current_role"] = "primary" if number == 1 else "replica"
    return member


def _zones(backend: Any, group: Any) -> list[str]:
    subnet_group = backend.cache_subnet_groups.get(group.cache_subnet_group_name)
    if subnet_group is None:
        return [f"{backend.region_name}{letter}" for letter in "abc"]
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[backend.account_id][backend.region_name]
    subnets = ec2.describe_subnets(subnet_ids=subnet_group.subnet_ids)
    return sorted({subnet.availability_zone for subnet in subnets})


def register(backend: Any, group: Any, member: dict[str, Any]) -> None:
    """Make the cluster of one member describable, or bring it to the group's present settings."""
    name = member["cache_cluster_id"]
    if name not in backend.cache_clusters:
        wanted = dict.fromkeys(_cluster_arguments(), None)
        wanted |= {"cache_cluster_id": name, "engine": group.engine, "num_cache_nodes": 1, "tags": group.tags}
        wanted |= {"cache_node_type": group.cache_node_type, "port": group.port}
        wanted |= {"replication_group_id": group.replication_group_id}
        backend.create_cache_cluster(**wanted)
    cluster = backend.cache_clusters[name]
    cluster.num_cache_nodes = 1
    cluster.replication_group_id = group.replication_group_id
    cluster.preferred_availability_zone = member["preferred_availability_zone"]
    cluster.cache_subnet_group_name = group.cache_subnet_group_name
    cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
    cluster.transit_encryption_enabled = group.transit_encryption_enabled
    cluster.auth_token_enabled = group.auth_token_enabled
    for attribute in MODIFIABLE.values():
        setattr(cluster, attribute, getattr(group, attribute))
    groups = [{"SecurityGroupId": one, "Status": "active"} for one in group.security_group_ids or []]
    cluster.security_groups = groups
    cluster.cache_parameter_group = {
        "CacheParameterGroupName": group.cache_parameter_group_name,
        "ParameterApplyStatus": "in-sync",
        "CacheNodeIdsToReboot": [],
    }
    if group.notification_topic_arn:
        cluster.notification_configuration = {
            "TopicArn": group.notification_topic_arn,
            "TopicStatus": "active",
        }
    cluster.cache_nodes = [
        {
            "CacheNodeId": NODE_ID,
            "CacheNodeStatus": "available",
            "CacheNodeCreateTime": cluster.cache_cluster_create_time,
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": member["preferred_availability_zone"],
            "Endpoint": _node_endpoint(group, member),
        }
    ]


def _node_endpoint(group: Any, member: dict[str, Any]) -> dict[str, Any]:
    read = member.get("read_endpoint")
    if read is not None:
        return {"Address": read["address"], "Port": read["port"]}
    domain = group.configuration_endpoint["address"].partition(".")[2]
    return {"Address": f"{member['cache_cluster_id']}.{domain}", "Port": group.port}


def _cluster_arguments() -> list[str]:
    import inspect

    from moto.elasticache.models import ElastiCacheBackend

    return [
        name
        for name in inspect.signature(ElastiCacheBackend.create_cache_cluster).parameters
        if name != "self"
    ]


@mend("elasticache")
def deletion_ends() -> None:
    """A deleted replication group or cluster is described as `deleting` for ever."""
    from moto.elasticache.models import ElastiCacheBackend

    @around(ElastiCacheBackend, "delete_replication_group")
    def delete_group(original: Any, self: Any, replication_group_id: str, retain_primary_cluster: Any) -> Any:
        group = original(self, replication_group_id, retain_primary_cluster)
        del self.replication_groups[replication_group_id]
        self.tagging_service.delete_all_tags_for_resource(group.arn)
        for name, cluster in list(self.cache_clusters.items()):
            if getattr(cluster, "replication_group_id", None) == replication_group_id:
                del self.cache_clusters[name]
                self.tagging_service.delete_all_tags_for_resource(cluster.arn)
        return group

    @around(ElastiCacheBackend, "delete_cache_cluster")
    def delete_cluster(original: Any, self: Any, cache_cluster_id: str) -> Any:
        cluster = original(self, cache_cluster_id)
        del self.cache_clusters[cache_cluster_id]
        self.tagging_service.delete_all_tags_for_resource(cluster.arn)
        return cluster


@mend("elasticache")
def everything_modified() -> None:
    """ModifyReplicationGroup keeps seven of its parameters and drops the rest: parameter group, version,
    windows, topic, security groups, auth token; members never follow."""
    from moto.core.responses import ActionResult
    from moto.elasticache.responses import ElastiCacheResponse

    @around(ElastiCacheResponse, "modify_replication_group")
    def modify(original: Any, self: Any) -> Any:
        answer = original(self)
        backend = self.elasticache_backend
        group = backend.replication_groups[self._get_param("ReplicationGroupId")]
        for parameter, attribute in MODIFIABLE.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(group, attribute, value)
        _set_token(group, self._get_param("AuthToken"), self._get_param("AuthTokenUpdateStrategy"))
        for node_group in group.node_groups:
            for member in node_group["node_group_members"]:
                register(backend, group, member)
        return answer

    def change_count(self: Any) -> ActionResult:
        backend = self.elasticache_backend
        (group,) = backend.describe_replication_groups(
            replication_group_id=self._get_param("ReplicationGroupId")
        )
        count = self._get_param("NewReplicaCount")
        for node_group in group.node_groups:
            asked = next(
                (
                    one["NewReplicaCount"]
                    for one in self._get_param("ReplicaConfiguration") or []
                    if one["NodeGroupId"] == node_group["node_group_id"]
                ),
                count,
            )
            set_members(backend, group, node_group, int(asked) + 1)
        return ActionResult({"ReplicationGroup": group})

    added(ElastiCacheResponse, "increase_replica_count")(change_count)
    added(ElastiCacheResponse, "decrease_replica_count")(change_count)


def _set_token(group: Any, token: str | None, strategy: str | None) -> None:
    if strategy == "DELETE":
        group.auth_token, group.auth_token_enabled = None, False
    elif token:
        from moto.core import utils

        group.auth_token, group.auth_token_enabled = token, True
        group.auth_token_last_modified_date = utils.utcnow()
