"""How a team delivers, month by month: what DORA's metrics and their kin are computed from, and how."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from palier.capacity.observations import Observation

HOUR, DAY = 3600.0, 86_400.0
DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Month:
    """A calendar month of UTC."""

    year: int
    number: int

    @property
    def first(self) -> datetime.date:
        """Its first day."""
        return datetime.date(self.year, self.number, 1)

    @property
    def last(self) -> datetime.date:
        """Its last day, under which its values stand."""
        return self.first.replace(day=self.days)

    @property
    def days(self) -> int:
        """How many days it has."""
        return calendar.monthrange(self.year, self.number)[1]

    def __contains__(self, moment: datetime.datetime | None) -> bool:
        return moment is not None and (moment.year, moment.month) == (self.year, self.number)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


def months_ending(first: datetime.date, last: datetime.date) -> list[Month]:
    """The months whose last day lies in the span."""
    month = Month(first.year, first.month)
    found = []
    while month.last <= last:
        found.append(month)
        following = month.last + datetime.timedelta(days=1)
        month = Month(following.year, following.month)
    return found


@dataclass(frozen=True)
class Deployment:
    """A deployment that succeeded."""

    commit: str
    succeeded: datetime.datetime


@dataclass(frozen=True)
class Pull:
    """A pull request that was merged; `deployed` is when the first deployment that holds it succeeded.

    `ready` is when it stopped being a draft; None where it never was one before its first review.
    """

    opened: datetime.datetime
    ready: datetime.datetime | None
    merged: datetime.datetime
    first_commit: datetime.datetime | None
    first_review: datetime.datetime | None
    deployed: datetime.datetime | None


@dataclass(frozen=True)
class Incident:
    """An incident, which may be open still."""

    opened: datetime.datetime
    closed: datetime.datetime | None


@dataclass(frozen=True)
class Delivery:
    """All that was read. None: the repository has no deployment to the environment, or no such label."""

    pulls: Sequence[Pull]
    deployments: Sequence[Deployment] | None
    incidents: Sequence[Incident] | None


def observations(delivery: Delivery, months: Iterable[Month], source: str) -> list[Observation]:
    """The values of each month that has any. A month without deployments or incidents has 0 of them."""
    found = []
    for month in months:
        for metric, value, how in _values(delivery, month):
            found.append(Observation(month.last, metric, value, f"{source}{how}"))
    return found


def _values(delivery: Delivery, month: Month) -> Iterator[tuple[str, float, str]]:
    """(metric, value, what the source column adds)."""
    if delivery.deployments is not None:
        count = sum(each.succeeded in month for each in delivery.deployments)
        yield "deployment_frequency", count / month.days * DAYS_PER_WEEK, ""
    pulls = [each for each in delivery.pulls if each.merged in month]
    to_merge = delivery.deployments is None
    leads = [
        _between(each.first_commit, end, DAY)
        for each in pulls
        if each.first_commit and (end := each.merged if to_merge else each.deployed)
    ]
    if leads:
        yield "lead_time", median(leads), " (to merge)" if to_merge else ""
    if pulls:
        yield "cycle_time", median(_between(each.opened, each.merged, DAY) for each in pulls), ""
    if reviews := [
        _between(each.ready or each.opened, each.first_review, HOUR)
        for each in pulls
        if each.first_review is not None
    ]:
        yield "code_review_time", median(reviews), ""
    if delivery.incidents is not None:
        yield "incidents", float(sum(each.opened in month for each in delivery.incidents)), ""
        closed = [(each.opened, each.closed) for each in delivery.incidents if each.closed in month]
        if closed:
            yield "incident_mttr", fmean(_between(one, other or one, HOUR) for one, other in closed), ""


def _between(start: datetime.datetime, end: datetime.datetime, unit: float) -> float:
    """Time in units of seconds; a commit dated after its merge took none."""
    return max((end - start).total_seconds() / unit, 0.0)
