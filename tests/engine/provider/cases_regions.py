"""Cases of the types that clusters and further regions bring: Aurora, its global clusters, replication."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed
from tests.engine.provider.world import World
from tests.engine.support.driven import Properties

AURORA = "aurora-postgresql"
VERSION = "16.4"
MEMBER_CLASS = "db.r6g.large"


def _replication(world: World, prefix: str) -> Properties:
    origin, copy = world.versioned
    rule = {
        "id": "static",
        "priority": 1,
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "deleteMarkerReplication": {"status": "Enabled"},
        "destination": {"bucket": f"arn:aws:s3:::{copy}", "storageClass": "STANDARD_IA"},
    }
    return {"bucket": origin, "role": world.role.outputs["arn"], "rules": [rule]}


CASES: dict[str, Case] = {
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Case(
        fixed(
            family="aurora-postgresql16",
            parameters=[{"name": "work_mem", "value": "8192"}, {"name": "log_connections", "value": "1"}],
        ),
        fixed(parameters=[{"name": "work_mem", "value": "16384"}]),
        {"name": "Mixed"},
        "'Mixed' may hold only [0-9a-z-]",
    ),
    "aws:rds/cluster:Cluster": Case(
        lambda w: w.cluster_inputs(backupRetentionPeriod=7, enabledCloudwatchLogsExports=["postgresql"]),
        fixed(
            backupRetentionPeriod=14,
            deletionProtection=False,
            enabledCloudwatchLogsExports=None,
            iamDatabaseAuthenticationEnabled=True,
            masterPassword="battery-staple",
            preferredBackupWindow="02:00-03:00",
        ),
        {"engine": "postgresql"},
        "'postgresql' is not one of aurora-mysql, aurora-postgresql",
    ),
    "aws:rds/clusterInstance:ClusterInstance": Case(
        lambda w: {
            "clusterIdentifier": w.cluster,
            "engine": AURORA,
            "instanceClass": MEMBER_CLASS,
        },
        fixed(instanceClass="db.r6g.xlarge", promotionTier=2, performanceInsightsEnabled=True),
        {"instanceClass": "db.r6g.vast"},
        "'db.r6g.vast' is not a class that eu-west-3 has for aurora-postgresql",
    ),
    "aws:rds/globalCluster:GlobalCluster": Case(
        fixed(globalClusterIdentifier="world", engine=AURORA, engineVersion=VERSION, storageEncrypted=True),
        fixed(deletionProtection=False, engineVersion="16.6"),
        {"engine": "postgres"},
        "'postgres' is not one of aurora, aurora-mysql, aurora-postgresql",
    ),
    "aws:kms/replicaKey:ReplicaKey": Case(
        lambda w: {"primaryKeyArn": w.multi_region_key, "description": "one", "deletionWindowInDays": 7},
        fixed(description="two", enabled=False),
        {"primaryKeyArn": "arn:aws:kms:eu-central-1:123456789012:key/1234"},
        "is not a multi-Region key; set multiRegion on its Key",
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": Case(
        lambda w: _replication(w, "static/"),
        lambda w: _replication(w, "assets/"),
        {"rules": [{"status": "On", "destination": {"bucket": "arn:aws:s3:::copy"}}]},
        "'On' is not one of AWS's values (Enabled, Disabled)",
    ),
}
