"""Settings of a phase: Pulumi config read into strict models, refused in one line that helps.

A phase's settings are the `config:` of its `Pulumi.<env>.yaml`: keys `<phase>:<section>` and `aws:region`.
The same model reads them for the command line (from the file) and for the program (from the engine), so
both refuse the same things in the same words. Nothing here imports Pulumi or looks anything up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from palier.capacity.sections import Section as Section
from palier.capacity.sections import nearest as nearest
from palier.capacity.sections import refuse as refuse
from palier.capacity.wording import child_model, problem_of, settings_tables, sibling_names
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from palier_stacks import facts

REGION_KEY = "aws:region"
# Namespaces of the Pulumi CLI and of the provider, whose keys are not ours to judge.
FOREIGN_NAMESPACES = ("aws", "aws-native", "github", "pulumi")


class SettingsError(ValueError):
    """A setting that is wrong: `problem` in words, its `key` in the file, what is `allowed` there.

    `more` counts the further problems found at the same time.
    """

    def __init__(
        self,
        problem: str,
        *,
        key: str,
        allowed: str | None = None,
        file: Path | str | None = None,
        more: int = 0,
    ) -> None:
        self.problem, self.key, self.allowed, self.file, self.more = problem, key, allowed, file, more
        where = ": ".join(str(part) for part in (file, key) if part)
        text = f"{where}: {problem}" + (f" (allowed: {allowed})" if allowed else "")
        plural = "problem" if more == 1 else "problems"
        super().__init__(f"{text} [and {more} more {plural}]" if more else text)


def _check_region(value: object) -> object:
    if isinstance(value, str) and value not in facts.regions():
        raise refuse(f"unknown region {value!r}", allowed=nearest(value, facts.regions()))
    return value


class PhaseSettings(Section):
    """Base of each phase's settings; `PHASE` is the namespace of its keys."""

    PHASE: ClassVar[str]

    region: Annotated[str, BeforeValidator(_check_region)] = Field(
        description="AWS region, from `aws:region`."
    )

    @classmethod
    def from_config(cls, config: Mapping[str, object], *, file: Path | str | None = None) -> Self:
        """Read the `config:` mapping of a stack file; values are as YAML gives them.

        Raises SettingsError for the first problem in the order of the settings, naming `file`.
        """
        values: dict[str, object] = {}
        for key, value in config.items():
            namespace, _, name = key.rpartition(":")
            if key == REGION_KEY:
                values["region"] = value
            elif namespace in ("", cls.PHASE):
                values[name] = value
            elif namespace not in FOREIGN_NAMESPACES and get_close_matches(namespace, [cls.PHASE]):
                raise SettingsError(
                    f"unknown namespace {namespace!r}", key=key, allowed=f"{cls.PHASE}:{name}", file=file
                )
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise cls._settings_error(error, file) from None

    def check_required(self, required: Mapping[str, PhaseSettings]) -> None:
        """Refuse what does not go with the settings of the phases that this one needs, by their names.

        Raises SettingsError without a file; its key says in whose it stands. Here nothing is refused.
        """

    @classmethod
    def _settings_error(cls, error: ValidationError, file: Path | str | None) -> SettingsError:
        order = list(cls.model_fields)

        def place(entry: Any) -> tuple[bool, int]:
            # A misspelt name comes first: it is why another is missing.
            first = entry["loc"][0] if entry["loc"] else ""
            return entry["type"] != "extra_forbidden", order.index(first) if first in order else len(order)

        entries = sorted(error.errors(include_url=False), key=place)
        first = entries[0]
        location: Sequence[str | int] = first["loc"]
        context = first.get("ctx", {})
        if first["type"] == "palier":
            if context["at"]:
                location = (*location, context["at"])
            problem, allowed = context["problem"], context["allowed"]
        else:
            names = sibling_names(child_model(cls, location[:-1]))
            problem, allowed = problem_of(first, names)
        return SettingsError(
            problem, key=cls._key(location), allowed=allowed, file=file, more=len(entries) - 1
        )

    @classmethod
    def _key(cls, location: Sequence[str | int]) -> str:
        if location and location[0] == "region":
            return REGION_KEY
        text = ""
        for part in location:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return f"{cls.PHASE}:{text}"


def one_of(known: Any, what: str) -> Any:
    """A validator for names from a table: `known()` lists them, `what` says what they are."""

    def check(value: object) -> object:
        if isinstance(value, str) and value not in known():
            raise refuse(f"unknown {what} {value!r}", allowed=nearest(value, known()))
        return value

    return BeforeValidator(check)


DatabaseClass = Annotated[str, one_of(facts.database_classes, "instance class")]
InstanceType = Annotated[str, one_of(facts.instance_types, "instance type")]
CacheNodeType = Annotated[str, one_of(facts.cache_node_types, "cache node type")]


def offered(name: str, region: str, names: Sequence[str], at: str) -> None:
    """Refuse a class or type that exists, but not in `region`."""
    if name not in names:
        raise refuse(f"{name} is not offered in {region}", allowed=nearest(name, names), at=at)


# One label of a domain name, in small letters: RFC 1123, section 2.1.
DOMAIN_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


def domain_name(example: str, *, wildcard: bool = False) -> AfterValidator:
    """A validator for domain names in small letters; only with `wildcard` may `*.` stand before one."""
    start = r"(?:\*\.)?" if wildcard else ""

    def check(value: str) -> str:
        if not re.fullmatch(rf"{start}{DOMAIN_LABEL}(?:\.{DOMAIN_LABEL})+", value):
            raise refuse(f"{value!r} is not a domain name", allowed=f"small letters, like {example}")
        return value

    return AfterValidator(check)


def distinct(values: list[str]) -> list[str]:
    """Refuse a list that says the same thing twice."""
    for value in values:
        if values.count(value) > 1:
            raise refuse(f"{value!r} is given twice", allowed="each once")
    return values


def reference(model: type[PhaseSettings]) -> str:
    """The settings of a phase as Markdown tables, for its page in docs/phases."""
    return settings_tables(model, phase=model.PHASE)
