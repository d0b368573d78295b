"""A file of prices: sealed by its hash, refused where it was edited or is none, written whole."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from palier.costs import price_file
from palier.errors import InputError

from tests.unit.costs.priced import group

CONTENT = price_file.as_content("eu-west-3", (group("ebs_volume", gp3="0.0928"),))


def write(file: Path, content: Any) -> Path:
    """A file with this content and its right hash."""
    file.write_text(json.dumps({**content, "sha256": price_file.digest(content)}))
    return file


def test_what_was_written_is_read_as_it_was(tmp_path: Path) -> None:
    price_file.write(tmp_path / "below" / "prices.json", CONTENT)
    found = price_file.read(tmp_path / "below" / "prices.json")

    assert found.region == "eu-west-3"
    assert found.groups == (group("ebs_volume", gp3="0.0928"),)
    assert [each.name for each in (tmp_path / "below").iterdir()] == ["prices.json"]


def test_the_hash_is_of_the_content_and_not_of_how_it_is_laid_out(tmp_path: Path) -> None:
    file = write(tmp_path / "prices.json", CONTENT)
    turned = dict(reversed(json.loads(file.read_text()).items()))
    file.write_text(json.dumps(turned, indent=8))

    assert price_file.read(file).groups[0].prices == {"gp3": Decimal("0.0928")}


def test_an_edited_file_is_refused_until_it_is_sealed_again(tmp_path: Path) -> None:
    file = write(tmp_path / "prices.json", CONTENT)
    file.write_text(file.read_text().replace("0.0928", "0.0001"))

    with pytest.raises(InputError) as refused:
        price_file.read(file)
    assert str(refused.value) == (
        f"{file}: sha256: the prices do not match their hash: the file was edited; "
        f"`palier cost prices seal {file}` where that is meant"
    )
    assert price_file.seal(file) is True
    assert price_file.seal(file) is False
    assert price_file.read(file).groups[0].prices == {"gp3": Decimal("0.0001")}


def altered(**changes: Any) -> dict[str, Any]:
    """The content with its only group changed."""
    (first,) = CONTENT["groups"]
    return {**CONTENT, "groups": [{**first, **changes}]}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({**CONTENT, "format": 2}, "format: not a file of prices (allowed: 1)"),
        ({**CONTENT, "currency": "EUR"}, "currency: prices of another currency (allowed: USD)"),
        ({**CONTENT, "region": None}, "names no region or holds no groups of prices"),
        ({**CONTENT, "groups": [1]}, "groups[0]: not a group of prices"),
        (altered(source=""), "groups[0].source: missing, or no text"),
        (altered(grade="guessed"), "groups[0].grade: unknown grade (allowed: first_hand, second_hand)"),
        (altered(date="May"), "groups[0].date: 'May' is not a date (allowed: YYYY-MM-DD, YYYY-MM or YYYY)"),
        (altered(prices=[]), "groups[0].prices: not a mapping of prices"),
        (
            altered(prices={"gp3": 0.08}),
            'groups[0].prices.gp3: not an amount (allowed: a text like "0.0104")',
        ),
        (
            altered(prices={"gp3": "-1"}),
            'groups[0].prices.gp3: not an amount (allowed: a text like "0.0104")',
        ),
        (
            altered(prices={"gp3": "NaN"}),
            'groups[0].prices.gp3: not an amount (allowed: a text like "0.0104")',
        ),
    ],
)
def test_what_is_no_file_of_prices_is_refused_with_its_place(
    tmp_path: Path, content: dict[str, Any], told: str
) -> None:
    file = write(tmp_path / "prices.json", content)

    with pytest.raises(InputError) as refused:
        price_file.read(file)
    assert str(refused.value) == f"{file}: {told}"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}'])
def test_other_files_are_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text)

    with pytest.raises(InputError) as refused:
        price_file.read(tmp_path / "other.json")
    assert len(refused.value.lines()) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read: No such file or directory"):
        price_file.read(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("dated", "first"), [("2026-08-29", "2026-08-29"), ("2026-04", "2026-04-01"), ("2026", "2026-01-01")]
)
def test_a_month_or_a_year_is_as_old_as_its_first_day(dated: str, first: str) -> None:
    assert price_file.first_day(dated).isoformat() == first
