"""The symptoms of moto's RDS that Palier mends."""

from __future__ import annotations

import json
from typing import Any

from tests.engine.local.building import database, described, network, replica
from tests.engine.local.symptoms import Clients, Symptom, outcome


def resource_ids_differ(clients: Clients) -> object:
    one = database(clients)
    two = replica(clients("rds"), "reader")
    return one["DbiResourceId"] != two["DbiResourceId"]


def insights_kept(clients: Clients) -> object:
    made = database(
        clients,
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=31,
        DatabaseInsightsMode="standard",
    )
    clients("rds").modify_db_instance(
        DBInstanceIdentifier="primary", EnablePerformanceInsights=False, ApplyImmediately=True
    )
    after = described(clients("rds"), "primary")
    return (
        made.get("PerformanceInsightsEnabled"),
        made.get("PerformanceInsightsRetentionPeriod"),
        made.get("CACertificateIdentifier"),
        after.get("PerformanceInsightsEnabled"),
    )


def placed_inside_its_group(clients: Clients) -> object:
    net = network(clients)
    rds = clients("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="bc", DBSubnetGroupDescription="b and c", SubnetIds=net.subnets[1:]
    )
    rds.create_db_instance(
        DBInstanceIdentifier="primary",
        DBInstanceClass="db.m6g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="jobo",
        MasterUserPassword="not-a-secret",
        DBSubnetGroupName="bc",
        MultiAZ=True,
    )
    made = described(rds, "primary")
    return made["AvailabilityZone"], made.get("SecondaryAvailabilityZone")


def secret_names_the_master(clients: Clients) -> object:
    made = database(clients, ManageMasterUserPassword=True)
    secret = clients("secretsmanager").get_secret_value(SecretId=made["MasterUserSecret"]["SecretArn"])
    held = json.loads(secret["SecretString"])
    return held["username"], len(held["password"])


def family_of_a_major_version(clients: Clients) -> object:
    clients("rds").create_db_instance(
        DBInstanceIdentifier="plain",
        DBInstanceClass="db.m6g.large",
        Engine="postgres",
        EngineVersion="16",
        AllocatedStorage=20,
        MasterUsername="jobo",
        MasterUserPassword="not-a-secret",
    )
    return described(clients("rds"), "plain")["DBParameterGroups"][0]["DBParameterGroupName"]


def parameter_group_deleted_in_use(clients: Clients) -> object:
    database(clients)
    rds = clients("rds")
    deleted = outcome(rds.delete_db_parameter_group, DBParameterGroupName="primary")
    return deleted, outcome(rds.describe_db_instances)


def parameters_as_the_users(clients: Clients) -> object:
    rds = clients("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="p", DBParameterGroupFamily="postgres16", Description="p"
    )
    parameter = {"ParameterName": "work_mem", "ParameterValue": "8192", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName="p", Parameters=[parameter])
    sources = [
        one.get("Source") for one in rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"]
    ]
    reset = outcome(rds.reset_db_parameter_group, DBParameterGroupName="p", ResetAllParameters=True)
    return sources, reset, len(rds.describe_db_parameters(DBParameterGroupName="p")["Parameters"])


