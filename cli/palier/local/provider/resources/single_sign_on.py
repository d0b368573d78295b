"""Permission sets of IAM Identity Center, what stands in them, and whom they are given to.

The official provider provisions a permission set anew after each change and waits for it; the local cloud
has no accounts in which roles would be made, so nothing is provisioned.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Entry, Read, Tags

_SET = {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{permissionSetArn}"}
_OWN = {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{arn}"}
_TAGGED = {"InstanceArn": "{instanceArn}", "ResourceArn": "{arn}"}
_ASSIGNED = {
    **_SET,
    "PrincipalId": "{principalId}",
    "PrincipalType": "{principalType}",
    "TargetId": "{targetId}",
    "TargetType": "{targetType}",
}


def _set_id(inputs: Mapping[str, Any], arn: str) -> str:
    return f"{arn},{inputs['instanceArn']}"


def _remember_arn(context: Context) -> None:
    context.outputs = {**context.outputs, "arn": context.id.partition(",")[0]}


def _described_set(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    created = found.get("CreatedDate")
    if isinstance(created, datetime):  # RFC 3339, as the official provider has it
        found["CreatedDate"] = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return found


def _all_pages(context: Context, operation: str, key: str, first: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(first.get(key) or [])
    token = first.get("NextToken")
    asked = context.fill(context.entry.read.arguments) if context.entry.read else {}
    while token:
        answer = context.call(operation, **asked, NextToken=token)
        found += answer.get(key) or []
        token = answer.get("NextToken")
    return found


def _described_attachment(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    arn = context.fill("{managedPolicyArn}")
    policies = _all_pages(context, "ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies", found)
    one = next((policy for policy in policies if policy["Arn"] == arn), None)
    if one is None:
        return {}
    return {
        "managedPolicyArn": arn,
        "managedPolicyName": one["Name"],
        "instanceArn": context.fill("{instanceArn}"),
        "permissionSetArn": context.fill("{permissionSetArn}"),
    }


def _described_assignment(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    principal = context.fill("{principalId}")
    assigned = _all_pages(context, "ListAccountAssignments", "AccountAssignments", found)
    kind = context.fill("{principalType}")
    if not any(one["PrincipalId"] == principal and one["PrincipalType"] == kind for one in assigned):
        return {}
    names = ("instanceArn", "permissionSetArn", "principalId", "principalType", "targetId", "targetType")
    return {name: context.fill(f"{{{name}}}") for name in names}


ENTRIES = (
    Entry(
        "aws:ssoadmin/permissionSet:PermissionSet",
        "sso-admin",
        create=Call("CreatePermissionSet"),
        id="PermissionSet.PermissionSetArn",
        canonical_id=_set_id,
        read=Read("DescribePermissionSet", _OWN, "PermissionSet"),
        delete=Call("DeletePermissionSet", _OWN),
        update=Call("UpdatePermissionSet", _OWN, whole=True),
        force_new=frozenset({"instanceArn", "name"}),
        names={"arn": "PermissionSetArn"},
        defaults={"sessionDuration": "PT1H"},
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {**_TAGGED, "Tags": "{tags}"}),
            remove=Call("UntagResource", {**_TAGGED, "TagKeys": "{keys}"}),
            read=Read("ListTagsForResource", _TAGGED, "Tags"),
        ),
        autoname=Autoname("name", 32, prefix=None),
        import_id=("arn", "instanceArn"),
        import_separator=",",
        described=_described_set,
        after_create=_remember_arn,
    ),
    Entry(
        "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
        "sso-admin",
        create=Call("AttachManagedPolicyToPermissionSet"),
        id="{managedPolicyArn},{permissionSetArn},{instanceArn}",
        read=Read("ListManagedPoliciesInPermissionSet", _SET),
        delete=Call(
            "DetachManagedPolicyFromPermissionSet", {**_SET, "ManagedPolicyArn": "{managedPolicyArn}"}
        ),
        force_new=frozenset({"instanceArn", "managedPolicyArn", "permissionSetArn"}),
        import_id=("managedPolicyArn", "permissionSetArn", "instanceArn"),
        import_separator=",",
        described=_described_attachment,
    ),
    Entry(
        "aws:ssoadmin/accountAssignment:AccountAssignment",
        "sso-admin",
        create=Call("CreateAccountAssignment"),
        id="{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}",
        read=Read("ListAccountAssignments", {**_SET, "AccountId": "{targetId}"}),
        delete=Call("DeleteAccountAssignment", _ASSIGNED),
        force_new=frozenset(
            {"instanceArn", "permissionSetArn", "principalId", "principalType", "targetId", "targetType"}
        ),
        import_id=(
            "principalId",
            "principalType",
            "targetId",
            "targetType",
            "permissionSetArn",
            "instanceArn",
        ),
        import_separator=",",
        described=_described_assignment,
    ),
)
