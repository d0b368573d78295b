"""An engine is found on PATH, in the cache or where PALIER_ENGINE says, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from palier.console import Reporter
from palier.engine import ensure_engine, find_engine
from palier.engine.find import look
from palier.errors import InputError, OperationError

from tests.unit.engine.conftest import Machine


def test_none_is_found_on_an_empty_machine_and_nothing_is_written(machine: Machine) -> None:
    assert find_engine() is None
    assert not (machine.home / "cache").exists()
    assert not (machine.home / "home").exists()


def test_one_on_path_serves_with_its_version_and_folder(machine: Machine) -> None:
    command = machine.pulumi(says="v3.244.1")
    engine = find_engine()
    assert engine is not None
    assert (engine.rung, engine.version, engine.command) == ("path", "3.244.1", command)
    assert engine.bin == machine.bin


def test_finding_writes_nothing(machine: Machine) -> None:
    machine.pulumi()
    find_engine()
    assert not (machine.home / "cache").exists()
    assert not (machine.home / "home").exists()


def test_one_on_path_is_run_once_and_remembered(machine: Machine) -> None:
    machine.pulumi()
    ensure_engine(Reporter())
    assert find_engine() == ensure_engine(Reporter())
    assert machine.pulumi_calls() == 1


def test_one_that_changed_on_path_is_run_again(machine: Machine) -> None:
    machine.pulumi()
    ensure_engine(Reporter())
    machine.pulumi(says="v3.250.0")
    assert ensure_engine(Reporter()).version == "3.250.0"


def test_a_remembered_one_that_lost_its_host_serves_no_more(machine: Machine) -> None:
    machine.pulumi()
    ensure_engine(Reporter())
    (machine.bin / "pulumi-language-python").unlink()
    assert find_engine() is None


@pytest.mark.parametrize(
    ("says", "host", "reason"),
    [
        ("v3.199.9", "41234", "pulumi 3.199.9 at {bin}/pulumi is older than 3.200.0"),
        (
            "v3.220.0",
            None,
            "pulumi 3.220.0 at {bin}/pulumi has no pulumi-language-python beside it or on PATH",
        ),
        (
            "v3.220.0",
            "no module named pulumi",
            "{bin}/pulumi-language-python does not start: it printed 'no module named pulumi' "
            "where its port should be",
        ),
        ("hello", "41234", "{bin}/pulumi version says 'hello', which is no version"),
    ],
)
def test_one_on_path_that_does_not_serve_is_passed_over_with_its_reason(
    machine: Machine, says: str, host: str | None, reason: str
) -> None:
    machine.pulumi(says=says, host=host)
    found = look()
    assert found.engine is None
    assert [answer.reason for answer in found.answers] == [reason.format(bin=machine.bin)]


def test_a_host_elsewhere_on_path_serves(machine: Machine) -> None:
    machine.pulumi(host=None)
    other = machine.home / "other"
    machine.pulumi(other)
    (other / "pulumi-language-python").rename(machine.home / "bin" / "pulumi-language-python")
    assert find_engine() is not None


def test_a_symlinked_pulumi_finds_the_host_beside_its_target(machine: Machine) -> None:
    target = machine.pulumi(machine.home / "opt" / "pulumi")
    (machine.bin / "pulumi").symlink_to(target)
    assert find_engine() is not None


def test_the_override_goes_before_path(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.pulumi(says="v3.210.0")
    command = machine.pulumi(machine.home / "mine" / "bin", says="v3.230.0")
    for value in (command, command.parent, command.parent.parent):
        monkeypatch.setenv("PALIER_ENGINE", str(value))
        engine = find_engine()
        assert engine is not None
        assert (engine.command, engine.rung) == (command, "override")


def test_an_override_that_names_no_engine_is_bad_input(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALIER_ENGINE", str(machine.home / "nowhere"))
    with pytest.raises(InputError, match=r"PALIER_ENGINE: no pulumi at .*nowhere \(allowed: "):
        find_engine()


def test_an_override_that_is_too_old_is_bad_input(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PALIER_ENGINE", str(machine.pulumi(says="v3.1.0")))
    with pytest.raises(
        InputError, match=r"PALIER_ENGINE: pulumi 3\.1\.0 at .* is older than 3\.200\.0; upgrade"
    ):
        find_engine()


def test_asking_for_path_only_says_why_path_does_not_serve(machine: Machine) -> None:
    with pytest.raises(OperationError, match=r"no Pulumi engine to be had \(PATH: no pulumi there\)"):
        ensure_engine(Reporter(), "path")


def test_pulumi_is_run_without_the_users_settings(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = machine.home / "seen"
    monkeypatch.setenv("PULUMI_HOME", "/users/own")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "pul-secret")
    machine.pulumi()
    script = (machine.bin / "pulumi").read_text()
    (machine.bin / "pulumi").write_text(script.replace("echo run", f"env > {seen}; echo run"))
    assert find_engine() is not None
    environment = dict(line.partition("=")[::2] for line in seen.read_text().splitlines())
    assert environment["PULUMI_HOME"] != "/users/own"
    assert not Path(environment["PULUMI_HOME"]).exists()
    assert "PULUMI_ACCESS_TOKEN" not in environment
