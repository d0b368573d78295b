"""A small world for the steps: services in memory with the shape of ours, where a call can fail or kill.

Not for proving what GitHub or Slack do (tests/engine has the emulators for that), but for trying every moment
at which a run can end.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from palier.console import Reporter
from palier.onboarding import vpn
from palier.onboarding.github import Issue
from palier.onboarding.reach import Reach
from palier.onboarding.roster import load
from palier.onboarding.settings import SlackSettings, VpnSettings, WorkSettings

TODAY = datetime.date(2026, 3, 2)
GATEWAY_KEY = "Z2F0ZXdheWdhdGV3YXlnYXRld2F5Z2F0ZXdheTEyMzQ="
NEW_KEY = "bmV3Y29tZXJuZXdjb21lcm5ld2NvbWVybmV3Y29tZTE="


class Killed(BaseException):
    """What a kill looks like from inside: nothing that follows happens."""


@dataclass
class Wire:
    """Every call goes over it: it counts them, and fails or kills at one of them."""

    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    trouble: Callable[[int, bool], None] = lambda number, after: None

    def write(self, what: str, effect: Callable[[], Any]) -> Any:
        """A call that changes something: trouble may come before its effect or after it."""
        number = len(self.calls)
        self.calls.append(what)
        self.trouble(number, False)
        self.writes.append(what)
        result = effect()
        self.trouble(number, True)
        return result

    def read(self, what: str, answer: Callable[[], Any]) -> Any:
        """A call that only looks."""
        number = len(self.calls)
        self.calls.append(what)
        self.trouble(number, False)
        return answer()


class FakeGitHub:
    """Memberships, rights and issues of one organisation."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.members: dict[str, str] = {}
        self.rights: dict[tuple[str, str], str] = {}
        self.all: list[dict[str, Any]] = []
        self.lags = False  # the list of somebody's issues does not show them yet

    def add(self, repository: str, title: str, labels: list[str], **more: Any) -> dict[str, Any]:
        issue = {
            "repository": repository,
            "number": len(self.all) + 1,
            "title": title,
            "body": "",
            "labels": labels,
            "assignees": [],
            "closed": False,
            **more,
        }
        self.all.append(issue)
        return issue

    def membership(self, login: str) -> str | None:
        return self.wire.read("membership", lambda: self.members.get(login))  # type: ignore[no-any-return]

    def right(self, repository: str, login: str) -> str | None:
        return self.wire.read("right", lambda: self.rights.get((repository, login)))  # type: ignore[no-any-return]

    def issues(
        self, repository: str, *, state: str = "open", labels: Any = (), assignee: str | None = None, **_: Any
    ) -> list[Issue]:
        wanted = set(labels)
        return self.wire.read(  # type: ignore[no-any-return]
            "issues",
            lambda: [
                _issue(each)
                for each in self.all
                if each["repository"] == repository
                and (state == "all" or not each["closed"])
                and wanted <= set(each["labels"])
                and assignee
                in (None, *([] if self.lags and "onboarding" in each["labels"] else each["assignees"]))
            ],
        )

    def create_issue(
        self, repository: str, title: str, body: str, *, assignees: list[str], labels: list[str]
    ) -> Issue:
        made = self.wire.write(
            "create issue", lambda: self.add(repository, title, labels, body=body, assignees=list(assignees))
        )
        return _issue(made)

    def assign(self, issue: Issue, login: str) -> None:
        mine = self._raw(issue)
        self.wire.write("assign", lambda: login in mine["assignees"] or mine["assignees"].append(login))

    def unassign(self, issue: Issue, login: str) -> None:
        mine = self._raw(issue)
        self.wire.write("unassign", lambda: login in mine["assignees"] and mine["assignees"].remove(login))

    def edit(self, issue: Issue, body: str) -> None:
        self.wire.write("edit", lambda: self._raw(issue).update(body=body))

    def close(self, issue: Issue) -> None:
        self.wire.write("close", lambda: self._raw(issue).update(closed=True))

    def ask(self, path: str, parameters: Any = None) -> Any:
        return self.wire.read(path, list)

    def delete(self, path: str) -> None:
        self.wire.write(f"delete {path}", lambda: None)

    def _raw(self, issue: Issue) -> dict[str, Any]:
        return next(each for each in self.all if each["number"] == issue.number)


