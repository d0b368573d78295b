"""One display for several stages, one after another: which are done, which is under way, which are to come.

A terminal shows a row for each stage, the plain log puts `[2/5]` before each line of a stage, and the JSON
voice says `stage_started` and `stage_ended`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from palier.console import Reporter

WAITS, WORKS, DONE, FAILED = "·", "▸", "✓", "✗"


class Stages:
    """The stages of one command; the plain and the JSON voice use it as it stands."""

    def __init__(self, report: Reporter, names: Sequence[str]) -> None:
        self.report, self.names = report, tuple(names)
        self._current: str | None = None

    @property
    def prefix(self) -> str:
        """What stands before a line of the stage under way; empty between stages."""
        return f"[{self._number()}/{len(self.names)}] " if self._current and len(self.names) > 1 else ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """A stage under way; whatever is raised in it marks it as failed."""
        self._current, started, ok = name, time.monotonic(), False
        self._begin(name)
        try:
            yield
            ok = True
        finally:
            self._end(name, ok=ok, seconds=time.monotonic() - started)
            self._current = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is drawn meanwhile: somebody is asked, or a result is printed."""
        yield

    def _number(self) -> int:
        return self.names.index(self._current or "") + 1

    def _begin(self, name: str) -> None:
        self.report.event("stage_started", stage=name, number=self._number(), of=len(self.names))

    def _end(self, name: str, *, ok: bool, seconds: float) -> None:
        self.report.event("stage_ended", stage=name, ok=ok, seconds=round(seconds, 3))


@dataclass
class _Row:
    sign: str = WAITS
    said: str = ""
    started: float | None = None
    seconds: float | None = None

    def clock(self) -> str:
        """Seconds that it took, or that it is under way; empty before."""
        if self.started is None:
            return ""
        return f"{self.seconds if self.seconds is not None else time.monotonic() - self.started:.1f} s"


class TerminalStages(Stages):
    """A row for each stage: a sign, its name, the time it took, what it does now."""

    def __init__(self, report: Reporter, names: Sequence[str], console: Console) -> None:
        super().__init__(report, names)
        self._console = console
        self._rows = {name: _Row() for name in names}
        self._live: Live | None = None

    @contextmanager
    def drawn(self) -> Iterator[TerminalStages]:
        """The rows, drawn until the last stage has ended; they stay on the screen."""
        self._draw()
        try:
            yield self
        finally:
            self._wipe(stay=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The rows go, and come back below what was printed."""
        self._wipe(stay=False)
        try:
            yield
        finally:
            self._draw()

    def update(self, text: str) -> None:
        """What the stage under way does now."""
        if self._current is not None:
            self._rows[self._current].said = text

    def _begin(self, name: str) -> None:
        self._rows[name] = _Row(sign=WORKS, started=time.monotonic())

    def _end(self, name: str, *, ok: bool, seconds: float) -> None:
        row = self._rows[name]
        row.sign, row.seconds = (DONE if ok else FAILED), seconds
        if ok:
            row.said = ""

    def _text(self) -> Text:
        from rich.text import Text

        wide = max(map(len, self.names))
        lines = (
            f"{row.sign} {name:<{wide}} {row.clock():>9}  {row.said}".rstrip()
            for name, row in self._rows.items()
        )
        return Text("\n".join(lines), no_wrap=True, overflow="ellipsis")

    def _draw(self) -> None:
        from rich.live import Live

        # stdout is the caller's: a result may be piped.
        self._live = Live(
            get_renderable=self._text, console=self._console, refresh_per_second=8, redirect_stdout=False
        )
        self._live.start(refresh=True)

    def _wipe(self, *, stay: bool) -> None:
        if self._live is not None:
            self._live.transient = not stay
            self._live.stop()
            self._live = None
