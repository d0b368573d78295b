"""The order of the phases: none is built on what the one before it has not laid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import apart, number, once, refers
from palier_policies.capacity.alarms import Alarms
from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import REFERENCE, Stack

INSTANCE, CLUSTER = "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"
SHARDS, FOUNDATION, RETENTION = "shards", "foundation", "backup_retention_days"
LAG = "ReplicaLag"  # Amazon RDS user guide, "Amazon CloudWatch metrics for Amazon RDS"
ORDER = "scaling-et-croissance.md, « Stratégies par ordre de complexité »"


class ShardBackups(Section):
    """How long shards' backups are kept."""

    retention_days: int = Field(default=1, ge=1, description="The fewest days; `backups` asks for more.")


def outputs_of(stack: Stack, project: str) -> Mapping[str, object] | None:
    """What another stack exports; None where this stack reads none.

    The engine does not show policies what a program reads, so it is asked for beside the plan. Raises
    NotKnown where the plan has a reference without outputs and nobody can be asked.
    """
    shown = None
    for each in stack.of(REFERENCE):
        if str(each.inputs.get("name") or each.outputs.get("name") or "").split("/")[-2:-1] == [project]:
            shown, outputs = each, each.outputs.get("outputs")
            if isinstance(outputs, Mapping) and outputs:
                return outputs
    found = stack.read_outputs(project)
    if found is None and shown is not None:
        raise NotKnown(shown, ("outputs",))
    return found


def _shards(stack: Stack, settings: ShardBackups) -> Iterator[Problem]:
    writers: list[Resource] = []
    unsure: list[Problem] = []
    for resource in stack.of(INSTANCE, CLUSTER):
        try:
            if _is_writer(resource):
                writers.append(resource)
        except NotKnown as error:
            unsure.append(Problem.unknown(error))
    if stack.project != SHARDS and len(writers) + len(unsure) < 2:
        return
    yield from unsure
    for writer in writers:
        yield from apart(partial(_backed_up, writer, settings))
    if stack.project == SHARDS:
        yield from apart(partial(_founded, stack, settings))


def _is_writer(resource: Resource) -> bool:
    source = "replicateSourceDb" if resource.type == INSTANCE else "replicationSourceIdentifier"
    return not resource.read(source)


def _backed_up(writer: Resource, settings: ShardBackups) -> Iterator[Problem]:
    given = number(writer, "backupRetentionPeriod")
    days = (0.0 if writer.type == INSTANCE else 1.0) if given is None else given  # as RDS has it
    if days < settings.retention_days:
        yield Problem.of(
            writer,
            f"{writer.label} is one of several writers and keeps backups for {days:g} days, fewer than "
            f"{settings.retention_days}: a shard that is lost is lost for all; set backupRetentionPeriod",
            actual=days,
            limit=float(settings.retention_days),
        )


def _founded(stack: Stack, settings: ShardBackups) -> Iterator[Problem]:
    outputs = outputs_of(stack, FOUNDATION)
    days = None if outputs is None else outputs.get(RETENTION)
    if isinstance(days, int | float) and days >= settings.retention_days:
        return
    what = "does not say" if days is None else f"says {days}"
    reference = next(iter(stack.of(REFERENCE)), None)
    yield Problem(
        f"{FOUNDATION}'s output {RETENTION} {what}, not {settings.retention_days} or more: what is moved "
        "to shards "
        f"comes from a database without backups; set foundation:database.{RETENTION} first",
        urn=reference.urn if reference else "",
        actual=float(days) if isinstance(days, int | float) else None,
        limit=float(settings.retention_days),
    )


def _replicas(stack: Stack, settings: NoSettings) -> Iterator[Problem]:
    instances = stack.of(INSTANCE)
    checks = [partial(_source_backed_up, replica, stack, instances) for replica in instances]
    yield from once(apart(*checks))


def _source_backed_up(replica: Resource, stack: Stack, instances: list[Resource]) -> Iterator[Problem]:
    if not replica.read("replicateSourceDb") and not replica.dependencies.get("replicateSourceDb"):
        return
    for source in instances:
        if source.urn != replica.urn and refers(replica, "replicateSourceDb", to=source):
            days = number(source, "backupRetentionPeriod") or 0.0
            if days < 1:
                yield Problem.of(
                    replica,
                    f"{replica.label} replicates {source.label}, which keeps no backups "
                    "(backupRetentionPeriod is "
                    f"{days:g}): RDS refuses it; set it to 1 or more first",
                    actual=days,
                    limit=1.0,
                )
            return
    outputs = outputs_of(stack, FOUNDATION)
    if outputs is not None and outputs.get(RETENTION) == 0:
        yield Problem.of(
            replica,
            f"{replica.label} replicates a database of {FOUNDATION}, whose {RETENTION} is 0: RDS refuses "
            "it; set it "
            "to 1 or more first",
            actual=0.0,
            limit=1.0,
        )


