"""A wrong setting is refused in one line that names the key, the problem and what is allowed."""

from __future__ import annotations

from typing import Any

import pytest
from palier_stacks.foundation.database_settings import default_max_connections
from palier_stacks.foundation.phase import PHASE as FOUNDATION
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.replicas.phase import PHASE as REPLICAS
from palier_stacks.replicas.settings import ReplicasSettings
from palier_stacks.settings import PhaseSettings, SettingsError, nearest

from tests.unit.stacks.conftest import Config, changed

FILE = "Pulumi.local.yaml"
Case = tuple[dict[str, Any], str]

FOUNDATION_CASES: dict[str, Case] = {
    "unknown setting": (
        {"database": {"colour": "blue"}},
        "foundation:database.colour: unknown setting 'colour' (allowed: engine_version, instance_class, "
        "allocated_storage_gib, max_allocated_storage_gib, iops, multi_az, backup_retention_days, "
        "max_connections, database_name, application_user, master_password_generation, deletion_protection, "
        "final_snapshot, apply_immediately, performance_insights_retention_days, "
        "monitoring_interval_seconds, log_statements_over_milliseconds)",
    ),
    "misspelt setting": (
        {"database": {"instance_clas": "db.m7g.large"}},
        "foundation:database.instance_clas: unknown setting 'instance_clas' (allowed: instance_class)",
    ),
    "misspelt section": (
        {"databse": {}},
        "foundation:databse: unknown setting 'databse' (allowed: database)",
    ),
    "unknown class": (
        {"database": {"instance_class": "db.m6g.huge"}},
        "foundation:database.instance_class: unknown instance class 'db.m6g.huge' "
        "(allowed: db.m6g.large, db.m6gd.large, db.m6g.xlarge)",
    ),
    "class of another region": (
        {"database": {"instance_class": "db.m9g.large"}},
        "foundation:database.instance_class: db.m9g.large is not offered in eu-west-3 "
        "(allowed: db.m8g.large, db.m7g.large, db.m6g.large)",
    ),
    "unknown type": (
        {"application": {"instance_type": "t4g.tiny"}},
        "foundation:application.instance_type: unknown instance type 't4g.tiny' (allowed: t4g.nano)",
    ),
    "unknown node type": (
        {"shared_cache": {"node_type": "t4g.micro"}},
        "foundation:shared_cache.node_type: unknown cache node type 't4g.micro' "
        "(allowed: cache.t4g.micro, cache.t3.micro, cache.t2.micro)",
    ),
    "unit in the value": (
        {"database": {"allocated_storage_gib": "100GB"}},
        "foundation:database.allocated_storage_gib: expected a whole number of GiB, got '100GB'",
    ),
    "days in words": (
        {"database": {"backup_retention_days": "a week"}},
        "foundation:database.backup_retention_days: expected a whole number of days, got 'a week'",
    ),
    "part of a GiB": (
        {"database": {"allocated_storage_gib": 20.5}},
        "foundation:database.allocated_storage_gib: expected a whole number of GiB, got 20.5",
    ),
    "number for text": (
        {"database": {"engine_version": 16.1}},
        "foundation:database.engine_version: expected text (in quotes), got 16.1",
    ),
    "text for a switch": (
        {"database": {"multi_az": "yes please"}},
        "foundation:database.multi_az: expected true or false, got 'yes please'",
    ),
    "text for a mapping": (
        {"network": "10.0.0.0/16"},
        "foundation:network: expected a mapping of settings, got '10.0.0.0/16'",
    ),
    "too little": (
        {"database": {"allocated_storage_gib": 5}},
        "foundation:database.allocated_storage_gib: must be at least 20 GiB, got 5",
    ),
    "too long": (
        {"database": {"backup_retention_days": 36}},
        "foundation:database.backup_retention_days: must be at most 35 days, got 36",
    ),
    "choice": (
        {"network": {"nat_gateways": "two"}},
        "foundation:network.nat_gateways: unknown value 'two' (allowed: one_per_zone, single)",
    ),
    "unknown version": (
        {"database": {"engine_version": "9.6"}},
        "foundation:database.engine_version: unknown PostgreSQL version '9.6' "
        "(allowed: 13 to 18, or one like 17.6)",
    ),
    "storage without room": (
        {"database": {"allocated_storage_gib": 100, "max_allocated_storage_gib": 105}},
        "foundation:database.max_allocated_storage_gib: 105 GiB leaves 100 GiB no room to grow "
        "(allowed: at least 110 GiB)",
    ),
    "IOPS on little storage": (
        {"database": {"iops": 12000}},
        "foundation:database.iops: gp3 of 20 GiB has a fixed 3000 IOPS (allowed: leave it out below 400 GiB)",
    ),
    "IOPS out of range": (
        {"database": {"allocated_storage_gib": 400, "max_allocated_storage_gib": 500, "iops": 70000}},
        "foundation:database.iops: gp3 of 400 GiB does not do 70000 IOPS (allowed: 12000 to 64000)",
    ),
    "more connections than memory": (
        {"database": {"max_connections": 5000}},
        "foundation:database.max_connections: 5000 is more than the memory of db.t4g.medium carries "
        "(allowed: at most 450)",
    ),
    "reserved name": (
        {"database": {"application_user": "rdsadmin"}},
        "foundation:database.application_user: 'rdsadmin' is no name for PostgreSQL "
        "(allowed: small letters, digits, _; not reserved)",
    ),
    "no CIDR": (
        {"network": {"vpc_cidr": "10.20.0.0/33"}},
        "foundation:network.vpc_cidr: '10.20.0.0/33' is not an IPv4 CIDR (allowed: like 10.20.0.0/16)",
    ),
    "host bits": (
        {"network": {"vpc_cidr": "10.20.1.0/16"}},
        "foundation:network.vpc_cidr: '10.20.1.0/16' has host bits set (allowed: 10.20.0.0/16)",
    ),
    "public range": (
        {"network": {"vpc_cidr": "8.8.0.0/16"}},
        "foundation:network.vpc_cidr: 8.8.0.0/16 is not a private range "
        "(allowed: within 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10)",
    ),
    "VPC too small": (
        {"network": {"vpc_cidr": "10.20.0.0/24"}},
        "foundation:network.vpc_cidr: a VPC of /24 does not hold the three tiers (allowed: /16 to /22)",
    ),
    "more zones than the region has": (
        {"network": {"zone_count": 4}},
        "foundation:network.zone_count: eu-west-3 has 3 availability zones, not 4 (allowed: 2 to 3)",
    ),
    "zone of another region": (
        {"network": {"zone_count": None, "availability_zones": ["eu-west-3a", "eu-west-1b"]}},
        "foundation:network.availability_zones[1]: no zone 'eu-west-1b' in eu-west-3 "
        "(allowed: eu-west-3b, eu-west-3c, eu-west-3a)",
    ),
    "zone twice": (
        {"network": {"zone_count": None, "availability_zones": ["eu-west-3a", "eu-west-3a"]}},
        "foundation:network.availability_zones: 'eu-west-3a' is given twice (allowed: each once)",
    ),
    "one zone": (
        {"network": {"zone_count": None, "availability_zones": ["eu-west-3a"]}},
        "foundation:network.availability_zones: needs at least 2 entries, got 1",
    ),
    "zones named and counted": (
        {"network": {"availability_zones": ["eu-west-3a", "eu-west-3b"]}},
        "foundation:network.zone_count: cannot be given beside availability_zones (allowed: one of the two)",
    ),
    "desired beyond max": (
        {"application": {"desired_instances": 9}},
        "foundation:application.desired_instances: 9 is not between min and max (allowed: 3 to 6)",
    ),
    "target at the threshold": (
        {"application": {"target_cpu_percent": 70.0}},
        "foundation:application.target_cpu_percent: aims at 70 percent, where attention is due already "
        "(allowed: less than 70)",
    ),
    "certificate of another region": (
        {"application": {"certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/12ab"}},
        "foundation:application.certificate_arn: the certificate is of us-east-1, the load balancer in "
        "eu-west-3 (allowed: a certificate of eu-west-3)",
    ),
    "platform name": (
        {"platform": "aws-jobo"},
        "foundation:platform: 'aws-jobo' does not fit "
        "(allowed: 2 to 20 small letters, digits and single hyphens, not aws… or ssm…)",
    ),
    "address": (
        {"alarms": {"critical_emails": ["not an address"]}},
        "foundation:alarms.critical_emails[0]: 'not an address' is not an e-mail address "
        "(allowed: name@example.org)",
    ),
}

