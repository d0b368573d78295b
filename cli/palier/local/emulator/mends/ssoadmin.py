"""Mends of IAM Identity Center: policies under a path."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend


@mend("ssoadmin")
def policies_have_paths() -> None:
    """A managed policy under a path (job-function/ViewOnlyAccess) does not exist for a permission set."""
    from moto.ssoadmin.exceptions import ResourceNotFoundException
    from moto.ssoadmin.models import ManagedPolicy, SSOAdminBackend

    @around(SSOAdminBackend, "_find_managed_policy")
    def find(original: Any, self: Any, managed_policy_arn: str) -> Any:
        try:
            return original(self, managed_policy_arn)
        except ResourceNotFoundException:
            name = managed_policy_arn.rpartition("/")[2]
            known = (self.aws_managed_policies or {}).get(name, {})
            if known.get("Path", "/") == "/" or not managed_policy_arn.endswith(
                f"policy{known['Path']}{name}"
            ):
                raise
            return ManagedPolicy(managed_policy_arn, name)
