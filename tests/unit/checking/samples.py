"""A check as small as can be that has everything: each kind of finding, a phase that failed, one left out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from palier.checking.model import (
    Check,
    Cost,
    Finding,
    Headroom,
    Outlook,
    PhaseCheck,
    PolicyInfo,
)

DATABASE = "urn:pulumi:production::foundation::palier:Foundation$aws:rds/instance:Instance::primary"
GROUP = "urn:pulumi:production::foundation::aws:autoscaling/group:Group::application"

POLICIES = (
    PolicyInfo("architecture", "databases-have-backups", "Every database keeps backups.", "critical"),
    PolicyInfo("architecture", "names-carry-tags", "Everything carries the cost tags."),
    PolicyInfo("capacity", "alarms-stand", "Every threshold has its alarm.", "low"),
    PolicyInfo("capacity", "headroom-stays", "No change moves a breach closer than 90 days.", "high"),
)

MANDATORY = Finding(
    phase="foundation",
    pack="architecture",
    policy="databases-have-backups",
    level="mandatory",
    message="keeps no backups; set foundation:database.backup_retention_days to 7 or more",
    urn=DATABASE,
    severity="critical",
)
EXEMPT = Finding(
    phase="foundation",
    pack="architecture",
    policy="names-carry-tags",
    level="advisory",
    message="exempt until 2026-12-31 (ops: moved next month): lacks palier:owner",
    urn=GROUP,
    exempt=True,
)
NOT_KNOWN = Finding(
    phase="foundation",
    pack="capacity",
    policy="alarms-stand",
    level="advisory",
    message="not judged: the alarm's threshold is not known before up",
    urn=DATABASE,
    severity="low",
    not_known=True,
)
ADVISORY = Finding(
    phase="foundation",
    pack="capacity",
    policy="headroom-stays",
    level="advisory",
    message="database_connections crosses attention on 2027-01-15, 51 days from now, in scenario base",
    severity="high",
    metric="database_connections",
    actual=68.0,
    limit=80.0,
    scenario="base",
    date="2027-01-15",
)

BEFORE = (
    Headroom("cpu_utilization", "percent", 60.0, 75.0, 15.0, "2027-06-01", None),
    Headroom("database_connections", "percent of the pool", 62.0, 80.0, 18.0, "2027-03-01", "2027-09-01"),
    Headroom("storage_usage", "percent", 20.0, 80.0, 60.0, None, None),
)
AFTER = (
    Headroom("cpu_utilization", "percent", 45.0, 75.0, 30.0, "2027-12-01", None),
    Headroom("database_connections", "percent of the pool", 68.0, 80.0, 12.0, "2027-01-15", "2027-08-01"),
    Headroom("storage_usage", "percent", 20.0, 80.0, 60.0, None, None),
)

FOUNDATION = PhaseCheck(
    phase="foundation",
    environment="production",
    settings_file="stacks/foundation/Pulumi.production.yaml",
    changes={"created": 2, "updated": 1, "replaced": 0, "deleted": 1, "same": 30},
    findings=(EXEMPT, ADVISORY, NOT_KNOWN, MANDATORY),
    cost=Cost(Decimal("1412.10"), Decimal("1455.30"), ("NAT traffic is paid by use, not in it",)),
    outlook=Outlook("base", "2026-11-25", "2028-11-25", BEFORE, AFTER),
    seconds=3.25,
)
REPLICAS = PhaseCheck(
    phase="replicas",
    environment="production",
    settings_file="stacks/replicas/Pulumi.production.yaml",
    log=Path("logs/replicas.log"),
    failed="the program raised KeyError: 'vpc_id'",
)
CLEAN_PHASE = PhaseCheck(
    phase="cdn",
    environment="production",
    settings_file="stacks/cdn/Pulumi.production.yaml",
    changes={"same": 12},
    cost=Cost(Decimal("20.00"), Decimal("20.00")),
    seconds=1.5,
)

FULL = Check(
    environment="production",
    phases=(FOUNDATION, REPLICAS, CLEAN_PHASE),
    policies=POLICIES,
    skipped=("shards", "multi-region"),
    since="origin/main",
)
VIOLATED = Check(environment="production", phases=(FOUNDATION,), policies=POLICIES)
CLEAN = Check(environment="production", phases=(CLEAN_PHASE,), policies=POLICIES)
