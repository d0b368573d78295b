"""What the people stack's settings say of the metrics; every definition that a team may see otherwise."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from palier.capacity.sections import Section


class MetricsSettings(Section):
    """How the metrics of onboarding are counted."""

    productive_after_merged_pull_requests: int = Field(
        default=10, ge=1, description="Full productivity is the merge of this pull request, counted from 1."
    )
    first_day_begins_hour: int = Field(
        default=9, ge=0, le=23, description="When the clock starts on the first day, in the person's zone."
    )
    read_weeks: int = Field(
        default=26, ge=6, le=104, description="So long after the first day somebody's events are read."
    )
    survey_window_days: int = Field(
        default=30, ge=1, le=45, description="A survey counts so long before and after three months."
    )
    comments_from_people: int = Field(
        default=3, ge=2, description="Comments of a cohort are told from so many answers on."
    )
    read_minutes: int = Field(
        default=30, ge=1, le=240, description="Longest time that a run reads GitHub, waits included."
    )


def settings_of(settings: Any) -> MetricsSettings:
    """The section `metrics` of an environment's settings; the defaults where it says none."""
    found = getattr(settings, "metrics", None)
    return found if isinstance(found, MetricsSettings) else MetricsSettings()
