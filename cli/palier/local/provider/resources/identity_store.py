"""Users, groups and memberships of IAM Identity Center's own directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Call, Check, Entry, Problem, Read
from palier.local.provider.values import UNKNOWN

_STORE = "IdentityStoreId"
_LISTS = {"addresses": "Addresses", "emails": "Emails", "phoneNumbers": "PhoneNumbers"}
_USER_FIELDS = {
    "displayName": "displayName",
    "locale": "locale",
    "nickname": "nickName",
    "preferredLanguage": "preferredLanguage",
    "profileUrl": "profileUrl",
    "timezone": "timezone",
    "title": "title",
    "userType": "userType",
    **{key: key for key in _LISTS},
}


def _named_by_id(property_: str) -> Callable[[Context], None]:
    """The second half of an id `store/thing` is what the thing's own operations ask for."""

    def remember(context: Context) -> None:
        context.outputs = {**context.outputs, property_: context.id.partition("/")[2]}

    return remember


def _described_user(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The API has lists of what the official provider takes one of."""
    single = {member: (found.get(member) or [None])[0] for member in _LISTS.values()}
    return {**found, **single}


def _operations(inputs: Mapping[str, Any], changed: set[str], fields: Mapping[str, str]) -> list[Any]:
    """As UpdateUser and UpdateGroup want them; a value that is gone is a null."""
    operations = []
    for key in sorted(changed & fields.keys()):
        value = inputs.get(key)
        operations.append({"AttributePath": fields[key], "AttributeValue": [value] if _one(value) else value})
    old = inputs.get("name")
    if "name" in changed and isinstance(old, Mapping):
        operations += [
            {"AttributePath": f"name.{key}", "AttributeValue": old.get(key)}
            for key in (
                "familyName",
                "formatted",
                "givenName",
                "honorificPrefix",
                "honorificSuffix",
                "middleName",
            )
        ]
    return operations


def _one(value: Any) -> bool:
    return isinstance(value, Mapping)


def _update_user(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    operations = _operations(inputs, changed, _USER_FIELDS)
    if operations:
        context.call(
            "UpdateUser",
            IdentityStoreId=inputs["identityStoreId"],
            UserId=context.outputs["userId"],
            Operations=operations,
        )
    return changed


def _update_group(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    context.call(
        "UpdateGroup",
        IdentityStoreId=inputs["identityStoreId"],
        GroupId=context.outputs["groupId"],
        Operations=_operations(inputs, changed, {"description": "description"}),
    )
    return changed


def _described_group(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "arn": f"arn:aws:identitystore:::group/{found['GroupId']}"}


def _described_membership(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "MemberId": found.get("MemberId", {}).get("UserId")}


def _whole_name(check: Check) -> list[Problem]:
    """The API wants both names; the SDK's type calls the whole of them optional."""
    name = check.inputs.get("name")
    if name is UNKNOWN:
        return []
    given = name if isinstance(name, Mapping) else {}
    missing = [key for key in ("familyName", "givenName") if given.get(key) in (None, "")]
    return [("name", f"{' and '.join(missing)} is required")] if missing else []


ENTRIES = (
    Entry(
        "aws:identitystore/user:User",
        "identitystore",
        create=Call("CreateUser"),
        id="join('/', [IdentityStoreId, UserId])",
        read=Read("DescribeUser", {_STORE: "{identityStoreId}", "UserId": "{userId}"}),
        delete=Call("DeleteUser", {_STORE: "{identityStoreId}", "UserId": "{userId}"}),
        force_new=frozenset({"identityStoreId", "userName"}),
        import_id=("identityStoreId", "userId"),
        import_separator="/",
        checks=(_whole_name,),
        described=_described_user,
        on_update=_update_user,
        after_create=_named_by_id("userId"),
    ),
    Entry(
        "aws:identitystore/group:Group",
        "identitystore",
        create=Call("CreateGroup"),
        id="join('/', [IdentityStoreId, GroupId])",
        read=Read("DescribeGroup", {_STORE: "{identityStoreId}", "GroupId": "{groupId}"}),
        delete=Call("DeleteGroup", {_STORE: "{identityStoreId}", "GroupId": "{groupId}"}),
        force_new=frozenset({"displayName", "identityStoreId"}),
        import_id=("identityStoreId", "groupId"),
        import_separator="/",
        described=_described_group,
        on_update=_update_group,
        after_create=_named_by_id("groupId"),
    ),
    Entry(
        "aws:identitystore/groupMembership:GroupMembership",
        "identitystore",
        create=Call(
            "CreateGroupMembership",
            {_STORE: "{identityStoreId}", "GroupId": "{groupId}", "MemberId": {"UserId": "{memberId}"}},
            mapped=False,
        ),
        id="join('/', [IdentityStoreId, MembershipId])",
        read=Read("DescribeGroupMembership", {_STORE: "{identityStoreId}", "MembershipId": "{membershipId}"}),
        delete=Call("DeleteGroupMembership", {_STORE: "{identityStoreId}", "MembershipId": "{membershipId}"}),
        force_new=frozenset({"groupId", "identityStoreId", "memberId"}),
        import_id=("identityStoreId", "membershipId"),
        import_separator="/",
        described=_described_membership,
        after_create=_named_by_id("membershipId"),
    ),
)
