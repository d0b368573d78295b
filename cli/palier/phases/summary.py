"""What an operation on several phases did, in one table: phase, resources, changes, seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from palier.phases.runner import Outcome


def totals(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """For `--output json`: resources that stand, changes by kind, seconds, of all phases together."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    stands = sum(outcome.stands for outcome in outcomes)
    seconds = round(sum(outcome.seconds for outcome in outcomes), 2)
    return {**counts, "stands": stands, "seconds": seconds}


def lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The table for people; nothing for one phase, whose sentence says it all."""
    if len(outcomes) < 2:
        return []
    whole = totals(outcomes)
    rows = [("phase", "resources", "seconds", "changes")]
    rows += [(each.phase, str(each.stands), f"{each.seconds:.1f}", each.changes_text()) for each in outcomes]
    changes = "nothing to change" if not any(each.changed for each in outcomes) else ""
    rows.append(("in all", str(whole["stands"]), f"{whole['seconds']:.1f}", changes))
    wide = [max(len(row[column]) for row in rows) for column in range(3)]
    return [
        f"{phase:<{wide[0]}}  {stands:>{wide[1]}}  {seconds:>{wide[2]}}  {said}".rstrip()
        for phase, stands, seconds, said in rows
    ]
