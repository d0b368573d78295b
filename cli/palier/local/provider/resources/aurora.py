"""Aurora: clusters, their instances and parameters. `aurora_global` has what spans regions."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.resources.aurora_rules import CLUSTER_RULES, INSTANCE_RULES
from palier.local.provider.resources.common import lower_case, resource_name_tags
from palier.local.provider.resources.database_groups import (
    change_parameters,
    describe_parameters,
    set_parameters,
    without_methods,
)
from palier.local.provider.table import Autoname, Call, Entry, Read

_CLUSTER_NAMES = {
    "arn": "DBClusterArn",
    "caCertificateIdentifier": "CACertificateIdentifier",
    "clusterIdentifier": "DBClusterIdentifier",
    "clusterResourceId": "DbClusterResourceId",
    "dbClusterParameterGroupName": "DBClusterParameterGroupName",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "masterPassword": "MasterUserPassword",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    "serverlessv2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
}
_CLUSTER_KEPT = frozenset(
    {"allocatedStorage", "applyImmediately", "autoMinorVersionUpgrade", "availabilityZones"}
    | {"backupRetentionPeriod", "caCertificateIdentifier", "clusterMembers", "clusterScalabilityType"}
    | {"databaseInsightsMode", "databaseName", "dbClusterParameterGroupName", "dbSubnetGroupName"}
    | {"dbSystemId", "engineLifecycleSupport", "engineVersion", "iamRoles", "kmsKeyId"}
    | {"masterUserSecretKmsKeyId", "masterUsername", "monitoringInterval", "monitoringRoleArn"}
    | {"networkType", "performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod", "port"}
    | {"preferredBackupWindow", "preferredMaintenanceWindow", "storageEncrypted", "storageType"}
    | {"vpcSecurityGroupIds"}
)
_INSTANCE_NAMES = {
    "arn": "DBInstanceArn",
    "caCertIdentifier": "CACertificateIdentifier",
    "clusterIdentifier": "DBClusterIdentifier",
    "dbParameterGroupName": "DBParameterGroupName",
    "dbiResourceId": "DbiResourceId",
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
}


def engine_versions(context: Context, actual: str) -> dict[str, str]:
    """The version as asked for where it is a prefix of the one that runs, and that one."""
    asked = str(context.inputs.get("engineVersion") or context.outputs.get("engineVersion") or "")
    return {
        "engineVersion": asked if asked and actual.startswith(asked) else actual,
        "engineVersionActual": actual,
    }


def _describe_cluster(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    secret, storage = found.get("MasterUserSecret"), found.get("StorageType")
    members = [member["DBInstanceIdentifier"] for member in found.get("DBClusterMembers", ())]
    member_of = found.get("GlobalClusterIdentifier") or _global_of(context, found["DBClusterArn"])
    return {
        **found,
        **engine_versions(context, str(found.get("EngineVersion", ""))),
        "clusterMembers": members,
        "dbClusterParameterGroupName": found.get("DBClusterParameterGroup"),
        "dbSubnetGroupName": found.get("DBSubnetGroup"),
        # None is as good as an empty list, where the program says either.
        "enabledCloudwatchLogsExports": found.get("EnabledCloudwatchLogsExports")
        or ([] if "enabledCloudwatchLogsExports" in context.inputs else None),
        "globalClusterIdentifier": member_of,
        "iamDatabaseAuthenticationEnabled": found.get("IAMDatabaseAuthenticationEnabled"),
        "iamRoles": [role["RoleArn"] for role in found.get("AssociatedRoles", ())],
        "manageMasterUserPassword": True if secret else None,
        "masterUserSecrets": [secret] if secret else [],
        "performanceInsightsEnabled": found.get("PerformanceInsightsEnabled"),
        # The control plane answers nothing for plain Aurora storage, asked for or not (CustomizeDiff).
        "storageType": storage if storage != "aurora" or context.inputs.get("storageType") else None,
        "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups", ())],
    }


def _global_of(context: Context, arn: str) -> str | None:
    """The global cluster that the cluster is a member of."""
    for group in context.call("DescribeGlobalClusters").get("GlobalClusters", ()):
        if any(member["DBClusterArn"] == arn for member in group.get("GlobalClusterMembers", ())):
            return str(group["GlobalClusterIdentifier"])
    return None


def _change_cluster(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if not context.id:
        return arguments
    # Gone from the program it is switched off, in the very call that gives the password in its place.
    name, managed = "manageMasterUserPassword", {"ManageMasterUserPassword": False}
    ended = managed if context.old_inputs.get(name) and not context.inputs.get(name) else {}
    return {**arguments, **ended, "ApplyImmediately": True, "DBClusterIdentifier": context.id}


def _cluster_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = set()
    if "enabledCloudwatchLogsExports" in changed:
        old, new = (
            set(side.get("enabledCloudwatchLogsExports") or ()) for side in (context.old_inputs, inputs)
        )
        switch = {"EnableLogTypes": sorted(new - old), "DisableLogTypes": sorted(old - new)}
        context.call(
            "ModifyDBCluster",
            DBClusterIdentifier=context.id,
            CloudwatchLogsExportConfiguration={key: value for key, value in switch.items() if value},
        )
        done.add("enabledCloudwatchLogsExports")
    if "globalClusterIdentifier" in changed:
        if inputs.get("globalClusterIdentifier"):
            raise ProviderError("existing RDS Clusters cannot be added to an existing RDS Global Cluster")
        _leave_global(context)
        done.add("globalClusterIdentifier")
    return done


def _leave_global(context: Context) -> None:
    """A member can't be deleted: the official provider takes it out of its global cluster first."""
    found = context.call("DescribeDBClusters", DBClusterIdentifier=context.id)["DBClusters"]
    arn = found[0]["DBClusterArn"]
    member_of = _global_of(context, arn)
    if member_of is not None:
        context.call("RemoveFromGlobalCluster", GlobalClusterIdentifier=member_of, DbClusterIdentifier=arn)


