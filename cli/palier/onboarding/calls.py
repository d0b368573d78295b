"""How a call to a service of others can go wrong, and what is done about it.

`Passing`: the service may answer otherwise in a moment, so the step is begun again from its check, because a
write whose answer was lost may have had its effect. `Refused`: it will not, and says what to do.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from palier.errors import OperationError

ATTEMPTS = 12
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.25, 20.0
# GitHub's secondary limit: "no more than 80 content-generating requests per minute"; some are left to others.
CONTENT_PER_MINUTE = 70


class Passing(Exception):
    """A failure that may pass. `after_seconds` is what the service asked to wait, None where it did not."""

    def __init__(self, service: str, what: str, after_seconds: float | None = None) -> None:
        self.service, self.what, self.after_seconds = service, what, after_seconds
        super().__init__(f"{service}: {what}")


class Refused(OperationError):
    """A failure that stays until somebody does something: `next_step` says what."""


class Gone(Exception):
    """What was asked for is not there (404); who asks knows whether that is a fault."""

    def __init__(self, service: str, what: str) -> None:
        self.service, self.what = service, what
        super().__init__(f"{service}: {what}")


def attempts(
    deadline: float, told: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Iterator[AbstractContextManager[object]]:
    """Attempts until `deadline` (of `clock`), with growing waits, or as long as the service asked for."""
    import stamina

    # Its own word on a retry goes to the log; ours goes to the user.
    stamina.instrumentation.set_on_retry_hooks([])

    def again(error: Exception) -> bool | float:
        if not isinstance(error, Passing):
            return False
        left = deadline - clock()
        if (error.after_seconds or 0.0) >= left:
            return False
        wait = f"; waits {error.after_seconds:g} s, as asked" if error.after_seconds else ""
        told(f"{error}: tries again{wait}")
        return True if error.after_seconds is None else error.after_seconds

    return iter(
        stamina.retry_context(
            on=again,
            attempts=ATTEMPTS,
            timeout=max(0.0, deadline - clock()),
            wait_initial=FIRST_WAIT_SECONDS,
            wait_max=LONGEST_WAIT_SECONDS,
            wait_jitter=0.25,
        )
    )


class Pace:
    """At most so many of something in any minute, over all threads; who comes too early waits."""

    def __init__(
        self,
        per_minute: int = CONTENT_PER_MINUTE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_minute, self._clock, self._sleep = per_minute, clock, sleep
        self._taken: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a place, after waiting for it. Returns the seconds waited."""
        with self._lock:
            now = self._clock()
            begins = now
            if len(self._taken) >= self._per_minute:
                begins = max(now, self._taken[-self._per_minute] + 60.0)
            self._taken.append(begins)
            while len(self._taken) > self._per_minute:
                self._taken.popleft()
        if begins > now:
            self._sleep(begins - now)
        return begins - now


def seconds_asked(value: object) -> float | None:
    """What a Retry-After header asks, in seconds; None for none, and for a date, which nobody of ours sends.

    A list, as some clients hand headers over, counts by its first.
    """
    if isinstance(value, list):
        value = value[0] if value else None
    try:
        return None if value is None else max(0.0, float(str(value)))
    except ValueError:
        return None
