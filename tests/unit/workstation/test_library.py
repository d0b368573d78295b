"""The playbooks' own modules, run as Ansible runs them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from palier.onboarding.vpn import make_key, public_key

from tests.unit.workstation.modules import Answer, load, run


def standing(folder: Path) -> dict[str, str]:
    """Everything below a folder: a link by where it goes, a file by its content."""
    return {
        str(path.relative_to(folder)): f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


# -- palier_links -----------------------------------------------------------------------------------


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """Two environments with a command, and a folder for links."""
    for name in ("old", "new"):
        (tmp_path / name / "lib/python3.12/bin").mkdir(parents=True)
        (tmp_path / name / "lib/python3.12/bin/node").write_text(name)
    (tmp_path / "bin").mkdir()
    return tmp_path


def _link(place: Path, source: str, *, check: bool = False, file: str = "lib/python*/bin/node") -> Answer:
    given: dict[str, Any] = {"folder": place / "bin", "source": place / source, "links": {"node": file}}
    return run("palier_links", check=check, **given)


def test_a_link_is_made_then_left_then_moved(commands: Path) -> None:
    first, second, moved = _link(commands, "old"), _link(commands, "old"), _link(commands, "new")

    assert (first.changed, second.changed, moved.changed) == (True, False, True)
    assert (first["linked"], second["linked"], moved["linked"]) == (["node"], [], ["node"])
    assert (commands / "bin/node").read_text() == "new"
    assert os.listdir(commands / "bin") == ["node"]
    assert "node -> nothing" in first["diff"]["before"]
    assert "old/lib/python3.12/bin/node" in moved["diff"]["before"]
    assert "new/lib/python3.12/bin/node" in moved["diff"]["after"]


def test_a_link_takes_the_place_of_a_file_and_of_what_a_kill_left(commands: Path) -> None:
    (commands / "bin/node").write_text("a file")
    (commands / "bin/node.new").symlink_to("nowhere")

    assert _link(commands, "new").changed
    assert standing(commands / "bin") == {"node": f"-> {commands}/new/lib/python3.12/bin/node"}


def test_a_command_that_is_not_there_fails_and_leaves_the_link_that_stands(commands: Path) -> None:
    _link(commands, "old")
    before = standing(commands / "bin")

    answer = _link(commands, "new", file="bin/none")

    assert answer.failed
    assert answer["msg"] == f"{commands / 'new'} has no bin/none"
    assert standing(commands / "bin") == before


def test_a_look_at_links_changes_nothing_and_needs_no_command_yet(commands: Path) -> None:
    assert _link(commands, "new", check=True).changed
    assert _link(commands, "new", check=True, file="bin/none").changed
    assert os.listdir(commands / "bin") == []


# -- palier_dotfiles --------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a file in a dotfile's place."""
    for name in (".bashrc", ".config/tmux/tmux.conf", ".gitignore", ".git/config", "README.md", "bin/tool"):
        file = tmp_path / "dotfiles" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"ours: {name}")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.bashrc").write_text("mine")
    return tmp_path


def _dotfiles(place: Path, *, check: bool = False) -> Answer:
    given = {"source": place / "dotfiles", "home": place / "home", "backup": place / "before"}
    return run("palier_dotfiles", check=check, **given)


def test_dotfiles_are_linked_and_what_stood_there_is_kept(home: Path) -> None:
    answer = _dotfiles(home)

    assert answer["linked"] == [".bashrc", ".config/tmux/tmux.conf"]
    assert answer["kept"] == [str(home / "before/.bashrc")]
    assert standing(home / "home") == {
        name: f"-> {home}/dotfiles/{name}" for name in (".bashrc", ".config/tmux/tmux.conf")
    }
    assert standing(home / "before") == {".bashrc": "mine"}


def test_a_second_run_changes_nothing(home: Path) -> None:
    _dotfiles(home)
    before = standing(home)

    answer = _dotfiles(home)

    assert not answer.changed
    assert (answer["linked"], answer["kept"]) == ([], [])
    assert standing(home) == before


