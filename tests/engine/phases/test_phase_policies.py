"""The packs on the real engine, with the phases' programs: refused before anything is made, then mended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine.phases.machine import Machine, Said
from tests.unit.policies.platforms import platform

# Of the database of foundation's local settings, which has two vCPUs.
ROOMY, TIGHT = {"database_utilization": 30}, {"database_utilization": 75}
CLASS, LARGER = "db.t4g.medium", "db.m7g.xlarge"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine for all tests that deploy nothing."""
    machine = Machine(tmp_path_factory.mktemp("bare"))
    try:
        yield machine
        assert machine.mutations() == 0
    finally:
        machine.end()


@pytest.fixture
def nothing(bare: Machine) -> Machine:
    """It, without a file of an earlier test."""
    for name in ("palier.yaml", "policies.yaml"):
        (bare.platform / name).unlink(missing_ok=True)
    return bare


def _platform(machine: Machine, observed: Mapping[str, Any], vcpus: int = 2) -> Path:
    """palier.yaml of the machine's platform: what was observed, on a database of so many vCPUs."""
    structure = {"database_vcpus": vcpus, "instances": 3, "instances_most": 6}
    return platform(machine.platform, {"cpu_utilization": 30, **observed}, structure=structure)


def _policies(machine: Machine, **rules: Any) -> None:
    (machine.platform / "policies.yaml").write_text(yaml.safe_dump(rules))


def _check(machine: Machine, *arguments: str, code: int) -> dict[str, Any]:
    said = machine.palier("check", "foundation", *arguments, "--output", "json", code=code)
    (phase,) = said.json["phases"]
    found: dict[str, Any] = phase
    return found


def _violated(phase: Mapping[str, Any]) -> set[str]:
    return {each["policy"] for each in phase["findings"] if each["level"] == "mandatory"}


def test_a_check_deploys_nothing_and_says_what_would_be(nothing: Machine) -> None:
    _platform(nothing, ROOMY)

    phase = _check(nothing, code=0)

    assert phase["changes"]["created"] > 100
    assert phase["cost"]["after_usd_per_month"] > phase["cost"]["before_usd_per_month"] == 0
    assert {each["metric"] for each in phase["outlook"]["after"]} >= {"cpu_utilization", "memory_usage"}
    assert nothing.mutations() == 0
    assert not nothing.state("foundation").get("resources")


def test_what_policies_refuse_is_not_made_and_mended_it_is(machine: Machine) -> None:
    _platform(machine, TIGHT)
    _policies(machine)

    refused = machine.palier("up", "foundation", code=1)

    assert "is refused by policy:" in refused.err
    assert "database_utilization would be critical (above 80 percent)" in refused.err
    assert "what would do: foundation:database.instance_class: db.t4g.medium → db.m7g.xlarge" in refused.err
    assert machine.mutations() == 0

    machine.set("foundation", "database", instance_class=LARGER)
    machine.palier("up", "foundation")

    assert machine.aws("rds").describe_db_instances()["DBInstances"][0]["DBInstanceClass"] == LARGER
    _smaller_is_refused_by_what_stands(machine)


def _smaller_is_refused_by_what_stands(machine: Machine) -> None:
    """The way back down: by `palier check`, and by plain `pulumi preview`, which reads what stands."""
    _platform(machine, {"database_utilization": 60}, vcpus=4)
    assert not _violated(_check(machine, code=0))
    machine.set("foundation", "database", instance_class=CLASS)

    phase = _check(machine, code=1)
    (removal,) = [
        each
        for each in phase["findings"]
        if each["policy"] == "no-blind-scale-down" and each["metric"] == "database_utilization"
    ]
    plain = machine.pulumi(
        "foundation", "preview", "--policy-pack", str(machine.platform / "policies" / "capacity")
    )

    assert removal["message"].startswith(
        "removes 2 of 4 vCPUs of the database: database_utilization at 120.0 percent under today's peak "
        "instead of 60.0 (attention above 70), critical in 0 days"
    )
    assert phase["cost"]["difference_usd_per_month"] < 0
    assert plain.returncode != 0
    assert removal["message"] in " ".join(plain.stdout.split())
    assert "[mandatory] [severity: critical]  no-blind-scale-down" in plain.stdout


