"""Assets in every region: each bucket replicates to each other, so that what is written anywhere, also while
a region is away, is everywhere afterwards. S3 replicates no replica again, so nothing goes round in circles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi_aws import iam, s3

from palier_stacks.iam_policies import Statement, allow, assumed_by, document
from palier_stacks.multi_region.places import Place
from palier_stacks.multi_region.settings import ReplicationSettings

TIME_CONTROL_MINUTES = 15  # The only promise that S3 makes.


class AssetReplication(pulumi.ComponentResource):
    """For each bucket a role, and a rule per other bucket. `after` must stand: buckets with versions."""

    def __init__(
        self,
        settings: ReplicationSettings,
        places: Sequence[Place],
        *,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:multi-region:AssetReplication", "asset-replication", None, opts)
        self._settings, self._after = settings, list(after)
        for source in places:
            self._replicate(source, [place for place in places if place is not source])
        self.register_outputs({})

    def _replicate(self, source: Place, targets: Sequence[Place]) -> None:
        scope, name = source.scope, "assets-replication"
        own = source.opts
        role = iam.Role(
            scope.logical(name),
            assume_role_policy=assumed_by(
                "s3.amazonaws.com", {"StringEquals": {"aws:SourceAccount": source.account.account_id}}
            ),
            tags=scope.tags("storage", name),
            opts=own,
        )
        policy = iam.RolePolicy(
            scope.logical(name), role=role.id, policy=document(*_statements(source, targets)), opts=own
        )
        after = pulumi.ResourceOptions(depends_on=[*self._after, policy])
        s3.BucketReplicationConfig(
            scope.logical("assets"),
            bucket=source.assets_bucket,
            role=role.arn,
            rules=[self._rule(target, number) for number, target in enumerate(targets, start=1)],
            opts=pulumi.ResourceOptions.merge(own, after),
        )

    def _rule(self, target: Place, priority: int) -> dict[str, Any]:
        destination: dict[str, Any] = {
            "bucket": _arn(target),
            "encryption_configuration": {"replica_kms_key_id": target.data_key_arn},
        }
        if self._settings.time_control:
            minutes = {"minutes": TIME_CONTROL_MINUTES}
            destination["replication_time"] = {"status": "Enabled", "time": minutes}
            destination["metrics"] = {"status": "Enabled", "event_threshold": minutes}
        return {
            "id": f"to-{target.region}",
            "priority": priority,
            "status": "Enabled",
            "filter": {"prefix": ""},
            "delete_marker_replication": {"status": "Enabled"},
            "source_selection_criteria": {
                "sse_kms_encrypted_objects": {"status": "Enabled"},
                "replica_modifications": {"status": "Enabled"},
            },
            "destination": destination,
        }


def _arn(place: Place) -> pulumi.Output[str]:
    return pulumi.Output.concat(f"arn:{place.account.partition}:s3:::", place.assets_bucket)


def _statements(source: Place, targets: Sequence[Place]) -> list[Statement]:
    """Read versions here, write replicas there, each under its region's key and through S3 alone."""
    objects = pulumi.Output.concat(_arn(source), "/*")
    versions = [f"s3:GetObjectVersion{what}" for what in ("ForReplication", "Acl", "Tagging")]
    decrypt = allow("ReadUnderKey", ["kms:Decrypt"], source.data_key_arn, _through_s3(source))
    encrypt = [
        allow(f"WriteUnderKey{number}", ["kms:Encrypt"], target.data_key_arn, _through_s3(target))
        for number, target in enumerate(targets, start=1)
    ]
    return [
        allow("ReadBucket", ["s3:GetReplicationConfiguration", "s3:ListBucket"], _arn(source)),
        allow("ReadVersions", versions, objects),
        allow(
            "WriteReplicas",
            ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"],
            [pulumi.Output.concat(_arn(target), "/*") for target in targets],
        ),
        decrypt,
        *encrypt,
    ]


def _through_s3(place: Place) -> Statement:
    return {"StringEquals": {"kms:ViaService": f"s3.{place.region}.amazonaws.com"}}
