"""Mends of RDS read replicas: an instance of its own, with a life of its own.

What a replica takes from its source and what it does not is CreateDBInstanceReadReplica's documentation:
engine, version, storage, encryption, names and maintenance come from the source; zone, Multi-AZ, backups,
Performance Insights, monitoring, tags, protection and log exports do not.
"""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.rds import zones_of
from palier.local.emulator.mends.table import around, mend, told
from palier.local.emulator.regions import REGIONS

INHERITED = (
    "engine",
    "engine_version",
    "db_instance_class",
    "allocated_storage",
    "storage_type",
    "iops",
    "storage_throughput",
    "storage_encrypted",
    "kms_key_id",
    "master_username",
    "db_name",
    "port",
    "license_model",
    "auto_minor_version_upgrade",
    "preferred_backup_window",
    "preferred_maintenance_window",
    "character_set_name",
    "network_type",
)
SAME_REGION_ONLY = ("kms_key_id",)


@mend("rds")
def replica_of_its_own() -> None:
    """A replica is a shallow copy of its source: it keeps zone, Multi-AZ, backups and managed secret of the
    source, shares its lists, and a replica in another region of a source with a parameter group of its own
    answers 500 and is stored all the same; of an encrypted source one is made without a key of its region, as
    one is of a source whose master password RDS manages."""
    from moto.rds import models
    from moto.rds.exceptions import DBInstanceAlreadyExists, RDSClientError

    @around(models.RDSBackend, "create_db_instance_read_replica")
    def create(original: Any, self: Any, db_kwargs: Any) -> Any:
        asked = {key: value for key, value in _snake(db_kwargs).items() if value is not None}
        identifier = asked["db_instance_identifier"]
        if identifier in self.databases:
            raise DBInstanceAlreadyExists()
        self._validate_db_identifier(identifier)
        source = self.find_db_from_id(asked["source_db_instance_identifier"])
        if not source.backup_retention_period:
            raise RDSClientError(
                "InvalidDBInstanceState",
                "Automated backups are not enabled for this database instance. To enable automated backups, "
                "use ModifyDBInstance to set the backup retention period to a non-zero value.",
            )
        _not_managed(source)
        same_region = source.region == self.region_name
        if not same_region:
            _reached_and_encrypted(self, source, asked)
        wanted = _inherited(source, same_region) | asked
        wanted["source_db_instance_identifier"] = (
            source.db_instance_identifier if same_region else source.db_instance_arn
        )
        wanted.setdefault("availability_zone", _zone_apart(self, source, wanted, same_region))
        make: Any = models.DBInstance
        replica = make(self, **wanted)
        replica.set_as_replica()
        self.databases[identifier] = replica
        replica.add_event("DB_INSTANCE_CREATE")
        source.add_replica(replica)
        return replica


def _not_managed(source: Any) -> None:
    """RDS user guide, "Password management with Secrets Manager", limitations: but for SQL Server, no replica
    of an instance whose master password is managed. The answer is the one told in
    terraform-aws-modules/terraform-aws-rds#532."""
    from moto.rds.exceptions import RDSClientError

    if getattr(source, "manage_master_user_password", False) and not source.engine.startswith("sqlserver"):
        raise RDSClientError(
            "InvalidParameterValue",
            f"Creating read replicas for source instance with engine {source.engine} where "
            "ManageMasterUserPassword is enabled is not supported.",
        )


def _reached_and_encrypted(backend: Any, source: Any, asked: dict[str, Any]) -> None:
    """A key is of one region: what replicates an encrypted source wants one of its own region.

    A source in a region that fails can't be reached at all.
    """
    from moto.rds.exceptions import RDSClientError

    if REGIONS.failing(source):
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"The source {source.db_instance_arn} is not available: its region fails",
        )
    key = asked.get("kms_key_id")
    if source.storage_encrypted and key is None:
        raise RDSClientError(
            "InvalidParameterCombination",
            "Cannot create a cross region unencrypted read replica from encrypted source.",
        )
    if key is not None:
        asked["kms_key_id"] = key_of(backend, key)


def key_of(backend: Any, key: str) -> str:
    """The ARN of a KMS key of the backend's region; refused where there is none."""
    from moto.kms.exceptions import NotFoundException
    from moto.rds.exceptions import RDSClientError

    try:
        if key.startswith("arn:") and key.split(":")[3] != backend.region_name:
            raise NotFoundException(key)
        return str(backend.kms.describe_key(key).arn)
    except (KeyError, NotFoundException):
        raise RDSClientError(
            "KMSKeyNotAccessibleFault",
            f"The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions to "
            "access it.",
        ) from None


def _snake(asked: Any) -> dict[str, Any]:
    """The request's parameters by the names that moto's models use; `backend` is not one of them."""
    from botocore import xform_name

    plain = asked.original_dict() if hasattr(asked, "original_dict") else dict(asked)
    return {xform_name(key): value for key, value in plain.items() if key != "backend"}


