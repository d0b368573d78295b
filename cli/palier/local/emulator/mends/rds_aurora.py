"""Mends of Aurora clusters and their instances, in one region. `rds_global` has what spans regions."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.rds import zones_of
from palier.local.emulator.mends.table import added, around, mend, told

INSIGHTS = (
    "enable_performance_insights",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
)


@mend("rds")
def cluster_made_once() -> None:
    """A cluster with the name of one that stands takes its place, any subnet or parameter group will do, and
    an Aurora storage type (aurora-iopt1) answers 500."""
    from moto.rds.exceptions import (
        DBClusterParameterGroupNotFoundError,
        DBSubnetGroupNotFoundError,
        RDSClientError,
    )
    from moto.rds.models import DBCluster, RDSBackend

    @around(RDSBackend, "create_db_cluster")
    def create(original: Any, self: Any, kwargs: Any) -> Any:
        name = str(kwargs["db_cluster_identifier"]).lower()
        if name in self.clusters:
            raise RDSClientError("DBClusterAlreadyExistsFault", f"DB Cluster {name} already exists")
        group = kwargs.get("db_subnet_group_name")
        if group is not None and group.lower() not in self.subnet_groups:
            raise DBSubnetGroupNotFoundError(group)
        parameters = kwargs.get("db_cluster_parameter_group_name")
        own = parameters is not None and not parameters.startswith("default.")
        if own and parameters not in self.db_cluster_parameter_groups:
            raise DBClusterParameterGroupNotFoundError(parameters)
        return original(self, kwargs)

    allocated = DBCluster.default_allocated_storage

    def default_allocated_storage(engine: str, storage_type: str) -> int:
        return 1 if storage_type.startswith("aurora") else allocated(engine, storage_type)

    DBCluster.default_allocated_storage = staticmethod(default_allocated_storage)  # type: ignore[method-assign]


@mend("rds")
def cluster_described_as_on_aws() -> None:
    """A new Aurora cluster has the parameter group of MySQL, a key although it is not encrypted, and storage
    type gp2, and forgets its insights and monitoring."""
    from moto.rds.models import DBCluster

    @around(DBCluster, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        if self.engine.startswith("aurora"):
            if not named.get("db_cluster_parameter_group_name"):
                self.parameter_group = f"default.{_family(self)}"
            self.storage_type = named.get("storage_type") or "aurora"
        if not self.storage_encrypted:
            self.kms_key_id = None
        elif not named.get("kms_key_id"):
            self.kms_key_id = self.backend.kms.describe_key("alias/aws/rds").arn
        self.database_insights_mode = named.get("database_insights_mode") or "standard"
        self.monitoring_interval = named.get("monitoring_interval") or 0
        self.monitoring_role_arn = named.get("monitoring_role_arn")
        for name in INSIGHTS:
            setattr(self, name, named.get(name))

    @told(DBCluster)
    def performance_insights_enabled(self: Any) -> bool:
        return bool(self.enable_performance_insights)


def _family(cluster: Any) -> str:
    """The family of an Aurora cluster's parameters: by major version, of MySQL's by both its numbers."""
    version = str(cluster.engine_version)
    major = version.split(".mysql")[0] if "mysql" in version else version.split(".")[0]
    return f"{cluster.engine}{major}"


@mend("rds")
def cluster_change_kept_or_refused() -> None:
    """ModifyDBCluster of an unknown cluster answers 500, a refused one takes the cluster away, and changes of
    log exports and of IAM authentication are accepted and forgotten."""
    from moto.rds.exceptions import DBClusterNotFoundError
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "modify_db_cluster")
    def modify(original: Any, self: Any, kwargs: Any) -> Any:
        name = kwargs["db_cluster_identifier"]
        cluster = self.clusters.get(name)
        if cluster is None:
            raise DBClusterNotFoundError(name)
        try:
            changed = original(self, kwargs)
        except Exception:
            self.clusters[name] = cluster
            raise
        exports = kwargs.get("cloudwatch_logs_export_configuration") or {}
        dropped = set(exports.get("DisableLogTypes") or exports.get("disable_log_types") or ())
        more = exports.get("EnableLogTypes") or exports.get("enable_log_types") or ()
        kept = [kind for kind in cluster.enabled_cloudwatch_logs_exports if kind not in dropped]
        cluster.enabled_cloudwatch_logs_exports = sorted({*kept, *more})
        if kwargs.get("enable_iam_database_authentication") is not None:
            cluster.iam_auth = kwargs["enable_iam_database_authentication"]
        return changed


@mend("rds")
def instance_where_its_cluster_is() -> None:
    """An instance of a cluster ignores the cluster's subnet group, and goes to zone a as all others."""
    from moto.rds.models import DBInstanceClustered

    @around(DBInstanceClustered, "__init__")
    def create(original: Any, self: Any, db_cluster_identifier: str, *arguments: Any, **named: Any) -> None:
        backend = named["backend"]
        cluster = backend.clusters.get(db_cluster_identifier)
        # Those before it; it is none of them yet.
        before = [] if cluster is None else [one.availability_zone for one in cluster._members]
        if cluster is not None and cluster.db_subnet_group_name in backend.subnet_groups:
            named.setdefault("db_subnet_group_name", cluster.db_subnet_group_name)
        original(self, db_cluster_identifier, *arguments, **named)
        zones = zones_of(self)
        if zones and not named.get("availability_zone"):
            self.availability_zone = min(zones, key=lambda zone: (before.count(zone), zone))


@mend("rds")
def cluster_parameters_described_as_the_users() -> None:
    """DescribeDBClusterParameters does not say that a parameter was set by the user,
    ResetDBClusterParameterGroup is missing, and a group can be deleted under its clusters."""
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBClusterParameterGroup, RDSBackend
    from moto.rds.responses import RDSResponse

    @around(DBClusterParameterGroup, "update_cluster_parameters")
    def update(original: Any, self: Any, new_parameters: Any) -> None:
        original(self, new_parameters)
        for parameter in self.parameters.values():
            parameter.setdefault("Source", "user")
            parameter.setdefault("IsModifiable", True)

    @added(RDSResponse)
    def reset_db_cluster_parameter_group(self: Any) -> ActionResult:
        name = self.params["DBClusterParameterGroupName"]
        group = self.backend.describe_db_cluster_parameter_groups(name)[0]
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters") or []:
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBClusterParameterGroupName": group.name})

    @around(RDSBackend, "delete_db_cluster_parameter_group")
    def delete(original: Any, self: Any, db_cluster_parameter_group_name: str) -> None:
        if any(one.parameter_group == db_cluster_parameter_group_name for one in self.clusters.values()):
            raise RDSClientError(
                "InvalidDBParameterGroupState",
                "One or more database clusters are still members of this parameter group "
                f"{db_cluster_parameter_group_name}, so the group cannot be deleted",
            )
        original(self, db_cluster_parameter_group_name)
