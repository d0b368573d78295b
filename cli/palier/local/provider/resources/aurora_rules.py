"""What AWS and the official provider refuse of Aurora's clusters, and moto takes."""

from __future__ import annotations

from difflib import get_close_matches

from palier.local.provider.resources.common import lower_case, zones
from palier.local.provider.resources.facts import db_instance_classes
from palier.local.provider.table import Check, Problem
from palier.local.provider.values import UNKNOWN

# clusterEngine_Values, clusterInstanceEngine_Values and globalClusterEngine_Values of the official provider.
_AURORA = ("aurora-mysql", "aurora-postgresql")
_CLUSTER_ENGINES = (*_AURORA, "mysql", "postgres")
_GLOBAL_ENGINES = ("aurora", *_AURORA)
_MAX_BACKUP_DAYS = 35  # CreateDBCluster, BackupRetentionPeriod: 1 to 35
_MAX_PROMOTION_TIER = 15  # CreateDBInstance, PromotionTier: 0 to 15


def _one_of(check: Check, name: str, allowed: tuple[str, ...]) -> list[Problem]:
    value = check.inputs.get(name)
    if not isinstance(value, str) or value in allowed:
        return []
    return [(name, f"{value!r} is not one of {', '.join(allowed)}")]


def _engine(check: Check) -> list[Problem]:
    if "engine" not in check.inputs:
        return [("engine", "is required")]
    return _one_of(check, "engine", _CLUSTER_ENGINES)


def _cluster_user(check: Check) -> list[Problem]:
    """A cluster of its own wants a user and a password; whether one that joins reads is AWS's to say."""
    inputs = check.inputs
    joined = ("globalClusterIdentifier", "replicationSourceIdentifier", "snapshotIdentifier")
    if check.olds or any(name in inputs for name in (*joined, "restoreToPointInTime", "s3Import")):
        return []
    problems = [] if "masterUsername" in inputs else [("masterUsername", "is required")]
    if not any(name in inputs for name in ("manageMasterUserPassword", "masterPassword", "masterPasswordWo")):
        problems.append(("masterPassword", "or manageMasterUserPassword is required"))
    return problems


def _one_password(check: Check) -> list[Problem]:
    if check.inputs.get("manageMasterUserPassword") and check.inputs.get("masterPassword"):
        return [("masterPassword", "conflicts with manageMasterUserPassword")]
    return []


def _backups(check: Check) -> list[Problem]:
    days = check.inputs.get("backupRetentionPeriod")
    if days is None or days is UNKNOWN or not isinstance(days, (int, float)) or 1 <= days <= _MAX_BACKUP_DAYS:
        return []
    return [("backupRetentionPeriod", f"{days:g} is outside 1…{_MAX_BACKUP_DAYS}")]


def _member_class(check: Check) -> list[Problem]:
    value, engine = check.inputs.get("instanceClass"), check.inputs.get("engine")
    if not isinstance(value, str) or value == "db.serverless":
        return []
    classes = db_instance_classes(check.region, engine if isinstance(engine, str) else None)
    if not classes or value in classes:
        return []
    near = ", ".join(get_close_matches(value, classes, n=3))
    return [("instanceClass", f"{value!r} is not a class that {check.region} has for {engine} ({near}, …)")]


def _tier(check: Check) -> list[Problem]:
    tier = check.inputs.get("promotionTier")
    if not isinstance(tier, (int, float)) or 0 <= tier <= _MAX_PROMOTION_TIER:
        return []
    return [("promotionTier", f"{tier:g} is outside 0…{_MAX_PROMOTION_TIER}")]


def _global_engine(check: Check) -> list[Problem]:
    return _one_of(check, "engine", _GLOBAL_ENGINES)


def _global_source(check: Check) -> list[Problem]:
    inputs = check.inputs
    if "sourceDbClusterIdentifier" not in inputs or check.olds:
        return []
    problems = []
    if "engine" in inputs:
        problems.append(("engine", "conflicts with sourceDbClusterIdentifier, whose engine it takes"))
    if "forceDestroy" not in inputs:
        problems.append(("forceDestroy", "is required with sourceDbClusterIdentifier"))
    return problems


CLUSTER_RULES = (
    lower_case("clusterIdentifier", r"[0-9a-z-]+"),
    _engine,
    _cluster_user,
    _one_password,
    _backups,
    zones("availabilityZones"),
)
INSTANCE_RULES = (
    lower_case("identifier", r"[0-9a-z-]+"),
    _engine,
    _member_class,
    _tier,
    zones("availabilityZone"),
)
GLOBAL_RULES = (lower_case("globalClusterIdentifier", r"[0-9a-z-]+"), _global_engine, _global_source)
