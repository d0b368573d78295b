"""One platform that stands, for all tests that look at it or change it; and machines of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.engine import find_engine
from palier.phases import catalog

from tests.engine.phases.census import census
from tests.engine.phases.machine import Machine, Platform


@pytest.fixture(scope="session", autouse=True)
def engine() -> None:
    """The engine that `make test` got."""
    assert find_engine() is not None, "no engine: run `palier engine get`"


@pytest.fixture(scope="session")
def brought_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Brought up once, without an interruption."""
    machine = Machine(tmp_path_factory.mktemp("platform"))
    try:
        said = machine.palier("up", "--through", "replicas", "--output", "json")
        yield Platform(machine, said, census(machine.aws))
    finally:
        machine.end()


@pytest.fixture
def standing(brought_up: Platform) -> Platform:
    """Both phases stand, as their settings say."""
    if not brought_up.machine.state("replicas"):
        brought_up.machine.palier("up", "--through", "replicas")
    return brought_up


@pytest.fixture(scope="session")
def whole_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Every phase there is, brought up once; apart from `brought_up`, whose tests take it down and up."""
    machine = Machine(tmp_path_factory.mktemp("whole"))
    try:
        said = machine.palier("up", "--through", catalog.phases()[-1].name, "--output", "json")
        yield Platform(machine, said, census(machine.aws))
    finally:
        machine.end()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which nothing stands and nothing runs."""
    machine = Machine(tmp_path)
    try:
        yield machine
    finally:
        machine.end()
