"""A bare Debian becomes a working environment: made once, then looked at from every side."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
from palier.onboarding.models import ToolProfile

from tests.playbooks.company import LOGIN, MAIL, Company, changed, found, role, stock
from tests.playbooks.machine import Machine, running


@dataclass(frozen=True)
class Made:
    """A machine after its first run."""

    company: Company
    machine: Machine
    first: dict[str, Any]


@pytest.fixture(scope="module")
def made(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """The bare machine, made by one run."""
    folder = tmp_path_factory.mktemp("made")
    company = found(folder / "company")
    company.team(tools=list(get_args(ToolProfile)))
    with running(folder / "machine", debian) as machine:
        stock(machine)
        yield Made(company, machine, company.workstation("apply", machine))


def test_one_run_makes_a_bare_debian_work_and_proves_it(made: Made) -> None:
    first = made.first

    assert first["failed"] == 0
    assert first["pending"] == 0
    assert first["changed"] is True
    assert first["seconds"] < first["budget_seconds"]
    assert role(first, "verify")["outcome"] == "already"
    assert [check["name"] for check in first["checks"] if not check["ok"]] == []
    assert {"git", "uv", "ruff", "node", "pnpm", "go", "cargo", "mvn", "aws", "pulumi", "podman", "wg"} <= {
        check["name"] for check in first["checks"]
    }


def test_a_second_run_changes_no_task(made: Made) -> None:
    second = made.company.workstation("apply", made.machine)

    assert changed(second) == []
    assert second["changed"] is False


def test_a_plan_of_a_made_machine_finds_nothing(made: Made) -> None:
    assert changed(made.company.workstation("plan", made.machine)) == []


def test_the_proof_needs_no_root(made: Made) -> None:
    sudoers = made.machine.root / "etc/sudoers.d/awa"
    text = sudoers.read_text()
    sudoers.unlink()
    try:
        proof = made.company.workstation("verify", made.machine)
    finally:
        sudoers.write_text(text)

    assert proof["failed"] == 0


def test_a_missing_tool_is_named_by_the_proof_and_brought_back_by_the_next_run(made: Made) -> None:
    made.machine.ssh("rm ~/.local/share/palier/bin/ruff")

    proof = made.company.workstation("verify", made.machine, code=1)
    assert "ruff: cannot be run" in role(proof, "verify")["says"]
    assert changed(made.company.workstation("apply", made.machine)) == ["toolbox: Link the commands"]


def test_a_sample_whose_tests_fail_fails_the_proof_with_its_command(made: Made) -> None:
    made.company.team(sample={"repository": "shop-api", "commands": ["echo built", "echo oh dear; exit 3"]})
    try:
        proof = made.company.workstation("verify", made.machine, code=1)
    finally:
        made.company.team(sample={"repository": "shop-api", "commands": ["python3 -m unittest -q"]})

    said = role(proof, "verify")["says"]
    assert "oh dear" in said
    assert "exit code 3" in said
    assert made.machine.ssh("ls -A /tmp").stdout.count("palier-sample") == 0


def test_commits_of_the_team_are_the_persons_and_signed_and_others_are_left_alone(made: Made) -> None:
    machine = made.machine
    asked = "git config user.email; git config commit.gpgSign"

    assert machine.ssh(f"cd ~/code/shop-api && {asked}").stdout.split() == [MAIL, "true"]
    assert machine.ssh(f"git init -q /tmp/own && cd /tmp/own && {asked}", check=False).stdout.split() == []


def test_every_shell_finds_the_tools_and_bash_completes_them(made: Made) -> None:
    for shell in ("bash -lc", "bash -ic", "sh -lc"):
        where = made.machine.ssh(f"{shell} 'command -v uv' 2>/dev/null").stdout.strip().splitlines()[-1]
        assert where == "/home/awa/.local/share/palier/bin/uv", shell
    completion = made.machine.ssh("bash -ic 'complete -p uv pulumi npm' 2>/dev/null").stdout
    assert completion.count("complete") == 3


def test_aws_knows_a_profile_for_each_permission_set_and_account(made: Made) -> None:
    told = made.machine.ssh(
        "bash -lc 'aws configure list-profiles; aws configure get sso_role_name --profile jobo-developer'"
    )

    assert told.stdout.split() == ["jobo-developer", "developer"]


def test_keys_are_for_their_user_alone_and_leave_the_machine_nowhere(made: Made) -> None:
    secrets = [
        made.machine.ssh(f"stat -c %a {file}; cat {file}").stdout
        for file in ("~/.ssh/id_ed25519", "~/.config/palier/vpn/private.key")
    ]
    told = made.company.palier(
        "workstation", "plan", LOGIN, "--host", made.machine.address, "--key", str(made.machine.key)
    )
    written = [file.read_text() for file in (made.company.folder / "journal").rglob("*") if file.is_file()]

    for text in secrets:
        mode, _, secret = text.partition("\n")
        line = secret.strip().splitlines()[len(secret.strip().splitlines()) // 2]
        assert mode == "600"
        assert len(line) > 40
        assert not any(line in each for each in (told.stdout, told.stderr, str(made.first), *written))


def test_the_workspace_and_the_devcontainer_stand_beside_the_clones(made: Made) -> None:
    machine = made.machine

    assert '"path": "shop-api"' in machine.ssh("cat ~/code/marketplace.code-workspace").stdout
    assert "features/node" in machine.ssh("cat ~/code/.devcontainer/devcontainer.json").stdout
    assert machine.ssh("git -C ~/code/shop-api status --porcelain").stdout == ""
    assert machine.ssh("nvim --headless -c 'echo &number' -c q").stderr.strip().endswith("1")


def test_a_repository_that_cannot_be_cloned_waits_for_its_person_with_the_key(
    made: Made,
) -> None:
    machine = made.machine
    machine.enter("rm", "-rf", "/home/awa/code/shop-web")
    machine.enter("mv", "/srv/git/shop-web.git", "/srv/git/away")
    try:
        waiting = made.company.workstation("apply", machine)
        clones = role(waiting, "repositories")
        key = machine.ssh("cat ~/.ssh/id_ed25519.pub").stdout.strip()

        assert clones["outcome"] == "pending"
        assert "shop-web cannot be cloned yet" in clones["says"]
        assert key in clones["waits_for"]
        assert waiting["failed"] == 0
    finally:
        machine.enter("mv", "/srv/git/away", "/srv/git/shop-web.git")
    assert changed(made.company.workstation("apply", machine)) == ["repositories: Clone them"]


def test_a_run_that_uses_its_budget_up_says_so_and_where(made: Made) -> None:
    late = made.company.workstation("apply", made.machine, "--budget", "0.2", code=1)

    assert late["roles"][-1]["outcome"] == "failed"
    assert "minutes is used up" in late["roles"][-1]["says"]
    assert "workstation apply" in late["roles"][-1]["next"]
    assert late["seconds"] < 25


def test_control_c_ends_it_at_once(made: Made) -> None:
    host = ["--host", made.machine.address, "--key", str(made.machine.key)]
    process = subprocess.Popen(
        made.company.command("workstation", "apply", LOGIN, *host, "--yes"),
        env=made.company.environment(), cwd=made.company.folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None
    assert any(line.startswith("toolbox") for line in iter(process.stderr.readline, ""))
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "run the same command again to go on" in said


def test_a_key_with_a_passphrase_is_left_be_and_the_proof_says_what_it_could_not_try(made: Made) -> None:
    made.machine.ssh("ssh-keygen -q -p -P '' -N secret-49 -f ~/.ssh/id_ed25519")
    try:
        again = made.company.workstation("apply", made.machine)
    finally:
        made.machine.ssh("ssh-keygen -q -p -P secret-49 -N '' -f ~/.ssh/id_ed25519")

    assert changed(again) == []
    assert again["failed"] == 0
    assert again["notes"] == ["The SSH key has a passphrase: no commit was signed to prove it"]


def test_dotfiles_of_a_repository_take_the_place_of_the_built_in_ones(made: Made) -> None:
    source = made.machine.root / "srv/dotfiles"
    source.mkdir()
    (source / ".vimrc").write_text("set number\n")
    git = "git -c user.name=Awa -c user.email=awa@jobo.example"
    made.machine.enter("chown", "-R", "awa:awa", "/srv/dotfiles")
    made.machine.ssh(f"cd /srv/dotfiles && git init -q && git add -A && {git} commit -q -m Begin")
    made.company.settle(dotfiles_repository="file:///srv/dotfiles")

    first = made.company.workstation("apply", made.machine, "--only", "dotfiles")
    second = made.company.workstation("apply", made.machine, "--only", "dotfiles")

    assert changed(first) == ["dotfiles: Fetch the repository of dotfiles", "dotfiles: Link the dotfiles"]
    assert changed(second) == []
    assert made.machine.ssh("cat ~/.vimrc").stdout == "set number\n"
    assert not (made.machine.home / ".git").exists()
