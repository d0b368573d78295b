"""Mends of IAM Identity Center: tags, names and policies of permission sets, and what is given to whom."""

from __future__ import annotations

import json
from typing import Any

from palier.local.emulator.mends.table import added, around, mend


@mend("ssoadmin")
def tags_of_permission_sets() -> None:
    """ListTagsForResource, TagResource and UntagResource are missing."""
    from moto.ssoadmin.responses import SSOAdminResponse

    def tagged(self: Any) -> Any:
        return self.ssoadmin_backend._find_permission_set(
            self._get_param("InstanceArn"), self._get_param("ResourceArn")
        )

    @added(SSOAdminResponse)
    def list_tags_for_resource(self: Any) -> str:
        return json.dumps({"Tags": tagged(self).tags or []})

    @added(SSOAdminResponse)
    def tag_resource(self: Any) -> str:
        found = tagged(self)
        new = {tag["Key"]: tag for tag in self._get_param("Tags")}
        found.tags = [tag for tag in found.tags or [] if tag["Key"] not in new] + list(new.values())
        return "{}"

    @added(SSOAdminResponse)
    def untag_resource(self: Any) -> str:
        found = tagged(self)
        gone = self._get_param("TagKeys")
        found.tags = [tag for tag in found.tags or [] if tag["Key"] not in gone]
        return "{}"


@mend("ssoadmin")
def one_permission_set_of_a_name() -> None:
    """Two permission sets of one instance can have the same name."""
    from moto.ssoadmin.exceptions import ConflictException
    from moto.ssoadmin.models import SSOAdminBackend

    @around(SSOAdminBackend, "create_permission_set")
    def create(original: Any, self: Any, **asked: Any) -> Any:
        for one in self.permission_sets:
            if (one.name, one.instance_arn) == (asked["name"], asked["instance_arn"]):
                raise ConflictException(f"PermissionSet with name {one.name} already exists.")
        return original(self, **asked)


@mend("ssoadmin")
def assigned_once_and_of_what_there_is() -> None:
    """An assignment of a permission set that does not exist is taken, and the same one twice stands twice."""
    from moto.ssoadmin.models import SSOAdminBackend

    @around(SSOAdminBackend, "create_account_assignment")
    def create(original: Any, self: Any, *arguments: Any, **asked: Any) -> Any:
        names = (
            "instance_arn",
            "target_id",
            "target_type",
            "permission_set_arn",
            "principal_type",
            "principal_id",
        )
        wanted = {**dict(zip(names, arguments, strict=False)), **asked}
        self._find_permission_set(wanted["instance_arn"], wanted["permission_set_arn"])
        for one in self.account_assignments:
            if all(getattr(one, name) == wanted[name] for name in names):
                return one.to_json(include_creation_date=True, include_request_id=True)
        return original(self, **wanted)


@mend("ssoadmin")
def assigned_permission_sets_stay() -> None:
    """A permission set can be deleted while it is assigned."""
    from moto.ssoadmin.exceptions import ConflictException
    from moto.ssoadmin.models import SSOAdminBackend

    @around(SSOAdminBackend, "delete_permission_set")
    def delete(original: Any, self: Any, instance_arn: str, permission_set_arn: str) -> Any:
        if any(one.permission_set_arn == permission_set_arn for one in self.account_assignments):
            raise ConflictException("PermissionSet is still assigned to an account.")
        return original(self, instance_arn, permission_set_arn)


@mend("ssoadmin")
def policies_have_paths() -> None:
    """A managed policy under a path (job-function/ViewOnlyAccess) is known without its path alone."""
    from moto.ssoadmin.exceptions import ResourceNotFoundException
    from moto.ssoadmin.models import ManagedPolicy, SSOAdminBackend

    @around(SSOAdminBackend, "_find_managed_policy")
    def find(original: Any, self: Any, managed_policy_arn: str) -> Any:
        name = managed_policy_arn.rpartition("/")[2]
        try:
            found = original(self, managed_policy_arn)  # also reads the list of policies
        except ResourceNotFoundException:
            found = None
        path = (self.aws_managed_policies or {}).get(name, {}).get("Path")
        if path is None or not managed_policy_arn.endswith(f":policy{path}{name}"):
            raise ResourceNotFoundException(f"Policy does not exist with ARN: {managed_policy_arn}")
        return found or ManagedPolicy(managed_policy_arn, name)


@mend("ssoadmin")
def arns_of_permission_sets() -> None:
    """A permission set's ARN is its instance's with more behind it (instance/ssoins-…/ps-…)."""
    from moto.ssoadmin.models import PermissionSet

    original = PermissionSet.generate_id

    def generate_id(instance_arn: str) -> str:
        return original(instance_arn).replace(":::instance/", ":::permissionSet/", 1)

    PermissionSet.generate_id = staticmethod(generate_id)  # type: ignore[method-assign]
