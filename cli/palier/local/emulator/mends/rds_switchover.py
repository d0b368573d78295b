"""Mends of Aurora global databases: switchover and failover.

Who writes and who reads follows the Aurora user guide ("Using switchover or failover in Aurora Global
Database") and the API reference.
"""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.rds_global import global_named, member_named, refusal, writer_of
from palier.local.emulator.mends.table import added, mend
from palier.local.emulator.regions import REGIONS


@mend("rds")
def global_switchover_and_failover() -> None:
    """SwitchoverGlobalCluster and FailoverGlobalCluster are missing."""
    from moto.core.responses import ActionResult
    from moto.rds.responses import RDSResponse

    @added(RDSResponse)
    def switchover_global_cluster(self: Any) -> Any:
        group, target = _asked(self)
        return ActionResult({"GlobalCluster": _switch(group, target, loses=False)})

    @added(RDSResponse)
    def failover_global_cluster(self: Any) -> Any:
        loses, planned = self.params.get("AllowDataLoss"), self.params.get("Switchover")
        if loses and planned:
            raise refusal(
                "InvalidParameterCombination", "AllowDataLoss and Switchover can't be given together"
            )
        group, target = _asked(self)
        return ActionResult({"GlobalCluster": _switch(group, target, loses=bool(loses))})


def _asked(response: Any) -> tuple[Any, Any]:
    group = global_named(response.backend, response.params["GlobalClusterIdentifier"])
    target = member_named(group, response.params["TargetDbClusterIdentifier"])
    if target.is_writer:
        raise refusal(
            "InvalidDBClusterStateFault",
            f"DB cluster {target.db_cluster_arn} is the primary of global cluster "
            f"{group.global_cluster_identifier} already",
        )
    return group, target


def _switch(group: Any, target: Any, *, loses: bool) -> dict[str, Any]:
    """Make `target` the writer. Without loss both sides must be healthy; with it, only the target."""
    old = writer_of(group)
    needed = [target] if loses else [one for one in (target, old) if one is not None]
    for cluster in needed:
        if cluster.status != "available" or not cluster._members:
            why = "has no instance" if cluster.status == "available" else f"is {cluster.status}"
            raise refusal("InvalidDBClusterStateFault", f"DB cluster {cluster.db_cluster_arn} {why}")
    if not loses and REGIONS.failing(*group.members):
        raise refusal(
            "InvalidGlobalClusterStateFault",
            f"Global cluster {group.global_cluster_identifier} is not healthy: a switchover wants every "
            "cluster reachable and in sync; FailoverGlobalCluster with AllowDataLoss does not",
        )
    if old is not None:
        old.is_writer = False
    target.is_writer = True
    # The answer tells what has begun; by the next look it is done.
    state = {
        "Status": "failing-over",
        "FromDbClusterArn": None if old is None else old.db_cluster_arn,
        "ToDbClusterArn": target.db_cluster_arn,
        "IsDataLossAllowed": loses,
    }
    attributes = ("global_cluster_identifier", "global_cluster_resource_id", "global_cluster_arn", "engine")
    further = ("engine_version", "storage_encrypted", "deletion_protection", "global_cluster_members")
    told_now = {name: getattr(group, name) for name in (*attributes, *further, "endpoint")}
    return {
        **_pascal(told_now),
        "Status": "switching-over" if not loses else "failing-over",
        "FailoverState": state,
    }


def _pascal(values: dict[str, Any]) -> dict[str, Any]:
    return {"".join(part.title() for part in name.split("_")): value for name, value in values.items()}
