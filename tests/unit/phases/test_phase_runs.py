"""Engine runs: recorded, alone, able to outlive their palier, stopped in good order."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from palier.errors import OperationError
from palier.phases import processes
from palier.phases.launch import EngineRun, run_engine
from palier.phases.runs import KEPT_LOGS, RunBook

from tests.unit.phases.conftest import Platform, event

HOLDER = """
    import sys, time
    from pathlib import Path
    from palier.phases.runs import RunBook
    book = RunBook("first", "local", Path("/project"), Path(sys.argv[1]))
    with book.alone():
        book.begin("up")
        print("held", flush=True)
        time.sleep(60)
"""

RUNNER = """
    import os, sys
    from pathlib import Path
    from palier.phases.launch import run_engine
    from palier.phases.runs import RunBook
    book = RunBook("first", "local", Path("/project"), Path(sys.argv[2]))
    run_engine(
        [sys.argv[1], "up", "--stack", "local"], cwd=Path.cwd(), variables=os.environ,
        book=book, operation="up", tick=lambda events: None,
    )
"""


def book_in(folder: Path) -> RunBook:
    """The book of the first phase in the local environment."""
    return RunBook("first", "local", Path("/project"), folder)


@pytest.fixture
def helper(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that a test starts; ended with it, and whatever engine they leave."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()
    for record in (book_in(tmp_path / "runs").read(), book_in(tmp_path / "local" / "runs").read()):
        if record is not None:
            processes.end(record.members())


def python(program: str, *arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """A Python process running a program."""
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=cwd)


def test_a_record_is_there_while_the_engine_runs_and_gone_afterwards(platform: Platform) -> None:
    platform.plan(up={"seconds": 0.3})
    book, seen = platform.stack().book, []

    def tick(_events: Path) -> None:
        record = book.read()
        assert record is not None
        seen.append(record)

    finished = run(platform, book, tick=tick)
    assert finished.code == 0
    assert seen[0].operation == "up"
    assert seen[0].palier_lives()
    assert processes.identity(seen[0].pid or 0) is None
    assert book.read() is None
    assert stat_mode(finished.log) == stat_mode(finished.events) == 0o600


def run(platform: Platform, book: RunBook, **more: object) -> EngineRun:
    """Run the fake engine's `up`."""
    project = platform.root / "platform/stacks/first"
    command = [str(platform.environment.command), "up", "--stack", "local"]
    defaults: dict[str, object] = {"tick": lambda _events: None, **more}
    return run_engine(
        command,
        cwd=project,
        variables=platform.environment.variables,
        book=book,
        operation="up",
        **defaults,  # type: ignore[arg-type]
    )


def stat_mode(file: Path) -> int:
    """A file's permissions."""
    return file.stat().st_mode & 0o777


