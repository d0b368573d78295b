"""The pages of the phases say what the models say, and their examples are settings that pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.replicas.settings import ReplicasSettings
from palier_stacks.settings import PhaseSettings, reference
from palier_stacks.shards.settings import ShardsSettings

PAGES = Path(__file__).parents[3] / "docs/phases"
MODELS = pytest.mark.parametrize(
    "model", [FoundationSettings, ReplicasSettings, ShardsSettings, MultiRegionSettings]
)


def _page(model: type[PhaseSettings]) -> str:
    return (PAGES / f"{model.PHASE}.md").read_text()


@MODELS
def test_the_settings_of_a_page_are_those_of_the_model(model: type[PhaseSettings]) -> None:
    begin, end = "reference) -->\n\n", "\n<!-- settings: end -->"
    _, _, rest = _page(model).partition(begin)

    assert rest.partition(end)[0] == reference(model)


@MODELS
def test_every_setting_has_a_sentence(model: type[PhaseSettings]) -> None:
    rows = [line for line in reference(model).splitlines() if line.startswith("| `")]

    assert len(rows) > 15
    assert all(re.search(r"\| [A-Z][^|]+\. \|$", row) for row in rows), "a sentence ends in a full stop"


@MODELS
def test_the_example_for_production_passes(model: type[PhaseSettings]) -> None:
    (example,) = re.findall(r"```yaml\n(config:\n.*?)```", _page(model), re.DOTALL)

    assert model.from_config(yaml.safe_load(example)["config"])


@MODELS
@pytest.mark.parametrize(
    "part", ["What it makes", "What it costs", "When you need it", "How to leave it", "Settings"]
)
def test_every_page_answers_the_same_questions(model: type[PhaseSettings], part: str) -> None:
    assert f"\n## {part}\n" in _page(model)
