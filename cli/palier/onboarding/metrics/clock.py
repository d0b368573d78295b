"""When a person's time begins and ends, in their own time zone."""

from __future__ import annotations

import calendar
import datetime
from zoneinfo import ZoneInfo

from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.models import Person

UTC = datetime.UTC


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or that month's last (31 January and one month: 28 or 29 February)."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def at(person: Person, day: datetime.date, hour: int = 0) -> datetime.datetime:
    """An hour of a day where the person is, in UTC."""
    local = datetime.datetime.combine(day, datetime.time(hour), ZoneInfo(person.time_zone))
    return local.astimezone(UTC)


def arrives(person: Person) -> datetime.datetime:
    """The first moment of the first day: what is before it is not counted."""
    return at(person, person.starts)


def begins(person: Person, settings: MetricsSettings) -> datetime.datetime:
    """When the clock starts."""
    return at(person, person.starts, settings.first_day_begins_hour)


def reading_ends(person: Person, settings: MetricsSettings) -> datetime.datetime:
    """From when on nothing of the person is read any more."""
    return begins(person, settings) + datetime.timedelta(weeks=settings.read_weeks)


def leaves(person: Person) -> datetime.datetime | None:
    """The first moment after the last day, None for who has none."""
    return None if person.ends is None else at(person, person.ends + datetime.timedelta(days=1))


def day_of(person: Person, moment: datetime.datetime) -> datetime.date:
    """The day where the person is."""
    return moment.astimezone(ZoneInfo(person.time_zone)).date()
