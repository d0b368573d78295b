"""AWS's price list, one offer file of a service and a region: which of its rows are the prices that we want.

The offer files come as JSON and as CSV ("Reading the price list files", AWS Billing user guide). The CSV is
read: it has a price a line, so that the hundreds of megabytes of AmazonEC2 are never held in memory. Five
lines tell of the file, the sixth names the columns, whose spelling differs between services.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice

from palier.costs.price_file import PriceGroup

ABOUT_LINES = 5
# Usage types begin with a code of the region (`EUW3-`, `EU-`, none in us-east-1) or its name; `IA-` is
# another class of storage, at other prices.
_PLACE = r"(?:(?!IA-)[A-Z]{2,4}\d?-|[a-z]{2}(?:-[a-z]+)+-\d-)?"


class NotAnOffer(ValueError):
    """What was read is not an offer file, or holds none of the prices that are wanted."""


@dataclass(frozen=True)
class Rule:
    """Rows of an offer that are one price, or prices by `key_column`. `usage` is the usage type, without
    the region's code; `where` are further columns, by their names without blanks and in small letters."""

    kind: str
    unit: str
    usage: str
    key: str = ""
    key_column: str = ""
    where: Mapping[str, str] = field(default_factory=dict)

    def matches(self, row: Mapping[str, str]) -> bool:
        """Whether a row is a price of this rule."""
        if not re.fullmatch(f"{_PLACE}(?:{self.usage})", row.get("usagetype", "")):
            return False
        return all(row.get(column, "").lower() == wanted.lower() for column, wanted in self.where.items())

    def key_of(self, row: Mapping[str, str]) -> str:
        """What the price stands under."""
        return row.get(self.key_column, "") if self.key_column else self.key


_LINUX = {"operatingsystem": "Linux", "tenancy": "Shared", "preinstalledsw": "NA", "capacitystatus": "Used"}
_SINGLE = {"deploymentoption": "Single-AZ"}

OFFERS: dict[str, tuple[Rule, ...]] = {
    "AmazonEC2": (
        Rule("ec2_instance", "USD per instance-hour, Linux", "BoxUsage:.+", "", "instancetype", _LINUX),
        Rule("ebs_volume", "USD per GB-month", r"EBS:VolumeUsage(?:\.\w+)?", "", "volumeapiname"),
        Rule("nat_gateway", "USD per gateway-hour", "NatGateway-Hours", "hour"),
        Rule("nat_gateway", "USD per GB processed", "NatGateway-Bytes", "gb"),
    ),
    "AmazonRDS": (
        Rule(
            "rds_postgresql",
            "USD per instance-hour, single-AZ; Multi-AZ is twice",
            "InstanceUsage:.+",
            key_column="instancetype",
            where={"databaseengine": "PostgreSQL", **_SINGLE},
        ),
        Rule(
            "aurora_postgresql",
            "USD per instance-hour",
            "InstanceUsage:.+",
            key_column="instancetype",
            where={"databaseengine": "Aurora PostgreSQL"},
        ),
        Rule(
            "rds_storage",
            "USD per GB-month, single-AZ",
            "RDS:GP3-Storage",
            key="gp3",
            where={"databaseengine": "PostgreSQL", **_SINGLE},
        ),
        Rule(
            "rds_storage",
            "USD per GB-month, single-AZ",
            "RDS:GP3-Storage",
            key="gp3",
            where={"databaseengine": "Any", **_SINGLE},
        ),
    ),
    "AmazonElastiCache": (
        Rule(
            "elasticache_redis",
            "USD per node-hour, Redis OSS",
            "NodeUsage:.+",
            key_column="instancetype",
            where={"cacheengine": "Redis"},
        ),
        Rule(
            "elasticache_valkey",
            "USD per node-hour, Valkey",
            "NodeUsage:.+",
            key_column="instancetype",
            where={"cacheengine": "Valkey"},
        ),
    ),
    "AWSELB": (
        Rule(
            "load_balancer",
            "USD per load balancer-hour",
            "LoadBalancerUsage",
            key="application_hour",
            where={"productfamily": "Load Balancer-Application"},
        ),
        Rule(
            "load_balancer",
            "USD per LCU-hour",
            "LCUUsage",
            key="application_lcu",
            where={"productfamily": "Load Balancer-Application"},
        ),
    ),
    "AmazonVPC": (
        Rule("public_ipv4", "USD per address-hour", "PublicIPv4:InUseAddress", "in_use_hour"),
        Rule("vpc_endpoint", "USD per endpoint and zone, an hour", "VpcEndpoint-Hours", "interface_hour"),
    ),
    "AmazonDynamoDB": (
        Rule("dynamodb", "USD per read request unit", "ReadRequestUnits", "on_demand_read_unit"),
        Rule("dynamodb", "USD per write request unit", "WriteRequestUnits", "on_demand_write_unit"),
        Rule("dynamodb", "USD per GB-month", "TimedStorage-ByteHrs", "gb_month"),
        Rule("dynamodb", "USD per read unit-hour", "ReadCapacityUnit-Hrs", "provisioned_read_unit"),
        Rule("dynamodb", "USD per write unit-hour", "WriteCapacityUnit-Hrs", "provisioned_write_unit"),
    ),
    "AmazonS3": (
        Rule("s3", "USD per GB-month", "TimedStorage-ByteHrs", "standard_gb_month"),
        Rule("s3", "USD per request", "Requests-Tier1", "put_request"),
        Rule("s3", "USD per request", "Requests-Tier2", "get_request"),
    ),
    "AmazonCloudWatch": (
        Rule(
            "cloudwatch", "USD per metric of an alarm, a month", "CW:AlarmMonitorUsage", "alarm_metric_month"
        ),
    ),
    "awskms": (Rule("kms", "USD per key and month", "KMS-Keys", "key_month"),),
    "AWSSecretsManager": (
        Rule(
            "secrets_manager",
            "USD per secret and month",
            "AWSSecretsManager-Secrets",
            "secret_month",
        ),
    ),
}


