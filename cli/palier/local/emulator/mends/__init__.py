"""What Palier mends in moto: one module per service, each mend a small function that names its symptom."""

from __future__ import annotations

import sys
from importlib import import_module

from palier.local.emulator.mends.table import TABLE, Mend

MODULES = (
    "autoscaling",
    "cloudfront_functions",
    "cloudfront_policies",
    "cloudwatch",
    "dynamodb",
    "dynamodb_replicas",
    "ec2",
    "ec2_instances",
    "elasticache",
    "elasticache_groups",
    "elbv2",
    "iam",
    "kms",
    "logs",
    "rds",
    "rds_aurora",
    "rds_global",
    "rds_proxy",
    "rds_replica",
    "rds_switchover",
    "replication_lag",
    "route53",
    "route53_health",
    "s3",
    "s3_replication",
    "sns",
)
_applied: set[str] = set()


def table() -> list[Mend]:
    """Every mend, in the order in which they are applied."""
    for module in MODULES:
        import_module(f"palier.local.emulator.mends.{module}")
    return TABLE


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
