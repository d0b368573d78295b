"""Where a DB instance's data comes from: nowhere, a source that it follows, a snapshot, another's backups."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.resources.common import known
from palier.local.provider.shapes import member_of
from palier.local.provider.table import Call, Check, Problem


def creation(context: Context) -> Call:
    """Which of RDS's four operations makes this instance."""
    inputs = context.inputs
    if inputs.get("replicateSourceDb"):
        return Call("CreateDBInstanceReadReplica")
    if inputs.get("snapshotIdentifier"):
        return Call("RestoreDBInstanceFromDBSnapshot", {"DBSnapshotIdentifier": "{snapshotIdentifier}"})
    if inputs.get("restoreToPointInTime"):
        asked = inputs["restoreToPointInTime"]
        named = {member: asked[name] for name, member in _POINT_IN_TIME.items() if asked.get(name)}
        return Call("RestoreDBInstanceToPointInTime", {"TargetDBInstanceIdentifier": "{identifier}", **named})
    return Call("CreateDBInstance")


_POINT_IN_TIME = {
    "restoreTime": "RestoreTime",
    "sourceDbInstanceAutomatedBackupsArn": "SourceDBInstanceAutomatedBackupsArn",
    "sourceDbInstanceIdentifier": "SourceDBInstanceIdentifier",
    "sourceDbiResourceId": "SourceDbiResourceId",
    "useLatestRestorableTime": "UseLatestRestorableTime",
}


def finish(context: Context) -> None:
    """What making a replica or restoring does not take is changed at once, as the official provider does."""
    call = creation(context)
    if call.operation == "CreateDBInstance":
        return
    replica = bool(context.inputs.get("replicateSourceDb"))
    model = context.clients.operation_model("rds", call.operation)
    late = {
        key: value
        for key, value in context.inputs.items()
        if key in (_LATE_OF_REPLICAS if replica else _LATE_OF_RESTORED)
        and member_of(key, model.input_shape, context.entry.names) is None
    }
    if late:
        modify = Call("ModifyDBInstance", {"DBInstanceIdentifier": "{identifier}", "ApplyImmediately": True})
        context.run(modify, late)


# By a call of its own: the members of ModifyDBInstance that the official provider sends after
# CreateDBInstanceReadReplica or a restore (resourceInstanceCreate, requiresModifyDbInstance).
_LATE_OF_REPLICAS = frozenset(
    {"allocatedStorage", "backupRetentionPeriod", "backupWindow", "maintenanceWindow", "engineVersion"}
    | {"password", "performanceInsightsRetentionPeriod", "caCertIdentifier", "monitoringRoleArn"}
)
_LATE_OF_RESTORED = _LATE_OF_REPLICAS | {
    "manageMasterUserPassword",
    "masterUserSecretKmsKeyId",
    "maxAllocatedStorage",
    "monitoringInterval",
    "performanceInsightsEnabled",
    "performanceInsightsKmsKeyId",
}


def source_can_be_followed(check: Check) -> list[Problem]:
    """AWS makes no replica of an instance without automated backups, or whose password it manages."""
    source = check.inputs.get("replicateSourceDb")
    # One that stands follows already, whatever became of its source since.
    if not known(source) or check.olds.get("replicateSourceDb") == source:
        return []
    backups, engine, managed = _source_as_it_will_be(check, str(source))
    problems = []
    if not backups:
        reason = "has no automated backups, so AWS makes no replica of it; set its backupRetentionPeriod to 1"
        problems.append(f"{reason} or more")
    # RDS user guide, "Password management with RDS and Secrets Manager", limitations: but for SQL Server.
    if managed and not engine.startswith("sqlserver"):
        problems.append(
            "has its master password managed by RDS, so AWS makes no replica of it; "
            "give it a password in the place of manageMasterUserPassword"
        )
    return [("replicateSourceDb", f"{source!r} {problem}") for problem in problems]


def _source_as_it_will_be(check: Check, source: str) -> tuple[Any, str, bool]:
    """Days of backups (1 where nobody knows), engine, whether RDS manages the master password."""
    planned = check.planned(check.entry.token, source)
    if planned is not None:
        managed = planned.get("manageMasterUserPassword") is True
        return planned.get("backupRetentionPeriod", 0), str(planned.get("engine", "")), managed
    answer = check.read("rds", "DescribeDBInstances", {"DBInstanceIdentifier": source}) or {}
    for found in answer.get("DBInstances", []):
        managed = bool(found.get("MasterUserSecret"))
        return found.get("BackupRetentionPeriod"), found.get("Engine", ""), managed
    return 1, "", False