def test_what_was_kept_before_is_never_written_over(home: Path) -> None:
    (home / "before").mkdir()
    (home / "before/.bashrc").write_text("the first")
    (home / "before/.bashrc.2").symlink_to("nowhere")

    answer = _dotfiles(home)

    assert answer["kept"] == [str(home / "before/.bashrc.3")]
    assert standing(home / "before") == {
        ".bashrc": "the first",
        ".bashrc.2": "-> nowhere",
        ".bashrc.3": "mine",
    }


def test_a_link_elsewhere_and_a_whole_folder_are_kept_too(home: Path) -> None:
    (home / "home/.bashrc").unlink()
    (home / "home/.bashrc").symlink_to("/elsewhere/bashrc")
    (home / "home/.config/tmux/tmux.conf").mkdir(parents=True)
    (home / "home/.config/tmux/tmux.conf/mine").write_text("mine")
    (home / "home/.config/other").write_text("other")

    assert _dotfiles(home).changed
    assert standing(home / "before") == {
        ".bashrc": "-> /elsewhere/bashrc",
        ".config/tmux/tmux.conf/mine": "mine",
    }
    assert (home / "home/.config/other").read_text() == "other"


def test_a_kill_between_the_move_and_the_link_loses_nothing(home: Path) -> None:
    (home / "before").mkdir()
    (home / "home/.bashrc").rename(home / "before/.bashrc")

    answer = _dotfiles(home)

    assert answer.changed
    assert answer["kept"] == []
    assert (home / "before/.bashrc").read_text() == "mine"
    assert (home / "home/.bashrc").read_text() == "ours: .bashrc"


def test_a_file_where_a_folder_must_be_is_named_and_stays(home: Path) -> None:
    (home / "home/.config").write_text("a file\n")

    answer = _dotfiles(home)

    assert answer.failed
    assert "a folder above it is a file" in answer["msg"]
    assert (home / "home/.config").read_text() == "a file\n"


def test_a_look_at_dotfiles_changes_nothing_and_says_what_would_be_kept(home: Path) -> None:
    before = standing(home)

    answer = _dotfiles(home, check=True)

    assert answer.changed
    assert f"kept as {home}/before/.bashrc" in answer["diff"]["before"]
    assert standing(home) == before


# -- palier_json_settings ---------------------------------------------------------------------------

OURS = {"editor.rulers": [110], "files.insertFinalNewline": True}


def _settings(file: Path, *, check: bool = False, settings: Any = OURS) -> Answer:
    return run("palier_json_settings", check=check, path=file, settings=settings)


@pytest.mark.parametrize("before", [None, "", " \n", "{}"])
def test_settings_are_written_where_there_are_none(tmp_path: Path, before: str | None) -> None:
    file = tmp_path / "Code/User/settings.json"
    if before is not None:
        file.parent.mkdir(parents=True)
        file.write_text(before)

    first, second = _settings(file), _settings(file)

    assert first["added"] == list(OURS)
    assert json.loads(file.read_text()) == OURS
    assert not second.changed
    assert second["added"] == []
    assert os.listdir(file.parent) == ["settings.json"]


def test_what_a_user_has_set_stays_whatever_ours_say(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"editor.rulers": [80], "mine": "élève"}')

    answer = _settings(file)

    assert answer["added"] == ["files.insertFinalNewline"]
    assert json.loads(file.read_text()) == {
        "editor.rulers": [80],
        "mine": "élève",
        "files.insertFinalNewline": True,
    }
    assert "élève" in file.read_text(), "as the user wrote it"


