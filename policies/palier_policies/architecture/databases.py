"""Databases: nobody reaches one from outside."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from palier.capacity.sections import Section
from pydantic import Field

from palier_policies.architecture.common import Flag, apart, blocks, flagged, mended, number, types_of
from palier_policies.policy import Example, Policy, Problem
from palier_policies.resources import Resource

INSTANCE = "aws:rds/instance:Instance"
CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
OPENSEARCH, ELASTICSEARCH = "aws:opensearch/domain:Domain", "aws:elasticsearch/domain:Domain"
SECURITY_GROUP, RULE = "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_OUTSIDE = "it is reachable from outside its VPC"
_FLAGS = tuple(
    Flag(kind, ("publiclyAccessible",), _OUTSIDE, wanted=False, mends=True)
    for kind in (
        INSTANCE,
        CLUSTER_INSTANCE,
        "aws:rds/cluster:Cluster",
        "aws:redshift/cluster:Cluster",
        "aws:redshiftserverless/workgroup:Workgroup",
        "aws:dms/replicationInstance:ReplicationInstance",
        "aws:mq/broker:Broker",
    )
)
_EVERYWHERE = ("0.0.0.0/0", "::/0")


class DatabasePorts(Section):
    """Which ports are databases'."""

    # PostgreSQL, MySQL, SQL Server, Oracle, Redshift, MongoDB, Redis and Memcached, Elasticsearch, Cassandra:
    # IANA's registry of service names and port numbers; Redshift: its management guide.
    ports: list[int] = Field(
        default=[1433, 1521, 3306, 5432, 5439, 6379, 9042, 9200, 11211, 27017],
        description="Ports on which databases listen: no security group opens one to every address.",
    )


def _public(resource: Resource, settings: DatabasePorts) -> Iterator[Problem]:
    if resource.type in (OPENSEARCH, ELASTICSEARCH):
        yield from apart(partial(_domain, resource))
    elif resource.type == SECURITY_GROUP:
        for rule in blocks(resource, "ingress"):
            yield from apart(partial(_opened, rule, settings, ("cidrBlocks", "ipv6CidrBlocks"), "protocol"))
    elif resource.type == RULE:
        if resource.read("type") == "ingress":
            yield from _opened(resource, settings, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")
    elif resource.type == INGRESS:
        yield from _opened(resource, settings, ("cidrIpv4", "cidrIpv6"), "ipProtocol")
    else:
        yield from flagged(_FLAGS, resource)


def _domain(resource: Resource) -> Iterator[Problem]:
    if not resource.read("vpcOptions"):
        yield Problem.of(
            resource,
            f"{resource.label} has no vpcOptions: {_OUTSIDE}; set vpcOptions.subnetIds (that replaces the "
            "domain)",
        )


def _opened(
    rule: Resource, settings: DatabasePorts, sources: tuple[str, ...], protocol: str
) -> Iterator[Problem]:
    """A problem where a rule lets every address reach a database's port. Raises NotKnown."""
    everything = str(rule.read(protocol, default="-1")) in ("-1", "all")
    first, last = (0.0, 65535.0) if everything else (number(rule, "fromPort"), number(rule, "toPort"))
    if first is None:
        return
    ports = [port for port in settings.ports if first <= port <= (first if last is None else last)]
    if not ports:
        return
    given = [each for name in sources for each in _texts(rule, name)]
    opened = [each for each in given if each in _EVERYWHERE]
    if opened:
        named = "every port" if everything else f"port {', '.join(str(port) for port in ports)}"
        yield Problem.of(
            rule,
            f"{rule.label} opens {named} to {' and '.join(opened)}; name the security group that may "
            "connect, by "
            "referencedSecurityGroupId or securityGroups",
        )


def _texts(rule: Resource, name: str) -> list[str]:
    value = rule.read(name, default=[])
    for each in value if isinstance(value, list) else ():
        rule._refuse(each, (name,))
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


POLICIES = (
    Policy(
        name="no-public-databases",
        says="No database is reachable from outside its VPC.",
        severity="critical",
        level="mandatory",
        source="AWS Security Hub RDS.2, Redshift.1, Opensearch.2, ES.2, EC2.19",
        types=types_of(_FLAGS) | {OPENSEARCH, ELASTICSEARCH, SECURITY_GROUP, RULE, INGRESS},
        check=_public,
        mend=lambda resource, settings: mended(_FLAGS, resource),
        settings=DatabasePorts,
        limits="ElastiCache, MemoryDB, DocumentDB and Neptune have no public address at all. Routes and "
        "network "
        "ACLs are not looked at: a database with a public address is refused whoever may reach it.",
        remedy="Sets publiclyAccessible to false, which AWS changes in place; not rules of security "
        "groups, nor "
        "the network of an OpenSearch domain, which would be replaced.",
        example=Example(
            breaks='aws.rds.Instance(\n    "database",\n    instance_class="db.t4g.medium",\n'
            "    publicly_accessible=True,\n)",
            keeps='aws.rds.Instance(\n    "database",\n    instance_class="db.t4g.medium",\n'
            "    publicly_accessible=False,\n)",
        ),
    ),
)
