"""Judging: policies run over resources, and what they find brought to the level that holds.

Nothing passes silently. A value that is not known yet, what a policy cannot read, a policy that fails by
itself: each is a finding. An exemption is told while it holds; then its finding is mandatory.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from palier.errors import PalierError

from palier_policies.policy import Pack, Policy, Problem, Severity
from palier_policies.resources import NotKnown, Resource
from palier_policies.rules import Exemption, Rule, Rules
from palier_policies.stack import Stack


@dataclass(frozen=True)
class Finding:
    """A problem at the level that holds. `message` says also who is exempt until when."""

    pack: str
    policy: str
    severity: Severity
    level: Literal["advisory", "mandatory"]
    message: str
    problem: Problem
    exempt: bool = False

    @property
    def urn(self) -> str:
        """The resource's URN, empty where it is about the stack."""
        return self.problem.urn

    def as_data(self) -> dict[str, Any]:
        """For machines: the message as it is told, and the facts that are known."""
        facts = asdict(self.problem)
        return {
            "pack": self.pack,
            "policy": self.policy,
            "severity": self.severity,
            "level": self.level,
            "exempt": self.exempt,
            **{name: value for name, value in facts.items() if value is not None},
            "message": self.message,
        }


class Judge:
    """The policies of one pack under the rules that hold; `given` is what the engine adds, by policy.

    Raises InputError where a policy's settings are refused.
    """

    def __init__(
        self,
        pack: Pack,
        rules: Rules,
        *,
        given: Mapping[str, Mapping[str, Any]] | None = None,
        today: datetime.date | None = None,
    ) -> None:
        self.pack, self.rules = pack, rules
        self.today = today or datetime.datetime.now(datetime.UTC).date()
        given = given or {}
        self._rules = {each.name: rules.of(each, given.get(each.name)) for each in pack.policies}
        self._by_type = {
            name: [self._rules[each.name] for each in policies if self._on(each)]
            for name, policies in pack.by_type.items()
        }
        self.of_stack = [
            self._rules[each.name] for each in pack.policies if each.check_stack and self._on(each)
        ]
        self.types = frozenset(name for name, kept in self._by_type.items() if kept)
        self.remedying = any(rule.level == "remediate" for rule in self._rules.values())

    def rule(self, name: str) -> Rule:
        """What holds of the policy of that name."""
        return self._rules[name]

    def resource(self, resource: Resource) -> list[Finding]:
        """What is to be said of one resource by itself."""
        rules = self._by_type.get(resource.type)
        if not rules:
            return []
        return [
            finding
            for rule in rules
            for finding in self._findings(rule, _checked(rule, resource), environment_of(resource.urn))
        ]

    def stack(self, stack: Stack) -> list[Finding]:
        """What is to be said of the stack as a whole."""
        return [
            finding
            for rule in self.of_stack
            for finding in self._findings(rule, _checked_stack(rule, stack), stack.environment)
        ]

    def everything(self, stack: Stack) -> list[Finding]:
        """What is to be said of each resource, and of the stack."""
        return [*(each for one in stack.resources for each in self.resource(one)), *self.stack(stack)]

    def remedies(self, resource: Resource) -> Iterator[tuple[Policy, Mapping[str, Any] | str]]:
        """The inputs to set, by policy whose level is `remediate`; a text where it cannot be told."""
        for rule in self._by_type.get(resource.type, ()):
            if rule.level != "remediate" or rule.policy.mend is None:
                continue
            try:
                changes = rule.policy.mend(resource, rule.settings)
            except NotKnown as error:
                yield rule.policy, f"not remedied: {error}"
                continue
            if changes:
                yield rule.policy, changes

    def _on(self, policy: Policy) -> bool:
        return self._rules[policy.name].level != "disabled"

    def _findings(self, rule: Rule, problems: Iterable[Problem], environment: str) -> Iterator[Finding]:
        said: set[tuple[str, str]] = set()
        for problem in problems:
            if (problem.urn, problem.message) in said:
                continue  # one value that is not known may keep several questions open
            said.add((problem.urn, problem.message))
            exemption = self.rules.covering(rule.policy.name, problem.urn, environment)
            yield self._finding(rule, problem, exemption)

    def _finding(self, rule: Rule, problem: Problem, exemption: Exemption | None) -> Finding:
        # A remedy that did not mend it all leaves what is left at the policy's full weight, as Pulumi has it.
        mild = rule.level == "advisory" or problem.level == "advisory"
        level: Literal["advisory", "mandatory"] = "advisory" if mild else "mandatory"
        message, exempt = problem.message, False
        if exemption is not None and not problem.not_known:
            who = f"{exemption.owner}: {exemption.reason}"
            exempt = exemption.holds(self.today)
            if exempt:
                level, message = "advisory", f"exempt until {exemption.until} ({who}): {message}"
            else:
                level = "mandatory"
                message = f"{message}; its exemption ended on {exemption.until} ({who}): mend it or renew it"
        return Finding(
            self.pack.name, rule.policy.name, rule.policy.severity, level, message, problem, exempt
        )


def environment_of(urn: str) -> str:
    """The stack's name in a URN, which is the environment."""
    return urn.split("::", 1)[0].rpartition(":")[2]


def _checked(rule: Rule, resource: Resource) -> Iterator[Problem]:
    assert rule.policy.check is not None
    yield from _guarded(rule.policy, resource.urn, lambda check: check(resource, rule.settings))


def _checked_stack(rule: Rule, stack: Stack) -> Iterator[Problem]:
    yield from _guarded(rule.policy, "", lambda check: check(stack, rule.settings))


def _guarded(policy: Policy, urn: str, run: Any) -> Iterator[Problem]:
    """The problems of one check; what ends it before its time is a problem itself."""
    try:
        yield from run(policy.check or policy.check_stack)
    except NotKnown as error:
        yield Problem.unknown(error)
    except PalierError as error:
        yield Problem(f"not judged: {' '.join(error.lines())}", urn=urn)
    except Exception as error:
        # Whatever a policy does wrong, the change is not let through on its account.
        text = " ".join(str(error).split())
        yield Problem(f"the policy itself failed: {type(error).__name__}: {text}", urn=urn)
