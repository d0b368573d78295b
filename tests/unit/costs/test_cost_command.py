"""`palier cost`: what it prints, how it exits, and that it asks nobody."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from palier.commands import cost
from palier.commands.main import run
from palier.costs import price_file

from tests.unit.costs.priced import group

URN = "urn:pulumi:local::foundation::{}::{}"


def resource(token: str, name: str, region: str, **inputs: Any) -> dict[str, Any]:
    """A resource of a state."""
    inputs["region"] = region
    return {"urn": URN.format(token, name), "type": token, "custom": True, "inputs": inputs}


RESOURCES = [
    resource("aws:ec2/natGateway:NatGateway", "nat-a", "eu-west-3"),
    resource("aws:ec2/natGateway:NatGateway", "nat-b", "eu-west-3"),
    resource("aws:ec2/eip:Eip", "nat-a", "us-east-1"),
    resource("aws:kms/key:Key", "data", "eu-west-3"),
    resource("aws:ec2/vpc:Vpc", "vpc", "eu-west-3"),
    resource("aws:redshift/cluster:Cluster", "lake", "eu-west-3"),
]
TEXT = """\
foundation: 80.19 USD a month  estimate
  VPC                                                        80.19
    NAT gateways, eu-west-3                                  76.54  1460 hours × 0.052425  estimate
    public IPv4 addresses, us-east-1                          3.65  730 hours × 0.005

total: 80.19 USD a month (on demand; without tax, free tier, reservations and what is paid by use)
total: 73.77 EUR a month, at 0.92 EUR per USD
estimate: the price of us-east-1 times a ratio of the region

paid by use, not in the total:
  VPC: data through NAT gateways, eu-west-3: 0.052425 USD per GB processed  estimate

costs, and has no price here, not in the total:
  KMS: keys: data in eu-west-3

of types that Palier knows no cost of:
  redshift: aws:redshift/cluster:Cluster: lake in eu-west-3
"""


@pytest.fixture(autouse=True)
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local cloud's folder of the test's own, no updated prices, and a day of its own."""
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("PALIER_PRICES_DIR", str(tmp_path / "prices"))
    monkeypatch.setattr(cost, "today", lambda: date(2026, 8, 30))
    return tmp_path / "local"


@pytest.fixture
def export(tmp_path: Path) -> str:
    """The file of a stack's export."""
    (tmp_path / "export.json").write_text(json.dumps({"deployment": {"resources": RESOURCES}}))
    return str(tmp_path / "export.json")


def stand(local: Path, phase: str, resources: list[dict[str, Any]]) -> None:
    """Make the state of a phase tell these resources."""
    file = local / "backend" / ".pulumi" / "stacks" / phase / "local.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))


def test_an_export_is_told_by_service_item_and_total(export: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "show", "--from", export, "--eur-per-usd", "0.92"]) == 0
    said = capsys.readouterr()
    assert said.out == TEXT
    assert said.err == (
        "warning: prices older than 90 days: public ipv4 of 2026-04; "
        "`palier cost prices update` gets newer ones from AWS\n"
    )


def test_json_has_every_item_with_its_price_and_where_that_comes_from(
    export: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cost", "show", "--from", export, "--output", "json", "--eur-per-usd", "0.92"]) == 0
    told = json.loads(capsys.readouterr().out)

    (phase,) = told["phases"]
    items = phase["standing"]["items"]
    assert (told["monthly_usd"], told["monthly_eur"], told["currency"]) == ("80.19", "73.77", "USD")
    assert phase["standing"]["services"] == {"VPC": "80.19"}
    kinds = ["priced", "by_use", "priced", "by_use", "priced", "no_price", "free", "unlisted"]
    assert [item["kind"] for item in items] == kinds
    assert items[0]["monthly_usd"] == "38.27"
    assert items[0]["price"] == {
        "usd": "0.052425",
        "unit": "USD per gateway-hour",
        "grade": "first_hand",
        "source": "AWS Price List API, offer version 20260821071526, as published in a generated table",
        "date": "2026-08-29",
        "estimate": True,
    }


def test_what_stands_is_read_from_the_states_without_an_engine(
    local: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    stand(local, "foundation", RESOURCES[:1])
    assert run(["cost", "show", "--through", "replicas", "--output", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["phase"], each["standing"]["monthly_usd"]) for each in told["phases"]] == [
        ("foundation", "38.27"),
        ("replicas", "0.00"),
    ]
    assert run(["cost", "show", "foundation"]) == 0
    assert "foundation: 38.27 USD a month" in capsys.readouterr().out


def test_where_nothing_stands_it_is_said_how_to_see_what_it_would_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["cost", "show", "cdn"]) == 0
    said = capsys.readouterr()
    assert "nothing of it stands in local; --planned tells what it would cost" in said.err


def test_a_given_file_of_prices_counts_first(
    export: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prices.json"
    price_file.write(file, price_file.as_content("eu-west-3", (group("nat_gateway", hour="1"),)))

    assert run(["cost", "show", "--from", export, "--prices", str(file), "--output", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["monthly_usd"] == "1463.65"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "nothing"], "error: no phase named nothing"),
        (["show", "cdn", "--through", "cdn"], "error: name one phase, or all on the way to one"),
        (["show", "cdn", "--from", "x.json"], "error: --from: a file is priced alone"),
        (["show", "--from", "none.json"], "error: none.json: cannot be read: No such file or directory"),
        (["show", "--prices", "none.json"], "error: none.json: cannot be read: No such file or directory"),
        (["show", "--eur-per-usd", "0"], "error: --eur-per-usd: '0' is no rate (allowed: euros for a dollar"),
        (["show", "--eur-per-usd", "NaN"], "error: --eur-per-usd: 'NaN' is no rate"),
        (["prices", "seal", "none.json"], "error: none.json: cannot be read: No such file or directory"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_line(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["cost", *arguments]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(told)
    assert said.out == ""


def test_the_prices_are_shown_with_age_grade_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cost", "prices", "show"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()

    assert lines[0].startswith("us-east-1: palier's own, sha256 ")
    assert (
        "  ec2_instance        177  2026-07-20    41 days  first_hand  USD per instance-hour, Linux" in lines
    )
    assert "older than 90 days" in said.err
    assert run(["cost", "prices", "show", "--output", "json"]) == 0
    (own,) = json.loads(capsys.readouterr().out)["lists"]
    assert own["groups"][0]["age_days"] == 41
    assert own["ratios"]["eu-west-3"] == "1.165"


def test_an_edited_file_is_refused_until_it_is_sealed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prices.json"
    price_file.write(file, price_file.as_content("us-east-1", (group("ebs_volume", gp3="1"),)))
    file.write_text(file.read_text().replace('"1"', '"2"'))

    assert run(["cost", "prices", "show", "--prices", str(file)]) == 2
    assert f"`palier cost prices seal {file}`" in capsys.readouterr().err
    assert run(["cost", "prices", "seal", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: sealed\n"
    assert run(["cost", "prices", "show", "--prices", str(file)]) == 0
