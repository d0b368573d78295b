"""Cases of the types that clusters and further regions bring: Aurora, its global clusters, replication."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed

AURORA = "aurora-postgresql"
VERSION = "16.4"
MEMBER_CLASS = "db.r6g.large"


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
}
