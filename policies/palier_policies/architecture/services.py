"""Services apart from one another: each has its own database."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from palier.capacity.sections import Section
from palier.costs.model import UNKNOWN
from pydantic import Field

from palier_policies.architecture.common import names
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import SECRET, NotKnown, Resource
from palier_policies.stack import Stack

TASK, FUNCTION = "aws:ecs/taskDefinition:TaskDefinition", "aws:lambda/function:Function"
DATABASES = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:rds/proxy:Proxy",
    "aws:docdb/cluster:Cluster",
    "aws:neptune/cluster:Cluster",
)
# Hosts of RDS and Aurora, of their proxies, of DocumentDB and Neptune ("Endpoints" in each one's user guide).
_HOST = re.compile(
    r"[\w-]+(?:\.[\w-]+)*\.(?:rds|docdb|neptune)\.amazonaws\.com|[\w.-]+\.(?:rds|docdb|neptune)\.[\w.-]*amazonaws\.com"
)
# arn:partition:service:region:account:rest; a secret's may go on with a key of its JSON.
_STORED = re.compile(
    r"(arn:aws[\w-]*:(?:secretsmanager:[\w-]*:\d*:secret|ssm:[\w-]*:\d*:parameter)[:/][^:]+)"
)


class ServiceDatabases(Section):
    """What tells services, and what tells a database's address or password."""

    service_tag: str = Field(
        default="service", min_length=1, description="The tag that says which service a resource is of."
    )
    variables: list[str] = Field(
        default=["*DATABASE*", "*DB_*", "PG*", "*POSTGRES*", "*MYSQL*"],
        description="Patterns of environment variables whose secret or parameter is a database's.",
    )
    shared: list[str] = Field(
        default=[],
        description="Patterns of hosts, secrets and logical names that services may share, such as a log "
        "store.",
    )


@dataclass(frozen=True)
class Reading:
    """A database that a service reads, and the resource that says so."""

    service: str
    database: str
    resource: Resource


def _one_each(stack: Stack, settings: ServiceDatabases) -> Iterator[Problem]:
    """A problem for each database that several services read; unknowns count once there are two services."""
    found: dict[str, dict[str, Reading]] = defaultdict(dict)
    unknown: list[NotKnown] = []
    services = stack.of(TASK, FUNCTION)
    databases = stack.of(*DATABASES)
    for resource in services:
        for reading in _readings(resource, databases, settings, unknown):
            if not any(fnmatchcase(reading.database, pattern) for pattern in settings.shared):
                found[reading.database].setdefault(reading.service, reading)
    for database, by_service in found.items():
        if len(by_service) > 1:
            yield _shared(database, list(by_service.values()))
    if len(services) > 1:
        yield from (Problem.unknown(error) for error in unknown)


def _shared(database: str, readings: list[Reading]) -> Problem:
    who = " and ".join(f"{each.service} ({each.resource.label})" for each in readings)
    return Problem.of(
        readings[-1].resource,
        f"{who} read the same database {database}: give each service its own, and let the one ask the other",
        actual=float(len(readings)),
        limit=1.0,
    )


def _readings(
    resource: Resource, databases: list[Resource], settings: ServiceDatabases, unknown: list[NotKnown]
) -> Iterator[Reading]:
    try:
        service = _service(resource, settings)
    except NotKnown as error:
        unknown.append(error)
        service = resource.name
    place = "environment" if resource.type == FUNCTION else "containerDefinitions"
    depends = resource.dependencies.get(place, ())
    for database in databases:
        if database.urn in depends:
            yield Reading(service, database.name, resource)
    try:
        variables = list(_variables(resource))
    except NotKnown as error:
        if not depends:
            unknown.append(error)
        return
    for name, value in variables:
        if value in (UNKNOWN, SECRET):
            if not depends:
                unknown.append(NotKnown(resource, (place, name), secret=value == SECRET))
            continue
        found = _database(name, str(value), databases, settings)
        if found:
            yield Reading(service, found, resource)


def _service(resource: Resource, settings: ServiceDatabases) -> str:
    tag = resource.tags().get(settings.service_tag)
    if tag == UNKNOWN:
        raise NotKnown(resource, ("tags", settings.service_tag))
    own = resource.read("family") if resource.type == TASK else None
    return str(tag or own or resource.name)


def _variables(resource: Resource) -> Iterator[tuple[str, Any]]:
    """Names and values of what a task's containers, or a function, are told. Raises NotKnown."""
    if resource.type == FUNCTION:
        variables = resource.read("environment", "variables", default={})
        yield from variables.items() if isinstance(variables, Mapping) else ()
        return
    text = resource.read("containerDefinitions", default="[]")
    containers = json.loads(text) if isinstance(text, str) else text
    for container in containers if isinstance(containers, list) else ():
        for each in (*(container.get("environment") or ()), *(container.get("secrets") or ())):
            yield str(each.get("name", "")), each.get("value", each.get("valueFrom"))


def _database(name: str, value: str, databases: list[Resource], settings: ServiceDatabases) -> str | None:
    """The database that a variable leads to: its logical name in the stack, its host, or its secret's ARN."""
    if host := _HOST.search(value):
        mine = [each.name for each in databases if _is_at(each, host[0])]
        return mine[0] if mine else host[0]
    if any(fnmatchcase(name.upper(), pattern) for pattern in settings.variables) and (
        stored := _STORED.match(value)
    ):
        return stored[1]
    return None


def _is_at(database: Resource, host: str) -> bool:
    outputs = [database.outputs.get(name) for name in ("address", "endpoint", "readerEndpoint")]
    return any(isinstance(each, str) and each.partition(":")[0] == host for each in outputs) or any(
        host.startswith(f"{name}.") for name in names(database)
    )


POLICIES = (
    Policy(
        name="one-database-per-service",
        says="No two services read the same database.",
        severity="medium",
        level="advisory",
        source="scaling-et-croissance.md, « Principes d'architecture qui scalent », 2. Database per Service",
        check_stack=_one_each,
        settings=ServiceDatabases,
        limits="A service is an ECS task definition or a Lambda function, told apart by the tag of "
        "`service_tag`, "
        "else by its family or logical name. A database is seen where an environment variable holds a host "
        "of "
        "RDS, DocumentDB or Neptune, or where one whose name is among `variables` comes from Secrets "
        "Manager or "
        "Parameter Store, or where the engine says that the variables depend on one. Not seen: what "
        "instances "
        "read by themselves, files of settings, services of other stacks, schemas inside one database.",
        remedy="None: data has to be moved first.",
        example=Example(
            breaks='for name in ("orders", "payments"):\n    aws.lambda_.Function(\n        name,\n        '
            "role=role.arn,\n"
            '        environment={"variables": {"DATABASE_HOST": database.address}},\n    )',
            keeps='for name in ("orders", "payments"):\n    aws.lambda_.Function(\n        name,\n        '
            "role=role.arn,\n"
            '        environment={"variables": {"DATABASE_HOST": databases[name].address}},\n    )',
        ),
    ),
)
