"""The symptoms of moto's Aurora that Palier mends: clusters, and global databases over two regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.local.building import network
from tests.engine.local.symptoms import Symptom, outcome

Clients = Callable[..., Any]
HOME, AWAY = "eu-west-3", "eu-central-1"
ENGINE = {"Engine": "aurora-postgresql", "EngineVersion": "16.4"}
USER = {"MasterUsername": "jobo", "MasterUserPassword": "not-a-secret"}


def cluster(rds: Any, name: str = "orders", **changes: Any) -> dict[str, Any]:
    """Make a cluster without instances; returns it as described."""
    rds.create_db_cluster(**({"DBClusterIdentifier": name, **ENGINE, **USER} | changes))
    return looked_up(rds, name)


def looked_up(rds: Any, name: str = "orders") -> dict[str, Any]:
    """One cluster."""
    found: dict[str, Any] = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]
    return found


def instance(rds: Any, name: str, of: str = "orders", **changes: Any) -> dict[str, Any]:
    """Make an instance of a cluster; returns it as described."""
    asked = {"DBInstanceIdentifier": name, "DBClusterIdentifier": of, "DBInstanceClass": "db.r6g.large"}
    answer = rds.create_db_instance(**(asked | {"Engine": ENGINE["Engine"]} | changes))
    made: dict[str, Any] = answer["DBInstance"]
    return made


def two_regions(clients: Clients, *, key: str | None = None) -> tuple[str, str]:
    """A global cluster `world` that writes in HOME and reads in AWAY, an instance in each; the two ARNs."""
    here, there = clients("rds", HOME), clients("rds", AWAY)
    here.create_global_cluster(GlobalClusterIdentifier="world", **ENGINE)
    joined: dict[str, Any] = {"GlobalClusterIdentifier": "world"}
    one = cluster(here, **joined)
    there.create_db_cluster(DBClusterIdentifier="orders", **ENGINE, **joined)
    for number, rds in enumerate((here, there)):
        instance(rds, f"orders-{number}")
    return one["DBClusterArn"], looked_up(there)["DBClusterArn"]


def members(rds: Any) -> dict[str, bool]:
    """Region of each member of `world`, and whether it writes."""
    found = rds.describe_global_clusters(GlobalClusterIdentifier="world")["GlobalClusters"]
    told = next(one for one in found if one["GlobalClusterIdentifier"] == "world")["GlobalClusterMembers"]
    return {one["DBClusterArn"].split(":")[3]: one["IsWriter"] for one in told}


def cluster_made_twice(clients: Clients) -> object:
    rds = clients("rds")
    cluster(rds)
    again = outcome(rds.create_db_cluster, DBClusterIdentifier="orders", **ENGINE, **USER)
    elsewhere = outcome(
        rds.create_db_cluster, DBClusterIdentifier="two", DBSubnetGroupName="none", **ENGINE, **USER
    )
    group = {"DBClusterParameterGroupName": "none"}
    other = outcome(rds.create_db_cluster, DBClusterIdentifier="three", **group, **ENGINE, **USER)
    fast = outcome(
        rds.create_db_cluster, DBClusterIdentifier="four", StorageType="aurora-iopt1", **ENGINE, **USER
    )
    # Upstream it is a snapshot of the same minute that is refused, or nothing.
    return again == "DBClusterAlreadyExistsFault", elsewhere, other, fast


def cluster_told(clients: Clients) -> object:
    made = cluster(clients("rds"), EnablePerformanceInsights=True, DatabaseInsightsMode="advanced")
    return (
        made["DBClusterParameterGroup"],
        "KmsKeyId" in made,
        made["StorageType"],
        made.get("PerformanceInsightsEnabled"),
        made.get("DatabaseInsightsMode"),
    )


def cluster_changed(clients: Clients) -> object:
    rds = clients("rds")
    cluster(rds)
    unknown = outcome(rds.modify_db_cluster, DBClusterIdentifier="none", BackupRetentionPeriod=7)
    exports = {"EnableLogTypes": ["postgresql"]}
    changes = {"CloudwatchLogsExportConfiguration": exports, "EnableIAMDatabaseAuthentication": True}
    rds.modify_db_cluster(DBClusterIdentifier="orders", ApplyImmediately=True, **changes)
    now = looked_up(rds)
    refused = outcome(rds.modify_db_cluster, DBClusterIdentifier="orders", MasterUserPassword="short")
    stands = outcome(rds.describe_db_clusters, DBClusterIdentifier="orders")
    told = now.get("EnabledCloudwatchLogsExports"), now["IAMDatabaseAuthenticationEnabled"]
    return unknown, *told, refused, stands


def instances_placed(clients: Clients) -> object:
    net, rds = network(clients), clients("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="bc", DBSubnetGroupDescription="b and c", SubnetIds=net.subnets[1:]
    )
    cluster(rds, DBSubnetGroupName="bc")
    made = [instance(rds, f"orders-{number}") for number in range(2)]
    return [(one["AvailabilityZone"], "DBSubnetGroup" in one) for one in made]


def cluster_parameters(clients: Clients) -> object:
    rds = clients("rds")
    group = {"DBClusterParameterGroupName": "tuned"}
    rds.create_db_cluster_parameter_group(
        **group, DBParameterGroupFamily="aurora-postgresql16", Description="tuned"
    )
    wanted = [{"ParameterName": "work_mem", "ParameterValue": "8192", "ApplyMethod": "immediate"}]
    rds.modify_db_cluster_parameter_group(**group, Parameters=wanted)
    sources = [one.get("Source") for one in rds.describe_db_cluster_parameters(**group)["Parameters"]]
    reset = outcome(rds.reset_db_cluster_parameter_group, **group, Parameters=wanted)
    left = len(rds.describe_db_cluster_parameters(**group)["Parameters"])
    cluster(rds, **group)
    return sources, reset, left, outcome(rds.delete_db_cluster_parameter_group, **group)


def joined_by_anyone(clients: Clients) -> object:
    two_regions(clients)
    third, joined = clients("rds", "eu-west-1"), {"GlobalClusterIdentifier": "world"}
    return (
        outcome(
            third.create_db_cluster, DBClusterIdentifier="a", GlobalClusterIdentifier="none", **ENGINE, **USER
        ),
        outcome(third.create_db_cluster, DBClusterIdentifier="b", Engine="aurora-mysql", **joined),
        outcome(third.create_db_cluster, DBClusterIdentifier="c", **ENGINE, **USER, **joined),
        outcome(clients("rds", AWAY).create_db_cluster, DBClusterIdentifier="d", **ENGINE, **joined),
    )


def joined_without_a_key(clients: Clients) -> object:
    here, there = clients("rds", HOME), clients("rds", AWAY)
    here.create_global_cluster(GlobalClusterIdentifier="world", StorageEncrypted=True, **ENGINE)
    joined: dict[str, Any] = {"GlobalClusterIdentifier": "world"}
    cluster(here, StorageEncrypted=True, **joined)
    without = outcome(there.create_db_cluster, DBClusterIdentifier="orders", **ENGINE, **joined)
    key = clients("kms", AWAY).create_key()["KeyMetadata"]["Arn"]
    with_one = outcome(there.create_db_cluster, DBClusterIdentifier="keyed", KmsKeyId=key, **ENGINE, **joined)
    return without, with_one


def made_of_a_cluster(clients: Clients) -> object:
    rds = clients("rds", HOME)
    arn = cluster(rds, DatabaseName="orders")["DBClusterArn"]
    asked = {"GlobalClusterIdentifier": "world", "SourceDBClusterIdentifier": arn}
    made = outcome(rds.create_global_cluster, **asked)
    again = outcome(rds.create_global_cluster, GlobalClusterIdentifier="world", **ENGINE)
    found = rds.describe_global_clusters()["GlobalClusters"]
    told = [(one.get("DatabaseName"), [m["IsWriter"] for m in one["GlobalClusterMembers"]]) for one in found]
    return made, again, told


def looked_up_by_name(clients: Clients) -> object:
    rds = clients("rds")
    for name in ("one", "two"):
        rds.create_global_cluster(GlobalClusterIdentifier=name, **ENGINE)
    found = rds.describe_global_clusters(GlobalClusterIdentifier="two")["GlobalClusters"]
    unknown = outcome(rds.describe_global_clusters, GlobalClusterIdentifier="three")
    return [one["GlobalClusterIdentifier"] for one in found], unknown


def global_changed(clients: Clients) -> object:
    rds = clients("rds")
    name = {"GlobalClusterIdentifier": "world"}
    rds.create_global_cluster(**name, **ENGINE)
    protected = outcome(rds.modify_global_cluster, **name, DeletionProtection=True)
    unknown = outcome(rds.delete_global_cluster, GlobalClusterIdentifier="none")
    if protected != "done":
        rds.delete_global_cluster(**name)
        rds.create_global_cluster(**name, **ENGINE, DeletionProtection=True)
    return protected, unknown, outcome(rds.delete_global_cluster, **name)


def global_tagged(clients: Clients) -> object:
    rds = clients("rds")
    made = rds.create_global_cluster(GlobalClusterIdentifier="world", **ENGINE)["GlobalCluster"]
    tags = [{"Key": "a", "Value": "b"}]
    return outcome(rds.add_tags_to_resource, ResourceName=made["GlobalClusterArn"], Tags=tags)


def global_left(clients: Clients) -> object:
    one, two = two_regions(clients)
    here, there, name = clients("rds", HOME), clients("rds", AWAY), {"GlobalClusterIdentifier": "world"}
    writer = outcome(here.remove_from_global_cluster, **name, DbClusterIdentifier=one)
    there.delete_db_instance(DBInstanceIdentifier="orders-1", SkipFinalSnapshot=True)
    deleted = outcome(there.delete_db_cluster, DBClusterIdentifier="orders", SkipFinalSnapshot=True)
    reader = outcome(there.remove_from_global_cluster, **name, DbClusterIdentifier=two)
    return writer, deleted, reader, sorted(members(here))


def members_told(clients: Clients) -> object:
    two_regions(clients)
    (found,) = clients("rds").describe_global_clusters()["GlobalClusters"]
    reading = looked_up(clients("rds", AWAY))["DBClusterMembers"]
    return (
        [one.get("SynchronizationStatus") for one in found["GlobalClusterMembers"]],
        [one["IsClusterWriter"] for one in reading],
    )


def switched_over(clients: Clients) -> object:
    one, two = two_regions(clients)
    here, name = clients("rds", HOME), {"GlobalClusterIdentifier": "world"}
    to_itself = outcome(here.switchover_global_cluster, **name, TargetDbClusterIdentifier=one)
    unknown = outcome(here.switchover_global_cluster, **name, TargetDbClusterIdentifier=one + "x")
    done = outcome(here.switchover_global_cluster, **name, TargetDbClusterIdentifier=two)
    return to_itself, unknown, done, members(here)


def failed_over(clients: Clients) -> object:
    _, two = two_regions(clients)
    there, asked = (
        clients("rds", AWAY),
        {"GlobalClusterIdentifier": "world", "TargetDbClusterIdentifier": two},
    )
    both = outcome(there.failover_global_cluster, **asked, AllowDataLoss=True, Switchover=True)
    return both, outcome(there.failover_global_cluster, **asked, AllowDataLoss=True), members(there)


SYMPTOMS = (
    Symptom(
        "cluster_made_once",
        cluster_made_twice,
        (False, "done", "done", "KeyError"),
        (
            True,
            "DBSubnetGroupNotFoundFault",
            "DBParameterGroupNotFound",
            "done",
        ),
    ),
    Symptom(
        "cluster_described_as_on_aws",
        cluster_told,
        ("default.aurora8.0", True, "gp2", None, None),
        ("default.aurora-postgresql16", False, "aurora", True, "advanced"),
    ),
    Symptom(
        "cluster_change_kept_or_refused",
        cluster_changed,
        ("KeyError", [], False, "InvalidParameterValue", "DBClusterNotFoundFault"),
        ("DBClusterNotFoundFault", ["postgresql"], True, "InvalidParameterValue", "done"),
    ),
    Symptom(
        "instance_where_its_cluster_is",
        instances_placed,
        [("eu-west-3a", False), ("eu-west-3a", False)],
        [("eu-west-3b", True), ("eu-west-3c", True)],
    ),
    Symptom(
        "cluster_parameters_described_as_the_users",
        cluster_parameters,
        ([None], "NotImplementedError", 1, "done"),
        (["user"], "done", 0, "InvalidDBParameterGroupState"),
    ),
    Symptom(
        "global_cluster_joined_or_refused",
        joined_by_anyone,
        ("done", "done", "done", "done"),
        (
            "GlobalClusterNotFoundFault",
            "InvalidParameterCombination",
            "InvalidParameterCombination",
            "InvalidGlobalClusterStateFault",
        ),
    ),
    Symptom(
        "global_cluster_joined_or_refused",
        joined_without_a_key,
        ("done", "done"),
        ("InvalidParameterCombination", "done"),
    ),
    Symptom(
        "global_cluster_from_any_region",
        made_of_a_cluster,
        ("DBClusterNotFoundFault", "done", [(None, [])]),
        ("done", "GlobalClusterAlreadyExistsFault", [("orders", [True])]),
    ),
    Symptom(
        "global_cluster_looked_up",
        looked_up_by_name,
        (["one", "two"], "done"),
        (["two"], "GlobalClusterNotFoundFault"),
    ),
    Symptom(
        "global_cluster_changed",
        global_changed,
        ("NotImplementedError", "KeyError", "done"),
        ("done", "GlobalClusterNotFoundFault", "InvalidParameterCombination"),
    ),
    Symptom("global_cluster_tagged", global_tagged, "InvalidParameterValue", "done"),
    Symptom(
        "global_cluster_left",
        global_left,
        ("done", "done", "done", ["eu-central-1", "eu-west-3"]),
        ("InvalidGlobalClusterStateFault", "InvalidDBClusterStateFault", "done", ["eu-west-3"]),
    ),
    Symptom(
        "global_members_told",
        members_told,
        ([None, None], [True]),
        (["connected", "connected"], [False]),
    ),
    Symptom(
        "global_switchover_and_failover",
        switched_over,
        (*["NotImplementedError"] * 3, {HOME: True, AWAY: False}),
        ("InvalidDBClusterStateFault", "DBClusterNotFoundFault", "done", {HOME: False, AWAY: True}),
    ),
    Symptom(
        "global_switchover_and_failover",
        failed_over,
        (*["NotImplementedError"] * 2, {HOME: True, AWAY: False}),
        ("InvalidParameterCombination", "done", {HOME: False, AWAY: True}),
    ),
)
