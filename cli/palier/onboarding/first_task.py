"""Which issue suits a first day: open, nobody's, labelled for it, small, and not forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from palier.onboarding.github import GitHub, Issue
from palier.onboarding.models import Team
from palier.onboarding.path import MARK
from palier.onboarding.settings import WorkSettings


def of(github: GitHub, team: Team, login: str) -> Issue | None:
    """The first task that is the person's already, open or done; the oldest where there are several."""
    held = [
        issue
        for repository in team.repositories
        for issue in github.issues(repository, state="all", assignee=login)
        if set(issue.labels) & set(team.first_task_labels) and MARK not in issue.body
    ]
    return min(held, key=lambda issue: (issue.closed, issue.repository, issue.number), default=None)


def candidates(github: GitHub, team: Team, work: WorkSettings, now: datetime.datetime) -> list[Issue]:
    """Issues that nobody has taken, best first."""
    found = {
        issue.name: issue
        for repository in team.repositories
        for label in team.first_task_labels
        for issue in github.issues(repository, labels=[label])
        if not issue.assignees and MARK not in issue.body
    }
    repositories = list(team.repositories)
    return sorted(found.values(), key=lambda issue: order(issue, repositories, work, now))


def order(
    issue: Issue, repositories: Sequence[str], work: WorkSettings, now: datetime.datetime
) -> tuple[bool, int, int, float, int, int]:
    """Fresh before stale, small before large, then lately touched, then by the team's list."""
    touched = issue.updated_at or datetime.datetime.fromtimestamp(0, datetime.UTC)
    age = now - touched
    sized = [place for place, label in enumerate(work.sizes) if label in issue.labels]
    return (
        age > datetime.timedelta(days=work.stale_days),
        min(sized, default=len(work.sizes)),
        0 if sized else len(issue.body),
        age.total_seconds() // 86_400,
        repositories.index(issue.repository),
        issue.number,
    )


def reasons(issue: Issue, work: WorkSettings, now: datetime.datetime) -> str:
    """What speaks for it, in words."""
    size = next((label for label in work.sizes if label in issue.labels), "no size given")
    touched = issue.updated_at
    days = "" if touched is None else f", touched {max(0, (now - touched).days)} days ago"
    return f"{size}{days}"
