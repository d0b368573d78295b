"""Stands in for `pulumi` in tests that need no engine: a program of its own, with real files and signals.

It reads what to do from the JSON file `FAKE_ENGINE_PLAN`, notes each call (arguments, working folder,
environment) in `FAKE_ENGINE_CALLS`, and keeps stacks as the engine's file backend does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def main() -> int:
    """Do what the arguments and the plan say."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--non-interactive"]
    with open(os.environ["FAKE_ENGINE_CALLS"], "a") as calls:
        calls.write(json.dumps({"arguments": arguments, "cwd": os.getcwd(), "env": dict(os.environ)}) + "\n")
    plan: dict[str, Any] = json.loads(Path(os.environ["FAKE_ENGINE_PLAN"]).read_text())
    if arguments[0] == "stack":
        return stack(arguments[1:])
    return operate(arguments, plan.get(arguments[0], {}))


def stack(arguments: list[str]) -> int:
    """`stack init|rm|export|import|output`, on one state file per project."""
    verb = arguments[0]
    name = arguments[arguments.index("--stack") + 1] if "--stack" in arguments else arguments[-1]
    file = state_file(name)
    if verb == "init":
        write(file, {"latest": {"resources": []}})
        return 0
    if not file.exists():
        print(f"error: no stack named '{name}' found", file=sys.stderr)
        return 255
    latest = json.loads(file.read_text())["checkpoint"]["latest"]
    if verb == "rm":
        file.unlink()
    elif verb == "export":
        print(json.dumps({"version": 3, "deployment": latest}))
    elif verb == "import":
        exported = json.loads(Path(arguments[arguments.index("--file") + 1]).read_text())
        write(file, {"latest": exported["deployment"]})
    elif verb == "output":
        print(json.dumps({"password": "in plain text"}))
    return 0


def operate(arguments: list[str], plan: dict[str, Any]) -> int:
    """A long operation: events, a wait, a new state, an exit code."""
    stopped: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN if plan.get("deaf") else lambda *_: stopped.append(1))
    if plan.get("child"):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    events = Path(arguments[arguments.index("--event-log") + 1])
    with open(events, "a") as log:
        for event in plan.get("events", []):
            log.write(json.dumps(event) + "\n")
            log.flush()
    print(plan.get("output", ""))
    deadline = time.monotonic() + plan.get("seconds", 0)
    while time.monotonic() < deadline and not stopped:
        # A Go program dies of SIGPIPE when it writes to a pipe that nobody reads; so does this one.
        print("@ updating....", flush=True)
        time.sleep(0.05)
    if plan.get("finished"):
        Path(plan["finished"]).write_text("stopped" if stopped else "ended")
    if "state" in plan and not stopped:
        write(state_file(arguments[arguments.index("--stack") + 1]), {"latest": plan["state"]})
    return int(plan.get("code", 0)) or (255 if stopped else 0)


def state_file(stack_name: str) -> Path:
    """Where the file backend keeps it; the project is named as its folder is."""
    backend = Path(os.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))
    return backend / ".pulumi" / "stacks" / Path.cwd().name / f"{stack_name}.json"


def write(file: Path, checkpoint: dict[str, Any]) -> None:
    """A checkpoint, as the engine writes it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"version": 3, "checkpoint": checkpoint}))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