def _lag(stack: Stack, settings: NoSettings) -> Iterator[Problem]:
    alarms = Alarms(stack)
    for instance in stack.of(INSTANCE):
        yield from apart(partial(_watched, instance, alarms))


def _watched(instance: Resource, alarms: Alarms) -> Iterator[Problem]:
    depends = instance.dependencies.get("replicateSourceDb")
    if not depends and not instance.read("replicateSourceDb"):
        return
    about = alarms.of(instance)
    if any(LAG in alarm.metrics for alarm in about):
        return
    for alarm in (*about, *alarms.blind):
        alarm.resource.read("metricName")  # one that may be on it, and is not known to be
    if alarms.blind:
        raise NotKnown(alarms.blind[0].resource, ("dimensions",))
    yield Problem.of(
        instance,
        f"{instance.label} is a replica and no alarm watches its {LAG}: what it answers grows old unseen; "
        "add a "
        f"MetricAlarm on {LAG} with its DBInstanceIdentifier",
        metric=LAG,
    )


POLICIES = (
    Policy(
        name="shards-need-backups",
        says="Data is spread over several writers only where each, and the one before them, has backups.",
        severity="critical",
        level="mandatory",
        source=f"{ORDER}; « Stratégies de Sharding » (« Quelle stratégie de backup et réplication ? »)",
        check_stack=_shards,
        settings=ShardBackups,
        limits="The project `shards`, and any stack with more than one writer of RDS. The database before "
        "them is "
        "foundation's, by its output `backup_retention_days`.",
        remedy="None: see `backups`.",
        example=Example(
            breaks='for number in (1, 2):\n    aws.rds.Instance(\n        f"shard-{number}",\n'
            '        instance_class="db.t4g.medium",\n        backup_retention_period=0,\n    )',
            keeps='for number in (1, 2):\n    aws.rds.Instance(\n        f"shard-{number}",\n'
            '        instance_class="db.t4g.medium",\n        backup_retention_period=7,\n    )',
        ),
    ),
    Policy(
        name="replicas-need-backups",
        says="A database has replicas only where it has backups.",
        severity="high",
        level="mandatory",
        source=f"{ORDER}; Amazon RDS user guide, “Working with DB instance read replicas”",
        check_stack=_replicas,
        limits="Sources in the same stack, and foundation's database by its output "
        "`backup_retention_days`. Other "
        "sources are not seen.",
        remedy="None: see `backups`.",
        example=Example(
            breaks='primary = aws.rds.Instance("primary", instance_class="db.t4g.medium", '
            "backup_retention_period=0)\n"
            'aws.rds.Instance("replica", instance_class="db.t4g.medium", '
            "replicate_source_db=primary.identifier)",
            keeps='primary = aws.rds.Instance("primary", instance_class="db.t4g.medium", '
            "backup_retention_period=7)\n"
            'aws.rds.Instance("replica", instance_class="db.t4g.medium", '
            "replicate_source_db=primary.identifier)",
        ),
    ),
    Policy(
        name="replica-lag-alarms",
        says="Every read replica has an alarm on how far it is behind.",
        severity="high",
        level="mandatory",
        source=f"{ORDER}, 2. Read Replicas",
        check_stack=_lag,
        limits="Replicas of RDS instances. Sees that an alarm reads ReplicaLag of the replica, at whatever "
        "limit. "
        "Aurora's readers share its storage, and are not looked at.",
        remedy="None: an alarm is a resource of its own.",
        example=Example(
            breaks='aws.rds.Instance("replica", identifier="replica-1", replicate_source_db="primary")',
            keeps='replica = aws.rds.Instance("replica", identifier="replica-1", '
            'replicate_source_db="primary")\n'
            'aws.cloudwatch.MetricAlarm(\n    "replica-lag",\n    namespace="AWS/RDS",\n    '
            'metric_name="ReplicaLag",\n'
            '    dimensions={"DBInstanceIdentifier": replica.identifier},\n'
            '    comparison_operator="GreaterThanThreshold",\n    threshold=30,\n    evaluation_periods=5,\n'
            '    period=60,\n    statistic="Average",\n    alarm_actions=[topic.arn],\n)',
        ),
    ),
)
