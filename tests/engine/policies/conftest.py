"""One folder with the engine's home for all stacks of these tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.policies.world import Stacked, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Where the stacks are."""
    return World(tmp_path_factory.mktemp("policies"))


@pytest.fixture(scope="module")
def fresh(world: World) -> Callable[[str], Stacked]:
    """Makes stacks on which nothing stands, by the name of their folder."""
    return world.stack
