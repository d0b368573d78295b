"""docs/capacity-model.md tells what is so: its tables are those of the program."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from tests.unit.docs.pages import ROOT


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_capacity", ROOT / "docs/generate_capacity.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_page_are_those_of_the_program() -> None:
    page = (ROOT / "docs/capacity-model.md").read_text(encoding="utf-8")
    assert generator().written(page) == page, "make docs writes them anew"


def test_every_coefficient_of_the_model_is_used_in_it() -> None:
    from palier.capacity.coefficients import COEFFICIENTS

    code = "".join(
        file.read_text(encoding="utf-8")
        for file in (ROOT / "cli/palier/capacity").glob("*.py")
        if file.name != "coefficients.py"
    )
    assert [each.name for each in COEFFICIENTS if f'"{each.name}"' not in code] == []
