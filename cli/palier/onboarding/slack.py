"""What onboarding asks of Slack, over the official SDK: people, channels, one message.

Web API for what a bot may do, SCIM or the admin API for accounts, as the workspace's plan allows. The SDK's
own retries are off, because who retries must look first (`palier.onboarding.calls`).
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

from palier.onboarding.calls import Passing, Refused, seconds_asked

TOKEN, ADMIN_TOKEN = "SLACK_BOT_TOKEN", "SLACK_ADMIN_TOKEN"
URL, SCIM_URL = "PALIER_SLACK_URL", "PALIER_SLACK_SCIM_URL"
DEFAULT_URL, DEFAULT_SCIM_URL = "https://slack.com/api/", "https://api.slack.com/scim/v2/"
TIMEOUT_SECONDS = 20
SERVICE = "Slack"
WELCOME_EVENT = "palier_welcome"
# Of Slack's list of errors, those that may be gone in a moment.
PASSING_ERRORS = ("ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
                  "request_timeout", "team_added_to_org", "accesslimited")  # fmt: skip
TOKEN_ERRORS = ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Slack:
    """One workspace, as its tokens see it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        """`variables` is the environment with tokens and addresses. Raises Refused without a bot's token."""
        self._variables = variables
        if not variables.get(TOKEN):
            raise Refused(
                f"no {TOKEN} in the environment",
                next_step=f"export {TOKEN}=…, or leave Slack out with --skip slack",
            )
        self._channels: dict[str, str] = {}
        self._direct: dict[str, str] | None = None
        self._members: dict[str, set[str]] = {}
        # Lists are asked for once a run, also where many people want them at the same moment: 20 a minute.
        self._listing = threading.Lock()

    # -- people -------------------------------------------------------------------------------------

    def find(self, email: str) -> dict[str, Any] | None:
        """The account of an address, None where there is none (or only an invitation)."""
        answer = self._web("users.lookupByEmail", {"email": email}, missing=("users_not_found",))
        return None if answer is None or answer["user"].get("deleted") else answer["user"]

    def scim_find(self, email: str) -> dict[str, Any] | None:
        """The SCIM user of an address, invited, active or not."""
        answer = self._scim("GET", f'Users?filter=email eq "{email}"&count=1')
        found = answer.get("Resources") or []
        return found[0] if found else None

    def scim_create(self, email: str, name: str) -> None:
        """Make an account by SCIM; Slack sends its invitation."""
        given, _, family = name.partition(" ")
        user = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": email.partition("@")[0],
            "name": {"givenName": given, "familyName": family or given},
            "emails": [{"value": email, "primary": True}],
            "active": True,
        }
        self._scim("POST", "Users", user)

    def scim_activate(self, id_: str, active: bool) -> None:
        """Switch an account on or off; off ends its sessions."""
        change = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "active", "value": active}],
        }
        self._scim("PATCH", f"Users/{id_}", change)
        self._forget_members()

    def admin_invite(self, team_id: str, email: str, name: str, channels: list[str]) -> None:
        """Invite by the admin API, which an Enterprise organisation has."""
        fields = {"team_id": team_id, "email": email, "real_name": name, "channel_ids": ",".join(channels)}
        # Who is invited or in already: what was wanted stands.
        done = ("already_in_team", "already_in_team_invited_user", "already_invited")
        self._web("admin.users.invite", fields, admin=True, missing=done)
        self._forget_members()

    def admin_remove(self, team_id: str, user_id: str) -> None:
        """Take a member out of the workspace by the admin API."""
        fields = {"team_id": team_id, "user_id": user_id}
        self._web("admin.users.remove", fields, admin=True, missing=("user_not_found",))
        self._forget_members()

    def admin_reset_sessions(self, user_id: str) -> None:
        """End all sessions of a member by the admin API."""
        self._web("admin.users.session.reset", {"user_id": user_id}, admin=True, missing=("user_not_found",))

    # -- channels -----------------------------------------------------------------------------------

    def channel(self, name: str) -> str:
        """A channel's id. Raises Refused where the workspace has none of that name."""
        with self._listing:
            if name not in self._channels:
                for each in self._pages("conversations.list", "channels", {"exclude_archived": "true"}):
                    self._channels[str(each["name"])] = str(each["id"])
        if name not in self._channels:
            raise Refused(
                f"Slack has no channel #{name} that the bot of {TOKEN} sees",
                next_step="create it, or correct slack_channels in the team's file",
            )
        return self._channels[name]

    def members(self, channel_id: str) -> set[str]:
        """User ids of a channel's members, as they were read since anybody of this run changed them."""
        with self._listing:
            known = self._members.get(channel_id)
            if known is None:
                found = self._pages("conversations.members", "members", {"channel": channel_id})
                known = self._members[channel_id] = {str(each) for each in found}
            return set(known)

    def invite(self, channel_id: str, user_id: str) -> None:
        """Bring somebody into a channel; the bot joins it first, as Slack asks."""
        fields = {"channel": channel_id, "users": user_id}
        self._change("conversations.invite", fields, "already_in_channel")

    def kick(self, channel_id: str, user_id: str) -> None:
        """Take somebody out of a channel."""
        self._change("conversations.kick", {"channel": channel_id, "user": user_id}, "not_in_channel")

    def _forget_members(self) -> None:
        """An account brings channels with it, and takes them along."""
        with self._listing:
            self._members.clear()

    def _change(self, method: str, fields: dict[str, str], done: str) -> None:
        try:
            self._web("conversations.join", {"channel": fields["channel"]})
            self._web(method, fields, missing=(done,))
        finally:  # also where it failed: what stands is asked anew
            with self._listing:
                self._members.pop(fields["channel"], None)

    # -- messages -----------------------------------------------------------------------------------

    def open(self, user_id: str) -> str:
        """The conversation with one person, which Slack makes only once. Returns its id."""
        answer = self._web("conversations.open", {"users": user_id})
        assert answer is not None
        conversation = str(answer["channel"]["id"])
        with self._listing:
            if self._direct is not None:
                self._direct[user_id] = conversation
        return conversation

    def conversation_with(self, user_id: str) -> str | None:
        """The conversation with one person where there is one already; only looks."""
        with self._listing:
            if self._direct is None:
                found = self._pages("conversations.list", "channels", {"types": "im"})
                self._direct = {str(each.get("user")): str(each["id"]) for each in found}
            return self._direct.get(user_id)

    def welcomed(self, channel_id: str, login: str) -> bool:
        """Whether the welcome message to `login` stands in a conversation."""
        fields = {"channel": channel_id, "include_all_metadata": "true"}
        for message in self._pages("conversations.history", "messages", fields):
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == WELCOME_EVENT:
                payload = metadata.get("event_payload") or {}
                if payload.get("login") == login:
                    return True
        return False

    def welcome(self, channel_id: str, login: str, text: str) -> None:
        """Post the welcome message, marked so that it is found again."""
        metadata = {"event_type": WELCOME_EVENT, "event_payload": {"login": login}}
        fields = {
            "channel": channel_id,
            "text": text,
            "metadata": json.dumps(metadata),
            "unfurl_links": "false",
        }
        self._web("chat.postMessage", fields)

    # -- the wire -----------------------------------------------------------------------------------

    def _pages(self, method: str, key: str, fields: dict[str, str]) -> list[Any]:
        found: list[Any] = []
        cursor = ""
        while True:
            answer = self._web(method, {**fields, "limit": "200", **({"cursor": cursor} if cursor else {})})
            assert answer is not None
            found.extend(answer.get(key) or [])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found

    def _web(
        self, method: str, fields: dict[str, str], *, admin: bool = False, missing: tuple[str, ...] = ()
    ) -> dict[str, Any] | None:
        """Call a method; None where it answers one of the errors in `missing`."""
        from slack_sdk.errors import SlackApiError

        try:
            answer = _through(lambda: self._client(admin).api_call(method, data=fields), method)
            return dict(answer.data)
        except SlackApiError as error:
            response = error.response
            if response.get("error") in missing:
                return None
            raise _judged(response, method, ADMIN_TOKEN if admin else TOKEN) from None

    def _client(self, admin: bool) -> Any:
        from slack_sdk import WebClient

        name = ADMIN_TOKEN if admin else TOKEN
        token = self._variables.get(name)
        if not token:
            raise Refused(f"no {name} in the environment", next_step=f"export {name}=…")
        url = self._variables.get(URL, DEFAULT_URL)
        client = WebClient(token=token, base_url=url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        if urlsplit(url).hostname in LOOPBACK:
            client.proxy = None  # the SDK takes a proxy from the environment, and knows no NO_PROXY
        return client

    def _scim(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        import requests

        token = self._variables.get(ADMIN_TOKEN)
        if not token:
            raise Refused(
                f"no {ADMIN_TOKEN} in the environment", next_step=f"export {ADMIN_TOKEN}=…, of an owner"
            )
        url = self._variables.get(SCIM_URL, DEFAULT_SCIM_URL).rstrip("/") + f"/{path}"
        try:
            answer = requests.request(
                method, url, json=body, timeout=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"}
            )
        except requests.RequestException as error:
            raise Passing(SERVICE, f"SCIM {method}: {type(error).__name__}") from None
        return _scim_answer(answer, f"SCIM {method} {path.partition('?')[0]}")


def _through(call: Callable[[], Any], what: str) -> Any:
    try:
        return call()
    except (URLError, ConnectionError, TimeoutError, http.client.HTTPException) as error:
        raise Passing(SERVICE, f"{what}: {type(error).__name__}") from None


def _judged(response: Any, method: str, token: str) -> Exception:
    """What an answer of the Web API that is not ok means."""
    said = str(response.get("error") or "an answer that is no JSON")
    # What is no JSON, a proxy's page say, the SDK hands over as a mapping of its own.
    plain = isinstance(response, dict)
    status = int(response["status"] if plain else response.status_code)
    given = response["headers"] if plain else response.headers
    headers = {str(key).lower(): value for key, value in (given or {}).items()}
    if status in (408, 409, 429) or status >= 500 or said in PASSING_ERRORS:
        return Passing(SERVICE, f"{method}: {status} {said}", seconds_asked(headers.get("retry-after")))
    if said in TOKEN_ERRORS:
        return Refused(
            f"Slack does not accept the token of {token} ({said})", next_step=f"export a valid {token}"
        )
    if said == "missing_scope":
        return Refused(
            f"Slack: {method}: the token of {token} lacks the scope {response.get('needed')} "
            f"(it has {response.get('provided')})",
            next_step="add the scope to the app and install it again",
        )
    return Refused(f"Slack: {method}: {said}", next_step="correct what it names, and run this again")


def _scim_answer(answer: Any, what: str) -> dict[str, Any]:
    if answer.status_code == 429 or answer.status_code >= 500 or answer.status_code in (408, 409):
        after = seconds_asked(answer.headers.get("Retry-After"))
        raise Passing(SERVICE, f"{what}: {answer.status_code}", after)
    if answer.status_code in (401, 403):
        raise Refused(
            f"Slack: {what}: {answer.status_code}: the token of {ADMIN_TOKEN} may not use SCIM, "
            "or the plan has none",
            next_step="use an owner's token, or set people:slack.invite to by-hand",
        )
    if answer.status_code >= 400:
        raise Refused(
            f"Slack: {what}: {answer.status_code}", next_step="correct what it names, and run this again"
        )
    return dict(answer.json()) if answer.content else {}