def test_without_a_platform_file_nothing_is_let_through(nothing: Machine) -> None:
    phase = _check(nothing, code=1)

    assert "forecast-headroom" in _violated(phase)
    assert "not judged: no palier.yaml at or above" in str(phase["findings"])


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"policies": {"forecast-headroom": "advisory", "no-blind-scale-down": "advisory"}}, 0),
        (
            {
                "exemptions": [
                    {"policy": "forecast-headroom", "reason": "r", "owner": "ada", "until": "2999-01-01"}
                ]
            },
            0,
        ),
        (
            {
                "exemptions": [
                    {"policy": "forecast-headroom", "reason": "r", "owner": "ada", "until": "2020-01-01"}
                ]
            },
            1,
        ),
    ],
    ids=["advisory", "exempt", "expired"],
)
def test_policies_yaml_says_how_strictly_they_hold(
    nothing: Machine, rules: dict[str, Any], code: int
) -> None:
    _platform(nothing, TIGHT)
    text = yaml.safe_dump(rules).replace("'", "")
    (nothing.platform / "policies.yaml").write_text(text)

    phase = _check(nothing, code=code)

    told = [each["message"] for each in phase["findings"] if each["policy"] == "forecast-headroom"]
    assert told
    if "exemptions" in rules:
        words = "exempt until 2999-01-01 (ada: r): " if code == 0 else "its exemption ended on 2020-01-01"
        assert all(words in message for message in told if "would be" in message)


def _fails(nothing: Machine, *arguments: str) -> Said:
    return nothing.palier("check", "foundation", *arguments, code=2)


def test_a_broken_policies_file_is_one_line_and_lets_nothing_through(nothing: Machine) -> None:
    _platform(nothing, ROOMY)
    (nothing.platform / "policies.yaml").write_text("policies: {forcast-headroom: advisory}")

    said = _fails(nothing)

    assert "policies.forcast-headroom: no policy 'forcast-headroom' (allowed: forecast-headroom" in said.text


def test_a_pack_that_raises_or_is_broken_lets_nothing_through(nothing: Machine, tmp_path: Path) -> None:
    _platform(nothing, ROOMY)
    pack = tmp_path / "raising"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("name: raising\nversion: 0.0.1\nruntime: python\n")
    raising = (
        "from pulumi_policy import EnforcementLevel, PolicyPack, StackValidationPolicy\n\n\n"
        "def check(args, report):\n    raise KeyError('size')\n\n\n"
        "PolicyPack('raising', [StackValidationPolicy('fails', 'It fails.', check, "
        "EnforcementLevel.ADVISORY)])\n"
    )

    for program in (raising, "this is not python\n"):
        (pack / "__main__.py").write_text(program)
        said = _fails(nothing, "--policy-pack", str(pack))
        assert "no preview of foundation" in said.text


def test_somebody_elses_pack_is_run_beside_ours(nothing: Machine, tmp_path: Path) -> None:
    _platform(nothing, ROOMY)
    pack = tmp_path / "theirs"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("name: theirs\nversion: 0.0.1\nruntime: python\n")
    (pack / "__main__.py").write_text(
        "from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy\n\n\n"
        "def check(args, report):\n"
        "    if args.resource_type == 'aws:ec2/vpc:Vpc':\n        report('no networks here')\n\n\n"
        "PolicyPack('theirs', [ResourceValidationPolicy('no-vpc', 'No VPC.', check, "
        "EnforcementLevel.MANDATORY)])\n"
    )

    phase = _check(nothing, "--policy-pack", str(pack), code=1)

    (found,) = [each for each in phase["findings"] if each["policy"] == "no-vpc"]
    assert (found["pack"], found["level"], found["message"]) == (
        "theirs",
        "mandatory",
        "No VPC. no networks here",
    )


def test_a_phase_that_cannot_be_previewed_is_said_with_what_to_run(nothing: Machine) -> None:
    _platform(nothing, ROOMY)

    said = nothing.palier("check", "replicas", code=2)

    assert "replicas needs foundation, of which nothing stands in local" in said.text
    assert "palier up --through replicas" in " ".join(said.text.split())
