"""Messages: one that cannot be handled is kept, not lost and not tried for ever."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import apart, one_that_refers
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import Stack

QUEUE, REDRIVE = "aws:sqs/queue:Queue", "aws:sqs/redrivePolicy:RedrivePolicy"
REDRIVE_ALLOW = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
MAPPING, SUBSCRIPTION = (
    "aws:lambda/eventSourceMapping:EventSourceMapping",
    "aws:sns/topicSubscription:TopicSubscription",
)
TARGET, SCHEDULE = "aws:cloudwatch/eventTarget:EventTarget", "aws:scheduler/schedule:Schedule"
PIPE, FUNCTION = "aws:pipes/pipe:Pipe", "aws:lambda/function:Function"
INVOKE = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"
# Where each kind of consumer names the queue of what it could not handle.
_FAILURES = {
    QUEUE: "redrivePolicy",
    REDRIVE: "redrivePolicy",
    MAPPING: "destinationConfig",
    INVOKE: "destinationConfig",
    SUBSCRIPTION: "redrivePolicy",
    TARGET: "deadLetterConfig",
    SCHEDULE: "target",
    PIPE: "sourceParameters",
    FUNCTION: "deadLetterConfig",
}
# What a subscriber is that handles messages; a person reads mail (SNS API, Subscribe, "Protocol").
_HANDLING = ("sqs", "lambda", "firehose", "http", "https")
_STREAMS = ("kinesisStreamParameters", "dynamodbStreamParameters")


class DeadLetters(Section):
    """What a dead-letter queue is called."""

    dead_letter_queues: list[str] = Field(
        default=["*dlq*", "*dead-letter*", "*deadletter*"],
        description="Patterns of logical names of queues that take what others could not handle.",
    )


def _kept(stack: Stack, settings: DeadLetters) -> Iterator[Problem]:
    for queue in stack.of(QUEUE):
        yield from apart(partial(_queue, queue, stack, settings))
    for consumer in stack.of(MAPPING, SUBSCRIPTION, TARGET, SCHEDULE, PIPE):
        yield from apart(partial(_consumer, consumer))


def _queue(queue: Resource, stack: Stack, settings: DeadLetters) -> Iterator[Problem]:
    if any(fnmatchcase(queue.name, pattern) for pattern in settings.dead_letter_queues):
        return
    if any(f"::{QUEUE}::" in urn for urn in queue.dependencies.get("redrivePolicy", ())):
        return  # an ARN is inside that is not known yet
    if _leads_on(queue.read("redrivePolicy", default="{}")):
        return
    separate = one_that_refers(stack.of(REDRIVE), "queueUrl", to=queue)
    if separate is not None and _leads_on(separate.read("redrivePolicy", default="{}")):
        return
    if not _takes_dead_letters(queue, stack):
        yield Problem.of(
            queue,
            f"{queue.label} has no redrivePolicy with a deadLetterTargetArn: a message that fails is tried "
            "until "
            "it expires, and is lost then; name a dead-letter queue and a maxReceiveCount",
        )


def _leads_on(policy: object) -> bool:
    content = json.loads(policy) if isinstance(policy, str) else policy
    return isinstance(content, dict) and bool(content.get("deadLetterTargetArn"))


def _takes_dead_letters(queue: Resource, stack: Stack) -> bool:
    if queue.read("redriveAllowPolicy") is not None:
        return True
    unsure: NotKnown | None = None
    for kind, place in {**_FAILURES, REDRIVE_ALLOW: "queueUrl"}.items():
        others = [each for each in stack.of(kind) if each.urn != queue.urn and each.inputs.get(place)]
        try:
            # By the text of a policy: its ARN is inside.
            if any(_mentions(each, place, queue) for each in others) or one_that_refers(
                others, place, to=queue
            ):
                return True
        except NotKnown as error:
            unsure = unsure or error
    if unsure is not None:
        raise unsure
    return False


def _mentions(source: Resource, place: str, queue: Resource) -> bool:
    text = str(source.inputs.get(place))
    arn = queue.outputs.get("arn")
    name = queue.inputs.get("name") or queue.outputs.get("name")
    return (isinstance(arn, str) and arn in text) or (isinstance(name, str) and f':{name}"' in text)


@dataclass(frozen=True)
class _Lack:
    """What a consumer has not, and where it is to be set."""

    what: str
    place: str


def _consumer(consumer: Resource) -> Iterator[Problem]:
    lack = _lacking(consumer)
    if lack is not None:
        yield Problem.of(
            consumer,
            f"{consumer.label} {lack.what} and has no {lack.place}: what fails is dropped after its retries; "
            f"set {lack.place} to a dead-letter queue",
        )


def _lacking(consumer: Resource) -> _Lack | None:
    """What is missing. A queue whose ARN is not known yet is one."""
    if consumer.type == MAPPING:
        # Only streams have a position to start from (Lambda API, CreateEventSourceMapping).
        streams = consumer.read("startingPosition") is not None
        given = _given(consumer, "destinationConfig", "onFailure", "destinationArn")
        return _Lack("reads a stream", "destinationConfig.onFailure") if streams and not given else None
    if consumer.type == SUBSCRIPTION:
        protocol = consumer.read("protocol")
        if protocol not in _HANDLING or _given(consumer, "redrivePolicy"):
            return None
        return _Lack(f"delivers to {protocol}", "redrivePolicy")
    if consumer.type == SCHEDULE:
        given = _given(consumer, "target", "deadLetterConfig", "arn")
        return None if given else _Lack("calls a target", "target.deadLetterConfig")
    if consumer.type == PIPE:
        for stream in _STREAMS:
            if consumer.read("sourceParameters", stream) is not None and not _given(
                consumer, "sourceParameters", stream, "deadLetterConfig", "arn"
            ):
                return _Lack("reads a stream", f"sourceParameters.{stream}.deadLetterConfig")
        return None
    given = _given(consumer, "deadLetterConfig", "arn")
    return None if given else _Lack("calls a target", "deadLetterConfig")


def _given(resource: Resource, *path: str) -> bool:
    """Whether there is a value, be it one that is known only later. Raises NotKnown for one above it."""
    inside = resource.read(*path[:-1]) if len(path) > 1 else resource.inputs
    block = inside[0] if isinstance(inside, list) and inside else inside
    if len(path) == 1 and not resource.dependencies.get(path[0]):
        return bool(resource.read(*path))  # without a word on what it comes from, a value has to be known
    return isinstance(block, dict) and bool(block.get(path[-1]))


POLICIES = (
    Policy(
        name="dead-letter-queues",
        says="Every consumer of messages hands on what it cannot handle to a dead-letter queue.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Principes d'architecture qui scalent », 4. Event-Driven "
        "Architecture; "
        "Amazon SQS developer guide, “Using dead-letter queues in Amazon SQS”",
        check_stack=_kept,
        settings=DeadLetters,
        limits="Looks at SQS queues, Lambda's mappings of streams, SNS subscriptions of sqs, lambda, "
        "firehose and "
        "http, targets of EventBridge, schedules, and pipes that read streams. A queue that another resource "
        "names for its failures, that has a redriveAllowPolicy, or is called like `dead_letter_queues` is "
        "one "
        "itself. Not seen: what a Lambda function does with the event of a call that nobody waits for.",
        remedy="None: the queue to hand on to has to be there.",
        example=Example(
            breaks='aws.sqs.Queue("orders", visibility_timeout_seconds=60)',
            keeps='import json\n\nfailed = aws.sqs.Queue("orders-dlq")\naws.sqs.Queue(\n    "orders",\n'
            "    redrive_policy=failed.arn.apply(\n"
            '        lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})\n    ),\n)',
        ),
    ),
)
