"""What is asked of AWS to be done in a region. Nothing here waits for its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from palier.errors import OperationError
from palier.regions.clients import ImpatientClients, ask
from palier.regions.model import Shape
from palier.regions.shape import replica_request, shape_of
from palier.regions.sight import FENCE, AwsSight
from palier.regions.topology import Topology

# The request was heard before, or something else is under way: look again, rather than fail.
UNDERWAY = {
    "InvalidDBInstanceState",
    "InvalidDBInstanceStateFault",
    "InvalidDBClusterStateFault",
    "InvalidGlobalClusterStateFault",
    "DBInstanceAlreadyExists",
    "DBInstanceAlreadyExistsFault",
    "InvalidDBParameterGroupState",
}


class AwsHands(AwsSight):
    """Hands through the AWS API (palier.regions.model.Hands)."""

    def __init__(
        self,
        topology: Topology,
        clients: dict[str, ImpatientClients],
        patient: dict[str, ImpatientClients],
    ) -> None:
        super().__init__(topology, clients)
        self._patient = patient

    def _do(self, region: str, service: str, operation: str, **asked: Any) -> Any:
        """Ask once, for long enough; a refusal because of what is under way is none."""
        from botocore.exceptions import ClientError

        call: Callable[..., Any] = getattr(self._patient[region].client(service), operation)
        try:
            return ask(region, call, known=UNDERWAY, **asked)
        except ClientError:
            return None

    def tell_active_region(self, region: str, active: str) -> None:
        """Write the parameter, in the region's own SSM."""
        name = self.topology.active_region_parameter
        self._do(region, "ssm", "put_parameter", Name=name, Value=active, Overwrite=True)

    def fence(self, region: str) -> None:
        """New transactions are read-only by default, in every session, at once."""
        group = self._parameter_group(region)
        if group.startswith("default."):
            raise OperationError(
                f"{region}: the database has AWS's own parameter group {group}, which nobody can change",
                left="writes were not stopped",
                next_step="give it a group of its own, or let the application stop writing and fail over",
            )
        change = {"ParameterName": FENCE, "ParameterValue": "1", "ApplyMethod": "immediate"}
        self._do(region, "rds", "modify_db_parameter_group", DBParameterGroupName=group, Parameters=[change])

    def lift_fence(self, region: str) -> None:
        """Put the parameter back to what the engine does without."""
        change = {"ParameterName": FENCE, "ApplyMethod": "immediate"}
        group = self._parameter_group(region)
        self._do(region, "rds", "reset_db_parameter_group", DBParameterGroupName=group, Parameters=[change])

    def _parameter_group(self, region: str) -> str:
        found = self.instance(region, self.site(region).database_identifier)
        if found is None:
            raise OperationError(f"no database {self.site(region).database_identifier} in {region}")
        return str(found["DBParameterGroups"][0]["DBParameterGroupName"])

    def switch_global(self, to: str) -> None:
        """Begin Aurora's switchover."""
        self._do(to, "rds", "switchover_global_cluster", **self._moved_to(to))

    def fail_over_global(self, to: str) -> None:
        """Begin Aurora's failover, asked of the region that is to write: the other is lost."""
        self._do(to, "rds", "failover_global_cluster", **self._moved_to(to), AllowDataLoss=True)

    def _moved_to(self, to: str) -> dict[str, Any]:
        return {
            "GlobalClusterIdentifier": self.topology.global_cluster_identifier,
            "TargetDbClusterIdentifier": self.site(to).database_arn,
        }

    def promote(self, region: str) -> None:
        """Begin the promotion; backups stay as they are."""
        identifier = self.site(region).database_identifier
        kept = self.database(region).backup_retention_days
        days = {"BackupRetentionPeriod": kept} if kept else {}
        self._do(region, "rds", "promote_read_replica", DBInstanceIdentifier=identifier, **days)

    def shapes(self, region: str) -> list[Shape]:
        """The database's shape, then those of its replicas within the region."""
        main = self.instance(region, self.site(region).database_identifier)
        if main is None:
            raise OperationError(f"no database {self.site(region).database_identifier} in {region}")
        near = [each for each in main.get("ReadReplicaDBInstanceIdentifiers", []) if ":" not in each]
        found = [self.instance(region, each) for each in near]
        return [shape_of(main), *(shape_of(each) for each in found if each is not None)]

    def remove(self, region: str, identifier: str, snapshot: str | None) -> None:
        """Delete it, its protection first; what it held stays in the snapshot."""
        found = self.instance(region, identifier)
        if found is None:
            return
        if found.get("DeletionProtection"):
            self._do(
                region,
                "rds",
                "modify_db_instance",
                DBInstanceIdentifier=identifier,
                DeletionProtection=False,
                ApplyImmediately=True,
            )
            return
        kept: dict[str, Any] = {"SkipFinalSnapshot": True}
        if snapshot:
            kept = {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": snapshot}
        self._do(region, "rds", "delete_db_instance", DBInstanceIdentifier=identifier, **kept)

    def make_follower(self, region: str, shape: Shape, source: str) -> None:
        """Make the replica, of the writer or within the region."""
        self._do(region, "rds", "create_db_instance_read_replica", **replica_request(shape, source))

    def keep_backups(self, region: str, shape: Shape) -> None:
        """Backups, which a replica is made without, and windows, which are its source's at first."""
        windows = {
            "PreferredBackupWindow": shape["backup_window"],
            "PreferredMaintenanceWindow": shape["maintenance_window"],
        }
        self._do(
            region,
            "rds",
            "modify_db_instance",
            DBInstanceIdentifier=shape["identifier"],
            BackupRetentionPeriod=shape["backup_retention_days"],
            ApplyImmediately=True,
            **{name: window for name, window in windows.items() if window},
        )

    def lead_away(self, region: str) -> None:
        """Disabled, a check counts as healthy; inverted as well, as unhealthy, whatever answers."""
        self._led(region, True)

    def lead_back(self, region: str) -> None:
        """The check asks again, and counts as it answers."""
        self._led(region, False)

    def _led(self, region: str, away: bool) -> None:
        check = self.site(region).health_check_id
        self._do(region, "route53", "update_health_check", HealthCheckId=check, Disabled=away, Inverted=away)
