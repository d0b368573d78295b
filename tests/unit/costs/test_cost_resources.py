"""What a planned resource costs, to the cent, and how it is told that it cannot be known."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.costs import units
from palier.costs.estimate import cost_of
from palier.costs.model import UNKNOWN, CostEstimate, Planned, Subject, total
from palier.costs.table import BY_USE, FREE, PRICED, TABLE
from palier.costs.units import Database
from palier.local.provider.table import entries

from tests.unit.costs.priced import book, built_in_book, costs, group, planned, priced

WHO = Subject("thing", "aws:x/y:Z", "us-east-1")
AURORA = "instances db.r6g.large, Aurora PostgreSQL"
INTERFACE = {"vpcEndpointType": "Interface", "subnetIds": ["a", "b"]}
DISK = [{"deviceName": "/dev/xvda", "ebs": {"volumeType": "gp3", "volumeSize": 20}}]
TEMPLATE = replace(
    planned("ec2/launchTemplate:LaunchTemplate", instanceType="m7g.large", blockDeviceMappings=DISK),
    id="lt-1",
    parent="application",
)
GROUP = "autoscaling/group:Group"
INSTANCE = "rds/instance:Instance"
PRIMARY: dict[str, Any] = {
    "engine": "postgres",
    "instanceClass": "db.m5.large",
    "allocatedStorage": 100,
    "storageType": "gp3",
}


def test_every_type_that_the_stacks_can_make_has_its_place_in_the_table() -> None:
    """The local cloud serves all that the phases make, and refuses every other type."""
    served = {token for token in entries() if "/get" not in token}

    assert served - set(TABLE) == set()


def test_a_type_has_one_place_alone() -> None:
    assert len(TABLE) == len(PRICED) + len(BY_USE) + len(FREE)


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("ec2/natGateway:NatGateway", {}, {"NAT gateways": "32.85"}),
        ("ec2/eip:Eip", {}, {"public IPv4 addresses": "3.65"}),
        (
            "lb/loadBalancer:LoadBalancer",
            {"subnets": ["a", "b", UNKNOWN]},
            {"load balancers, application": "16.43", "public IPv4 addresses": "10.95"},
        ),
        (
            "lb/loadBalancer:LoadBalancer",
            {"subnets": ["a", "b"], "internal": True},
            {"load balancers, application": "16.43"},
        ),
        (INSTANCE, PRIMARY, {"instances db.m5.large": "129.94", "gp3 storage": "11.50"}),
        (
            INSTANCE,
            {**PRIMARY, "multiAz": True},
            {"instances db.m5.large, Multi-AZ": "259.88", "gp3 storage, Multi-AZ": "23.00"},
        ),
        (
            "elasticache/replicationGroup:ReplicationGroup",
            {"engine": "redis", "nodeType": "cache.r6g.large", "numCacheClusters": 3},
            {"nodes cache.r6g.large, redis": "451.14"},
        ),
        (
            "elasticache/replicationGroup:ReplicationGroup",
            {"nodeType": "cache.r6g.large", "numNodeGroups": 2, "replicasPerNodeGroup": 1},
            {"nodes cache.r6g.large, redis": "601.52"},
        ),
        (
            "dynamodb/table:Table",
            {"billingMode": "PROVISIONED", "readCapacity": 10, "writeCapacity": 10},
            {"provisioned read units": "0.95", "provisioned write units": "4.75"},
        ),
    ],
)
def test_a_resource_costs_to_the_cent(kind: str, inputs: dict[str, Any], expected: dict[str, str]) -> None:
    assert costs(priced(planned(kind, **inputs))) == expected


def test_a_group_costs_its_instances_and_their_disks() -> None:
    asg = planned(GROUP, desiredCapacity=3, minSize=2, maxSize=9, launchTemplate={"id": "lt-1"})
    items = priced(asg, TEMPLATE)

    assert costs(items) == {"instances m7g.large": "178.70", "gp3 volumes": "4.80"}
    assert items[0].note == "2 to 9 instances"


def test_before_up_a_groups_template_is_the_one_beside_it() -> None:
    asg = replace(planned(GROUP, minSize=1, launchTemplate={"id": UNKNOWN}), parent="application")

    assert costs(priced(asg, replace(TEMPLATE, id=""))) == {
        "instances m7g.large": "59.57",
        "gp3 volumes": "1.60",
    }
    elsewhere = replace(TEMPLATE, parent="other")
    assert [(item.kind, item.what) for item in priced(asg, elsewhere)] == [
        ("not_known", "instances, their type")
    ]


@pytest.mark.parametrize("source", ["jobo-primary", "arn:aws:rds:us-east-1:123456789012:db:jobo-primary"])
def test_a_replica_has_the_engine_and_the_storage_of_what_it_follows(source: str) -> None:
    primary = planned(INSTANCE, "primary", identifier="jobo-primary", **PRIMARY)
    replica = planned(
        INSTANCE, "replica", replicateSourceDb=source, instanceClass="db.r5.large", storageType="gp3"
    )

    assert costs(priced(replica, primary)) == {"instances db.r5.large": "182.50", "gp3 storage": "11.50"}


def test_a_replica_of_what_is_not_known_is_told_as_not_known() -> None:
    replica = planned(INSTANCE, replicateSourceDb=UNKNOWN, instanceClass="db.r5.large", storageType="gp3")
    items = priced(replica)

    assert [item.what for item in items if item.kind == "not_known"] == [
        "instance db.r5.large, its engine",
        "gp3 storage",
    ]
    assert total(items) == 0


@pytest.mark.parametrize(
    ("kind", "inputs", "what"),
    [
        ("kms/key:Key", {}, "keys"),
        ("rds/proxy:Proxy", {}, "RDS Proxy, by the vCPUs behind it"),
        ("rds/clusterInstance:ClusterInstance", {"instanceClass": "db.r6g.large"}, AURORA),
        (INSTANCE, {**PRIMARY, "engine": "mysql"}, "instances db.m5.large"),
        (INSTANCE, {**PRIMARY, "instanceClass": "db.x9.large"}, "instances db.x9.large"),
        (INSTANCE, {**PRIMARY, "manageMasterUserPassword": True}, "secrets"),
        (INSTANCE, {**PRIMARY, "allocatedStorage": 400, "iops": 20000}, "IOPS beyond what gp3 includes"),
        ("ec2/vpcEndpoint:VpcEndpoint", INTERFACE, "interface endpoints"),
        ("sns/topic:Topic", {}, "messages"),
    ],
)  # fmt: skip
def test_what_has_no_price_is_listed_and_costs_nothing_known(
    kind: str, inputs: dict[str, Any], what: str
) -> None:
    (found,) = [item for item in priced(planned(kind, **inputs)) if item.what == what]

    assert (found.kind, found.price, found.monthly_usd) == ("no_price", None, None)


def test_what_gp3_includes_is_not_charged_again() -> None:
    items = priced(planned(INSTANCE, **{**PRIMARY, "allocatedStorage": 400, "iops": 12000}))

    assert not [item for item in items if "IOPS" in item.what]


def test_what_is_paid_by_use_has_its_unit_price_and_counts_nothing() -> None:
    found = priced(planned("s3/bucket:Bucket"))

    assert {item.kind for item in found} == {"by_use"}
    assert [f"{item.price.usd:f}" for item in found if item.price] == ["0.023", "0.000005", "0.0000004"]
    assert total(found) == 0


def test_a_table_is_paid_in_each_region_that_has_a_replica() -> None:
    table = planned(
        "dynamodb/table:Table", billingMode="PAY_PER_REQUEST", replicas=[{"regionName": "eu-west-1"}]
    )

    assert {item.region for item in priced(table)} == {"us-east-1", "eu-west-1"}


@pytest.mark.parametrize(
    ("queries", "metrics"),
    [(None, 1), ([{"id": "a", "metric": {}}, {"id": "b", "metric": {}}, {"id": "c", "expression": "a"}], 2)],
)
def test_an_alarm_is_charged_by_the_metrics_that_it_reads(queries: Any, metrics: int) -> None:
    prices = book(group("cloudwatch", alarm_metric_month="0.10"))
    inputs = {} if queries is None else {"metricQueries": queries}
    (found,) = priced(planned("cloudwatch/metricAlarm:MetricAlarm", **inputs), prices=prices)

    assert found.monthly_usd == Decimal("0.10") * metrics


def test_a_type_that_nobody_knows_is_never_taken_to_be_free() -> None:
    (found,) = priced(planned("redshift/cluster:Cluster"))

    assert (found.kind, found.service, found.monthly_usd) == ("unlisted", "redshift", None)


@pytest.mark.parametrize("kind", sorted(PRICED))
def test_a_resource_of_which_nothing_is_known_yet_is_told_and_breaks_nothing(kind: str) -> None:
    names = ("desiredCapacity", "launchTemplate", "subnets", "engine", "instanceClass", "allocatedStorage",
             "nodeType", "numCacheClusters", "replicas", "metricQueries", "rules", "vpcEndpointType", "tier",
             "multiAz", "iops", "storageType", "billingMode", "replicateSourceDb")  # fmt: skip
    resource = Planned("urn:x", kind, "us-east-1", dict.fromkeys(names, UNKNOWN))

    assert priced(resource)


SIZES = st.integers(min_value=0, max_value=5000)


@given(SIZES, SIZES)
def test_more_instances_never_cost_less(fewer: int, more: int) -> None:
    fewer, more = sorted((fewer, more))
    prices = built_in_book()

    def cost(count: int) -> Decimal:
        return total(units.instances(prices, WHO, "t4g.small", Decimal(count)))

    assert cost(fewer) <= cost(more)


@given(SIZES, SIZES, st.booleans())
def test_more_storage_and_a_standby_never_cost_less(small: int, large: int, multi_az: bool) -> None:
    small, large = sorted((small, large))

    def cost(gib: int, standby: bool) -> Decimal:
        found = Database("postgres", "db.t4g.medium", standby, Decimal(gib))
        return total(units.database(built_in_book(), WHO, found))

    assert cost(small, multi_az) <= cost(large, multi_az)
    assert cost(small, False) <= cost(small, True)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["us-east-1", "eu-west-3", "nowhere"])), max_size=6)
)
def test_a_total_is_the_sum_of_its_items_and_of_its_services(sizes: list[tuple[int, str]]) -> None:
    resources = [
        planned(
            "elasticache/replicationGroup:ReplicationGroup",
            f"cache-{index}",
            region=region,
            nodeType="cache.t4g.micro",
            numCacheClusters=nodes,
        )
        for index, (nodes, region) in enumerate(sizes)
    ]
    estimate: CostEstimate = cost_of("foundation", resources, built_in_book())

    assert estimate.monthly_usd == sum(item.monthly_usd or 0 for item in estimate.items)
    assert estimate.monthly_usd == sum(estimate.by_service.values())
    assert all(item.monthly_usd is None for item in estimate.items if item.region == "nowhere")
