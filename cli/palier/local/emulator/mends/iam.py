"""Mends of IAM. Its AWS managed policies are loaded by a setting of moto's, not by a mend."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import added, around, mend


@mend("iam")
def tags_of_an_instance_profile_listed() -> None:
    """ListInstanceProfileTags is missing."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    @added(IamResponse)
    def list_instance_profile_tags(self: Any) -> ActionResult:
        profile = self.backend.get_instance_profile(profile_name=self._get_param("InstanceProfileName"))
        return ActionResult({"Tags": profile.tags, "IsTruncated": False})


@mend("iam")
def policies_of_one_partition() -> None:
    """With AWS's managed policies on, the first request loads 1 500 of them for each of six partitions."""
    from moto.iam.models import IAMBackend

    @around(IAMBackend, "_init_aws_policies")
    def load(original: Any, self: Any) -> Any:
        return original(self) if self.region_name == "aws" else []
