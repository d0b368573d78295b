"""What the multi-region program makes of foundation's outputs, region by region, and when it refuses them."""

from __future__ import annotations

import copy
import json
from typing import Any

import pulumi
import pytest
from palier_stacks.multi_region.home import NEEDED, HomeRefused, check
from palier_stacks.multi_region.settings import MultiRegionSettings

from tests.unit.stacks.conftest import Config, build_multi_region, changed
from tests.unit.stacks.mocked import ACCOUNT, Recorder, Registered

Run = tuple[Recorder, dict[str, Any]]
HOME, FAR, FARTHER = "eu-west-3", "eu-west-1", "eu-north-1"
AURORA = {"engine": "aurora_global", "instance_class": "db.r6g.large", "instances_per_region": 1}
ROUTED = {"domain": "www.jobo.example", "hosted_zone_id": "Z1EXAMPLE"}


@pytest.fixture(scope="session")
def outputs(foundation: Run) -> dict[str, Any]:
    """What a foundation and a cdn that stand export."""
    return {**foundation[1], "key_value_store_arn": "arn:store"}


@pytest.fixture(scope="session")
def aurora(multi_region_config: Config, outputs: dict[str, Any]) -> Run:
    """The program with an Aurora global database and a domain."""
    config = changed(multi_region_config, database=AURORA, routing=ROUTED)
    return build_multi_region(config, outputs)


@pytest.fixture(scope="session")
def three_regions(multi_region_config: Config, outputs: dict[str, Any]) -> Run:
    """The program with two further regions."""
    config = copy.deepcopy(multi_region_config)
    (first,) = config["multi-region:regions"]
    second = {**first, "region": FARTHER, "network": {**first["network"], "vpc_cidr": "10.22.0.0/16"}}
    config["multi-region:regions"] = [first, second]
    return build_multi_region(config, outputs)


