"""The table: a case for every policy of the catalog."""

from __future__ import annotations

from tests.engine.policies.cases import (
    ACCESS,
    ASSETS,
    BUCKET,
    COPY,
    ENCRYPTED,
    FAR,
    FLEET,
    FURTHER,
    HEALTH,
    KEY,
    LOGS,
    PRIMARY,
    PROXY,
    QUEUE,
    REDRIVE,
    SERVICE,
    SESSIONS,
    TAGS,
    TARGETS,
    Case,
    Made,
    balancer,
    broken_database,
    database,
    function,
    group,
    queue,
    site,
    template,
)

_STICKY = {"enabled": True, "type": "lb_cookie"}
_STATEFUL = template("stateful", {"deviceName": "/dev/sdb", "virtualName": "ephemeral0"})
_THERE = template("there", ENCRYPTED, region=FURTHER)
_TWO_REGIONS = (
    _STATEFUL,
    group("home", of="stateful"),
    _THERE,
    group("lost", FURTHER, of="there", minSize=1, desiredCapacity=1, maxSize=1),
)


def _targets(name: str, **inputs: object) -> Made:
    return TARGETS, name, {"name": name, "port": 80, "protocol": "HTTP", "healthCheck": HEALTH, **inputs}


def _proxy(tls: bool) -> Made:
    return PROXY, "pool", {"name": "pool", "requireTls": tls, "tags": TAGS}


def _logs(name: str, **inputs: object) -> Made:
    return LOGS, name, {"name": f"/{name}", "kmsKeyId": KEY, "tags": TAGS, **inputs}


def _bucket(name: str, **tags: str) -> Made:
    return BUCKET, name, {"bucket": name, "tags": tags}


CASES = (
    Case("alarms-cover-thresholds", (broken_database("unwatched"),), PRIMARY),
    # What palier.yaml observed is too much for what these programs plan.
    Case("forecast-headroom", (_STATEFUL, group("full", of="stateful")), FLEET),
    Case("over-provisioned", (broken_database("oversized"),), PRIMARY),
    # Breaks it where PRIMARY stands.
    Case("no-blind-scale-down", (database("primary", instanceClass="db.m7g.large"),), PRIMARY),
    Case("n-minus-one-regions", _TWO_REGIONS, (*FLEET, *FAR, *COPY)),
    Case("cost-share", (broken_database("dear"),), PRIMARY),
    Case("cost-per-user", (broken_database("dearer"),), PRIMARY),
    Case("no-sticky-sessions", (_targets("sticky", stickiness=_STICKY),), (_targets("free"),)),
    Case(
        "no-instance-store-state",
        (_STATEFUL,),
        FLEET,
    ),
    Case(
        "session-store-present",
        (_STATEFUL, group("tier", of="stateful", targetGroupArns=["arn:targets"])),
        (*SESSIONS, *FLEET),
    ),
    Case(
        "one-database-per-service",
        (function("orders", "shared", timeout=10), function("payments", "shared", timeout=10)),
        (function("orders", "orders", timeout=10), function("payments", "payments", timeout=10)),
    ),
    Case(
        "single-entry-point",
        (balancer("one", internal=False)[0], balancer("two", internal=False)[0]),
        (*balancer("entrance", internal=False), *balancer("inner", internal=True)),
    ),
    Case(
        "dead-letter-queues",
        (queue("jobs")[0],),
        (*queue("jobs-dlq"), *queue("jobs", redrivePolicy=REDRIVE)),
    ),
    Case(
        "call-timeouts",
        (function("endless", "endless"),),
        (function("timed", "timed", timeout=10),),
    ),
    Case(
        "circuit-breaking",
        ((SERVICE, "stubborn", {"name": "stubborn", "tags": TAGS}),),
        (
            (
                SERVICE,
                "cautious",
                {
                    "name": "cautious",
                    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                    "tags": TAGS,
                },
            ),
        ),
    ),
    Case("backups", (broken_database("forgetful", backupRetentionPeriod=0),), PRIMARY),
    Case("deletion-protection", (broken_database("fragile", deletionProtection=None),), PRIMARY),
    Case(
        "encryption-at-rest",
        (
            broken_database("plain", storageEncrypted=None),
            (QUEUE, "plain", {"name": "plain", "sqsManagedSseEnabled": False, "tags": TAGS}),
        ),
        (*PRIMARY, *queue("jobs-dlq")),
    ),
    Case("bucket-encryption-declared", (_bucket("undeclared", **TAGS),), ASSETS),
    Case("encryption-in-transit", (_proxy(False),), (_proxy(True),)),
    Case("no-public-databases", (broken_database("public", publiclyAccessible=True),), PRIMARY),
    Case("multi-az", (broken_database("single", multiAz=False),), PRIMARY),
    Case("cost-tags", (_bucket("untagged", owner="shop"),), ASSETS),
    Case("log-retention", (_logs("endless"),), (_logs("kept", retentionInDays=30),)),
    Case(
        "shards-need-backups",
        tuple(broken_database(f"shard-{number}", backupRetentionPeriod=0) for number in (1, 2)),
        PRIMARY,
    ),
    Case(
        "replicas-need-backups",
        (
            broken_database("source", backupRetentionPeriod=0),
            broken_database("reader", replicateSourceDb="source"),
        ),
        (*PRIMARY, *COPY),
    ),
    Case("replica-lag-alarms", (broken_database("lagging", replicateSourceDb="elsewhere"),), COPY),
    Case(
        "cdn-private-origin",
        (site(), _bucket("assets", **TAGS)),
        (
            (ACCESS, "assets", {"name": "assets", "originAccessControlOriginType": "s3"}),
            site(originAccessControlId="E1"),
            *ASSETS,
        ),
    ),
    Case("regions-need-replication", _TWO_REGIONS, (*FLEET, *FAR, *COPY)),
)
# Broken by what stands, not by what is planned: a run of its own.
STANDING = ("no-blind-scale-down",)
