"""Many resources, for measuring what policies add to a preview; and the same as a Terraform plan.

Ten to a cell: a database with the six alarms that the threshold table wants, a log group, a topic, a
parameter. Every one keeps every policy, so that what is measured is looking, not telling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from palier.capacity.thresholds import threshold

TAGS = {"owner": "bench", "cost-center": "bench", "Name": "bench"}
TOPICS = {
    "attention": "arn:aws:sns:eu-west-3:123456789012:bench-attention",
    "critical": "arn:aws:sns:eu-west-3:123456789012:bench-critical",
}
_SHOWN = {
    "cpu_utilization": "CPUUtilization",
    "memory_usage": "FreeableMemory",
    "database_connections": "DatabaseConnections",
}
_TERRAFORM = {
    "aws:rds/instance:Instance": "aws_db_instance",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:sns/topic:Topic": "aws_sns_topic",
    "aws:ssm/parameter:Parameter": "aws_ssm_parameter",
}


@dataclass(frozen=True)
class Made:
    """One resource: Pulumi's type token, logical name, inputs by Pulumi's names."""

    type: str
    name: str
    inputs: dict[str, Any]


def resources(count: int) -> list[Made]:
    """So many resources, in cells of ten."""
    found: list[Made] = []
    cell = 0
    while len(found) < count:
        found.extend(_cell(cell))
        cell += 1
    return found[:count]


def _cell(number: int) -> Iterator[Made]:
    identifier = f"database-{number}"
    yield Made(
        "aws:rds/instance:Instance",
        identifier,
        {
            "identifier": identifier,
            "engine": "postgres",
            "instanceClass": "db.m7g.large",
            "allocatedStorage": 100,
            "storageType": "gp3",
            "multiAz": True,
            "storageEncrypted": True,
            "publiclyAccessible": False,
            "deletionProtection": True,
            "backupRetentionPeriod": 14,
            "tags": {**TAGS, "service": f"service-{number}"},
        },
    )
    for metric, shown in _SHOWN.items():
        for level, topic in TOPICS.items():
            yield Made(
                "aws:cloudwatch/metricAlarm:MetricAlarm",
                f"{identifier}-{metric}-{level}",
                {
                    "namespace": "AWS/RDS",
                    "metricName": shown,
                    "dimensions": {"DBInstanceIdentifier": identifier},
                    "comparisonOperator": "GreaterThanThreshold",
                    "threshold": threshold(metric).limit("critical" if level == "critical" else "attention"),
                    "statistic": "Average",
                    "period": 60,
                    "evaluationPeriods": 5,
                    "alarmActions": [topic],
                    "tags": TAGS,
                },
            )
    yield Made(
        "aws:cloudwatch/logGroup:LogGroup",
        f"logs-{number}",
        {"name": f"/bench/{number}", "retentionInDays": 30, "kmsKeyId": "arn:aws:kms:::key/1", "tags": TAGS},
    )
    yield Made(
        "aws:sns/topic:Topic",
        f"topic-{number}",
        {"name": f"bench-{number}", "kmsMasterKeyId": "arn:aws:kms:::key/1", "tags": TAGS},
    )
    yield Made(
        "aws:ssm/parameter:Parameter",
        f"parameter-{number}",
        {"name": f"/bench/{number}", "type": "String", "value": "x", "tags": TAGS},
    )


def terraform_plan(count: int) -> dict[str, Any]:
    """The same resources as `terraform show -json` writes a plan that creates them."""
    planned, changes = [], []
    for each in resources(count):
        type_, name = _TERRAFORM[each.type], each.name.replace("-", "_")
        values = {_snake(key): value for key, value in each.inputs.items()}
        common = {"address": f"{type_}.{name}", "mode": "managed", "type": type_, "name": name}
        common["provider_name"] = "registry.terraform.io/hashicorp/aws"
        planned.append({**common, "schema_version": 1, "values": values, "sensitive_values": {}})
        changes.append({**common, "change": {"actions": ["create"], "before": None, "after": values}})
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": []}},
    }


def _snake(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", name)