def statements(resource: Registered) -> dict[str, Any]:
    """The statements of a policy by their ids."""
    document = json.loads(resource.inputs["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_foundation_exports_everything_that_further_regions_need(outputs: dict[str, Any]) -> None:
    assert set(NEEDED) <= set(outputs)


def test_a_further_region_has_every_kind_that_foundation_has_but_for_the_primarys_own(
    foundation: Run, multi_region: Run
) -> None:
    def kinds(run: Run) -> set[str]:
        return {resource.type for resource in run[0].resources if resource.type.startswith("aws:")}

    # A follower has its source's master password.
    own = {kind for kind in kinds(foundation) if kind.startswith("aws:secretsmanager/")}
    assert kinds(foundation) - own <= kinds(multi_region)


def test_what_is_made_in_a_region_carries_it_in_name_and_tags(multi_region: Run) -> None:
    for resource in multi_region[0].resources:
        region = resource.inputs.get("tags", {})
        if isinstance(region, dict) and "palier:region" in region:
            assert resource.name.endswith(region["palier:region"]), resource.name


@pytest.mark.parametrize("kind", ["s3.Bucket", "iam.Role", "iam.InstanceProfile"])
def test_what_an_account_has_once_carries_its_region(multi_region: Run, kind: str) -> None:
    found = multi_region[0].of(kind)

    assert found
    assert all(resource.name.endswith((HOME, FAR)) for resource in found)


def test_a_load_balancers_name_leaves_room_for_the_longest_region(multi_region: Run) -> None:
    # AWS takes 32 characters; Pulumi adds a hyphen and seven.
    for kind in ("lb.LoadBalancer", "lb.TargetGroup"):
        (resource,) = multi_region[0].of(kind)
        assert len(resource.name.replace(FAR, "ap-southeast-1")) <= 24


def test_each_further_region_has_a_provider_of_its_own(three_regions: Run) -> None:
    found = [r for r in three_regions[0].resources if r.type == "pulumi:providers:aws"]

    assert {provider.inputs["region"] for provider in found} == {FAR, FARTHER}


def test_a_provider_reaches_the_account_as_the_stack_does(
    multi_region_config: Config, outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from palier_stacks import providers

    given = {"profile": "jobo", "assumeRoles": '[{"roleArn": "arn:aws:iam::123456789012:role/deploy"}]'}
    monkeypatch.setattr(pulumi.Config, "get", lambda self, key: given.get(key))
    assert providers.shared_settings() == {
        "profile": "jobo",
        "assume_roles": [{"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}],
    }


def test_the_replica_follows_the_primary_by_arn_under_the_regions_own_key(multi_region: Run) -> None:
    (replica,) = multi_region[0].of("rds.Instance")

    assert replica.inputs["replicateSourceDb"].startswith("arn:aws:rds:")
    assert replica.inputs["kmsKeyId"].endswith(":data-eu-west-1")
    assert replica.inputs["storageEncrypted"] is True
    assert replica.inputs["backupRetentionPeriod"] == 7, "once promoted it must be able to have replicas"
    assert replica.inputs["dbSubnetGroupName"].startswith("database-eu-west-1")
    inherited = {"engine", "engineVersion", "username", "password", "dbName"}
    assert not inherited & set(replica.inputs)


def test_a_replica_allows_as_many_connections_as_its_primary(multi_region: Run) -> None:
    (group,) = multi_region[0].of("rds.ParameterGroup")
    values = {entry["name"]: entry["value"] for entry in group.inputs["parameters"]}

    assert (group.inputs["family"], values["max_connections"]) == ("postgres17", "450")


def test_aurora_has_a_cluster_per_region_of_which_the_home_alone_has_a_password(aurora: Run) -> None:
    clusters = {cluster.name: cluster.inputs for cluster in aurora[0].of("rds.Cluster")}
    home, far = clusters[f"database-{HOME}"], clusters[f"database-{FAR}"]

    assert {each["globalClusterIdentifier"] for each in clusters.values()} == {"jobo-local-database"}
    assert {"masterUsername", "masterPassword", "databaseName"} <= set(home)
    assert not {"masterUsername", "masterPassword", "databaseName"} & set(far)
    assert "manageMasterUserPassword" not in home, "Secrets Manager keeps none for a global database"
    assert home["kmsKeyId"] != far["kmsKeyId"]
    assert not aurora[0].of("rds.Instance"), "no replica of foundation's primary beside it"


def test_the_master_password_is_kept_in_ssm_under_our_key(aurora: Run) -> None:
    parameter = aurora[0].named("ssm.Parameter", f"database-master-password-{HOME}").inputs

    assert (parameter["type"], parameter["name"]) == ("SecureString", "/jobo/local/database/master-password")
    assert "/application/" not in parameter["name"], "the application's role reads what is below that"
    assert len(parameter["value"]) >= 32


def test_sessions_are_replicated_to_every_region_under_its_key(three_regions: Run) -> None:
    (table,) = three_regions[0].of("dynamodb.Table")
    replicas = {replica["regionName"]: replica for replica in table.inputs["replicas"]}

    assert set(replicas) == {FAR, FARTHER}
    assert replicas[FAR]["kmsKeyArn"].endswith(f":data-{FAR}")
    assert (table.inputs["streamEnabled"], table.inputs["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert table.inputs["ttl"] == {"attributeName": "expires_at", "enabled": True}


def test_assets_of_every_region_go_to_every_other(three_regions: Run) -> None:
    configs = {config.name: config.inputs for config in three_regions[0].of("s3.BucketReplicationConfig")}

    assert set(configs) == {f"assets-{region}" for region in (HOME, FAR, FARTHER)}
    for name, config in configs.items():
        targets = {rule["id"].removeprefix("to-") for rule in config["rules"]}
        assert targets == {HOME, FAR, FARTHER} - {name.removeprefix("assets-")}
        assert len({rule["priority"] for rule in config["rules"]}) == 2
        for rule in config["rules"]:
            assert rule["deleteMarkerReplication"] == {"status": "Enabled"}
            assert rule["sourceSelectionCriteria"]["sseKmsEncryptedObjects"] == {"status": "Enabled"}


def test_replication_may_read_here_and_write_there_and_nothing_else(multi_region: Run) -> None:
    role = statements(multi_region[0].named("iam.RolePolicy", f"assets-replication-{FAR}"))

    assert role["WriteReplicas"]["Resource"] == ["arn:aws:s3:::assets-1234567/*"]
    assert role["ReadUnderKey"]["Condition"] == {
        "StringEquals": {"kms:ViaService": f"s3.{FAR}.amazonaws.com"}
    }
    assert role["WriteUnderKey1"]["Condition"] == {
        "StringEquals": {"kms:ViaService": f"s3.{HOME}.amazonaws.com"}
    }


def test_an_application_logs_in_wherever_the_writer_is(multi_region: Run) -> None:
    far = statements(multi_region[0].named("iam.RolePolicy", f"application-{FAR}"))
    home = statements(multi_region[0].named("iam.RolePolicy", f"application-in-all-regions-{HOME}"))

    users = {
        f"arn:aws:rds-db:{HOME}:{ACCOUNT}:dbuser:db-PRIMARY/application",
        f"arn:aws:rds-db:{FAR}:{ACCOUNT}:dbuser:db-DATABASE-EU-WEST-1/application",
    }
    assert set(far["LogInToDatabases"]["Resource"]) == users
    assert set(home["LogInToDatabases"]["Resource"]) == users
    assert far["UseSessions"]["Resource"] == f"arn:aws:dynamodb:{FAR}:{ACCOUNT}:table/jobo-local-sessions"


def test_every_pair_of_regions_is_joined_and_no_addresses_beyond(three_regions: Run) -> None:
    recorder = three_regions[0]
    asked = {(c.inputs["vpcId"], c.inputs["peerVpcId"]) for c in recorder.of("ec2.VpcPeeringConnection")}
    routes = {
        (route.inputs["destinationCidrBlock"], route.inputs["routeTableId"])
        for route in recorder.of("ec2.Route")
        if "vpcPeeringConnectionId" in route.inputs
    }

    assert len(asked) == 3
    assert len(recorder.of("ec2.VpcPeeringConnectionAccepter")) == 3
    # Two ways out of each of the home's four tables, and of the three of each further region.
    assert len(routes) == 2 * (4 + 3 + 3)
    assert {cidr for cidr, _ in routes} == {"10.20.0.0/16", "10.21.0.0/16", "10.22.0.0/16"}


def test_a_database_lets_in_the_applications_of_other_regions_at_its_port_alone(multi_region: Run) -> None:
    inward = {
        rule.inputs["securityGroupId"]: rule.inputs
        for rule in multi_region[0].of("vpc.SecurityGroupIngressRule")
        if rule.name.startswith("database-from-eu-")
    }

    assert {group: rule["cidrIpv4"] for group, rule in inward.items()} == {
        "database-id": "10.21.0.0/16",
        f"database-{FAR}-id": "10.20.0.0/16",
    }
    assert all((rule["fromPort"], rule["toPort"]) == (5432, 5432) for rule in inward.values())


def test_the_region_that_writes_is_told_in_every_region_under_one_name(multi_region: Run) -> None:
    found = [p for p in multi_region[0].of("ssm.Parameter") if p.name.startswith("active-region-")]

    assert {parameter.inputs["name"] for parameter in found} == {"/jobo/local/application/ACTIVE_REGION"}
    assert {parameter.inputs["value"] for parameter in found} == {HOME}
    assert len(found) == 2
    assert multi_region[1]["active_region_parameter"] == "/jobo/local/application/ACTIVE_REGION"


def test_a_further_region_tells_its_application_all_that_the_home_tells_its_own(
    foundation: Run, multi_region: Run
) -> None:
    def variables(run: Run, region: str) -> set[str]:
        names = {p.inputs["name"] for p in run[0].of("ssm.Parameter") if p.name.endswith(region)}
        return {name.rsplit("/", 1)[1] for name in names if "/application/" in name}

    added = {"ACTIVE_REGION", "DATABASE_HOSTS", "DATABASE_READER_HOST", "SESSIONS_TABLE"}
    assert variables(multi_region, FAR) == variables(foundation, "") | added


def test_the_databases_of_all_regions_are_told_as_one_mapping(multi_region: Run) -> None:
    told = json.loads(multi_region[0].named("ssm.Parameter", f"database-hosts-{FAR}").inputs["value"])

    assert set(told) == {HOME, FAR}
    assert told[FAR].startswith("jobo-local-database-eu-west-1.")


def test_without_a_domain_there_are_no_records_and_no_health_checks(multi_region: Run) -> None:
    recorder, exported = multi_region

    assert not recorder.of("route53.Record")
    assert not recorder.of("route53.HealthCheck")
    assert exported["regional"][FAR].get("health_check_id") is None


def test_a_domain_leads_to_the_nearest_region_that_is_well(aurora: Run) -> None:
    recorder, exported = aurora
    records = {record.inputs["setIdentifier"]: record.inputs for record in recorder.of("route53.Record")}

    assert set(records) == {HOME, FAR}
    for region, record in records.items():
        check = recorder.named("route53.HealthCheck", f"application-{region}").inputs
        assert record["latencyRoutingPolicies"] == [{"region": region}]
        assert record["healthCheckId"] == f"application-{region}-id"
        assert record["aliases"][0]["name"] == check["fqdn"]
        assert (check["type"], check["port"], check["resourcePath"]) == ("HTTP", 80, "/")
        assert exported["regional"][region]["record_set_identifier"] == region


def test_the_edge_is_told_every_further_origin_where_there_is_one(
    multi_region_config: Config, outputs: dict[str, Any]
) -> None:
    config = changed(multi_region_config, routing={"cdn": True})
    recorder, _ = build_multi_region(config, outputs)
    keys = {key.inputs["key"]: key.inputs for key in recorder.of("cloudfront.KeyvaluestoreKey")}
    origins = {name: key["value"] for name, key in keys.items() if name.startswith("origin:")}

    assert origins == {"origin:eu-west-1": "app-eu-west-1.elb.amazonaws.com"}
    assert keys["regions"]["value"] == "eu-west-1"
    assert {key["keyValueStoreArn"] for key in keys.values()} == {"arn:store"}


def test_an_edge_that_does_not_stand_is_asked_for_in_one_line(
    multi_region_config: Config, outputs: dict[str, Any]
) -> None:
    config = changed(multi_region_config, routing={"cdn": True})
    with pytest.raises(
        pulumi.RunError, match=r"routing\.cdn is true, and cdn is not up in local; run: palier"
    ):
        build_multi_region(config, {**outputs, "key_value_store_arn": None})


def test_each_region_is_watched_in_that_region(multi_region: Run) -> None:
    alarms = multi_region[0].of("cloudwatch.MetricAlarm")
    far = [alarm for alarm in alarms if alarm.name.endswith(FAR)]

    assert len(far) == 2 * 12, "four of the tier, four of the caches, four of the database, at two levels"
    assert all(alarm.inputs["alarmActions"][0].endswith(FAR) for alarm in far)
    home = {alarm.name for alarm in alarms if alarm.name.endswith(HOME)}
    assert home == {f"database-lag-{level}-{HOME}" for level in ("attention", "critical")}


def test_lag_is_watched_from_the_recovery_point_objective(multi_region: Run) -> None:
    alarm = multi_region[0].named("cloudwatch.MetricAlarm", f"database-lag-critical-{FAR}").inputs

    assert (alarm["threshold"], alarm["metricName"], alarm["statistic"]) == (300, "ReplicaLag", "Minimum")
    assert alarm["treatMissingData"] == "missing", "whichever region writes reports none"


def test_auroras_lag_is_told_in_milliseconds_and_watched_in_seconds(aurora: Run) -> None:
    alarm = aurora[0].named("cloudwatch.MetricAlarm", f"database-lag-critical-{FAR}").inputs
    (read, result) = alarm["metricQueries"]

    assert read["metric"]["metricName"] == "AuroraGlobalDBReplicationLag"
    assert result["expression"] == "lag / 1000"


def test_the_outputs_are_what_the_command_line_reads(multi_region: Run) -> None:
    exported = multi_region[1]

    assert exported["regions"] == [HOME, FAR]
    assert exported["targets"] == {"rto_seconds": 900, "rpo_seconds": 300}
    assert exported["capacity"] == {
        "forecast_peak_requests_per_second": 300.0,
        "requests_per_second_per_instance": 50.0,
    }
    assert exported["regional"][HOME]["database_identifier"] == "jobo-local-primary"
    assert exported["regional"][FAR]["database_identifier"] == "jobo-local-database-eu-west-1"
    assert exported["regional"][HOME]["max_instances"] == 6
    wanted = {"vpc_id", "load_balancer_arn", "load_balancer_dns_name", "target_group_arn", "max_instances"}
    wanted |= {"autoscaling_group_name", "database_identifier", "database_arn", "database_endpoint"}
    assert all(wanted <= set(regional) for regional in exported["regional"].values())


# (what is wrong with foundation, its outputs changed, what is said)
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("it is not up", dict.fromkeys(NEEDED), "foundation is not up in local; run: palier up foundation"),
    (
        "it is older",
        {"database_resource_id": None},
        "has no output database_resource_id: it is older or half up",
    ),
    ("it stands elsewhere", {"region": "eu-west-2"}, "aws:region: eu-west-3 is not foundation's"),
    ("its primary keeps no backups", {"backup_retention_days": 0}, "RDS makes no replica without them"),
    (
        "its primary's password is managed by RDS",
        {"database_master_secret_arn": "arn:aws:secretsmanager:eu-west-3:1:secret:rds!db-1-abc"},
        "RDS manages the primary's master password, and makes no replica of such an instance",
    ),
    ("it runs another image", {"application_image": "nginx:2"}, "the home region runs nginx:2"),
    ("its addresses overlap", {"vpc_cidr": "10.21.0.0/16"}, "peered VPCs share no address"),
    ("it is too small", {"application_max_instances": 2}, "of the forecast peak of 300 requests/s"),
]


@pytest.mark.parametrize(("wrong", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_foundation_that_cannot_be_followed_is_refused_in_one_line(
    multi_region_config: Config, outputs: dict[str, Any], wrong: dict[str, Any], said: str
) -> None:
    settings = MultiRegionSettings.from_config(multi_region_config)
    with pytest.raises(HomeRefused) as caught:
        check({**outputs, **wrong}, settings, "local")

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_two_resources_share_a_type_and_a_name_however_many_regions(three_regions: Run) -> None:
    names = [(resource.type, resource.name) for resource in three_regions[0].resources]

    assert len(names) == len(set(names)), "the engine would refuse a URN that is registered twice"
