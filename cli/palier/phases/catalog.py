"""Which phases there are, in which order, and where their Pulumi projects stand.

A phase makes itself known by an entry point of the group `palier.phases` whose object has the shape
of `PhaseLike`. The command line so never imports the stacks by name, and a third party can add a phase.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from palier.errors import InputError, OperationError
from palier.paths import platform_dir

GROUP = "palier.phases"
# Stacks that stand beside the scaling phases: not on the way to any, never taken along by `--through`.
BESIDE = "palier.stacks"
# What a Pulumi stack may be called (sdk/go/common/tokens/stack.go: letters, digits, - _ . ; 100 at most).
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class SettingsClass(Protocol):
    """The typed settings of a phase: a pydantic model class that reads a Pulumi `config:` mapping."""

    def from_config(self, config: Mapping[str, object], *, file: Path | str | None = None) -> Any:
        """The settings in a `config:` mapping; raises a ValueError with problem, key, allowed."""


@runtime_checkable
class PhaseLike(Protocol):
    """What Palier needs to know of a phase; `palier_stacks.phase.Phase` has this shape."""

    @property
    def name(self) -> str:
        """The phase's name, also that of its Pulumi project and of its folder in `stacks/`."""

    @property
    def order(self) -> int:
        """Its place among the phases, lowest first."""

    @property
    def requires(self) -> tuple[str, ...]:
        """Names of the phases whose outputs it reads."""

    @property
    def summary(self) -> str:
        """One sentence: what it brings."""

    @property
    def settings(self) -> SettingsClass:
        """The class of its settings."""


def ordered(found: Iterable[PhaseLike]) -> tuple[PhaseLike, ...]:
    """The phases by their order, after checking that each stands behind all it requires.

    Raises OperationError where two share a name, or a requirement is unknown or comes later: that is a
    fault of an installed package, not of the user's input.
    """
    result = tuple(sorted(found, key=lambda phase: (phase.order, phase.name)))
    seen: set[str] = set()
    for phase in result:
        if phase.name in seen:
            raise OperationError(f"two installed packages declare a phase named {phase.name}")
        missing = [name for name in phase.requires if name not in seen]
        if missing:
            raise OperationError(
                f"phase {phase.name} requires {', '.join(missing)}, which no package declares before it",
                next_step="install the package that holds it, or mend the phase's `order`",
            )
        seen.add(phase.name)
    return result


@cache
def phases() -> tuple[PhaseLike, ...]:
    """Every installed scaling phase, in order."""
    return ordered(_installed(GROUP))


@cache
def beside() -> tuple[PhaseLike, ...]:
    """Every installed stack that is no scaling phase, such as the people's access."""
    return ordered(_installed(BESIDE))


def _installed(group: str) -> list[PhaseLike]:
    from importlib.metadata import entry_points

    found: list[PhaseLike] = []
    for entry in entry_points(group=group):
        try:
            phase = entry.load()
        except Exception as error:
            raise OperationError(
                f"phase {entry.name} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}",
                next_step="reinstall the package that declares it, or remove it",
            ) from error
        if not isinstance(phase, PhaseLike):
            raise OperationError(
                f"phase {entry.name} ({entry.value}) lacks name, order, requires, summary or settings"
            )
        found.append(phase)
    return found


def find(name: str, among: tuple[PhaseLike, ...] | None = None) -> PhaseLike:
    """The phase of that name, or the stack beside them. Raises InputError with the nearest names."""
    known = (*phases(), *beside()) if among is None else among
    for phase in known:
        if phase.name == name:
            return phase
    from difflib import get_close_matches

    names = [phase.name for phase in known]
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise InputError(f"no phase named {name}{hint}", allowed=", ".join(names))


def through(name: str, among: tuple[PhaseLike, ...] | None = None) -> tuple[PhaseLike, ...]:
    """The phase and all before it, in the order in which they go up."""
    known = phases() if among is None else among
    last = find(name, known)
    return known[: known.index(last) + 1]


def down_to(name: str, among: tuple[PhaseLike, ...] | None = None) -> tuple[PhaseLike, ...]:
    """The phase and all after it, in the order in which they come down (last first)."""
    known = phases() if among is None else among
    first = find(name, known)
    return tuple(reversed(known[known.index(first) :]))


