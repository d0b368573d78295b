"""Newer prices from AWS's price list, of the shape that AWS publishes, from a server on loopback."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from palier.commands.main import run
from palier.console import Reporter
from palier.costs import price_file
from palier.costs.offers import OFFERS, NotAnOffer, parse
from palier.costs.prices import open_book
from palier.costs.update import Updated, update
from palier.errors import OperationError

from tests.unit.costs.offered import OFFERED, files, offer_file, row, serving

REGION = "eu-west-3"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the tester's is not for loopback."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of prices."""
    monkeypatch.setenv("PALIER_PRICES_DIR", str(tmp_path / "prices"))
    return tmp_path / "prices"


def updated(**instead: str) -> Updated:
    """An update from a server of these files."""
    with serving(files(**instead)) as base:
        return update(REGION, Reporter(), base=base)


@pytest.mark.parametrize(
    ("kind", "key", "usd"),
    [
        ("ec2_instance", "t4g.small", "0.0188"),
        ("ebs_volume", "gp3", "0.0928"),
        ("nat_gateway", "hour", "0.05"),
        ("nat_gateway", "gb", "0.05"),
        ("rds_postgresql", "db.t4g.medium", "0.076"),
        ("aurora_postgresql", "db.r6g.large", "0.31"),
        ("rds_storage", "gp3", "0.133"),
        ("elasticache_redis", "cache.t4g.micro", "0.018"),
        ("elasticache_valkey", "cache.t4g.micro", "0.0144"),
        ("load_balancer", "application_hour", "0.02646"),
        ("load_balancer", "application_lcu", "0.0084"),
        ("public_ipv4", "in_use_hour", "0.005"),
        ("vpc_endpoint", "interface_hour", "0.011"),
        ("dynamodb", "on_demand_read_unit", "0.000000147"),
        ("dynamodb", "gb_month", "0.29"),
        ("s3", "standard_gb_month", "0.024"),
        ("s3", "get_request", "0.00000042"),
        ("cloudwatch", "alarm_metric_month", "0.1"),
        ("kms", "key_month", "1"),
        ("secrets_manager", "secret_month", "0.4"),
    ],
)
def test_the_wanted_rows_become_prices_of_the_region_itself(
    folder: Path, kind: str, key: str, usd: str
) -> None:
    updated()
    found = open_book().lookup(kind, key, REGION)

    assert found is not None
    assert (found.usd, found.estimate) == (Decimal(usd), False)
    assert (found.grade, found.dated) == ("first_hand", "2026-11-20")
    assert found.source.startswith("AWS Price List, ")
    assert found.source.endswith(", version 20261120080000")


def test_every_rule_is_of_an_offer_that_the_test_serves() -> None:
    assert set(OFFERS) == set(OFFERED)


def test_an_update_with_the_same_prices_changes_nothing(folder: Path) -> None:
    first = updated()
    written = first.file.stat().st_mtime_ns
    second = updated()

    assert (first.changed, second.changed) == (True, False)
    assert second.file.stat().st_mtime_ns == written
    assert second.sentence() == f"{REGION}: nothing changed, {second.prices} prices: {second.file}"


def test_an_edited_file_is_replaced_by_an_update(folder: Path) -> None:
    file = updated().file
    file.write_text(file.read_text().replace("0.0188", "9"))

    assert updated().changed is True
    assert price_file.read(file).region == REGION


def test_where_nobody_answers_it_is_said_what_is_left_and_what_to_do(folder: Path) -> None:
    with serving({}) as base:
        pass  # the server is gone again

    with pytest.raises(OperationError) as failed:
        update(REGION, Reporter(), base=base)
    first, left, following = failed.value.lines()
    address = f"{base}/offers/v1.0/aws/AmazonEC2/current/{REGION}/index.csv"
    assert first.startswith(f"AWS's price list cannot be read: {address}: ")
    assert left == "left: the prices that Palier brings along, unchanged"
    assert following.startswith("next: ")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("instead", "cut", "why"),
    [
        ({}, "AmazonEC2", "bytes before its end"),
        ({"awskms": "<html>sign in</html>"}, "", "not an offer file of awskms"),
        ({"awskms": offer_file("awskms", [])}, "", "no price of kms in it"),
        ({"awskms": offer_file("awskms", [row("KMS-Keys", "free")])}, "", "'free' is not a price"),
        (
            {"awskms": offer_file("awskms", [row("KMS-Keys", "1"), row("us-east-1-KMS-Keys", "2")])},
            "",
            "kms key_month has two prices: 1 and 2",
        ),
    ],
)
def test_a_list_that_breaks_off_or_says_something_else_leaves_the_prices_of_before(
    folder: Path, instead: dict[str, str], cut: str, why: str
) -> None:
    file = updated().file
    before = file.read_bytes()

    with serving(files(**instead), cut=cut) as base, pytest.raises(OperationError) as failed:
        update(REGION, Reporter(), base=base)
    assert why in str(failed.value)
    assert failed.value.left == f"the prices of before, {file}, unchanged"
    assert file.read_bytes() == before
    assert list(folder.iterdir()) == [file]


def test_a_region_that_the_list_does_not_have_is_told(folder: Path) -> None:
    with serving(files()) as base, pytest.raises(OperationError, match="it answers 404"):
        update("ap-south-2", Reporter(), base=base)


def test_other_columns_than_awss_are_refused() -> None:
    text = offer_file("awskms", []).replace("usageType", "Kind of use")

    with pytest.raises(NotAnOffer, match="its columns are others than AWS's"):
        parse("awskms", text.splitlines())


def test_the_command_updates_several_regions_and_says_what_it_did(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = files() | files("eu-west-1")
    with serving(both) as base:
        arguments = ["cost", "prices", "update", "--region", REGION, "--region", "eu-west-1", "--from", base]
        assert run([*arguments, "--output", "json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert run(arguments) == 0
    assert told["changed"] is True
    assert [each["region"] for each in told["regions"]] == [REGION, "eu-west-1"]
    assert capsys.readouterr().out.startswith(f"{REGION}: nothing changed, ")
    assert sorted(each.name for each in folder.iterdir()) == ["eu-west-1.json", "eu-west-3.json"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["--region", "../x"],
            "error: --region: '../x' is no region of AWS (allowed: like eu-west-3)\n",
        ),
        (
            ["--from", "file:///etc"],
            "error: --from: file:///etc/offers/v1.0/aws/AmazonEC2/current/us-east-1/index.csv is no address "
            "of a price list (allowed: https://…)\n",
        ),
    ],
)
def test_bad_input_of_an_update_is_refused(
    folder: Path, arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cost", "prices", "update", *arguments]) == 2
    assert capsys.readouterr().err.endswith(told)
    assert not folder.exists()
