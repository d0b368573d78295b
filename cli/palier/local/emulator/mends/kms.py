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
