"""Which packs there are: folders of a platform for the engine, and what is known of their policies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Protocol

from palier.checking.model import PolicyInfo, Severity
from palier.errors import InputError
from palier.paths import platform_dir

GROUP = "palier.policies"
# How a pack calls itself to the engine: its own name behind ours, apart from anybody else's packs.
PREFIX = "palier-"
# The pack that is our others in one process: where it stands, they are not run beside it.
TOGETHER, _IN_TOGETHER = "all", ("capacity", "architecture")
POLICIES_FILE = "policies.yaml"
# Told to the packs' processes (palier_policies.stack_state, findings_file and rules).
FINDINGS_VARIABLE = "PALIER_FINDINGS_FILE"
PLATFORM_VARIABLE = "PALIER_PLATFORM_FILE"
POLICIES_VARIABLE = "PALIER_POLICIES_FILE"


class PolicyLike(Protocol):
    """What is needed of a policy; `palier_policies.policy.Policy` has this shape."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def says(self) -> str:
        """What must hold."""

    @property
    def severity(self) -> Severity:
        """How much it matters."""


class PackLike(Protocol):
    """What is needed of a pack."""

    @property
    def name(self) -> str:
        """Its name, also that of its folder in `policies/`."""

    @property
    def policies(self) -> Sequence[PolicyLike]:
        """Its policies."""


def folders(more: Iterable[Path] = ()) -> tuple[Path, ...]:
    """The packs of the platform, and `more`. Raises InputError where one is not a pack, or there is none."""
    own = sorted(file.parent for file in (platform_dir() / "policies").glob("*/PulumiPolicy.yaml"))
    if any(pack.name == TOGETHER for pack in own):
        own = [pack for pack in own if pack.name not in _IN_TOGETHER]
    found = (*own, *named(more))
    if not found:
        raise InputError("no policy pack in policies/", file=platform_dir(), allowed="--policy-pack FOLDER")
    return found


def named(packs: Iterable[Path]) -> tuple[Path, ...]:
    """Packs by absolute path. Raises InputError for a folder that is none."""
    found = tuple(pack.absolute() for pack in packs)
    for pack in found:
        if not (pack / "PulumiPolicy.yaml").is_file():
            raise InputError("not a policy pack: no PulumiPolicy.yaml", file=pack, key="--policy-pack")
    return found


def policies_file() -> Path | None:
    """The platform's policies.yaml; None where it has none."""
    file = platform_dir() / POLICIES_FILE
    return file if file.is_file() else None


def variables(platform_file: Path | None = None, findings: Path | None = None) -> dict[str, str]:
    """What the packs' processes are told: files, by absolute path."""
    told = {
        FINDINGS_VARIABLE: findings,
        PLATFORM_VARIABLE: platform_file,
        POLICIES_VARIABLE: policies_file(),
    }
    return {name: str(file.absolute()) for name, file in told.items() if file is not None}


@cache
def known() -> dict[tuple[str, str], PolicyInfo]:
    """What installed packages tell of their policies, by the engine's name of the pack and the policy's."""
    from importlib.metadata import entry_points

    packs: list[PackLike] = [entry.load() for entry in entry_points(group=GROUP)]
    found = (
        PolicyInfo(f"{PREFIX}{pack.name}", each.name, each.says, each.severity)
        for pack in packs
        for each in (*pack.policies,)
    )
    infos = {(each.pack, each.name): each for each in found}
    together = f"{PREFIX}{TOGETHER}"
    return infos | {(together, each.name): replace(each, pack=together) for each in infos.values()}


def info(pack: str, name: str) -> PolicyInfo:
    """What is known of a policy that ran: of somebody else's pack, its name alone."""
    return known().get((pack, name)) or PolicyInfo(pack, name, name.replace("-", " "))