def _issue(raw: dict[str, Any]) -> Issue:
    return Issue(
        repository=raw["repository"],
        number=raw["number"],
        title=raw["title"],
        url=f"https://github.example/{raw['number']}",
        body=raw["body"],
        labels=tuple(raw["labels"]),
        assignees=tuple(raw["assignees"]),
        closed=raw["closed"],
        updated_at=None,
    )


class FakeSlack:
    """Accounts, channels and messages of one workspace."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, set[str]] = {"team-web": set(), "engineering": set()}
        self.messages: list[tuple[str, str, str]] = []
        self.accepts = True

    def find(self, email: str) -> dict[str, Any] | None:
        return self.wire.read("find", lambda: self._known(email, joined=True))  # type: ignore[no-any-return]

    def scim_find(self, email: str) -> dict[str, Any] | None:
        return self.wire.read("scim find", lambda: self._known(email, joined=False))  # type: ignore[no-any-return]

    def _known(self, email: str, *, joined: bool) -> dict[str, Any] | None:
        user = self.users.get(email)
        if user is None or (joined and not (user["joined"] and user["active"])):
            return None
        return user

    def scim_create(self, email: str, name: str) -> None:
        assert email not in self.users, "Slack refuses a second account of an address"
        made = {"id": f"U{len(self.users) + 1}", "active": True, "joined": self.accepts, "name": name}
        self.wire.write("scim create", lambda: self.users.__setitem__(email, made))

    def scim_activate(self, id_: str, active: bool) -> None:
        user = next(each for each in self.users.values() if each["id"] == id_)
        self.wire.write("scim activate", lambda: user.update(active=active))

    def channel(self, name: str) -> str:
        return name

    def members(self, channel: str) -> set[str]:
        return self.wire.read("members", lambda: set(self.channels[channel]))  # type: ignore[no-any-return]

    def invite(self, channel: str, user: str) -> None:
        self.wire.write("invite", lambda: self.channels[channel].add(user))

    def kick(self, channel: str, user: str) -> None:
        self.wire.write("kick", lambda: self.channels[channel].discard(user))

    def open(self, user: str) -> str:
        return f"D{user}"

    def conversation_with(self, user: str) -> str | None:
        return self.wire.read("conversations", lambda: f"D{user}")  # type: ignore[no-any-return]

    def welcomed(self, conversation: str, login: str) -> bool:
        return self.wire.read(  # type: ignore[no-any-return]
            "history", lambda: any(each[:2] == (conversation, login) for each in self.messages)
        )

    def welcome(self, conversation: str, login: str, text: str) -> None:
        self.wire.write("welcome", lambda: self.messages.append((conversation, login, text)))


class FakeIdentity:
    """Users with their groups, and what groups are assigned."""

    def __init__(self) -> None:
        self.users: dict[str, set[str]] = {}
        self.groups: dict[str, set[tuple[str, str]]] = {}

    def groups_of(self, user: str) -> set[str] | None:
        return self.users.get(user)

    def assigned(self, group: str) -> set[tuple[str, str]]:
        return self.groups.get(group, set())


class FakeReach(Reach):
    """A reach whose people stack is a loop over the roster."""

    def __init__(self, folder: Path, settings: Any, wire: Wire, shared: FakeReach | None = None) -> None:
        super().__init__(load(folder), settings, "test", {}, Reporter())
        self.wire = wire
        self.hub: FakeGitHub = shared.hub if shared else FakeGitHub(wire)
        self.chat: FakeSlack = shared.chat if shared else FakeSlack(wire)
        self.store: FakeIdentity = shared.store if shared else FakeIdentity()
        self.__dict__ |= {"github": self.hub, "slack": self.chat, "identity": self.store}
        self.published: dict[str, Any] = shared.published if shared else {}

    def again(self) -> FakeReach:
        """What a new process sees: the same services, the roster as it is on the disk."""
        return FakeReach(self.roster.folder, self.settings, self.wire, self)

    def _wanted(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for login, person in self.roster.people.items():
            if person.has_access(TODAY):
                peer = vpn.peer(self.settings.vpn, person)
                found[login] = peer
        return found

    def bring_people_up(self) -> Any:
        self.read_again()
        wanted = self._wanted()
        github = self.hub
        before = (dict(github.members), dict(github.rights), dict(self.published))

        def effect() -> None:
            github.members = dict.fromkeys(wanted, "active")
            github.rights = {
                (repository, login): right
                for login in wanted
                for repository, right in self.roster.teams[
                    self.roster.people[login].team
                ].repositories.items()
            }
            self.published.clear()
            self.published.update({login: peer for login, peer in wanted.items() if peer})
            self.store.users = {
                self.roster.people[login].email: {self.roster.people[login].team} for login in wanted
            }
            self.store.groups = {
                name: {
                    (each, account)
                    for each, accounts in team.aws_permission_sets.items()
                    for account in accounts
                }
                for name, team in self.roster.teams.items()
            }

        self.wire.read("engine", effect)
        after = (dict(github.members), dict(github.rights), dict(self.published))
        changed = before != after
        return SimpleNamespace(
            changed=changed, changes=(), changes_text=lambda: "changed" if changed else "nothing"
        )

    def preview_people(self, folder: Path | None = None) -> Any:
        people = load(folder or self.roster.folder).people
        wanted = {login for login, person in people.items() if person.has_access(TODAY)}
        changed = wanted != set(self.hub.members)
        return SimpleNamespace(changed=changed, changes=())

    def outputs(self) -> dict[str, Any]:
        return {"vpn_peers": dict(self.published)}


def settings(**more: Any) -> Any:
    """The people stack's settings, as far as onboarding asks them."""
    known = {
        "organization": "shop",
        "identity": SimpleNamespace(),
        "region": "eu-west-3",
        "slack": SlackSettings(invite="scim"),
        "vpn": VpnSettings(
            pool="10.90.0.0/29",
            endpoint="vpn.shop.example:51820",
            gateway_public_key=GATEWAY_KEY,
            networks={"staging": ["10.10.0.0/16"]},
        ),
        "work": WorkSettings(checklist_repository="shop-api"),
    }
    return SimpleNamespace(**{**known, **more})


