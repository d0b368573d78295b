"""Bad input, given to the real command line: one clear line, the right exit code, and nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from palier.engine import find_engine
from palier.paths import cache_dir

from tests.engine.phases.machine import Machine, Platform, Said, kill, until
from tests.engine.phases.watched import Watched

FOUNDATION, REPLICAS = "foundation", "replicas"

# Phase, what stands in its settings, what is put there, and the line that refuses it.
SETTINGS = {
    "a misspelt setting": (
        FOUNDATION,
        "instance_class:",
        "instance_clas:",
        "foundation:database.instance_clas: unknown setting 'instance_clas' [and 1 more] "
        "(allowed: instance_class)",
    ),
    "a misspelt section": (
        FOUNDATION,
        "foundation:database:",
        "foundation:databse:",
        "foundation:databse: unknown setting 'databse' [and 1 more] (allowed: database)",
    ),
    "a misspelt phase": (
        FOUNDATION,
        "foundation:network:",
        "fondation:network:",
        "fondation:network: unknown namespace 'fondation' (allowed: foundation:network)",
    ),
    "another unit": (
        FOUNDATION,
        "allocated_storage_gib: 20",
        "allocated_storage_gib: 20GB",
        "foundation:database.allocated_storage_gib: expected a whole number of GiB, got '20GB'",
    ),
    "another type": (
        REPLICAS,
        "count: 2",
        "count: two",
        "replicas:instances.count: expected a whole number, got 'two'",
    ),
    "too few replicas": (
        REPLICAS,
        "count: 2",
        "count: 0",
        "replicas:instances.count: must be at least 1, got 0",
    ),
    "more zones than there are": (
        FOUNDATION,
        "zone_count: 3",
        "zone_count: 4",
        "foundation:network.zone_count: eu-west-3 has 3 availability zones, not 4 (allowed: 2 to 3)",
    ),
    "a zone of another region": (
        FOUNDATION,
        "zone_count: 3",
        "availability_zones: [eu-west-3a, eu-west-1b]",
        "foundation:network.availability_zones[1]: no zone 'eu-west-1b' in eu-west-3",
    ),
    "a CIDR outside its VPC": (
        FOUNDATION,
        "zone_count: 3",
        "zone_count: 2\n    public_cidrs: [10.20.0.0/24, 10.21.0.0/24]\n"
        "    private_cidrs: [10.20.2.0/24, 10.20.3.0/24]\n    data_cidrs: [10.20.4.0/24, 10.20.5.0/24]",
        "foundation:network.public_cidrs[1]: 10.21.0.0/24 is outside the VPC (allowed: within 10.20.0.0/16)",
    ),
    "an unknown instance class": (
        REPLICAS,
        "db.t4g.medium",
        "db.t4g.mediun",
        "replicas:instances.instance_class: unknown instance class 'db.t4g.mediun' (allowed: db.t4g.medium",
    ),
    "an unknown region": (
        FOUNDATION,
        "aws:region: eu-west-3",
        "aws:region: eu-west-33",
        "aws:region: unknown region 'eu-west-33' (allowed: eu-west-3",
    ),
    "what is not YAML": (
        FOUNDATION,
        "config:",
        "config: [",
        "line 4, column 22: not valid YAML",
    ),
    "replicas without backups": (
        FOUNDATION,
        "backup_retention_days: 7",
        "backup_retention_days: 0",
        "foundation:database.backup_retention_days: read replicas need automated backups, got 0 "
        "(allowed: 1 to 35 days)",
    ),
    "replicas in another region": (
        REPLICAS,
        "aws:region: eu-west-3",
        "aws:region: eu-west-1",
        "aws:region: eu-west-1 is not foundation's region (allowed: eu-west-3)",
    ),
}

# Arguments, and what is said of them.
ARGUMENTS = {
    "an unknown phase": (["up", "foundatoin"], "no phase named foundatoin; did you mean foundation?"),
    "an unknown last phase": (["destroy", "--through", "replcas", "--yes"], "did you mean replicas?"),
    "no phase": (["up"], "name one phase, or all on the way to one with --through PHASE"),
    "two selections": (["up", "foundation", "--through", "replicas"], "name one phase, or all"),
    "an unknown phase to verify": (["verify", "replica"], "did you mean replicas?"),
    "an unknown phase to rehearse": (["rehearse", "--through", "replica"], "did you mean replicas?"),
    "an unknown command": (["upp"], "no such command: upp; did you mean up?"),
    "an environment without settings": (
        ["up", "foundation", "--env", "staging"],
        "Pulumi.staging.yaml: no settings for environment staging; copy Pulumi.local.yaml",
    ),
    "an impossible environment": (
        ["up", "foundation", "--env", "a/b"],
        "--env: 'a/b' cannot name an environment",
    ),
    "an unknown output": (["outputs", "replicas", "reader_endpont"], "(allowed: reader_endpoint"),
    "an answer to nothing": (
        ["refresh", "foundation", "--adopt", "vpc-1"],
        "--adopt: 'vpc-1' does not say which resource has which id (allowed: URN=ID)",
    ),
    "no parallelism": (["up", "foundation", "--parallel", "0"], "--parallel"),
}


def refused(said: Said, *texts: str) -> None:
    """One error on stderr, which says all that, and no result on stdout."""
    errors = [line for line in said.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, said.text
    for text in texts:
        assert text in said.err, said.err
    assert said.out == ""


@pytest.mark.parametrize("case", SETTINGS)
def test_a_wrong_setting_is_refused_by_file_and_key(case: str, standing: Platform, tmp_path: Path) -> None:
    phase, before, after, line = SETTINGS[case]
    machine = standing.machine
    shutil.copytree(Machine(tmp_path).platform, tmp_path / "wrong")
    file = tmp_path / "wrong" / "stacks" / phase / "Pulumi.local.yaml"
    assert before in file.read_text()
    file.write_text(file.read_text().replace(before, after, 1))
    unchanged = (machine.mutations(), machine.fingerprint())
    wrong = tmp_path / "wrong"
    said = machine.palier("up", "--through", "replicas", code=2, PALIER_PLATFORM_DIR=str(wrong))
    refused(said, f"stacks/{phase}/Pulumi.local.yaml: {line}")
    assert len(said.err.splitlines()) == 1
    assert (machine.mutations(), machine.fingerprint()) == unchanged


@pytest.mark.parametrize("case", ARGUMENTS)
def test_a_wrong_argument_is_refused_with_what_is_allowed(case: str, standing: Platform) -> None:
    arguments, text = ARGUMENTS[case]
    machine = standing.machine
    unchanged = (machine.mutations(), machine.fingerprint())
    refused(machine.palier(*arguments, code=2), text)
    assert (machine.mutations(), machine.fingerprint()) == unchanged


def test_a_platform_folder_that_is_missing_is_named(machine: Machine) -> None:
    said = machine.palier("up", "foundation", code=2, PALIER_PLATFORM_DIR=str(machine.root / "nowhere"))
    refused(said, "PALIER_PLATFORM_DIR", str(machine.root / "nowhere"))
    assert not machine.local.exists()


def test_an_engine_that_is_none_is_named(machine: Machine) -> None:
    said = machine.palier("up", "foundation", code=2, PALIER_ENGINE=str(machine.root))
    refused(said, f"PALIER_ENGINE: no pulumi at {machine.root}", "(allowed: ")
    assert not machine.local.exists()


def test_where_no_engine_is_to_be_had_each_rung_says_why(machine: Machine) -> None:
    nowhere = "http://127.0.0.1:9"  # the discard port: nobody listens
    machine.more |= {
        "PATH": "/usr/bin:/bin",
        "PALIER_ENGINE": "",
        "PALIER_CACHE_DIR": str(machine.root / "cache"),
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), nowhere),
        "PIP_INDEX_URL": f"{nowhere}/simple",
        "PIP_EXTRA_INDEX_URL": "",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
        "UV_OFFLINE": "1",
    }
    if any(Path(folder, name).exists() for folder in ("/usr/bin", "/bin") for name in ("go", "pulumi")):
        machine.more["PATH"] = str(bare_path(machine.root / "bin"))
    said = machine.palier("up", "foundation", code=1)
    refused(said, "no Pulumi engine to be had", "PATH: ", "official installer: ", "build from Go modules: ")
    assert "  next: " in said.err
    assert not machine.local.exists()


def bare_path(folder: Path) -> Path:
    """A folder with what a shell needs and neither Go nor Pulumi."""
    folder.mkdir()
    for name in ("sh", "env", "uname", "tar", "sed", "curl"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def test_a_port_that_something_else_holds_is_told_with_its_holder(machine: Machine) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", machine.port))
        holder.listen()
        said = machine.palier("up", "foundation", code=2)
    refused(said, f"PALIER_LOCAL_PORT: port {machine.port} is in use by something else", f"pid {os.getpid()}")
    assert machine.left_running() == {}


def test_a_port_that_another_local_cloud_holds_is_told_with_its_folder(
    machine: Machine, standing: Platform
) -> None:
    before = standing.machine.mutations()
    port = str(standing.machine.port)
    said = machine.palier("up", "foundation", code=2, PALIER_LOCAL_PORT=port)
    refused(said, f"port {port} serves another local cloud, that of {standing.machine.local}")
    assert standing.machine.mutations() == before


def test_what_is_no_port_is_refused(machine: Machine) -> None:
    said = machine.palier("up", "foundation", code=2, PALIER_LOCAL_PORT="http")
    refused(said, "PALIER_LOCAL_PORT: not a port: 'http' (allowed: 1024 to 65535)")


def test_a_stale_pid_file_is_removed_with_a_word(machine: Machine) -> None:
    machine.palier("local", "start")
    kill([machine.emulator_pid()])
    status = machine.palier("local", "status", code=1)
    assert "stale" in status.out
    assert "was killed" in status.out
    said = machine.palier("local", "start")
    assert "Removing a stale pid file" in said.err
    assert machine.palier("local", "status", "--output", "json").json["problem"] is None


def test_verify_says_that_the_local_cloud_does_not_run(machine: Machine) -> None:
    said = machine.palier("verify", "foundation", code=1)
    refused(said, "the local cloud does not run", "next: palier local start")


def test_replicas_need_foundation_to_stand(machine: Machine) -> None:
    said = machine.palier("up", "replicas", code=1)
    refused(
        said, "replicas needs foundation, of which nothing stands in local", "palier up --through replicas"
    )
    assert machine.mutations() == 0


def test_a_stack_that_another_run_holds_is_refused_with_who_holds_it(standing: Platform) -> None:
    first = Watched(standing.machine, "up", "foundation")
    until(lambda: first.engine_told("foundation"), "the first run's engine")
    said = standing.machine.palier("up", "foundation", code=1)
    refused(said, f"another palier is working on foundation (local): pid {first.process.pid}, up for ")
    out, err = first.process.communicate(timeout=120)
    assert first.process.returncode == 0, err
    assert "nothing to change" in out


def test_a_stack_that_another_host_holds_is_refused_with_who_holds_it(standing: Platform) -> None:
    machine = standing.machine
    folder = machine.local / "backend/.pulumi/locks/organization/foundation/local"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "b0a5f6c4-0000-4000-8000-000000000000.json"
    holder = {"pid": 4321, "username": "ana", "hostname": "a-colleague", "timestamp": "2026-11-22T10:00:00Z"}
    lock.write_text(json.dumps(holder))
    unchanged = (machine.mutations(), machine.fingerprint())
    try:
        said = machine.palier("up", "foundation", code=1)
        assert (machine.mutations(), machine.fingerprint()) == unchanged
    finally:
        lock.unlink()
    refused(said, "locked by ana@a-colleague, pid 4321", "nothing was changed", "pulumi cancel -s local")


def test_a_wrong_passphrase_is_told_and_so_is_a_missing_one(machine: Machine) -> None:
    found = find_engine()
    assert found is not None
    backend = machine.root / "states"
    backend.mkdir()
    settings = machine.settings("foundation").read_text().partition("# Of the local cloud's")[0]
    machine.settings("foundation", "staging").write_text(settings)
    machine.more |= {
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_HOME": str(machine.root / "pulumi"),
        "PALIER_CACHE_DIR": str(cache_dir()),
    }
    subprocess.run(
        [found.command, "stack", "init", "staging", "--non-interactive"],
        cwd=machine.settings("foundation").parent,
        env=machine.variables(PULUMI_CONFIG_PASSPHRASE="right"),
        check=True,
        capture_output=True,
    )
    unchanged = machine.settings("foundation", "staging").read_text()
    command = ("preview", "foundation", "--env", "staging")
    wrong = machine.palier(*command, code=2, PULUMI_CONFIG_PASSPHRASE="wrong")
    refused(wrong, "PULUMI_CONFIG_PASSPHRASE: wrong passphrase for the secrets of foundation (staging)")
    refused(machine.palier(*command, code=2), "need their passphrase", "PULUMI_CONFIG_PASSPHRASE")
    assert machine.settings("foundation", "staging").read_text() == unchanged
    assert not machine.local.joinpath("emulator").exists()


def test_replicas_of_a_primary_that_stands_without_backups_are_refused_in_preview(standing: Platform) -> None:
    machine, rds = standing.machine, standing.machine.aws("rds")
    primary = "jobo-local-primary"
    rds.modify_db_instance(DBInstanceIdentifier=primary, BackupRetentionPeriod=0, ApplyImmediately=True)
    machine.set("replicas", "instances", count=3)
    before = machine.mutations()
    try:
        said = machine.palier("preview", "replicas", code=1)
        assert machine.mutations() == before
    finally:
        machine.set("replicas", "instances", count=2)
        rds.modify_db_instance(DBInstanceIdentifier=primary, BackupRetentionPeriod=7, ApplyImmediately=True)
    refused(said, "replica-3", "has no automated backups, so AWS makes no replica of it")
    assert len(rds.describe_db_instances()["DBInstances"]) == 3


def test_when_the_local_cloud_dies_during_an_up_the_next_one_goes_on(standing: Platform) -> None:
    machine = standing.machine
    machine.set("replicas", "lag", attention_seconds=45.0)
    up = Watched(machine, "up", "replicas")
    until(lambda: up.looked_at("replicas"), "the engine to look at resources")
    kill([machine.emulator_pid()])
    _, err = up.process.communicate(timeout=200)
    assert up.process.returncode == 1
    assert "Traceback" not in err
    assert "error: " in err
    assert "palier up replicas" in err
    again = machine.palier("up", "replicas")
    assert "had died" in again.err
    alarms = machine.aws("cloudwatch").describe_alarms(AlarmNamePrefix="replica-1-lag-attention")[
        "MetricAlarms"
    ]
    assert [alarm["Threshold"] for alarm in alarms] == [45.0]
    assert machine.left_running() == {}
    machine.palier("verify", "replicas")
