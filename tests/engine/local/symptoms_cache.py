"""The symptoms of moto's ElastiCache that Palier mends."""

from __future__ import annotations

from tests.engine.local.building import cache, network
from tests.engine.local.symptoms import Clients, Symptom, outcome


def members(clients: Clients) -> object:
    group = cache(clients, 3)
    nodes = group["NodeGroups"][0]
    zones = [member["PreferredAvailabilityZone"] for member in nodes["NodeGroupMembers"]]
    one = outcome(clients("elasticache").describe_cache_clusters, CacheClusterId="sessions-001")
    return len(group["MemberClusters"]), zones, "ReaderEndpoint" in nodes, one


def deleted(clients: Clients) -> object:
    cache(clients)
    elasticache = clients("elasticache")
    elasticache.delete_replication_group(ReplicationGroupId="sessions")
    left = [group["Status"] for group in elasticache.describe_replication_groups()["ReplicationGroups"]]
    return left, elasticache.describe_cache_clusters()["CacheClusters"]


def modified(clients: Clients) -> object:
    cache(clients, 2)
    elasticache = clients("elasticache")
    elasticache.modify_replication_group(
        ReplicationGroupId="sessions", CacheNodeType="cache.m6g.large", SnapshotWindow="01:00-02:00"
    )
    (group,) = elasticache.describe_replication_groups()["ReplicationGroups"]
    clusters = elasticache.describe_cache_clusters()["CacheClusters"]
    grown = outcome(
        elasticache.increase_replica_count,
        ReplicationGroupId="sessions",
        NewReplicaCount=2,
        ApplyImmediately=True,
    )
    return group["SnapshotWindow"], [cluster["CacheNodeType"] for cluster in clusters], grown


def subnet_groups(clients: Clients) -> object:
    net = network(clients)
    elasticache = clients("elasticache")
    made = elasticache.create_cache_subnet_group(
        CacheSubnetGroupName="g", CacheSubnetGroupDescription="g", SubnetIds=net.subnets[:1]
    )["CacheSubnetGroup"]
    zone = made["Subnets"][0]["SubnetAvailabilityZone"].get("Name")
    changed = outcome(elasticache.modify_cache_subnet_group, CacheSubnetGroupName="g", SubnetIds=net.subnets)
    return zone, changed, outcome(elasticache.delete_cache_subnet_group, CacheSubnetGroupName="g")


def parameter_groups(clients: Clients) -> object:
    elasticache = clients("elasticache")
    name = {"CacheParameterGroupName": "g"}
    tags = [{"Key": "a", "Value": "b"}]
    made = outcome(
        elasticache.create_cache_parameter_group,
        **name,
        CacheParameterGroupFamily="redis7",
        Description="g",
        Tags=tags,
    )
    arn = "arn:aws:elasticache:eu-west-3:123456789012:parametergroup:g"
    tagged = outcome(elasticache.list_tags_for_resource, ResourceName=arn)
    return made, tagged, outcome(elasticache.delete_cache_parameter_group, **name)


def parameters(clients: Clients) -> object:
    elasticache = clients("elasticache")
    group = {"CacheParameterGroupName": "g"}
    outcome(
        elasticache.create_cache_parameter_group, **group, CacheParameterGroupFamily="redis7", Description="g"
    )
    pair = {"ParameterName": "maxmemory-policy", "ParameterValue": "volatile-lru"}
    changed = outcome(elasticache.modify_cache_parameter_group, **group, ParameterNameValues=[pair])
    return changed, outcome(elasticache.describe_cache_parameters, **group)


ZONES = ["eu-west-3a", "eu-west-3b", "eu-west-3c"]
SYMPTOMS = (
    Symptom(
        "members_counted_and_registered",
        members,
        (1, ["us-east-1a"], False, "CacheClusterNotFound"),
        (3, ZONES, True, "done"),
    ),
    Symptom("deletion_ends", deleted, (["deleting"], []), ([], [])),
    Symptom(
        "everything_modified",
        modified,
        ("05:00-6:00", [], "NotImplementedError"),
        ("01:00-02:00", ["cache.m6g.large"] * 2, "done"),
    ),
    Symptom(
        "subnet_groups_change_and_go",
        subnet_groups,
        (None, "NotImplementedError", "NotImplementedError"),
        ("eu-west-3a", "done", "done"),
    ),
    Symptom(
        "parameter_groups_made_and_removed",
        parameter_groups,
        ("NotImplementedError", "InvalidARN", "NotImplementedError"),
        ("done", "done", "done"),
    ),
    Symptom("parameters_set_and_reset", parameters, ("NotImplementedError",) * 2, ("done", "done")),
)