def dependents(name: str, among: tuple[PhaseLike, ...] | None = None) -> tuple[PhaseLike, ...]:
    """The phases that require it, directly or through another, in order."""
    known = phases() if among is None else among
    on: set[str] = {find(name, among).name}
    found: list[PhaseLike] = []
    for phase in known:
        if phase.name not in on and on.intersection(phase.requires):
            on.add(phase.name)
            found.append(phase)
    return tuple(found)


def project_folder(phase: PhaseLike) -> Path:
    """The folder of the phase's Pulumi project. Raises InputError where the platform has none."""
    folder = platform_dir() / "stacks" / phase.name
    if not (folder / "Pulumi.yaml").is_file():
        raise InputError(f"no Pulumi project for phase {phase.name}: Pulumi.yaml is missing", file=folder)
    return folder


def check_environment(name: str) -> str:
    """The name of an environment. Raises InputError where no Pulumi stack may have it."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name an environment",
            key="--env",
            allowed="letters, digits, - _ . ; at most 100 of them",
        )
    return name


def settings_file(phase: PhaseLike, environment: str) -> Path:
    """Where the phase's settings for an environment stand (it may be missing)."""
    return project_folder(phase) / f"Pulumi.{check_environment(environment)}.yaml"


def load_settings(phase: PhaseLike, environment: str) -> Any:
    """The phase's settings for an environment, validated before any engine is started.

    Returns an instance of `phase.settings`. Raises InputError: no file (which to write, and from what),
    not YAML, or what the model refuses (file, key, what is allowed).
    """
    file = settings_file(phase, environment)
    if not file.is_file():
        raise InputError(_missing(file, environment), file=_shown(file))
    config = _config(file)
    try:
        return phase.settings.from_config(config, file=_shown(file))
    except ValueError as error:
        raise _refused(error, file) from None


def load_together(chosen: Sequence[PhaseLike], environment: str) -> dict[str, Any]:
    """The settings of phases that are to stand together, by phase: each validated, then against each other.

    A settings class may have `check_required(required)`, which is given the settings of those of `chosen`
    that its phase requires. Raises InputError as `load_settings` does.
    """
    loaded = {phase.name: load_settings(phase, environment) for phase in chosen}
    for phase in chosen:
        required = {name: loaded[name] for name in phase.requires if name in loaded}
        check = getattr(loaded[phase.name], "check_required", None)
        if check is None or not required:
            continue
        try:
            check(required)
        except ValueError as error:
            namespace = str(getattr(error, "key", "")).partition(":")[0]
            owner = next((other for other in chosen if other.name == namespace), phase)
            raise _refused(error, settings_file(owner, environment)) from None
    return loaded


def _refused(error: ValueError, file: Path) -> InputError:
    # palier imports nothing of palier_stacks, so its SettingsError is known by its attributes.
    more = getattr(error, "more", 0)
    problem = (getattr(error, "problem", None) or str(error)) + (f" [and {more} more]" if more else "")
    return InputError(
        problem,
        file=_shown(file),
        key=getattr(error, "key", None),
        allowed=getattr(error, "allowed", None),
    )


def _config(file: Path) -> Mapping[str, object]:
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise InputError(f"{where}not valid YAML: {error.problem}", file=_shown(file)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"not valid YAML: {error}".splitlines()[0], file=_shown(file)) from None
    if content is None:
        return {}
    config = content.get("config", {}) if isinstance(content, dict) else content
    if not isinstance(config, dict):
        raise InputError("must be a mapping of settings", file=_shown(file), key="config")
    return config


def _missing(file: Path, environment: str) -> str:
    others = sorted(other.name for other in file.parent.glob("Pulumi.*.yaml"))
    template = f"copy {others[0]} without its encryptionsalt, and change it" if others else "write one"
    return f"no settings for environment {environment}; {template}"


def _shown(file: Path) -> Path:
    """The file as a user would name it: relative to where they stand, where it is below."""
    try:
        return file.relative_to(Path.cwd())
    except ValueError:
        return file
