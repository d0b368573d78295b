"""`palier onboard metrics`, as one calls it: read once from GitHub, then counted offline from the file."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from palier.commands import onboard_metrics
from palier.errors import InputError
from palier.onboarding.github import GitHub
from palier.onboarding.metrics.models import FIRST_FEATURE, PRODUCTIVITY
from palier.onboarding.metrics.settings import MetricsSettings
from palier.onboarding.roster import load

from tests.unit.capacity.served import Asked, Served, Told, serve

Call = Callable[..., Result]
ADA = {"login": "ada", "type": "User"}
ANSWERS: dict[str, Any] = {
    "": {"name": "app"},
    "/pulls": [
        {
            "number": 1,
            "user": ADA,
            "created_at": "2024-01-09T08:00:00Z",
            "updated_at": "2024-01-10T08:00:00Z",
            "merged_at": "2024-01-10T08:00:00Z",
        }
    ],
    "/pulls/1/commits": [],
    "/commits": [{"author": ADA, "commit": {"author": {"date": "2024-01-08T14:00:00Z"}}}],
}


def answer(asked: Asked) -> Told:
    return Told(ANSWERS[asked.path.removeprefix("/repos/shop/app")])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A roster of one person, whose team has one repository."""
    files = {
        "people/ada.yaml": "name: Ada\nemail: ada@shop.example\nteam: web\nstarts: 2024-01-08\n"
        "time_zone: Europe/Paris\nlanguages: [en]\n",
        "teams/web.yaml": "description: Pages\nbuddies: [ada]\nrepositories: {app: push}\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


@pytest.fixture
def call(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the command with the settings of a stack in which the first merged pull request is enough."""
    monkeypatch.chdir(shop)
    settings = SimpleNamespace(
        organization="shop",
        metrics=MetricsSettings(productive_after_merged_pull_requests=1),
    )

    def called(*words: str, served: Served | None = None) -> Result:
        def reached(_environment: str, folder: Path | None, _report: Any, offline: bool) -> Any:
            variables = {"GITHUB_BASE_URL": served.url if served else "", "GITHUB_TOKEN": "a-token"}
            return load(folder), settings, None if offline else GitHub("shop", variables)

        monkeypatch.setattr(onboard_metrics, "reached", reached)
        return CliRunner().invoke(onboard_metrics.metrics, words)

    return called


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.exception
    return json.loads(result.stdout)


def test_what_was_read_once_is_counted_offline_to_the_same(call: Call, shop: Path) -> None:
    with serve(answer) as served:
        first = told(call("--history", "h.json", "--output", "json", "--as-of", "2024-06-01", served=served))
    again = told(call("--history", "h.json", "--output", "json", "--as-of", "2024-06-01", "--offline"))

    assert first == again
    (cohort,) = first["cohorts"]
    assert (cohort["cohort"], cohort[FIRST_FEATURE]["value"]) == ("2024-Q1", 2.0)
    assert cohort[PRODUCTIVITY]["verdict"] == "met", "by the settings of the stack"
    assert (shop / "h.json").is_file()


def test_without_a_history_nothing_is_written(call: Call, shop: Path) -> None:
    before = sorted(shop.rglob("*"))
    with serve(answer) as served:
        result = call("--people", served=served)

    assert result.exit_code == 0
    assert re.search(r"^ada +web +2024-01-08 +6 h ✓ +2 days ✓", result.stdout, re.MULTILINE)
    assert sorted(shop.rglob("*")) == before


def test_surveys_of_the_roster_are_read_without_being_named(call: Call, shop: Path) -> None:
    (shop / "surveys").mkdir()
    (shop / "surveys" / "ada.yaml").write_text("on: 2024-04-08\nsatisfaction: 8.5\n")
    with serve(answer) as served:
        document = told(call("--output", "json", "--by", "year", served=served))

    assert document["all"]["satisfaction_points"]["value"] == 8.5


def test_markdown_can_be_asked_for(call: Call) -> None:
    with serve(answer) as served:
        assert call("--output", "markdown", served=served).stdout.startswith("# Onboarding metrics\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--offline"], "--offline: needs the file that was read before (allowed: with --history)"),
        (["--team", "wep", "--offline", "--history", "h.json"], "--team: no team 'wep' (allowed: web)"),
        (["--as-of", "2999-01-01"], "--as-of: 2999-01-01 is still to come (allowed: up to "),
        (["--surveys", "none"], "none: is not there"),
        (
            ["--offline", "--history", "h.json"],
            "h.json: holds nothing of ada in app (allowed: run it once without --offline)",
        ),
        (["--roster", "none"], "none: --roster: holds no people/"),
    ],
)
def test_input_that_is_wrong_is_one_line(call: Call, words: list[str], message: str) -> None:
    error = call(*words).exception

    assert isinstance(error, InputError)
    assert str(error).startswith(message)


def _read_until(shop: Path, until: str, since: str = "2024-01-07T23:00:00Z") -> None:
    reading = {"repository": "app", "login": "ada", "from": since, "until": until}
    content = {"palier_onboarding_history": 1, "organization": "shop", "readings": [reading]}
    (shop / "h.json").write_text(json.dumps(content))


def test_offline_it_is_as_of_the_last_reading_and_no_later(call: Call, shop: Path) -> None:
    _read_until(shop, "2024-02-01T12:00:00Z")
    offline = ("--offline", "--history", "h.json", "--output", "json")

    assert told(call(*offline))["as_of"] == "2024-02-01T12:00:00+00:00"
    assert told(call(*offline, "--as-of", "2024-01-31"))["as_of"] == "2024-02-01T00:00:00+00:00"
    error = call(*offline, "--as-of", "2024-02-01").exception
    assert "h.json: was read of ada in app until 2024-02-01 12:00 UTC only" in str(error)


def test_a_history_of_another_first_day_is_not_counted_offline(call: Call, shop: Path) -> None:
    _read_until(shop, "2024-12-01T00:00:00Z", since="2024-01-06T23:00:00Z")
    error = call("--offline", "--history", "h.json").exception

    assert "was read of ada in app for another first day or time zone" in str(error)


def test_an_hour_past_the_weeks_of_reading_a_history_is_whole_for_good(call: Call, shop: Path) -> None:
    _read_until(shop, "2024-07-08T08:00:00Z")
    document = told(call("--offline", "--history", "h.json", "--output", "json", "--as-of", "2025-06-01"))

    assert document["all"]["retention_percent"]["value"] == 100.0
