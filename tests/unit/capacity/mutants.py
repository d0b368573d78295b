"""The threshold table with one number moved, and the tests that hold it run on each: are they red?

Run as a program of its own, for the module is replaced before anything imports it: each mutant in a fork of
a process that has pytest loaded and nothing of Palier's. Prints pytest's exit code by mutant, as JSON.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis  # noqa: F401  loaded once, before the forks
import pytest

MODULE = "palier.capacity.thresholds"
HOLDING = "tests/unit/capacity/test_threshold_table.py"
# The copy of the document's table catches everything, and says nothing of what the numbers do.
_COPY = "test_the_table_has_the_nine_rows_of_the_document_and_their_numbers"
CONTROL = "nothing moved"
_INVALID = 70
# In the row's unit. Deployments a week at 1 and at a quarter: by one, the row would be none.
_STEPS = {"deployment_frequency": 0.01}


@dataclass(frozen=True)
class Number:
    """A number of the table: whose, which level, and where in the source it stands."""

    metric: str
    level: str
    start: int
    end: int


def numbers(source: str) -> list[Number]:
    """The numbers of the table, both levels of each row."""
    lines = [0]
    for line in source.encode().splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    found = []
    for call in ast.walk(ast.parse(source)):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
            continue
        if call.func.id not in ("_technical", "_organisational"):
            continue
        metric, _, third, fourth = call.args[:4]
        pair = third.elts if isinstance(third, ast.Tuple) else [third, fourth]
        assert isinstance(metric, ast.Constant)
        for level, node in zip(("attention", "critical"), pair, strict=True):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            start = lines[node.lineno - 1] + node.col_offset
            end = lines[node.end_lineno - 1] + node.end_col_offset
            found.append(Number(str(metric.value), level, start, end))
    return found


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """A name and the source, for each number moved up and down; the first has nothing moved."""
    yield CONTROL, source
    text = source.encode()
    for number in numbers(source):
        for sign in "+-":
            step = _STEPS.get(number.metric, 1)
            moved = f"({text[number.start : number.end].decode()} {sign} {step})".encode()
            name = f"{number.metric} {number.level} {sign}{step}"
            yield name, (text[: number.start] + moved + text[number.end :]).decode()


def _tested(source: str) -> int:
    """Pytest's exit code with the table's module as `source` has it."""
    spec = importlib.util.find_spec(MODULE)
    assert spec is not None
    assert spec.origin is not None
    assert MODULE not in sys.modules
    module = importlib.util.module_from_spec(spec)
    sys.modules[MODULE] = module
    try:
        exec(compile(source, spec.origin, "exec"), module.__dict__)
    except ValueError:
        return _INVALID  # a row that cannot be made is caught by no test
    # pyproject.toml sets a timeout, so that plugin is wanted; some others import pandas, each time anew.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = [
        "-x",
        "-q",
        "-p",
        "pytest_timeout",
        "-p",
        "no:cacheprovider",
        "--deselect",
        f"{HOLDING}::{_COPY}",
        HOLDING,
    ]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        return int(pytest.main(arguments))


def _forked(source: str) -> int:
    child = os.fork()
    if child == 0:
        code = 71  # what ends the fork in any other way
        try:
            code = _tested(source)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Test every mutant and print what became of it."""
    root = Path(__file__).parents[3]
    source = (root / "cli" / "palier" / "capacity" / "thresholds.py").read_text(encoding="utf-8")
    os.chdir(root)
    print(json.dumps({name: _forked(text) for name, text in mutants(source)}))


if __name__ == "__main__":
    main()
