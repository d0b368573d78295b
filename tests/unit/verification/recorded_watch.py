"""The recorded platform: topics, logs, alarms, and the endpoint that the replicas are read from."""

from __future__ import annotations

from typing import Any

from tests.unit.verification.recorded_aws import ACCOUNT, REGION, State
from tests.unit.verification.recorded_names import REPLICA_WATCHED, WATCHED, listed, tags, topic_arn


def topics_and_logs() -> State:
    state: State = {
        ("sns", "list_topics"): {
            "Topics": [{"TopicArn": topic_arn(level)} for level in ("attention", "critical")]
        },
        ("cloudwatch", "list_dashboards"): {"DashboardEntries": [{"DashboardName": "jobo-local-platform"}]},
    }
    groups = []
    for name, component, days in (("application", "observability", 30), ("flow-logs", "network", 14)):
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/jobo/{name}"
        groups.append({"logGroupName": f"/jobo/{name}", "arn": f"{arn}:*", "retentionInDays": days})
        state["logs", "list_tags_for_resource", arn] = {"tags": tags(name, component)}
    state["logs", "describe_log_groups"] = {"logGroups": groups}
    for level in ("attention", "critical"):
        state["sns", "list_tags_for_resource", topic_arn(level)] = {"Tags": listed(level, "observability")}
        state["sns", "get_topic_attributes", topic_arn(level)] = {"Attributes": {"KmsMasterKeyId": "key-1"}}
    return state


def alarm(
    name: str, level: str, threshold: float, dimension: tuple[str, list[str]], phase: str = "foundation"
) -> State:
    """An alarm above a threshold, which tells its level's topic: its description and its tags."""
    arn = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:jobo-{name}-{level}"
    metrics = [
        {
            "Namespace": "AWS/Any",
            "MetricName": "Any",
            "Dimensions": [{"Name": dimension[0], "Value": value}],
        }
        for value in dimension[1]
    ]
    described = {
        "AlarmName": f"jobo-{name}-{level}",
        "AlarmArn": arn,
        "ActionsEnabled": True,
        "AlarmActions": [topic_arn(level)],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
    }
    if len(metrics) == 1:
        described |= metrics[0]
    else:
        queries = [
            {"Id": f"node{index}", "MetricStat": {"Metric": each, "Period": 60, "Stat": "Average"}}
            for index, each in enumerate(metrics)
        ]
        described["Metrics"] = [*queries, {"Id": "result", "Expression": "MAX([node0, node1])"}]
    return {
        ("alarm", arn): described,
        ("cloudwatch", "list_tags_for_resource", arn): {
            "Tags": listed(f"{name}-{level}", "observability", phase)
        },
    }


def alarms() -> State:
    state: State = {}
    for name, (dimension, values, limits) in WATCHED.items():
        for level, limit in zip(("attention", "critical"), limits, strict=True):
            state |= alarm(name, level, limit, (dimension, values))
    for number in (1, 2):
        for name, limits in REPLICA_WATCHED.items():
            for level, limit in zip(("attention", "critical"), limits, strict=True):
                watched = ("DBInstanceIdentifier", [f"jobo-replica-{number}"])
                state |= alarm(f"replica-{number}-{name}", level, limit, watched, "replicas")
    entries = [state.pop(key) for key in list(state) if key[0] == "alarm"]
    return {**state, ("cloudwatch", "describe_alarms"): {"MetricAlarms": entries}}


def reader() -> State:
    def record(number: int, weight: int) -> dict[str, Any]:
        return {
            "Name": "reader.database.internal.",
            "Type": "CNAME",
            "SetIdentifier": f"replica-{number}",
            "Weight": weight,
            "TTL": 5,
            "HealthCheckId": f"health-{number}",
            "ResourceRecords": [{"Value": f"jobo-replica-{number}.abc.{REGION}.rds.amazonaws.com"}],
        }

    def health(number: int) -> dict[str, Any]:
        follows = {"Region": REGION, "Name": f"jobo-replica-{number}-lag-critical"}
        configuration = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": follows}
        check = {"Id": f"health-{number}", "CallerReference": "1", "HealthCheckVersion": 1}
        return {"HealthCheck": {**check, "HealthCheckConfig": configuration}}

    zone = {"Id": "/hostedzone/Z1", "Name": "database.internal.", "CallerReference": "1"}
    zone_is: dict[str, Any] = {**zone, "Config": {"PrivateZone": True}}
    start = {"Name": "database.internal.", "Type": "SOA", "ResourceRecords": [{"Value": "ns"}]}
    proxy_arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:db-proxy:prx-1"
    proxy = {
        "DBProxyName": "jobo-primary",
        "DBProxyArn": proxy_arn,
        "Status": "available",
        "RequireTLS": True,
    }
    return {
        ("route53", "list_hosted_zones"): {
            "HostedZones": [zone_is],
            "Marker": "",
            "IsTruncated": False,
            "MaxItems": "100",
        },
        ("route53", "list_tags_for_resources"): {
            "ResourceTagSets": [{"ResourceId": "Z1", "Tags": listed("reader", "dns", "replicas")}]
        },
        ("route53", "get_hosted_zone"): {
            "HostedZone": zone_is,
            "VPCs": [{"VPCRegion": REGION, "VPCId": "vpc-1"}],
        },
        ("route53", "list_resource_record_sets"): {
            "ResourceRecordSets": [start, record(1, 100), record(2, 50)],
            "IsTruncated": False,
            "MaxItems": "300",
        },
        ("route53", "get_health_check", "health-1"): health(1),
        ("route53", "get_health_check", "health-2"): health(2),
        ("rds", "describe_db_proxies"): {"DBProxies": [proxy]},
        ("rds", "list_tags_for_resource", proxy_arn): {"TagList": listed("primary", "database", "replicas")},
        ("rds", "describe_db_proxy_targets"): {
            "Targets": [{"RdsResourceId": "jobo-primary", "Type": "RDS_INSTANCE"}]
        },
    }