SUBNETS = {
    "public_cidrs": ["10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24"],
    "private_cidrs": ["10.20.10.0/24", "10.20.11.0/24", "10.20.12.0/24"],
    "data_cidrs": ["10.20.20.0/24", "10.20.21.0/24", "10.20.22.0/24"],
}
SUBNET_CASES: dict[str, Case] = {
    "outside the VPC": (
        {"data_cidrs": ["10.20.20.0/24", "10.21.21.0/24", "10.20.22.0/24"]},
        "foundation:network.data_cidrs[1]: 10.21.21.0/24 is outside the VPC (allowed: within 10.20.0.0/16)",
    ),
    "overlapping": (
        {"private_cidrs": ["10.20.10.0/24", "10.20.2.128/25", "10.20.12.0/24"]},
        "foundation:network.private_cidrs[1]: 10.20.2.128/25 overlaps 10.20.2.0/24 (allowed: subnets apart)",
    ),
    "too few": (
        {"public_cidrs": ["10.20.0.0/24"]},
        "foundation:network.public_cidrs: 1 CIDRs for 3 zones (allowed: one per zone)",
    ),
    "too small for a load balancer": (
        {"public_cidrs": ["10.20.0.0/28", "10.20.1.0/24", "10.20.2.0/24"]},
        "foundation:network.public_cidrs[0]: 10.20.0.0/28 is too small for a load balancer "
        "(allowed: /27 or larger)",
    ),
    "one list missing": (
        {"data_cidrs": None},
        "foundation:network.data_cidrs: missing, while public_cidrs is given "
        "(allowed: all three lists or none)",
    ),
}

