"""Stateless tiers: what the policies say of stickiness, instance stores and session stores."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest
from palier_policies.architecture import entrance, services, stateless
from palier_policies.resources import Resource
from palier_policies.stack import Stack

from tests.unit.policies.happy import UNKNOWN, changed, planned, reference, resource, stack, without
from tests.unit.policies.judged import Case

STICKY, STORE, SESSIONS = "no-sticky-sessions", "no-instance-store-state", "session-store-present"
OWN, ENTRANCE = "one-database-per-service", "single-entry-point"
TARGETS = stateless.TARGET_GROUPS[0]
SECRET = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:orders-master-AbCdEf"


def _targets(**stickiness: object) -> Stack:
    return changed(planned("foundation"), TARGETS, stickiness=stickiness)


def _devices(*devices: dict[str, object]) -> Stack:
    return changed(planned("foundation"), stateless.TEMPLATE, blockDeviceMappings=list(devices))


def _task(**volume: object) -> Stack:
    return stack(resource(stateless.TASK, "orders", family="orders", volumes=[{"name": "data", **volume}]))


def _without_sessions() -> Stack:
    return without(planned("foundation"), stateless.STORES[0], "sessions")


def _function(name: str, **variables: str) -> Resource:
    # `environment` is also how a test names the stack.
    return replace(resource(services.FUNCTION, name), inputs={"environment": {"variables": variables}})


def _container(name: str, **definition: object) -> Resource:
    text = json.dumps([{"name": "web", **definition}])
    return resource(services.TASK, name, family=name, containerDefinitions=text)


def _two(first: Resource, second: Resource) -> Stack:
    return stack(first, second)


BREAKS = [
    Case(
        STICKY,
        partial(_targets, enabled=True, type="lb_cookie"),
        "TargetGroup application has stickiness enabled: a client loses its session with its instance; "
        "set stickiness.enabled to false",
    ),
    Case(
        STICKY,
        lambda: stack(resource(stateless.LB_COOKIE, "cookie", loadBalancer="web", lbPort=80)),
        "LoadBalancerCookieStickinessPolicy cookie binds clients to instances by a cookie: a client loses "
        "its "
        "session with its instance; remove it",
    ),
    Case(
        STICKY,
        lambda: stack(
            resource(
                stateless.BEANSTALK,
                "web",
                settings=[
                    {
                        "namespace": "aws:elasticbeanstalk:environment:process:default",
                        "name": "StickinessEnabled",
                        "value": "true",
                    }
                ],
            )
        ),
        "Environment web has StickinessEnabled true: a client loses its session with its instance; "
        "set StickinessEnabled to false",
    ),
    Case(
        STICKY,
        lambda: stack(
            resource(
                stateless.LISTENERS[0],
                "http",
                defaultActions=[{"type": "forward", "forward": {"stickiness": {"enabled": True}}}],
            )
        ),
        "Listener http has stickiness between target groups: a client loses its session with its instance; "
        "set forward.stickiness.enabled to false",
    ),
    Case(
        STORE,
        partial(_devices, {"deviceName": "/dev/sdb", "virtualName": "ephemeral0"}),
        "LaunchTemplate application mounts the instance store ephemeral0 as /dev/sdb: what is on it is "
        "gone with "
        "the instance; remove it, and keep state in a database, a cache or S3",
    ),
    Case(
        STORE,
        lambda: stack(
            resource(
                stateless.MACHINE,
                "worker",
                ephemeralBlockDevices=[{"deviceName": "/dev/sdc", "virtualName": "ephemeral1"}],
            )
        ),
        "Instance worker mounts the instance store ephemeral1 as /dev/sdc: what is on it is gone with the "
        "instance; remove it, and keep state in a database, a cache or S3",
    ),
    Case(
        STORE,
        partial(_task, hostPath="/var/lib/orders"),
        "TaskDefinition orders keeps volume data on the host's /var/lib/orders: a task that starts elsewhere "
        "does not find it; use efsVolumeConfiguration, or a store outside",
    ),
    Case(
        STORE,
        partial(_task, dockerVolumeConfiguration={"scope": "shared", "driver": "local"}),
        "TaskDefinition orders keeps volume data on the host's disk, by a shared volume of Docker: a task "
        "that "
        "starts elsewhere does not find it; use efsVolumeConfiguration, or a store outside",
    ),
    Case(
        SESSIONS,
        _without_sessions,
        "Group application serves a load balancer and its stack has no session store (ReplicationGroup "
        "shared is "
        "not called *session*): sessions would be in its instances' memory; add a cache or a DynamoDB "
        "table for "
        "them, or read one from another stack",
    ),
    Case(
        SESSIONS,
        lambda: stack(resource(stateless.SERVICE, "web", loadBalancers=[{"containerPort": 80}])),
        "Service web serves a load balancer and its stack has no session store (there is none): sessions "
        "would be "
        "in its instances' memory; add a cache or a DynamoDB table for them, or read one from another stack",
    ),
    Case(
        OWN,
        lambda: _two(
            _function("orders", DATABASE_HOST="shop.abc.eu-west-3.rds.amazonaws.com"),
            _function("payments", DB_URL="postgresql://shop.abc.eu-west-3.rds.amazonaws.com:5432/payments"),
        ),
        "orders (Function orders) and payments (Function payments) read the same database "
        "shop.abc.eu-west-3.rds.amazonaws.com: give each service its own, and let the one ask the other",
    ),
    Case(
        OWN,
        lambda: _two(
            _container(
                "orders", secrets=[{"name": "DATABASE_PASSWORD", "valueFrom": f"{SECRET}:password::"}]
            ),
            _container("payments", secrets=[{"name": "PGPASSWORD", "valueFrom": SECRET}]),
        ),
        "orders (TaskDefinition orders) and payments (TaskDefinition payments) read the same database "
        f"{SECRET}: "
        "give each service its own, and let the one ask the other",
    ),
    Case(
        ENTRANCE,
        lambda: stack(
            *planned("foundation").resources,
            resource(entrance.HTTP, "partners", environment="local", protocolType="HTTP"),
        ),
        "eu-west-3 has 2 ways in from the internet, LoadBalancer application, Api partners; 1 may be: "
        "route the "
        "others behind it and make them internal",
    ),
    Case(
        ENTRANCE,
        lambda: stack(
            resource(entrance.CLASSIC, "old", listeners=[]),
            resource(entrance.FUNCTION_URL, "hook", authorizationType="AWS_IAM"),
            resource(entrance.REST, "api"),
        ),
        "eu-west-3 has 3 ways in from the internet, LoadBalancer old, FunctionUrl hook, RestApi api; 1 may "
        "be: "
        "route the others behind it and make them internal",
    ),
]

KEEPS = [
    Case(STICKY, partial(_targets, enabled=False, type="lb_cookie")),
    Case(
        STORE, partial(_devices, {"deviceName": "/dev/sdb", "virtualName": "ephemeral0", "noDevice": "true"})
    ),
    Case(STORE, partial(_task, hostPath="/var/run/docker.sock")),
    Case(STORE, partial(_task, efsVolumeConfiguration={"fileSystemId": "fs-1"})),
    Case(SESSIONS, _without_sessions, settings={"stores": ["shared"]}),
    Case(
        SESSIONS,
        lambda: stack(
            resource(stateless.SERVICE, "web", loadBalancers=[{"containerPort": 80}]),
            reference("foundation", session_cache_endpoint="sessions.cache.amazonaws.com"),
        ),
    ),
    Case(SESSIONS, lambda: stack(resource(stateless.SERVICE, "worker", desiredCount=2))),
    Case(
        OWN,
        lambda: _two(
            _function(
                "orders", DATABASE_HOST="orders.abc.eu-west-3.rds.amazonaws.com", DATABASE_NAME="application"
            ),
            _function(
                "payments", DATABASE_HOST="pay.abc.eu-west-3.rds.amazonaws.com", DATABASE_NAME="application"
            ),
        ),
    ),
    Case(
        OWN,
        lambda: _two(
            _function("orders", DATABASE_HOST="shop.abc.eu-west-3.rds.amazonaws.com"),
            _function("payments", DATABASE_HOST="shop.abc.eu-west-3.rds.amazonaws.com"),
        ),
        settings={"shared": ["shop.*"]},
    ),
    Case(
        ENTRANCE,
        lambda: stack(
            resource(entrance.BALANCERS[0], "web", internal=False),
            resource(entrance.BALANCERS[0], "orders", internal=True),
            resource(entrance.REST, "inside", endpointConfiguration={"types": "PRIVATE"}),
            resource("aws:cloudfront/distribution:Distribution", "site", enabled=True),
        ),
    ),
]

UNKNOWNS = [
    Case(
        STICKY,
        partial(_targets, enabled=UNKNOWN),
        "not judged: TargetGroup application: stickiness.enabled is not known before up",
        "advisory",
    ),
    Case(
        STORE,
        partial(_task, hostPath=UNKNOWN),
        "not judged: TaskDefinition orders: hostPath is not known before up",
        "advisory",
    ),
    Case(
        SESSIONS,
        lambda: stack(resource(stateless.SERVICE, "web", loadBalancers=UNKNOWN)),
        "not judged: Service web: loadBalancers is not known before up",
        "advisory",
    ),
    Case(
        OWN,
        lambda: _two(_function("orders", DATABASE_HOST=UNKNOWN), _function("payments", STAGE="production")),
        "not judged: Function orders: environment.DATABASE_HOST is not known before up",
    ),
    Case(
        ENTRANCE,
        lambda: stack(resource(entrance.BALANCERS[0], "web", internal=UNKNOWN)),
        "not judged: LoadBalancer web: internal is not known before up",
        "advisory",
    ),
]


@pytest.mark.parametrize("case", [*BREAKS, *UNKNOWNS], ids=str)
def test_what_binds_a_client_to_an_instance_or_services_to_each_other_is_said(case: Case) -> None:
    assert case.said() == case.expected


@pytest.mark.parametrize("case", KEEPS, ids=str)
def test_what_is_stateless_and_apart_passes(case: Case) -> None:
    assert case.said() == []


def test_services_that_depend_on_one_database_share_it_before_its_address_is_known() -> None:
    database = resource(services.DATABASES[0], "shop", engine="postgres")
    reading = [
        replace(
            _function(name, DATABASE_HOST=UNKNOWN),
            dependencies={"environment": (database.urn,)},
        )
        for name in ("orders", "payments")
    ]

    case = Case(OWN, lambda: stack(database, *reading))

    assert [message for _, message in case.said()] == [
        "orders (Function orders) and payments (Function payments) read the same database shop: "
        "give each service its own, and let the one ask the other"
    ]


def test_an_unknown_part_does_not_hide_what_another_part_breaks() -> None:
    volumes = [{"name": "a", "hostPath": UNKNOWN}, {"name": "b", "hostPath": "/data"}]
    said = Case(STORE, lambda: stack(resource(stateless.TASK, "orders", volumes=volumes))).said()

    assert [level for level, _ in said] == ["advisory", "mandatory"]
    assert "keeps volume b on the host's /data" in said[1][1]
