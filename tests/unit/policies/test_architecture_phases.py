"""Zones, tags, logs, and the order of the phases."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from palier_policies.architecture import availability, edges, operations, phases
from palier_policies.stack import Stack

from tests.unit.policies.happy import UNKNOWN, changed, planned, reference, resource, stack, without
from tests.unit.policies.judged import Case

ZONES, TAGS, LOGS = "multi-az", "cost-tags", "log-retention"
SHARDS, REPLICAS, LAG = "shards-need-backups", "replicas-need-backups", "replica-lag-alarms"
ORIGIN, REGIONS = "cdn-private-origin", "regions-need-replication"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BALANCER = "web.eu-west-3.elb.amazonaws.com"


def _foundation(type_: str, name: str | None = None, /, **inputs: Any) -> Stack:
    return changed(planned("foundation"), type_, name, **inputs)


def _one(type_: str, logical: str = "it", /, **inputs: Any) -> Stack:
    return stack(resource(type_, logical, **inputs))


def _group(**inputs: Any) -> Stack:
    return _foundation(availability.GROUP, **inputs)


def _placed(plan: Stack) -> Stack:
    """The plan with each resource in the region that its logical name ends with."""
    found = ((each, re.search(r"-(eu-west-\d)$", each.name)) for each in plan.resources)
    return replace(
        plan, resources=tuple(replace(each, region=tail[1]) if tail else each for each, tail in found)
    )


def _writers(days: int) -> Stack:
    names = ("shard-1", "shard-2")
    return stack(*(resource(phases.INSTANCE, name, backupRetentionPeriod=days) for name in names))


def _site(**origin: Any) -> Stack:
    origins = [{"originId": "assets", "domainName": "assets.s3.eu-west-3.amazonaws.com", **origin}]
    walls: dict[str, Any] = dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )
    return stack(
        resource(edges.DISTRIBUTION, "site", origins=origins),
        resource(edges.BUCKET, "assets", bucket="assets"),
        resource(edges.WALL, "assets", bucket="assets", **walls),
    )


def _before(domain: str, *more: Any) -> Stack:
    origin = {"originId": "web", "domainName": domain, "customOriginConfig": {"originReadTimeout": 30}}
    return stack(resource(edges.DISTRIBUTION, "site", origins=[origin]), *more)


def _balancer(**rule: Any) -> Stack:
    balancer = resource(edges.BALANCERS[0], "web", internal=False, securityGroups=["sg-1"])
    return _before(
        BALANCER,
        replace(balancer, outputs={"dnsName": BALANCER}),
        replace(resource(edges.SECURITY_GROUP, "web"), id="sg-1"),
        resource(edges.INGRESS, "web-from-internet", securityGroupId="sg-1", fromPort=443, **rule),
    )


def _without_data() -> Stack:
    plan = without(_placed(planned("multi-region")), edges.INSTANCE)
    return changed(plan, edges.TABLE, replicas=None)


BREAKS = [
    Case(
        ZONES,
        partial(_foundation, availability.INSTANCE, multiAz=False),
        "Instance primary: multiAz is not true: the zone that fails takes the writer with it; set it to true",
    ),
    Case(
        ZONES,
        partial(_foundation, availability.CACHE, "sessions", automaticFailoverEnabled=False),
        "ReplicationGroup sessions: automaticFailoverEnabled is not true: the zone that fails takes every "
        "session "
        "with it; set it to true",
    ),
    Case(
        ZONES,
        partial(_group, vpcZoneIdentifiers=["private-a-id"]),
        "Group application: vpcZoneIdentifiers has 1: the zone that fails takes all of it; give it 2 or "
        "more, each "
        "in a zone of its own",
    ),
    Case(
        ZONES,
        partial(_group, maxSize=1),
        "Group application: maxSize is 1: one instance is in one zone; set it to 2 or more",
    ),
    Case(
        ZONES,
        partial(_one, availability.NAT, "nat", subnetId="public-a"),
        "NatGateway nat is the only NAT gateway of eu-west-3: when its zone fails, no instance reaches "
        "anything "
        "outside; make one for each zone",
    ),
    Case(
        ZONES,
        partial(_one, availability.MEMORY, numReplicasPerShard=0),
        "Cluster it: numReplicasPerShard is 0: a zone that fails stops it; set it to 1 or more",
    ),
    Case(
        ZONES,
        partial(_one, availability.DOMAINS[0]),
        "Domain it: clusterConfig.zoneAwarenessEnabled is not true: a zone that fails stops it; set it to "
        "true, "
        "with two nodes or more",
    ),
    Case(
        TAGS,
        partial(_one, "aws:s3/bucket:Bucket", tags={"owner": "platform-team"}),
        "Bucket it has no tag cost-center: nobody knows who pays for it; set tags.cost-center",
    ),
    Case(
        TAGS,
        partial(
            _group,
            tags=[
                {"key": "owner", "value": "platform-team", "propagateAtLaunch": True},
                {"key": "cost-center", "value": "platform", "propagateAtLaunch": False},
            ],
        ),
        "Group application has no tag cost-center: nobody knows who pays for it; set tags.cost-center",
    ),
    Case(
        LOGS,
        partial(_one, operations.LOGS),
        "LogGroup it sets no retentionInDays: its logs are kept, and paid for, for ever; set it to 30",
    ),
    Case(
        LOGS,
        partial(_foundation, operations.LOGS, "application", retentionInDays=3),
        "LogGroup application: retentionInDays is 3, not between 7 and 3653; set it to 7",
    ),
    Case(
        LOGS,
        partial(_foundation, operations.LOGS, "application", retentionInDays=365),
        "LogGroup application: retentionInDays is 365, not between 7 and 90; set it to 90",
        settings={"at_most_days": 90},
    ),
    Case(
        SHARDS,
        lambda: changed(planned("shards"), phases.INSTANCE, "shard-2", backupRetentionPeriod=0),
        "Instance shard-2 is one of several writers and keeps backups for 0 days, fewer than 1: a shard "
        "that is lost "
        "is lost for all; set backupRetentionPeriod",
    ),
    Case(
        SHARDS,
        lambda: stack(reference("foundation", backup_retention_days=0), project="shards"),
        "foundation's output backup_retention_days says 0, not 1 or more: what is moved to shards comes "
        "from a "
        "database without backups; set foundation:database.backup_retention_days first",
    ),
    Case(
        REPLICAS,
        lambda: stack(
            resource(phases.INSTANCE, "primary", identifier="main", backupRetentionPeriod=0),
            resource(phases.INSTANCE, "replica", replicateSourceDb="main"),
        ),
        "Instance replica replicates Instance primary, which keeps no backups (backupRetentionPeriod is "
        "0): RDS "
        "refuses it; set it to 1 or more first",
    ),
    Case(
        REPLICAS,
        lambda: stack(
            resource(phases.INSTANCE, "replica", replicateSourceDb="main"),
            reference("foundation", backup_retention_days=0),
        ),
        "Instance replica replicates a database of foundation, whose backup_retention_days is 0: RDS "
        "refuses it; "
        "set it to 1 or more first",
    ),
    Case(
        LAG,
        lambda: stack(
            resource(phases.INSTANCE, "replica", identifier="replica-1", replicateSourceDb="main"),
            resource(
                ALARM, "cpu", metricName="CPUUtilization", dimensions={"DBInstanceIdentifier": "replica-1"}
            ),
        ),
        "Instance replica is a replica and no alarm watches its ReplicaLag: what it answers grows old "
        "unseen; add a "
        "MetricAlarm on ReplicaLag with its DBInstanceIdentifier",
    ),
    Case(
        ORIGIN,
        _site,
        "Distribution site: origin assets has no originAccessControlId: its bucket has to be public; make an "
        "OriginAccessControl and name it",
    ),
    Case(
        ORIGIN,
        lambda: changed(
            _site(originAccessControlId="E1"), edges.WALL, blockPublicPolicy=False, restrictPublicBuckets=None
        ),
        "Bucket assets is the origin assets of Distribution site and its BucketPublicAccessBlock does not "
        "set "
        "blockPublicPolicy, restrictPublicBuckets: it can be read past the CDN; set all four to true",
    ),
    Case(
        ORIGIN,
        partial(_before, "assets.s3-website.eu-west-3.amazonaws.com"),
        "Distribution site: origin web is the website assets.s3-website.eu-west-3.amazonaws.com, which "
        "only a public "
        "bucket has; use the bucket's own domain with an originAccessControlId",
    ),
    Case(
        ORIGIN,
        partial(_balancer, cidrIpv4="0.0.0.0/0"),
        "SecurityGroupIngressRule web-from-internet lets every address reach LoadBalancer web, which is "
        "the origin "
        "web of Distribution site: clients can go past the CDN and its firewall; let in CloudFront's "
        "prefix list "
        "alone",
    ),
    Case(
        ORIGIN,
        lambda: _before(
            BALANCER,
            reference("foundation", load_balancer_dns_name=BALANCER, load_balancer_ingress="internet"),
        ),
        "Distribution site: origin web is foundation's load balancer, and foundation lets the internet "
        "reach it: "
        "clients can go past the CDN and its firewall; set foundation:edge.ingress to cloudfront once no "
        "name leads "
        "to it",
        "advisory",
    ),
    Case(
        REGIONS,
        _without_data,
        "Group application-eu-west-1 serves eu-west-1, where no data is a copy of another region's: its "
        "users would "
        "wait for the other region, or have data of their own; add a replica, a secondary cluster or a "
        "global table "
        "there",
    ),
]

KEEPS = [
    Case(ZONES, partial(_foundation, availability.CACHE, "shared", multiAzEnabled=False)),
    Case(
        ZONES,
        partial(_foundation, availability.INSTANCE, multiAz=False),
        settings={"critical": ["caches", "groups"]},
    ),
    Case(ZONES, lambda: planned("multi-region")),
    Case(TAGS, lambda: planned("foundation")),
    Case(TAGS, partial(_one, "aws:s3/bucket:Bucket", tagsAll={"owner": "a", "cost-center": "b"})),
    Case(LOGS, partial(_one, operations.LOGS, retentionInDays=30)),
    Case(SHARDS, partial(_writers, 7)),
    Case(SHARDS, partial(_one, phases.INSTANCE, backupRetentionPeriod=0)),
    Case(REPLICAS, lambda: planned("replicas")),
    Case(LAG, lambda: planned("replicas")),
    Case(ORIGIN, partial(_site, originAccessControlId="E1")),
    Case(ORIGIN, partial(_balancer, prefixListId="pl-1")),
    Case(
        ORIGIN,
        lambda: _before(
            BALANCER,
            reference("foundation", load_balancer_dns_name=BALANCER, load_balancer_ingress="cloudfront"),
        ),
    ),
    Case(REGIONS, lambda: _placed(planned("multi-region"))),
    Case(REGIONS, lambda: planned("foundation")),
]

UNKNOWNS = [
    Case(
        ZONES,
        partial(_foundation, availability.INSTANCE, multiAz=UNKNOWN),
        "not judged: Instance primary: multiAz is not known before up",
        "advisory",
    ),
    Case(
        TAGS,
        partial(_one, "aws:s3/bucket:Bucket", tags={"owner": UNKNOWN, "cost-center": "platform"}),
        "not judged: Bucket it: tags.owner is not known before up",
    ),
    Case(
        LOGS,
        partial(_one, operations.LOGS, retentionInDays=UNKNOWN),
        "not judged: LogGroup it: retentionInDays is not known before up",
    ),
    Case(
        SHARDS,
        lambda: changed(planned("shards"), phases.INSTANCE, "shard-2", backupRetentionPeriod=UNKNOWN),
        "not judged: Instance shard-2: backupRetentionPeriod is not known before up",
        "advisory",
    ),
    Case(
        REPLICAS,
        lambda: changed(
            stack(
                resource(phases.INSTANCE, "primary", identifier="main", backupRetentionPeriod=7),
                resource(phases.INSTANCE, "replica", replicateSourceDb="main"),
            ),
            phases.INSTANCE,
            "primary",
            backupRetentionPeriod=UNKNOWN,
        ),
        "not judged: Instance primary: backupRetentionPeriod is not known before up",
        "advisory",
    ),
    Case(
        LAG,
        lambda: stack(
            resource(phases.INSTANCE, "replica", identifier="replica-1", replicateSourceDb="main"),
            resource(ALARM, "lag", metricName="ReplicaLag", dimensions=UNKNOWN),
        ),
        "not judged: MetricAlarm lag: dimensions is not known before up",
        "advisory",
    ),
    Case(
        ORIGIN,
        partial(_site, originAccessControlId=UNKNOWN),
        "not judged: Distribution site: originAccessControlId is not known before up",
        "advisory",
    ),
    Case(
        REGIONS,
        lambda: changed(
            without(_placed(planned("multi-region")), edges.INSTANCE), edges.TABLE, replicas=UNKNOWN
        ),
        "not judged: Table sessions: replicas is not known before up",
        "advisory",
    ),
]


@pytest.mark.parametrize("case", [*BREAKS, *UNKNOWNS], ids=str)
def test_what_a_zone_a_bill_or_a_phase_lacks_is_said(case: Case) -> None:
    assert case.said() == case.expected


@pytest.mark.parametrize("case", KEEPS, ids=str)
def test_what_a_zone_a_bill_and_a_phase_need_passes(case: Case) -> None:
    assert case.said() == []


def test_an_access_control_that_is_yet_to_be_made_closes_a_bucket() -> None:
    plan = _site(originAccessControlId=UNKNOWN)
    more = (*plan.resources, resource(edges.ACCESS[0], "assets"))

    assert Case(ORIGIN, lambda: replace(plan, resources=more)).said() == []


def test_what_foundation_exports_is_asked_for_where_the_plan_does_not_show_it() -> None:
    unread = replace(reference("foundation"), outputs={})

    assert Case(SHARDS, lambda: stack(unread, project="shards")).said() == [
        (
            "advisory",
            "not judged: StackReference organization/foundation/production: outputs is not known before up",
        )
    ]
    asked = replace(
        stack(unread, project="shards"),
        read_outputs=lambda project: {"backup_retention_days": 0} if project == "foundation" else None,
    )
    assert Case(SHARDS, lambda: asked).said()[0][0] == "mandatory"


def test_an_instance_whose_role_a_failover_moves_is_said_and_not_judged() -> None:
    moved = replace(
        resource("aws:rds/instance:Instance", "database-eu-west-1", multiAz=False),
        ignores=("replicateSourceDb",),
    )

    assert Case(ZONES, lambda: stack(moved)).said() == [
        (
            "advisory",
            "Instance database-eu-west-1: not judged: multiAz is not true, and replicateSourceDb is under "
            "ignoreChanges: the plan does not tell whether it writes",
        )
    ]
