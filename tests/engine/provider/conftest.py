"""One emulator for the whole of these tests, and the provider in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.local.emulated import Emulated, free_port
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, driven
from tests.engine.support.programs import Project


@pytest.fixture(scope="session")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """The session's emulator, ended by pid whatever happens."""
    one = Emulated(tmp_path_factory.mktemp("emulator"), free_port())
    one.start()
    try:
        yield one
    finally:
        one.kill()


@pytest.fixture(scope="module")
def provider(emulated: Emulated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """The provider over gRPC, in front of an emulator in which nothing stands."""
    emulated.api("reset", method="POST")
    with driven(emulated.endpoint, tmp_path_factory.getbasetemp() / "schema") as one:
        yield one


@pytest.fixture(scope="module")
def world(provider: Driven) -> World:
    """What the cases refer to."""
    return World(provider)


@pytest.fixture(scope="session")
def schema_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SDK's types are kept between tests."""
    return tmp_path_factory.getbasetemp() / "schema"


@pytest.fixture
def project(
    tmp_path: Path, emulated: Emulated, schema_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Project]:
    """A project on a local cloud in which nothing stands; the plugin is installed for all tests once."""
    emulated.api("reset", method="POST")
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(schema_folder.parent / "local"))
    yield Project(tmp_path, emulated)
    emulated.api("faults", method="PUT", body=[])
