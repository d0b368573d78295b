"""Where the command finds the CDN of an environment: through the outputs and settings of the phase `cdn`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.cdn.paths import PathClasses, Prefix
from palier.console import Reporter
from palier.errors import InputError
from palier.phases import catalog, operations
from palier.verification.session import reach

PHASE = "cdn"


@dataclass(frozen=True)
class Access:
    """The distribution of an environment, a client of CloudFront, and what the settings say of paths."""

    distribution: str
    cloudfront: Any
    classes: PathClasses
    prefixes: tuple[Prefix, ...]


def access(environment: str, report: Reporter) -> Access:
    """The CDN of an environment. Raises InputError where the phase does not stand there."""
    phase = catalog.find(PHASE)
    outputs: Mapping[str, Any] = operations.look(environment, report)(phase).state().outputs or {}
    if "distribution_id" not in outputs:
        raise InputError(f"{PHASE} does not stand in {environment}: `palier phases` tells what does")
    settings: Any = catalog.load_settings(phase, environment)
    return Access(
        str(outputs["distribution_id"]),
        # CloudFront is everywhere at once; its API is in us-east-1.
        reach("us-east-1", environment).client("cloudfront"),
        PathClasses.of(settings.cache.paths()),
        prefixes_of(settings),
    )


def prefixes_of(settings: Any) -> tuple[Prefix, ...]:
    """The splits of the settings that put something before a path; others keep its name in the cache."""
    splits = settings.edge.splits
    return tuple(Prefix(each.path, each.prefix) for each in splits if each.prefix is not None)