def subnet_group_after_its_change(clients: Clients) -> object:
    net = network(clients)
    rds = clients("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="g", SubnetIds=net.subnets)
    rds.modify_db_subnet_group(DBSubnetGroupName="g", SubnetIds=net.subnets[:2])
    return outcome(rds.describe_db_subnet_groups, DBSubnetGroupName="g")


def subnet_group_deleted_in_use(clients: Clients) -> object:
    database(clients)
    return outcome(clients("rds").delete_db_subnet_group, DBSubnetGroupName="data")


def replica_has_its_own(clients: Clients) -> object:
    database(clients, MultiAZ=True, PreferredBackupWindow="02:00-03:00")
    made = replica(clients("rds"), "reader")
    return (
        made["MultiAZ"],
        made["BackupRetentionPeriod"],
        made["AvailabilityZone"] != "eu-west-3a",
        made["PreferredBackupWindow"],
    )


def replica_without_backups(clients: Clients) -> object:
    database(clients, BackupRetentionPeriod=0)
    return outcome(
        clients("rds").create_db_instance_read_replica,
        DBInstanceIdentifier="reader",
        SourceDBInstanceIdentifier="primary",
    )


def replica_of_a_managed_password(clients: Clients) -> object:
    database(clients, ManageMasterUserPassword=True)
    rds = clients("rds")
    asked = {"DBInstanceIdentifier": "reader", "SourceDBInstanceIdentifier": "primary"}
    refused = outcome(rds.create_db_instance_read_replica, **asked)
    rds.modify_db_instance(
        DBInstanceIdentifier="primary",
        ManageMasterUserPassword=False,
        MasterUserPassword="not-a-secret",
        ApplyImmediately=True,
    )
    asked["DBInstanceIdentifier"] = "second"
    return refused, outcome(rds.create_db_instance_read_replica, **asked)


def replica_says_it_replicates(clients: Clients) -> object:
    database(clients)
    infos: list[dict[str, Any]] = replica(clients("rds"), "reader").get("StatusInfos", [])
    return [(info["Status"], info["Normal"]) for info in infos]


def promoted(clients: Clients) -> object:
    database(clients)
    rds = clients("rds")
    replica(rds, "reader")
    rds.promote_read_replica(DBInstanceIdentifier="reader")
    source, reader = described(rds, "primary"), described(rds, "reader")
    return source["ReadReplicaDBInstanceIdentifiers"], reader.get("ReadReplicaSourceDBInstanceIdentifier")


def source_deleted(clients: Clients) -> object:
    database(clients)
    rds = clients("rds")
    replica(rds, "reader")
    rds.delete_db_instance(DBInstanceIdentifier="primary", SkipFinalSnapshot=True)
    left = described(rds, "reader").get("ReadReplicaSourceDBInstanceIdentifier")
    return left, outcome(rds.delete_db_instance, DBInstanceIdentifier="reader", SkipFinalSnapshot=True)


def zone_outside_its_group(clients: Clients) -> object:
    net = network(clients)
    rds = clients("rds")
    rds.create_db_subnet_group(
        DBSubnetGroupName="ab", DBSubnetGroupDescription="ab", SubnetIds=net.subnets[:2]
    )
    return outcome(
        rds.create_db_instance,
        DBInstanceIdentifier="primary",
        DBInstanceClass="db.m6g.large",
        Engine="postgres",
        MasterUsername="jobo",
        MasterUserPassword="not-a-secret",
        DBSubnetGroupName="ab",
        AvailabilityZone="eu-west-3c",
    )


def proxy(clients: Clients) -> Any:
    made = database(clients)
    rds = clients("rds")
    rds.create_db_proxy(
        DBProxyName="pool",
        EngineFamily="POSTGRESQL",
        Auth=[
            {"AuthScheme": "SECRETS", "SecretArn": "arn:aws:secretsmanager:eu-west-3:123456789012:secret:s"}
        ],
        RoleArn="arn:aws:iam::123456789012:role/proxy",
        VpcSubnetIds=[subnet["SubnetIdentifier"] for subnet in made["DBSubnetGroup"]["Subnets"]],
    )
    return rds


def proxy_changed(clients: Clients) -> object:
    rds = proxy(clients)
    changed = outcome(rds.modify_db_proxy, DBProxyName="pool", RequireTLS=True, IdleClientTimeout=600)
    (made,) = rds.describe_db_proxies()["DBProxies"]
    return changed, made.get("RequireTLS"), made["IdleClientTimeout"]


def unknown_proxy(clients: Clients) -> object:
    rds = clients("rds")
    return [
        outcome(call, DBProxyName="nobody")
        for call in (rds.describe_db_proxy_targets, rds.describe_db_proxy_target_groups, rds.delete_db_proxy)
    ]


def proxy_targets(clients: Clients) -> object:
    rds = proxy(clients)
    (target,) = rds.register_db_proxy_targets(DBProxyName="pool", DBInstanceIdentifiers=["primary"])[
        "DBProxyTargets"
    ]
    endpoint = described(rds, "primary")["Endpoint"]["Address"]
    again = outcome(rds.register_db_proxy_targets, DBProxyName="pool", DBInstanceIdentifiers=["primary"])
    missing = outcome(rds.register_db_proxy_targets, DBProxyName="pool", DBInstanceIdentifiers=["nobody"])
    return target.get("Endpoint") == endpoint, target.get("Role"), again, missing


def restored_to_a_point_in_time(clients: Clients) -> object:
    database(clients)
    clients("rds").restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier="primary",
        TargetDBInstanceIdentifier="restored",
        UseLatestRestorableTime=True,
    )
    return described(clients("rds"), "restored").get("ReadReplicaSourceDBInstanceIdentifier")


