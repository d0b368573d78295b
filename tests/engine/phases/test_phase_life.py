"""The life of the first two phases on the local cloud: up, drift, update, replacement, growth, and down.

Each test leaves the platform as its settings say, so that each may be run alone.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from palier.phases import catalog

from tests.engine.phases.machine import Machine, Platform, Said, kill, palier_command

PRIMARY = "jobo-local-primary"


def databases(machine: Machine) -> dict[str, Any]:
    """Every database instance by its identifier, as AWS describes it."""
    found = machine.aws("rds").describe_db_instances()["DBInstances"]
    return {database["DBInstanceIdentifier"]: database for database in found}


def replicas(machine: Machine) -> dict[str, Any]:
    """The instances that replicate from the primary."""
    return {
        name: database
        for name, database in databases(machine).items()
        if database.get("ReadReplicaSourceDBInstanceIdentifier") == PRIMARY
    }


def brought_up(machine: Machine, phase: str, *more: str) -> dict[str, Any]:
    """Bring one phase up; the counts of what that changed."""
    summary = machine.palier("up", phase, "--output", "json", *more).json
    counts: dict[str, Any] = summary["phases"][0]
    return counts


def green(machine: Machine, *phases: str) -> None:
    """`palier verify` holds for each phase."""
    for phase in phases or ("foundation", "replicas"):
        machine.palier("verify", phase)


def test_up_through_replicas_makes_the_primary_and_its_replicas(standing: Platform) -> None:
    summary = standing.said.json
    assert [phase["phase"] for phase in summary["phases"]] == ["foundation", "replicas"]
    assert all(phase["changed"] and phase["created"] == phase["stands"] for phase in summary["phases"])
    assert sum(phase["stands"] for phase in summary["phases"]) >= 60
    assert standing.machine.ask("summary")["total"] >= 60

    found = replicas(standing.machine)
    assert len(found) == 2
    assert len({database["AvailabilityZone"] for database in found.values()}) == 2
    primary = databases(standing.machine)[PRIMARY]
    assert sorted(primary["ReadReplicaDBInstanceIdentifiers"]) == sorted(found)
    ids = {database["DbiResourceId"] for database in databases(standing.machine).values()}
    assert len(ids) == len(databases(standing.machine))
    assert not any(database["PubliclyAccessible"] for database in databases(standing.machine).values())
    green(standing.machine)


def test_everything_stands_once(standing: Platform) -> None:
    twice = {name: number for name, number in standing.census.items() if number > 1}
    # Three zones share one route table for the data and one for the public subnets.
    assert twice == {
        "association with data": 3,
        "association with public": 3,
        "instance of application": 3,
        "route53 HealthChecks ": 2,
    }


def test_up_again_changes_nothing_and_says_so(standing: Platform) -> None:
    before = standing.machine.mutations()
    said = standing.machine.palier("up", "--through", "replicas")
    # A sentence for each phase, and the summary: a line for each, and one for all.
    assert said.out.count("nothing to change") == 5
    assert standing.machine.mutations() == before


def test_a_rehearsal_of_what_stands_changes_nothing_and_says_where_to_look(standing: Platform) -> None:
    before = standing.machine.mutations()
    said = standing.machine.palier("rehearse", "--through", "replicas")
    assert "nothing to change" in said.out
    assert standing.machine.endpoint in said.out
    assert "palier destroy --through foundation" in said.out
    assert "checks hold" in said.out
    assert standing.machine.mutations() == before


def test_every_command_tells_machines_in_json(standing: Platform) -> None:
    machine = standing.machine
    rows = machine.palier("phases", "--output", "json").json
    assert [row["phase"] for row in rows if row["resources"]] == ["foundation", "replicas"]
    assert all(row["pending"] == 0 for row in rows)
    status = machine.palier("status", "replicas", "--output", "json").json
    assert status["resources"] == rows[1]["resources"] > 0
    assert status["last_run"]["result"] == "succeeded"
    outputs = machine.palier("outputs", "replicas", "--output", "json").json
    assert outputs["reader_endpoint"] == "reader.database.internal"
    bare = machine.palier("outputs", "replicas", "reader_endpoint").out
    assert bare == "reader.database.internal\n"
    verified = machine.palier("verify", "replicas", "--output", "json").json
    assert verified
    events = [json.loads(line) for line in standing.said.err.splitlines()]
    kinds = {event["event"] for event in events}
    assert {"step_started", "step_ended", "resource_started", "resource_ended"} <= kinds


def test_plain_pulumi_works_in_a_phase_s_folder(standing: Platform) -> None:
    said = shell(
        standing.machine,
        "cd stacks/replicas",
        "pulumi preview --stack local --non-interactive --expect-no-changes",
        "pulumi up --stack local --non-interactive --yes --skip-preview --expect-no-changes",
    )
    assert "unchanged" in said.out
    # Nothing of the engine's own: no plugin from PATH, no missing passphrase, no newer version.
    warnings = {line.strip() for line in said.text.splitlines() if "warning" in line}
    assert all("replicas:proxy.secret_arns" in line for line in warnings)


def test_plain_pulumi_works_before_any_phase_was_up(machine: Machine) -> None:
    machine.palier("local", "start")
    said = shell(
        machine,
        "cd stacks/foundation",
        "pulumi stack init local",
        "pulumi preview --non-interactive",
    )
    assert "aws:rds:Instance" in said.out
    assert "to create" in said.out
    assert machine.mutations() == 0


def shell(machine: Machine, *lines: str) -> Said:
    """Run lines in a shell as README has it, after `eval "$(palier local env)"`."""
    script = "\n".join(["set -euo pipefail", f'eval "$({palier_command()} local env)"', *lines])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=machine.platform,
        env=machine.variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Said(done.returncode, done.stdout, done.stderr)


def test_drift_is_seen_by_refresh_and_repaired_by_up(standing: Platform) -> None:
    machine = standing.machine
    rds, ec2, cloudwatch = machine.aws("rds"), machine.aws("ec2"), machine.aws("cloudwatch")
    alarm = next(name for name in alarms(cloudwatch) if name.startswith("primary-cpu-critical"))
    vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:palier:name", "Values": ["vpc"]}])["Vpcs"][0]["VpcId"]
    rds.modify_db_instance(DBInstanceIdentifier=PRIMARY, BackupRetentionPeriod=1, ApplyImmediately=True)
    cloudwatch.delete_alarms(AlarmNames=[alarm])
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "owner", "Value": "somebody-else"}])

    red = machine.palier("verify", "foundation", code=1)
    assert "primary-cpu-critical" in red.out
    refreshed = machine.palier("refresh", "foundation", "--output", "json").json["phases"][0]
    assert (refreshed["updated"], refreshed["deleted"]) == (2, 1)

    repaired = brought_up(machine, "foundation")
    assert (repaired["created"], repaired["updated"], repaired["replaced"], repaired["deleted"]) == (
        1,
        2,
        0,
        0,
    )
    assert databases(machine)[PRIMARY]["BackupRetentionPeriod"] == 7
    tags = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["Tags"]
    assert {"Key": "owner", "Value": "platform-team"} in tags
    assert sum(name.startswith("primary-cpu-critical") for name in alarms(cloudwatch)) == 1
    green(machine, "foundation")


def alarms(cloudwatch: Any) -> list[str]:
    """Names of all alarms."""
    pages = cloudwatch.get_paginator("describe_alarms").paginate()
    return [alarm["AlarmName"] for page in pages for alarm in page["MetricAlarms"]]


def test_a_larger_size_is_an_update_in_place_of_the_replicas_alone(standing: Platform) -> None:
    machine = standing.machine
    before = databases(machine)
    machine.set("replicas", "instances", instance_class="db.t4g.large")
    planned = machine.palier("preview", "replicas", "--output", "json").json["phases"][0]
    kinds = {f"{change['op']} {described(change['urn'])}" for change in planned["changes"]}
    # Alarms on memory and connections are shares of the size; the dashboard draws their lines.
    assert kinds == {
        "update aws:rds/instance:Instance",
        "update aws:cloudwatch/metricAlarm:MetricAlarm",
        "update aws:cloudwatch/dashboard:Dashboard",
    }
    changed = brought_up(machine, "replicas")
    assert (changed["created"], changed["replaced"], changed["deleted"]) == (0, 0, 0)
    after = databases(machine)
    assert {name: one["DBInstanceClass"] for name, one in after.items()} == {
        PRIMARY: "db.t4g.medium",
        "jobo-local-replica-1": "db.t4g.large",
        "jobo-local-replica-2": "db.t4g.large",
    }
    same = [{name: one["DbiResourceId"] for name, one in each.items()} for each in (before, after)]
    assert same[0] == same[1]
    green(machine, "replicas")


def described(urn: str) -> str:
    """The type in a URN, without its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def test_a_new_name_of_the_zone_replaces_it_with_its_records(standing: Platform) -> None:
    machine = standing.machine
    route53 = machine.aws("route53")
    machine.set("replicas", "reader", zone_name="read.internal")
    changed = brought_up(machine, "replicas")
    assert changed["replaced"] == 3
    assert (changed["created"], changed["deleted"]) == (0, 0)
    zones = route53.list_hosted_zones()["HostedZones"]
    assert [zone["Name"] for zone in zones] == ["read.internal."]
    records = route53.list_resource_record_sets(HostedZoneId=zones[0]["Id"])["ResourceRecordSets"]
    assert [record["Name"] for record in records if record["Type"] == "CNAME"] == [
        "reader.read.internal."
    ] * 2
    assert machine.palier("outputs", "replicas", "reader_endpoint").out == "reader.read.internal\n"
    green(machine, "replicas")


