"""docs/fidelity.md tells what is so: its lists are those of the program."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

DOCS = Path(__file__).parents[3] / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_fidelity", DOCS / "generate_fidelity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_holds_the_lists_as_they_are_now() -> None:
    page = (DOCS / "fidelity.md").read_text()
    assert _generator().render(page) == page, "run `make docs`"
