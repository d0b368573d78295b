"""The second rung: Pulumi's own installer, as `pulumi.automation` offers it.

`PulumiCommand.install` sets no time limit of its own and would hang on a network that swallows packets.
So it runs in a process of its own, with its temporary files in a folder that we watch: what does not
begin within `FIRST_BYTE_S`, or stands still for `STALL_S`, is stopped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from palier.console import Step
from palier.engine.cache import make_private, size_bytes
from palier.engine.model import ENGINE_VERSION, Refused
from palier.engine.process import end_group

FIRST_BYTE_S = 20.0
"""Includes about 2 s of importing `pulumi.automation`; a refused connection answers at once."""
STALL_S = 60.0
TOTAL_S = 1800.0
"""300 MB (the release's unpacked size, about) in half an hour is 170 kB/s; slower than that, build."""
_POLL_S = 0.2


def install(staging: Path, scratch: Path, step: Step) -> None:
    """Install release `ENGINE_VERSION` into `staging/bin`. Raises Refused with the installer's own reason."""
    make_private(scratch)
    environment = dict(os.environ)
    environment.update(TMPDIR=str(scratch), PULUMI_HOME=str(scratch), PULUMI_SKIP_UPDATE_CHECK="true")
    process = subprocess.Popen(
        [sys.executable, "-m", "palier.engine.official", str(staging), ENGINE_VERSION],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        _watch(process, (staging, scratch), step)
        _, said = process.communicate()
    finally:
        end_group(process)
    if process.returncode != 0:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        raise Refused(lines[-1] if lines else f"ended with code {process.returncode}")


def _watch(process: subprocess.Popen[str], folders: tuple[Path, ...], step: Step) -> None:
    started = moved_at = time.monotonic()
    size = 0
    while process.poll() is None:
        time.sleep(_POLL_S)
        now, seen = time.monotonic(), sum(size_bytes(folder) for folder in folders)
        if seen != size:
            size, moved_at = seen, now
            step.update(f"{size / 1e6:.0f} MB")
        if size == 0 and now - started > FIRST_BYTE_S:
            raise Refused(f"no answer within {FIRST_BYTE_S:.0f} s")
        if now - moved_at > STALL_S or now - started > TOTAL_S:
            raise Refused(f"stopped at {size / 1e6:.0f} MB after {now - started:.0f} s: too slow")


def _main(root: str, version: str) -> int:
    """The child: install, and say in one line why not."""
    from urllib.error import URLError

    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    try:
        PulumiCommand.install(root=root, version=VersionInfo.parse(version))
    except URLError as error:
        reason = f"cannot be reached ({error.reason})"
    except subprocess.CalledProcessError as error:
        output = error.output.decode(errors="replace") if isinstance(error.output, bytes) else ""
        reason = " ".join(output.split())[-300:] or f"ended with code {error.returncode}"
    except Exception as error:  # whatever it is, the parent tells it in one line and goes on
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
    else:
        return 0
    print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
