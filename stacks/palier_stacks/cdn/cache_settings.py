"""Settings of the cache: what is kept for how long, by class of path, and what requests that saves."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from palier_stacks.settings import Section, distinct, refuse

PathClass = Literal["immutable", "versioned", "dynamic", "private"]
CLASSES: tuple[PathClass, ...] = ("immutable", "versioned", "dynamic", "private")
YEAR_SECONDS = 31_536_000
# 25 cache behaviours per distribution (CloudFront quotas), of which the default one is dynamic.
MOST_PATHS = 24


def _pattern(value: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9_\-.*?$/~\"'@:+&]*", value) or len(value) > 255:
        raise refuse(f"{value!r} is not a path pattern", allowed="like /static/* or *.css with a / before it")
    return value


PathPattern = Annotated[str, AfterValidator(_pattern)]
Paths = Annotated[list[PathPattern], AfterValidator(distinct)]


class ClassSettings(Section):
    """A class of paths. The two percentages are assumptions, for the capacity model."""

    hit_ratio_percent: float = Field(
        ge=0, le=100, description="Share of this class's requests that the cache answers; assumed."
    )
    traffic_percent: float = Field(
        ge=0, le=100, description="Share of all requests that are of this class; assumed."
    )


class ImmutableSettings(ClassSettings):
    """What never changes under its name (a hash is in it): kept for a year."""

    paths: Paths = Field(default=["/static/*"], description="Path patterns, served from the asset bucket.")
    hit_ratio_percent: float = Field(
        default=98.0, ge=0, le=100, description="Share that the cache answers; assumed."
    )
    traffic_percent: float = Field(default=50.0, ge=0, le=100, description="Share of all requests; assumed.")


class VersionedSettings(ClassSettings):
    """What may be put again under its name, and is then invalidated: kept for a day, unless it says else."""

    paths: Paths = Field(
        default=["/media/*", "/manifest.webmanifest", "/sw.js"],
        description="Path patterns, served from the asset bucket.",
    )
    ttl_seconds: int = Field(
        default=86_400, ge=0, le=YEAR_SECONDS, description="How long what says nothing itself is kept."
    )
    hit_ratio_percent: float = Field(
        default=90.0, ge=0, le=100, description="Share that the cache answers; assumed."
    )
    traffic_percent: float = Field(default=20.0, ge=0, le=100, description="Share of all requests; assumed.")


class DynamicSettings(ClassSettings):
    """Pages, the same for everybody: every path that no other class names. Kept as long as they say."""

    most_ttl_seconds: int = Field(
        default=300, ge=0, le=YEAR_SECONDS, description="Kept for no longer than this, whatever they say."
    )
    writes: bool = Field(
        default=False,
        description="Take POST and the like, too. CloudFront cannot fail over then; name such paths private.",
    )
    hit_ratio_percent: float = Field(
        default=30.0, ge=0, le=100, description="Share that the cache answers; assumed."
    )
    traffic_percent: float = Field(default=20.0, ge=0, le=100, description="Share of all requests; assumed.")


class PrivateSettings(ClassSettings):
    """What is one user's own, and every write: never kept, all of the request goes to the application."""

    paths: Paths = Field(
        default=["/api/*", "/account/*"], description="Path patterns, served by the application."
    )
    hit_ratio_percent: float = Field(default=0.0, ge=0, le=0, description="Always 0: nothing of it is kept.")
    traffic_percent: float = Field(default=10.0, ge=0, le=100, description="Share of all requests; assumed.")


class CacheSettings(Section):
    """The four classes of paths. A path belongs to the first that names it: immutable, versioned, private."""

    immutable: ImmutableSettings = Field(default=ImmutableSettings(), description="Never changes.")
    versioned: VersionedSettings = Field(default=VersionedSettings(), description="Changes, and is purged.")
    dynamic: DynamicSettings = Field(default=DynamicSettings(), description="The default: pages.")
    private: PrivateSettings = Field(default=PrivateSettings(), description="Never kept.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        seen: dict[str, str] = {}
        for name, paths in self.paths():
            for path in paths:
                if path in seen:
                    raise refuse(
                        f"{path!r} is in {seen[path]} too", allowed="in one class", at=f"{name}.paths"
                    )
                seen[path] = name
        if len(seen) > MOST_PATHS:
            raise refuse(f"{len(seen)} path patterns", allowed=f"at most {MOST_PATHS}, all classes together")
        total = sum(each.traffic_percent for each in self.classes().values())
        if abs(total - 100.0) > 0.01:
            raise refuse(f"traffic_percent of the four classes is {total:g} in all", allowed="100")
        return self

    def classes(self) -> dict[PathClass, ClassSettings]:
        """The settings of each class."""
        return {
            "immutable": self.immutable,
            "versioned": self.versioned,
            "dynamic": self.dynamic,
            "private": self.private,
        }

    def paths(self) -> list[tuple[PathClass, list[str]]]:
        """The path patterns of each class that has some, in the order in which CloudFront is to try them."""
        return [
            ("immutable", self.immutable.paths),
            ("versioned", self.versioned.paths),
            ("private", self.private.paths),
        ]

    @property
    def hit_ratio_percent(self) -> float:
        """Share of all requests that the cache answers, by the assumptions."""
        parts = self.classes().values()
        return sum(each.traffic_percent * each.hit_ratio_percent for each in parts) / 100.0
