"""The messages and variables of the guide are the program's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from palier.commands.main import run

from tests.unit.docs.pages import ROOT, rows

GUIDE = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
SETTINGS = Path("stacks/foundation/Pulumi.local.yaml")
# The lookbehind leaves out headers (HTTP_X_PALIER_…) and click's own (_PALIER_COMPLETE).
VARIABLE = re.compile(r"(?<![A-Z_])PALIER_[A-Z_]+[A-Z]")


def _refusals(heading: str) -> list[tuple[str, str]]:
    return [(what.strip("`"), message.strip("`")) for what, message in rows(GUIDE, heading)]


WRONG_SETTINGS = _refusals("`stacks/foundation/Pulumi.local.yaml` says")
WRONG_CALLS = _refusals("you run")


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform folder of the test's own, and no way to an engine or to the user's folders."""
    for phase in ("foundation", "replicas"):
        shutil.copytree(ROOT / "stacks" / phase, tmp_path / "stacks" / phase)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PALIER_PLATFORM_DIR", raising=False)
    monkeypatch.delenv("PALIER_LOCAL_PORT", raising=False)
    monkeypatch.setenv("PALIER_ENGINE", str(tmp_path / "no-engine"))
    monkeypatch.setenv("PALIER_LOCAL_DIR", str(tmp_path / "local"))
    monkeypatch.setenv("PALIER_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


@pytest.mark.parametrize(("line", "message"), WRONG_SETTINGS, ids=[line for line, _ in WRONG_SETTINGS])
def test_a_wrong_setting_is_told_as_the_guide_says(
    line: str, message: str, platform: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = line.rpartition(":")[0]
    text, count = re.subn(
        rf"^( *){key}: .*$", rf"\g<1>{line}", SETTINGS.read_text(), count=1, flags=re.MULTILINE
    )
    assert count == 1, f"{key} is not in {SETTINGS}"
    SETTINGS.write_text(text)

    assert run(["preview", "foundation"]) == 2
    assert capsys.readouterr().err.splitlines() == [message]


@pytest.mark.parametrize(("call", "message"), WRONG_CALLS, ids=[call for call, _ in WRONG_CALLS])
def test_a_wrong_call_is_told_as_the_guide_says(
    call: str,
    message: str,
    platform: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = call.split()
    while "=" in words[0]:
        variable, _, value = words.pop(0).partition("=")
        monkeypatch.setenv(variable, value)

    assert run(words[1:]) == 2
    assert capsys.readouterr().err.splitlines()[0] == message


def test_the_guide_tells_of_every_variable_that_the_code_knows() -> None:
    sources = [path for part in ("cli", "stacks", "policies") for path in (ROOT / part).rglob("*.py")]
    sources += [ROOT / "Makefile", *(path for path in (ROOT / ".ci").iterdir() if path.is_file())]
    known = {found for path in sources for found in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    told = {cells[0].strip("`") for cells in _variable_rows()}

    assert told == known


def _variable_rows() -> list[list[str]]:
    """Both tables: what a user may set, and what Palier sets."""
    _, first, second = GUIDE.split("| variable |")
    return [row for part in (first, second) for row in rows(f"| variable |{part}", "variable")]


def test_the_guide_tells_every_exit_code() -> None:
    source = (ROOT / "cli/palier/commands/main.py").read_text(encoding="utf-8")
    (said,) = re.findall(r"Run the command line and exit: (.+)", source)
    codes = re.findall(r"\b\d+\b", said)

    assert [cells[0] for cells in rows(GUIDE, "code")] == codes
