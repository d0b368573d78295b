"""A company on a machine of a test's own: the example's roster, and the local cloud's GitHub and Slack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from palier.local import client
from palier.local.layout import WORKPLACE_TOKENS

from tests.engine.phases.machine import ROOT, Machine

NEWCOMER, NEWCOMER_MAIL = "adiallo", "awa.diallo@jobo.example"


class Company(Machine):
    """A machine whose user onboards people."""

    def __post_init__(self) -> None:
        super().__post_init__()
        shutil.copytree(ROOT / "examples" / "jobo", self.roster)
        self.more = {
            "PALIER_ROSTER_DIR": str(self.roster),
            "PALIER_ONBOARDING_DIR": str(self.onboarding),
            "PALIER_VPN_DIR": str(self.root / "vpn"),
            **self.more,
        }

    @property
    def roster(self) -> Path:
        """The roster, as people edit it."""
        return self.root / "roster"

    @property
    def onboarding(self) -> Path:
        """Journals and pages."""
        return self.root / "onboarding"

    def person(self, login: str = NEWCOMER) -> str:
        """A person's file."""
        return (self.roster / "people" / f"{login}.yaml").read_text()

    def put(self, path: str, body: object, method: str = "PUT") -> Any:
        """Ask something of the local cloud itself."""
        return client.ask(self.endpoint, path, method=method, body=body, timeout_seconds=60.0)

    def workplace(self) -> dict[str, Any]:
        """What stands on GitHub and in Slack."""
        found: dict[str, Any] = self.ask("workplace")
        return found

    def identity_center(self) -> dict[str, Any]:
        """What stands in IAM Identity Center, by name: no id is in it, so that two compare."""
        store, sso = self.aws("identitystore"), self.aws("sso-admin")
        instance = sso.list_instances()["Instances"][0]
        whole = {"IdentityStoreId": instance["IdentityStoreId"]}
        arn = {"InstanceArn": instance["InstanceArn"]}
        users = {each["UserId"]: each["UserName"] for each in store.list_users(**whole)["Users"]}

        def assigned(principal: str) -> Iterator[tuple[str, str]]:
            asked = {**arn, "PrincipalId": principal, "PrincipalType": "GROUP"}
            for each in sso.list_account_assignments_for_principal(**asked)["AccountAssignments"]:
                made = sso.describe_permission_set(**arn, PermissionSetArn=each["PermissionSetArn"])
                yield made["PermissionSet"]["Name"], each["AccountId"]

        def members(group: str) -> Iterator[str]:
            for each in store.list_group_memberships(**whole, GroupId=group)["GroupMemberships"]:
                yield users[each["MemberId"]["UserId"]]

        groups = {
            each["DisplayName"]: {
                "members": sorted(members(each["GroupId"])),
                "assigned": sorted(assigned(each["GroupId"])),
            }
            for each in store.list_groups(**whole)["Groups"]
        }
        return {"users": sorted(users.values()), "groups": groups}

    def requests(self) -> list[dict[str, Any]]:
        """Requests to GitHub, Slack and AWS, oldest first."""
        found: list[dict[str, Any]] = self.ask("requests")
        return found

    def writes(self, since: int = 0) -> list[str]:
        """What wrote on GitHub, in Slack and on AWS after request `since`."""
        return [
            f"{each['service']} {each['operation']}"
            for each in self.requests()
            if each["number"] > since and each.get("writes")
        ]

    def last(self) -> int:
        """The number of the last request."""
        return max((each["number"] for each in self.requests()), default=0)


def clients(endpoint: str, **more: str) -> Mapping[str, str]:
    """The environment of clients of the local cloud."""
    return {
        **WORKPLACE_TOKENS,
        "GITHUB_BASE_URL": f"{endpoint}/github/",
        "PALIER_SLACK_URL": f"{endpoint}/slack/api/",
        "PALIER_SLACK_SCIM_URL": f"{endpoint}/slack/scim/v2/",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "palierlocal",
        "AWS_SECRET_ACCESS_KEY": "palierlocal",
        **more,
    }
