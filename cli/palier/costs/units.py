"""What the things of a platform cost, a function each; resources and settings are priced by the same ones.

A size that is None is not known before up, and is listed as that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from palier.costs.billing import Biller
from palier.costs.model import Item, Subject
from palier.costs.prices import HOME, PriceBook

# What gp3 of RDS for PostgreSQL includes, below and from 400 GiB (RDS user guide, "gp3 storage").
GP3_STRIPED_GIB, GP3_IOPS, GP3_STRIPED_IOPS = 400, 3000, 12_000
# Performance Insights keeps a week for nothing (RDS user guide, "Pricing and data retention").
FREE_INSIGHTS_DAYS = 7
# Instance and storage of both primary and standby are charged (RDS user guide, "On-Demand DB instances").
MULTI_AZ = 2
ONE = Decimal(1)


@dataclass(frozen=True)
class Database:
    """What the cost of an RDS instance hangs on. None: not known before up; 0 days: no insights."""

    engine: str | None
    instance_class: str | None
    multi_az: bool
    storage_gib: Decimal | None
    storage_type: str | None = "gp3"
    iops: Decimal | None = Decimal(0)
    insights_days: int = FREE_INSIGHTS_DAYS
    managed_secret: bool = False
    monitored: bool = True


def instances(
    book: PriceBook,
    subject: Subject,
    instance_type: str | None,
    count: Decimal | None,
    *,
    detailed_monitoring: bool = True,
) -> list[Item]:
    """EC2 instances, Linux, on demand, all month."""
    bill = Biller(book, subject, "EC2")
    items = [bill.hours(f"instances {instance_type or ''}".strip(), "ec2_instance", instance_type, count)]
    if detailed_monitoring:
        monitored = Biller(book, subject, "CloudWatch")
        items.append(monitored.no_price("detailed monitoring of instances", count, "instances"))
    return items


def volumes(
    book: PriceBook, subject: Subject, volume_type: str | None, gib: Decimal | None, count: Decimal | None
) -> list[Item]:
    """EBS volumes of one size, `count` of them."""
    bill = Biller(book, subject, "EBS")
    total = None if gib is None or count is None else gib * count
    return [
        bill.amount(f"{volume_type or ''} volumes".strip(), "ebs_volume", volume_type, total, "GB-months")
    ]


def nat_gateway(book: PriceBook, subject: Subject) -> list[Item]:
    """A NAT gateway: its hours, and what goes through it."""
    bill = Biller(book, subject, "VPC")
    return [
        bill.hours("NAT gateways", "nat_gateway", "hour", ONE),
        bill.by_use("data through NAT gateways", "nat_gateway", "gb"),
    ]


def addresses(book: PriceBook, subject: Subject, count: Decimal | None = ONE) -> list[Item]:
    """Public IPv4 addresses, which are charged whatever they belong to."""
    return [Biller(book, subject, "VPC").hours("public IPv4 addresses", "public_ipv4", "in_use_hour", count)]


def load_balancer(
    book: PriceBook, subject: Subject, kind: str, *, zones: Decimal | None, internal: bool = False
) -> list[Item]:
    """A load balancer: hours, capacity units and data by use, and an address in each zone if it is public."""
    bill = Biller(book, subject, "ELB")
    items = [
        bill.hours(f"load balancers, {kind}", "load_balancer", f"{kind}_hour", ONE),
        bill.by_use("load balancer capacity units", "load_balancer", f"{kind}_lcu"),
        replace(bill.by_use("data to the internet", "data_transfer", "internet_gb"), service="Data transfer"),
    ]
    return items if internal else [*items, *addresses(book, subject, zones)]


def database(book: PriceBook, subject: Subject, found: Database) -> list[Item]:
    """An RDS instance: hours, storage, and what belongs to it."""
    bill = Biller(book, subject, "RDS")
    copies = Decimal(MULTI_AZ if found.multi_az else 1)
    zones = ", Multi-AZ" if found.multi_az else ""
    kind = "rds_postgresql" if found.engine == "postgres" else f"rds_{found.engine}"
    if found.engine is None:
        items = [bill.not_known(f"instance {found.instance_class or ''}, its engine".replace(" ,", ","))]
    else:
        what = f"instances {found.instance_class or ''}{zones}".strip()
        items = [bill.hours(what, kind, found.instance_class, copies)]
    gib = None if found.storage_gib is None else found.storage_gib * copies
    storage = f"{found.storage_type or ''} storage{zones}".strip()
    items.append(bill.amount(storage, "rds_storage", found.storage_type, gib, "GB-months"))
    items += _database_extras(bill, found)
    items.append(bill.by_use("backups beyond the size of the storage"))
    if found.managed_secret:
        items += secret(book, subject)
    return items


def _database_extras(bill: Biller, found: Database) -> list[Item]:
    items = []
    included = GP3_IOPS if (found.storage_gib or 0) < GP3_STRIPED_GIB else GP3_STRIPED_IOPS
    if found.iops is None:
        items.append(bill.not_known("provisioned IOPS"))
    elif found.iops > included:
        items.append(bill.no_price("IOPS beyond what gp3 includes", found.iops - included, "IOPS-months"))
    if found.insights_days > FREE_INSIGHTS_DAYS:
        items.append(bill.no_price(f"Performance Insights, {found.insights_days} days"))
    if found.monitored:
        items.append(bill.by_use("Enhanced Monitoring, as logs of CloudWatch"))
    return items


def secret(book: PriceBook, subject: Subject) -> list[Item]:
    """A secret of Secrets Manager, and the calls that read it."""
    bill = Biller(book, subject, "Secrets Manager")
    return [
        bill.amount("secrets", "secrets_manager", "secret_month", ONE, "months"),
        bill.by_use("reads of secrets"),
    ]


def proxy(book: PriceBook, subject: Subject) -> list[Item]:
    """RDS Proxy, charged by the vCPUs of what it stands before."""
    return [Biller(book, subject, "RDS").no_price("RDS Proxy, by the vCPUs behind it")]


def aurora_instance(book: PriceBook, subject: Subject, instance_class: str | None) -> list[Item]:
    """An instance of an Aurora cluster."""
    bill = Biller(book, subject, "Aurora")
    what = f"instances {instance_class or ''}, Aurora PostgreSQL".replace(" ,", ",")
    return [bill.hours(what, "aurora_postgresql", instance_class, ONE)]


def aurora_cluster(book: PriceBook, subject: Subject) -> list[Item]:
    """What an Aurora cluster costs beside its instances."""
    bill = Biller(book, subject, "Aurora")
    return [
        bill.by_use("storage, Aurora PostgreSQL", "aurora_storage", "gb_month"),
        bill.by_use("I/O requests and replicated writes, Aurora PostgreSQL", "aurora_storage", "io_request"),
    ]


def cache(
    book: PriceBook, subject: Subject, engine: str | None, node_type: str | None, nodes: Decimal | None
) -> list[Item]:
    """The nodes of an ElastiCache replication group."""
    bill = Biller(book, subject, "ElastiCache")
    if engine is None:
        return [bill.not_known("nodes, their engine")]
    kind = f"elasticache_{engine}"
    items = [bill.hours(f"nodes {node_type or ''}, {engine}".replace(" ,", ","), kind, node_type, nodes)]
    return [*items, bill.by_use("snapshots")]


def table(
    book: PriceBook,
    subject: Subject,
    *,
    on_demand: bool,
    read_units: Decimal | None = None,
    write_units: Decimal | None = None,
    continuous_backups: bool = False,
) -> list[Item]:
    """A DynamoDB table in one region."""
    bill = Biller(book, subject, "DynamoDB")
    if on_demand:
        items = [
            bill.by_use("read request units", "dynamodb", "on_demand_read_unit"),
            bill.by_use("write request units", "dynamodb", "on_demand_write_unit"),
        ]
    else:
        items = [
            bill.hours("provisioned read units", "dynamodb", "provisioned_read_unit", read_units),
            bill.hours("provisioned write units", "dynamodb", "provisioned_write_unit", write_units),
        ]
    items.append(bill.by_use("storage of tables", "dynamodb", "gb_month"))
    return [*items, bill.by_use("continuous backups")] if continuous_backups else items


def bucket(book: PriceBook, subject: Subject) -> list[Item]:
    """A bucket, paid by what is in it and asked of it."""
    bill = Biller(book, subject, "S3")
    return [
        bill.by_use("storage, Standard", "s3", "standard_gb_month"),
        bill.by_use("PUT, COPY, POST, LIST requests", "s3", "put_request"),
        bill.by_use("GET requests", "s3", "get_request"),
    ]


def distribution(book: PriceBook, subject: Subject) -> list[Item]:
    """A CloudFront distribution, which has no region: AWS bills by where the users are."""
    bill = Biller(book, replace(subject, region=HOME), "CloudFront")
    return [
        bill.by_use("data to the internet", "cloudfront", "egress_gb"),
        bill.by_use("HTTPS requests", "cloudfront", "https_request"),
    ]
