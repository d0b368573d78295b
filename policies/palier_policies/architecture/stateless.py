"""Stateless tiers: any instance serves any request, and one that goes takes nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import apart, blocks, flag
from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import Resource
from palier_policies.stack import REFERENCE, Stack

TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
APP_COOKIE = "aws:elb/appCookieStickinessPolicy:AppCookieStickinessPolicy"
LB_COOKIE = "aws:elb/loadBalancerCookieStickinessPolicy:LoadBalancerCookieStickinessPolicy"
BEANSTALK = "aws:elasticbeanstalk/environment:Environment"
LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
TEMPLATE, LAUNCH = "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/launchConfiguration:LaunchConfiguration"
MACHINE, TASK = "aws:ec2/instance:Instance", "aws:ecs/taskDefinition:TaskDefinition"
GROUP, SERVICE = "aws:autoscaling/group:Group", "aws:ecs/service:Service"
STORES = (
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:elasticache/serverlessCache:ServerlessCache",
    "aws:elasticache/cluster:Cluster",
    "aws:memorydb/cluster:Cluster",
    "aws:dynamodb/table:Table",
)
SOURCE = "scaling-et-croissance.md, « Principes d'architecture qui scalent », 1. Stateless Services"


def _sticky(resource: Resource, settings: NoSettings) -> Iterator[Problem]:
    if resource.type in (APP_COOKIE, LB_COOKIE):
        yield _stuck(resource, "binds clients to instances by a cookie", "remove it")
    elif resource.type == BEANSTALK:
        for setting in blocks(resource, "settings"):
            yield from apart(partial(_sticky_setting, setting))
    elif resource.type in LISTENERS:
        for action in blocks(resource, "defaultActions"):
            yield from apart(partial(_sticky_action, action))
    elif resource.read("stickiness") is not None and flag(resource, "stickiness", "enabled", default=True):
        yield _stuck(resource, "has stickiness enabled", "set stickiness.enabled to false")


def _sticky_setting(setting: Resource) -> Iterator[Problem]:
    name = setting.read("name", default="")
    if str(name).lower().replace(" ", "") in ("stickinessenabled", "stickinesspolicy") and flag(
        setting, "value"
    ):
        yield _stuck(setting, f"has {name} true", f"set {name} to false")


def _sticky_action(action: Resource) -> Iterator[Problem]:
    if action.read("forward", "stickiness") is not None and flag(action, "forward", "stickiness", "enabled"):
        yield _stuck(
            action, "has stickiness between target groups", "set forward.stickiness.enabled to false"
        )


def _stuck(resource: Resource, what: str, advice: str) -> Problem:
    return Problem.of(
        resource,
        f"{resource.label} {what}: a client loses its session with its instance; {advice}",
        advice=advice,
    )


class HostPaths(Section):
    """Which paths of a host are no state."""

    stateless_host_paths: list[str] = Field(
        default=["/proc", "/sys", "/dev/*", "/etc/*", "/var/run/docker.sock", "/run/docker.sock"],
        description="Patterns of paths of the host that hold none of the application's state.",
    )


def _instance_store(resource: Resource, settings: HostPaths) -> Iterator[Problem]:
    if resource.type == TASK:
        for volume in blocks(resource, "volumes"):
            yield from apart(partial(_host_volume, volume, settings))
        return
    name = "blockDeviceMappings" if resource.type == TEMPLATE else "ephemeralBlockDevices"
    for device in blocks(resource, name):
        yield from apart(partial(_ephemeral, device))


def _ephemeral(device: Resource) -> Iterator[Problem]:
    virtual = device.read("virtualName")
    if virtual is not None and str(virtual).startswith("ephemeral") and not flag(device, "noDevice"):
        where = device.read("deviceName", default="a device")
        yield Problem.of(
            device,
            f"{device.label} mounts the instance store {virtual} as {where}: what is on it is gone with the "
            "instance; remove it, and keep state in a database, a cache or S3",
        )


def _host_volume(volume: Resource, settings: HostPaths) -> Iterator[Problem]:
    name = volume.read("name", default="a volume")
    path = volume.read("hostPath")
    shared = volume.read("dockerVolumeConfiguration", "scope") == "shared"
    if path and not any(fnmatchcase(str(path), each) for each in settings.stateless_host_paths):
        where = f"the host's {path}"
    elif shared and volume.read("dockerVolumeConfiguration", "driver", default="local") == "local":
        where = "the host's disk, by a shared volume of Docker"
    else:
        return
    yield Problem.of(
        volume,
        f"{volume.label} keeps volume {name} on {where}: a task that starts elsewhere does not find it; "
        "use efsVolumeConfiguration, or a store outside",
    )


class SessionStores(Section):
    """What counts as a session store."""

    stores: list[str] = Field(
        default=["*session*"],
        description="Patterns of the logical names of session stores; `*` takes any cache or table for one.",
    )
    outputs: list[str] = Field(
        default=["session*"],
        description="Patterns of the outputs by which another stack offers its session store.",
    )


def _sessions(stack: Stack, settings: SessionStores) -> Iterator[Problem]:
    stores = [each.label for each in stack.of(*STORES)]
    if any(_matches(each.name, settings.stores) for each in stack.of(*STORES)):
        return
    read = [name for each in stack.of(REFERENCE) for name in _outputs(each)]
    if any(_matches(name, settings.outputs) for name in read):
        return
    for tier in stack.of(GROUP, SERVICE):
        yield from apart(partial(_without_store, tier, stores, settings))


def _without_store(tier: Resource, stores: list[str], settings: SessionStores) -> Iterator[Problem]:
    given = (
        ("targetGroupArns", "loadBalancers", "trafficSources") if tier.type == GROUP else ("loadBalancers",)
    )
    if not any(tier.read(name) for name in given):
        return
    others = (
        f"{', '.join(stores)} is not called {' or '.join(settings.stores)}" if stores else "there is none"
    )
    yield Problem.of(
        tier,
        f"{tier.label} serves a load balancer and its stack has no session store ({others}): sessions "
        "would be "
        "in its instances' memory; add a cache or a DynamoDB table for them, or read one from another stack",
    )


def _outputs(reference: Resource) -> list[str]:
    outputs = reference.outputs.get("outputs")
    return list(outputs) if isinstance(outputs, dict) else []


def _matches(name: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


POLICIES = (
    Policy(
        name="no-sticky-sessions",
        says="No load balancer binds a client to one instance.",
        severity="high",
        level="mandatory",
        source=SOURCE,
        types=frozenset({*TARGET_GROUPS, *LISTENERS, APP_COOKIE, LB_COOKIE, BEANSTALK}),
        check=_sticky,
        limits="Sees target groups, listeners' default actions, cookies of classic load balancers and "
        "Elastic "
        "Beanstalk's settings. Stickiness that an application or a proxy of its own makes is not seen.",
        remedy="None: where sessions are still in memory, taking stickiness away logs users out.",
        example=Example(
            breaks='aws.lb.TargetGroup(\n    "application",\n    port=80,\n    protocol="HTTP",\n'
            '    stickiness={"enabled": True, "type": "lb_cookie"},\n)',
            keeps='aws.lb.TargetGroup(\n    "application",\n    port=80,\n    protocol="HTTP",\n'
            '    load_balancing_algorithm_type="least_outstanding_requests",\n)',
        ),
    ),
    Policy(
        name="no-instance-store-state",
        says="No instance or task keeps state on its host's own disks.",
        severity="high",
        level="mandatory",
        source=SOURCE,
        types=frozenset({TEMPLATE, LAUNCH, MACHINE, TASK}),
        check=_instance_store,
        settings=HostPaths,
        limits="Sees devices that are mapped and volumes that are declared. Not seen: instance types that "
        "bring "
        "an instance store without a mapping (NVMe), and what an application writes to its root disk.",
        remedy="None: state has to be moved before its disk goes.",
        example=Example(
            breaks='aws.ec2.LaunchTemplate(\n    "application",\n    block_device_mappings=[\n'
            '        {"device_name": "/dev/sdb", "virtual_name": "ephemeral0"},\n    ],\n)',
            keeps='aws.ec2.LaunchTemplate(\n    "application",\n    block_device_mappings=[\n'
            '        {"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "encrypted": "true"}},\n    '
            "],\n)",
        ),
    ),
    Policy(
        name="session-store-present",
        says="A tier behind a load balancer has a session store outside its instances.",
        severity="high",
        level="mandatory",
        source=SOURCE,
        check_stack=_sessions,
        settings=SessionStores,
        limits="Sees that there is a store, by its name or by an output that the stack reads; not that the "
        "application uses it. One store serves every tier of its stack.",
        remedy="None: a store is a decision.",
        example=Example(
            breaks='aws.autoscaling.Group(\n    "application",\n    min_size=2,\n    max_size=6,\n'
            "    target_group_arns=[target_group.arn],\n)",
            keeps='aws.elasticache.ReplicationGroup("sessions", description="Sessions", '
            "num_cache_clusters=2)\n"
            'aws.autoscaling.Group(\n    "application",\n    min_size=2,\n    max_size=6,\n'
            "    target_group_arns=[target_group.arn],\n)",
        ),
    ),
)
