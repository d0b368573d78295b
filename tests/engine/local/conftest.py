"""A real emulator process for the tests that need one: one for the session, emptied between tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.local.emulated import Emulated, free_port


@pytest.fixture(scope="session")
def emulator_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """The session's emulator, ended by pid whatever happens."""
    emulated = Emulated(tmp_path_factory.mktemp("emulator"), free_port())
    emulated.start()
    try:
        yield emulated
    finally:
        emulated.kill()


@pytest.fixture
def emulator(emulator_process: Emulated) -> Emulated:
    """An emulator in which nothing stands."""
    emulator_process.api("reset", method="POST")
    return emulator_process


@pytest.fixture
def own_emulator(tmp_path: Path) -> Iterator[Emulated]:
    """An emulator of the test's own, for tests that kill and restart it; not started yet."""
    emulated = Emulated(tmp_path, free_port())
    try:
        yield emulated
    finally:
        emulated.kill()


@pytest.fixture
def local_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local cloud of the test's own, on a free port; whatever runs there is ended by pid."""
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path))
    monkeypatch.setenv("PALIER_LOCAL_PORT", str(free_port()))
    monkeypatch.setattr("palier.local.cloud._install_plugin", lambda: None)
    return tmp_path


@pytest.fixture
def running_ends(local_dir: Path) -> Iterator[Path]:
    """As `local_dir`, and kills by pid what the test left running there."""
    import os
    import signal

    from palier.local import pidfile
    from palier.local.layout import Layout

    yield local_dir
    record = pidfile.read(Layout(local_dir).pid_file)
    if record is not None and record.alive():
        os.kill(record.pid, signal.SIGKILL)
