"""GitHub: how the team delivers, from deployments, pull requests, reviews, and issues that are incidents."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from palier.capacity.observations import Observation
from palier.capacity.sources.delivery import (
    Delivery,
    Deployment,
    Incident,
    Month,
    Pull,
    months_ending,
    observations,
)
from palier.capacity.sources.github_api import NAME, Api
from palier.capacity.sources.model import Voice, failed, start_of
from palier.capacity.sources.settings import GitHubSettings

# So many deployments after its merge are looked at for a pull request: one that none of them holds went
# to another environment, or was reverted.
MOST_CANDIDATES = 20
# How long a deployment may wait, for an approval most often, and still be found when it succeeds.
SLOWEST_DEPLOYMENT_DAYS = 7

DAY = datetime.timedelta(days=1)


class GitHub:
    """The repository of palier.yaml; a value a month, under the month's last day."""

    name = NAME

    def __init__(self, settings: GitHubSettings, voice: Voice) -> None:
        self._settings, self._voice = settings, voice

    def collect(self, first: datetime.date, last: datetime.date) -> list[Observation]:
        """The metrics of the months that end in the span. Raises OperationError."""
        months = months_ending(first, last)
        if not months:
            self._voice.note(f"{NAME}: no month ends from {first} to {last}, and its metrics are of months")
            return []
        try:
            delivery = self._read(Api(self._settings, self._voice), months)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise failed(NAME, f"an answer has not the form of GitHub's REST API ({error!r})") from error
        for month in months:
            waiting = [each for each in delivery.pulls if each.merged in month and not each.deployed]
            if waiting and delivery.deployments is not None:
                self._voice.note(
                    f"{NAME}: lead_time of {month} leaves out what no deployment to "
                    f"{self._settings.environment} holds: {len(waiting)} of its pull requests"
                )
        return observations(delivery, months, NAME)

    def _read(self, api: Api, months: Sequence[Month]) -> Delivery:
        since = start_of(months[0].first)
        branch = api.one("")["default_branch"]
        deployments = self._deployments(api, since)
        pulls = [
            self._pull(api, entry, deployments or [])
            for entry in _merged(api, branch, since)
            if any(_moment(entry["merged_at"]) in month for month in months)
        ]
        return Delivery(pulls, deployments, self._incidents(api, since))

    def _deployments(self, api: Api, since: datetime.datetime) -> list[Deployment] | None:
        """Those that succeeded since then, oldest first; None where there never was any."""
        found: list[Deployment] = []
        ever = False
        for entry in api.every("/deployments", environment=self._settings.environment):
            ever = True
            if _moment(entry["created_at"]) < since - SLOWEST_DEPLOYMENT_DAYS * DAY:
                break
            self._voice.progress(f"deployment of {entry['created_at']}")
            states = api.every(f"/deployments/{int(entry['id'])}/statuses")
            times = [_moment(one["created_at"]) for one in states if one["state"] == "success"]
            if times:
                found.append(Deployment(entry["sha"], min(times)))
        if not ever:
            self._voice.note(
                f"{NAME}: no deployment to {self._settings.environment}; lead_time ends with the merge"
            )
            return None
        return sorted(found, key=lambda each: each.succeeded)

    def _pull(self, api: Api, entry: Mapping[str, Any], deployments: Sequence[Deployment]) -> Pull:
        number, author = int(entry["number"]), _login(entry)
        self._voice.progress(f"pull request {number}")
        commits = api.one(f"/pulls/{number}/commits", per_page="1")  # oldest first
        reviews = [
            _moment(one["submitted_at"])
            for one in api.every(f"/pulls/{number}/reviews")
            if one.get("submitted_at") and _login(one) != author and not _is_bot(one)
        ]
        merged, first_review = _moment(entry["merged_at"]), min(reviews, default=None)
        return Pull(
            opened=_moment(entry["created_at"]),
            ready=_ready(api, number, first_review),
            merged=merged,
            first_commit=_moment(commits[0]["commit"]["author"]["date"]) if commits else None,
            first_review=first_review,
            deployed=_held(api, entry["merge_commit_sha"], merged, deployments),
        )

    def _incidents(self, api: Api, since: datetime.datetime) -> list[Incident] | None:
        label = self._settings.incident_label
        if api.find(f"/labels/{quote(label, safe='')}") is None:
            self._voice.note(f"{NAME}: no label {label!r}; incidents and incident_mttr are not told")
            return None
        issues = api.every("/issues", labels=label, state="all", since=f"{since:%Y-%m-%dT%H:%M:%SZ}")
        return [
            Incident(_moment(one["created_at"]), _moment(one["closed_at"]) if one["closed_at"] else None)
            for one in issues
            if "pull_request" not in one
        ]


def _merged(api: Api, branch: str, since: datetime.datetime) -> Iterator[Mapping[str, Any]]:
    """Pull requests of people that were merged into the branch since then."""
    entries = api.every("/pulls", state="closed", base=branch, sort="updated", direction="desc")
    for entry in entries:
        if _moment(entry["updated_at"]) < since:
            return  # nothing is merged after its last update
        if entry["merged_at"] and not _is_bot(entry):
            yield entry


def _ready(api: Api, number: int, first_review: datetime.datetime | None) -> datetime.datetime | None:
    """When a draft was made ready, the last time before its first review; None where it never was one."""
    if first_review is None:
        return None
    events = api.every(f"/issues/{number}/events")
    times = (_moment(one["created_at"]) for one in events if one["event"] == "ready_for_review")
    return max((each for each in times if each <= first_review), default=None)


def _held(
    api: Api, commit: str, merged: datetime.datetime, deployments: Sequence[Deployment]
) -> datetime.datetime | None:
    """When the first deployment succeeded, after the merge, whose commit descends from the merge's."""
    after = [each for each in deployments if each.succeeded >= merged]
    for each in after[:MOST_CANDIDATES]:
        if each.commit == commit:
            return each.succeeded
        compared = api.find(f"/compare/{commit}...{each.commit}", per_page="1")
        if compared is not None and compared["status"] in ("ahead", "identical"):
            return each.succeeded
    return None


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    return moment.astimezone(datetime.UTC)


def _login(entry: Mapping[str, Any]) -> str | None:
    """Who opened or reviewed; None for an account that is gone."""
    user = entry.get("user")
    return user["login"] if user else None


def _is_bot(entry: Mapping[str, Any]) -> bool:
    user = entry.get("user")
    return user is not None and user.get("type") == "Bot"
