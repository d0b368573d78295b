"""A company whose people stack stands: brought up once, from nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from palier.engine import find_engine

from tests.engine.onboarding.company import Company


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """The engine that `make test` got."""
    assert find_engine() is not None, "no engine: run `palier engine get`"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company whose people stack stands as its roster says."""
    company = Company(tmp_path_factory.mktemp("company"), more={"PALIER_TODAY": "2024-07-01"})
    try:
        company.palier("preview", "people")
        company.palier("up", "people")
        yield company
    finally:
        company.end()
