"""What holds for every test."""

from __future__ import annotations

import signal

import pytest

# Modules go to the workers in this order: the long ones first, so that no worker ends alone with one of them.
PARTS = ("playbooks", "engine", "browser", "unit")


def pytest_sessionstart() -> None:
    """Listen to SIGINT again: a shell starts its background jobs deaf to it, and so would be all that the
    tests start, the engines that they interrupt among them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the parts; within one, as collected."""
    folder = config.rootpath / "tests"
    items.sort(key=lambda item: _place(item.path.relative_to(folder).parts[0]))


def _place(part: str) -> int:
    return PARTS.index(part) if part in PARTS else len(PARTS)
