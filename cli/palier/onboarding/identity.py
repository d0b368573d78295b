"""What stands in IAM Identity Center for a person: read only, because the people stack makes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from palier.onboarding.calls import Passing, Refused, seconds_asked

SERVICE = "AWS"


class Identity:
    """One instance of IAM Identity Center, in its region."""

    def __init__(self, region: str, variables: Mapping[str, str]) -> None:
        """`variables` is the environment with credentials and, for the local cloud, the endpoint."""
        self._region, self._variables = region, variables
        self._made: dict[str, Any] = {}

    def groups_of(self, user_name: str) -> set[str] | None:
        """Names of the groups of a user, None where there is no such user."""
        store = self._instance["IdentityStoreId"]
        users = self._pages(
            "identitystore",
            "list_users",
            "Users",
            IdentityStoreId=store,
            Filters=[{"AttributePath": "UserName", "AttributeValue": user_name}],
        )
        user = next((each for each in users if each["UserName"] == user_name), None)
        if user is None:
            return None
        member = {"UserId": user["UserId"]}
        held = self._pages(
            "identitystore",
            "list_group_memberships_for_member",
            "GroupMemberships",
            IdentityStoreId=store,
            MemberId=member,
        )
        groups = self._pages("identitystore", "list_groups", "Groups", IdentityStoreId=store)
        names = {each["GroupId"]: each["DisplayName"] for each in groups}
        return {names[each["GroupId"]] for each in held if each["GroupId"] in names}

    def assigned(self, group: str) -> set[tuple[str, str]]:
        """What a group is assigned: (permission set, account) pairs."""
        instance = self._instance
        groups = self._pages(
            "identitystore", "list_groups", "Groups", IdentityStoreId=instance["IdentityStoreId"]
        )
        ids = [each["GroupId"] for each in groups if each["DisplayName"] == group]
        if not ids:
            return set()
        arn = instance["InstanceArn"]
        assignments = self._pages(
            "sso-admin",
            "list_account_assignments_for_principal",
            "AccountAssignments",
            InstanceArn=arn,
            PrincipalId=ids[0],
            PrincipalType="GROUP",
        )
        return {
            (self._permission_set(arn, each["PermissionSetArn"]), each["AccountId"]) for each in assignments
        }

    def _permission_set(self, instance: str, arn: str) -> str:
        described = self._call(
            "sso-admin", "describe_permission_set", InstanceArn=instance, PermissionSetArn=arn
        )
        return str(described["PermissionSet"]["Name"])

    @cached_property
    def _instance(self) -> Mapping[str, str]:
        found = self._call("sso-admin", "list_instances")["Instances"]
        if not found:
            raise Refused(
                f"IAM Identity Center is not switched on in {self._region}",
                next_step="enable it there, or set aws:region of the people stack to its region",
            )
        instance: Mapping[str, str] = found[0]
        return instance

    def _pages(self, service: str, operation: str, key: str, **arguments: Any) -> list[Any]:
        found: list[Any] = []
        token: str | None = None
        while True:
            more = {"NextToken": token} if token else {}
            answer = self._call(service, operation, **arguments, **more)
            found.extend(answer.get(key, []))
            token = answer.get("NextToken")
            if not token:
                return found

    def _call(self, service: str, operation: str, **arguments: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client(service), operation)(**arguments)
        except ClientError as error:
            raise _judged(error, operation) from None
        except BotoCoreError as error:
            if type(error).__name__ in (
                "NoCredentialsError",
                "PartialCredentialsError",
                "TokenRetrievalError",
            ):
                raise Refused(f"AWS: {error}", next_step="log in: aws sso login") from None
            raise Passing(SERVICE, f"{operation}: {type(error).__name__}") from None

    def _client(self, service: str) -> Any:
        if service not in self._made:
            import boto3
            from botocore.config import Config

            names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
            keys = [self._variables.get(name) for name in names]
            session = boto3.Session(
                aws_access_key_id=keys[0],
                aws_secret_access_key=keys[1],
                aws_session_token=keys[2],
                profile_name=self._variables.get("AWS_PROFILE"),
                region_name=self._region,
            )
            self._made[service] = session.client(
                service,
                endpoint_url=self._variables.get("AWS_ENDPOINT_URL"),
                # Once: a step is tried again as a whole, within its budget.
                config=Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1}),
            )
        return self._made[service]


def _judged(error: Any, operation: str) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = str(error.response.get("Error", {}).get("Message", ""))
    if status >= 500 or status in (408, 409, 429) or "Throttl" in code or code == "ConflictException":
        headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        return Passing(SERVICE, f"{operation}: {code}", seconds_asked(headers.get("retry-after")))
    return Refused(f"AWS: {operation}: {code}: {said}", next_step="correct what it names, and run this again")
