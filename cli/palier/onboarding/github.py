"""What onboarding asks of GitHub, over PyGithub: memberships, rights, and issues.

One connection per thread (PyGithub's is not safe for threads); no retry here, because who retries must look
first (`palier.onboarding.calls`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from palier.onboarding.calls import Gone, Pace, Passing, Refused
from palier.onboarding.github_failures import SERVICE, TOKEN, judged

URL = "GITHUB_BASE_URL"
DEFAULT_URL = "https://api.github.com"
TIMEOUT_SECONDS = 20
# What each right includes, weakest first (GitHub's "Repository roles for an organization").
RIGHTS = ("pull", "triage", "push", "maintain", "admin")
# What the REST API calls the same rights in the answer on a collaborator.
_ROLES = {"read": "pull", "write": "push"}

T = TypeVar("T")


@dataclass(frozen=True)
class Issue:
    """An issue as onboarding needs it. `size` is the length of its text in characters."""

    repository: str
    number: int
    title: str
    url: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    closed: bool
    updated_at: datetime | None

    @property
    def name(self) -> str:
        """As people refer to it."""
        return f"{self.repository}#{self.number}"


class GitHub:
    """One organisation, as its token sees it."""

    def __init__(self, organization: str, variables: Mapping[str, str], pace: Pace | None = None) -> None:
        """`variables` is the environment with token and address. Raises Refused without a token."""
        self.organization = organization
        self._url = variables.get(URL, DEFAULT_URL).rstrip("/")
        self._token = variables.get(TOKEN, "")
        if not self._token:
            raise Refused(
                f"no {TOKEN} in the environment", next_step=f"export {TOKEN}=…, with admin:org and repo"
            )
        self._pace = pace or Pace()
        self._local = threading.local()

    # -- people -------------------------------------------------------------------------------------

    def membership(self, login: str) -> str | None:
        """`active` or `pending` in the organisation, None where there is no membership."""
        try:
            return str(self._ask(f"/orgs/{self.organization}/memberships/{quote(login)}")["state"])
        except Gone:
            return None

    def right(self, repository: str, login: str) -> str | None:
        """What somebody may do in a repository, one of `RIGHTS`; None for nothing."""
        path = f"/repos/{self.organization}/{repository}/collaborators/{quote(login)}/permission"
        try:
            answer = self._ask(path)
        except Gone:
            self.need_repository(repository)
            return None
        role = str(answer.get("role_name") or answer.get("permission"))
        role = _ROLES.get(role, role)
        return role if role in RIGHTS else None

    def need_repository(self, repository: str) -> None:
        """Raises Refused where the organisation has no such repository, or the token does not see it."""
        try:
            self._ask(f"/repos/{self.organization}/{repository}")
        except Gone:
            raise Refused(
                f"GitHub has no repository {self.organization}/{repository} that the token of {TOKEN} sees",
                next_step="correct its name in the team's file, or give the token access",
            ) from None

    # -- issues -------------------------------------------------------------------------------------

    def issues(
        self,
        repository: str,
        *,
        state: str = "open",
        labels: Iterable[str] = (),
        assignee: str | None = None,
        pull_requests: bool = False,
    ) -> list[Issue]:
        """Issues of a repository, newest first; with pull requests, which GitHub lists too, if asked."""
        filters: dict[str, Any] = {"state": state}
        if labels := list(labels):
            filters["labels"] = ",".join(labels)
        if assignee is not None:
            filters["assignee"] = assignee
        try:
            found = list(self._pages(f"/repos/{self.organization}/{repository}/issues", filters))
        except Gone:
            self.need_repository(repository)
            raise Refused(
                f"the issues of {repository} cannot be listed",
                next_step=f"switch issues on in the settings of {self.organization}/{repository}",
            ) from None
        return [_issue(repository, each) for each in found if pull_requests or "pull_request" not in each]

    def _pages(self, path: str, parameters: dict[str, Any]) -> Iterator[Any]:
        number, more = 1, True
        while more:
            found, more = self.page(path, parameters, number)
            yield from found
            number += 1

    def create_issue(
        self, repository: str, title: str, body: str, *, assignees: list[str], labels: list[str]
    ) -> Issue:
        """Make an issue; counts as content with GitHub, so it keeps the pace."""
        self._pace.take()
        path = f"/repos/{self.organization}/{repository}/issues"
        fields = {"title": title, "body": body, "assignees": assignees, "labels": labels}
        made = self._do(
            lambda: self._requester().requestJsonAndCheck("POST", path, input=fields)[1], f"POST {path}"
        )
        return _issue(repository, made)

    def assign(self, issue: Issue, login: str) -> None:
        """Add an assignee. GitHub ignores one who may not read the repository: look at what stands."""
        self._change(issue, "POST", "/assignees", {"assignees": [login]})

    def unassign(self, issue: Issue, login: str) -> None:
        """Take an assignee away."""
        self._change(issue, "DELETE", "/assignees", {"assignees": [login]})

    def edit(self, issue: Issue, body: str) -> None:
        """Set the text of an issue."""
        self._change(issue, "PATCH", "", {"body": body})

    def close(self, issue: Issue) -> None:
        """Close an issue as not planned: nobody will go on with it."""
        self._change(issue, "PATCH", "", {"state": "closed", "state_reason": "not_planned"})

    def _change(self, issue: Issue, method: str, part: str, body: dict[str, Any]) -> None:
        self._pace.take()
        path = f"/repos/{self.organization}/{issue.repository}/issues/{issue.number}{part}"
        self._do(lambda: self._requester().requestJsonAndCheck(method, path, input=body), f"{method} {path}")

    # -- the wire -----------------------------------------------------------------------------------

    def ask(self, path: str, parameters: dict[str, Any] | None = None) -> Any:
        """GET a path of the API, read as JSON. Raises Gone, Passing or Refused."""
        return self._do(
            lambda: self._requester().requestJsonAndCheck("GET", path, parameters=parameters)[1],
            f"GET {path}",
        )

    _ask = ask

    def delete(self, path: str) -> None:
        """DELETE a path; what is gone already is fine."""
        with contextlib.suppress(Gone):
            self._do(lambda: self._requester().requestJsonAndCheck("DELETE", path), f"DELETE {path}")

    def page(self, path: str, parameters: dict[str, Any], number: int) -> tuple[list[Any], bool]:
        """One page of a list, from 1, and whether GitHub links to a next. Raises Gone, Passing or Refused."""
        asked = {**parameters, "per_page": 100, "page": number}
        headers, data = self._do(
            lambda: self._requester().requestJsonAndCheck("GET", path, parameters=asked), f"GET {path}"
        )
        if not isinstance(data, list):
            raise Refused(
                f"GitHub: GET {path}: the answer is no list", next_step=f"see whether {URL} is right"
            )
        links = {key.lower(): value for key, value in headers.items()}.get("link", "")
        return data, 'rel="next"' in links

    def _github(self) -> Any:
        made = getattr(self._local, "github", None)
        if made is None:
            from github import Auth, Github

            made = self._local.github = Github(
                base_url=self._url,
                auth=Auth.Token(self._token),
                retry=None,
                timeout=TIMEOUT_SECONDS,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )
        return made

    def _requester(self) -> Any:
        return self._github().requester

    def _do(self, call: Callable[[], T], what: str) -> T:
        from github import GithubException
        from requests import RequestException

        try:
            return call()
        except GithubException as error:
            raise judged(error, what) from None
        except (RequestException, ConnectionError, TimeoutError) as error:
            raise Passing(SERVICE, f"{what}: {type(error).__name__}") from None


def _issue(repository: str, raw: Mapping[str, Any]) -> Issue:
    return Issue(
        repository=repository,
        number=int(raw["number"]),
        title=str(raw["title"]),
        url=str(raw["html_url"]),
        body=str(raw["body"] or ""),
        labels=tuple(str(label["name"]) for label in raw["labels"]),
        assignees=tuple(str(each["login"]) for each in raw["assignees"]),
        closed=raw["state"] == "closed",
        updated_at=datetime.fromisoformat(raw["updated_at"]) if raw.get("updated_at") else None,
    )
