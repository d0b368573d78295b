"""The two ways a command can end badly, and how each is told.

Exit codes are part of the interface: 1 for an operation that failed, 2 for input that is wrong.
Each error renders as plain lines without a traceback; nothing secret may be put into one.
"""

from __future__ import annotations

from pathlib import Path


class PalierError(Exception):
    """Base of every error that a user may see. `exit_code` is the process's exit code."""

    exit_code = 1

    def lines(self) -> list[str]:
        """What to print after `error: `, first line first."""
        return [str(self)]


class InputError(PalierError):
    """What the user gave is wrong: one line with the file, the key, what is allowed, what to do."""

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        key: str | None = None,
        allowed: str | None = None,
    ) -> None:
        self.problem, self.file, self.key, self.allowed = problem, file, key, allowed
        where = ": ".join(str(part) for part in (file, key) if part)
        text = f"{where}: {problem}" if where else problem
        super().__init__(f"{text} (allowed: {allowed})" if allowed else text)


class OperationError(PalierError):
    """An operation failed: what failed, what is left behind, what to run next."""

    exit_code = 1

    def __init__(self, failed: str, *, left: str | None = None, next_step: str | None = None) -> None:
        self.failed, self.left, self.next_step = failed, left, next_step
        super().__init__(failed)

    def lines(self) -> list[str]:
        """The failure, then what is left and what to run next where they are known."""
        left = [f"left: {self.left}"] if self.left else []
        following = [f"next: {self.next_step}"] if self.next_step else []
        return [self.failed, *left, *following]
