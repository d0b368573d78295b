"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_sessionstart() -> None:
    """Listen to SIGINT again: a shell starts its background jobs deaf to it, and so would be all that the
    tests start, the engines that they interrupt among them."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
