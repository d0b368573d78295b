"""What AWS refuses and moto takes is refused before anything is made: in preview, and in these very words."""

from __future__ import annotations

import pytest

from tests.engine.provider.cases import CASES
from tests.engine.provider.world import World
from tests.engine.support.driven import Driven, Failed, Properties
from tests.engine.support.programs import Project

SUBNET, DATABASE = "aws:ec2/subnet:Subnet", "aws:rds/instance:Instance"
GROUP, ALARM = "aws:lb/targetGroup:TargetGroup", "aws:cloudwatch/metricAlarm:MetricAlarm"

REFUSED: dict[str, tuple[str, Properties, str, str]] = {
    "a zone of another region": (
        SUBNET,
        {"availabilityZone": "us-east-1a"},
        "availabilityZone",
        "'us-east-1a' is not an availability zone of eu-west-3 (eu-west-3a, eu-west-3b, eu-west-3c)",
    ),
    "an unknown zone of a database": (
        DATABASE,
        {"availabilityZone": "eu-west-3z"},
        "availabilityZone",
        "'eu-west-3z' is not an availability zone of eu-west-3 (eu-west-3a, eu-west-3b, eu-west-3c)",
    ),
    "an unknown class": (
        DATABASE,
        {"instanceClass": "db.t4g.huge"},
        "instanceClass",
        "'db.t4g.huge' is not a DB instance class that eu-west-3 has for postgres "
        "(db.t4g.large, db.t4g.xlarge, db.t4g.2xlarge, …)",
    ),
    "an unknown engine": (
        DATABASE,
        {"engine": "postgresql"},
        "engine",
        "'postgresql' is not an engine of RDS (postgres, aurora-postgresql)",
    ),
    "an enumerated value": (
        ALARM,
        {"statistic": "Mean"},
        "statistic",
        "'Mean' is not one of AWS's values (SampleCount, Average, Sum, Minimum, Maximum)",
    ),
    "a number out of range": (ALARM, {"evaluationPeriods": 0}, "evaluationPeriods", "0 is outside 1…"),
    "a block outside its VPC": (
        SUBNET,
        {"cidrBlock": "10.77.0.0/24"},
        "cidrBlock",
        "10.77.0.0/24 is outside its VPC (10.0.0.0/16)",
    ),
    "an unknown region": (
        SUBNET,
        {"region": "eu-west-33"},
        "region",
        "unknown AWS region 'eu-west-33'; did you mean eu-west-3 or eu-west-2?",
    ),
    "an unknown property": (
        SUBNET,
        {"cidrBlok": "x"},
        "cidrBlok",
        "is not a property; did you mean cidrBlock?",
    ),
    "an unknown nested property": (
        GROUP,
        {"healthCheck": {"patth": "/"}},
        "healthCheck.patth",
        "is not a property; did you mean path?",
    ),
    "an input that nothing would do": (
        GROUP,
        {"targetFailovers": [{"onDeregistration": "rebalance", "onUnhealthy": "rebalance"}]},
        "targetFailovers",
        "is not served by the local cloud, which would forget it (docs/fidelity.md)",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_in_these_words(what: str, provider: Driven, world: World) -> None:
    token, override, path, words = REFUSED[what]
    refused = provider.refusals(token, "refused", {**CASES[token].inputs(world), **override})
    assert refused == {path: words}


def test_a_replica_of_a_source_without_backups_is_refused(provider: Driven, world: World) -> None:
    source = world.instance(identifier="bare", backupRetentionPeriod=0)
    replica = {
        "identifier": "copy",
        "instanceClass": "db.t4g.medium",
        "replicateSourceDb": "bare",
        "skipFinalSnapshot": True,
    }
    words = (
        "'bare' has no automated backups, so AWS makes no replica of it; "
        "set its backupRetentionPeriod to 1 or more"
    )
    # Planned in the same run, and then standing.
    provider.check(DATABASE, "bare", source)
    assert provider.refusals(DATABASE, "copy", replica) == {"replicateSourceDb": words}
    provider.check(DATABASE, "bare", {**source, "backupRetentionPeriod": 1})
    assert provider.refusals(DATABASE, "copy", replica) == {}
    provider.make(DATABASE, "bare", {**source, "identifier": "standing"})
    provider.configure(region="eu-west-3")
    refused = provider.refusals(DATABASE, "copy", {**replica, "replicateSourceDb": "standing"})
    assert refused == {"replicateSourceDb": words.replace("bare", "standing")}


def test_a_replica_of_a_source_whose_password_rds_manages_is_refused(provider: Driven, world: World) -> None:
    managed = world.instance(identifier="managed", manageMasterUserPassword=True, backupRetentionPeriod=1)
    del managed["password"]
    own = world.instance(identifier="managed", backupRetentionPeriod=1)
    replica = {
        "identifier": "copy",
        "instanceClass": "db.t4g.medium",
        "replicateSourceDb": "managed",
        "skipFinalSnapshot": True,
    }
    words = (
        "'managed' has its master password managed by RDS, so AWS makes no replica of it; "
        "give it a password in the place of manageMasterUserPassword"
    )
    # Planned in the same run, and then standing.
    provider.check(DATABASE, "managed", managed)
    assert provider.refusals(DATABASE, "copy", replica) == {"replicateSourceDb": words}
    provider.check(DATABASE, "managed", own)
    assert provider.refusals(DATABASE, "copy", replica) == {}
    standing = provider.make(DATABASE, "managed", managed)
    provider.configure(region="eu-west-3")
    assert provider.refusals(DATABASE, "copy", replica) == {"replicateSourceDb": words}

    # It gets a password of its own in place, and can be followed from then on.
    checked = provider.recheck(standing, own)
    assert provider.diff(standing, checked).replaces == ()
    after = provider.change(standing, checked)
    assert after.id == standing.id
    assert not after.outputs.get("masterUserSecrets")
    assert provider.diff(after, provider.recheck(after, own)).properties == set()
    provider.configure(region="eu-west-3")
    assert provider.refusals(DATABASE, "copy", replica) == {}
    provider.remove(after)


def test_versioning_once_enabled_is_never_disabled(provider: Driven, world: World) -> None:
    token = "aws:s3/bucketVersioning:BucketVersioning"
    before = {"bucket": world.bucket, "versioningConfiguration": {"status": "Enabled"}}
    after = {"bucket": world.bucket, "versioningConfiguration": {"status": "Disabled"}}
    assert provider.refusals(token, "v", after, before) == {
        "versioningConfiguration.status": "cannot be updated from 'Enabled' to 'Disabled'"
    }
    assert provider.refusals(token, "v", after) == {}


def test_a_type_that_is_not_there_is_refused_by_its_name(provider: Driven) -> None:
    with pytest.raises(Failed) as failure:
        provider.refusals("aws:sqs/queue:Queue", "q", {})
    assert str(failure.value) == (
        "the local cloud does not have the type aws:sqs/queue:Queue yet; docs/fidelity.md lists the types it "
        "has, docs/adding-a-resource-type.md says how to add one"
    )


REFUSING = """
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    {}
"""


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('aws.sqs.Queue("q")', "the local cloud does not have the type aws:sqs/queue:Queue yet"),
        (
            'aws.lb.TargetGroup("t", port=80, protocol="HTTP", vpc_id=vpc.id, health_check={"patth": "/"})',
            "healthCheck.patth",
        ),
    ],
)
def test_a_preview_says_so_and_nothing_is_made(line: str, words: str, project: Project) -> None:
    project.program(REFUSING.format(line))
    ran = project.preview()
    assert ran.code != 0
    assert words in ran.said
    assert "Traceback" not in ran.said
    assert project.emulated.api("summary")["total"] == 0


TEMPLATE = """
    template = aws.ec2.LaunchTemplate("t", image_id="ami-12345678", instance_type="t4g.small")
    parameter = aws.ssm.Parameter("p", type="String", value=template.latest_version.apply(str))
"""


def test_a_preview_tells_what_follows_from_a_change(project: Project) -> None:
    project.program(TEMPLATE)
    assert project.up().code == 0
    project.program(TEMPLATE.replace("t4g.small", "t4g.medium"))
    # The version that the change will make is not known yet; that it will be another is.
    assert project.preview().changed == {"t": "update", "p": "update"}
    assert project.up().changed == {"t": "update", "p": "update"}
    assert project.preview().changed == {}
