"""What stands of a phase and how its last run went, for `palier status` and `palier outputs`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from palier.errors import InputError
from palier.phases.stack import PhaseStack


def facts(stack: PhaseStack) -> dict[str, Any]:
    """What stands, what is pending, the last run and one under way, as plain data."""
    state = stack.state()
    record = stack.book.read()
    last = stack.last_run() if state.exists else None
    running = record and {
        "operation": record.operation,
        "pid": record.palier_pid,
        "since": _iso(record.started_at),
        "killed": not record.palier_lives(),
        "log": record.log,
    }
    return {
        "phase": stack.phase.name,
        "environment": stack.name,
        "stack": state.exists,
        "resources": len(state.real),
        "types": dict(sorted(Counter(resource.type for resource in state.real).items())),
        "pending": [{"kind": operation.kind, "urn": operation.urn} for operation in state.pending],
        "refresh_owed": stack.book.owes_refresh(),
        "last_run": _last(last) if last else None,
        "running": running,
    }


def _last(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of the engine's history: its times are Unix seconds in files, ISO text from the engine."""
    ended = entry.get("endTime")
    return {
        "operation": {"update": "up"}.get(str(entry.get("kind")), entry.get("kind")),
        "result": entry.get("result"),
        "ended": _iso(ended) if isinstance(ended, (int, float)) else ended,
        "message": entry.get("message") or "",
        "changes": {kind: number for kind, number in (entry.get("resourceChanges") or {}).items() if number},
    }


def lines(told: Mapping[str, Any]) -> list[str]:
    """The facts for people."""
    head = f"{told['phase']} ({told['environment']}): "
    if not told["stack"]:
        result = [head + "no stack, nothing stands"]
    else:
        result = [head + f"{told['resources']} resources stand"]
        result += [f"  {number:>3} {kind}" for kind, number in told["types"].items()]
    if told["pending"]:
        result.append("pending, from an interrupted run (the next `up` or `refresh` settles it):")
        result += [f"  {operation['kind']} {operation['urn']}" for operation in told["pending"]]
    if told["refresh_owed"]:
        result.append("an interrupted run was settled; the next operation first reads what stands")
    if (last := told["last_run"]) is not None:
        # `same` counts components and the stack too, so it would be another number than what stands.
        kinds = {kind: number for kind, number in last["changes"].items() if kind != "same"}
        changes = ", ".join(f"{number} {kind}" for kind, number in kinds.items())
        result.append(
            f"last run: {last['operation']}, {last['result']}, {last['ended']} ({changes or 'no changes'})"
        )
    if (running := told["running"]) is not None:
        how = "was killed; the next operation settles it" if running["killed"] else "is under way"
        result.append(f"{running['operation']} since {running['since']} (pid {running['pid']}) {how}")
        result.append(f"  log: {running['log']}")
    return result


def named_output(values: Mapping[str, Any], name: str, phase: str) -> Any:
    """One output. Raises InputError with the nearest names where there is none of that name."""
    if name in values:
        return values[name]
    allowed = ", ".join(get_close_matches(name, values, n=3) or sorted(values))
    raise InputError(f"{phase} has no output named {name}", allowed=allowed or "none: it has no outputs yet")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
