"""Running steps for people: each as soon as what it needs stands, independent ones at the same time.

A step is looked at, done where something is missing, and proved. Its journal line is written after that, so a
kill leaves at most a step that was done and is not in the journal: the next run sees it stand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from palier.errors import OperationError, PalierError
from palier.onboarding.calls import Gone, Passing, attempts
from palier.onboarding.results import Outcome, Result
from palier.onboarding.steps.accounts import Accounts
from palier.onboarding.steps.base import Case, Found, State, Step

# Enough for GitHub, Slack and AWS side by side; the limits of each are kept by its own client.
THREADS = 8

Key = tuple[str, str]  # login and step; a shared step's login is ""
Watch = Callable[[Result], None]


@dataclass
class _Node:
    """One step for one person, or a shared one for all."""

    step: Step
    cases: list[Case]
    needs: list[Key]
    after: list[Key]
    result: Result | None = None


@dataclass
class Runner:
    """One run. `mode` is plan (look), apply (do) or verify (prove, changing nothing)."""

    mode: str
    cases: Sequence[Case]
    steps: Sequence[Step]
    deadline: float
    watch: Watch
    told: Callable[[str, str], None]
    looked: frozenset[str] = frozenset()
    nodes: dict[Key, _Node] = field(default_factory=dict)

    def run(self) -> list[Result]:
        """Every step's result, in the order of people and steps."""
        self._lay_out()
        left = dict(self.nodes)
        under_way: dict[Future[Result], Key] = {}
        with ThreadPoolExecutor(THREADS, thread_name_prefix="onboard") as pool:
            while left or under_way:
                for key in [key for key, node in left.items() if self._ready(node)]:
                    node = left.pop(key)
                    under_way[pool.submit(self._one, node)] = key
                ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in ended:
                    key = under_way.pop(future)
                    self._ended(key, future.result())
        return [result for node in self.nodes.values() if self._is_told(node) for result in self._each(node)]

    def _is_told(self, node: _Node) -> bool:
        """What was only looked at is told where it failed: it may be why another step waits."""
        assert node.result is not None
        return node.step.name not in self.looked or node.result.outcome is Outcome.FAILED

    def _lay_out(self) -> None:
        chosen = {step.name: step for step in self.steps}

        def keys(names: Sequence[str], case: Case) -> list[Key]:
            return [("" if chosen[name].shared else case.login, name) for name in names if name in chosen]

        for step in self.steps:
            if step.shared:
                after = [key for case in self.cases for key in keys(step.after, case)]
                self.nodes["", step.name] = _Node(step, list(self.cases), [], after)
                continue
            for case in self.cases:
                node = _Node(step, [case], keys(step.needs, case), keys((*step.after, *step.sees), case))
                self.nodes[case.login, step.name] = node

    def _ready(self, node: _Node) -> bool:
        return all(self.nodes[key].result is not None for key in (*node.needs, *node.after))

    def _ended(self, key: Key, result: Result) -> None:
        self.nodes[key].result = result
        for each in self._each(self.nodes[key]) if self._is_told(self.nodes[key]) else ():
            self.watch(each)

    def _each(self, node: _Node) -> list[Result]:
        """The result, once for each person whom it is about."""
        assert node.result is not None
        return [node.result.of(case.login) for case in node.cases]

    # -- one step -----------------------------------------------------------------------------------

    def _one(self, node: _Node) -> Result:
        began = time.time()
        result = Result(
            node.cases[0].login, node.step.name, node.step.title, Outcome.WAITING, "", began, began
        )
        lacking = [
            self.nodes[key] for key in node.needs if (needed := self.nodes[key].result) and not needed.good
        ]
        if lacking and self.mode == "apply":  # a look, and a proof, tell the truth of each by itself
            titles = ", ".join(each.step.title for each in lacking)
            return result.ended(Outcome.WAITING, f"waits for: {titles}")
        if self.mode == "apply" and time.monotonic() >= self.deadline:
            return result.ended(
                Outcome.FAILED, "not begun: the budget is used up", next_step="run this again"
            )
        if node.step.for_newcomers and not node.cases[0].newcomer:
            return result.ended(Outcome.UNASKED, "not new any more")
        try:
            found, outcome = self._worked(node, result)
        except Passing as error:
            return result.ended(Outcome.FAILED, f"{error}; gave up", next_step="run this again")
        except Gone as error:
            return result.ended(Outcome.FAILED, f"{error}: not there", next_step="see that it exists")
        except OperationError as error:
            return result.ended(Outcome.FAILED, error.failed, next_step=error.next_step)
        except PalierError as error:
            return result.ended(Outcome.FAILED, str(error))
        return result.ended(outcome, found.says, would=found.would, waits_for=found.waits_for)

    def _worked(self, node: _Node, result: Result) -> tuple[Found, Outcome]:
        limit = min(self.deadline, time.monotonic() + node.step.limit_minutes * 60)
        name = node.step.name

        def told(text: str) -> None:
            self.told(node.cases[0].login if not node.step.shared else "", f"{name}: {text}")

        for attempt in attempts(limit, told):
            with attempt:
                result.attempts += 1
                if isinstance(node.step, Accounts):
                    return self._shared(node.step, node, result, told)
                return self._person(node.step, node.cases[0], result, told)
        raise AssertionError("attempts end with a result or an error")

    def _person(
        self, step: Step, case: Case, result: Result, told: Callable[[str], None]
    ) -> tuple[Found, Outcome]:
        if self.mode == "verify":
            with result.part("verify"):
                return _judged(step.verify(case))
        if step.looks_itself and self.mode == "apply" and step.name not in self.looked:
            with result.part("apply"):
                found, result.applied = step.settle(case, told)
            _, outcome = _judged(found)
            return found, Outcome.DONE if outcome is Outcome.ALREADY and result.applied else outcome
        with result.part("check"):
            found = step.check(case)
        if found.state is State.MISSING and (left_out := self._left_out(step)):
            # What makes it is not in this run, and waiting would bring nothing.
            return Found(found.state, f"{found.says}; left out: {left_out}", found.would), Outcome.MISSING
        if self.mode == "plan" or step.name in self.looked or found.state is not State.MISSING:
            return _judged(found)
        with result.part("apply"):
            step.apply(case, told)
        result.applied = True
        with result.part("verify"):
            found = step.verify(case)
        if found.state is State.MISSING:
            raise Passing(step.title, f"done, but {found.says}")
        return found, Outcome.PENDING if found.state is State.PENDING else Outcome.DONE

    def _left_out(self, step: Step) -> str:
        """Titles of the steps that this one needs and that are not in the run."""
        names = {each.name for each in self.steps}
        return ", ".join(name for name in step.needs if name not in names)

    def _shared(
        self, step: Accounts, node: _Node, result: Result, told: Callable[[str], None]
    ) -> tuple[Found, Outcome]:
        if self.mode != "apply":
            with result.part("check"):
                return _judged(step.check_all(node.cases))
        with result.part("apply"):
            found, changed = step.apply_all(node.cases, told)
        result.applied = changed
        return found, Outcome.DONE if changed else Outcome.ALREADY


def _judged(found: Found) -> tuple[Found, Outcome]:
    """What a look alone says."""
    outcomes = {
        State.DONE: Outcome.ALREADY,
        State.MISSING: Outcome.MISSING,
        State.PENDING: Outcome.PENDING,
        State.UNASKED: Outcome.UNASKED,
    }
    return found, outcomes[found.state]
