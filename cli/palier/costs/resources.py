"""From the inputs of a planned resource to what it costs, for the types that are priced by their size."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from palier.costs import units
from palier.costs.billing import Biller
from palier.costs.model import UNKNOWN, Item, Planned, number, text
from palier.costs.units import Database
from palier.costs.world import World, subject

# What the provider takes where the program does not say: the pulumi-aws schema's own defaults.
DEFAULT_ENGINE, DEFAULT_STORAGE_TYPE = "redis", "gp2"


def autoscaling_group(world: World, group: Planned) -> list[Item]:
    """The instances of a group as it is wanted to start, and their disks; scaling moves the count later."""
    desired = group.get("desiredCapacity", default=group.get("minSize"))
    count, template = number(desired), world.template_of(group)
    who = subject(group)
    if template is None:
        return [Biller(world.book, who, "EC2").not_known("instances, their type")]
    monitored = template.get("monitoring", "enabled", default=False) is True
    found = units.instances(
        world.book, who, text(template.get("instanceType")), count, detailed_monitoring=monitored
    )
    least, most = number(group.get("minSize")), number(group.get("maxSize"))
    if least is not None and most is not None:
        found[0] = replace(found[0], note=f"{least} to {most} instances")
    for disk in _disks(template):
        found += units.volumes(
            world.book, who, text(disk.get("volumeType")), number(disk.get("volumeSize")), count
        )
    return found


def _disks(template: Planned) -> list[dict[str, Any]]:
    mappings = template.get("blockDeviceMappings", default=[])
    if mappings == UNKNOWN or not mappings:
        return [{}]  # the AMI's own, which nobody here knows
    return [mapping.get("ebs") or {} for mapping in mappings if isinstance(mapping, dict)]


def nat_gateway(world: World, gateway: Planned) -> list[Item]:
    """A NAT gateway; its address is a resource of its own."""
    return units.nat_gateway(world.book, subject(gateway))


def address(world: World, eip: Planned) -> list[Item]:
    """An Elastic IP."""
    return units.addresses(world.book, subject(eip))


def load_balancer(world: World, balancer: Planned) -> list[Item]:
    """A load balancer over its subnets, of which each is in another zone."""
    subnets = balancer.get("subnets", default=balancer.get("subnetMappings", default=UNKNOWN))
    zones = Decimal(len(subnets)) if isinstance(subnets, list) else None
    kind = text(balancer.get("loadBalancerType", default="application")) or "application"
    internal = balancer.get("internal", default=False) is True
    return units.load_balancer(world.book, subject(balancer), kind, zones=zones, internal=internal)


def endpoint(world: World, found: Planned) -> list[Item]:
    """A VPC endpoint: a gateway costs nothing, an interface is charged by zone and hour."""
    bill = Biller(world.book, subject(found), "VPC")
    kind = found.get("vpcEndpointType", default="Gateway")
    if kind == UNKNOWN:
        return [bill.not_known("endpoint")]
    if kind == "Gateway":
        return [bill.free("gateway endpoint")]
    subnets = found.get("subnetIds")
    zones = Decimal(len(subnets)) if isinstance(subnets, list) else None
    return [bill.hours("interface endpoints", "vpc_endpoint", "interface_hour", zones)]


def database(world: World, instance: Planned) -> list[Item]:
    """An RDS instance, or a replica, which has engine and storage of what it follows."""
    source = world.source_of(instance)
    storage_type = instance.get("storageType", default=_inherited(instance, source, "storageType"))
    known = instance.outputs.get("allocatedStorage")
    allocated = instance.get("allocatedStorage", default=known)
    if allocated is None:
        allocated = _inherited(instance, source, "allocatedStorage")
    insights = instance.get("performanceInsightsEnabled", default=False) is True
    days = number(instance.get("performanceInsightsRetentionPeriod", default=units.FREE_INSIGHTS_DAYS))
    found = Database(
        engine=text(instance.get("engine", default=_inherited(instance, source, "engine"))),
        instance_class=text(instance.get("instanceClass")),
        multi_az=instance.get("multiAz", default=False) is True,
        storage_gib=number(allocated),
        storage_type=text(storage_type or DEFAULT_STORAGE_TYPE),
        iops=number(instance.get("iops", default=0)),
        insights_days=int(days or 0) if insights else 0,
        managed_secret=instance.get("manageMasterUserPassword", default=False) is True,
        monitored=bool(number(instance.get("monitoringInterval", default=0))),
    )
    return units.database(world.book, subject(instance), found)


def _inherited(instance: Planned, source: Planned | None, name: str) -> Any:
    """What the instance was seen to have, or else what the one has that it follows."""
    if (seen := instance.outputs.get(name)) not in (None, ""):
        return seen
    if source is None:
        return None
    return source.get(name, default=source.outputs.get(name))


def secret(world: World, found: Planned) -> list[Item]:
    """A secret of Secrets Manager."""
    return units.secret(world.book, subject(found))


def proxy(world: World, found: Planned) -> list[Item]:
    """RDS Proxy."""
    return units.proxy(world.book, subject(found))


def aurora_instance(world: World, instance: Planned) -> list[Item]:
    """An instance of an Aurora cluster."""
    return units.aurora_instance(world.book, subject(instance), text(instance.get("instanceClass")))


def aurora_cluster(world: World, cluster: Planned) -> list[Item]:
    """An Aurora cluster."""
    return units.aurora_cluster(world.book, subject(cluster))


def cache(world: World, group: Planned) -> list[Item]:
    """An ElastiCache replication group; with cluster mode, every node group has its replicas."""
    nodes = number(group.get("numCacheClusters", default=group.outputs.get("numCacheClusters")))
    groups = number(group.get("numNodeGroups"))
    if groups is not None:
        nodes = groups * (1 + (number(group.get("replicasPerNodeGroup", default=0)) or 0))
    engine = text(group.get("engine", default=DEFAULT_ENGINE))
    return units.cache(world.book, subject(group), engine, text(group.get("nodeType")), nodes)


def table(world: World, found: Planned) -> list[Item]:
    """A DynamoDB table, and its replica in each further region."""
    replicas = found.get("replicas", default=[])
    regions = [found.region]
    if isinstance(replicas, list):
        regions += [str(each["regionName"]) for each in replicas if isinstance(each, dict)]
    on_demand = found.get("billingMode", default="PROVISIONED") == "PAY_PER_REQUEST"
    items: list[Item] = []
    for region in regions:
        items += units.table(
            world.book,
            replace(subject(found), region=region),
            on_demand=on_demand,
            read_units=number(found.get("readCapacity")),
            write_units=number(found.get("writeCapacity")),
            continuous_backups=found.get("pointInTimeRecovery", "enabled", default=False) is True,
        )
    return items


def bucket(world: World, found: Planned) -> list[Item]:
    """An S3 bucket."""
    return units.bucket(world.book, subject(found))


def distribution(world: World, found: Planned) -> list[Item]:
    """A CloudFront distribution."""
    return units.distribution(world.book, subject(found))


def alarm(world: World, found: Planned) -> list[Item]:
    """An alarm, charged by the metrics that it reads (CloudWatch pricing: "per alarm metric")."""
    queries = found.get("metricQueries", default=[])
    count: Decimal | None = units.ONE
    if queries == UNKNOWN:
        count = None
    elif queries:
        count = Decimal(sum(1 for query in queries if "metric" in query))
    bill = Biller(world.book, subject(found), "CloudWatch")
    return [bill.amount("metrics of alarms", "cloudwatch", "alarm_metric_month", count, "metric-months")]


def web_acl(world: World, acl: Planned) -> list[Item]:
    """A firewall of AWS WAF: itself, each of its rules, and the requests."""
    bill = Biller(world.book, subject(acl), "WAF")
    rules = acl.get("rules", default=[])
    count = Decimal(len(rules)) if isinstance(rules, list) else None
    return [
        bill.amount("web ACLs", "waf", "web_acl_month", units.ONE, "months"),
        bill.amount("rules of web ACLs", "waf", "rule_month", count, "months"),
        bill.by_use("requests through AWS WAF", "waf", "request"),
    ]


def parameter(world: World, found: Planned) -> list[Item]:
    """A parameter of SSM: nothing in the tier Standard."""
    bill = Biller(world.book, subject(found), "Systems Manager")
    tier = found.get("tier", default="Standard")
    if tier == "Standard":
        return [bill.free("parameter of the tier Standard")]
    return [bill.amount("parameters of the tier Advanced", "ssm", "advanced_month", units.ONE, "months")]