def test_the_engine_gets_the_given_environment_and_nothing_of_ours(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    run(platform, platform.stack().book)
    given = platform.calls("up")[0]["env"]
    assert "AWS_PROFILE" not in given
    assert given["PULUMI_DEBUG_COMMANDS"] == "true"


def test_the_engine_leads_a_session_of_its_own(platform: Platform) -> None:
    platform.plan(up={"seconds": 0.3})
    sessions = set()

    def tick(_events: Path) -> None:
        record = platform.stack().book.read()
        if record is not None and record.pid is not None and processes.identity(record.pid):
            sessions.add(os.getsid(record.pid) == record.pid)

    run(platform, platform.stack().book, tick=tick)
    assert sessions == {True}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_palier_asks_the_engine_to_stop_in_good_order(
    platform: Platform, number: signal.Signals
) -> None:
    finished = platform.root / "finished"
    platform.plan(
        up={"seconds": 30, "events": [event("resourcePreEvent", "create", "a")], "finished": str(finished)}
    )
    told: list[int] = []
    sent = threading.Event()

    def tick(events: Path) -> None:
        if events.read_text() and not sent.is_set():
            sent.set()
            os.kill(os.getpid(), number)

    result = run(platform, platform.stack().book, tick=tick, on_interrupt=told.append)
    assert result.interrupted
    assert told == [1]
    assert finished.read_text() == "stopped"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_a_failed_engine_leaves_running_is_ended(platform: Platform) -> None:
    platform.plan(up={"code": 255, "child": True})
    mark: list[str] = []

    def tick(_events: Path) -> None:
        record = platform.stack().book.read()
        if record is not None:
            mark.append(record.run_id)

    assert run(platform, platform.stack().book, tick=tick).code == 255
    assert processes.of_run(mark[0], None) == []


def test_an_engine_outlives_a_killed_palier_and_finishes_what_it_does(
    platform: Platform, helper: list[subprocess.Popen[str]]
) -> None:
    finished = platform.root / "finished"
    platform.plan(up={"seconds": 1.5, "finished": str(finished)})
    runs = platform.root / "runs"
    palier = python(RUNNER, str(platform.environment.command), str(runs), cwd=platform.root)
    helper.append(palier)
    book = book_in(runs)
    assert processes.wait_until(lambda: (record := book.read()) is not None and record.pid is not None, 10)
    palier.kill()
    palier.wait()
    record = book.read()
    assert record is not None
    assert not record.palier_lives()
    assert record.engine() == record.pid
    assert processes.wait_until(finished.exists, 10)
    assert finished.read_text() == "ended"


def test_an_engine_whose_pid_was_not_yet_written_is_found_by_its_mark(
    platform: Platform, helper: list[subprocess.Popen[str]]
) -> None:
    platform.plan(up={"seconds": 30})
    runs = platform.root / "runs"
    palier = python(RUNNER, str(platform.environment.command), str(runs), cwd=platform.root)
    helper.append(palier)
    book = book_in(runs)
    assert processes.wait_until(lambda: (record := book.read()) is not None and record.pid is not None, 10)
    palier.kill()
    palier.wait()
    content = json.loads(book.file.read_text())
    pid, content["pid"], content["identity"] = content["pid"], None, None
    book.file.write_text(json.dumps(content))
    record = book.read()
    assert record is not None
    assert record.engine() == pid
    processes.end(record.members())


def test_two_paliers_do_not_work_on_one_stack(tmp_path: Path, helper: list[subprocess.Popen[str]]) -> None:
    holder = python(HOLDER, str(tmp_path / "runs"))
    helper.append(holder)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(OperationError) as refused, book_in(tmp_path / "runs").alone():
        pytest.fail("it was let in")
    assert f"another palier is working on first (local): pid {holder.pid}, up for" in str(refused.value)


def test_a_killed_palier_no_longer_keeps_others_out(
    tmp_path: Path, helper: list[subprocess.Popen[str]]
) -> None:
    holder = python(HOLDER, str(tmp_path / "runs"))
    helper.append(holder)
    assert holder.stdout is not None
    holder.stdout.readline()
    holder.kill()
    holder.wait()
    with book_in(tmp_path / "runs").alone():
        record = book_in(tmp_path / "runs").read()
    assert record is not None
    assert not record.palier_lives()


@pytest.mark.parametrize("torn", ["", "{", '{"run_id": "a"}', "[]"])
def test_a_record_that_cannot_be_read_is_removed(tmp_path: Path, torn: str) -> None:
    book = book_in(tmp_path)
    book.file.write_text(torn)
    assert book.read() is None
    assert not book.file.exists()


def test_two_checkouts_with_an_environment_of_one_name_do_not_share_a_record(tmp_path: Path) -> None:
    one = RunBook("first", "production", Path("/one"), tmp_path)
    other = RunBook("first", "production", Path("/other"), tmp_path)
    one.begin("up")
    assert one.read() is not None
    assert other.read() is None


def test_only_the_newest_logs_are_kept(tmp_path: Path) -> None:
    book = book_in(tmp_path)
    for number in range(KEPT_LOGS + 5):
        log = tmp_path / f"first-local-{number:03}-up.log"
        log.write_text("")
        log.with_suffix(".events").write_text("")
        os.utime(log, (number, number))
    book.begin("up")
    left = sorted(tmp_path.glob("first-local-*.log"))
    assert len(left) == KEPT_LOGS
    assert left[0].name == "first-local-005-up.log"
    assert len(list(tmp_path.glob("*.events"))) == KEPT_LOGS


def test_what_only_reads_leaves_no_record(platform: Platform) -> None:
    platform.plan(up={"seconds": 0.2})
    book = platform.stack().book
    seen = []
    run(platform, book, tick=lambda _events: seen.append(book.read()), recorded=False)
    assert set(seen) == {None}


def test_a_refresh_owed_is_remembered_until_one_has_succeeded(tmp_path: Path) -> None:
    book = book_in(tmp_path / "runs")
    assert not book.owes_refresh()
    book.owe_refresh()
    assert book_in(tmp_path / "runs").owes_refresh()
    book.refreshed()
    assert not book.owes_refresh()


def test_waiting_gives_up_in_time() -> None:
    started = time.monotonic()
    assert not processes.wait_until(lambda: False, 0.2)
    assert time.monotonic() - started < 2
