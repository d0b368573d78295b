"""The facts that settings are checked against are those of the packages they were taken from."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from palier_stacks import facts

from tests.unit.stacks.derive_facts import derive, render

FILE = Path(facts.__file__).parent / "aws.json"


def test_the_shipped_file_is_what_the_installed_tables_give() -> None:
    shipped = json.loads(FILE.read_text())
    if f"cfn-lint {version('cfn-lint')}" not in shipped["source"]["cache"]:
        pytest.skip("the tables of another cfn-lint are installed; derive_facts.py makes the file anew")

    assert FILE.read_text() == render(derive())


def test_every_table_says_where_it_comes_from_and_when() -> None:
    assert set(facts.source()) == {"derived_on", "zones", "rds_postgres", "cache", "shapes"}


def test_known_shapes_are_those_of_the_price_list() -> None:
    assert facts.database_shape("db.t4g.medium") == facts.Shape(2, 4)
    assert facts.database_shape("db.r6g.4xlarge") == facts.Shape(16, 128)
    assert facts.database_shape("db.x2g.large") == facts.Shape(2, 32)


def test_a_region_offers_some_of_the_classes_and_no_others() -> None:
    everywhere, paris = facts.database_classes(), facts.database_classes("eu-west-3")

    assert set(paris) < set(everywhere)
    assert "db.m7g.large" in paris
    assert "db.m9g.large" not in paris


def test_a_region_without_a_list_of_types_offers_them_all() -> None:
    assert facts.instance_types("cn-north-1") == facts.instance_types()


def test_zones_are_those_of_the_region_and_not_always_the_first_letters() -> None:
    assert facts.zones("eu-west-3") == ("eu-west-3a", "eu-west-3b", "eu-west-3c")
    assert facts.zones("ca-central-1") == ("ca-central-1a", "ca-central-1b", "ca-central-1d")


def test_graviton_is_told_from_the_others() -> None:
    assert facts.instance_architecture("t4g.small") == "arm64"
    assert facts.instance_architecture("m7i.large") == "x86_64"
