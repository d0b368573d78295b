"""Mends of RDS: instances, parameter groups, subnet groups. Replicas and proxies have their own modules."""

from __future__ import annotations

import json
import string
from typing import Any

from palier.local.emulator.mends.table import added, around, mend, told

DEFAULT_CERTIFICATE = "rds-ca-rsa2048-g1"  # RDS user guide, "Using SSL/TLS": the default authority
PI_RETENTION_DAYS = 7  # CreateDBInstance, PerformanceInsightsRetentionPeriod: default 7


def resource_id() -> str:
    """A new DbiResourceId: `db-` and 26 capitals and digits, as AWS's."""
    from moto.moto_api._internal import mock_random

    return "db-" + "".join(mock_random.choices(string.ascii_uppercase + string.digits, k=26))


@mend("rds")
def own_resource_id() -> None:
    """Every DB instance answers the same literal DbiResourceId, db-M5ENSHXFPU6XHZ4G4ZEI5QIO2U."""
    from moto.rds.models import DBInstance

    @around(DBInstance, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self.dbi_resource_id = resource_id()


@mend("rds")
def insights_and_certificate_kept() -> None:
    """Performance Insights, Database Insights and the CA of an instance are not described or not updated."""
    from moto.rds.models import DBInstance

    @around(DBInstance, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        named.setdefault("ca_certificate_identifier", DEFAULT_CERTIFICATE)
        original(self, *arguments, **named)
        self.database_insights_mode = named.get("database_insights_mode") or "standard"
        self.network_type = named.get("network_type") or "IPV4"
        self.dedicated_log_volume = bool(named.get("dedicated_log_volume"))
        self.performance_insights_enabled = False
        _set_insights(self, named)

    @around(DBInstance, "update")
    def update(original: Any, self: Any, **named: Any) -> None:
        original(self, **named)
        _set_insights(self, named)


def _set_insights(instance: Any, asked: dict[str, Any]) -> None:
    wanted = asked.get("enable_performance_insights")
    if wanted is not None:
        instance.performance_insights_enabled = wanted
    if instance.performance_insights_enabled:
        kept = getattr(instance, "performance_insights_retention_period", None) or PI_RETENTION_DAYS
        instance.performance_insights_retention_period = (
            asked.get("performance_insights_retention_period") or kept
        )
        key = asked.get("performance_insights_kms_key_id")
        instance.performance_insights_kms_key_id = key or getattr(
            instance, "performance_insights_kms_key_id", None
        )
    else:
        instance.performance_insights_retention_period = None
        instance.performance_insights_kms_key_id = None


@mend("rds")
def placed_in_its_subnet_group() -> None:
    """An instance without a zone is put in zone a, whatever its subnet group; no second zone is told."""
    from moto.rds.models import DBInstance

    @around(DBInstance, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        zones = zones_of(self)
        if not named.get("availability_zone") and zones and self.availability_zone not in zones:
            self.availability_zone = zones[0]

    @told(DBInstance)
    def secondary_availability_zone(self: Any) -> str | None:
        if not self.multi_az:
            return None
        return next((zone for zone in zones_of(self) if zone != self.availability_zone), None)


def zones_of(instance: Any) -> list[str]:
    """The zones of the instance's subnet group, in order of name; none without a group."""
    group = getattr(instance, "db_subnet_group", None)
    return sorted({subnet.availability_zone for subnet in group._subnets}) if group is not None else []


@mend("rds")
def managed_secret_of_its_master() -> None:
    """The secret of a managed master password holds user `admin` with a literal password."""
    from moto.moto_api._internal import mock_random
    from moto.rds.models import MasterUserSecret

    @around(MasterUserSecret, "_generate_secret_string")
    def generate(original: Any, self: Any) -> str:
        # 28 characters: what RDS generates (user guide, "Password management with Secrets Manager").
        password = "".join(mock_random.choices(string.ascii_letters + string.digits + "!#$%&()*+", k=28))
        return json.dumps({"username": self.resource.master_username, "password": password})


@mend("rds")
def default_parameter_group_of_a_major_version() -> None:
    """An instance with a version without minor number (`16`) gets parameter group `default.postgres`."""
    from moto.rds.models import DBInstance

    @around(DBInstance, "default_db_parameter_group_details")
    def details(original: Any, self: Any) -> tuple[str, str]:
        version = str(self.engine_version)
        if "." in version:
            return tuple(original(self))
        family = f"{self.engine.lower()}{version}"
        return family, f"default.{family}"


@mend("rds")
def parameter_group_in_use_stays() -> None:
    """A parameter group can be deleted under its instances; then describing any instance answers 500."""
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "delete_db_parameter_group")
    def delete(original: Any, self: Any, db_parameter_group_name: str) -> Any:
        name = db_parameter_group_name.lower()
        if any((one.db_parameter_group_name or "").lower() == name for one in self.databases.values()):
            raise RDSClientError(
                "InvalidDBParameterGroupState",
                "One or more database instances are still members of this parameter group "
                f"{name}, so the group cannot be deleted",
            )
        return original(self, db_parameter_group_name)


@mend("rds")
def parameters_described_as_the_users() -> None:
    """DescribeDBParameters does not say that a parameter was set by the user; ResetDBParameterGroup lacks."""
    from moto.core.responses import ActionResult
    from moto.rds.models import DBParameterGroup
    from moto.rds.responses import RDSResponse

    @around(DBParameterGroup, "update_parameters")
    def update(original: Any, self: Any, new_parameters: Any) -> None:
        original(self, new_parameters)
        for parameter in self.parameters.values():
            parameter.setdefault("Source", "user")
            parameter.setdefault("IsModifiable", True)

    @added(RDSResponse)
    def reset_db_parameter_group(self: Any) -> ActionResult:
        name = self.params["DBParameterGroupName"]
        group = self.backend.modify_db_parameter_group(name, [])
        if self.params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in self.params.get("Parameters") or []:
            group.parameters.pop(parameter["ParameterName"], None)
        return ActionResult({"DBParameterGroupName": group.name})


@mend("rds")
def subnet_group_survives_its_change() -> None:
    """ModifyDBSubnetGroup takes the group out of the backend: it is gone afterwards."""
    from moto.rds.exceptions import DBSubnetGroupNotFoundError
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "modify_db_subnet_group")
    def modify(original: Any, self: Any, subnet_name: str, *arguments: Any, **named: Any) -> Any:
        if subnet_name not in self.subnet_groups:
            raise DBSubnetGroupNotFoundError(subnet_name)
        group = original(self, subnet_name, *arguments, **named)
        self.subnet_groups[subnet_name] = group
        return group


@mend("rds")
def subnet_group_in_use_stays() -> None:
    """A DB subnet group can be deleted under its instances."""
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "delete_subnet_group")
    def delete(original: Any, self: Any, subnet_name: str) -> Any:
        users = [
            one.db_instance_identifier
            for one in self.databases.values()
            if getattr(one, "db_subnet_group", None) is not None
            and one.db_subnet_group.name == subnet_name.lower()
        ]
        if users:
            raise RDSClientError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{subnet_name}' because at least one database instance: "
                f"{users[0]} is still using it.",
            )
        return original(self, subnet_name)


@mend("rds")
def restored_instance_follows_nobody() -> None:
    """An instance restored to a point in time is described as a read replica of its source."""
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "restore_db_instance_to_point_in_time")
    def restore(original: Any, self: Any, source: str, target: str, overrides: dict[str, Any]) -> Any:
        own = {name: value for name, value in overrides.items() if not name.startswith("source_db")}
        return original(self, source, target, own)