REPLICAS_CASES: dict[str, Case] = {
    "no replica": (
        {"instances": {"count": 0}},
        "replicas:instances.count: must be at least 1, got 0",
    ),
    "too many": (
        {"instances": {"count": 16}},
        "replicas:instances.count: must be at most 15, got 16",
    ),
    "unknown class": (
        {"instances": {"instance_class": "db.t4g.mediun"}},
        "replicas:instances.instance_class: unknown instance class 'db.t4g.mediun' "
        "(allowed: db.t4g.medium, db.t3.medium, db.t2.medium)",
    ),
    "unknown zone": (
        {"instances": {"availability_zones": ["eu-west-3d"]}},
        "replicas:instances.availability_zones[0]: no zone 'eu-west-3d' in eu-west-3 "
        "(allowed: eu-west-3c, eu-west-3b, eu-west-3a)",
    ),
    "weights for others": (
        {"instances": {"weights": [1, 2, 3]}},
        "replicas:instances.weights: 3 weights for 2 replicas (allowed: one per replica)",
    ),
    "nothing to read": (
        {"instances": {"weights": [0, 0]}},
        "replicas:instances.weights: every weight is 0: no replica would be read (allowed: one above 0)",
    ),
    "lag levels upside down": (
        {"lag": {"attention_seconds": 60.0, "critical_seconds": 30.0}},
        "replicas:lag.critical_seconds: 30 is not above attention_seconds (allowed: more than 60 seconds)",
    ),
    "lag in words": (
        {"lag": {"attention_seconds": "1m"}},
        "replicas:lag.attention_seconds: expected a number of seconds, got '1m'",
    ),
    "zone name": (
        {"reader": {"zone_name": "database"}},
        "replicas:reader.zone_name: 'database' is not a domain name "
        "(allowed: small letters, like database.internal)",
    ),
    "idle above open": (
        {"proxy": {"max_connections_percent": 30, "max_idle_connections_percent": 40}},
        "replicas:proxy.max_idle_connections_percent: 40 is above max_connections_percent "
        "(allowed: at most 30 percent)",
    ),
    "password for an ARN": (
        {"proxy": {"secret_arns": ["hunter2"]}},
        "replicas:proxy.secret_arns[0]: that is not the ARN of a secret "
        "(allowed: arn:aws:secretsmanager:<region>:<account>:secret:<name>)",
    ),
}


