"""`palier.yaml`: what the platform is and does, read into one strict model.

Settings of what is built are Pulumi config, phase by phase; this file has what no stack can know: what was
observed, how growth may go, who works on it, what it costs. Every key has a unit in its name or a sentence.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import cached_property
from glob import glob
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from palier.capacity.coefficients import Coefficient, UnknownCoefficient, overridden
from palier.capacity.limits import LIMITS, Limits
from palier.capacity.observations import History, Observation, read
from palier.capacity.planning_settings import Hiring, Investment, Milestone, Quarter
from palier.capacity.sections import Section, nearest, refuse
from palier.capacity.sources.settings import Sources
from palier.capacity.wording import child_model, problem_of
from palier.errors import InputError

FILE_NAME = "palier.yaml"
EventKind = Literal["fundraising", "expansion", "new_market", "competition"]


class Levels(Section):
    """A metric's own levels, in its unit."""

    attention: float = Field(description="Where attention is due.")
    critical: float = Field(description="Where it is critical.")


class Range(Section):
    """A coefficient's own range."""

    low: float = Field(description="Least.")
    mid: float = Field(description="Most likely.")
    high: float = Field(description="Most.")


class Event(Section):
    """Something that no metric shows, and that growth follows."""

    date: datetime.date = Field(description="When it happens, or was announced.")
    kind: EventKind = Field(description="What kind of news.")
    what: str = Field(min_length=1, description="In a few words.")


class ScenarioSettings(Section):
    """One way that demand may go."""

    growth_percent: float = Field(ge=-90, le=100_000, description="Growth of demand at the end, in percent.")
    months: int = Field(default=12, ge=1, le=60, description="How long that takes.")


# « Projection des besoins » of the source document.
DEFAULT_SCENARIOS = {
    "conservative": ScenarioSettings(growth_percent=50, months=12),
    "realistic": ScenarioSettings(growth_percent=200, months=12),
    "optimistic": ScenarioSettings(growth_percent=500, months=12),
}


class StructureSettings(Section):
    """What stands: read from the settings of phases, or said here; what is said here goes before."""

    environment: str | None = Field(
        default=None, description="The stacks' environment whose settings say what stands."
    )
    phases: list[str] = Field(default=["foundation"], description="The phases that stand there.")
    database_vcpus: int | None = Field(default=None, ge=1, description="vCPUs of the writer.")
    database_vcpus_most: int = Field(
        default=96, ge=1, description="vCPUs of the largest class that the platform would pay for."
    )
    database_proxy: bool = Field(default=False, description="A proxy pools the connections.")
    replicas: int = Field(default=0, ge=0, le=15, description="Read replicas.")
    shards: int = Field(default=1, ge=1, description="Database servers that share the keys.")
    cdn: bool = Field(default=False, description="A CDN answers what may be cached.")
    regions: int = Field(default=1, ge=1, description="Regions that serve users.")
    instances: int | None = Field(default=None, ge=1, description="Instances of the application.")
    instances_most: int | None = Field(
        default=None, ge=1, description="Most instances that scaling may start."
    )
    target_cpu_percent: float = Field(default=50.0, gt=0, lt=100, description="CPU that scaling aims at.")


def _currency(value: str) -> str:
    if not (len(value) == 3 and value.isascii() and value.isupper()):
        raise refuse(f"{value!r} is not a currency", allowed="three capitals, like EUR")
    return value


