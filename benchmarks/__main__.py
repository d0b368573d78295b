"""`make bench`: measures, prints, and writes the tables of docs/benchmarks.md.

Whole processes, in turn with their floor or peer in one run; medians, and the median of the ratios pair by
pair. `--rounds N` sets how often; `--print` leaves the page alone.
"""

from __future__ import annotations

import argparse
import datetime
import tempfile
from pathlib import Path

from palier.console import reporter
from palier.engine import ensure_engine

from benchmarks import (
    capacity,
    command_line,
    coverage,
    onboarding,
    phases,
    policies,
    sharding,
    shards,
    workstation,
)
from benchmarks.measure import Pair, machine

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def main() -> None:
    """Measure everything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="counted rounds of the phases (default 3)")
    parser.add_argument(
        "--print", action="store_true", help="print the tables, leave docs/benchmarks.md alone"
    )
    options = parser.parse_args()
    engine = ensure_engine(reporter())
    with tempfile.TemporaryDirectory(prefix="palier-bench-") as name:
        folder = Path(name)
        print("palier --help beside bare click")
        help_pair = command_line.beside_click(folder, 15)
        print("no-op `palier up` beside plain pulumi")
        plain = phases.beside_plain_pulumi(engine, folder / "plain", options.rounds + 2)
        print("phases beside a provider that does nothing")
        floor = phases.beside_the_floor(engine, folder, options.rounds)
        print("previews of more and more shards")
        growth = shards.preview_growth(engine, folder / "shards", options.rounds)
        print("policy packs beside what their protocol costs, and beside Checkov")
        judged = policies.table(policies.measure(engine, folder / "policies", options.rounds))
        print("people onboarded at once")
        people = onboarding.table(onboarding.measure(engine, folder / "people"))
        print("a bare Debian made into a developer's machine")
        machines = workstation.table(workstation.measure(folder / "machines"))
        print("locate_many beside other ways to find a key's server")
        routed = sharding.measure()
        print("the forecast beside service-capacity-modeling")
        forecasts = capacity.table(capacity.measure())
        print("80 % intervals on series of known law")
        intervals = coverage.table(coverage.measure())
    tables: tuple[list[str], ...] = (
        _phases(floor),
        _plain(plain),
        _growth(growth),
        judged,
        people,
        machines,
        _routed(routed),
        forecasts,
        intervals,
        _help(help_pair),
    )
    text = "\n".join([*_heading(engine.version), *(line for table in tables for line in table)])
    print(text)
    if not options.print:
        before, rest = PAGE.read_text().split(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


def _heading(engine: str) -> list[str]:
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    return [f"Measured {today} on {machine()}; Pulumi engine {engine}.", ""]


def _row(name: str, pair: Pair, goal: str) -> str:
    low, high = pair.spread
    return (
        f"| {name} | {pair.subject_s:.2f} | {pair.peer_s:.2f} | {pair.ratio:.2f} "
        f"| {low:.2f}–{high:.2f} | {goal} |"
    )


def _phases(floor: dict[tuple[str, str], Pair]) -> list[str]:
    head = [
        "| phase, operation | Palier's provider (s) | does nothing (s) | ratio | range | goal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    return [*head, *(_row(f"{phase}, {what}", pair, "≤ 1.5") for (phase, what), pair in floor.items()), ""]


def _plain(plain: dict[str, Pair]) -> list[str]:
    head = [
        "| no-op `palier up foundation` beside | palier (s) | peer (s) | ratio | range | goal |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    return [*head, *(_row(f"`{name}`", pair, "≤ 1.2") for name, pair in plain.items()), ""]


def _routed(routed: list[sharding.Routed]) -> list[str]:
    count = sharding.SERVERS
    head = [
        f"| where is a key | million keys a second | keys moved, {count} to {count + 1} servers "
        f"| max over mean, {count} | max over mean, {count + 1} |",
        "|---|---:|---:|---:|---:|",
    ]
    rows = (
        f"| {each.name} | {each.keys_per_s / 1e6:.2f} | {each.moved:.2%} "
        f"| {each.max_over_mean:.3f} | {each.max_over_mean_after:.3f} |"
        for each in routed
    )
    return [*head, *rows, ""]


def _growth(growth: shards.Growth) -> list[str]:
    head = [
        "| preview of | seconds | exponent of the growth since the row above | goal |",
        "|---|---:|---:|---:|",
    ]
    steps = growth.steps()
    exponents = {high: f"{exponent:.2f}" for _, high, exponent in steps}
    last = steps[-1][1]
    rows = [
        f"| {count} shards | {growth.median_s(count):.2f} | {exponents.get(count, '')} "
        f"| {'≤ 1.1' if count == last else ''} |"
        for count in sorted(growth.spent)
    ]
    return [*head, *rows, ""]


def _help(pair: Pair) -> list[str]:
    return [
        "| `palier --help` beside | palier (s) | peer (s) | ratio | range | goal |",
        "|---|---:|---:|---:|---:|---:|",
        _row("a click group of one command", pair, "≤ 1.5"),
    ]


if __name__ == "__main__":
    main()
