"""One way in: what the internet reaches of a region is one thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import flag
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import NotKnown, Resource
from palier_policies.stack import Stack

BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
CLASSIC = "aws:elb/loadBalancer:LoadBalancer"
REST, HTTP = "aws:apigateway/restApi:RestApi", "aws:apigatewayv2/api:Api"
FUNCTION_URL, RUNNER = "aws:lambda/functionUrl:FunctionUrl", "aws:apprunner/service:Service"
WAYS = (*BALANCERS, CLASSIC, REST, HTTP, FUNCTION_URL, RUNNER)


class Entrances(Section):
    """How many ways in a region may have."""

    ways_in_per_region: int = Field(
        default=1, ge=1, description="How many ways in from the internet a region may have."
    )


def _single(stack: Stack, settings: Entrances) -> Iterator[Problem]:
    by_region: dict[str, list[Resource]] = defaultdict(list)
    for resource in stack.of(*WAYS):
        try:
            if _from_internet(resource):
                by_region[resource.region].append(resource)
        except NotKnown as error:
            yield Problem.unknown(error)
    for region, ways in by_region.items():
        if len(ways) > settings.ways_in_per_region:
            yield Problem(
                f"{region} has {len(ways)} ways in from the internet, "
                f"{', '.join(each.label for each in ways)}; "
                f"{settings.ways_in_per_region} may be: route the others behind it and make them internal",
                actual=float(len(ways)),
                limit=float(settings.ways_in_per_region),
            )


def _from_internet(resource: Resource) -> bool:
    if resource.type in BALANCERS:
        return not flag(resource, "internal") and resource.read("loadBalancerType") != "gateway"
    if resource.type == CLASSIC:
        return not flag(resource, "internal")
    if resource.type == REST:
        return "PRIVATE" not in str(resource.read("endpointConfiguration", "types", default=""))
    if resource.type == RUNNER:
        return flag(
            resource, "networkConfiguration", "ingressConfiguration", "isPubliclyAccessible", default=True
        )
    return True


POLICIES = (
    Policy(
        name="single-entry-point",
        says="Each region has one way in from the internet.",
        severity="high",
        level="mandatory",
        source="scaling-et-croissance.md, « Principes d'architecture qui scalent », 3. API Gateway Pattern",
        check_stack=_single,
        settings=Entrances,
        limits="Counts load balancers that are not internal, API gateways that are not private, App Runner "
        "services, and Lambda function URLs, which are reachable whatever their authorization is. "
        "CloudFront and "
        "Global Accelerator stand in front of a way in and are none. Each stack is counted by itself. Not "
        "seen: "
        "instances with a public address.",
        remedy="None: clients would lose their way.",
        example=Example(
            breaks='aws.lb.LoadBalancer("orders", internal=False)\naws.lb.LoadBalancer("payments", '
            "internal=False)",
            keeps='aws.lb.LoadBalancer("entrance", internal=False)\naws.lb.LoadBalancer("payments", '
            "internal=True)",
        ),
    ),
)
