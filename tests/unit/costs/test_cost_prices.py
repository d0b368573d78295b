"""The price book: which price counts, what another region is estimated at, and when prices are old."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from palier.costs import price_file
from palier.costs.prices import age_warning, built_in, open_book

from tests.unit.costs.priced import book, built_in_book, group


@pytest.mark.parametrize(
    ("kind", "key", "usd", "grade", "dated"),
    [
        ("ec2_instance", "t4g.small", "0.0168", "first_hand", "2026-07-20"),
        ("rds_postgresql", "db.m5.large", "0.178", "first_hand", "2026-08-29"),
        ("rds_postgresql", "db.t4g.medium", "0.065", "second_hand", "2026-04"),
        ("elasticache_redis", "cache.r6g.large", "0.206", "first_hand", "2026-08-29"),
        ("nat_gateway", "hour", "0.045", "first_hand", "2026-08-29"),
        ("dynamodb", "on_demand_read_unit", "0.000000125", "first_hand", "2026-08-29"),
        ("ebs_volume", "gp3", "0.08", "second_hand", "2026-04"),
    ],
)
def test_paliers_own_prices_are_the_facts_with_their_date_and_grade(
    kind: str, key: str, usd: str, grade: str, dated: str
) -> None:
    found = built_in_book().lookup(kind, key, "us-east-1")

    assert found is not None
    assert (found.usd, found.grade, found.dated) == (Decimal(usd), grade, dated)
    assert found.estimate is False
    assert found.source


def test_every_group_of_paliers_own_says_unit_source_date_and_grade() -> None:
    for found in built_in().groups:
        assert found.unit.startswith("USD per ")
        assert found.source
        assert found.date < date(2026, 11, 26)
        assert found.prices


def test_no_thing_has_two_prices_of_paliers_own() -> None:
    places = [(found.kind, key) for found in built_in().groups for key in found.prices]

    assert len(places) == len(set(places))


def test_another_region_is_an_estimate_by_ratio() -> None:
    found = built_in_book().lookup("ec2_instance", "t4g.small", "eu-west-3")

    assert found is not None
    assert found.usd == Decimal("0.0168") * Decimal("1.165")
    assert found.estimate is True


@pytest.mark.parametrize(
    ("kind", "key", "region"),
    [
        ("ec2_instance", "t4g.small", "ap-south-2"),
        ("ec2_instance", "t4g.small", "unknown region"),
        ("ec2_instance", "x1.huge", "us-east-1"),
        ("rds_oracle", "db.m5.large", "us-east-1"),
        ("", "", "us-east-1"),
    ],
)
def test_what_is_not_known_has_no_price(kind: str, key: str, region: str) -> None:
    assert built_in_book().lookup(kind, key, region) is None


def test_a_price_of_the_region_itself_counts_before_an_estimate() -> None:
    home, own = book(group("ebs_volume", gp3="0.08"), eu_west_3="2"), group("ebs_volume", gp3="0.1")
    both = type(home)((*home.lists, *book(own, region="eu-west-3").lists))
    found = both.lookup("ebs_volume", "gp3", "eu-west-3")

    assert found is not None
    assert (found.usd, found.estimate) == (Decimal("0.1"), False)


def test_a_given_file_counts_before_the_updated_one_and_that_before_paliers_own(tmp_path: Path) -> None:
    def wanted(usd: str, file: Path) -> Path:
        price_file.write(file, price_file.as_content("us-east-1", (group("ebs_volume", gp3=usd),)))
        return file

    folder = tmp_path / "updated"
    wanted("2", folder / "us-east-1.json")
    given = wanted("1", tmp_path / "given.json")

    def gp3(file: Path | None, region: str = "us-east-1") -> Decimal:
        found = open_book(file, folder=folder).lookup("ebs_volume", "gp3", region)
        assert found is not None
        return found.usd

    assert gp3(given) == 1
    assert gp3(None) == 2
    assert gp3(None, "eu-west-3") == Decimal("2.330")
    found = open_book(given, folder=folder).lookup("ec2_instance", "t4g.small", "us-east-1")
    assert found is not None


def test_the_users_folder_is_where_its_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_PRICES_DIR", str(tmp_path))
    content = price_file.as_content("us-east-1", (group("ebs_volume", gp3="7"),))
    price_file.write(tmp_path / "us-east-1.json", content)
    found = open_book().lookup("ebs_volume", "gp3", "us-east-1")

    assert found is not None
    assert found.usd == 7


@pytest.mark.parametrize(("today", "old"), [(date(2026, 11, 27), False), (date(2026, 11, 28), True)])
def test_prices_are_old_after_ninety_days(today: date, old: bool) -> None:
    found = book(group("nat_gateway", "2026-08-29", hour="1")).lookup("nat_gateway", "hour", "us-east-1")
    assert found is not None

    warning = age_warning([found, found], today)

    assert warning == (
        "prices older than 90 days: nat gateway of 2026-08-29; "
        "`palier cost prices update` gets newer ones from AWS"
        if old
        else None
    )
