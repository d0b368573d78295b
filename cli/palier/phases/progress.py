"""What the engine is doing, from its event log: what is done, what is under way, what failed.

One JSON object a line (sdk/go/common/apitype/events.go), read as it grows. The log is a file, not the
Automation API's gRPC stream: an engine whose event receiver was killed would have nobody to send to.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# How the engine's steps are counted for people. A replacement is told once, by its `replace` step.
_WORDS = {
    "create": "created",
    "import": "created",
    "update": "updated",
    "replace": "replaced",
    "delete": "deleted",
    "discard": "deleted",
    "same": "same",
}
KINDS = ("created", "updated", "replaced", "deleted", "same")
_DOING = {
    "create": "creating",
    "create-replacement": "replacing",
    "update": "updating",
    "delete": "deleting",
    "delete-replaced": "deleting the old",
    "refresh": "reading",
    "read": "reading",
    "import": "importing",
}
# What the engine adds after the real error.
ECHOES = (
    "an unhandled error occurred: program exited",
    "update failed",
    "preview failed",
    "destroy failed",
    "refresh failed",
    "resource plan failed",
)
_STYLE = re.compile(r"<\{%.*?%\}>|\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """One error that the engine told. `urn` is empty where it belongs to no resource."""

    urn: str
    message: str

    @property
    def subject(self) -> str:
        """The resource's type and logical name, or the program."""
        return describe(self.urn) if self.urn else ""


@dataclass(frozen=True)
class Change:
    """A planned or made change of one resource. `keys` are the properties that differ."""

    op: str
    urn: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Violation:
    """What a policy said of a resource, or of the stack. `level` is Pulumi's enforcement level."""

    pack: str
    policy: str
    level: str
    severity: str
    urn: str
    message: str

    @property
    def mandatory(self) -> bool:
        """Whether the engine refuses the change for it."""
        return self.level == "mandatory"

    def sentence(self) -> str:
        """One line for people."""
        where = "" if "::pulumi:pulumi:Stack::" in self.urn else f"{describe(self.urn)}: "
        return f"{where}{self.message} ({self.policy}, {self.level})"