@pytest.mark.parametrize("text", [r'{"mine": "\ud83d"}', r'{"mine": "\u00e9"}', '{"mine": "é"}'])
def test_letters_and_escapes_of_a_user_stay_as_they_were_written(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text, encoding="utf-8")

    assert _settings(file).changed
    assert text[1:-1] in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        b'{\n  // mine\n  "a": 1\n}\n',
        b'{"a": 1,}',
        b"[]",
        b'"text"',
        b'{"a": ',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\xe9"}',
    ],
)
def test_a_file_that_is_no_plain_mapping_is_left_as_it_is_and_told(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "settings.json"
    file.write_bytes(text)

    answer = _settings(file)

    assert not answer.changed
    assert not answer.failed
    assert answer["left"]
    assert file.read_bytes() == text


def test_a_users_link_and_rights_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles/settings.json"
    real.parent.mkdir()
    real.write_text('{"mine": 1}')
    real.chmod(0o600)
    link = tmp_path / "settings.json"
    link.symlink_to(real)

    assert _settings(link).changed
    assert link.is_symlink()
    assert json.loads(real.read_text()) == {"mine": 1, **OURS}
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_look_at_settings_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "Code/settings.json"

    answer = _settings(file, check=True)

    assert answer.changed
    assert json.loads(answer["diff"]["after"]) == OURS
    assert not file.parent.exists()


# -- palier_tools -----------------------------------------------------------------------------------


def _tool(command: str, **wanted: str) -> Answer:
    return run("palier_tools", tools=[{"name": "tool", "command": command, **wanted}])


@pytest.mark.parametrize(
    ("said", "wanted", "ok", "says"),
    [
        ("tool 1.2.3", {"version": "1.2.3"}, True, "1.2.3"),
        ("v1.2.3", {"version": "1.2.3"}, True, "1.2.3"),
        ("go version go1.26.4 linux/amd64", {"version": "1.26.4"}, True, "1.26.4"),
        ("tool 1.2.4", {"version": "1.2.3"}, False, "1.2.4, not 1.2.3"),
        ("tool 1.2.30", {"version": "1.2.3"}, False, "1.2.30, not 1.2.3"),
        ("tool 1.10", {"at_least": "1.9"}, True, "1.10"),
        ("tool 1.9.9", {"at_least": "1.10"}, False, "1.9.9, older than 1.10"),
        ("tool 11.2", {"at_least": "11"}, True, "11.2"),
        ("OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.1", {"at_least": "8.9"}, True, "9.2"),
        ("tmux 3.3a", {"at_least": "3.2"}, True, "3.3"),
        ("hello", {"at_least": "1"}, False, "says no version: hello"),
        ("", {"version": "1.2"}, False, "says no version: "),
    ],
)
def test_a_tool_is_held_against_the_version_that_is_wanted(
    said: str, wanted: dict[str, str], ok: bool, says: str
) -> None:
    found = load("palier_tools").look({"name": "tool", "command": f"echo '{said}'", **wanted})

    assert found == {"name": "tool", "ok": ok, "says": says}


def test_a_version_may_be_told_as_an_error() -> None:
    assert _tool("echo 'OpenSSH_9.2p1' >&2", at_least="8.9")["checks"][0]["ok"]


def test_a_tool_that_cannot_be_run_says_why() -> None:
    answer = _tool("no-such-tool --version", at_least="1")

    assert answer.failed
    assert "cannot be run: " in answer["msg"]
    assert "no-such-tool" in answer["msg"]


def test_a_tool_that_asks_gets_no_answer_and_bytes_of_no_text_are_no_traceback() -> None:
    assert _tool("read line || echo 1.2", at_least="1")["checks"][0]["says"] == "1.2"
    assert _tool("printf '\\xff 1.2\\n'", version="1.2")["checks"][0]["ok"]


def test_every_tool_is_looked_at_and_every_wrong_one_is_told() -> None:
    tools = [
        {"name": name, "command": f"echo {version}", "version": "1.0"}
        for name, version in (("one", "2.0"), ("two", "1.0"), ("three", "3.0"))
    ]

    answer = run("palier_tools", tools=tools)

    assert answer["msg"] == "one: 2.0, not 1.0; three: 3.0, not 1.0"
    assert [check["ok"] for check in answer["checks"]] == [False, True, False]


def test_a_tool_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tools = load("palier_tools")
    monkeypatch.setattr(tools, "TOOL_SECONDS", 0.5)

    found = tools.look({"name": "tool", "command": "sleep 5", "version": "1.0"})

    assert found == {"name": "tool", "ok": False, "says": "no answer within 0.5 s"}


# -- palier_vpn_public_key --------------------------------------------------------------------------


def test_the_public_half_is_the_one_that_palier_itself_finds(tmp_path: Path) -> None:
    made = make_key(tmp_path)

    answer = run("palier_vpn_public_key", file=tmp_path / "private.key")

    assert answer["public_key"] == made == public_key(tmp_path)
    assert not answer.changed
    assert (tmp_path / "private.key").read_text().strip() not in answer.wrote


def test_without_a_key_there_is_no_public_half(tmp_path: Path) -> None:
    assert run("palier_vpn_public_key", file=tmp_path / "none")["public_key"] == ""


@pytest.mark.parametrize(
    "content",
    [b"c2VjcmV0IHRoaW5n", b"secret-thing", b"", b"\xff\xfesecret-thing", "secret-thing é".encode()],
)
def test_a_file_that_is_no_key_fails_and_its_content_is_not_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)

    answer = run("palier_vpn_public_key", file=file)

    assert answer.failed
    assert answer["msg"] == f"{file} is no WireGuard private key; move it away, and run this again"
    assert "secret" not in answer.wrote
    assert not content or content.decode("latin-1") not in answer.wrote


