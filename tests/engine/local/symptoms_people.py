"""The symptoms of moto's IAM Identity Center that Palier mends."""

from __future__ import annotations

from typing import Any

from tests.engine.local.symptoms import Clients, Symptom, outcome

NAME = {"FamilyName": "Lovelace", "GivenName": "Ada"}
STORE = "d-1234567890"


def _user(store: Any) -> str:
    made = store.create_user(IdentityStoreId=STORE, UserName="ada", DisplayName="Ada", Name=NAME)
    return str(made["UserId"])


def _group(store: Any) -> str:
    return str(store.create_group(IdentityStoreId=STORE, DisplayName="marketplace")["GroupId"])


def changed(clients: Clients) -> object:
    store = clients("identitystore")
    user, group = _user(store), _group(store)
    operations = [
        {"AttributePath": "name.familyName", "AttributeValue": "King"},
        {"AttributePath": "emails", "AttributeValue": [{"value": "ada@jobo.example", "primary": True}]},
    ]
    first = outcome(store.update_user, IdentityStoreId=STORE, UserId=user, Operations=operations)
    told = [{"AttributePath": "description", "AttributeValue": "Offers"}]
    second = outcome(store.update_group, IdentityStoreId=STORE, GroupId=group, Operations=told)
    now = store.describe_user(IdentityStoreId=STORE, UserId=user)
    described = store.describe_group(IdentityStoreId=STORE, GroupId=group).get("Description")
    return first, second, now["Name"]["FamilyName"], now.get("Emails"), described


def left_behind(clients: Clients) -> object:
    store = clients("identitystore")
    user, group = _user(store), _group(store)
    store.create_group_membership(IdentityStoreId=STORE, GroupId=group, MemberId={"UserId": user})
    store.delete_user(IdentityStoreId=STORE, UserId=user)
    return len(store.list_group_memberships(IdentityStoreId=STORE, GroupId=group)["GroupMemberships"])


def twice(clients: Clients) -> object:
    store = clients("identitystore")
    member = {"IdentityStoreId": STORE, "GroupId": _group(store), "MemberId": {"UserId": _user(store)}}
    store.create_group_membership(**member)
    return outcome(store.create_group_membership, **member)


def tagged(clients: Clients) -> object:
    sso = clients("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    made = sso.create_permission_set(InstanceArn=instance, Name="developer")["PermissionSet"]
    one = {"InstanceArn": instance, "ResourceArn": made["PermissionSetArn"]}
    return [
        outcome(sso.tag_resource, **one, Tags=[{"Key": "a", "Value": "b"}]),
        outcome(sso.list_tags_for_resource, **one),
        outcome(sso.untag_resource, **one, TagKeys=["a"]),
    ]


def same_name(clients: Clients) -> object:
    sso = clients("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    sso.create_permission_set(InstanceArn=instance, Name="developer")
    return outcome(sso.create_permission_set, InstanceArn=instance, Name="developer")


def _assignment(sso: Any) -> dict[str, Any]:
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    made = sso.create_permission_set(InstanceArn=instance, Name="developer")["PermissionSet"]
    return {
        "InstanceArn": instance,
        "PermissionSetArn": made["PermissionSetArn"],
        "PrincipalId": "11111111-2222-3333-4444-555555555555",
        "PrincipalType": "GROUP",
        "TargetId": "123456789012",
        "TargetType": "AWS_ACCOUNT",
    }


def assigned(clients: Clients) -> object:
    sso = clients("sso-admin")
    wanted = _assignment(sso)
    sso.create_account_assignment(**wanted)
    sso.create_account_assignment(**wanted)
    asked = {"InstanceArn": wanted["InstanceArn"], "PermissionSetArn": wanted["PermissionSetArn"]}
    held = sso.list_account_assignments(**asked, AccountId="123456789012")["AccountAssignments"]
    nothing = f"{wanted['InstanceArn']}/ps-0000000000000000"
    return len(held), outcome(sso.create_account_assignment, **wanted | {"PermissionSetArn": nothing})


def deleted_while_assigned(clients: Clients) -> object:
    sso = clients("sso-admin")
    wanted = _assignment(sso)
    sso.create_account_assignment(**wanted)
    asked = {"InstanceArn": wanted["InstanceArn"], "PermissionSetArn": wanted["PermissionSetArn"]}
    return outcome(sso.delete_permission_set, **asked)


def policy_of_a_path(clients: Clients) -> object:
    sso = clients("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    made = sso.create_permission_set(InstanceArn=instance, Name="developer")["PermissionSet"]
    asked = {"InstanceArn": instance, "PermissionSetArn": made["PermissionSetArn"]}
    return [
        outcome(sso.attach_managed_policy_to_permission_set, **asked, ManagedPolicyArn=arn)
        for arn in (
            "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
            "arn:aws:iam::aws:policy/ViewOnlyAccess",
        )
    ]


def arn_of_a_set(clients: Clients) -> object:
    sso = clients("sso-admin")
    instance = sso.list_instances()["Instances"][0]["InstanceArn"]
    made = sso.create_permission_set(InstanceArn=instance, Name="developer")["PermissionSet"]
    return str(made["PermissionSetArn"]).split(":::")[1].partition("/")[0]


MISSING = "NotImplementedError"
SYMPTOMS = (
    Symptom(
        "users_and_groups_change",
        changed,
        (MISSING, MISSING, "Lovelace", None, None),
        ("done", "done", "King", [{"Value": "ada@jobo.example", "Primary": True}], "Offers"),
    ),
    Symptom("memberships_go_with_user_and_group", left_behind, 1, 0),
    Symptom("one_membership_each", twice, "done", "ConflictException"),
    Symptom("tags_of_permission_sets", tagged, [MISSING] * 3, ["done"] * 3),
    Symptom("one_permission_set_of_a_name", same_name, "done", "ConflictException"),
    Symptom("assigned_once_and_of_what_there_is", assigned, (2, "done"), (1, "ResourceNotFoundException")),
    Symptom(
        "policies_have_paths",
        policy_of_a_path,
        ["ResourceNotFoundException", "done"],
        ["done", "ResourceNotFoundException"],
    ),
    Symptom("arns_of_permission_sets", arn_of_a_set, "instance", "permissionSet"),
    Symptom("assigned_permission_sets_stay", deleted_while_assigned, "done", "ConflictException"),
)
