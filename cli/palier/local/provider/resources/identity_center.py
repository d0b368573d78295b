"""IAM Identity Center: users, groups and memberships of its store; permission sets and their assignment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.errors import ProviderError
from palier.local.provider.identity import parts
from palier.local.provider.resources.common import formed
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags
from palier.local.provider.values import UNKNOWN

_STORE = {"IdentityStoreId": "{identityStoreId}"}
_SET = {"InstanceArn": "{instanceArn}", "PermissionSetArn": "{permissionSetArn}"}
_OF_USER = {**_STORE, "UserId": "{userId}"}
_OF_GROUP = {**_STORE, "GroupId": "{groupId}"}
_OF_MEMBERSHIP = {**_STORE, "MembershipId": "{membershipId}"}
_ASSIGNED = ("principalId", "principalType", "targetId", "targetType", "permissionSetArn", "instanceArn")
_GONE = ("ResourceNotFoundException",)
_LISTS = {"addresses": "Addresses", "emails": "Emails", "phoneNumbers": "PhoneNumbers"}
# Property to the path of UpdateUser, where it is one attribute.
_ATTRIBUTES = {
    **{name: name for name in ("displayName", "locale", "preferredLanguage", "profileUrl", "timezone")},
    **{name: name for name in ("title", "userType", *_LISTS)},
    "nickname": "nickName",
}
_NAME_PARTS = (
    "familyName",
    "formatted",
    "givenName",
    "honorificPrefix",
    "honorificSuffix",
    "middleName",
)
_TAGGED = {"InstanceArn": "{instanceArn}", "ResourceArn": "{arn}"}


def _in_store(inputs: Mapping[str, Any], id_: str) -> str:
    """`<store>/<id>`, the official provider's id of whatever stands in a store."""
    return id_ if "/" in id_ else f"{inputs['identityStoreId']}/{id_}"


def _of_instance(inputs: Mapping[str, Any], arn: str) -> str:
    """`<permission set>,<instance>`, the official provider's id."""
    return arn if "," in arn else f"{arn},{inputs['instanceArn']}"


def _know_parts(context: Context) -> None:
    """What the id is made of, for the description that follows."""
    context.outputs.update(parts(context.entry, context.id))


