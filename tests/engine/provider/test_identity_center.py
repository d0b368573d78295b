"""IAM Identity Center on the engine: what stands is taken over by its ids, and nothing is given twice."""

from __future__ import annotations

from tests.engine.support.programs import Project

POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
ACCOUNT = "123456789012"
PROGRAM = """
    from pulumi import ResourceOptions

    def taken(id_):
        return ResourceOptions(import_=id_)

    user = aws.identitystore.User(
        "user", identity_store_id="{store}", user_name="ada", display_name="Ada Byron",
        name={"given_name": "Ada", "family_name": "Byron"}, opts=taken("{store}/{user}"),
    )
    group = aws.identitystore.Group(
        "group", identity_store_id="{store}", display_name="web", description="by hand",
        opts=taken("{store}/{group}"),
    )
    aws.identitystore.GroupMembership(
        "membership", identity_store_id="{store}", group_id="{group}", member_id="{user}",
        opts=taken("{store}/{membership}"),
    )
    aws.ssoadmin.PermissionSet(
        "set", name="developer", instance_arn="{instance}", session_duration="PT4H",
        opts=taken("{set},{instance}"),
    )
    aws.ssoadmin.ManagedPolicyAttachment(
        "policy", instance_arn="{instance}", permission_set_arn="{set}", managed_policy_arn="{policy}",
        opts=taken("{policy},{set},{instance}"),
    )
    aws.ssoadmin.AccountAssignment(
        "assignment", instance_arn="{instance}", permission_set_arn="{set}", principal_id="{group}",
        principal_type="GROUP", target_id="{account}", target_type="AWS_ACCOUNT",
        opts=taken("{group},GROUP,{account},AWS_ACCOUNT,{set},{instance}"),
    )
"""
AGAIN = """
    aws.ssoadmin.AccountAssignment(
        "again", instance_arn="{instance}", permission_set_arn="{set}", principal_id="{group}",
        principal_type="GROUP", target_id="{account}", target_type="AWS_ACCOUNT",
    )
"""


def _stand(project: Project) -> dict[str, str]:
    """Make it all with boto3, as if by hand; the ids by the program's names."""
    sso, store = project.emulated.client("sso-admin"), project.emulated.client("identitystore")
    found = sso.list_instances()["Instances"][0]
    ids = {"instance": found["InstanceArn"], "store": found["IdentityStoreId"]}
    name = {"GivenName": "Ada", "FamilyName": "Byron"}
    whole = {"IdentityStoreId": ids["store"]}
    ids["user"] = store.create_user(**whole, UserName="ada", DisplayName="Ada Byron", Name=name)["UserId"]
    ids["group"] = store.create_group(**whole, DisplayName="web", Description="by hand")["GroupId"]
    member = {"UserId": ids["user"]}
    joined = store.create_group_membership(**whole, GroupId=ids["group"], MemberId=member)
    made = sso.create_permission_set(InstanceArn=ids["instance"], Name="developer", SessionDuration="PT4H")[
        "PermissionSet"
    ]
    asked = {"InstanceArn": ids["instance"], "PermissionSetArn": made["PermissionSetArn"]}
    sso.attach_managed_policy_to_permission_set(**asked, ManagedPolicyArn=POLICY)
    sso.create_account_assignment(
        **asked,
        PrincipalId=ids["group"],
        PrincipalType="GROUP",
        TargetId=ACCOUNT,
        TargetType="AWS_ACCOUNT",
    )
    further = {"membership": joined["MembershipId"], "set": made["PermissionSetArn"]}
    return {**ids, **further, "policy": POLICY, "account": ACCOUNT}


def _filled(text: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def test_what_stands_is_taken_over_and_an_assignment_is_not_given_twice(project: Project) -> None:
    ids = _stand(project)
    project.program(_filled(PROGRAM, ids))
    ran = project.up()
    assert ran.code == 0, ran.said
    assert {operation for operation, name in ran.steps if not name.startswith("default_")} == {"import"}
    assert project.up().changed == {}

    project.program(_filled(PROGRAM + AGAIN, ids))
    ran = project.up()
    assert ran.code != 0
    assert f"creating SSO Account Assignment for GROUP ({ids['group']}): already exists" in ran.said
