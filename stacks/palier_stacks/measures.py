"""How the table's metrics are read from CloudWatch, for each kind of resource that shows them."""

from __future__ import annotations

import pulumi

from palier_stacks.alarms import Measure, Metric

# Dimension names are AWS's own, of each service's CloudWatch reference.
ALB, EC2, AGENT, RDS, REDIS = "AWS/ApplicationELB", "AWS/EC2", "CWAgent", "AWS/RDS", "AWS/ElastiCache"
INSTANCE, CLUSTER = "DBInstanceIdentifier", "DBClusterIdentifier"


def response_time_p95(load_balancer: pulumi.Input[str]) -> Measure:
    """95th percentile of the time targets take to answer, in seconds. `load_balancer` is its ARN suffix."""
    metric = Metric(ALB, "TargetResponseTime", {"LoadBalancer": load_balancer}, "p95")
    return Measure.of("Response time P95", metric, "notBreaching")


def error_rate(load_balancer: pulumi.Input[str]) -> Measure:
    """Answers of the 5xx kind, from the targets and from the load balancer itself, in percent of requests."""
    dimensions = {"LoadBalancer": load_balancer}
    return Measure(
        "Error rate",
        {
            "target": Metric(ALB, "HTTPCode_Target_5XX_Count", dimensions, "Sum"),
            "balancer": Metric(ALB, "HTTPCode_ELB_5XX_Count", dimensions, "Sum"),
            "requests": Metric(ALB, "RequestCount", dimensions, "Sum"),
        },
        # The counts are only reported when they are not zero.
        "100 * (FILL(target, 0) + FILL(balancer, 0)) / requests",
        "notBreaching",
    )


def instances_cpu(group: pulumi.Input[str]) -> Measure:
    """Mean CPU of an autoscaling group, in percent."""
    return Measure.of("Application CPU", Metric(EC2, "CPUUtilization", {"AutoScalingGroupName": group}))


def instances_memory(group: pulumi.Input[str]) -> Measure:
    """Mean memory in use of an autoscaling group, in percent, as the CloudWatch agent reports it."""
    return Measure.of(
        "Application memory", Metric(AGENT, "mem_used_percent", {"AutoScalingGroupName": group})
    )


def database_cpu(subject: str, identifier: pulumi.Input[str], kind: str = INSTANCE) -> Measure:
    """CPU of an RDS instance, or the mean of a cluster's (`kind`), in percent."""
    return Measure.of(f"{subject} CPU", _rds(identifier, "CPUUtilization", kind=kind))


def database_memory(
    subject: str, identifier: pulumi.Input[str], memory_gib: pulumi.Input[float], kind: str = INSTANCE
) -> Measure:
    """Memory in use of an RDS instance, in percent of what its class has. RDS reports only what is free."""
    total = pulumi.Output.from_input(memory_gib).apply(lambda gib: f"{int(gib * 1024**3)}")
    return Measure(
        f"{subject} memory",
        {"free": _rds(identifier, "FreeableMemory", kind=kind)},
        pulumi.Output.concat("100 * (1 - free / ", total, ")"),
    )


def database_connections(
    subject: str, identifier: pulumi.Input[str], limit: pulumi.Input[int], kind: str = INSTANCE
) -> Measure:
    """Connections of an RDS instance, in percent of its `max_connections`."""
    most = pulumi.Output.from_input(limit).apply(lambda count: str(int(count)))
    return Measure(
        f"{subject} connections",
        {"open": _rds(identifier, "DatabaseConnections", "Maximum", kind)},
        pulumi.Output.concat("100 * open / ", most),
    )


def redis_cpu(subject: str, node_ids: list[pulumi.Output[str]]) -> Measure:
    """CPU of Redis's one thread on the busiest node, in percent: it is spent long before the machine's."""
    return _busiest(f"{subject} CPU", "EngineCPUUtilization", node_ids)


def redis_memory(subject: str, node_ids: list[pulumi.Output[str]]) -> Measure:
    """Memory in use of the fullest node, in percent of its maxmemory."""
    return _busiest(f"{subject} memory", "DatabaseMemoryUsagePercentage", node_ids)


def replica_lag(subject: str, identifier: pulumi.Input[str]) -> Measure:
    """How far a replica is behind its primary, in seconds: the least of each period.

    RDS may report up to five minutes for a primary that writes nothing, falling back to nothing at each
    switch of the log; the least of a period tells a replica that is behind from one that has nothing to do.
    A replica that reports no lag does not replicate.
    """
    return Measure.of(f"{subject} lag", _rds(identifier, "ReplicaLag", "Minimum"), "breaching")


def region_lag(subject: str, identifier: pulumi.Input[str]) -> Measure:
    """How far the replica in another region is behind, in seconds: the least of each period, as above.

    Whichever region writes reports no lag, and a failover moves that; so silence is not known, not breaching.
    """
    return Measure.of(f"{subject} lag", _rds(identifier, "ReplicaLag", "Minimum"), "missing")


def global_lag(subject: str, cluster: pulumi.Input[str]) -> Measure:
    """How far a cluster of an Aurora global database is behind the writer, in seconds; reported in ms."""
    lag = _rds(cluster, "AuroraGlobalDBReplicationLag", "Maximum", CLUSTER)
    return Measure(f"{subject} lag", {"lag": lag}, "lag / 1000")


def _rds(identifier: pulumi.Input[str], name: str, stat: str = "Average", kind: str = INSTANCE) -> Metric:
    return Metric(RDS, name, {kind: identifier}, stat)


def _busiest(subject: str, name: str, node_ids: list[pulumi.Output[str]]) -> Measure:
    metrics = {
        f"node{index}": Metric(REDIS, name, {"CacheClusterId": node})
        for index, node in enumerate(node_ids, start=1)
    }
    return Measure(subject, metrics, f"MAX([{', '.join(metrics)}])")
