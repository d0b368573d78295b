"""One program in several regions: what stands in each, and what a switch of roles looks like to it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.local.emulated import Emulated
from tests.engine.provider.world import ASSUME, World
from tests.engine.support.driven import Driven, Failed, Properties, Standing
from tests.engine.support.programs import Project

HOME, AWAY = "eu-west-3", "eu-central-1"
CLUSTER, GLOBAL = "aws:rds/cluster:Cluster", "aws:rds/globalCluster:GlobalCluster"
DATABASE, TABLE = "aws:rds/instance:Instance", "aws:dynamodb/table:Table"

WORLD = """
    from pulumi import ResourceOptions

    away = aws.Provider("away", region="eu-central-1")
    far = ResourceOptions(provider=away)
    engine = dict(engine="aurora-postgresql", engine_version="16.4")

    def network(name, region, opts=None):
        vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", opts=opts)
        subnets = [
            aws.ec2.Subnet(f"{name}-{zone}", vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24",
                           availability_zone=f"{region}{zone}", opts=opts)
            for number, zone in enumerate("ab")
        ]
        return aws.rds.SubnetGroup(f"{name}-db", subnet_ids=[one.id for one in subnets], opts=opts)

    world = aws.rds.GlobalCluster(
        "world", global_cluster_identifier="world", storage_encrypted=True, **engine
    )
    groups = {"here": network("here", "eu-west-3"), "there": network("there", "eu-central-1", far)}
    here = aws.rds.Cluster(
        "here", global_cluster_identifier=world.id, db_subnet_group_name=groups["here"].name,
        master_username="palier", manage_master_user_password=True, storage_encrypted=True,
        skip_final_snapshot=True, **engine,
    )
    one = aws.rds.ClusterInstance("one", cluster_identifier=here.id, instance_class="db.r6g.large",
                                  engine="aurora-postgresql")
    key = aws.kms.Key("key", opts=far)
    there = aws.rds.Cluster(
        "there", global_cluster_identifier=world.id, db_subnet_group_name=groups["there"].name,
        kms_key_id=key.arn, storage_encrypted=True, skip_final_snapshot=True, **engine,
        opts=ResourceOptions(provider=away, depends_on=[one]),
    )
    two = aws.rds.ClusterInstance("two", cluster_identifier=there.id, instance_class="db.r6g.large",
                                  engine="aurora-postgresql", opts=far)
    pulumi.export("arns", [there.arn, here.arn])
    pulumi.export("writer", pulumi.Output.all(one.writer, two.writer))
"""


def test_a_switchover_is_no_difference_to_the_program(project: Project) -> None:
    project.program(WORLD)
    ran = project.up()
    assert ran.code == 0, ran.said
    outputs = project.outputs()
    assert outputs["writer"] == [True, False]
    rds = project.emulated.client("rds", HOME)
    there, here = outputs["arns"]
    rds.switchover_global_cluster(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=there)
    refreshed = project.refresh()
    assert refreshed.code == 0, refreshed.said
    assert project.up().changed == {}
    assert project.outputs()["writer"] == [False, True]
    # As on AWS, what writes leaves last: the program is taken down with the roles as it made them.
    rds.switchover_global_cluster(GlobalClusterIdentifier="world", TargetDbClusterIdentifier=here)
    assert project.destroy().code == 0
    assert project.emulated.api("summary")["total"] == 0


def table(**changes: object) -> Properties:
    """A table's inputs, ready for replicas."""
    return {
        "name": "sessions",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "streamEnabled": True,
        "streamViewType": "NEW_AND_OLD_IMAGES",
        **changes,
    }


def replicas(*regions: str) -> list[Properties]:
    return [{"regionName": region} for region in regions]


def regions_of(standing: Standing) -> list[str]:
    return [one["regionName"] for one in standing.outputs["replicas"]]


def test_replicas_of_a_table_are_made_changed_seen_to_be_gone_and_removed(
    provider: Driven, emulated: Emulated
) -> None:
    made = provider.make(TABLE, "sessions", table(replicas=replicas(AWAY)))
    assert regions_of(made) == [AWAY]
    again = provider.recheck(made, table(replicas=replicas(AWAY)))
    assert provider.diff(made, again).properties == set()
    more = provider.change(made, provider.recheck(made, table(replicas=replicas(AWAY, "eu-west-1"))))
    assert regions_of(more) == [AWAY, "eu-west-1"]
    here = emulated.client("dynamodb", HOME)
    here.put_item(TableName="sessions", Item={"id": {"S": "a"}})
    assert "Item" in emulated.client("dynamodb", "eu-west-1").get_item(
        TableName="sessions", Key={"id": {"S": "a"}}
    )
    gone = [{"Delete": {"RegionName": AWAY}}]
    here.update_table(TableName="sessions", ReplicaUpdates=gone)
    seen = provider.look(more)
    assert seen is not None
    assert regions_of(seen) == ["eu-west-1"]
    wanted = provider.recheck(seen, table(replicas=replicas(AWAY, "eu-west-1")))
    assert any(path.startswith("replicas") for path in provider.diff(seen, wanted).properties)
    assert sorted(regions_of(provider.change(seen, wanted))) == [AWAY, "eu-west-1"]
    provider.remove(more)
    for region in (HOME, AWAY, "eu-west-1"):
        assert emulated.client("dynamodb", region).list_tables()["TableNames"] == []


