"""The parts of palier.yaml about people, money and plans; the sums are made elsewhere."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import Field

from palier.capacity.sections import Section


class Hiring(Section):
    """How the team grows with the platform, and what that costs.

    The defaults are those that give the source document's table of 2024-2025 (« Scénarios de scaling »):
    60 thousand a year for each developer in all three scenarios, and 8, 20 and 50 of them.
    """

    developers_per_100_percent_growth: float = Field(
        default=5.0, ge=0, description="Developers more for each 100 percent of growth."
    )
    smallest_team: int = Field(
        default=8, ge=1, description="Developers of a new team; fewer are not hired for one."
    )
    annual_cost_per_developer: float = Field(
        default=60_000.0, ge=0, description="What one costs a year, in the platform's currency."
    )
    hires_per_month: float | None = Field(
        default=None,
        gt=0,
        description="Developers that the team can take in; left out, its training capacity.",
    )
    developers_per_office: int = Field(default=40, ge=1, description="Where a second office is due.")


class Milestone(Section):
    """Something that was brought to an end, as the quarterly report tells it."""

    date: datetime.date = Field(description="When it was done.")
    what: str = Field(min_length=1, description="What, in English.")
    what_fr: str | None = Field(default=None, description="In French; left out, as in English.")
    done: int | None = Field(default=None, ge=0, description="How many parts are done.")
    of: int | None = Field(default=None, ge=1, description="Of how many.")
    part: Literal["infrastructure", "team"] = Field(default="infrastructure", description="Where it belongs.")


class Investment(Section):
    """Money that is asked for, and what it changes."""

    what: Literal["infrastructure", "team", "tools"] = Field(description="What it is for.")
    note: str = Field(default="", description="A few words, in English.")
    note_fr: str | None = Field(default=None, description="In French; left out, as in English.")
    amount: float | None = Field(default=None, ge=0, description="How much, in the platform's currency.")
    developers: int | None = Field(
        default=None, ge=1, description="Developers to hire: the amount is their cost for a year."
    )
    capacity_percent: float | None = Field(default=None, ge=0, description="Capacity that it adds.")
    annual_savings: float | None = Field(
        default=None, ge=0, description="What it saves in a year at today's load."
    )


class Quarter(Section):
    """What is wanted of one quarter."""

    objectives: list[str] = Field(default=[], description="Objectives, in English.")
    objectives_fr: list[str] | None = Field(default=None, description="In French; left out, as in English.")
