"""Mends of KMS: the rotation period, and whose the keys of AWS services are."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from palier.local.emulator.mends.table import around, mend

DEFAULT_ROTATION_DAYS = 365  # EnableKeyRotation, RotationPeriodInDays: default 365


@mend("kms")
def rotation_period_kept() -> None:
    """EnableKeyRotation drops RotationPeriodInDays, and GetKeyRotationStatus tells no period."""
    from moto.core import utils
    from moto.kms.responses import KmsResponse

    @around(KmsResponse, "enable_key_rotation")
    def enable(original: Any, self: Any) -> Any:
        answer = original(self)
        key = _key(self)
        key.rotation_days = self._get_param("RotationPeriodInDays") or DEFAULT_ROTATION_DAYS
        key.rotates_at = utils.unix_time(utils.utcnow() + timedelta(days=key.rotation_days))
        return answer

    @around(KmsResponse, "get_key_rotation_status")
    def status(original: Any, self: Any) -> Any:
        told = json.loads(original(self))
        key = _key(self)
        told["KeyId"] = key.id
        if told["KeyRotationEnabled"]:
            told["RotationPeriodInDays"] = getattr(key, "rotation_days", DEFAULT_ROTATION_DAYS)
            told["NextRotationDate"] = getattr(key, "rotates_at", None)
        return json.dumps({name: value for name, value in told.items() if value is not None})


def _key(response: Any) -> Any:
    backend = response.kms_backend
    return backend.keys[backend.get_key_id(response._get_param("KeyId"))]


@mend("kms")
def keys_of_aws_are_of_aws() -> None:
    """The key behind alias/aws/rds or alias/aws/ebs is described as a customer's."""
    from moto.kms.models import KmsBackend

    @around(KmsBackend, "create_alias")
    def create(original: Any, self: Any, target_key_id: str, alias_name: str) -> Any:
        alias = original(self, target_key_id, alias_name)
        if alias_name.startswith("alias/aws/"):  # a customer's request for one is refused before
            self.keys[self.get_key_id(target_key_id)].key_manager = "AWS"
        return alias


@mend("kms")
def no_rsa_for_symmetric_keys() -> None:
    """Every symmetric key is given an RSA key pair that nothing uses: 0.1 s a key, at each replay again."""
    from moto.kms import models

    @around(models, "generate_private_key")
    def generate(original: Any, key_spec: str) -> Any:
        return None if key_spec == "SYMMETRIC_DEFAULT" else original(key_spec)


@mend("kms")
def replica_key_of_its_own() -> None:
    """Replicating a key of one region answers 500, and it stands there all the same; a replica keeps
    description, policy and tags of its primary, and looking at it makes the primary a replica too."""
    from moto.core.exceptions import JsonRESTError
    from moto.kms.models import KmsBackend, kms_backends
    from moto.kms.responses import KmsResponse

    @around(KmsBackend, "replicate_key")
    def replicate(original: Any, self: Any, key_id: str, replica_region: str) -> Any:
        primary = self.keys[self.any_id_to_key_id(key_id)]
        if not primary.multi_region or primary.region == replica_region:
            raise JsonRESTError(
                "UnsupportedOperationException",
                f"{primary.arn} can't be replicated into {replica_region}: a multi-Region primary key of "
                "another region is wanted",
            )
        standing = kms_backends[self.account_id][replica_region].keys.get(primary.id)
        if standing is not None and standing.key_state != "PendingDeletion":
            raise JsonRESTError("AlreadyExistsException", f"{standing.arn} already exists")
        replica = original(self, primary.id, replica_region)
        replica.multi_region_configuration = {
            **primary.multi_region_configuration,
            "MultiRegionKeyType": "REPLICA",
        }
        replica.grants, replica.aliases = {}, {}
        replica.key_state, replica.enabled = "Enabled", True
        return replica

    @around(KmsResponse, "replicate_key")
    def answer(original: Any, self: Any) -> Any:
        told = json.loads(original(self))
        backend = kms_backends[self.current_account][self._get_param("ReplicaRegion")]
        replica = backend.keys[told["ReplicaKeyMetadata"]["KeyId"]]
        replica.description = self._get_param("Description") or ""
        replica.policy = self._get_param("Policy") or replica.generate_default_policy()
        if tags := self._get_param("Tags"):
            backend.tagger.tag_resource(replica.id, tags)
        metadata = replica.to_dict()["KeyMetadata"]
        return json.dumps({"ReplicaKeyMetadata": metadata, "ReplicaPolicy": replica.policy})
