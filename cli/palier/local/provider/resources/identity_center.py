"""IAM Identity Center: users, groups and memberships of its store; permission sets and their assignment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.identity import parts
from palier.local.provider.table import Call, Entry, Read

_STORE = {"IdentityStoreId": "{identityStoreId}"}
_SET = {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{permissionSetArn}"}
_OF_USER = {**_STORE, "UserId": "{userId}"}
_OF_GROUP = {**_STORE, "GroupId": "{groupId}"}
_OF_MEMBERSHIP = {**_STORE, "MembershipId": "{membershipId}"}
_ASSIGNED = ("principalId", "principalType", "targetId", "targetType", "permissionSetArn", "instanceArn")
_GONE = ("ResourceNotFoundException",)


def _in_store(inputs: Mapping[str, Any], id_: str) -> str:
    """`<store>/<id>`, the official provider's id of whatever stands in a store."""
    return id_ if "/" in id_ else f"{inputs['identityStoreId']}/{id_}"


def _of_instance(inputs: Mapping[str, Any], arn: str) -> str:
    """`<permission set>,<instance>`, the official provider's id."""
    return arn if "," in arn else f"{arn},{inputs['instanceArn']}"


def _know_parts(context: Context) -> None:
    """What the id is made of, for the description that follows."""
    context.outputs.update(parts(context.entry, context.id))


