"""Cases of IAM Identity Center: people, groups, and what they may do."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
NAME = {"familyName": "Lovelace", "givenName": "Ada"}

CASES: dict[str, Case] = {
    "aws:identitystore/user:User": Case(
        lambda w: {
            "identityStoreId": w.identity_store,
            "userName": "ada@jobo.example",
            "displayName": "Ada Lovelace",
            "name": NAME,
            "emails": {"value": "ada@jobo.example", "primary": True},
        },
        fixed(
            displayName="Ada King",
            name={"familyName": "King", "givenName": "Ada"},
            emails={"value": "king@jobo.example", "primary": True, "type": "work"},
            title="Engineer",
        ),
        {"name": {"familyName": "Lovelace"}},
        "givenName",
    ),
    "aws:identitystore/group:Group": Case(
        lambda w: {"identityStoreId": w.identity_store, "displayName": "marketplace"},
        fixed(description="Offers and applications", displayName="market"),
        {"displayname": "a"},
        "is not a property",
    ),
    "aws:identitystore/groupMembership:GroupMembership": Case(
        lambda w: {"identityStoreId": w.identity_store, "groupId": w.people_group, "memberId": w.person},
        None,
        {"userId": "1"},
        "is not a property",
    ),
    "aws:ssoadmin/permissionSet:PermissionSet": Case(
        lambda w: {"instanceArn": w.sso_instance, "name": "developer"},
        fixed(description="What a developer needs", sessionDuration="PT8H"),
        {"name": "n" * 33},
        "32",
    ),
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": Case(
        lambda w: {
            "instanceArn": w.sso_instance,
            "permissionSetArn": w.permission_set,
            "managedPolicyArn": READ_ONLY,
        },
        None,
        {"policyArn": READ_ONLY},
        "is not a property",
    ),
    "aws:ssoadmin/accountAssignment:AccountAssignment": Case(
        lambda w: {
            "instanceArn": w.sso_instance,
            "permissionSetArn": w.permission_set,
            "principalId": w.people_group,
            "principalType": "GROUP",
            "targetId": "123456789012",
            "targetType": "AWS_ACCOUNT",
        },
        None,
        {"principalType": "TEAM"},
        "TEAM",
    ),
}