@dataclass
class Progress:
    """The running account of one operation. `expected`: how many resources the state had before.

    `counts` are resources that stand in the cloud; the engine's own `engine_counts`, by step, count
    components and the stack too. `policies` are those that were run, as pack and name, in the engine's order.
    """

    expected: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    failures: list[Failure] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    policies: dict[tuple[str, str], None] = field(default_factory=dict)
    engine_counts: dict[str, int] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    _begun: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything changed, components counted."""
        steps = (*self.engine_counts.items(), *self.counts.items())
        return any(number for kind, number in steps if kind != "same")

    @property
    def refused(self) -> bool:
        """Whether policies refuse the change, and nothing else is wrong with it."""
        errors = [failure for failure in self.failures if not failure.message.startswith(ECHOES)]
        return not errors and any(violation.mandatory for violation in self.violations)

    @property
    def under_way(self) -> list[str]:
        """URNs of what the engine is working on, longest first."""
        return [urn for urn, _ in sorted(self._begun.items(), key=lambda item: item[1][1])]

    def take(self, event: Mapping[str, Any]) -> None:
        """Account for one engine event."""
        if (pre := event.get("resourcePreEvent")) is not None:
            self._begin(pre["metadata"])
        elif (outputs := event.get("resOutputsEvent")) is not None:
            self._finish(outputs["metadata"])
        elif (failed := event.get("resOpFailedEvent")) is not None:
            self._begun.pop(failed["metadata"]["urn"], None)
        elif (diagnostic := event.get("diagnosticEvent")) is not None:
            self._diagnose(diagnostic)
        elif (summary := event.get("summaryEvent")) is not None:
            self._summarise(summary)
        elif (violation := event.get("policyEvent")) is not None:
            self._violate(violation)
        else:
            self._note_policies(event)

    def text(self) -> str:
        """One line: done of how many, and what has been under way longest."""
        total = max(self.expected, len(self.done) + len(self._begun))
        if total == 0:
            return "the program starts"
        line = f"{len(self.done)}/{total}"
        busy = self.under_way
        if not busy:
            return line
        op, since = self._begun[busy[0]]
        seconds = time.monotonic() - since
        waited = f" ({seconds:.0f} s)" if seconds >= 1 else ""
        more = f", {len(busy) - 1} more" if len(busy) > 1 else ""
        return f"{line} · {_DOING.get(op, op)} {describe(busy[0])}{waited}{more}"

    def _begin(self, metadata: Mapping[str, Any]) -> None:
        op, urn = metadata["op"], metadata["urn"]
        if not _is_real(metadata):
            return
        if op not in ("same", "refresh"):
            self.changes.append(Change(op, urn, tuple(metadata.get("diffs") or metadata.get("keys") or ())))
        self._begun[urn] = (op, time.monotonic())

    def _finish(self, metadata: Mapping[str, Any]) -> None:
        urn = metadata["urn"]
        # A replacement first makes the new one under the same URN, then deletes the old: both are told.
        self._begun.pop(urn, None)
        if not _is_real(metadata):
            return
        self.done.add(urn)
        if word := _WORDS.get(metadata["op"]):
            self.counts[word] += 1

    def _diagnose(self, diagnostic: Mapping[str, Any]) -> None:
        message = plain(diagnostic.get("message", "")).strip()
        if diagnostic.get("ephemeral") or not message:
            return
        if diagnostic.get("severity") == "error":
            self.failures.append(Failure(diagnostic.get("urn") or "", message))
        elif diagnostic.get("severity") == "warning":
            self.warnings.append(message)

    def _violate(self, violation: Mapping[str, Any]) -> None:
        found = Violation(
            pack=violation["policyPackName"],
            policy=violation["policyName"],
            level=violation["enforcementLevel"],
            severity=violation.get("severity") or "",
            urn=violation.get("resourceUrn") or "",
            message=" ".join(plain(violation["message"]).split()),
        )
        self.violations.append(found)
        self.policies[found.pack, found.policy] = None

    def _note_policies(self, event: Mapping[str, Any]) -> None:
        for kind in ("policyAnalyzeSummaryEvent", "policyAnalyzeStackSummaryEvent"):
            if (ran := event.get(kind)) is not None:
                names = (*ran.get("passed", ()), *ran.get("failed", ()))
                self.policies.update(dict.fromkeys((ran["policyPackName"], name) for name in names))

    def _summarise(self, summary: Mapping[str, Any]) -> None:
        self.engine_counts = dict(summary.get("resourceChanges") or {})


class EventLog:
    """Reads an event log while it is being written."""

    def __init__(self, take: Callable[[Mapping[str, Any]], None]) -> None:
        self._take = take
        self._at = 0
        self._rest = b""

    def read(self, file: Path) -> int:
        """Take every whole line that came since the last call. Returns how many."""
        try:
            with open(file, "rb") as log:
                log.seek(self._at)
                new = log.read()
        except FileNotFoundError:
            return 0
        self._at += len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        taken = 0
        for line in lines:
            # Nine tenths of the lines are the SDK's own debug messages.
            if b'"severity":"debug"' in line or not line.strip():
                continue
            self._take(json.loads(line))
            taken += 1
        return taken


def describe(urn: str) -> str:
    """A URN for people: the type's last two parts and the logical name."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    kind = parts[2].rpartition("$")[2]
    return f"{kind} {parts[-1]}"


def plain(text: str) -> str:
    """The text without the engine's colours."""
    return _STYLE.sub("", text)


def _is_real(metadata: Mapping[str, Any]) -> bool:
    """Whether the step is about something in the cloud: no component, provider, or the stack itself."""
    side = metadata.get("new") or metadata.get("old") or {}
    return bool(side.get("custom")) and not str(metadata.get("type", "")).startswith("pulumi:")