SYMPTOMS = (
    Symptom("own_resource_id", resource_ids_differ, False, True),
    Symptom(
        "insights_and_certificate_kept",
        insights_kept,
        (None, None, "rds-ca-default", None),
        (True, 31, "rds-ca-rsa2048-g1", False),
    ),
    Symptom(
        "placed_in_its_subnet_group",
        placed_inside_its_group,
        ("eu-west-3a", None),
        ("eu-west-3b", "eu-west-3c"),
    ),
    Symptom("managed_secret_of_its_master", secret_names_the_master, ("admin", 9), ("jobo", 28)),
    Symptom(
        "default_parameter_group_of_a_major_version",
        family_of_a_major_version,
        "default.postgres",
        "default.postgres16",
    ),
    Symptom(
        "parameter_group_in_use_stays",
        parameter_group_deleted_in_use,
        ("done", "KeyError"),
        ("InvalidDBParameterGroupState", "done"),
    ),
    Symptom(
        "parameters_described_as_the_users",
        parameters_as_the_users,
        ([None], "NotImplementedError", 1),
        (["user"], "done", 0),
    ),
    Symptom(
        "subnet_group_survives_its_change",
        subnet_group_after_its_change,
        "DBSubnetGroupNotFoundFault",
        "done",
    ),
    Symptom(
        "subnet_group_in_use_stays", subnet_group_deleted_in_use, "done", "InvalidDBSubnetGroupStateFault"
    ),
    Symptom(
        "replica_of_its_own",
        replica_has_its_own,
        (True, 7, False, "02:00-03:00"),
        (False, 0, True, "02:00-03:00"),
    ),
    Symptom("replica_of_its_own", replica_without_backups, "done", "InvalidDBInstanceState"),
    Symptom(
        "replica_of_its_own",
        replica_of_a_managed_password,
        ("done", "done"),
        ("InvalidParameterValue", "done"),
    ),
    Symptom("replica_says_how_it_replicates", replica_says_it_replicates, [], [("replicating", True)]),
    Symptom("promotion_ends_the_replication", promoted, (["reader"], "primary"), ([], None)),
    Symptom(
        "replicas_outlive_their_source", source_deleted, ("primary", "DBInstanceNotFound"), (None, "done")
    ),
    Symptom("restored_instance_follows_nobody", restored_to_a_point_in_time, "primary", None),
    Symptom("zones_of_the_replica", zone_outside_its_group, "done", "InvalidVPCNetworkStateFault"),
    Symptom("proxy_changed", proxy_changed, ("NotImplementedError", None, 1800), ("done", True, 600)),
    Symptom("proxy_unknown_told", unknown_proxy, ["KeyError"] * 3, ["DBProxyNotFoundFault"] * 3),
    Symptom(
        "proxy_targets_addressed",
        proxy_targets,
        (False, None, "done", "done"),
        (True, "READ_WRITE", "DBProxyTargetAlreadyRegisteredFault", "DBInstanceNotFound"),
    ),
)