def test_replicas_come_and_go_by_their_count(standing: Platform) -> None:
    machine = standing.machine
    kept = replicas(machine)["jobo-local-replica-1"]["DbiResourceId"]
    for count in (3, 1, 2):
        machine.set("replicas", "instances", count=count)
        changed = brought_up(machine, "replicas")
        assert changed["replaced"] == 0
        found = replicas(machine)
        assert len(found) == count
        assert len({one["AvailabilityZone"] for one in found.values()}) == count
        assert found["jobo-local-replica-1"]["DbiResourceId"] == kept
        assert len(databases(machine)[PRIMARY]["ReadReplicaDBInstanceIdentifiers"]) == count
        green(machine, "replicas")


def master_password(machine: Machine) -> str:
    """What the secret of the primary's master user holds."""
    arn = machine.palier("outputs", "foundation", "database_master_secret_arn").out.strip()
    held = json.loads(machine.aws("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    assert held["username"] == databases(machine)[PRIMARY]["MasterUsername"]
    password: str = held["password"]
    return password


def test_the_master_password_is_another_in_another_generation_and_shown_nowhere(standing: Platform) -> None:
    machine = standing.machine
    first, instance = master_password(machine), databases(machine)[PRIMARY]["DbiResourceId"]
    assert brought_up(machine, "foundation")["changed"] is False
    assert master_password(machine) == first

    machine.set("foundation", "database", master_password_generation=2)
    changed = brought_up(machine, "foundation")

    second = master_password(machine)
    assert second != first
    assert (changed["created"], changed["updated"], changed["deleted"], changed["replaced"]) == (1, 1, 1, 0)
    assert databases(machine)[PRIMARY]["DbiResourceId"] == instance
    assert brought_up(machine, "foundation")["changed"] is False
    green(machine, "foundation", "replicas")
    # The emulator keeps what it was sent (docs/fidelity.md); nothing else has it in plain text.
    files = [file for file in machine.local.rglob("*") if file.is_file() and "emulator" not in file.parts]
    texts = [file.read_bytes() for file in files]
    assert any(b"primary-master-2" in text for text in texts), "the state is among them"
    assert not [text for text in texts if first.encode() in text or second.encode() in text]


def test_a_local_cloud_that_died_comes_back_with_everything_in_it(standing: Platform) -> None:
    machine = standing.machine
    before = (machine.ask("summary"), machine.mutations(), machine.emulator_pid())
    kill([machine.emulator_pid()])
    said = machine.palier("up", "replicas")
    assert "had died" in said.err
    assert "nothing to change" in said.out
    assert (machine.ask("summary"), machine.mutations()) == before[:2]
    assert machine.emulator_pid() != before[2]


def test_foundation_cannot_go_while_replicas_stand(standing: Platform) -> None:
    before = standing.machine.mutations()
    said = standing.machine.palier("destroy", "foundation", "--yes", code=1)
    assert "foundation cannot go while replicas stands on it" in said.err
    assert "palier destroy --through foundation" in said.err
    assert standing.machine.mutations() == before


def test_nobody_is_asked_where_nobody_can_answer(standing: Platform) -> None:
    before = standing.machine.mutations()
    said = standing.machine.palier("destroy", "replicas", code=1)
    assert "nobody is there to answer" in said.err
    assert "--yes" in said.err
    assert standing.machine.mutations() == before


def test_destroy_leaves_nothing_but_the_settings(standing: Platform) -> None:
    machine = standing.machine
    settings = {phase: machine.settings(phase).read_text() for phase in ("foundation", "replicas")}
    said = machine.palier("destroy", "--through", "foundation", "--yes")
    assert said.out.index("replicas (local)") < said.out.index("foundation (local)")
    assert machine.ask("summary") == {"total": 0, "services": {}}
    assert machine.palier("phases").out.count("does not stand") == len(catalog.phases())
    assert {phase: machine.settings(phase).read_text() for phase in settings} == settings
    assert machine.state("foundation") == {}
    assert machine.locks() == []
    assert machine.left_running() == {}
    again = machine.palier("destroy", "--through", "foundation", "--yes")
    assert "Nothing to destroy" in again.out
    assert "does not stand" in machine.palier("outputs", "foundation", code=2).err
