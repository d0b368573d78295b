"""Calls between services: each ends in time, and one that fails does not take its caller down."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import apart, blocks, flag, number
from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import Resource

FUNCTION = "aws:lambda/function:Function"
REST_CALL, HTTP_CALL = "aws:apigateway/integration:Integration", "aws:apigatewayv2/integration:Integration"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
SERVICE, GROUP = "aws:ecs/service:Service", "aws:autoscaling/group:Group"
ROUTE, NODE = "aws:appmesh/route:Route", "aws:appmesh/virtualNode:VirtualNode"
SOURCE = "scaling-et-croissance.md, « Principes d'architecture qui scalent », 5. Circuit Breaker Pattern"
_MESH = ("httpRoute", "http2Route", "grpcRoute")
_SECONDS = {"s": 1.0, "ms": 0.001}


class Timeouts(Section):
    """How long a call may take."""

    # Amazon CloudFront developer guide, "Response timeout": 30 s. API Gateway's own limits are below: 29 s
    # for REST, 30 s for HTTP ("Amazon API Gateway quotas").
    call_seconds: float = Field(
        default=30.0, gt=0, description="The longest that a caller may wait for an answer, in seconds."
    )
    # Amazon CloudFront developer guide, "Connection timeout": 1 to 10 s.
    connection_seconds: float = Field(
        default=10.0, gt=0, description="The longest that CloudFront may wait for a connection, in seconds."
    )
    # Application Load Balancers, "Connection idle timeout": 60 s where nothing else is set.
    idle_seconds: float = Field(
        default=60.0,
        gt=0,
        description="The longest that a load balancer may keep a silent connection, in seconds.",
    )


def _timeouts(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    yield from apart(partial(_TIMED[resource.type], resource, settings))


def _over(resource: Resource, name: str, seconds: float | None, limit: float, what: str) -> Iterator[Problem]:
    """A problem where a timeout is not set, or longer than it may be."""
    if seconds is None:
        text = f"{resource.label} sets no {name}: {what}; set it to {limit:g} s or less"
        yield Problem.of(resource, text, limit=limit)
    elif seconds > limit:
        text = f"{resource.label}: {name} is {seconds:g} s, more than {limit:g} s: {what}; shorten it"
        yield Problem.of(resource, text, actual=seconds, limit=limit)


def _function(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    if number(resource, "timeout") is None:
        yield Problem.of(
            resource,
            f"{resource.label} sets no timeout: after Lambda's own 3 s a call is cut whatever it does; "
            "set timeout to what its callers wait for",
        )


def _gateway(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    kind = resource.read("type" if resource.type == REST_CALL else "integrationType")
    if kind != "MOCK":
        milliseconds = number(resource, "timeoutMilliseconds")
        seconds = None if milliseconds is None else milliseconds / 1000
        yield from _over(
            resource, "timeoutMilliseconds", seconds, settings.call_seconds, "a caller waits for it that long"
        )


def _origins(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    for origin in blocks(resource, "origins"):
        yield from apart(partial(_origin, origin, settings))


def _origin(origin: Resource, settings: Timeouts) -> Iterator[Problem]:
    if origin.read("customOriginConfig") is None:
        return  # S3 answers by itself, and has no such setting
    name = f"of origin {origin.read('originId', default='without an id')}"
    wait = "a viewer waits for it that long"
    yield from apart(
        lambda: _over(
            origin,
            f"originReadTimeout {name}",
            number(origin, "customOriginConfig", "originReadTimeout"),
            settings.call_seconds,
            wait,
        ),
        lambda: _over(
            origin,
            f"connectionTimeout {name}",
            number(origin, "connectionTimeout"),
            settings.connection_seconds,
            wait,
        ),
    )


def _balancer(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    kind = resource.read("loadBalancerType", default="application")
    seconds = number(resource, "idleTimeout")
    if kind == "application" and seconds is not None:
        what = "a target that says nothing holds its caller that long"
        yield from _over(resource, "idleTimeout", seconds, settings.idle_seconds, what)


def _health(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    if resource.read("healthCheck") is None:
        return
    timeout, interval = (
        number(resource, "healthCheck", "timeout"),
        number(resource, "healthCheck", "interval"),
    )
    if timeout is not None and interval is not None and timeout >= interval:
        yield Problem.of(
            resource,
            f"{resource.label}: healthCheck.timeout is {timeout:g} s, not less than its interval of "
            f"{interval:g} s: "
            "a check begins before the one before it ends; shorten the timeout",
            actual=timeout,
            limit=interval,
        )


def _connected(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    if not flag(resource, "serviceConnectConfiguration", "enabled"):
        return
    for service in blocks(resource, "serviceConnectConfiguration", "services"):
        name = f"timeout.perRequestTimeoutSeconds of {service.read('portName', default='its port')}"
        seconds = number(service, "timeout", "perRequestTimeoutSeconds")
        yield from _over(service, name, seconds, settings.call_seconds, "a caller waits for it that long")


def _route(resource: Resource, settings: Timeouts) -> Iterator[Problem]:
    for kind in _MESH:
        if resource.read("spec", kind) is None:
            continue
        place = ("spec", kind, "timeout", "perRequest")
        value, unit = number(resource, *place, "value"), resource.read(*place, "unit", default="s")
        seconds = None if value is None else value * _SECONDS.get(str(unit), 1.0)
        yield from _over(
            resource, ".".join(place), seconds, settings.call_seconds, "a caller waits for it that long"
        )


_TIMED: Mapping[str, Callable[[Resource, Timeouts], Iterator[Problem]]] = {
    FUNCTION: _function,
    REST_CALL: _gateway,
    HTTP_CALL: _gateway,
    DISTRIBUTION: _origins,
    **dict.fromkeys(BALANCERS, _balancer),
    **dict.fromkeys(TARGET_GROUPS, _health),
    SERVICE: _connected,
    ROUTE: _route,
}


def _breaking(resource: Resource, settings: NoSettings) -> Iterator[Problem]:
    if resource.type == SERVICE:
        yield from apart(partial(_deployment, resource))
    elif resource.type == NODE:
        for listener in blocks(resource, "spec", "listeners"):
            yield from apart(partial(_outliers, listener))
    elif resource.type == GROUP:
        yield from apart(partial(_replaced, resource))
    elif resource.read("healthCheck") is not None and not flag(
        resource, "healthCheck", "enabled", default=True
    ):
        yield Problem.of(
            resource,
            f"{resource.label}: healthCheck.enabled is false: a target that fails goes on being called; "
            "set it to true",
        )


def _deployment(service: Resource) -> Iterator[Problem]:
    if service.read("deploymentController", "type", default="ECS") != "ECS":
        return
    for name, why in (
        ("enable", "a version that never starts is tried for ever"),
        ("rollback", "a version that failed stays"),
    ):
        if not flag(service, "deploymentCircuitBreaker", name):
            text = f"{service.label}: deploymentCircuitBreaker.{name} is not true: {why}; set it to true"
            yield Problem.of(service, text)


def _outliers(listener: Resource) -> Iterator[Problem]:
    if listener.read("outlierDetection") is None:
        port = listener.read("portMapping", "port", default="its port")
        yield Problem.of(
            listener,
            f"{listener.label} has no outlierDetection for {port}: a host that fails goes on being called; "
            "set it",
        )


def _replaced(group: Resource) -> Iterator[Problem]:
    behind = [group.read(name) for name in ("targetGroupArns", "loadBalancers", "trafficSources")]
    kinds = str(group.read("healthCheckType", default="EC2"))
    if any(behind) and "ELB" not in kinds:
        yield Problem.of(
            group,
            f"{group.label}: healthCheckType is {kinds}: an instance that the load balancer finds failing is "
            "never replaced; set it to ELB",
        )


POLICIES = (
    Policy(
        name="call-timeouts",
        says="Every call between services that a stack declares ends in time.",
        severity="medium",
        level="advisory",
        source=SOURCE,
        types=frozenset(_TIMED),
        check=_timeouts,
        settings=Timeouts,
        limits="Looks at Lambda functions, integrations of API Gateway, CloudFront's own origins, idle "
        "connections of application load balancers, health checks, ECS Service Connect and App Mesh routes. "
        "Not seen: timeouts in the services' own code, which a plan does not show.",
        remedy="None: what is cut off is a decision.",
        example=Example(
            breaks='aws.lambda_.Function("orders", role=role.arn, runtime="python3.13")',
            keeps='aws.lambda_.Function("orders", role=role.arn, runtime="python3.13", timeout=10)',
        ),
    ),
    Policy(
        name="circuit-breaking",
        says="What fails is taken out of use: deployments, targets, instances and hosts of a mesh.",
        severity="medium",
        level="advisory",
        source=f"{SOURCE}; AWS Security Hub AutoScaling.1",
        types=frozenset({SERVICE, NODE, GROUP, *TARGET_GROUPS}),
        check=_breaking,
        limits="What AWS itself breaks a circuit with: the circuit breaker of ECS deployments, outlier "
        "detection "
        "of App Mesh, the health checks of target groups, and autoscaling groups that heed them. Not seen: "
        "circuit breakers in the services' own code. VPC Lattice and RDS Proxy have none to set.",
        remedy="None: a rollback or an instance replaced where nobody expects it can do harm.",
        example=Example(
            breaks='aws.ecs.Service("orders", cluster=cluster.arn, task_definition=task.arn)',
            keeps='aws.ecs.Service(\n    "orders",\n    cluster=cluster.arn,\n    task_definition=task.arn,\n'
            '    deployment_circuit_breaker={"enable": True, "rollback": True},\n)',
        ),
    ),
)
