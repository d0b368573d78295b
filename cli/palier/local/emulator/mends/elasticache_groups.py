"""Mends of ElastiCache: subnet groups that can change and go, and the parameter groups that moto lacks."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend


@mend("elasticache")
def subnet_groups_change_and_go() -> None:
    """Modify- and DeleteCacheSubnetGroup are missing, and subnets are described without their zone."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.exceptions import CacheSubnetGroupNotFound, ElastiCacheException
    from moto.elasticache.models import CacheSubnetGroup, ElastiCacheBackend
    from moto.elasticache.responses import ElastiCacheResponse

    @around(CacheSubnetGroup, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        _name_zones(self)

    @added(ElastiCacheResponse)
    def modify_cache_subnet_group(self: Any) -> ActionResult:
        backend: ElastiCacheBackend = self.elasticache_backend
        name = self._get_param("CacheSubnetGroupName")
        group = backend.cache_subnet_groups.get(name)
        if group is None:
            raise CacheSubnetGroupNotFound(name)
        description = self._get_param("CacheSubnetGroupDescription") or group.cache_subnet_group_description
        subnets = self._get_param("SubnetIds") or group.subnet_ids
        changed = CacheSubnetGroup(
            backend.account_id, backend.region_name, name, description, subnets, group.tags
        )
        backend.cache_subnet_groups[name] = changed
        return ActionResult({"CacheSubnetGroup": changed})

    @added(ElastiCacheResponse)
    def delete_cache_subnet_group(self: Any) -> EmptyResult:
        backend: ElastiCacheBackend = self.elasticache_backend
        name = self._get_param("CacheSubnetGroupName")
        group = backend.cache_subnet_groups.get(name)
        if group is None:
            raise CacheSubnetGroupNotFound(name)
        users = [*backend.replication_groups.values(), *backend.cache_clusters.values()]
        if any(one.cache_subnet_group_name == name for one in users):
            error = ElastiCacheException(f"Cache subnet group {name} is currently in use by a cache cluster.")
            error.code = "CacheSubnetGroupInUse"
            raise error
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        del backend.cache_subnet_groups[name]
        return EmptyResult()


def _name_zones(group: Any) -> None:
    for subnet in group.subnets:
        zone = subnet.get("subnet_availability_zone")
        if isinstance(zone, str):
            subnet["subnet_availability_zone"] = {"Name": zone}


class CacheParameterGroup:
    """A cache parameter group: its family, and the parameters that were set."""

    def __init__(self, backend: Any, name: str, family: str, description: str) -> None:
        self.name = self.cache_parameter_group_name = name
        self.cache_parameter_group_family = family
        self.description = description
        self.is_global = False
        self.parameters: dict[str, str] = {}
        self.arn = f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:parametergroup:{name}"


def _groups(backend: Any) -> dict[str, CacheParameterGroup]:
    if not hasattr(backend, "cache_parameter_groups"):
        backend.cache_parameter_groups = {}
    made: dict[str, CacheParameterGroup] = backend.cache_parameter_groups
    return made


def _group(backend: Any, name: str) -> CacheParameterGroup:
    """One group by name; AWS's own defaults (`default.redis7`, `default.redis7.cluster.on`) always stand."""
    from moto.elasticache.exceptions import ElastiCacheException

    groups = _groups(backend)
    if name in groups:
        return groups[name]
    if name.startswith("default."):
        family = name.split(".")[1]
        return CacheParameterGroup(backend, name, family, f"Default parameter group for {family}")
    error = ElastiCacheException(f"CacheParameterGroup {name} not found.")
    error.code = "CacheParameterGroupNotFound"
    raise error


@mend("elasticache")
def parameter_groups_made_and_removed() -> None:
    """Create-, Describe- and DeleteCacheParameterGroup are missing, and their ARNs cannot be tagged."""
    from re import compile as pattern

    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.exceptions import ElastiCacheException
    from moto.elasticache.models import ElastiCacheBackend
    from moto.elasticache.responses import ElastiCacheResponse

    @around(ElastiCacheBackend, "__init__")
    def begin(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        kinds = "cluster|snapshot|subnetgroup|replicationgroup|user|parametergroup"
        self.arn_regex = pattern(rf"^arn:aws:elasticache:.*:[0-9]*:({kinds}):.*$")

    @added(ElastiCacheResponse)
    def create_cache_parameter_group(self: Any) -> ActionResult:
        backend = self.elasticache_backend
        name = self._get_param("CacheParameterGroupName").lower()
        if name in _groups(backend):
            error = ElastiCacheException(f"Cache parameter group {name} already exists.")
            error.code = "CacheParameterGroupAlreadyExists"
            raise error
        family, description = self._get_param("CacheParameterGroupFamily"), self._get_param("Description")
        group = CacheParameterGroup(backend, name, family, description)
        _groups(backend)[name] = group
        backend.tagging_service.tag_resource(group.arn, self._get_param("Tags") or [])
        return ActionResult({"CacheParameterGroup": group})

    @added(ElastiCacheResponse)
    def describe_cache_parameter_groups(self: Any) -> ActionResult:
        name = self._get_param("CacheParameterGroupName")
        backend = self.elasticache_backend
        groups = [_group(backend, name)] if name else list(_groups(backend).values())
        return ActionResult({"CacheParameterGroups": groups})

    @added(ElastiCacheResponse)
    def delete_cache_parameter_group(self: Any) -> EmptyResult:
        backend = self.elasticache_backend
        group = _group(backend, self._get_param("CacheParameterGroupName"))
        users = backend.replication_groups.values()
        if any(one.cache_parameter_group_name == group.name for one in users):
            error = ElastiCacheException(f"One or more cache clusters are still members of {group.name}.")
            error.code = "InvalidCacheParameterGroupState"
            raise error
        backend.tagging_service.delete_all_tags_for_resource(group.arn)
        del _groups(backend)[group.name]
        return EmptyResult()


@mend("elasticache")
def parameters_set_and_reset() -> None:
    """Modify- and ResetCacheParameterGroup and DescribeCacheParameters are missing."""
    from moto.core.responses import ActionResult
    from moto.elasticache.responses import ElastiCacheResponse

    @added(ElastiCacheResponse)
    def modify_cache_parameter_group(self: Any) -> ActionResult:
        group = _group(self.elasticache_backend, self._get_param("CacheParameterGroupName"))
        for pair in self._get_param("ParameterNameValues") or []:
            group.parameters[pair["ParameterName"]] = pair["ParameterValue"]
        return ActionResult({"CacheParameterGroupName": group.name})

    @added(ElastiCacheResponse)
    def reset_cache_parameter_group(self: Any) -> ActionResult:
        group = _group(self.elasticache_backend, self._get_param("CacheParameterGroupName"))
        if self._get_bool_param("ResetAllParameters"):
            group.parameters.clear()
        for pair in self._get_param("ParameterNameValues") or []:
            group.parameters.pop(pair["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": group.name})

    @added(ElastiCacheResponse)
    def describe_cache_parameters(self: Any) -> ActionResult:
        group = _group(self.elasticache_backend, self._get_param("CacheParameterGroupName"))
        described = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
            for name, value in sorted(group.parameters.items())
        ]
        return ActionResult({"Parameters": described})