def parse(offer: str, lines: Iterable[str]) -> tuple[PriceGroup, ...]:
    """The wanted prices in the lines of an offer file, a group for each kind and unit.

    Of prices in tiers the first that is not free counts. Raises NotAnOffer: no such file, or none of the
    prices in it; and where two rows give one thing two prices, for then it is not known which is meant.
    """
    rows = csv.reader(lines)
    about = {row[0]: row[1] for row in islice(rows, ABOUT_LINES) if len(row) > 1}
    if about.get("OfferCode") != offer or "Publication Date" not in about:
        raise NotAnOffer(f"not an offer file of {offer}")
    found: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
    for row in _rows(rows):
        for rule in OFFERS[offer]:
            if rule.matches(row):
                _take(found, rule, row)
    if not found:
        raise NotAnOffer(f"no price of {', '.join(sorted({rule.kind for rule in OFFERS[offer]}))} in it")
    source = f"AWS Price List, {offer}, version {about.get('Version', 'unknown')}"
    return tuple(_groups(found, source, about["Publication Date"][:10]))


def _rows(rows: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    """The rows that are prices on demand, by columns without blanks and in small letters."""
    header = next(rows, None)
    columns = [re.sub(r"[^a-z0-9]", "", name.lower()) for name in header or ()]
    if not {"termtype", "priceperunit", "currency", "usagetype"} <= set(columns):
        raise NotAnOffer("its columns are others than AWS's")
    term, currency = columns.index("termtype"), columns.index("currency")
    for cells in rows:
        # Most rows are reservations: they are left out before anything is made of them.
        if len(cells) > currency and cells[term] == "OnDemand" and cells[currency] == "USD":
            yield dict(zip(columns, cells, strict=False))


def _take(
    found: dict[tuple[str, str, str], tuple[Decimal, Decimal]], rule: Rule, row: Mapping[str, str]
) -> None:
    try:
        usd, start = Decimal(row["priceperunit"]), Decimal(row.get("startingrange") or 0)
    except InvalidOperation:
        raise NotAnOffer(f"{row['priceperunit']!r} is not a price") from None
    key = rule.key_of(row)
    if not key or usd <= 0:
        return
    place = (rule.kind, rule.unit, key)
    known = found.get(place)
    if known is not None and known[0] == start and known[1] != usd:
        raise NotAnOffer(f"{rule.kind} {key} has two prices: {known[1]} and {usd}")
    if known is None or start < known[0]:
        found[place] = (start, usd)


def _groups(
    found: Mapping[tuple[str, str, str], tuple[Decimal, Decimal]], source: str, dated: str
) -> Iterator[PriceGroup]:
    prices: dict[tuple[str, str], dict[str, Decimal]] = {}
    for (kind, unit, key), (_, usd) in sorted(found.items()):
        prices.setdefault((kind, unit), {})[key] = usd.normalize()
    for (kind, unit), amounts in prices.items():
        yield PriceGroup(kind, unit, "first_hand", source, dated, amounts)
