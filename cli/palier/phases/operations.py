"""Operations on several phases: what must stand first, what must come down first, and who is asked.

Each phase is validated before anything is started, and each stands or falls by itself: what was done for
one phase stays done when the next one fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.phases import catalog
from palier.phases.catalog import PhaseLike
from palier.phases.environment import Environment, prepare, to_look_at
from palier.phases.runner import Options, Outcome, Runner
from palier.phases.runs import LOCAL
from palier.phases.stack import PhaseStack
from palier.phases.state import StackState
from palier.stages import Stages

if TYPE_CHECKING:
    from palier.costs.model import Planned

REGIONS = "multi-region"
PEOPLE = "people"
# Asks the user; None means that nobody is to be asked (--yes, or the local cloud).
Ask = Callable[[str], bool]


@dataclass(frozen=True)
class Selection:
    """What the user named: one phase, or all on the way to one."""

    phase: str
    through: bool

    def words(self) -> str:
        """As it stands on the command line."""
        return f"--through {self.phase}" if self.through else self.phase


def select(phase: str | None, through: str | None) -> Selection:
    """The selection that a phase or `--through` makes. Raises InputError for both or neither."""
    if (phase is None) == (through is None):
        names = ", ".join(known.name for known in catalog.phases())
        raise InputError("name one phase, or all on the way to one with --through PHASE", allowed=names)
    return Selection(phase or through or "", through is not None)


class Operations:
    """Runs operations over a selection of phases in one environment."""

    def __init__(
        self, environment: str, report: Reporter, *, ask: Ask | None, verb: str | None = None
    ) -> None:
        """`verb` is the command that the user gave, where it is not the operation's own name."""
        self.environment_name, self.report, self.ask, self._verb = environment, report, ask, verb
        self._environment: Environment | None = None

    def preview(self, selection: Selection, options: Options) -> list[Outcome]:
        """Show what an `up` would change. A phase whose requirements do not stand yet cannot be previewed."""
        outcomes: list[Outcome] = []
        chosen = self._upward(selection)
        with self.report.stages([phase.name for phase in chosen]) as stages:
            for phase in chosen:
                with stages.stage(phase.name):
                    self._need_required(phase, after_preview=bool(outcomes))
                    outcomes.append(self._runner(phase, "preview", selection).preview(options))
        return outcomes

    def standing(self) -> dict[str, list[Planned]]:
        """The resources of every phase as their states tell them."""
        from palier.costs import collect

        every = (*catalog.phases(), *catalog.beside())
        return {phase.name: collect.from_deployment(self._stack(phase).deployment()) for phase in every}

    def up(self, selection: Selection, options: Options, told: Callable[[Outcome], None]) -> list[Outcome]:
        """Bring the selection up in order. `told` is called with each phase's outcome (and its preview)."""
        outcomes: list[Outcome] = []
        chosen = self._upward(selection)
        with self.report.stages([phase.name for phase in chosen]) as stages:
            for phase in chosen:
                with stages.stage(phase.name):
                    self._need_required(phase)
                    self._furnish(phase)
                    runner = self._runner(phase, "up", selection)
                    self._ask_first(phase, runner, options, told, stages)
                    outcomes.append(runner.up(options))
                with stages.paused():
                    told(outcomes[-1])
        return outcomes

    def _ask_first(
        self,
        phase: PhaseLike,
        runner: Runner,
        options: Options,
        told: Callable[[Outcome], None],
        stages: Stages,
    ) -> None:
        """Where somebody is to be asked, or policies: show the preview, and go on only after a yes."""
        if self.ask is None and not options.policy_packs:
            return
        # Policies of the whole stack are asked at the end of a run: before an `up`, that is a preview.
        preview = runner.preview(options)
        with stages.paused():
            told(preview)
            question = f"Bring {phase.name} up in {self.environment_name}?"
            if self.ask is not None and preview.changed and not self.ask(question):
                raise KeyboardInterrupt

    def refresh(self, selection: Selection, options: Options) -> list[Outcome]:
        """Read what really stands into the states of the selection, those that have one."""
        phases = catalog.through(selection.phase) if selection.through else (catalog.find(selection.phase),)
        if selection.through:
            phases = tuple(phase for phase in phases if self._stack(phase).state().exists)
        outcomes = []
        with self.report.stages([phase.name for phase in phases]) as stages:
            for phase in phases:
                with stages.stage(phase.name):
                    outcomes.append(self._runner(phase, "refresh", selection).refresh(options))
        return outcomes

    def destroy(
        self, selection: Selection, options: Options, *, remove_stack: bool, told: Callable[[Outcome], None]
    ) -> list[Outcome]:
        """Take the selection down, last phase first. Nothing is asked or done where nothing stands."""
        chosen = catalog.down_to(selection.phase) if selection.through else (catalog.find(selection.phase),)
        states = {phase.name: self._stack(phase).state() for phase in chosen}
        there = [phase for phase in chosen if states[phase.name].exists]
        if not selection.through:
            self._refuse_while_needed(chosen[0])
        if not there:
            return []
        if REGIONS in {phase.name for phase in there}:
            from palier.regions.guard import refuse_destroy_away_from_home

            refuse_destroy_away_from_home(self.environment_name, self.report)
        doomed = [line for phase in there for line in what_stands(phase.name, states[phase.name])]
        if self.ask is not None and not self.ask("\n".join([*doomed, "Destroy all of that?"])):
            raise KeyboardInterrupt
        outcomes = []
        with self.report.stages([phase.name for phase in there]) as stages:
            for phase in there:
                with stages.stage(phase.name):
                    runner = self._runner(phase, "destroy", selection)
                    outcomes.append(runner.destroy(options, remove_stack=remove_stack))
                with stages.paused():
                    told(outcomes[-1])
        return outcomes

    def _upward(self, selection: Selection) -> Sequence[PhaseLike]:
        chosen = catalog.through(selection.phase) if selection.through else (catalog.find(selection.phase),)
        catalog.load_together(chosen, self.environment_name)
        return chosen

    def _furnish(self, phase: PhaseLike) -> None:
        """Give the local cloud the company that the people stack finds anywhere else."""
        if phase.name != PEOPLE or self.environment_name != LOCAL:
            return
        from palier.onboarding import local_world
        from palier.onboarding.reach import settled

        endpoint = self._stack(phase).environment.endpoint or ""
        local_world.ensure(endpoint, *settled(LOCAL, None), self.report)

    def _need_required(self, phase: PhaseLike, *, after_preview: bool = False) -> None:
        for name in phase.requires:
            if not self._stack(catalog.find(name)).state().stands:
                option = "" if self.environment_name == LOCAL else f" --env {self.environment_name}"
                told = "; it can be previewed once that is up" if after_preview else ""
                raise OperationError(
                    f"{phase.name} needs {name}, of which nothing stands in {self.environment_name}{told}",
                    left="nothing was changed",
                    next_step=f"palier up --through {phase.name}{option}",
                )

    def _refuse_while_needed(self, phase: PhaseLike) -> None:
        standing = [
            later.name for later in catalog.dependents(phase.name) if self._stack(later).state().stands
        ]
        if standing:
            raise OperationError(
                f"{phase.name} cannot go while {', '.join(standing)} stands on it",
                left="nothing was changed",
                next_step=f"palier destroy --through {phase.name} destroys {', '.join(standing)} first",
            )

    def _stack(self, phase: PhaseLike) -> PhaseStack:
        if self._environment is None:
            self._environment = prepare(self.environment_name, self.report)
        return PhaseStack(phase, self._environment)

    def _runner(self, phase: PhaseLike, operation: str, selection: Selection) -> Runner:
        option = "" if self.environment_name == LOCAL else f" --env {self.environment_name}"
        return Runner(
            self._stack(phase), self.report, f"palier {self._verb or operation} {selection.words()}{option}"
        )


def what_stands(name: str, state: StackState) -> list[str]:
    """What stands of a phase, for someone who is about to lose it: a count, then a line per type."""
    kinds = Counter(resource.type for resource in state.real)
    lines = [f"{name}: {len(state.real)} resources"]
    return lines + [f"  {number:>3} {kind}" for kind, number in sorted(kinds.items())]


def look(environment: str, report: Reporter, *, engine: bool = False) -> Callable[[PhaseLike], PhaseStack]:
    """A way to look at stacks without starting anything that looking does not need.

    `engine`: whether the engine itself is to be asked (for secrets); the local cloud is not.
    """
    ready = prepare(environment, report, cloud=False) if engine else to_look_at(environment, report)
    return lambda phase: PhaseStack(phase, ready)
