"""A company of each test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.engine import find_engine

from tests.engine.onboarding.company import NEWCOMER, Company


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """The engine that `make test` got."""
    assert find_engine() is not None, "no engine: run `palier engine get`"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company on which nothing stands and nothing runs."""
    company = Company(tmp_path)
    try:
        yield company
    finally:
        company.end()


@pytest.fixture
def others_are_in(company: Company) -> Company:
    """Everybody has their access but the newcomer, whose file comes later."""
    file = company.roster / "people" / f"{NEWCOMER}.yaml"
    text = file.read_text()
    file.unlink()
    company.palier("up", "people")
    file.write_text(text)
    return company