def _inherited(source: Any, same_region: bool) -> dict[str, Any]:
    names = [name for name in INHERITED if same_region or name not in SAME_REGION_ONLY]
    values = {name: getattr(source, name, None) for name in names}
    values["backup_retention_period"] = 0
    if same_region:
        values["db_parameter_group_name"] = source.db_parameter_group_name
        values["db_subnet_group_name"] = source._db_subnet_group_name
        values["vpc_security_group_ids"] = list(source.vpc_security_group_ids)
    return {name: value for name, value in values.items() if value is not None}


def _zone_apart(backend: Any, source: Any, wanted: dict[str, Any], same_region: bool) -> str | None:
    """The zone of the subnet group with the fewest instances of this family, the source's own last."""
    group = wanted.get("db_subnet_group_name")
    if group is None:
        return None
    subnets = backend.describe_db_subnet_groups(group)[0]._subnets
    zones = sorted({subnet.availability_zone for subnet in subnets})
    family = [source, *(backend.databases[name] for name in source.replicas if name in backend.databases)]
    taken = [one.availability_zone for one in family if one.region == backend.region_name]
    own = source.availability_zone if same_region else None
    return str(min(zones, key=lambda zone: (taken.count(zone), zone == own, zone)))


@mend("rds")
def replica_says_how_it_replicates() -> None:
    """A replica has no StatusInfos, so nobody can see whether it replicates."""
    from moto.rds.models import DBInstance

    @told(DBInstance)
    def status_infos(self: Any) -> list[dict[str, Any]] | None:
        if not self.is_replica:
            return None
        broken = getattr(self, "replication_ended", False)
        status = "terminated" if broken else "replicating"
        return [{"StatusType": "read replication", "Normal": not broken, "Status": status}]


@mend("rds")
def replica_of_another_region_leaves_its_source() -> None:
    """Deleting a replica of another region deletes it and answers 500: listed by ARN, removed by name."""
    from moto.rds.models import DBInstance

    @around(DBInstance, "remove_replica")
    def remove(original: Any, self: Any, replica: Any) -> None:
        names = (replica.db_instance_identifier, replica.db_instance_arn)
        self.replicas = [one for one in self.replicas if one not in names]


@mend("rds")
def promotion_ends_the_replication() -> None:
    """PromoteReadReplica leaves both sides listed as source and replica of each other."""
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "promote_read_replica")
    def promote(original: Any, self: Any, db_kwargs: Any) -> Any:
        from moto.rds.exceptions import DBInstanceNotFoundError, RDSClientError

        asked = _snake(db_kwargs)
        identifier = asked["db_instance_identifier"]
        if identifier not in self.databases:
            raise DBInstanceNotFoundError(identifier)
        database = self.databases[identifier]
        if not database.is_replica:
            raise RDSClientError("InvalidDBInstanceState", "DB Instance is not a read replica")
        stand_alone(database)
        kept = ("backup_retention_period", "preferred_backup_window")
        database.update(**{name: asked[name] for name in kept if asked.get(name) is not None})
        if not database.backup_retention_period:
            database.backup_retention_period = 1  # PromoteReadReplica: the default is 1
        return database


def stand_alone(database: Any) -> None:
    """Make a replica an instance of its own, and strike it from its source's list."""
    from moto.rds.exceptions import DBInstanceNotFoundError

    source_identifier = database.source_db_instance_identifier
    database.is_replica = False
    database.source_db_instance_identifier = None
    try:
        database.backend.find_db_from_id(source_identifier).remove_replica(database)
    except DBInstanceNotFoundError:
        return


@mend("rds")
def replicas_outlive_their_source() -> None:
    """A source can be deleted and its replicas go on naming it; deleting such a replica then answers 404.

    In AWS its replicas of the same region become instances of their own, and those of other regions stop
    replicating until they are promoted (RDS user guide, "Considerations when deleting replicas")."""
    from moto.rds.models import RDSBackend, rds_backends

    @around(RDSBackend, "delete_db_instance")
    def delete(original: Any, self: Any, db_instance_identifier: str, **named: Any) -> Any:
        database = self.databases.get(db_instance_identifier)
        if database is not None and getattr(database, "replication_ended", False):
            database.is_replica = False
        gone = original(self, db_instance_identifier, **named)
        for name in list(gone.replicas):
            if name in self.databases:
                stand_alone(self.databases[name])
            elif name.startswith("arn:"):
                backend = rds_backends[self.account_id][name.split(":")[3]]
                elsewhere: Any = backend.databases.get(name.split(":")[-1])
                if elsewhere is not None:
                    elsewhere.replication_ended = True
        return gone


@mend("rds")
def zones_of_the_replica() -> None:
    """A replica's zone may lie outside its subnet group; AWS refuses it."""
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBInstance

    @around(DBInstance, "__init__")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        zones = zones_of(self)
        if zones and self.availability_zone not in zones:
            raise RDSClientError(
                "InvalidVPCNetworkStateFault",
                f"Availability Zone {self.availability_zone} has no subnet in the DB subnet group",
            )
