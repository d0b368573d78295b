"""Running a check: the engine previews each phase with the packs, and what they say is gathered.

Nothing is deployed."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from palier.checking import packs
from palier.checking.model import FAILED, Check, Cost, Finding, Headroom, Outlook, PhaseCheck
from palier.console import Reporter
from palier.costs import collect
from palier.costs.estimate import costs_of
from palier.costs.model import CostEstimate
from palier.costs.phases import Resources
from palier.costs.prices import PriceBook
from palier.errors import OperationError, PalierError
from palier.paths import platform_dir
from palier.phases import catalog
from palier.phases.catalog import PhaseLike
from palier.phases.operations import Operations, Selection
from palier.phases.runner import Options, Outcome
from palier.phases.runs import LOCAL

_FACTS = frozenset(each.name for each in fields(Finding)) - {"phase", "pack", "level", "urn", "policy"}


class NotChecked(OperationError):
    """Nothing could be decided; to whoever asks whether a change may pass, that is not a violation."""

    exit_code = FAILED


@dataclass(frozen=True)
class Wanted:
    """What is to be checked. `platform_file` None: the nearest palier.yaml at or above the packs."""

    environment: str = LOCAL
    phases: tuple[PhaseLike, ...] = ()
    packs: tuple[Path, ...] = ()
    platform_file: Path | None = None
    since: str | None = None
    skipped: tuple[str, ...] = ()
    refresh: bool = False


def chosen(
    phase: str | None, since: str | None, environment: str
) -> tuple[tuple[PhaseLike, ...], tuple[str, ...]]:
    """The phases to check, and the names of those that are left out. Raises InputError.

    Without a phase: all that have settings for the environment; of these, with `since`, those that the change
    since that revision touches.
    """
    everything = catalog.phases()
    if phase is not None:
        return (catalog.find(phase),), ()
    there = [each for each in everything if catalog.settings_file(each, environment).is_file()]
    if since is not None:
        from palier.checking.changed import touched

        names = touched(platform_dir(), since, there).names
        there = [each for each in there if each.name in names]
    return tuple(there), tuple(each.name for each in everything if each not in there)


def check(wanted: Wanted, report: Reporter, prices: PriceBook) -> Check:
    """Preview and judge each phase. What a phase cannot be previewed for is told in it; raises InputError
    for what is wrong with all of them, and NotChecked."""
    if not wanted.phases:
        return Check(wanted.environment, (), (), wanted.skipped, wanted.since)
    operations = Operations(wanted.environment, report, ask=None, verb="check")
    try:
        stands = operations.standing()
    except OperationError as error:
        raise NotChecked(error.failed, left=error.left, next_step=error.next_step) from error
    ran: dict[tuple[str, str], None] = {}
    found = []
    with report.stages([phase.name for phase in wanted.phases]) as stages:
        for phase in wanted.phases:
            with stages.stage(phase.name):
                one = _one(wanted, operations, phase, stands, prices, ran)
            found.append(one)
    infos = tuple(packs.info(*name) for name in ran)
    return Check(wanted.environment, tuple(found), infos, wanted.skipped, wanted.since)


def _one(
    wanted: Wanted,
    operations: Operations,
    phase: PhaseLike,
    stands: Resources,
    prices: PriceBook,
    ran: dict[tuple[str, str], None],
) -> PhaseCheck:
    settings_file = _relative(catalog.settings_file(phase, wanted.environment))
    with _findings_file() as file:
        options = Options(
            policy_packs=wanted.packs,
            variables=packs.variables(wanted.platform_file, file),
            refusals_told=True,
            refresh=wanted.refresh,
        )
        try:
            (outcome,) = operations.preview(Selection(phase.name, through=False), options)
        except PalierError as error:
            return PhaseCheck(phase.name, wanted.environment, settings_file, failed="; ".join(error.lines()))
        lines = list(_lines(file))
    ran.update(dict.fromkeys(outcome.policies))
    return PhaseCheck(
        phase=phase.name,
        environment=wanted.environment,
        settings_file=settings_file,
        changes=outcome.counts,
        findings=tuple(_findings(phase.name, outcome, lines)),
        cost=_cost(phase.name, outcome, stands, prices),
        outlook=_outlook(lines),
        seconds=outcome.seconds,
        log=outcome.log,
    )


@contextmanager
def _findings_file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="palier-check-") as folder:
        yield Path(folder) / "findings.jsonl"


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _findings(phase: str, outcome: Outcome, lines: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """What the engine told, each with the facts that its pack has written down beside it."""
    facts = {(line["policy"], " ".join(line["message"].split())): line for line in lines if "policy" in line}
    for each in outcome.violations:
        known = facts.get((each.policy, each.message), {})
        of_stack = "::pulumi:pulumi:Stack::" in each.urn
        given = {name: value for name, value in known.items() if name in _FACTS}
        given.setdefault("severity", each.severity or None)
        given["message"] = each.message
        yield Finding(
            phase=phase,
            pack=each.pack,
            policy=each.policy,
            level="mandatory" if each.mandatory else "advisory",
            urn="" if of_stack else each.urn,
            **given,
        )


def _cost(phase: str, outcome: Outcome, stands: Resources, prices: PriceBook) -> Cost:
    planned = collect.from_event_log(outcome.log.with_suffix(".events"))
    before = costs_of(stands, prices)[phase]
    after = costs_of({**stands, phase: planned}, prices)[phase]
    return Cost(before.monthly_usd, after.monthly_usd, tuple(_unpriced(after)))


def _unpriced(estimate: CostEstimate) -> Iterator[str]:
    """What is not in the sum, a note for each reason: two dozen alarms without a price are one word of it."""
    for kind, why in (("no_price", "no price"), ("not_known", "not known before up")):
        found = Counter(item.what for item in estimate.items if item.kind == kind)
        if found:
            names = (f"{what} ({count})" if count > 1 else what for what, count in found.items())
            yield f"{why}, and so not in the cost: {', '.join(names)}"


def _outlook(lines: Iterable[Mapping[str, Any]]) -> Outlook | None:
    for line in lines:
        if (told := line.get("outlook")) is not None:
            sides = {side: tuple(Headroom(**each) for each in told[side]) for side in ("before", "after")}
            return Outlook(told["scenario"], told["as_of"], told["horizon"], **sides)
    return None


def _relative(file: Path) -> str:
    try:
        return file.relative_to(platform_dir()).as_posix()
    except ValueError:
        return str(file)
