"""`palier cdn invalidate`: what it shows, asks and sends, and its exit codes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import click
import pytest
from moto import mock_aws
from palier.cdn import access as cdn_access
from palier.cdn.access import Access, prefixes_of
from palier.cdn.cost import Spent, spent_this_month
from palier.cdn.paths import PathClasses, Prefix
from palier.commands.cdn import cdn, invalidate
from palier.commands.main import COMMANDS, run

from tests.unit.cdn.fake_cloudfront import DISTRIBUTION, FakeCloudFront

CLASSES = PathClasses.of([("immutable", ["/static/*"]), ("private", ["/api/*"])])
SENT = ["cdn", "invalidate"]


@pytest.fixture
def cloudfront(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeCloudFront:
    """A CDN that stands in every environment."""
    fake = FakeCloudFront()
    found = Access(DISTRIBUTION, fake, CLASSES, (Prefix("/shop", "/mobile"),))
    monkeypatch.setattr(cdn_access, "access", lambda _environment, _report: found)
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path))
    return fake


def _sent(cloudfront: FakeCloudFront) -> list[str]:
    return [path for one in cloudfront.made.values() for path in one["batch"]["Paths"]["Items"]]


@pytest.mark.parametrize("command", [cdn, invalidate])
def test_every_command_has_help_with_an_example(command: click.Command) -> None:
    assert "Example" in (command.help or "")


def test_the_table_of_commands_says_what_the_group_says() -> None:
    assert COMMANDS["cdn"][1] == cdn.short_help


def test_paths_are_invalidated_with_what_the_edge_keeps_them_under(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*SENT, "/shop/cart", "/static/app.js", "/api/me", "/index.html"]) == 0
    assert _sent(cloudfront) == ["/index.html", "/mobile/shop/cart", "/shop/cart"]
    shown = capfd.readouterr()
    assert shown.out.splitlines()[-1] == "invalidated: I1"
    assert (
        "left out: /static/app.js; what is immutable never changes under its name: publish it under a new one"
        in shown.err
    )
    assert "left out: /api/me; what is private is not kept by any cache" in shown.err
    assert "3 paths, 0.000 USD (0 of 1,000 free ones used this month)" in shown.err


def test_what_needs_no_invalidation_sends_none(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*SENT, "/static/app.js"]) == 0
    assert capfd.readouterr().out == "nothing to invalidate\n"
    assert cloudfront.made == {}
    assert run([*SENT, "/static/app.js", "--every-class"]) == 0
    assert _sent(cloudfront) == ["/static/app.js"]


def test_a_dry_run_shows_paths_and_cost_and_sends_nothing(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    cloudfront.add("before", 1000, datetime.now(UTC))
    assert run([*SENT, "/a", "/b", "--dry-run", "--no-collapse", "--output", "json"]) == 0
    assert json.loads(capfd.readouterr().out) == {
        "paths": ["/a", "/b"],
        "skipped": [],
        "invalidations": [],
        "estimated_usd": 0.01,
        "free_paths_left": 0,
    }
    assert list(cloudfront.made) == ["before"]


def test_folders_are_drawn_together_rather_than_paid_for(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    cloudfront.add("before", 998, datetime.now(UTC))
    paths = ["/blog/1", "/blog/2", "/blog/3", "/about"]
    assert run([*SENT, *paths]) == 0
    assert _sent(cloudfront)[998:] == ["/blog/*", "/about"]
    assert "4 paths drawn together to 2" in capfd.readouterr().err


def test_elsewhere_than_on_the_local_cloud_somebody_is_asked(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run([*SENT, "/a", "--env", "production"]) == 1
    assert "nobody is there to answer: Invalidate 1 paths in production?" in capfd.readouterr().err
    assert cloudfront.made == {}
    assert run([*SENT, "/a", "--env", "production", "--yes"]) == 0
    assert _sent(cloudfront) == ["/a"]


def test_a_reference_of_the_user_s_is_paid_once(cloudfront: FakeCloudFront) -> None:
    for _ in range(2):
        assert run([*SENT, "/a", "--reference", "release-7"]) == 0
    assert cloudfront.charged == 1
    assert run([*SENT, "/b", "--reference", "release-7"]) == 1


def test_a_run_that_failed_is_gone_on_with(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str]
) -> None:
    cloudfront.steps = 10
    assert run([*SENT, "/a", "--wait-minutes", "0.0001"]) == 1
    assert "next: run the same command again: what was sent is not paid twice" in capfd.readouterr().err
    cloudfront.steps = 0
    assert run([*SENT, "/a"]) == 0
    assert "Going on with the run of" in capfd.readouterr().err
    assert cloudfront.charged == 1
    assert run([*SENT, "/a"]) == 0
    assert cloudfront.charged == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "error: which paths? (allowed: either PATHS or --changed-since REV)"),
        (
            ["/a", "--changed-since", "HEAD"],
            "error: which paths? (allowed: either PATHS or --changed-since REV)",
        ),
        (["a"], "error: PATHS: 'a' is not a path of the site (allowed: a path from / on)"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    cloudfront: FakeCloudFront, capfd: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert run([*SENT, *arguments]) == 2
    assert capfd.readouterr().err.splitlines() == [message]
    assert cloudfront.made == {}


def test_only_splits_that_put_something_before_a_path_keep_it_under_another() -> None:
    splits = [
        SimpleNamespace(path="/shop", prefix="/mobile"),
        SimpleNamespace(path="/search", prefix=None),
    ]
    settings: Any = SimpleNamespace(edge=SimpleNamespace(splits=splits))
    assert prefixes_of(settings) == (Prefix("/shop", "/mobile"),)


def test_paths_of_this_month_are_counted_through_the_real_client() -> None:
    with mock_aws():
        client = boto3.client(
            "cloudfront", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        assert spent_this_month(client) == Spent(0)
        distribution = _distribution(client)
        batch = {"CallerReference": "r", "Paths": {"Quantity": 2, "Items": ["/a", "/b/*"]}}
        client.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
        assert spent_this_month(client) == Spent(2)


def _distribution(client: Any) -> str:
    origin = {
        "Id": "app",
        "DomainName": "app.example.com",
        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
    }
    behavior = {
        "TargetOriginId": "app",
        "ViewerProtocolPolicy": "redirect-to-https",
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "MinTTL": 0,
    }
    config = {
        "CallerReference": "one",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
    }
    return str(client.create_distribution(DistributionConfig=config)["Distribution"]["Id"])
