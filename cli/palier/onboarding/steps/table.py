"""The steps of onboarding, in their order, and choosing among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from palier.capacity.sections import nearest
from palier.errors import InputError
from palier.onboarding.steps.accounts import Accounts, AwsAccess, GitHubAccess
from palier.onboarding.steps.base import Step, table
from palier.onboarding.steps.buddy import Buddy
from palier.onboarding.steps.machine import MachineKey, Workstation
from palier.onboarding.steps.page import Page
from palier.onboarding.steps.slack import SlackAccount, SlackChannels, Welcome
from palier.onboarding.steps.vpn import VpnPeer, VpnPlace
from palier.onboarding.steps.work import Checklist, FirstTask

STEPS: Mapping[str, Step] = table(
    (
        Buddy(),
        MachineKey(),
        VpnPlace(),
        Workstation(),
        Accounts(),
        GitHubAccess(),
        AwsAccess(),
        VpnPeer(),
        SlackAccount(),
        SlackChannels(),
        Welcome(),
        FirstTask(),
        Checklist(),
        Page(),
    )
)


@dataclass(frozen=True)
class Choice:
    """The steps of a run. Those in `looked` are only looked at: others need them, or need to know of them."""

    steps: tuple[Step, ...]
    looked: frozenset[str]


def choose(only: Iterable[str], skip: Iterable[str], among: Mapping[str, Step] = STEPS) -> Choice:
    """The steps of a run, by their names or groups; what they need is looked at and not done.

    Raises InputError for a name that no step has, and where nothing is left.
    """
    wanted, left_out = _named(only, "--only", among), _named(skip, "--skip", among)
    chosen = {name for name in among if (not wanted or name in wanted) and name not in left_out}
    if not chosen:
        raise InputError("leaves no step to do", key="--skip")
    looked: set[str] = set()
    for name, step in reversed(list(among.items())):
        if name in chosen | looked:
            looked |= {need for need in (*step.needs, *step.sees) if among[need].lookable} - chosen
    steps = tuple(step for name, step in among.items() if name in chosen | looked)
    return Choice(steps, frozenset(looked))


def _named(names: Iterable[str], option: str, among: Mapping[str, Step]) -> set[str]:
    groups = {step.group for step in among.values() if step.group}
    found: set[str] = set()
    for name in names:
        if name not in among and name not in groups:
            known = [*among, *sorted(groups - set(among))]
            raise InputError(f"no step {name!r}", key=option, allowed=nearest(name, known, count=6))
        found |= {each for each, step in among.items() if name in (each, step.group)}
    return found
