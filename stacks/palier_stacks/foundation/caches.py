"""Redis twice: the users' sessions, and a cache that all instances share.

They are apart because they forget differently. A session must stay until it expires, so only keys with a
time to live may be evicted, soonest first; the shared cache may drop anything, least recently used first.
"""

from __future__ import annotations

import pulumi
from pulumi_aws import elasticache

from palier_stacks.foundation.settings import CacheSettings
from palier_stacks.scope import Scope

ENGINE_VERSION, FAMILY = "7.1", "redis7"
SNAPSHOT_WINDOW, MAINTENANCE_WINDOW = "02:00-03:00", "sun:03:30-sun:04:30"


class RedisGroup:
    """One replication group: its endpoint and the ids of its nodes."""

    def __init__(self, group: elasticache.ReplicationGroup, nodes: int) -> None:
        self.group = group
        self.endpoint = group.primary_endpoint_address
        # With cluster mode off ElastiCache names the nodes after the group: <id>-001, <id>-002, …
        self.node_ids = [pulumi.Output.concat(group.id, f"-{index:03d}") for index in range(1, nodes + 1)]

    @property
    def url(self) -> pulumi.Output[str]:
        """Where the application connects: TLS, so `rediss`."""
        return pulumi.Output.concat("rediss://", self.endpoint, ":6379")


class Caches(pulumi.ComponentResource):
    """The two replication groups over the data subnets, encrypted at rest and on the wire."""

    def __init__(
        self,
        scope: Scope,
        *,
        sessions: CacheSettings,
        shared: CacheSettings,
        subnet_ids: list[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        data_key_arn: pulumi.Input[str],
        apply_immediately: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("palier:foundation:Caches", scope.logical("caches"), None, opts)
        self._scope, self._own = scope, pulumi.ResourceOptions(parent=self)
        self._security_group_id, self._data_key_arn = security_group_id, data_key_arn
        self._apply_immediately = apply_immediately
        self._subnets = elasticache.SubnetGroup(
            scope.logical("cache"),
            description="Data subnets",
            subnet_ids=subnet_ids,
            tags=scope.tags("cache", "cache"),
            opts=self._own,
        )
        self.sessions = self._group("sessions", "Sessions of the users", sessions, "volatile-ttl")
        self.shared = self._group("shared", "Cache shared by all instances", shared, "allkeys-lru")
        self.register_outputs({"sessions": self.sessions.endpoint, "shared": self.shared.endpoint})

    def _group(self, name: str, description: str, settings: CacheSettings, eviction: str) -> RedisGroup:
        scope = self._scope
        parameters = elasticache.ParameterGroup(
            scope.logical(name),
            family=FAMILY,
            description=description,
            parameters=[{"name": "maxmemory-policy", "value": eviction}],
            tags=scope.tags("cache", name),
            opts=self._own,
        )
        nodes = settings.replicas + 1
        keeps_snapshots = settings.snapshot_retention_days > 0
        group = elasticache.ReplicationGroup(
            scope.logical(name),
            description=description,
            engine="redis",
            engine_version=ENGINE_VERSION,
            node_type=settings.node_type,
            port=6379,
            num_cache_clusters=nodes,
            automatic_failover_enabled=True,
            multi_az_enabled=True,
            subnet_group_name=self._subnets.name,
            security_group_ids=[self._security_group_id],
            parameter_group_name=parameters.name,
            at_rest_encryption_enabled=True,
            kms_key_id=self._data_key_arn,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            snapshot_retention_limit=settings.snapshot_retention_days,
            snapshot_window=SNAPSHOT_WINDOW if keeps_snapshots else None,
            maintenance_window=MAINTENANCE_WINDOW,
            auto_minor_version_upgrade=True,
            apply_immediately=self._apply_immediately,
            tags=scope.tags("cache", name),
            opts=self._own,
        )
        return RedisGroup(group, nodes)
