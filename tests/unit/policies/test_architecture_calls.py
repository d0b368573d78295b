"""Messages and calls: what the policies say of dead letters, timeouts and circuit breakers."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from palier_policies.architecture import calls, messages
from palier_policies.stack import Stack

from tests.unit.policies.happy import UNKNOWN, changed, planned, resource, stack
from tests.unit.policies.judged import Case

LETTERS, TIMEOUTS, BREAKERS = "dead-letter-queues", "call-timeouts", "circuit-breaking"
FAILED = "arn:aws:sqs:eu-west-3:123456789012:failed"
REDRIVE = json.dumps({"deadLetterTargetArn": FAILED, "maxReceiveCount": 5})


def _queue(**inputs: Any) -> Stack:
    return stack(resource(messages.QUEUE, "orders", name="orders", **inputs))


def _origin(**config: Any) -> Stack:
    plan = planned("cdn")
    (site,) = plan.of(calls.DISTRIBUTION)
    origins = [dict(each) for each in site.inputs["origins"]]
    for origin in origins:
        if "customOriginConfig" in origin:
            origin["customOriginConfig"] = {**origin["customOriginConfig"], **config}
    return changed(plan, calls.DISTRIBUTION, origins=origins)


def _mesh(**timeout: Any) -> Stack:
    spec = {"httpRoute": {"match": {"prefix": "/"}, **timeout}}
    return stack(resource(calls.ROUTE, "orders", spec=spec))


def _connected(**timeout: Any) -> Stack:
    services = [{"portName": "http", **timeout}]
    configuration = {"enabled": True, "services": services}
    return stack(resource(calls.SERVICE, "orders", serviceConnectConfiguration=configuration))


def _node(**listener: Any) -> Stack:
    spec = {"listeners": [{"portMapping": {"port": 8080}, **listener}]}
    return stack(resource(calls.NODE, "orders", spec=spec))


BREAKS = [
    Case(
        LETTERS,
        _queue,
        "Queue orders has no redrivePolicy with a deadLetterTargetArn: a message that fails is tried until "
        "it "
        "expires, and is lost then; name a dead-letter queue and a maxReceiveCount",
    ),
    Case(
        LETTERS,
        partial(_queue, redrivePolicy='{"maxReceiveCount": 5}'),
        "Queue orders has no redrivePolicy with a deadLetterTargetArn: a message that fails is tried until "
        "it "
        "expires, and is lost then; name a dead-letter queue and a maxReceiveCount",
    ),
    Case(
        LETTERS,
        lambda: stack(resource(messages.MAPPING, "events", startingPosition="LATEST", functionName="orders")),
        "EventSourceMapping events reads a stream and has no destinationConfig.onFailure: what fails is "
        "dropped "
        "after its retries; set destinationConfig.onFailure to a dead-letter queue",
    ),
    Case(
        LETTERS,
        lambda: stack(resource(messages.SUBSCRIPTION, "orders", protocol="sqs", topic="arn:orders")),
        "TopicSubscription orders delivers to sqs and has no redrivePolicy: what fails is dropped after its "
        "retries; set redrivePolicy to a dead-letter queue",
    ),
    Case(
        LETTERS,
        lambda: stack(resource(messages.TARGET, "nightly", rule="nightly", arn="arn:orders")),
        "EventTarget nightly calls a target and has no deadLetterConfig: what fails is dropped after its "
        "retries; "
        "set deadLetterConfig to a dead-letter queue",
    ),
    Case(
        LETTERS,
        lambda: stack(resource(messages.SCHEDULE, "nightly", target={"arn": "arn:orders"})),
        "Schedule nightly calls a target and has no target.deadLetterConfig: what fails is dropped after its "
        "retries; set target.deadLetterConfig to a dead-letter queue",
    ),
    Case(
        LETTERS,
        lambda: stack(
            resource(
                messages.PIPE,
                "orders",
                sourceParameters={"kinesisStreamParameters": {"startingPosition": "LATEST"}},
            )
        ),
        "Pipe orders reads a stream and has no sourceParameters.kinesisStreamParameters.deadLetterConfig: "
        "what "
        "fails is dropped after its retries; set sourceParameters.kinesisStreamParameters.deadLetterConfig "
        "to a "
        "dead-letter queue",
    ),
    Case(
        TIMEOUTS,
        lambda: stack(resource(calls.FUNCTION, "orders", runtime="python3.13")),
        "Function orders sets no timeout: after Lambda's own 3 s a call is cut whatever it does; set "
        "timeout to "
        "what its callers wait for",
    ),
    Case(
        TIMEOUTS,
        lambda: stack(resource(calls.REST_CALL, "orders", type="HTTP_PROXY")),
        "Integration orders sets no timeoutMilliseconds: a caller waits for it that long; set it to 30 s "
        "or less",
    ),
    Case(
        TIMEOUTS,
        lambda: stack(
            resource(calls.HTTP_CALL, "orders", integrationType="HTTP_PROXY", timeoutMilliseconds=29000)
        ),
        "Integration orders: timeoutMilliseconds is 29 s, more than 5 s: a caller waits for it that long; "
        "shorten it",
        settings={"call_seconds": 5.0},
    ),
    Case(
        TIMEOUTS,
        partial(_origin, originReadTimeout=60),
        "Distribution site: originReadTimeout of origin application is 60 s, more than 30 s: a viewer "
        "waits for it "
        "that long; shorten it",
    ),
    Case(
        TIMEOUTS,
        lambda: changed(planned("foundation"), calls.BALANCERS[0], idleTimeout=4000),
        "LoadBalancer application: idleTimeout is 4000 s, more than 60 s: a target that says nothing holds "
        "its "
        "caller that long; shorten it",
    ),
    Case(
        TIMEOUTS,
        lambda: changed(
            planned("foundation"), calls.TARGET_GROUPS[0], healthCheck={"timeout": 30, "interval": 15}
        ),
        "TargetGroup application: healthCheck.timeout is 30 s, not less than its interval of 15 s: a check "
        "begins "
        "before the one before it ends; shorten the timeout",
    ),
    Case(
        TIMEOUTS,
        _connected,
        "Service orders sets no timeout.perRequestTimeoutSeconds of http: a caller waits for it that long; "
        "set it to 30 s or less",
    ),
    Case(
        TIMEOUTS,
        partial(_mesh, timeout={"perRequest": {"value": 60000, "unit": "ms"}}),
        "Route orders: spec.httpRoute.timeout.perRequest is 60 s, more than 30 s: a caller waits for it "
        "that long; "
        "shorten it",
    ),
    Case(
        BREAKERS,
        lambda: stack(resource(calls.SERVICE, "orders", deploymentCircuitBreaker={"enable": True})),
        "Service orders: deploymentCircuitBreaker.rollback is not true: a version that failed stays; "
        "set it to true",
    ),
    Case(
        BREAKERS,
        _node,
        "VirtualNode orders has no outlierDetection for 8080: a host that fails goes on being called; set it",
    ),
    Case(
        BREAKERS,
        lambda: changed(planned("foundation"), calls.GROUP, healthCheckType="EC2"),
        "Group application: healthCheckType is EC2: an instance that the load balancer finds failing is "
        "never "
        "replaced; set it to ELB",
    ),
    Case(
        BREAKERS,
        lambda: changed(planned("foundation"), calls.TARGET_GROUPS[0], healthCheck={"enabled": False}),
        "TargetGroup application: healthCheck.enabled is false: a target that fails goes on being called; "
        "set it to true",
    ),
]

KEEPS = [
    Case(LETTERS, partial(_queue, redrivePolicy=REDRIVE)),
    Case(LETTERS, partial(_queue, redriveAllowPolicy='{"redrivePermission": "allowAll"}')),
    Case(LETTERS, lambda: stack(resource(messages.QUEUE, "orders-dlq"))),
    Case(
        LETTERS,
        lambda: stack(
            resource(messages.QUEUE, "orders", name="orders", redrivePolicy=REDRIVE),
            resource(messages.QUEUE, "unhandled", name="failed"),
        ),
    ),
    Case(
        LETTERS,
        lambda: stack(
            resource(messages.QUEUE, "orders", name="orders"),
            resource(
                messages.REDRIVE,
                "orders",
                queueUrl="https://sqs.eu-west-3.amazonaws.com/123456789012/orders",
                redrivePolicy=REDRIVE,
            ),
        ),
    ),
    Case(
        LETTERS,
        lambda: stack(
            resource(messages.SUBSCRIPTION, "people", protocol="email"),
            resource(messages.SUBSCRIPTION, "orders", protocol="lambda", redrivePolicy=REDRIVE),
            resource(messages.MAPPING, "queue", eventSourceArn="arn:aws:sqs:eu-west-3:123456789012:orders"),
            resource(messages.TARGET, "nightly", deadLetterConfig={"arn": FAILED}),
        ),
    ),
    Case(TIMEOUTS, lambda: stack(resource(calls.FUNCTION, "orders", timeout=10))),
    Case(TIMEOUTS, lambda: stack(resource(calls.REST_CALL, "health", type="MOCK"))),
    Case(TIMEOUTS, partial(_mesh, timeout={"perRequest": {"value": 2, "unit": "s"}})),
    Case(TIMEOUTS, partial(_connected, timeout={"perRequestTimeoutSeconds": 5})),
    Case(
        BREAKERS,
        lambda: stack(
            resource(calls.SERVICE, "orders", deploymentCircuitBreaker={"enable": True, "rollback": True}),
            resource(calls.SERVICE, "blue-green", deploymentController={"type": "CODE_DEPLOY"}),
        ),
    ),
    Case(BREAKERS, partial(_node, outlierDetection={"maxServerErrors": 5})),
]

UNKNOWNS = [
    Case(
        LETTERS,
        partial(_queue, redrivePolicy=UNKNOWN),
        "not judged: Queue orders: redrivePolicy is not known before up",
        "advisory",
    ),
    Case(
        TIMEOUTS,
        lambda: stack(resource(calls.FUNCTION, "orders", timeout=UNKNOWN)),
        "not judged: Function orders: timeout is not known before up",
    ),
    Case(
        BREAKERS,
        lambda: changed(planned("foundation"), calls.GROUP, healthCheckType=UNKNOWN),
        "not judged: Group application: healthCheckType is not known before up",
    ),
]


@pytest.mark.parametrize("case", [*BREAKS, *UNKNOWNS], ids=str)
def test_a_message_or_a_call_without_an_end_is_said(case: Case) -> None:
    assert case.said() == case.expected


@pytest.mark.parametrize("case", KEEPS, ids=str)
def test_messages_and_calls_that_end_pass(case: Case) -> None:
    assert case.said() == []


def test_a_dead_letter_queue_that_is_yet_to_be_made_is_one() -> None:
    failed = resource(messages.QUEUE, "unhandled")
    orders = replace(
        resource(messages.QUEUE, "orders", redrivePolicy=UNKNOWN),
        dependencies={"redrivePolicy": (failed.urn,)},
    )

    assert Case(LETTERS, lambda: stack(failed, orders)).said() == []
