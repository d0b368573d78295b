"""Waiting for a service that may answer otherwise in a moment: longer each time, and not for ever."""

from __future__ import annotations

import time

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 8.0


class Patience:
    """What one request may wait, in all."""

    def __init__(self, seconds: float) -> None:
        self._gives_up, self._wait = time.monotonic() + seconds, FIRST_WAIT_SECONDS

    def holds(self, asked_seconds: float | None = None) -> bool:
        """Wait, as long as the service asked for or twice as long as before; False where that is too long."""
        wait = self._wait if asked_seconds is None else asked_seconds
        if time.monotonic() + wait > self._gives_up:
            return False
        time.sleep(wait)
        self._wait = min(self._wait * 2, LONGEST_WAIT_SECONDS)
        return True