def _user(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    mail = context.inputs.get("emails")
    return {**arguments, "Emails": [_mail(mail)]} if mail else arguments


def _mail(mail: Mapping[str, Any]) -> dict[str, Any]:
    members = {"value": "Value", "type": "Type", "primary": "Primary"}
    return {member: mail[name] for name, member in members.items() if mail.get(name) is not None}


def _describe_user(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The one address as the SDK has it, a mapping; its default is not the primary one."""
    mails = found.get("Emails") or []
    shown = {key: value for key, value in found.items() if key != "Emails"}
    return {**shown, "Emails": {"Primary": False, **mails[0]}} if mails else shown


def _update_user(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """An operation for each attribute that differs, as the official provider asks."""
    operations: list[dict[str, Any]] = []
    if "displayName" in changed:
        operations.append({"AttributePath": "displayName", "AttributeValue": inputs["displayName"]})
    if "name" in changed:
        name = inputs["name"]
        operations += [
            {"AttributePath": f"name.{part}", "AttributeValue": name[part]}
            for part in ("givenName", "familyName")
            if name.get(part)
        ]
    if "emails" in changed and inputs.get("emails"):
        mail = {key: inputs["emails"][key] for key in ("value", "type", "primary") if key in inputs["emails"]}
        operations.append({"AttributePath": "emails", "AttributeValue": [mail]})
    if operations:
        context.call("UpdateUser", **context.fill(_OF_USER), Operations=operations)
    return changed & {"displayName", "name", "emails"}


def _update_group(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & {"description", "displayName"}
    operations = [{"AttributePath": name, "AttributeValue": inputs.get(name) or ""} for name in sorted(done)]
    if operations:
        context.call("UpdateGroup", **context.fill(_OF_GROUP), Operations=operations)
    return done


def _member(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, "MemberId": {"UserId": context.inputs["memberId"]}}


def _describe_membership(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "MemberId": found["MemberId"]["UserId"]}


def _describe_set(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "InstanceArn": context.outputs.get("instanceArn") or context.inputs.get("instanceArn")}


def _known(context: Context, name: str) -> Any:
    return context.inputs.get(name) or context.outputs.get(name)


def _describe_attachment(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    arn = _known(context, "managedPolicyArn")
    mine = [each for each in found["items"] if each["Arn"] == arn]
    if not mine:
        return {}
    return {
        "ManagedPolicyArn": arn,
        "ManagedPolicyName": mine[0]["Name"],
        "PermissionSetArn": _known(context, "permissionSetArn"),
        "InstanceArn": _known(context, "instanceArn"),
    }


def _describe_assignment(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    kind, principal = _known(context, "principalType"), _known(context, "principalId")
    for each in found["items"]:
        if (each["PrincipalType"], each["PrincipalId"]) == (kind, principal):
            return {
                **each,
                "TargetId": each["AccountId"],
                "TargetType": "AWS_ACCOUNT",
                "InstanceArn": _known(context, "instanceArn"),
            }
    return {}


ENTRIES = (
    Entry(
        "aws:identitystore/user:User",
        "identitystore",
        create=Call("CreateUser"),
        id="UserId",
        canonical_id=_in_store,
        import_id=("identityStoreId", "userId"),
        import_separator="/",
        read=Read("DescribeUser", _OF_USER),
        delete=Call("DeleteUser", _OF_USER, mapped=False),
        force_new=frozenset({"identityStoreId", "userName"}),
        packed=frozenset({"emails"}),
        unserved=frozenset({"addresses", "phoneNumbers"}),
        defaults={"emails.primary": False},
        gone=_GONE,
        prepare=_user,
        described=_describe_user,
        on_update=_update_user,
        after_create=_know_parts,
    ),
    Entry(
        "aws:identitystore/group:Group",
        "identitystore",
        create=Call("CreateGroup"),
        id="GroupId",
        canonical_id=_in_store,
        import_id=("identityStoreId", "groupId"),
        import_separator="/",
        read=Read("DescribeGroup", _OF_GROUP),
        delete=Call("DeleteGroup", _OF_GROUP, mapped=False),
        force_new=frozenset({"identityStoreId"}),
        gone=_GONE,
        on_update=_update_group,
        after_create=_know_parts,
    ),
    Entry(
        "aws:identitystore/groupMembership:GroupMembership",
        "identitystore",
        create=Call("CreateGroupMembership", mapped=False, arguments={**_STORE, "GroupId": "{groupId}"}),
        id="MembershipId",
        canonical_id=_in_store,
        import_id=("identityStoreId", "membershipId"),
        import_separator="/",
        read=Read("DescribeGroupMembership", _OF_MEMBERSHIP),
        delete=Call("DeleteGroupMembership", _OF_MEMBERSHIP, mapped=False),
        force_new=frozenset({"groupId", "identityStoreId", "memberId"}),
        packed=frozenset({"memberId"}),
        gone=_GONE,
        prepare=_member,
        described=_describe_membership,
        after_create=_know_parts,
    ),
    Entry(
        "aws:ssoadmin/permissionSet:PermissionSet",
        "sso-admin",
        create=Call("CreatePermissionSet"),
        id="PermissionSet.PermissionSetArn",
        canonical_id=_of_instance,
        import_id=("arn", "instanceArn"),
        import_separator=",",
        read=Read(
            "DescribePermissionSet",
            {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{arn}"},
            "PermissionSet",
        ),
        delete=Call(
            "DeletePermissionSet",
            {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{arn}"},
            mapped=False,
        ),
        update=Call(
            "UpdatePermissionSet",
            {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{arn}"},
            whole=True,
        ),
        force_new=frozenset({"instanceArn", "name"}),
        names={"arn": "PermissionSetArn"},
        defaults={"sessionDuration": "PT1H"},
        unserved=frozenset({"tags"}),
        gone=_GONE,
        described=_describe_set,
        after_create=_know_parts,
    ),
    Entry(
        "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
        "sso-admin",
        create=Call("AttachManagedPolicyToPermissionSet"),
        id="{managedPolicyArn},{permissionSetArn},{instanceArn}",
        import_id=("managedPolicyArn", "permissionSetArn", "instanceArn"),
        import_separator=",",
        read=Read("ListManagedPoliciesInPermissionSet", _SET, "AttachedManagedPolicies"),
        delete=Call(
            "DetachManagedPolicyFromPermissionSet",
            {**_SET, "ManagedPolicyArn": "{managedPolicyArn}"},
            mapped=False,
        ),
        force_new=frozenset({"instanceArn", "managedPolicyArn", "permissionSetArn"}),
        gone=_GONE,
        described=_describe_attachment,
    ),
    Entry(
        "aws:ssoadmin/accountAssignment:AccountAssignment",
        "sso-admin",
        create=Call("CreateAccountAssignment"),
        id="{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}",
        import_id=(
            "principalId",
            "principalType",
            "targetId",
            "targetType",
            "permissionSetArn",
            "instanceArn",
        ),
        import_separator=",",
        read=Read("ListAccountAssignments", {**_SET, "AccountId": "{targetId}"}, "AccountAssignments"),
        delete=Call("DeleteAccountAssignment"),
        force_new=frozenset(_ASSIGNED),
        defaults={"targetType": "AWS_ACCOUNT"},
        gone=_GONE,
        described=_describe_assignment,
    ),
)
