"""Rate limits as the services have them, so that a rehearsal of many people meets what the real run would.

GitHub's secondary limits ("Rate limits for the REST API"): 80 content-generating requests a minute and 500 an
hour, 900 points a minute, 1 for a read and 5 for a write. Slack's tiers, per method and minute.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque

from palier.local.workplace.http import READS, Reply
from palier.local.workplace.slack import TIERS

CONTENT_PER_MINUTE, CONTENT_PER_HOUR, POINTS_PER_MINUTE = 80, 500, 900
MESSAGES_PER_MINUTE = 60  # one a second and channel, short bursts allowed
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


class Limits:
    """Windows of the last minute and hour. Kept in memory: a restart forgives."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, ...], deque[tuple[float, int]]] = defaultdict(deque)

    def github(self, method: str) -> Reply | None:
        """403 with Retry-After where a limit is reached, else None and the request is counted."""
        content = method not in READS
        windows: list[tuple[tuple[str, ...], float, int, int]] = [
            (("points",), 60.0, POINTS_PER_MINUTE, 5 if content else 1)
        ]
        if content:
            windows += [(("minute",), 60.0, CONTENT_PER_MINUTE, 1), (("hour",), 3600.0, CONTENT_PER_HOUR, 1)]
        wait = self._take(windows)
        if wait is None:
            return None
        return Reply(403, {"message": SECONDARY}, {"Retry-After": str(wait)})

    def slack(self, method: str, channel: str) -> Reply | None:
        """429 with Retry-After where a tier is used up."""
        if method == "chat.postMessage":
            wait = self._take([((method, channel), 60.0, MESSAGES_PER_MINUTE, 1)])
        else:
            wait = self._take([((method,), 60.0, TIERS.get(method, 50), 1)])
        return (
            None
            if wait is None
            else Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)})
        )

    def forget(self) -> None:
        """Begin anew."""
        self._seen.clear()

    def _take(self, windows: list[tuple[tuple[str, ...], float, int, int]]) -> int | None:
        """Seconds to wait, or None after counting in every window."""
        now = time.monotonic()
        waits = []
        for key, seconds, most, cost in windows:
            seen = self._seen[key]
            while seen and seen[0][0] <= now - seconds:
                seen.popleft()
            if sum(each for _, each in seen) + cost > most:
                waits.append(int(seen[0][0] + seconds - now) + 1)
        if waits:
            return max(waits)
        for key, _, _, cost in windows:
            self._seen[key].append((now, cost))
        return None
