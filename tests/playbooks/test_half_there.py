"""A machine where somebody has been at work already: their own files and tools are kept, and win."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.playbooks.company import MAIL, Company, changed, found, stock
from tests.playbooks.machine import Machine, running

TMUX = "# my own\nset -g prefix C-a\n"
BASHRC = "# my own\ncase $- in *i*) ;; *) return ;; esac\nexport PS1='mine> '\n"
CODE = '// my own\n{"editor.rulers": [80],}\n'


@dataclass(frozen=True)
class Lived:
    """A machine that was lived in, after one run."""

    company: Company
    machine: Machine
    key: str
    first: dict[str, Any]


@pytest.fixture(scope="module")
def lived(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A user's own dotfiles, keys and settings, another version of a tool, half of the packages."""
    folder = tmp_path_factory.mktemp("lived")
    company = found(folder / "company")
    company.team(tools=["python"])
    with running(folder / "machine", debian) as machine:
        stock(machine)
        machine.enter("apt-get", "-qq", "update")
        machine.enter(
            "apt-get", "-qq", "install", "-y", "--no-install-recommends", "git", "python3-venv", "jq"
        )
        home = machine.home
        for name, text in {
            ".tmux.conf": TMUX,
            ".bashrc": BASHRC,
            ".gitconfig": "[user]\n\temail = awa@home.example\n[pull]\n\trebase = false\n",
            ".ssh/config": "Host old\n    User me\n",
            ".config/Code/User/settings.json": CODE,
            ".local/bin/ruff": "#!/bin/sh\necho ruff 0.1.0\n",
            ".profile": 'PATH="$HOME/.local/bin:$PATH"\n',
        }.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        (home / ".local/bin/ruff").chmod(0o755)
        (home / ".config/nvim").mkdir()
        (home / ".config/nvim/init.lua").symlink_to("/srv/mine.lua")
        machine.enter("chown", "-R", f"{machine.user}:{machine.user}", f"/home/{machine.user}")
        machine.ssh("ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519 -C mine")
        machine.ssh("git clone -q /srv/git/shop-api.git ~/code/shop-api && echo dirty > ~/code/shop-api/mine")
        key = machine.ssh("cat ~/.ssh/id_ed25519").stdout
        yield Lived(company, machine, key, company.workstation("apply", machine))


def test_it_is_made_and_proved_like_a_bare_one(lived: Lived) -> None:
    assert lived.first["failed"] == 0
    assert [check for check in lived.first["checks"] if not check["ok"]] == []


def test_a_second_run_changes_no_task_there_either(lived: Lived) -> None:
    assert changed(lived.company.workstation("apply", lived.machine)) == []


def test_dotfiles_that_stood_there_are_kept(lived: Lived) -> None:
    before = lived.machine.home / ".local/state/palier/dotfiles-before"

    assert (before / ".tmux.conf").read_text() == TMUX
    assert (before / ".config/nvim/init.lua").readlink() == Path("/srv/mine.lua")
    assert (lived.machine.home / ".tmux.conf").is_symlink()


def test_files_that_are_shared_keep_every_line_of_their_user(lived: Lived) -> None:
    home = lived.machine.home

    assert BASHRC.strip() in (home / ".bashrc").read_text()
    assert "Host old\n    User me" in (home / ".ssh/config").read_text()
    assert (home / ".config/Code/User/settings.json").read_text() == CODE


def test_the_users_own_settings_of_git_win_outside_the_teams_repositories(lived: Lived) -> None:
    asked = "git config pull.rebase; git config user.email; git config init.defaultBranch"

    assert lived.machine.ssh(f"git init -q /tmp/own && cd /tmp/own && {asked}").stdout.split() == [
        "false",
        "awa@home.example",
        "main",
    ]
    assert lived.machine.ssh("cd ~/code/shop-api && git config user.email").stdout.strip() == MAIL


def test_their_key_stays_and_signs(lived: Lived) -> None:
    assert lived.machine.ssh("cat ~/.ssh/id_ed25519").stdout == lived.key
    assert lived.machine.ssh("cat ~/.config/palier/allowed-signers").stdout.strip().endswith("mine")


def test_another_version_of_a_tool_stays_behind_the_teams(lived: Lived) -> None:
    told = lived.machine.ssh("bash -lc 'type -ap ruff'").stdout.split()

    assert told == ["/home/awa/.local/share/palier/bin/ruff", "/home/awa/.local/bin/ruff"]


def test_a_clone_that_was_there_is_not_touched(lived: Lived) -> None:
    assert lived.machine.ssh("git -C ~/code/shop-api status --porcelain").stdout == "?? mine\n"
