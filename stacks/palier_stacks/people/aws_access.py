"""Users, groups, permission sets and assignments of IAM Identity Center."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from palier.onboarding.roster import Roster

from palier_stacks.people.settings import IdentitySettings


class AwsAccess:
    """What stands in IAM Identity Center; `store_id` is the identity store's."""

    def __init__(
        self, settings: IdentitySettings, roster: Roster, logins: list[str], parent: pulumi.Resource
    ) -> None:
        """`logins` are those who have access."""
        self._below = pulumi.ResourceOptions(parent=parent)
        instances = aws.ssoadmin.get_instances_output()
        self._instance = instances.arns[0]
        self.store_id = instances.identity_store_ids[0]
        teams = {name: team for name, team in roster.teams.items() if team.aws_permission_sets}
        used = sorted({name for team in teams.values() for name in team.aws_permission_sets})
        self._sets = {name: self._permission_set(name, settings) for name in used}
        self._groups = {name: self._group(name, team.description) for name, team in teams.items()}
        for name, team in teams.items():
            for permission_set, accounts in team.aws_permission_sets.items():
                for account in accounts:
                    self._assign(name, permission_set, account)
        for login in logins:
            if roster.people[login].team in teams:
                self._person(login, roster)

    def _permission_set(self, name: str, settings: IdentitySettings) -> aws.ssoadmin.PermissionSet:
        wanted = settings.permission_sets[name]
        made = aws.ssoadmin.PermissionSet(
            f"permission-set/{name}",
            name=name,
            description=wanted.description,
            instance_arn=self._instance,
            session_duration=f"PT{wanted.session_hours}H",
            opts=self._below,
        )
        for arn in wanted.managed_policies:
            aws.ssoadmin.ManagedPolicyAttachment(
                f"permission-set/{name}/{arn.rpartition('/')[2]}",
                instance_arn=self._instance,
                permission_set_arn=made.arn,
                managed_policy_arn=arn,
                opts=self._below,
            )
        return made

    def _group(self, name: str, description: str) -> aws.identitystore.Group:
        return aws.identitystore.Group(
            f"group/{name}",
            display_name=name,
            description=description,
            identity_store_id=self.store_id,
            opts=self._below,
        )

    def _assign(self, team: str, permission_set: str, account: str) -> None:
        aws.ssoadmin.AccountAssignment(
            f"assignment/{team}/{permission_set}/{account}",
            instance_arn=self._instance,
            permission_set_arn=self._sets[permission_set].arn,
            principal_id=self._groups[team].group_id,
            principal_type="GROUP",
            target_id=account,
            target_type="AWS_ACCOUNT",
            opts=self._below,
        )

    def _person(self, login: str, roster: Roster) -> None:
        person = roster.people[login]
        given, _, family = person.name.partition(" ")
        user = aws.identitystore.User(
            f"{login}/identity",
            identity_store_id=self.store_id,
            user_name=person.email,
            display_name=person.name,
            name={"given_name": given, "family_name": family or given},
            emails={"value": person.email, "primary": True},
            opts=self._below,
        )
        aws.identitystore.GroupMembership(
            f"{login}/group/{person.team}",
            identity_store_id=self.store_id,
            group_id=self._groups[person.team].group_id,
            member_id=user.user_id,
            opts=self._below,
        )
