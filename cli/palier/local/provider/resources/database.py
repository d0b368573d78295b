"""RDS: subnet and parameter groups, instances and their replicas, proxies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.common import known, resource_name_tags, zones
from palier.local.provider.resources.facts import db_instance_classes
from palier.local.provider.shapes import member_of
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read

_BATCH = 20  # Parameters per call: ModifyDBParameterGroup, RDS API reference.


def _pack(parameters: Any) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": item["name"],
            "ParameterValue": str(item["value"]),
            "ApplyMethod": item.get("applyMethod", "immediate"),
        }
        for item in parameters or ()
    ]


def _group_key(entry: Entry) -> str:
    return "DBParameterGroupName" if entry.service == "rds" else "CacheParameterGroupName"


def _pack_for(entry: Entry, parameters: Any) -> list[dict[str, Any]]:
    packed = _pack(parameters)
    if entry.service == "rds":
        return packed
    return [{key: value for key, value in item.items() if key != "ApplyMethod"} for item in packed]


def set_parameters(context: Context) -> None:
    """Set a new group's parameters."""
    _modify_parameters(context, context.inputs.get("parameters"))


def _modify_parameters(context: Context, parameters: Any) -> None:
    entry = context.entry
    rds = entry.service == "rds"
    operation = "ModifyDBParameterGroup" if rds else "ModifyCacheParameterGroup"
    member = "Parameters" if rds else "ParameterNameValues"
    packed = _pack_for(entry, parameters)
    for start in range(0, len(packed), _BATCH):
        batch: dict[str, Any] = {_group_key(entry): context.id, member: packed[start : start + _BATCH]}
        context.call(operation, **batch)


