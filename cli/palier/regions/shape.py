"""An RDS instance in the form in which it can be made again as a replica; plain data, for the journal."""

from __future__ import annotations

from typing import Any

from palier.regions.model import Shape

# What CreateDBInstanceReadReplica takes under the name by which DescribeDBInstances tells it.
SAME = (
    "DBInstanceClass",
    "MultiAZ",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
    "StorageType",
    "CopyTagsToSnapshot",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "MaxAllocatedStorage",
    "DeletionProtection",
    "PerformanceInsightsRetentionPeriod",
)
# What it takes under another name.
RENAMED = {
    "IAMDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "PerformanceInsightsEnabled": "EnablePerformanceInsights",
    "PerformanceInsightsKMSKeyId": "PerformanceInsightsKMSKeyId",
    "EnabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "TagList": "Tags",
}
INSIGHTS = ("PerformanceInsightsRetentionPeriod", "PerformanceInsightsKMSKeyId")


def shape_of(instance: dict[str, Any]) -> Shape:
    """The shape of an instance, from what DescribeDBInstances tells of it."""
    request = {name: instance[name] for name in SAME if instance.get(name) is not None}
    request |= {new: instance[old] for old, new in RENAMED.items() if instance.get(old)}
    if not instance.get("PerformanceInsightsEnabled"):
        request = {name: value for name, value in request.items() if name not in INSIGHTS}
    if not request.get("MonitoringInterval"):
        request.pop("MonitoringRoleArn", None)
    if instance.get("AvailabilityZone") and not instance.get("MultiAZ"):
        # RDS chooses the zones of a Multi-AZ instance, and refuses to be told.
        request["AvailabilityZone"] = instance["AvailabilityZone"]
    request["Port"] = instance.get("Endpoint", {}).get("Port", 5432)
    request["VpcSecurityGroupIds"] = [
        each["VpcSecurityGroupId"] for each in instance.get("VpcSecurityGroups", [])
    ]
    request["DBParameterGroupName"] = instance["DBParameterGroups"][0]["DBParameterGroupName"]
    return {
        "identifier": instance["DBInstanceIdentifier"],
        "resource_id": instance["DbiResourceId"],
        "stood_alone": not instance.get("ReadReplicaSourceDBInstanceIdentifier"),
        "backup_retention_days": int(instance.get("BackupRetentionPeriod") or 0),
        "maintenance_window": instance.get("PreferredMaintenanceWindow") or "",
        "backup_window": instance.get("PreferredBackupWindow"),
        "subnet_group": instance.get("DBSubnetGroup", {}).get("DBSubnetGroupName"),
        "key": instance.get("KmsKeyId"),
        "request": request,
    }


def replica_request(shape: Shape, source: str) -> dict[str, Any]:
    """What CreateDBInstanceReadReplica is asked: `source` is an ARN of another region, or a name in this one.

    A replica within a region has its source's key and subnet group; one over regions is told its own.
    """
    request = {
        **shape["request"],
        "DBInstanceIdentifier": shape["identifier"],
        "SourceDBInstanceIdentifier": source,
    }
    if not source.startswith("arn:"):
        return request
    request["DBSubnetGroupName"] = shape["subnet_group"]
    if shape["key"]:
        # boto3 signs the request to the source's region, which an encrypted copy needs.
        request |= {"KmsKeyId": shape["key"], "SourceRegion": source.split(":")[3]}
    return request