def _delete_cluster(context: Context) -> None:
    inputs, final = context.inputs, context.inputs.get("finalSnapshotIdentifier")
    if not inputs.get("skipFinalSnapshot") and not final:
        raise ProviderError(
            "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false"
        )
    _leave_global(context)
    arguments: dict[str, Any] = {"SkipFinalSnapshot": bool(inputs.get("skipFinalSnapshot"))}
    if not arguments["SkipFinalSnapshot"]:
        arguments["FinalDBSnapshotIdentifier"] = final
    context.call("DeleteDBCluster", DBClusterIdentifier=context.id, **arguments)


def _describe_member(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    cluster = context.call("DescribeDBClusters", DBClusterIdentifier=found["DBClusterIdentifier"])
    members = cluster["DBClusters"][0].get("DBClusterMembers", ())
    endpoint, groups = found.get("Endpoint") or {}, found.get("DBParameterGroups") or [{}]
    return {
        **found,
        **engine_versions(context, str(found.get("EngineVersion", ""))),
        "dbParameterGroupName": groups[0].get("DBParameterGroupName"),
        "dbSubnetGroupName": (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "endpoint": endpoint.get("Address"),
        "performanceInsightsEnabled": found.get("PerformanceInsightsEnabled"),
        "port": endpoint.get("Port"),
        "writer": any(
            one["IsClusterWriter"]
            for one in members
            if one["DBInstanceIdentifier"] == found["DBInstanceIdentifier"]
        ),
    }


def _change_member(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    if not context.id:
        # pulumi-aws names no cluster instance; the official provider makes one up (NewNameGenerator).
        prefix = context.inputs.get("identifierPrefix") or "tf-"
        return {"DBInstanceIdentifier": f"{prefix}{uuid4().hex[:26]}", **arguments}
    return {**arguments, "ApplyImmediately": True, "DBInstanceIdentifier": context.id}


def _follow_cluster(_: Context, __: dict[str, Any], changed: set[str]) -> set[str]:
    """An instance runs its cluster's version; the official provider sends none of its own."""
    return changed & {"engineVersion"}


def same_names(*names: str) -> dict[str, str]:
    """Properties that a described resource has under their own names."""
    return {name: name for name in names}


ENTRIES = (
    Entry(
        "aws:rds/clusterParameterGroup:ClusterParameterGroup",
        "rds",
        create=Call(
            "CreateDBClusterParameterGroup",
            {"DBClusterParameterGroupName": "{name}", "DBParameterGroupFamily": "{family}"},
        ),
        id="DBClusterParameterGroup.DBClusterParameterGroupName",
        read=Read(
            "DescribeDBClusterParameterGroups",
            {"DBClusterParameterGroupName": "{id}"},
            "DBClusterParameterGroups[0]",
        ),
        delete=Call("DeleteDBClusterParameterGroup", {"DBClusterParameterGroupName": "{id}"}),
        force_new=frozenset({"description", "family", "name", "namePrefix"}),
        names={
            "name": "DBClusterParameterGroupName",
            "family": "DBParameterGroupFamily",
            "arn": "DBClusterParameterGroupArn",
        },
        defaults={"description": "Managed by Pulumi", "parameters[].applyMethod": "immediate"},
        tags=resource_name_tags(),
        autoname=Autoname("name", 255),
        checks=(lower_case("name", r"[0-9a-z-]+"),),
        packed=frozenset({"parameters"}),
        spelling={"parameters": without_methods},
        described=describe_parameters,
        on_update=change_parameters,
        after_create=set_parameters,
    ),
    Entry(
        "aws:rds/cluster:Cluster",
        "rds",
        create=Call("CreateDBCluster"),
        id="DBCluster.DBClusterIdentifier",
        read=Read("DescribeDBClusters", {"DBClusterIdentifier": "{id}"}, "DBClusters[0]"),
        delete=None,
        update=Call("ModifyDBCluster", {"DBClusterIdentifier": "{id}"}),
        force_new=frozenset(
            {"availabilityZones", "clusterIdentifier", "clusterIdentifierPrefix", "clusterScalabilityType"}
            | {"databaseName", "dbSubnetGroupName", "dbSystemId", "engine", "engineMode", "kmsKeyId"}
            | {"masterUsername", "restoreToPointInTime", "snapshotIdentifier", "sourceRegion"}
            | {"storageEncrypted"}
        ),
        names=_CLUSTER_NAMES,
        reads=same_names(
            "clusterMembers",
            "dbClusterParameterGroupName",
            "dbSubnetGroupName",
            "enabledCloudwatchLogsExports",
            "engineVersion",
            "engineVersionActual",
            "globalClusterIdentifier",
            "iamDatabaseAuthenticationEnabled",
            "iamRoles",
            "manageMasterUserPassword",
            "masterUserSecrets",
            "performanceInsightsEnabled",
            "storageType",
            "vpcSecurityGroupIds",
        ),
        defaults={
            "copyTagsToSnapshot": False,
            "deleteAutomatedBackups": True,
            "enableGlobalWriteForwarding": False,
            "enableHttpEndpoint": False,
            "enableLocalWriteForwarding": False,
            "engineMode": "provisioned",
            "skipFinalSnapshot": False,
        },
        settings=frozenset(
            {"allowMajorVersionUpgrade", "applyImmediately", "deleteAutomatedBackups"}
            | {"finalSnapshotIdentifier", "skipFinalSnapshot"}
        ),
        write_only=frozenset({"masterPassword", "masterPasswordWo", "masterPasswordWoVersion"}),
        spelling={"clusterIdentifier": str.lower, "preferredMaintenanceWindow": str.lower},
        kept=_CLUSTER_KEPT,
        recomputed={"engineVersionActual": ("engineVersion",)},
        tags=resource_name_tags(),
        autoname=Autoname("clusterIdentifier", 255, prefix="clusterIdentifierPrefix"),
        checks=CLUSTER_RULES,
        prepare=_change_cluster,
        described=_describe_cluster,
        on_update=_cluster_update,
        before_delete=_delete_cluster,
    ),
    Entry(
        "aws:rds/clusterInstance:ClusterInstance",
        "rds",
        create=Call("CreateDBInstance"),
        id="DBInstance.DBInstanceIdentifier",
        read=Read("DescribeDBInstances", {"DBInstanceIdentifier": "{id}"}, "DBInstances[0]"),
        delete=Call("DeleteDBInstance", {"DBInstanceIdentifier": "{id}", "SkipFinalSnapshot": True}),
        update=Call("ModifyDBInstance", {"DBInstanceIdentifier": "{id}"}),
        force_new=frozenset(
            {"availabilityZone", "clusterIdentifier", "customIamInstanceProfile", "dbSubnetGroupName"}
            | {"engine", "identifier", "identifierPrefix"}
        ),
        names=_INSTANCE_NAMES,
        reads=same_names(
            "dbParameterGroupName",
            "dbSubnetGroupName",
            "endpoint",
            "engineVersion",
            "engineVersionActual",
            "performanceInsightsEnabled",
            "port",
            "writer",
        ),
        defaults={
            "autoMinorVersionUpgrade": True,
            "copyTagsToSnapshot": False,
            "forceDestroy": False,
            "monitoringInterval": 0,
            "promotionTier": 0,
        },
        settings=frozenset({"applyImmediately", "forceDestroy", "identifierPrefix"}),
        spelling={"identifier": str.lower, "preferredMaintenanceWindow": str.lower},
        kept=frozenset(
            {"applyImmediately", "availabilityZone", "caCertIdentifier", "dbParameterGroupName"}
            | {
                "dbSubnetGroupName",
                "engineVersion",
                "identifier",
                "identifierPrefix",
                "monitoringRoleArn",
                "performanceInsightsEnabled",
            }
            | {"performanceInsightsKmsKeyId", "performanceInsightsRetentionPeriod"}
            | {"preferredBackupWindow", "preferredMaintenanceWindow", "publiclyAccessible"}
        ),
        tags=resource_name_tags(),
        gone=("DBInstanceNotFound",),
        checks=INSTANCE_RULES,
        prepare=_change_member,
        described=_describe_member,
        on_update=_follow_cluster,
    ),
)
