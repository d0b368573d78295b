"""Names, tags and settings of the recorded platform."""

from __future__ import annotations

from typing import Any

from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.replicas.settings import ReplicasSettings
from palier_stacks.shards.settings import ShardsSettings

from tests.unit.verification.recorded_aws import ACCOUNT, REGION

PLATFORM, ENVIRONMENT = "jobo", "local"
ZONES = ("eu-west-3a", "eu-west-3b", "eu-west-3c")
TIERS = ("public", "private", "data")
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/key-1"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/web/1"
TARGETS = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/web/1"
CPU, MEMORY = (70.0, 90.0), (80.0, 95.0)
# What alarms watch: CloudWatch's dimension, its value, and the two limits of the source document.
WATCHED: dict[str, tuple[str, list[str], tuple[float, float]]] = {
    "response-time": ("LoadBalancer", ["app/web/1"], (2.0, 5.0)),
    "error-rate": ("LoadBalancer", ["app/web/1"], (1.0, 5.0)),
    "application-cpu": ("AutoScalingGroupName", ["web"], CPU),
    "application-memory": ("AutoScalingGroupName", ["web"], MEMORY),
    "primary-cpu": ("DBInstanceIdentifier", ["jobo-primary"], CPU),
    "primary-memory": ("DBInstanceIdentifier", ["jobo-primary"], MEMORY),
    "primary-connections": ("DBInstanceIdentifier", ["jobo-primary"], (70.0, 90.0)),
    "sessions-cpu": ("CacheClusterId", ["jobo-sessions-001", "jobo-sessions-002"], CPU),
    "sessions-memory": ("CacheClusterId", ["jobo-sessions-001", "jobo-sessions-002"], MEMORY),
    "shared-cpu": ("CacheClusterId", ["jobo-shared-001"], CPU),
    "shared-memory": ("CacheClusterId", ["jobo-shared-001"], MEMORY),
}
SHARD_WATCHED = {"cpu": CPU, "memory": MEMORY, "connections": (70.0, 90.0)}
REPLICA_WATCHED = {"cpu": CPU, "memory": MEMORY, "connections": (70.0, 90.0), "lag": (30.0, 300.0)}
CONFIG: dict[str, object] = {
    "aws:region": REGION,
    "foundation:platform": PLATFORM,
    "foundation:owner": "platform-team",
    "foundation:cost_center": "platform",
    "foundation:network": {"vpc_cidr": "10.20.0.0/16", "zone_count": 3, "flow_log_retention_days": 14},
    "foundation:application": {
        "image": "jobo/web:1",
        "instance_type": "m7g.large",
        "min_instances": 3,
        "desired_instances": 3,
        "max_instances": 9,
        "target_cpu_percent": 55.0,
    },
    "foundation:database": {
        "instance_class": "db.m6g.large",
        "allocated_storage_gib": 100,
        "backup_retention_days": 14,
        "max_connections": 400,
    },
    "foundation:session_cache": {"node_type": "cache.m7g.large"},
    "foundation:shared_cache": {"node_type": "cache.r7g.large", "replicas": 2},
    "foundation:storage": {"access_log_days": 90},
    "foundation:alarms": {"log_retention_days": 30},
}


def settings() -> FoundationSettings:
    """Foundation's settings, which the recorded platform is true to."""
    return FoundationSettings.from_config(CONFIG)


def settings_by_phase() -> dict[str, Any]:
    """The settings of every phase."""
    replicas = ReplicasSettings.from_config(
        {
            "aws:region": REGION,
            "replicas:instances": {"count": 2, "instance_class": "db.r6g.large", "weights": [100, 50]},
            "replicas:parameters": {"max_connections": 600},
            "replicas:proxy": {"enabled": True},
        }
    )
    shards = ShardsSettings.from_config(
        {
            "aws:region": REGION,
            "shards:strategy": {"kind": "hash", "key": "user_id"},
            "shards:servers": {
                "count": 2,
                "instance_class": "db.m6g.large",
                "allocated_storage_gib": 100,
                "max_connections": 300,
            },
            "shards:overrides": {"shard-2": {"backup_retention_days": 35, "replica": True}},
        }
    )
    return {"foundation": settings(), "replicas": replicas, "shards": shards}


def tags(name: str, component: str, phase: str = "foundation") -> dict[str, str]:
    """The tags every resource carries."""
    return {
        "palier:platform": PLATFORM,
        "palier:phase": phase,
        "palier:environment": ENVIRONMENT,
        "palier:component": component,
        "palier:name": name,
        "cost-center": "platform",
        "owner": "platform-team",
    }


def listed(name: str, component: str, phase: str = "foundation") -> list[dict[str, str]]:
    """The tags as most services tell them."""
    return [{"Key": key, "Value": value} for key, value in tags(name, component, phase).items()]


def topic_arn(level: str) -> str:
    """The ARN of a level's topic."""
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{level}"
