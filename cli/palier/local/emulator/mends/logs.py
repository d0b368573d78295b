"""Mends of CloudWatch Logs: the key of a log group."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, mend


@mend("logs")
def key_of_a_group_changed() -> None:
    """AssociateKmsKey and DisassociateKmsKey are missing."""
    from moto.logs.exceptions import ResourceNotFoundException
    from moto.logs.responses import LogsResponse

    def group(self: Any) -> Any:
        identifier = self._get_param("resourceIdentifier") or ""
        name = self._get_param("logGroupName") or identifier.partition(":log-group:")[2].removesuffix(":*")
        if name not in self.logs_backend.groups:
            raise ResourceNotFoundException()
        return self.logs_backend.groups[name]

    @added(LogsResponse)
    def associate_kms_key(self: Any) -> str:
        group(self).kms_key_id = self._get_param("kmsKeyId")
        return ""

    @added(LogsResponse)
    def disassociate_kms_key(self: Any) -> str:
        group(self).kms_key_id = None
        return ""
