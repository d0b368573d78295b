"""RDS: instances and their replicas."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.common import lower_case, resource_name_tags, zones
from palier.local.provider.resources.database_sources import creation, finish, source_can_be_followed
from palier.local.provider.resources.facts import db_instance_classes
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

_INSTANCE_KEPT = frozenset(
    {
        "allocatedStorage",
        "availabilityZone",
        "backupRetentionPeriod",
        "backupTarget",
        "backupWindow",
        "caCertIdentifier",
        "characterSetName",
        "databaseInsightsMode",
        "dbName",
        "dbSubnetGroupName",
        "engine",
        "engineLifecycleSupport",
        "engineVersion",
        "iops",
        "kmsKeyId",
        "licenseModel",
        "maintenanceWindow",
        "masterUserSecretKmsKeyId",
        "monitoringRoleArn",
        "multiAz",
        "ncharCharacterSetName",
        "networkType",
        "optionGroupName",
        "parameterGroupName",
        "performanceInsightsKmsKeyId",
        "performanceInsightsRetentionPeriod",
        "port",
        "replicaMode",
        "snapshotIdentifier",
        "storageThroughput",
        "storageType",
        "timezone",
        "username",
        "vpcSecurityGroupIds",
    }
)


# Engines of an instance: RDS API reference, CreateDBInstance, parameter Engine.
_ENGINES = frozenset(
    {"aurora-mysql", "aurora-postgresql", "db2-ae", "db2-se", "mariadb", "mysql", "postgres"}
    | {"oracle-ee", "oracle-ee-cdb", "oracle-se2", "oracle-se2-cdb"}
    | {"sqlserver-ee", "sqlserver-ex", "sqlserver-se", "sqlserver-web"}
    | {f"custom-oracle-{name}" for name in ("ee", "ee-cdb", "se2", "se2-cdb")}
    | {f"custom-sqlserver-{name}" for name in ("dev", "ee", "se", "web")}
)


# Inputs of ModifyDBInstance whose names differ from CreateDBInstance's, or from Pulumi's.
_INSTANCE_NAMES = {
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "arn": "DBInstanceArn",
    "dbName": "DBName",
    "username": "MasterUsername",
    "password": "MasterUserPassword",
    "parameterGroupName": "DBParameterGroupName",
    "replicateSourceDb": "SourceDBInstanceIdentifier",
    "backupWindow": "PreferredBackupWindow",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "caCertIdentifier": "CACertificateIdentifier",
    "status": "DBInstanceStatus",
    "resourceId": "DbiResourceId",
}


def _create_instance(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if context.id:
        return _modify_instance(context, arguments)
    return arguments


def _modify_instance(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    arguments["ApplyImmediately"] = True
    inputs, changed = context.inputs, arguments.keys()
    # Gone from the program it is switched off, in the very call that gives the password in its place.
    if context.old_inputs.get("manageMasterUserPassword") and not inputs.get("manageMasterUserPassword"):
        arguments["ManageMasterUserPassword"] = False
    if "DBInstanceIdentifier" in changed and context.outputs.get("identifier") != inputs.get("identifier"):
        arguments["NewDBInstanceIdentifier"] = inputs["identifier"]
    arguments["DBInstanceIdentifier"] = context.outputs.get("identifier", inputs.get("identifier"))
    return arguments


def _instance_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done: set[str] = set()
    name = context.outputs.get("identifier") or inputs["identifier"]
    if "replicateSourceDb" in changed:
        if inputs.get("replicateSourceDb"):
            raise ProviderError("cannot elect new source database for replication")
        context.call("PromoteReadReplica", DBInstanceIdentifier=name)
        done.add("replicateSourceDb")
    if "enabledCloudwatchLogsExports" in changed:
        old, new = (
            set(side.get("enabledCloudwatchLogsExports") or ()) for side in (context.old_inputs, inputs)
        )
        switch = {"EnableLogTypes": sorted(new - old), "DisableLogTypes": sorted(old - new)}
        context.call(
            "ModifyDBInstance",
            DBInstanceIdentifier=name,
            CloudwatchLogsExportConfiguration={key: value for key, value in switch.items() if value},
        )
        done.add("enabledCloudwatchLogsExports")
    if changed & {"dbSubnetGroupName"} and not inputs.get("dbSubnetGroupName"):
        done.add("dbSubnetGroupName")
    return done


def _describe_instance(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    endpoint = found.get("Endpoint") or {}
    address, port = endpoint.get("Address"), endpoint.get("Port")
    groups = found.get("DBParameterGroups") or [{}]
    secret = found.get("MasterUserSecret")
    asked = str(context.inputs.get("engineVersion") or context.outputs.get("engineVersion") or "")
    actual = str(found.get("EngineVersion", ""))
    source = found.get("ReadReplicaSourceDBInstanceIdentifier")
    return {
        **found,
        "address": address,
        "endpoint": f"{address}:{port}" if address else None,
        "port": port,
        "hostedZoneId": endpoint.get("HostedZoneId"),
        "parameterGroupName": groups[0].get("DBParameterGroupName"),
        "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups", ())],
        "dbSubnetGroupName": (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        # A prefix of the version that runs is no drift ("16" while 16.4 runs).
        "engineVersion": asked if asked and actual.startswith(asked) else actual,
        "engineVersionActual": actual,
        "masterUserSecrets": [secret] if secret else [],
        "manageMasterUserPassword": True if secret else None,
        "replicateSourceDb": _same_source(context, source) if source else None,
        "replicas": found.get("ReadReplicaDBInstanceIdentifiers", []),
        "LatestRestorableTime": str(found["LatestRestorableTime"])
        if found.get("LatestRestorableTime")
        else None,
        "enabledCloudwatchLogsExports": found.get("EnabledCloudwatchLogsExports") or None,
        "iamDatabaseAuthenticationEnabled": found.get("IAMDatabaseAuthenticationEnabled"),
        "performanceInsightsEnabled": found.get("PerformanceInsightsEnabled"),
    }


def _same_source(context: Context, source: str) -> str:
    """The source as the program spelt it: by identifier or by ARN."""
    asked = str(context.inputs.get("replicateSourceDb") or context.outputs.get("replicateSourceDb") or "")
    return asked if asked and asked.split(":")[-1] == source.split(":")[-1] else source


def _located_instance(context: Context) -> None:
    """The official provider imports an instance by its identifier; its id is another."""
    wanted = [{"Name": "db-instance-id", "Values": [context.id]}]
    found = context.call("DescribeDBInstances", Filters=wanted)["DBInstances"]
    if found:
        context.id = found[0]["DbiResourceId"]


def _engine(check: Check) -> list[Problem]:
    engine = check.inputs.get("engine")
    if not isinstance(engine, str) or engine.lower() in _ENGINES:
        return []
    near = ", ".join(get_close_matches(engine, sorted(_ENGINES), n=3)) or ", ".join(sorted(_ENGINES))
    return [("engine", f"{engine!r} is not an engine of RDS ({near})")]


def _instance_class(check: Check) -> list[Problem]:
    value, engine = check.inputs.get("instanceClass"), check.inputs.get("engine")
    if not isinstance(value, str):
        return []
    classes = db_instance_classes(check.region, engine if isinstance(engine, str) else None)
    if not classes or value in classes:
        return []
    near = ", ".join(get_close_matches(value, classes, n=3))
    what = f"for {engine} " if isinstance(engine, str) else ""
    return [
        ("instanceClass", f"{value!r} is not a DB instance class that {check.region} has {what}({near}, …)")
    ]


def _primary_wants(check: Check) -> list[Problem]:
    inputs = check.inputs
    if any(inputs.get(key) for key in ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime")):
        return []
    problems = []
    # What stands has them, even where it was imported without, or was a replica until it was promoted.
    if not check.olds:
        missing = [key for key in ("engine", "allocatedStorage") if key not in inputs]
        problems += [(key, "is required for an instance that is no replica") for key in missing]
        if not any(key in inputs for key in ("manageMasterUserPassword", "password", "passwordWo")):
            problems.append(("password", "or manageMasterUserPassword is required"))
    if inputs.get("multiAz") is True and isinstance(inputs.get("availabilityZone"), str):
        problems.append(("availabilityZone", "can't be given with multiAz"))
    return problems


def _delete_instance(context: Context) -> None:
    outputs, inputs = context.outputs, context.inputs
    arguments: dict[str, Any] = {
        "DBInstanceIdentifier": outputs.get("identifier") or inputs.get("identifier")
    }
    replica = bool(inputs.get("replicateSourceDb") or outputs.get("replicateSourceDb"))
    arguments["DeleteAutomatedBackups"] = bool(inputs.get("deleteAutomatedBackups", True))
    if replica or inputs.get("skipFinalSnapshot"):
        arguments["SkipFinalSnapshot"] = True
    elif inputs.get("finalSnapshotIdentifier"):
        arguments["SkipFinalSnapshot"] = False
        arguments["FinalDBSnapshotIdentifier"] = inputs["finalSnapshotIdentifier"]
    else:
        raise ProviderError("final_snapshot_identifier is required when skip_final_snapshot is false")
    context.call("DeleteDBInstance", **arguments)


ENTRIES = (
    Entry(
        "aws:rds/instance:Instance",
        "rds",
        create=Call("CreateDBInstance"),
        create_as=creation,
        id="DBInstance.DbiResourceId",
        read=Read(
            "DescribeDBInstances",
            {"Filters": [{"Name": "dbi-resource-id", "Values": ["{id}"]}]},
            "DBInstances[?DBInstanceStatus!='deleting'] | [0]",
        ),
        delete=None,
        update=Call("ModifyDBInstance", {"DBInstanceIdentifier": "{identifier}"}),
        force_new=frozenset(
            {
                "availabilityZone",
                "backupTarget",
                "characterSetName",
                "customIamInstanceProfile",
                "dbName",
                "engine",
                "kmsKeyId",
                "ncharCharacterSetName",
                "restoreToPointInTime",
                "s3Import",
                "s3Import.bucketName",
                "s3Import.bucketPrefix",
                "s3Import.ingestionRole",
                "s3Import.sourceEngine",
                "s3Import.sourceEngineVersion",
                "snapshotIdentifier",
                "storageEncrypted",
                "timezone",
                "username",
            }
        ),
        names=_INSTANCE_NAMES,
        reads={
            key: key
            for key in (
                "address",
                "endpoint",
                "port",
                "hostedZoneId",
                "parameterGroupName",
                "vpcSecurityGroupIds",
                "dbSubnetGroupName",
                "engineVersion",
                "engineVersionActual",
                "masterUserSecrets",
                "manageMasterUserPassword",
                "replicateSourceDb",
                "replicas",
                "enabledCloudwatchLogsExports",
                "iamDatabaseAuthenticationEnabled",
                "performanceInsightsEnabled",
            )
        },
        defaults={
            "applyImmediately": False,
            "autoMinorVersionUpgrade": True,
            "copyTagsToSnapshot": False,
            "deleteAutomatedBackups": True,
            "monitoringInterval": 0,
            "performanceInsightsEnabled": False,
            "publiclyAccessible": False,
            "skipFinalSnapshot": False,
        },
        settings=frozenset(
            {
                "applyImmediately",
                "allowMajorVersionUpgrade",
                "blueGreenUpdate",
                "deleteAutomatedBackups",
                "finalSnapshotIdentifier",
                "skipFinalSnapshot",
            }
        ),
        write_only=frozenset(
            {"identifierPrefix", "password", "passwordWo", "passwordWoVersion", "restoreToPointInTime"}
            | {"snapshotIdentifier"}
        ),
        packed=frozenset({"replicateSourceDb", "restoreToPointInTime", "snapshotIdentifier"}),
        spelling={"engine": str.lower, "identifier": str.lower, "maintenanceWindow": str.lower},
        kept=_INSTANCE_KEPT,
        recomputed={
            **dict.fromkeys(("address", "arn", "endpoint"), ("identifier", "identifierPrefix")),
            "engineVersionActual": ("engineVersion",),
        },
        locate=_located_instance,
        after_create=finish,
        tags=resource_name_tags(),
        # No separator, and a given identifier is not freed first (docs/fidelity.md).
        autoname=Autoname("identifier", 63, prefix="identifierPrefix", separator="", frees_name_first=False),
        checks=(
            lower_case("identifier", r"[0-9a-z-]+"),
            _engine,
            _instance_class,
            _primary_wants,
            source_can_be_followed,
            zones("availabilityZone"),
        ),
        prepare=_create_instance,
        described=_describe_instance,
        on_update=_instance_update,
        before_delete=_delete_instance,
    ),
)