# -- palier_preflight -------------------------------------------------------------------------------

HOLDER = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def _held(file: Path) -> Iterator[int]:
    """A lock of another process, as dpkg takes it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder.pid
        holder.communicate(timeout=10)


@pytest.mark.skipif(not os.path.exists("/proc/locks"), reason="only Linux lists its locks")
def test_who_is_at_apt_is_named_and_only_as_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, other = tmp_path / "lock-frontend", tmp_path / "other"
    lock.touch()
    preflight = load("palier_preflight")
    monkeypatch.setattr(preflight, "APT_LOCKS", (str(tmp_path / "none"), str(lock)))
    assert preflight.held() is None

    with _held(other):
        assert preflight.held() is None
    with _held(lock) as pid:
        said = preflight.held()
        assert said is not None
        assert said.startswith(f"{lock} is held by python")
        assert said.endswith(f" (process {pid})")
        found = preflight.locks(0)
        assert not found["ok"]
        assert found["says"] == f"{said}, for 0 s already"
        assert found["fix"]
    assert preflight.held() is None
    assert preflight.locks(0)["ok"]


def test_a_finding_stops_with_what_mends_it_or_is_told_only() -> None:
    given: dict[str, Any] = {
        "minimum_free_mb": 10**12,
        "lock_wait_seconds": 0,
        "hosts": ["127.0.0.1:1"],
        "no_root": "no\n sudo",
    }

    stopped, told = run("palier_preflight", **given), run("palier_preflight", stops=False, **given)

    assert stopped.failed
    assert "disk: " in stopped["msg"]
    assert "root: cannot become root: no sudo" in stopped["msg"]
    assert "127.0.0.1:1 (Connection refused)" in stopped["msg"]
    assert ". next: " in stopped["msg"]
    assert not told.failed
    assert not told.changed
    checks = {check["name"]: check for check in told["checks"]}
    assert set(checks) == {"system", "root", "disk", "apt", "network"}
    assert not any(checks[name]["ok"] for name in ("root", "disk", "network"))
    assert all(bool(check["fix"]) is not check["ok"] for check in checks.values())


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://deb.shop.example/debian", ("deb.shop.example", 80)),
        ("https://deb.shop.example", ("deb.shop.example", 443)),
        ("http://proxy.shop.example:3128/", ("proxy.shop.example", 3128)),
        ("http://ada:secret@proxy.shop.example:3128", ("proxy.shop.example", 3128)),
        ("http://ada:secret@proxy.shop.example", ("proxy.shop.example", 80)),
    ],
)
def test_an_address_of_apt_is_a_host_and_a_port(address: str, host: tuple[str, int]) -> None:
    assert load("palier_preflight").of_address(address) == host