class Platform(Section):
    """Everything that palier.yaml may say."""

    platform: str = Field(min_length=1, description="The platform's name.")
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        default="EUR", description="Currency of revenue and cost."
    )
    currency_per_usd: float | None = Field(
        default=None, gt=0, description="Units of the currency for one dollar, in which AWS's prices are."
    )
    observations: list[str | dict[str, Any]] = Field(
        default=["observations/*.csv", "observations/*.yaml"],
        description="Files and patterns beside this one, or observations as mappings.",
    )
    as_of: datetime.date | None = Field(
        default=None, description="The day from which all is judged; later observations are left aside."
    )
    thresholds: dict[str, Levels] = Field(default={}, description="Own levels, by metric.")
    events: list[Event] = Field(default=[], description="Fundraising, expansion, markets, competition.")
    scenarios: dict[str, ScenarioSettings] = Field(
        default=DEFAULT_SCENARIOS, min_length=1, description="How demand may go, by name; least first."
    )
    structure: StructureSettings = Field(default=StructureSettings(), description="What stands.")
    lead_days: dict[str, int] = Field(
        default={}, description="Days of work before a kind of change is live, by kind: `replicas`, `shards`."
    )
    regions_from_users: list[float] = Field(
        default=[], description="Monthly users from which a second region is wanted, a third, and so on."
    )
    coefficients: dict[str, float | Range] = Field(
        default={}, description="Own numbers of the model, or ranges, by name."
    )
    hiring: Hiring = Field(default=Hiring(), description="How the team grows, and what that costs.")
    milestones: list[Milestone] = Field(default=[], description="What was brought to an end, for reports.")
    investments: list[Investment] = Field(default=[], description="What is asked for, for reports.")
    quarters: dict[str, Quarter] = Field(default={}, description="Objectives by quarter, like `2024-Q3`.")
    sources: Sources = Field(default=Sources(), description="Where `palier capacity collect` looks.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = {row.metric for row in LIMITS}
        for name, levels in self.thresholds.items():
            if name not in names:
                raise refuse(f"no levels for {name!r}", allowed=nearest(name, names), at=f"thresholds.{name}")
            try:
                Limits({name: (levels.attention, levels.critical)})
            except ValueError as error:
                raise refuse(str(error), at=f"thresholds.{name}") from None
        for name in self.coefficients:
            self._check_coefficient(name)
        self._check_moves()
        return self

    def _check_moves(self) -> None:
        from palier.capacity.moves import MOVES

        known = [move.key for move in MOVES]
        for name, days in self.lead_days.items():
            if name not in known:
                raise refuse(f"no change {name!r}", allowed=nearest(name, known), at=f"lead_days.{name}")
            if days < 0:
                raise refuse(f"{days} days", allowed="from 0", at=f"lead_days.{name}")
        if any(more <= less for less, more in pairwise(self.regions_from_users)):
            raise refuse("is not ascending", allowed="like [500000, 2000000]", at="regions_from_users")

    def _check_coefficient(self, name: str) -> None:
        try:
            overridden({name: self._range(name)})
        except UnknownCoefficient as error:
            raise refuse(str(error), allowed=", ".join(error.nearest), at=f"coefficients.{name}") from None
        except ValueError as error:
            raise refuse(str(error), at=f"coefficients.{name}") from None

    def _range(self, name: str) -> tuple[float, float, float]:
        value = self.coefficients[name]
        if isinstance(value, Range):
            return value.low, value.mid, value.high
        return value, value, value

    @cached_property
    def limits(self) -> Limits:
        """The levels that hold for this platform."""
        return Limits({name: (each.attention, each.critical) for name, each in self.thresholds.items()})

    @cached_property
    def model(self) -> dict[str, Coefficient]:
        """The coefficients that hold for this platform, by name."""
        return overridden({name: self._range(name) for name in self.coefficients})


class Loaded(BaseModel):
    """A platform with where it was read, and what was observed of it."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    file: Path
    platform: Platform
    observations: tuple[Observation, ...]

    def history(self, until: datetime.date | None = None) -> History:
        """What was observed, up to and with a day; left out, the file's own `as_of`."""
        return History(self.observations, until or self.platform.as_of)

    @property
    def observation_files(self) -> list[Path]:
        """The files that the observations were read from."""
        return observation_files(self.platform, self.file)


def find(given: Path | None = None) -> Path:
    """The palier.yaml meant: the file or folder given, or the nearest one at or above where one stands.

    Raises InputError where there is none.
    """
    if given is not None:
        file = given / FILE_NAME if given.is_dir() else given
        if not file.is_file():
            raise InputError("no such file", file=file, allowed=f"a {FILE_NAME}, or the folder of one")
        return file
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise InputError(f"no {FILE_NAME} at or above {here}; go to one or name it with --platform")


def load(given: Path | None = None) -> Loaded:
    """The platform and its observations. Raises InputError with file and key."""
    file = find(given)
    platform = parse_platform(file)
    return Loaded(file=file, platform=platform, observations=tuple(observations_of(platform, file)))


def parse_platform(file: Path) -> Platform:
    """palier.yaml alone. Raises InputError for the first thing wrong in it."""
    from palier.capacity.yaml_files import load as load_yaml

    data = load_yaml(file)
    if not isinstance(data, dict):
        raise InputError("is not a mapping", file=file, allowed=", ".join(Platform.model_fields))
    try:
        return Platform.model_validate(data)
    except ValidationError as error:
        raise _input_error(error, file) from None


def _input_error(error: ValidationError, file: Path) -> InputError:
    entries = sorted(error.errors(include_url=False), key=lambda entry: entry["type"] != "extra_forbidden")
    first = entries[0]
    location: Sequence[str | int] = [part for part in first["loc"] if not _is_branch(part)]
    context = first.get("ctx", {})
    if first["type"] == "palier":
        location = [*location, context["at"]] if context["at"] else location
        problem, allowed = context["problem"], context["allowed"]
    else:
        problem, allowed = problem_of(first, list(child_model(Platform, location[:-1]).model_fields))
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    return InputError(problem, file=file, key=key or None, allowed=allowed)


def _is_branch(part: str | int) -> bool:
    """Whether a part of a location is pydantic's name for one arm of a union, and no key of the file."""
    return isinstance(part, str) and part in ("float", "Range", "str", "dict[str,any]")


def observation_files(platform: Platform, file: Path) -> list[Path]:
    """The files that `observations` names. Raises InputError where a name without a pattern has no file."""
    found: list[Path] = []
    for entry in platform.observations:
        if not isinstance(entry, str):
            continue
        # As in a shell, a pattern leaves dot files out: a lock, or what a kill left of a new file.
        matches = [file.parent / name for name in sorted(glob(entry, root_dir=file.parent, recursive=True))]
        if not matches and not any(sign in entry for sign in "*?["):
            raise InputError(f"no file {entry}", file=file, key="observations")
        found += [match for match in matches if match not in found]
    return found


def observations_of(platform: Platform, file: Path) -> list[Observation]:
    """What palier.yaml and the files that it names say was observed, oldest first. Raises InputError."""
    from palier.capacity.observation_files import yaml_row
    from palier.capacity.observations import observed

    own = [entry for entry in platform.observations if not isinstance(entry, str)]
    inline = [
        observed(yaml_row(entry, file, f"observations[{index}]"), platform.currency)
        for index, entry in enumerate(own)
    ]
    return sorted([*inline, *read(observation_files(platform, file), platform.currency)])
