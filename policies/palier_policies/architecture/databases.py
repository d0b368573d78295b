"""Databases: nobody reaches one from outside."""

from __future__ import annotations

from collections.abc import Iterator

from palier_policies.policy import Example, NoSettings, Policy, Problem
from palier_policies.resources import Resource

INSTANCE = "aws:rds/instance:Instance"
CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"


def _public(resource: Resource, settings: NoSettings) -> Iterator[Problem]:
    if resource.read("publiclyAccessible"):
        yield Problem.of(
            resource,
            f"{resource.label} is reachable from outside its VPC; set publiclyAccessible to false",
        )


POLICIES = (
    Policy(
        name="no-public-databases",
        says="No database is reachable from outside its VPC.",
        severity="critical",
        level="mandatory",
        source="AWS Security Hub RDS.2",
        types=frozenset({INSTANCE, CLUSTER_INSTANCE}),
        check=_public,
        mend=lambda resource, settings: {"publiclyAccessible": False},
        example=Example(
            breaks='aws.rds.Instance("database", ..., publicly_accessible=True)',
            keeps='aws.rds.Instance("database", ..., publicly_accessible=False)',
        ),
    ),
)
