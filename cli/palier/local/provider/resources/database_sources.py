"""Where a DB instance's data comes from: nowhere, a source that it follows, a snapshot, another's backups."""

from __future__ import annotations

from palier.local.provider.context import Context
from palier.local.provider.shapes import member_of
from palier.local.provider.table import Call


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
