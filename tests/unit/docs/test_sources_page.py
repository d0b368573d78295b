"""docs/capacity-sources.md names every setting, every metric, and the AWS metrics each comes of."""

from __future__ import annotations

import pytest
from palier.capacity.collecting import DAYS_BACK
from palier.capacity.platform_file import Platform
from palier.capacity.sources.cloudwatch import MEASURES, SETTING
from palier.capacity.sources.github import MOST_CANDIDATES, SLOWEST_DEPLOYMENT_DAYS
from palier.capacity.sources.settings import CloudWatchSettings, GitHubSettings, PrometheusSettings
from yaml import safe_load

from tests.unit.docs.pages import _FENCE, ROOT, rows

PAGE = (ROOT / "docs/capacity-sources.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("model", [CloudWatchSettings, GitHubSettings, PrometheusSettings])
def test_every_setting_is_on_the_page(model: type[CloudWatchSettings]) -> None:
    assert [name for name in model.model_fields if f"`{name}`" not in PAGE] == []


def test_every_metric_of_cloudwatch_has_what_it_comes_of_and_needs() -> None:
    table = rows(PAGE, "metric")
    for measure in MEASURES:
        (cells,) = [each for each in table if f"`{measure.metric}`" in each[0]]
        for series in measure.series:
            assert series.namespace in cells[1]
            assert series.metric in cells[1]
            assert f"`{SETTING[series.dimension]}`" in cells[2]
        assert [name for name in measure.needs if f"`{name}`" not in cells[2]] == []


def test_the_settings_that_the_page_shows_are_accepted() -> None:
    shown = [text for language, text in _FENCE.findall(PAGE) if language == "yaml"]
    named = {name for text in shown for name in Platform(platform="p", **safe_load(text)).sources.named}
    assert named == {"cloudwatch", "github", "prometheus"}


def test_the_numbers_of_the_page_are_the_programs() -> None:
    assert f"or for {DAYS_BACK} days" in PAGE
    assert f"of the {MOST_CANDIDATES} after its merge" in PAGE
    assert f"more than {SLOWEST_DEPLOYMENT_DAYS} days before the month" in PAGE
