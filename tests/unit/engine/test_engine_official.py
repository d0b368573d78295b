"""The official installer's rung: its engine is checked like any other, and no network can hang it."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path

import pytest
from palier.console import Reporter
from palier.engine import ensure_engine, official
from palier.errors import OperationError

from tests.unit.engine.conftest import Machine, wait_until


def installer(machine: Machine, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """Puts another `pulumi.automation` before the real one, for the child that installs."""
    package = machine.home / "fakes" / "pulumi"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    head = """\
        import os, pathlib, shutil, subprocess, time, urllib.error
        class PulumiCommand:
            @classmethod
            def install(cls, root, version):
        """
    text = textwrap.dedent(head) + textwrap.indent(textwrap.dedent(body), " " * 8)
    (package / "automation.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(machine.home / "fakes"))


def refusal() -> str:
    with pytest.raises(OperationError) as raised:
        ensure_engine(Reporter(), "official")
    return raised.value.failed


def test_what_it_installs_is_run_and_kept(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.pulumi(machine.home / "release")
    installer(machine, monkeypatch, f"shutil.copytree({str(machine.home / 'release')!r}, root + '/bin')")
    engine = ensure_engine(Reporter())
    assert engine.rung == "official"
    assert engine.command == machine.cache / "3.220.0" / "bin" / "pulumi"
    assert ensure_engine(Reporter()) == engine


def test_it_keeps_away_from_the_users_own_pulumi_home(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = machine.home / "seen"
    body = (
        f"pathlib.Path({str(seen)!r}).write_text(os.environ['PULUMI_HOME'] + ' ' + root)\nraise OSError('no')"
    )
    installer(machine, monkeypatch, body)
    refusal()
    home, root = seen.read_text().split()
    assert Path(home).is_relative_to(machine.cache)
    assert Path(root).is_relative_to(machine.cache)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "raise urllib.error.URLError('Connection refused')",
            "official installer: cannot be reached (Connection refused)",
        ),
        (
            "subprocess.check_output(['sh', '-c', 'echo curl: no route; exit 7'], stderr=subprocess.STDOUT)",
            "official installer: curl: no route",
        ),
        ("raise RuntimeError('odd')", "official installer: RuntimeError: odd"),
        ("pass", "official installer: {staging}/bin/pulumi cannot be run: No such file or directory"),
    ],
)
def test_why_it_failed_is_told_in_one_line(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    installer(machine, monkeypatch, body)
    before, _, after = reason.partition("{staging}")
    said = refusal()
    assert before in said
    assert said.endswith(f"{after})")
    assert "\n" not in said


def test_another_version_than_asked_for_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.pulumi(machine.home / "release", says="v3.300.0")
    installer(machine, monkeypatch, f"shutil.copytree({str(machine.home / 'release')!r}, root + '/bin')")
    assert "it made pulumi 3.300.0 instead of 3.220.0" in refusal()


def test_a_network_that_answers_nothing_is_given_up(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(official, "FIRST_BYTE_S", 0.5)
    installer(machine, monkeypatch, "time.sleep(60)")
    started = time.monotonic()
    assert "official installer: no answer within" in refusal()
    assert time.monotonic() - started < 10


def test_a_download_that_stands_still_is_given_up_with_its_children(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = machine.home / "child"
    monkeypatch.setattr(official, "STALL_S", 0.8)
    body = f"""
        (pathlib.Path(os.environ["TMPDIR"]) / "download").write_bytes(b"x" * 2_000_000)
        download = subprocess.Popen(["sleep", "60"])
        pathlib.Path({str(child)!r}).write_text(str(download.pid))
        download.wait()
        """
    installer(machine, monkeypatch, body)
    assert "stopped at 2 MB" in refusal()
    wait_until(lambda: _ended(child.read_text()), "the child to end", seconds=5)


def _ended(pid: str) -> bool:
    """Gone, or a zombie that somebody else is to reap; the kernel may take a moment over either."""
    try:
        return ") Z " in (Path("/proc") / pid / "stat").read_text()
    except OSError:
        return True


def test_when_no_rung_serves_each_tells_its_reason(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.pulumi(says="v3.100.0")
    machine.go()
    monkeypatch.setenv("FAKE_GO_FAIL", "x.go:1:1: undefined: y")
    installer(machine, monkeypatch, "raise urllib.error.URLError('Connection refused')")
    with pytest.raises(OperationError) as raised:
        ensure_engine(Reporter())
    said = raised.value.failed
    assert said.startswith("no Pulumi engine to be had (PATH: pulumi 3.100.0 at ")
    assert (
        "; official installer: cannot be reached (Connection refused); build from Go modules: Go says" in said
    )
    assert len(raised.value.lines()) == 3
