"""What keeps a platform payable and readable: tags that say who pays, and logs that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from palier.capacity.sections import Section
from palier.costs.model import UNKNOWN
from pydantic import Field

from palier_policies.architecture.common import apart, copied, number
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import SECRET, NotKnown, Resource

GROUP, LOGS = "aws:autoscaling/group:Group", "aws:cloudwatch/logGroup:LogGroup"
# What a bill is made of and takes tags, by service.
_BILLED = (
    "alb/loadBalancer",
    "apigateway/restApi",
    "apigatewayv2/api",
    "apprunner/service",
    "autoscaling/group",
    "backup/vault",
    "cloudfront/distribution",
    "cloudwatch/logGroup",
    "cloudwatch/metricAlarm",
    "dms/replicationInstance",
    "docdb/cluster",
    "docdb/clusterInstance",
    "dynamodb/table",
    "ebs/volume",
    "ec2/eip",
    "ec2/instance",
    "ec2/launchTemplate",
    "ec2/natGateway",
    "ec2/vpcEndpoint",
    "ec2transitgateway/transitGateway",
    "ecs/cluster",
    "ecs/service",
    "efs/fileSystem",
    "eks/cluster",
    "eks/nodeGroup",
    "elasticache/cluster",
    "elasticache/replicationGroup",
    "elasticache/serverlessCache",
    "elasticsearch/domain",
    "elb/loadBalancer",
    "fsx/lustreFileSystem",
    "globalaccelerator/accelerator",
    "kinesis/firehoseDeliveryStream",
    "kinesis/stream",
    "kms/key",
    "lambda/function",
    "lb/loadBalancer",
    "memorydb/cluster",
    "mq/broker",
    "msk/cluster",
    "neptune/cluster",
    "neptune/clusterInstance",
    "opensearch/domain",
    "rds/cluster",
    "rds/clusterInstance",
    "rds/instance",
    "rds/proxy",
    "redshift/cluster",
    "redshiftserverless/workgroup",
    "route53/healthCheck",
    "route53/zone",
    "s3/bucket",
    "secretsmanager/secret",
    "sfn/stateMachine",
    "sns/topic",
    "sqs/queue",
    "wafv2/webAcl",
)


def _token(place: str) -> str:
    name = place.partition("/")[2]
    return f"aws:{place}:{name[0].upper()}{name[1:]}"


TAGGED = frozenset(_token(place) for place in _BILLED)


class CostTags(Section):
    """Which tags say who pays."""

    required_tags: list[str] = Field(
        default=["owner", "cost-center"],
        min_length=1,
        description="Tags that every resource with a price has.",
    )
    defaults: dict[str, str] = Field(
        default={}, description="Values for the tags that are missing, where the policy remedies."
    )


def _tagged(resource: Resource, settings: CostTags) -> Iterator[Problem]:
    yield from apart(*(lambda name=name: _tag(resource, name) for name in settings.required_tags))


def _tag(resource: Resource, name: str) -> Iterator[Problem]:
    value = _tags(resource).get(name)
    if value in (UNKNOWN, SECRET):
        raise NotKnown(resource, ("tags", name), secret=value == SECRET)
    if not value:
        text = f"{resource.label} has no tag {name}: nobody knows who pays for it; set tags.{name}"
        yield Problem.of(resource, text)


def _tags(resource: Resource) -> Mapping[str, Any]:
    if resource.type != GROUP:
        return resource.tags()
    # An autoscaling group has blocks; those that it hands on are what its instances are billed by.
    handed = [each for each in resource.blocks("tags") if each.get("propagateAtLaunch") is not False]
    return {str(each.get("key")): each.get("value") for each in handed}


def _add_tags(resource: Resource, settings: CostTags) -> dict[str, Any]:
    tags = _tags(resource)
    missing = {
        name: settings.defaults[name]
        for name in settings.required_tags
        if name in settings.defaults and not tags.get(name)
    }
    if not missing:
        return {}
    if resource.type == GROUP:
        kept = [each for each in copied(resource, "tags") if each.get("key") not in missing]
        added = [{"key": key, "value": value, "propagateAtLaunch": True} for key, value in missing.items()]
        return {"tags": [*kept, *added]}
    own = resource.read("tags", default={})
    if SECRET in own.values():
        raise NotKnown(resource, ("tags",), secret=True)
    return {"tags": {**own, **missing}}


# "RetentionInDays" of CloudWatch Logs, PutRetentionPolicy.
_RETENTIONS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


class LogRetention(Section):
    """How long logs are kept."""

    at_least_days: int = Field(
        default=7, ge=1, description="The fewest days: as many as an incident of a week ago needs."
    )
    at_most_days: int = Field(
        default=_RETENTIONS[-1], ge=1, description="The most days; CloudWatch's longest, short of for ever."
    )
    # The phases' own setting, alarms.log_retention_days of foundation.
    remedy_days: int = Field(
        default=30, ge=1, description="What is set where nothing is, where the policy remedies."
    )


def _logs(resource: Resource, settings: LogRetention) -> Iterator[Problem]:
    days = number(resource, "retentionInDays") or 0.0
    if days == 0:
        yield Problem.of(
            resource,
            f"{resource.label} sets no retentionInDays: its logs are kept, and paid for, for ever; set it to "
            f"{settings.remedy_days}",
        )
    elif not settings.at_least_days <= days <= settings.at_most_days:
        least, most = settings.at_least_days, settings.at_most_days
        yield Problem.of(
            resource,
            f"{resource.label}: retentionInDays is {days:g}, not between {least} and {most}; set it to "
            f"{least if days < least else most}",
            actual=days,
            limit=float(least if days < least else most),
        )


def _keep_logs(resource: Resource, settings: LogRetention) -> dict[str, Any]:
    days = number(resource, "retentionInDays") or 0.0
    if 0 < days < settings.at_least_days:
        return {"retentionInDays": next(each for each in _RETENTIONS if each >= settings.at_least_days)}
    return {"retentionInDays": settings.remedy_days} if days == 0 else {}


POLICIES = (
    Policy(
        name="cost-tags",
        says="Everything that has a price says who pays for it.",
        severity="medium",
        level="advisory",
        source="scaling-et-croissance.md, « KPIs de croissance technique » (Cost Metrics); AWS Billing "
        "user guide, "
        "“Organizing and tracking costs using AWS cost allocation tags”",
        types=TAGGED,
        check=_tagged,
        mend=_add_tags,
        settings=CostTags,
        limits="Types that a bill is made of. The provider's default tags count. Of an autoscaling group, "
        "the tags "
        "count that its instances get.",
        remedy="Adds the tags of `defaults` that are missing. Tags change in place.",
        example=Example(
            breaks='aws.s3.Bucket("assets", tags={"owner": "platform-team"})',
            keeps='aws.s3.Bucket("assets", tags={"owner": "platform-team", "cost-center": "platform"})',
        ),
    ),
    Policy(
        name="log-retention",
        says="Logs are kept for a time that somebody chose.",
        severity="low",
        level="advisory",
        source="AWS Security Hub CloudWatch.16",
        types=frozenset({LOGS}),
        check=_logs,
        mend=_keep_logs,
        settings=LogRetention,
        limits="Log groups that a stack makes. Those that AWS makes by itself (Lambda's, where no group of "
        "that name "
        "stands) are in no plan, and are kept for ever.",
        remedy="Sets `remedy_days` where nothing is set, and lengthens what is too short. What is kept too "
        "long is "
        "left: shortening it would delete logs.",
        example=Example(
            breaks='aws.cloudwatch.LogGroup("application")',
            keeps='aws.cloudwatch.LogGroup("application", retention_in_days=30)',
        ),
    ),
)