def far_replica(world: World, source: Standing, **further: object) -> Properties:
    """A replica's inputs in the other region."""
    return {
        "region": AWAY,
        "replicateSourceDb": source.outputs["arn"],
        "instanceClass": "db.t4g.medium",
        "skipFinalSnapshot": True,
        **further,
    }


def test_a_replica_in_another_region_of_an_encrypted_instance_wants_a_key_there_and_can_be_promoted(
    provider: Driven, world: World, emulated: Emulated
) -> None:
    key = provider.make("aws:kms/key:Key", "home-key", {})
    source = provider.make(
        DATABASE,
        "encrypted",
        world.instance(backupRetentionPeriod=7, storageEncrypted=True, kmsKeyId=key.outputs["arn"]),
    )
    with pytest.raises(Failed, match="Cannot create a cross region unencrypted read replica"):
        provider.make(DATABASE, "keyless", far_replica(world, source))
    with pytest.raises(Failed, match="KMSKeyNotAccessibleFault"):
        provider.make(DATABASE, "wrong-key", far_replica(world, source, kmsKeyId=key.outputs["arn"]))
    there = provider.make("aws:kms/key:Key", "away-key", {"region": AWAY})
    asked = far_replica(world, source, kmsKeyId=there.outputs["arn"], storageEncrypted=True)
    far = provider.make(DATABASE, "far", asked)
    assert far.outputs["kmsKeyId"] == there.outputs["arn"]
    assert far.outputs["storageEncrypted"] is True
    assert provider.diff(far, provider.recheck(far, asked)).properties == set()

    rds = emulated.client("rds", AWAY)
    rds.promote_read_replica(DBInstanceIdentifier=far.outputs["identifier"], BackupRetentionPeriod=7)
    promoted = provider.look(far)
    assert promoted is not None
    assert "replicateSourceDb" not in promoted.inputs
    assert promoted.outputs["backupRetentionPeriod"] == 7
    home = provider.look(source)
    assert home is not None
    assert home.outputs["replicas"] == []
    # To a program that leaves the source to whoever switches, nothing is different.
    settled = provider.recheck(promoted, {**asked, "backupRetentionPeriod": 7})
    ignored = provider.diff(promoted, settled, ignoring=("replicateSourceDb",))
    assert ignored.replaces == ()
    provider.remove(promoted)
    provider.remove(source)


# The types that a region's tier is made of, beside the network that `World` makes: each stands in a second
# region and is found there, and nowhere else.
ELSEWHERE: dict[str, Properties] = {
    "aws:ec2/vpc:Vpc": {"cidrBlock": "10.9.0.0/16"},
    "aws:kms/key:Key": {},
    "aws:kms/alias:Alias": {"targetKeyId": "key"},
    "aws:sns/topic:Topic": {},
    "aws:s3/bucket:Bucket": {},
    "aws:cloudwatch/logGroup:LogGroup": {},
    "aws:ssm/parameter:Parameter": {"type": "String", "value": "eu-west-3"},
    "aws:rds/parameterGroup:ParameterGroup": {"family": "postgres16"},
    "aws:ec2/launchTemplate:LaunchTemplate": {"instanceType": "t4g.small", "imageId": "ami-12345678"},
}


@pytest.mark.parametrize("token", ELSEWHERE)
def test_a_type_stands_in_a_second_region_and_stays_there(token: str, provider: Driven) -> None:
    inputs = dict(ELSEWHERE[token], region=AWAY)
    if "targetKeyId" in inputs:
        inputs["targetKeyId"] = provider.make("aws:kms/key:Key", "far-key", {"region": AWAY}).id
    made = provider.make(token, "elsewhere", inputs)
    assert made.outputs["region"] == AWAY
    assert f":{AWAY}:" in str(made.outputs.get("arn", f":{AWAY}:")) or token == "aws:s3/bucket:Bucket"
    seen = provider.look(made)
    assert seen is not None
    assert provider.diff(seen, provider.recheck(seen, inputs)).properties == set()
    provider.remove(made)
    assert provider.look(made) is None


def test_a_role_is_the_same_from_every_region(provider: Driven) -> None:
    made = provider.make("aws:iam/role:Role", "anywhere", {"assumeRolePolicy": ASSUME})
    assert provider.look(made) is not None


def latency(region: str, check: Standing, zone: str) -> Properties:
    return {
        "zoneId": zone,
        "name": "app.world.internal",
        "type": "CNAME",
        "ttl": 60,
        "records": [f"{region}.example.org"],
        "setIdentifier": region,
        "latencyRoutingPolicies": [{"region": region}],
        "healthCheckId": check.id,
    }


def test_latency_records_with_health_checks_stand_beside_each_other(provider: Driven, world: World) -> None:
    asked: Any = {"type": "HTTPS", "fqdn": "example.org", "port": 443, "resourcePath": "/"}
    for region in (HOME, AWAY):
        check = provider.make("aws:route53/healthCheck:HealthCheck", f"check-{region}", asked)
        wanted = latency(region, check, world.zone)
        made = provider.make("aws:route53/record:Record", f"record-{region}", wanted)
        assert made.outputs["healthCheckId"] == check.id
        seen = provider.look(made)
        assert seen is not None
        assert provider.diff(seen, provider.recheck(seen, wanted)).properties == set()
