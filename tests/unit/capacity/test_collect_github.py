"""`palier capacity collect` with GitHub: a small server answers in the shapes of its REST API."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier.commands.main import run

from tests.unit.capacity.served import Asked, Served, Told, serve

Capture = pytest.CaptureFixture[str]
PERIOD = ("--from", "2024-04-01", "--to", "2024-04-30")
ROOT = "/repos/jobo/app"
SECRET = "ghp_0123456789abcdefOfATest"
ANNE, BOB, BOT = (
    {"login": name, "type": kind} for name, kind in (("anne", "User"), ("bob", "User"), ("b", "Bot"))
)


def pull(number: int, opened: str, merged: str | None, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "user": ANNE,
        "created_at": opened,
        "updated_at": merged or opened,
        "merged_at": merged,
        "merge_commit_sha": f"merge{number}",
        **more,
    }


def review(user: Any, at: str) -> dict[str, Any]:
    return {"user": user, "state": "COMMENTED", "submitted_at": at}


def commit(at: str) -> dict[str, Any]:
    return {"sha": "c", "commit": {"author": {"date": at}, "committer": {"date": at}}}


def issue(opened: str, closed: str | None, **more: Any) -> dict[str, Any]:
    return {"created_at": opened, "closed_at": closed, "user": ANNE, **more}


def april() -> dict[str, Any]:
    """Two pull requests of people, merged and deployed; one deployment that failed; two incidents opened."""
    return {
        "": {"default_branch": "main"},
        "/deployments": [
            {"id": 4, "sha": "later", "created_at": "2024-05-02T10:00:00Z"},
            {"id": 3, "sha": "failed", "created_at": "2024-04-20T10:00:00Z"},
            {"id": 2, "sha": "merge2", "created_at": "2024-04-13T00:00:00Z"},
            {"id": 1, "sha": "early", "created_at": "2024-04-04T00:00:00Z"},
            {"id": 0, "sha": "old", "created_at": "2024-03-30T10:00:00Z"},
        ],
        "/deployments/4/statuses": [{"state": "success", "created_at": "2024-05-02T10:10:00Z"}],
        "/deployments/3/statuses": [{"state": "failure", "created_at": "2024-04-20T10:10:00Z"}],
        "/deployments/2/statuses": [
            {"state": "inactive", "created_at": "2024-05-02T10:11:00Z"},
            {"state": "success", "created_at": "2024-04-13T00:00:00Z"},
        ],
        "/deployments/0/statuses": [{"state": "success", "created_at": "2024-03-30T10:10:00Z"}],
        "/deployments/1/statuses": [{"state": "success", "created_at": "2024-04-04T00:00:00Z"}],
        "/pulls": [
            pull(5, "2024-04-29T00:00:00Z", "2024-05-01T00:00:00Z"),
            pull(4, "2024-04-20T00:00:00Z", "2024-04-21T00:00:00Z", user=BOT),
            pull(3, "2024-04-14T00:00:00Z", None),
            pull(2, "2024-04-10T00:00:00Z", "2024-04-12T00:00:00Z"),
            pull(1, "2024-04-02T00:00:00Z", "2024-04-03T00:00:00Z"),
            pull(0, "2024-03-02T00:00:00Z", "2024-03-03T00:00:00Z"),
        ],
        "/pulls/1/commits": [commit("2024-04-01T00:00:00Z")],
        "/pulls/2/commits": [commit("2024-04-08T00:00:00Z")],
        "/pulls/1/reviews": [review(ANNE, "2024-04-02T01:00:00Z"), review(BOB, "2024-04-02T06:00:00Z")],
        "/pulls/2/reviews": [review(BOT, "2024-04-10T00:01:00Z"), review(BOB, "2024-04-10T10:00:00Z")],
        "/issues/1/events": [],
        "/issues/2/events": [{"event": "labeled", "created_at": "2024-04-10T09:00:00Z"}],
        "/compare/merge1...early": {"status": "ahead"},
        "/labels/incident": {"name": "incident"},
        "/issues": [
            issue("2024-03-31T22:00:00Z", "2024-04-01T02:00:00Z"),
            issue("2024-04-05T00:00:00Z", "2024-04-05T02:00:00Z"),
            issue("2024-04-28T00:00:00Z", None),
            issue("2024-04-06T00:00:00Z", "2024-04-09T00:00:00Z", pull_request={}),
        ],
    }


class Hub:
    """A repository that answers in pages of two, and 404 for what it does not have."""

    def __init__(self, has: dict[str, Any]) -> None:
        self.has = has
        self.url = ""

    def __call__(self, asked: Asked) -> Told:
        data = self.has.get(asked.path.removeprefix(ROOT)) if asked.path.startswith(ROOT) else None
        if data is None:
            return Told({"message": "Not Found"}, 404)
        if not isinstance(data, list):
            return Told(data)
        page = int(asked.parameters.get("page", "1"))
        more = {**asked.parameters, "page": str(page + 1)}
        following = f"{self.url}{asked.path}?" + "&".join(f"{name}={value}" for name, value in more.items())
        link = f'<{self.url}{asked.path}?page=1>; rel="first", <{following}>; rel="next"'
        headers = {"Link": link} if len(data) > 2 * page else {}
        return Told(data[2 * page - 2 : 2 * page], headers=headers)


@pytest.fixture
def hub() -> Hub:
    return Hub(april())


@pytest.fixture
def server(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    with serve(hub) as served:
        hub.url = served.url
        yield served


def platform(folder: Path, address: str, **more: Any) -> Path:
    github = {"repository": "jobo/app", "url": address, **more}
    (folder / "palier.yaml").write_text(yaml.safe_dump({"platform": "p", "sources": {"github": github}}))
    return folder


def collect(capsys: Capture, folder: Path, *arguments: str, code: int = 0) -> str:
    """What was said; nowhere the token."""
    assert run(["capacity", "collect", "--platform", str(folder), *arguments]) == code, capsys.readouterr()
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    assert "Traceback" not in captured.err
    return captured.out + captured.err


def values(folder: Path) -> dict[str, str]:
    lines = (folder / "observations/github.csv").read_text().splitlines()[1:]
    cells = [line.split(",") for line in lines]
    assert {line[0] for line in cells} == {"2024-04-30"}
    return {name: f"{value} {unit}, {source}" for _, name, value, unit, source in cells}


def test_a_month_is_told_from_deployments_pull_requests_reviews_and_incidents(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert values(tmp_path) == {
        "code_review_time": "8 hours, github",  # 6 and 10; neither the author's nor a bot's
        "cycle_time": "1.5 days, github",  # 1 and 2
        "deployment_frequency": "0.466667 deployments per week, github",  # 2 in 30 days
        "incident_mttr": "3 hours, github",  # 4 and 2, closed in the month
        "incidents": "2 incidents per month, github",  # opened in the month
        "lead_time": "4 days, github",  # 3 and 5
    }


def test_a_draft_waits_for_its_review_from_when_it_was_ready(
    tmp_path: Path, hub: Hub, server: Served, capsys: Capture
) -> None:
    hub.has["/issues/2/events"] = [
        {"event": "ready_for_review", "created_at": f"2024-04-10T{hour}:00:00Z"}
        for hour in ("02", "06", "11")
    ]
    collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert values(tmp_path)["code_review_time"] == "5 hours, github"  # 6 and 4


def test_a_deployment_that_waited_over_the_turn_of_the_month_counts_when_it_succeeds(
    tmp_path: Path, hub: Hub, server: Served, capsys: Capture
) -> None:
    hub.has["/deployments/0/statuses"] = [{"state": "success", "created_at": "2024-04-02T10:00:00Z"}]
    collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert values(tmp_path)["deployment_frequency"] == "0.7 deployments per week, github"  # 3 in 30 days


def test_the_token_goes_into_the_header_of_every_page(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}
    pages = [asked.parameters.get("page", "1") for asked in server.asked if asked.path == f"{ROOT}/pulls"]
    assert pages == ["1", "2", "3"]


def test_a_second_run_finds_nothing_new(tmp_path: Path, server: Served, capsys: Capture) -> None:
    folder = platform(tmp_path, server.url)
    collect(capsys, folder, *PERIOD)
    assert "github: nothing new, 6 known" in collect(capsys, folder, *PERIOD)


def test_without_deployments_lead_time_ends_with_the_merge_and_says_so(
    tmp_path: Path, hub: Hub, server: Served, capsys: Capture
) -> None:
    hub.has["/deployments"] = []
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert "no deployment to production; lead_time ends with the merge" in said
    found = values(tmp_path)
    assert found["lead_time"] == "3 days, github (to merge)"  # 2 and 4
    assert "deployment_frequency" not in found


def test_what_no_deployment_holds_is_left_out_of_lead_time_and_said(
    tmp_path: Path, hub: Hub, server: Served, capsys: Capture
) -> None:
    hub.has["/compare/merge1...early"] = {"status": "diverged"}
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert "lead_time of 2024-04 leaves out what no deployment to production holds: 1 of its" in said
    assert values(tmp_path)["lead_time"] == "5 days, github"


def test_without_the_label_no_incident_is_told_rather_than_none(
    tmp_path: Path, server: Served, capsys: Capture
) -> None:
    said = collect(capsys, platform(tmp_path, server.url, incident_label="outage"), *PERIOD)
    assert "no label 'outage'" in said
    assert not {"incidents", "incident_mttr"} & set(values(tmp_path))


def test_a_span_in_which_no_month_ends_asks_nothing(tmp_path: Path, server: Served, capsys: Capture) -> None:
    said = collect(capsys, platform(tmp_path, server.url), "--from", "2024-04-01", "--to", "2024-04-29")
    assert "no month ends from 2024-04-01 to 2024-04-29" in said
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1714565000"}),
        (429, {"Retry-After": "3600"}),
    ],
)
def test_a_rate_limit_is_told_with_its_end_and_not_waited_for(
    tmp_path: Path, server: Served, capsys: Capture, status: int, headers: dict[str, str]
) -> None:
    server.answer = lambda _: Told({"message": "API rate limit exceeded"}, status, headers)
    began = time.monotonic()
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert time.monotonic() - began < 10
    assert "github: the rate limit is reached" in said
    assert re.search(r"again after \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", said)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "GitHub refuses the token of GITHUB_TOKEN"),
        (404, "no repository jobo/app, or none that the token of GITHUB_TOKEN may read"),
        (403, "the repository: HTTP 403: Must have admin rights"),
        (502, "the repository: HTTP 502"),
    ],
)
def test_a_refusal_of_github_is_one_line(
    tmp_path: Path, server: Served, capsys: Capture, status: int, message: str
) -> None:
    server.answer = lambda _: Told({"message": "Must have admin rights"}, status)
    assert message in collect(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert not (tmp_path / "observations/github.csv").exists()


def test_a_next_page_at_another_host_is_not_followed(tmp_path: Path, server: Served, capsys: Capture) -> None:
    hub = server.answer
    link = {"Link": '<http://127.0.0.1:1/steal>; rel="next"'}
    server.answer = lambda asked: Told([], headers=link) if "deployments" in asked.path else hub(asked)
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "sends on to 127.0.0.1:1" in said


def test_an_answer_of_another_form_is_one_line(
    tmp_path: Path, hub: Hub, server: Served, capsys: Capture
) -> None:
    hub.has["/pulls"] = [{"number": 1}]
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD, code=1)
    assert "an answer has not the form of GitHub's REST API (KeyError('updated_at'))" in said


def test_without_a_token_it_asks_nevertheless_and_says_so(
    tmp_path: Path, server: Served, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    said = collect(capsys, platform(tmp_path, server.url), *PERIOD)
    assert "GITHUB_TOKEN is not set" in said
    assert not any("authorization" in asked.headers for asked in server.asked)
