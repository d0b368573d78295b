"""What the commands say: the state of the regions, and what an operation did and how long it took."""

from __future__ import annotations

import time
from typing import Any

from palier.regions.journal import Operation
from palier.regions.measure import Measures
from palier.regions.status import Overview, RegionSeen

UNKNOWN = "–"
COLUMNS = ("region", "role", "database", "lag", "targets", "instances", "sessions", "DNS", "told")


def status_lines(overview: Overview) -> list[str]:
    """The regions as a table, what is left without each, the targets, and what is wrong."""
    lines = [*table([COLUMNS, *(_row(one) for one in overview.seen.values())]), ""]
    for lost, proof in overview.proofs.items():
        lines.append(f"without {lost}: {'ok' if proof.holds else 'SHORT'}: {proof.sentence()}")
    targets = overview.topology.targets
    lines.append(f"targets: RTO {targets.rto_seconds:g} s, RPO {targets.rpo_seconds:g} s")
    problems = overview.problems()
    lines += [f"problem: {problem}" for problem in problems] or ["every region is healthy"]
    return lines


def _row(one: RegionSeen) -> tuple[str, ...]:
    if one.silent is not None or one.database is None or one.tier is None:
        return (one.region, UNKNOWN, f"no answer: {one.silent}", *[UNKNOWN] * 6)
    return (
        one.region,
        one.database.role,
        one.database.state,
        f"{one.lag.seconds:.1f} s" if one.lag else UNKNOWN,
        f"{one.tier.healthy} of {one.tier.targets}",
        f"{one.tier.instances}, at most {one.tier.max_instances}",
        str(one.sessions),
        str(one.dns),
        str(one.active),
    )


def operation_data(operation: Operation, measures: Measures) -> dict[str, Any]:
    """An operation as JSON tells it: times in seconds since the epoch."""
    return {
        "changed": True,
        "operation": operation.id,
        "kind": operation.kind,
        "from": operation.source,
        "to": operation.to,
        "outcome": operation.outcome,
        "began_at": operation.began_at,
        "ended_at": operation.ended_at,
        "steps": [
            {
                "step": entry.step,
                "ended_at": entry.ended_at,
                "seconds": round(entry.seconds, 3),
                "left": entry.left,
                "found": entry.found,
            }
            for entry in operation.entries
        ],
        **measures.as_data(),
    }


def operation_lines(operation: Operation, measures: Measures) -> list[str]:
    """An operation as a table of its steps, then what was measured."""
    rows: list[tuple[str, ...]] = [("step", "seconds", "")]
    rows += [
        (entry.step, f"{entry.seconds:.1f}", f"left undone: {entry.left}" if entry.left else "")
        for entry in operation.entries
    ]
    told = measures.as_data()
    lines = [*table(rows), "", f"{operation.sentence()}: {operation.outcome or 'interrupted'}"]
    if measures.rto_seconds is not None or measures.rpo_seconds is not None:
        lines.append(_measured("RTO", told["rto"], "until applications are told of a database that writes"))
        lines.append(_measured("RPO", told["rpo"], measures.rpo_basis))
    return lines


def _measured(name: str, row: dict[str, Any], basis: str) -> str:
    if row["seconds"] is None:
        return f"{name} not measured: {basis}"
    verdict = "kept" if row["kept"] else "MISSED"
    return f"{name} {row['seconds']:.1f} s, target {row['target_seconds']:g} s: {verdict} ({basis})"


def history_lines(operations: list[Operation]) -> list[str]:
    """Operations, newest first."""
    rows: list[tuple[str, ...]] = [("began", "what", "outcome", "steps", "seconds")]
    for one in reversed(operations):
        began = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(one.began_at))
        took = f"{one.ended_at - one.began_at:.0f}" if one.ended_at else UNKNOWN
        rows.append((began, one.sentence(), one.outcome or "interrupted", str(len(one.entries)), took))
    return table(rows)


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows with their columns aligned; the first is the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
