"""docs/policies/ tells what is so: its pages are those of the policies, and the index lists each."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

from palier_policies import catalog

from tests.unit.docs.pages import ROOT
from tests.unit.trees import parsed


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_policies", ROOT / "docs/generate_policies.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_those_of_the_policies() -> None:
    made = generator()
    assert made.standing() == made.pages(), "make docs writes them anew"


def test_the_index_links_every_policy_of_both_packs() -> None:
    index = (ROOT / "docs/policies/README.md").read_text(encoding="utf-8")

    assert re.findall(r"\]\(([\w-]+)\.md\)", index) == [policy.name for policy in catalog.policies()]


def test_a_page_tells_each_setting_with_its_default_and_shows_two_programs() -> None:
    for policy in catalog.policies():
        text = (ROOT / f"docs/policies/{policy.name}.md").read_text(encoding="utf-8")
        programs = re.findall(r"```python\n(.*?)\n```", text, re.DOTALL)

        assert [name for name in policy.settings.model_fields if f"| `{name}` |" not in text] == []
        assert len(programs) == 2
        for program in programs:
            parsed(program)
