"""Slack: an account, the team's channels, and one message of welcome."""

from __future__ import annotations

from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing, pending, unasked


def invited(case: Case) -> bool:
    """Whether an account stands that nobody has joined with yet, where the workspace's plan lets one ask."""
    settings = case.reach.slack_settings
    if settings is None or settings.invite != "scim":
        return False
    found = case.slack.scim_find(case.person.email)
    return found is not None and bool(found.get("active"))


class SlackAccount(Step):
    """An account of the person's address."""

    name = "slack-account"
    title = "Slack"
    group = "slack"
    what = "Find the person in Slack by e-mail, or invite them as the workspace's plan allows."
    proof = "Slack knows an active account of the address."

    def check(self, case: Case) -> Found:
        """By e-mail; an invitation that is out waits for the person."""
        settings = case.reach.slack_settings
        if settings is None:
            return unasked("Slack is not used")
        user = case.slack.find(case.person.email)
        if user is not None:
            case.facts["slack_user"] = str(user["id"])
            return done(f"@{user.get('name') or user['id']}")
        if invited(case) or case.facts.get("slack_invited"):
            return pending(
                "invited", f"{case.person.name} accepts the invitation sent to {case.person.email}"
            )
        if settings.invite == "by-hand":
            return pending(
                f"no account of {case.person.email}",
                f"an owner of the workspace invites {case.person.email}: {settings.invite_link}",
            )
        return missing(
            f"no account of {case.person.email}", f"invite {case.person.email} by {settings.invite}"
        )

    def apply(self, case: Case, told: Told) -> None:
        """Invite by SCIM or by the admin API."""
        settings, person = case.reach.slack_settings, case.person
        assert settings is not None
        if settings.invite == "admin":
            assert settings.team_id is not None
            channels = [case.slack.channel(name) for name in case.team.slack_channels]
            case.slack.admin_invite(settings.team_id, person.email, person.name, channels)
            case.facts["slack_invited"] = True
            return
        known = case.slack.scim_find(person.email)
        if known is None:
            case.slack.scim_create(person.email, person.name)
        elif not known.get("active"):
            case.slack.scim_activate(str(known["id"]), True)  # somebody who comes back


class SlackChannels(Step):
    """Member of the team's channels."""

    name = "slack-channels"
    title = "Slack channels"
    group = "slack"
    what = "Bring the person into the team's channels."
    proof = "The person is a member of each."
    needs = ("slack-account",)

    def check(self, case: Case) -> Found:
        """Each channel's members."""
        if case.reach.slack_settings is None or not case.team.slack_channels:
            return unasked("no channels for this team")
        lacking = self._lacking(case)
        if lacking:
            return missing(f"not in {_hashed(lacking)}", f"join {_hashed(lacking)}")
        return done(_hashed(case.team.slack_channels))

    def apply(self, case: Case, told: Told) -> None:
        """Join those that lack."""
        for name in self._lacking(case):
            case.slack.invite(case.slack.channel(name), case.facts["slack_user"])

    def _lacking(self, case: Case) -> list[str]:
        user = case.facts.get("slack_user")
        if user is None:
            return list(case.team.slack_channels)
        return [
            name
            for name in case.team.slack_channels
            if user not in case.slack.members(case.slack.channel(name))
        ]


def _hashed(names: list[str]) -> str:
    return ", ".join(f"#{name}" for name in names)


class Welcome(Step):
    """One message with buddy and links."""

    name = "slack-welcome"
    title = "Welcome message"
    for_newcomers = True
    group = "slack"
    what = "Write one message of welcome to the person, with the buddy and the links of the team."
    proof = "The message stands in the conversation with the person, once."
    needs = ("buddy", "slack-account")

    def check(self, case: Case) -> Found:
        """By the mark that the message carries."""
        if case.reach.slack_settings is None:
            return unasked("Slack is not used")
        user = case.facts.get("slack_user")
        if user is None:
            return missing("not written", "write the message of welcome")
        conversation = case.slack.conversation_with(user)
        if conversation is not None and case.slack.welcomed(conversation, case.login):
            return done("written")
        return missing("not written", "write the message of welcome")

    def apply(self, case: Case, told: Told) -> None:
        """Post it; `check` has just seen that it is not there."""
        channel = case.slack.open(case.facts["slack_user"])
        case.slack.welcome(channel, case.login, welcome_text(case))


def welcome_text(case: Case) -> str:
    """The message, in Slack's own markup; what comes from files is escaped as Slack asks."""
    person, team = case.person, case.team
    buddy = case.roster.people[person.buddy] if person.buddy else None
    first = person.name.split()[0]
    lines = [f"Welcome, {_escaped(first)}! You are in the team {person.team}: {_escaped(team.description)}."]
    if buddy is not None:
        lines.append(
            f"Your buddy is {_escaped(buddy.name)} ({person.buddy} on GitHub): ask anything, at any time."
        )
    if person.manager:
        lines.append(f"Your manager is {_escaped(case.roster.people[person.manager].name)}.")
    if team.slack_channels:
        lines.append(f"Your channels: {_hashed(team.slack_channels)}.")
    lines += [f"• <{url}|{_escaped(title)}>" for title, url in team.docs.items()]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
