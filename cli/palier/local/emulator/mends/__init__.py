"""What Palier mends in moto: one module per service, each mend a small function that names its symptom."""

from __future__ import annotations

import sys
from importlib import import_module

from palier.local.emulator.mends.table import TABLE, Mend

MODULES = (
    "autoscaling",
    "cloudfront_invalidations",
    "cloudfront_policies",
    "cloudfront_distributions",
    "cloudfront_functions",
    "cloudfront_keys",
    "cloudwatch",
    "dynamodb",
    "dynamodb_replicas",
    "ec2",
    "ec2_instances",
    "elasticache",
    "elasticache_groups",
    "elbv2",
    "iam",
    "identitystore",
    "kms",
    "logs",
    "rds",
    "rds_aurora",
    "rds_replica",
    "rds_global",
    "rds_proxy",
    "rds_switchover",
    "replication_lag",
    "route53",
    "route53_health",
    "s3",
    "s3_replication",
    "sns",
    "ssoadmin",
    "wafv2",
)
_applied: set[str] = set()


def table() -> list[Mend]:
    """Every mend, in the order in which they are applied: that of MODULES, whatever was imported first."""
    names = [import_module(f"{__name__}.{module}").__name__ for module in MODULES]
    return sorted(TABLE, key=lambda one: names.index(one.apply.__module__))


def apply_pending() -> list[str]:
    """Apply the mends of every service that is loaded and not yet mended; returns the services."""
    modules = [name.split(".") for name in list(sys.modules) if name.startswith("moto.")]
    loaded = {name[1] for name in modules if name[2:3] == ["models"]}
    pending = loaded - _applied
    for one in table():
        if one.service in pending:
            one.apply()
    _applied.update(pending)
    return sorted(pending)
