"""A bare Debian for the tests of the playbooks; without one they fail, and say why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.playbooks import machine, tools


@pytest.fixture(scope="session")
def debian() -> Path:
    """The tree of a bare Debian 12."""
    try:
        return machine.base()
    except (machine.NoMachine, tools.NoTools) as error:
        if os.environ.get(machine.ALLOW_NONE) == "1":
            pytest.skip(f"{error} ({machine.ALLOW_NONE}=1)")
        pytest.fail(f"{error}; {machine.ALLOW_NONE}=1 goes on without these tests", pytrace=False)