def _described_user(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The API has lists of what the SDK has one of; what the API leaves out is not the primary one."""
    for member in _LISTS.values():
        one = (found.get(member) or [None])[0]
        found[member] = {"Primary": False, **one} if one else None
    return found


def _update_user(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """An operation for each attribute that differs, as the official provider asks; null takes it away."""
    operations = [_operation(path, inputs.get(key)) for key, path in _ATTRIBUTES.items() if key in changed]
    if "name" in changed:
        operations += [_operation(f"name.{part}", inputs["name"].get(part)) for part in _NAME_PARTS]
    if operations:
        context.call("UpdateUser", **context.fill(_OF_USER), Operations=operations)
    return changed


def _operation(path: str, value: Any) -> dict[str, Any]:
    return {"AttributePath": path, "AttributeValue": [value] if isinstance(value, Mapping) else value}


def _whole_name(check: Check) -> list[Problem]:
    """The API wants both names; the SDK's type calls the whole of them optional."""
    name = check.inputs.get("name")
    if name is UNKNOWN:
        return []
    given = name if isinstance(name, Mapping) else {}
    missing = [key for key in ("familyName", "givenName") if given.get(key) in (None, "")]
    return [("name", f"wants {' and '.join(missing)}")] if missing else []


def _update_group(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & {"description", "displayName"}
    operations = [_operation(name, inputs.get(name)) for name in sorted(done)]
    if operations:
        context.call("UpdateGroup", **context.fill(_OF_GROUP), Operations=operations)
    return done


def _describe_group(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "Arn": f"arn:aws:identitystore:::group/{found['GroupId']}"}


def _member(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, "MemberId": {"UserId": context.inputs["memberId"]}}


def _describe_membership(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "MemberId": found["MemberId"]["UserId"]}


def _describe_set(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    created = found.get("CreatedDate")
    if isinstance(created, datetime):  # RFC 3339, as the official provider has it
        found["CreatedDate"] = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
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


def _session(check: Check) -> list[Problem]:
    """One to twelve hours (IAM Identity Center, "Set session duration"); the API's pattern takes more."""
    value = check.inputs.get("sessionDuration")
    if not isinstance(value, str):
        return []
    found = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", value)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if 3600 <= hours * 3600 + minutes * 60 + seconds <= 12 * 3600:
        return []
    return [("sessionDuration", f"{value!r} is not a duration of one to twelve hours, PT1H to PT12H")]


def _policy_of_aws(check: Check) -> list[Problem]:
    """What is attached by ARN is a policy of AWS, and there is one of that name."""
    arn = check.inputs.get("managedPolicyArn")
    if not isinstance(arn, str):
        return []
    if not re.fullmatch(r"arn:aws(?:-cn|-us-gov)?:iam::aws:policy/[\w+=,.@/-]+", arn):
        return [("managedPolicyArn", f"{arn!r} is not the ARN of a managed policy of AWS")]
    if check.read("iam", "GetPolicy", {"PolicyArn": arn}) is None:
        return [("managedPolicyArn", f"AWS has no managed policy {arn}")]
    return []


def _not_twice(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """As the official provider, look first: the API itself prevents no second one (account_assignment.go)."""
    asked = {**context.fill(_SET), "AccountId": context.inputs["targetId"]}
    found = context.call("ListAccountAssignments", **asked)["AccountAssignments"]
    if _describe_assignment(context, {"items": found}):
        kind, principal = context.inputs["principalType"], context.inputs["principalId"]
        raise ProviderError(f"creating SSO Account Assignment for {kind} ({principal}): already exists")
    return arguments


# The API's own patterns (sso-admin: PrincipalId, TargetId, PermissionSetName).
_PRINCIPAL = formed(
    "principalId",
    r"(?:[0-9a-f]{10}-)?[A-Fa-f0-9]{8}(?:-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}",
    "the id of a user or a group",
)
_ACCOUNT = formed("targetId", r"\d{12}", "an account's id, twelve digits")
_SET_NAME = formed("name", r"[\w+=,.@-]+", "a permission set's name: letters, digits and + = , . @ - _")

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
        defaults={f"{name}.primary": False for name in _LISTS},
        gone=_GONE,
        checks=(_whole_name,),
        described=_described_user,
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
        described=_describe_group,
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
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {**_TAGGED, "Tags": "{tags}"}, mapped=False),
            remove=Call("UntagResource", {**_TAGGED, "TagKeys": "{keys}"}, mapped=False),
            read=Read("ListTagsForResource", _TAGGED, "Tags"),
        ),
        autoname=Autoname("name", 32, prefix=None),
        gone=_GONE,
        checks=(_session, _SET_NAME),
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
        checks=(_policy_of_aws,),
        described=_describe_attachment,
    ),
    Entry(
        "aws:ssoadmin/accountAssignment:AccountAssignment",
        "sso-admin",
        create=Call("CreateAccountAssignment"),
        id="{principalId},{principalType},{targetId},{targetType},{permissionSetArn},{instanceArn}",
        import_id=_ASSIGNED,
        import_separator=",",
        read=Read("ListAccountAssignments", {**_SET, "AccountId": "{targetId}"}, "AccountAssignments"),
        delete=Call(
            "DeleteAccountAssignment",
            {name[0].upper() + name[1:]: f"{{{name}}}" for name in _ASSIGNED},
            mapped=False,
        ),
        force_new=frozenset(_ASSIGNED),
        gone=_GONE,
        checks=(_PRINCIPAL, _ACCOUNT),
        prepare=_not_twice,
        described=_describe_assignment,
    ),
)