def _refusal(settings: type[PhaseSettings], config: Config) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        settings.from_config(config, file=FILE)
    return caught.value


@pytest.mark.parametrize("case", FOUNDATION_CASES)
def test_foundation_refuses(case: str, foundation_config: Config) -> None:
    sections, message = FOUNDATION_CASES[case]

    assert str(_refusal(FoundationSettings, changed(foundation_config, **sections))) == f"{FILE}: {message}"


@pytest.mark.parametrize("case", SUBNET_CASES)
def test_subnets_given_by_hand_are_checked(case: str, foundation_config: Config) -> None:
    network, message = SUBNET_CASES[case]
    config = changed(foundation_config, network=SUBNETS | network)

    assert str(_refusal(FoundationSettings, config)) == f"{FILE}: {message}"


@pytest.mark.parametrize("case", REPLICAS_CASES)
def test_replicas_refuses(case: str, replicas_config: Config) -> None:
    sections, message = REPLICAS_CASES[case]

    assert str(_refusal(ReplicasSettings, changed(replicas_config, **sections))) == f"{FILE}: {message}"


def test_replicas_are_held_against_foundation(foundation_config: Config, replicas_config: Config) -> None:
    def refusal(**database: object) -> str:
        changed = {**foundation_config["foundation:database"], **database}
        foundation = FoundationSettings.from_config({**foundation_config, "foundation:database": changed})
        with pytest.raises(SettingsError) as refused:
            replicas.check_required({"foundation": foundation})
        return str(refused.value)

    replicas = ReplicasSettings.from_config(replicas_config)
    replicas.check_required({"foundation": FoundationSettings.from_config(foundation_config)})
    assert refusal(backup_retention_days=0) == (
        "foundation:database.backup_retention_days: read replicas need automated backups, got 0 "
        "(allowed: 1 to 35 days)"
    )
    replicas = ReplicasSettings.from_config({**replicas_config, "aws:region": "eu-west-1"})
    assert refusal() == "aws:region: eu-west-1 is not foundation's region (allowed: eu-west-3)"


def test_a_refusal_has_its_parts_apart_for_who_words_it_anew(foundation_config: Config) -> None:
    refusal = _refusal(FoundationSettings, changed(foundation_config, network={"nat_gateways": "two"}))

    assert (refusal.key, refusal.problem, refusal.allowed, refusal.file, refusal.more) == (
        "foundation:network.nat_gateways",
        "unknown value 'two'",
        "one_per_zone, single",
        FILE,
        0,
    )


def test_the_first_of_several_problems_is_told_and_the_others_are_counted(foundation_config: Config) -> None:
    config = changed(foundation_config, network={"zone_count": "x"}, database={"iops": "y", "multi_az": 3})

    assert str(_refusal(FoundationSettings, config)) == (
        f"{FILE}: foundation:network.zone_count: expected a whole number, got 'x' [and 2 more problems]"
    )


def test_a_misspelt_name_is_told_before_the_one_that_it_leaves_missing(foundation_config: Config) -> None:
    config = {key: value for key, value in foundation_config.items() if key != "foundation:owner"}

    refusal = _refusal(FoundationSettings, {**config, "foundation:onwer": "platform-team"})

    assert (refusal.key, refusal.allowed, refusal.more) == ("foundation:onwer", "owner", 1)


def test_a_setting_that_is_not_there_is_named(foundation_config: Config) -> None:
    config = {key: value for key, value in foundation_config.items() if key != "foundation:cost_center"}

    assert str(_refusal(FoundationSettings, config)) == f"{FILE}: foundation:cost_center: missing setting"