def roster(folder: Path) -> Path:
    """A roster of one team: a manager who is a buddy, and a newcomer whose machine has a key."""
    people, teams = folder / "people", folder / "teams"
    people.mkdir(parents=True)
    teams.mkdir()
    (teams / "web.yaml").write_text(
        "description: The shop's pages\ngithub_teams: [web]\nrepositories: {shop-api: push}\n"
        "slack_channels: [team-web, engineering]\naws_permission_sets: {developer: ['123456789012']}\n"
        "vpn_networks: [staging]\ndocs: {Architecture: https://docs.shop.example}\nbuddies: [ada, kim]\n"
    )
    common = "team: web\ntime_zone: Europe/Paris\nlanguages: [en]\n"
    (people / "ada.yaml").write_text(f"name: Ada L\nemail: ada@shop.example\nstarts: 2020-01-01\n{common}")
    (people / "kim.yaml").write_text(
        f"name: Kim P\nemail: kim@shop.example\nstarts: 2021-01-01\nmanager: ada\n{common}"
    )
    (people / "new.yaml").write_text(
        f"name: New Comer\nemail: new@shop.example\nstarts: 2026-03-02\nmanager: ada\n{common}"
        f"vpn: {{public_key: {NEW_KEY}}}\n"
    )
    return folder


def reach(folder: Path, **more: Any) -> FakeReach:
    """The world before the newcomer: colleagues are in, and there is work to choose from."""
    wire = Wire()
    found = FakeReach(roster(folder), settings(**more), wire)
    github = found.hub
    github.members = {"ada": "active", "kim": "active"}
    github.add("shop-api", "Rework the cart", ["good first issue", "size/L"])
    github.add("shop-api", "A typo on the first page", ["good first issue", "size/XS"])
    github.add("shop-api", "Taken already", ["good first issue", "size/XS"], assignees=["kim"])
    return found
