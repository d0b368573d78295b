"""Accounts and machine in one run: the local cloud's services, and a bare Debian over SSH."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from palier.engine import find_engine

from tests.engine.onboarding.company import NEWCOMER, Company
from tests.playbooks import tools
from tests.playbooks.company import SAMPLE_COMMANDS, stock
from tests.playbooks.machine import Machine, running


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """A company on the local cloud whose repositories a machine clones from its own disk."""
    assert find_engine() is not None, "no engine: run `palier engine get`"
    company = Company(tmp_path)
    company.more = {**company.more, "PATH": tools.search_path()}
    try:
        yield company
    finally:
        company.end()


def test_one_run_brings_in_the_person_and_makes_their_machine(
    company: Company, debian: Path, tmp_path: Path
) -> None:
    file = company.roster / "teams/marketplace.yaml"
    team = yaml.safe_load(file.read_text())
    sample = {"repository": "shop-api", "commands": SAMPLE_COMMANDS}
    file.write_text(yaml.safe_dump({**team, "tools": ["python"], "sample": sample}))
    with running(tmp_path / "machine", debian) as machine:
        stock(machine)
        from_disk = '[url "file:///srv/git/"]\n\tinsteadOf = git@github.com:jobo/\n'
        machine.ssh(f"printf '%s' '{from_disk}' > ~/.gitconfig")
        host = ["--host", machine.address, "--key", str(machine.key)]

        planned = company.palier("onboard", "plan", NEWCOMER, *host)
        assert "packages: 1 of 8 tasks would change something" in planned.out
        assert machine.ssh("ls -A ~/.config 2>/dev/null", check=False).stdout == ""

        run = json.loads(company.palier("onboard", "apply", NEWCOMER, *host, "--output", "json").out)

        steps = {each["step"]: each for each in run["people"][0]["steps"]}
        assert {
            name: each["says"] for name, each in steps.items() if each["outcome"] not in ("done", "already")
        } == {}
        assert steps["machine-key"]["outcome"] == steps["workstation"]["outcome"] == "done"
        assert run["seconds"] < run["budget_seconds"]
        # The machine is made while the accounts are.
        assert steps["workstation"]["began_at"] < steps["accounts"]["began_at"] + steps["accounts"]["seconds"]
        # The key of the machine is the one that the gateway is told, and its half of the tunnel is there.
        place = yaml.safe_load(company.person())["vpn"]
        config = machine.ssh("cat ~/.config/palier/vpn/palier0.conf").stdout
        assert f"Address = {place['address']}/32" in config
        assert "'/home/awa/.config/palier/vpn/private.key'" in config
        public = machine.ssh("wg pubkey < ~/.config/palier/vpn/private.key").stdout.strip()
        assert place["public_key"] == public

        again = json.loads(company.palier("onboard", "apply", NEWCOMER, *host, "--output", "json").out)
        assert again["changed"] is False
        proved = company.palier("onboard", "verify", NEWCOMER, *host)
        assert "All of it stands, proven" in proved.out
        _gateway(company, machine, public)


def _gateway(company: Company, machine: Machine, public: str) -> None:
    """The machine as the gateway too, with the peer that the people stack publishes."""
    gateway = ["--host", machine.address, "--key", str(machine.key), "--userspace", "--first"]
    refused = company.palier("vpn", "gateway", "apply", *gateway, code=1)
    assert "add --yes" in refused.err

    told = company.palier("vpn", "gateway", "apply", *gateway, "--yes")

    own = machine.ssh("sudo wg show palier0 public-key").stdout.strip()
    assert f"The gateway's public key is {own}" in told.out
    assert machine.ssh("sudo wg show palier0 peers").stdout.split() == [public]
    again = company.palier("vpn", "gateway", "apply", *gateway, "--yes")
    assert "Nothing to change." in again.out


def test_a_machine_that_does_not_answer_stops_itself_and_not_the_accounts(company: Company) -> None:
    run = company.palier(
        "onboard", "apply", NEWCOMER, "--host", "awa@127.0.0.1:9", "--output", "json", code=1
    )
    steps = {each["step"]: each for each in json.loads(run.out)["people"][0]["steps"]}

    assert steps["workstation"]["outcome"] == "failed"
    assert "Connection refused" in steps["workstation"]["says"]
    assert steps["github-access"]["outcome"] in ("done", "already", "pending")
    assert steps["slack-channels"]["outcome"] == "done"