def change_parameters(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Set what is new, reset what is gone."""
    if "parameters" not in changed:
        return set()
    entry, rds = context.entry, context.entry.service == "rds"
    new = {item["name"] for item in inputs.get("parameters") or ()}
    gone = [item for item in context.old_inputs.get("parameters") or () if item["name"] not in new]
    if gone:
        operation = "ResetDBParameterGroup" if rds else "ResetCacheParameterGroup"
        member = "Parameters" if rds else "ParameterNameValues"
        arguments: dict[str, Any] = {_group_key(entry): context.id, member: _pack_for(entry, gone)}
        context.call(operation, **arguments)
    _modify_parameters(context, inputs.get("parameters"))
    return {"parameters"}


def describe_parameters(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the user set, with the apply method asked for (AWS keeps its own spelling)."""
    rds = context.entry.service == "rds"
    operation = "DescribeDBParameters" if rds else "DescribeCacheParameters"
    arguments = {_group_key(context.entry): context.id, "Source": "user"}
    listed = context.call(operation, **arguments)["Parameters"]
    asked = context.inputs.get("parameters") or context.outputs.get("parameters") or ()
    methods = {item["name"]: item.get("applyMethod") for item in asked}
    parameters = []
    for item in listed:
        if item.get("ParameterValue") is None:
            continue
        read = {"name": item["ParameterName"], "value": item["ParameterValue"]}
        method = methods.get(item["ParameterName"], item.get("ApplyMethod"))
        parameters.append({**read, "applyMethod": method} if method and rds else read)
    return {**found, "parameters": parameters}


def _without_methods(parameters: Any) -> Any:
    return [{key: value for key, value in item.items() if key != "applyMethod"} for item in parameters]


def _describe_subnet_group(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "subnetIds": [subnet["SubnetIdentifier"] for subnet in found.get("Subnets", ())]}


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


def _lower_case(property_: str, pattern: str) -> Callable[[Check], list[Problem]]:
    """As the official provider, a name with capitals is refused, autonamed or not."""

    def rule(check: Check) -> list[Problem]:
        name = check.inputs.get(property_)
        if not isinstance(name, str) or re.fullmatch(pattern, name):
            return []
        return [(property_, f"{name!r} may hold only {pattern.removesuffix('+')}")]

    return rule


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


def _create_replica_or_primary(context: Context) -> Call:
    return (
        Call("CreateDBInstanceReadReplica")
        if context.inputs.get("replicateSourceDb")
        else Call("CreateDBInstance")
    )


def _located_instance(context: Context) -> None:
    """The official provider imports an instance by its identifier; its id is another."""
    wanted = [{"Name": "db-instance-id", "Values": [context.id]}]
    found = context.call("DescribeDBInstances", Filters=wanted)["DBInstances"]
    if found:
        context.id = found[0]["DbiResourceId"]


def _finish_replica(context: Context) -> None:
    """What making a replica does not take is changed at once, as the official provider does."""
    if not context.inputs.get("replicateSourceDb"):
        return
    model = context.clients.operation_model("rds", "CreateDBInstanceReadReplica")
    late = {
        key: value
        for key, value in context.inputs.items()
        if key in _LATE_OF_REPLICAS and member_of(key, model.input_shape, context.entry.names) is None
    }
    if late:
        call = Call("ModifyDBInstance", {"DBInstanceIdentifier": "{identifier}", "ApplyImmediately": True})
        context.run(call, late)


# Of a replica, by a call of its own: the members of ModifyDBInstance that the official provider sends after
# CreateDBInstanceReadReplica (resourceInstanceCreate, requiresModifyDbInstance).
_LATE_OF_REPLICAS = frozenset(
    {"allocatedStorage", "backupRetentionPeriod", "backupWindow", "maintenanceWindow", "engineVersion"}
    | {"password", "performanceInsightsRetentionPeriod", "caCertIdentifier", "monitoringRoleArn"}
)


def _source_has_backups(check: Check) -> list[Problem]:
    """AWS makes no replica of an instance without automated backups; moto does."""
    source = check.inputs.get("replicateSourceDb")
    if not known(source):
        return []
    planned = check.planned(check.entry.token, str(source))
    if planned is not None:
        instances = [{"BackupRetentionPeriod": planned.get("backupRetentionPeriod", 0)}]
    else:
        answer = check.read("rds", "DescribeDBInstances", {"DBInstanceIdentifier": str(source)})
        instances = (answer or {}).get("DBInstances", [])
    if instances and not instances[0].get("BackupRetentionPeriod"):
        return [
            (
                "replicateSourceDb",
                f"{source!r} has no automated backups, so AWS makes no replica of it; "
                "set its backupRetentionPeriod to 1 or more",
            )
        ]
    return []


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
    problems = [
        (key, "is required for an instance that is no replica") for key in ("engine",) if key not in inputs
    ]
    if "allocatedStorage" not in inputs:
        problems.append(("allocatedStorage", "is required for an instance that is no replica"))
    unlocked = not any(key in inputs for key in ("manageMasterUserPassword", "password", "passwordWo"))
    if unlocked and not check.olds:  # What stands has one, even where it was imported without.
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


_AUTH_NAMES = {"authScheme": "AuthScheme", "iamAuth": "IAMAuth"}


def _describe_proxy_target(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    wanted = context.inputs.get("dbInstanceIdentifier") or context.id.split("/")[-1]
    proxy = context.id.split("/")[0]
    for target in found.get("items", ()):
        if target.get("RdsResourceId") == wanted:
            instance = {"DbInstanceIdentifier": wanted} if target.get("Type") == "RDS_INSTANCE" else {}
            return {**target, **instance, "DbProxyName": proxy, "TargetGroupName": context.id.split("/")[1]}
    return {}


def _pool(context: Context) -> None:
    pool = context.inputs.get("connectionPoolConfig")
    if pool:
        _set_pool(context, pool)


def _set_pool(context: Context, pool: Mapping[str, Any]) -> None:
    names = {
        "connectionBorrowTimeout": "ConnectionBorrowTimeout",
        "initQuery": "InitQuery",
        "maxConnectionsPercent": "MaxConnectionsPercent",
        "maxIdleConnectionsPercent": "MaxIdleConnectionsPercent",
        "sessionPinningFilters": "SessionPinningFilters",
    }
    context.call(
        "ModifyDBProxyTargetGroup",
        DBProxyName=context.id,
        TargetGroupName="default",
        ConnectionPoolConfig={
            member: pool[name] for name, member in names.items() if pool.get(name) is not None
        },
    )


def _pool_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    _set_pool(context, inputs.get("connectionPoolConfig") or {})
    return changed


def _rename_proxy(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """A proxy is renamed in place."""
    if "name" not in changed:
        return set()
    old = context.outputs.get("name", context.id)
    context.call("ModifyDBProxy", DBProxyName=old, NewDBProxyName=inputs["name"])
    context.outputs["name"] = inputs["name"]
    return {"name"}


ENTRIES = (
    Entry(
        "aws:rds/subnetGroup:SubnetGroup",
        "rds",
        create=Call(
            "CreateDBSubnetGroup",
            {"DBSubnetGroupName": "{name}", "DBSubnetGroupDescription": "{description}"},
        ),
        id="DBSubnetGroup.DBSubnetGroupName",
        read=Read("DescribeDBSubnetGroups", {"DBSubnetGroupName": "{id}"}, "DBSubnetGroups[0]"),
        delete=Call("DeleteDBSubnetGroup", {"DBSubnetGroupName": "{id}"}),
        update=Call(
            "ModifyDBSubnetGroup",
            {
                "DBSubnetGroupName": "{id}",
                "DBSubnetGroupDescription": "{description}",
                "SubnetIds": "{subnetIds}",
            },
        ),
        force_new=frozenset({"name", "namePrefix"}),
        names={
            "name": "DBSubnetGroupName",
            "description": "DBSubnetGroupDescription",
            "arn": "DBSubnetGroupArn",
        },
        defaults={"description": "Managed by Pulumi"},
        tags=resource_name_tags(),
        autoname=Autoname("name", 255),
        checks=(_lower_case("name", r"[0-9a-z_ .-]+"),),
        gone=("DBSubnetGroupNotFoundFault",),
        described=_describe_subnet_group,
    ),
    Entry(
        "aws:rds/parameterGroup:ParameterGroup",
        "rds",
        create=Call(
            "CreateDBParameterGroup", {"DBParameterGroupName": "{name}", "DBParameterGroupFamily": "{family}"}
        ),
        id="DBParameterGroup.DBParameterGroupName",
        read=Read("DescribeDBParameterGroups", {"DBParameterGroupName": "{id}"}, "DBParameterGroups[0]"),
        delete=Call("DeleteDBParameterGroup", {"DBParameterGroupName": "{id}"}),
        force_new=frozenset({"description", "family", "name", "namePrefix"}),
        names={
            "name": "DBParameterGroupName",
            "family": "DBParameterGroupFamily",
            "arn": "DBParameterGroupArn",
        },
        defaults={
            "description": "Managed by Pulumi",
            "parameters[].applyMethod": "immediate",
            "skipDestroy": False,
        },
        settings=frozenset({"skipDestroy"}),
        tags=resource_name_tags(),
        autoname=Autoname("name", 255),
        checks=(_lower_case("name", r"[0-9a-z-]+"),),
        packed=frozenset({"parameters"}),
        # As pulumi-aws: another apply method alone is no difference.
        spelling={"parameters": _without_methods},
        described=describe_parameters,
        on_update=change_parameters,
        after_create=set_parameters,
    ),
    Entry(
        "aws:rds/instance:Instance",
        "rds",
        create=Call("CreateDBInstance"),
        create_as=_create_replica_or_primary,
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
        write_only=frozenset({"password", "passwordWo", "passwordWoVersion", "identifierPrefix"}),
        packed=frozenset({"replicateSourceDb"}),
        spelling={"engine": str.lower, "identifier": str.lower, "maintenanceWindow": str.lower},
        kept=_INSTANCE_KEPT,
        recomputed={
            **dict.fromkeys(("address", "arn", "endpoint"), ("identifier", "identifierPrefix")),
            "engineVersionActual": ("engineVersion",),
        },
        locate=_located_instance,
        after_create=_finish_replica,
        tags=resource_name_tags(),
        # No separator, and a given identifier is not freed first (docs/fidelity.md).
        autoname=Autoname("identifier", 63, prefix="identifierPrefix", separator="", frees_name_first=False),
        checks=(
            _lower_case("identifier", r"[0-9a-z-]+"),
            _engine,
            _instance_class,
            _primary_wants,
            _source_has_backups,
            zones("availabilityZone"),
        ),
        prepare=_create_instance,
        described=_describe_instance,
        on_update=_instance_update,
        before_delete=_delete_instance,
    ),
    Entry(
        "aws:rds/proxy:Proxy",
        "rds",
        create=Call("CreateDBProxy", {"DBProxyName": "{name}"}),
        id="DBProxy.DBProxyName",
        # By name rather than by id: a rename in place keeps the id that the engine knows.
        read=Read("DescribeDBProxies", {"DBProxyName": "{name}"}, "DBProxies[0]"),
        delete=Call("DeleteDBProxy", {"DBProxyName": "{name}"}),
        update=Call("ModifyDBProxy", {"DBProxyName": "{name}"}),
        import_id=("name",),
        force_new=frozenset(
            {"endpointNetworkType", "engineFamily", "targetConnectionNetworkType", "vpcSubnetIds"}
        ),
        names={"name": "DBProxyName", "arn": "DBProxyArn", "auths": "Auth", **_AUTH_NAMES},
        kept=frozenset(
            {"defaultAuthScheme", "endpointNetworkType", "idleClientTimeout", "targetConnectionNetworkType"}
            | {"vpcSecurityGroupIds"}
        ),
        on_update=_rename_proxy,
        tags=resource_name_tags(),
        autoname=Autoname("name", 63, prefix=None),
        gone=("DBProxyNotFoundFault",),
    ),
    Entry(
        "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
        "rds",
        create=Call("DescribeDBProxyTargetGroups", {"DBProxyName": "{dbProxyName}"}, mapped=False),
        id="TargetGroups[0].DBProxyName",
        read=Read("DescribeDBProxyTargetGroups", {"DBProxyName": "{id}"}, "TargetGroups[0]"),
        delete=None,  # The default target group goes with its proxy.
        force_new=frozenset({"dbProxyName"}),
        names={"name": "TargetGroupName", "arn": "TargetGroupArn"},
        gone=("DBProxyNotFoundFault",),
        packed=frozenset({"connectionPoolConfig"}),
        kept=frozenset({"connectionPoolConfig"}),
        defaults={
            "connectionPoolConfig.connectionBorrowTimeout": 120,
            "connectionPoolConfig.maxConnectionsPercent": 100,
            "connectionPoolConfig.maxIdleConnectionsPercent": 50,
        },
        on_update=_pool_update,
        after_create=_pool,
    ),
    Entry(
        "aws:rds/proxyTarget:ProxyTarget",
        "rds",
        create=Call(
            "RegisterDBProxyTargets",
            {
                "DBProxyName": "{dbProxyName}",
                "TargetGroupName": "{targetGroupName}",
                "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"],
            },
            mapped=False,
        ),
        id="{dbProxyName}/{targetGroupName}/RDS_INSTANCE/{dbInstanceIdentifier}",
        read=Read(
            "DescribeDBProxyTargets",
            {"DBProxyName": "{dbProxyName}", "TargetGroupName": "{targetGroupName}"},
            "{items: Targets}",
        ),
        delete=Call(
            "DeregisterDBProxyTargets",
            {
                "DBProxyName": "{dbProxyName}",
                "TargetGroupName": "{targetGroupName}",
                "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"],
            },
        ),
        force_new=frozenset(
            {"dbClusterIdentifier", "dbInstanceIdentifier", "dbProxyName", "targetGroupName"}
        ),
        import_id=("dbProxyName", "targetGroupName", "type", "dbInstanceIdentifier"),
        import_separator="/",
        gone=("DBProxyNotFoundFault", "DBProxyTargetNotFoundFault"),
        described=_describe_proxy_target,
    ),
)
