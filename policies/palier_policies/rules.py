"""`policies.yaml`: which policies hold how strictly, with what settings, and who is exempt until when.

One file for every pack, beside the platform's `policies/`. Without one, every policy holds at its own level.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from palier.capacity.sections import Section, nearest
from palier.capacity.wording import problem_of
from palier.capacity.yaml_files import load as load_yaml
from palier.errors import InputError
from pydantic import Field, ValidationError

from palier_policies.policy import LEVELS, Level, Pack, Policy

FILE_NAME = "policies.yaml"
FILE_VARIABLE = "PALIER_POLICIES_FILE"
ALL = "all"
LEVEL_KEY = "enforcementLevel"  # as in Pulumi's own policy configuration
_KEYS = ("all", "policies", "exemptions")


class Exemption(Section):
    """Whom a policy lets through, why, on whose word, and until when."""

    policy: str = Field(min_length=1, description="The policy's name.")
    resource: str = Field(
        default="*",
        min_length=1,
        description="The resource's logical name, `type::name` or URN; `*` for any part.",
    )
    environment: str = Field(default="*", min_length=1, description="The environment; `*` for any part.")
    reason: str = Field(min_length=1, description="Why.")
    owner: str = Field(min_length=1, description="Who answers for it.")
    until: datetime.date = Field(description="The last day on which it holds.")

    def covers(self, policy: str, urn: str) -> bool:
        """Whether it is of this policy and this resource; the whole stack has the name of none."""
        return policy == self.policy and any(fnmatchcase(name, self.resource) for name in _names(urn))

    def holds(self, today: datetime.date) -> bool:
        """Whether its last day has not passed."""
        return today <= self.until


def _names(urn: str) -> list[str]:
    if urn.count("::") < 3:
        return [urn]
    kind, name = urn.split("::")[2].rpartition("$")[2], urn.rpartition("::")[2]
    return [urn, name, f"{kind}::{name}"]


@dataclass(frozen=True)
class Rule:
    """What holds of one policy: its level and its settings."""

    policy: Policy
    level: Level
    settings: Section


@dataclass(frozen=True)
class Rules:
    """What holds of the policies of a pack. `file` is where it was read, None without a file."""

    file: Path | None = None
    all: Level | None = None
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()

    def of(self, policy: Policy, given: Mapping[str, Any] | None = None) -> Rule:
        """The rule of a policy; `given` is what the engine hands over, which goes before the file.

        Raises InputError for settings that its model refuses.
        """
        asked = {**self.own.get(policy.name, {}), **(given or {})}
        level = asked.pop(LEVEL_KEY, None) or self.all or policy.level
        if level not in LEVELS:
            raise InputError(
                f"unknown level {level!r}",
                file=self.file,
                key=policy.name,
                allowed=", ".join(LEVELS),
            )
        return Rule(policy, level, self._settings(policy, asked))

    def covering(self, policy: str, urn: str, environment: str) -> Exemption | None:
        """The exemption of a policy's finding: of several the one that holds longest."""
        found = [
            each
            for each in self.exemptions
            if each.covers(policy, urn) and fnmatchcase(environment, each.environment)
        ]
        return max(found, key=lambda each: each.until, default=None)

    def initial(self, pack: Pack) -> dict[str, dict[str, Any]]:
        """The file as Pulumi's own configuration of a pack: level and settings by policy."""
        given = {policy.name: dict(self.own.get(policy.name, {})) for policy in pack.policies}
        for settings in given.values():
            if self.all is not None:
                settings.setdefault(LEVEL_KEY, self.all)
        return {name: settings for name, settings in given.items() if settings}

    def _settings(self, policy: Policy, asked: Mapping[str, Any]) -> Section:
        try:
            # By JSON's rules: what Pulumi hands over has no whole numbers, and a model is strict about them.
            return policy.settings.model_validate({name: _whole(value) for name, value in asked.items()})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            context = first.get("ctx", {})
            problem, allowed = (
                (context["problem"], context["allowed"])
                if first["type"] == "palier"
                else problem_of(first, [*policy.settings.model_fields, LEVEL_KEY])
            )
            key = ".".join(str(part) for part in ("policies", policy.name, *first["loc"]))
            raise InputError(problem, file=self.file, key=key, allowed=allowed) from None


def _whole(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def find(start: Path | None = None) -> Path | None:
    """The policies.yaml meant: `PALIER_POLICIES_FILE`, or the nearest at or above `start`; None for none.

    Raises InputError where the variable names a file that is not there.
    """
    if named := os.environ.get(FILE_VARIABLE):
        file = Path(named).expanduser()
        if not file.is_file():
            raise InputError("no such file", file=file, key=FILE_VARIABLE)
        return file
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    return None


def read(file: Path | None, known: Iterable[Policy]) -> Rules:
    """The rules of a file; `known` are the policies of all packs, of which a name must be one.

    Raises InputError with file and key.
    """
    if file is None:
        return Rules()
    data = load_yaml(file)
    if data is None:
        return Rules(file)
    if not isinstance(data, dict):
        raise InputError("is not a mapping", file=file, allowed=", ".join(_KEYS))
    for key in data:
        if key not in _KEYS:
            raise InputError(f"unknown key {key!r}", file=file, allowed=", ".join(_KEYS))
    by_name = {policy.name: policy for policy in known}
    rules = Rules(
        file=file,
        all=_level(data.get(ALL), file, ALL),
        own=_own(data.get("policies"), file, by_name),
        exemptions=tuple(_exemptions(data.get("exemptions"), file, by_name)),
    )
    for name in rules.own:
        rules.of(by_name[name])  # settings are refused when the file is read, not when they are first used
    return rules


def _level(value: Any, file: Path, key: str) -> Level | None:
    if value is None or value in LEVELS:
        return cast(Level | None, value)
    raise InputError(f"unknown level {value!r}", file=file, key=key, allowed=", ".join(LEVELS))


def _own(data: Any, file: Path, known: Mapping[str, Policy]) -> dict[str, dict[str, Any]]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise InputError(
            "is not a mapping", file=file, key="policies", allowed="levels or settings by policy"
        )
    own: dict[str, dict[str, Any]] = {}
    for name, value in data.items():
        key = f"policies.{name}"
        _known(name, known, file, key)
        settings = {LEVEL_KEY: value} if isinstance(value, str) else value
        if not isinstance(settings, dict):
            raise InputError("is neither a level nor settings", file=file, key=key)
        _level(settings.get(LEVEL_KEY), file, f"{key}.{LEVEL_KEY}")
        own[name] = settings
    return own


def _exemptions(data: Any, file: Path, known: Mapping[str, Policy]) -> Iterable[Exemption]:
    if data is None:
        return
    if not isinstance(data, list):
        raise InputError("is not a list", file=file, key="exemptions")
    for index, entry in enumerate(data):
        key = f"exemptions[{index}]"
        try:
            exemption = Exemption.model_validate(entry)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            problem, allowed = problem_of(first, list(Exemption.model_fields))
            where = ".".join([key, *(str(part) for part in first["loc"])])
            raise InputError(problem, file=file, key=where, allowed=allowed) from None
        _known(exemption.policy, known, file, f"{key}.policy")
        yield exemption


def _known(name: object, known: Mapping[str, Policy], file: Path, key: str) -> None:
    if name not in known:
        raise InputError(f"no policy {name!r}", file=file, key=key, allowed=nearest(str(name), known))