@pytest.mark.parametrize(
    ("region", "message"),
    [
        (None, "aws:region: missing setting"),
        ("eu-west-9", "aws:region: unknown region 'eu-west-9' (allowed: eu-west-3, eu-west-2, eu-west-1)"),
    ],
)
def test_the_region_is_asked_for_by_its_own_key(
    region: str | None, message: str, replicas_config: Config
) -> None:
    config = {key: value for key, value in replicas_config.items() if key != "aws:region"}
    if region is not None:
        config["aws:region"] = region

    assert str(_refusal(ReplicasSettings, config)) == f"{FILE}: {message}"


def test_a_misspelt_namespace_is_refused_and_a_foreign_one_is_left_alone(foundation_config: Config) -> None:
    assert FoundationSettings.from_config({**foundation_config, "aws:profile": "jobo", "pulumi:tags": {}})

    refusal = _refusal(FoundationSettings, {**foundation_config, "foundaton:network": {}})

    assert str(refusal) == (
        f"{FILE}: foundaton:network: unknown namespace 'foundaton' (allowed: foundation:network)"
    )


def test_keys_without_a_namespace_are_the_projects_own_as_pulumi_has_it(replicas_config: Config) -> None:
    bare = {key.removeprefix("replicas:"): value for key, value in replicas_config.items()}

    assert ReplicasSettings.from_config(bare) == ReplicasSettings.from_config(replicas_config)


def test_the_value_of_an_unknown_setting_is_never_repeated(foundation_config: Config) -> None:
    refusal = _refusal(FoundationSettings, changed(foundation_config, database={"password": "hunter2"}))

    assert "hunter2" not in str(refusal)
    assert refusal.key == "foundation:database.password"


def test_zones_are_the_first_of_the_region_unless_they_are_named(foundation_config: Config) -> None:
    named = {"zone_count": None, "availability_zones": ["eu-west-3c", "eu-west-3a"]}

    assert FoundationSettings.from_config(changed(foundation_config, network={"zone_count": 2})).zones == [
        "eu-west-3a",
        "eu-west-3b",
    ]
    assert FoundationSettings.from_config(changed(foundation_config, network=named)).zones == [
        "eu-west-3c",
        "eu-west-3a",
    ]


def test_subnets_given_by_hand_are_used_as_they_are(foundation_config: Config) -> None:
    settings = FoundationSettings.from_config(changed(foundation_config, network=SUBNETS))

    assert [str(zone.data) for zone in settings.subnets] == SUBNETS["data_cidrs"]


@pytest.mark.parametrize(
    ("instance_class", "expected"), [("db.t4g.micro", 112), ("db.t4g.medium", 450), ("db.r6g.16xlarge", 5000)]
)
def test_the_connection_limit_follows_the_memory_of_the_class_up_to_5000(
    instance_class: str, expected: int
) -> None:
    assert default_max_connections(instance_class) == expected


def test_the_ami_is_of_the_architecture_of_the_type_unless_it_is_given(foundation_config: Config) -> None:
    def ami(**application: str) -> str:
        config = changed(foundation_config, application=application)
        return FoundationSettings.from_config(config).application.ami_parameter

    assert ami(instance_type="t4g.small").endswith("al2023-ami-kernel-default-arm64")
    assert ami(instance_type="t3.small").endswith("al2023-ami-kernel-default-x86_64")
    assert ami(ami_ssm_parameter="/jobo/ami") == "/jobo/ami"


def test_nearest_names_a_few_where_none_is_near() -> None:
    assert nearest("zzz", ["one", "two"]) == "one, two"
    assert nearest("zzz", [f"name{index}" for index in range(9)]) == (
        "name0, name1, name2, name3, name4, name5, …"
    )


def test_phases_say_their_order_and_what_they_stand_on() -> None:
    assert (FOUNDATION.name, FOUNDATION.requires, FOUNDATION.settings) == (
        "foundation",
        (),
        FoundationSettings,
    )
    assert (REPLICAS.name, REPLICAS.requires, REPLICAS.settings) == (
        "replicas",
        ("foundation",),
        ReplicasSettings,
    )
    assert FOUNDATION.order < REPLICAS.order
