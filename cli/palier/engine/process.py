"""Running a long child process: its lines as they come, its end whatever happens to us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO


class CommandFailed(Exception):
    """A child process ended badly. `tail` is the last lines it wrote to stderr."""

    def __init__(self, command: Sequence[str], code: int, tail: Sequence[str]) -> None:
        self.command, self.code, self.tail = list(command), code, list(tail)
        super().__init__(f"{Path(command[0]).name} ended with code {code}")


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    on_line: Callable[[str], None] = lambda line: None,
    log: IO[str] | None = None,
) -> list[str]:
    """Run `command` and return the lines of its stdout; `on_line` and `log` get each line of stderr.

    Raises CommandFailed where it ends with another code than 0. The child is a group of its own and is
    killed with all it started when this is left by an exception. When Palier itself is killed, the
    child's next line goes to a closed pipe, which ends it.
    """
    process = subprocess.Popen(
        command,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines: list[str] = []
    reader = threading.Thread(target=_collect, args=(process.stdout, lines), daemon=True)
    reader.start()
    tail: deque[str] = deque(maxlen=40)
    try:
        for raw in process.stderr:
            line = raw.rstrip()
            tail.append(line)
            if log is not None:
                with contextlib.suppress(OSError):  # a full disk: the child says so itself
                    log.write(line + "\n")
            on_line(line)
        code = process.wait()
    except BaseException:
        end_group(process)
        raise
    reader.join()
    if code != 0:
        raise CommandFailed(command, code, tail)
    return lines


def end_group(process: subprocess.Popen[str]) -> None:
    """Kill a child that leads its own group, with all it started, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _collect(stream: IO[str], lines: list[str]) -> None:
    lines.extend(line.rstrip() for line in stream)
