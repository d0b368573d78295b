"""What stands in the emulator, as plain counts: so that `destroy` can be shown to leave nothing.

Only what somebody made is counted. Not counted: what AWS makes by itself (default VPCs and their parts, the
default group and main route table of any VPC, managed policies, default parameter groups, keys of AWS
services), and what only lingers as a record of what was (terminated instances, deleted gateways, keys that
wait for their deletion, automated snapshots).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Backend = Any
GONE = frozenset({"deleted", "deleting", "terminated", "shutting-down", "PendingDeletion"})


def _state(thing: Any) -> str:
    state = getattr(thing, "state", "")
    return str(getattr(state, "name", state) or "")


def _not_gone(thing: Any) -> bool:
    return _state(thing) not in GONE


def _all(_: Any) -> bool:
    return True


def _in_own_vpc(thing: Any) -> bool:
    """Whether it is in a VPC that somebody made."""
    vpc = getattr(thing, "ec2_backend", None)
    vpcs = vpc.vpcs if vpc is not None else {}
    mine = vpcs.get(thing.vpc_id)
    return mine is None or str(mine.is_default).lower() != "true"


def _values(attribute: str) -> Callable[[Backend], Iterable[Any]]:
    def read(backend: Backend) -> Iterable[Any]:
        store = getattr(backend, attribute)
        return list(store.values()) if hasattr(store, "values") else list(store)

    return read


def _nested(attribute: str) -> Callable[[Backend], Iterable[Any]]:
    return lambda backend: [
        thing for inner in getattr(backend, attribute).values() for thing in inner.values()
    ]


def _instances(ec2: Backend) -> Iterable[Any]:
    return [instance for reservation in ec2.reservations.values() for instance in reservation.instances]


def _instance_stands(instance: Any) -> bool:
    return instance._state.name not in GONE


def _listeners(elbv2: Backend) -> Iterable[Any]:
    return [
        listener for balancer in elbv2.load_balancers.values() for listener in balancer.listeners.values()
    ]


def _records(route53: Backend) -> Iterable[Any]:
    sets = [record for zone in route53.zones.values() for record in zone.rrsets]
    return [record for record in sets if record.type not in ("NS", "SOA")]


def _policies(cloudfront: Backend) -> Iterable[Any]:
    # Kept by mends/cloudfront_policies.py: policies by id, by kind.
    kinds: dict[str, dict[str, Any]] = vars(cloudfront).get("palier_policies", {})
    return [policy for kept in kinds.values() for policy in kept.values()]


def _parameters(ssm: Backend) -> Iterable[Any]:
    # Not by iterating over the store itself: it fills itself with AWS's public parameters when asked.
    return [name for name in list(ssm._parameters.keys()) if not str(name).startswith("/aws/")]


_GONE_PEERINGS = ("deleted", "rejected", "expired", "failed")


@dataclass(frozen=True)
class Kind:
    """One kind of resource: where moto keeps it, and which of them somebody made and still stand."""

    service: str
    name: str
    read: Callable[[Backend], Iterable[Any]]
    stands: Callable[[Any], bool] = _all


def _simple(service: str, **attributes: str) -> list[Kind]:
    return [Kind(service, name, _values(attribute)) for name, attribute in attributes.items()]


KINDS: tuple[Kind, ...] = (
    Kind("ec2", "vpc", _values("vpcs"), lambda vpc: str(vpc.is_default).lower() != "true"),
    Kind("ec2", "subnet", _nested("subnets"), _in_own_vpc),
    Kind("ec2", "security-group", _nested("groups"), lambda group: group.name != "default"),
    Kind("ec2", "route-table", _values("route_tables"), lambda table: not table.main_association_id),
    Kind("ec2", "network-acl", _values("network_acls"), lambda acl: str(acl.default).lower() != "true"),
    Kind("ec2", "nat-gateway", _values("nat_gateways"), _not_gone),
    Kind("ec2", "vpc-endpoint", _values("vpc_end_points"), _not_gone),
    # AWS goes on telling of a deleted peering for hours.
    Kind("ec2", "vpc-peering", _values("vpc_pcxs"), lambda one: one._status.code not in _GONE_PEERINGS),
    Kind("ec2", "network-interface", _values("enis")),
    Kind("ec2", "instance", _instances, _instance_stands),
    Kind("ec2", "volume", _values("volumes"), _not_gone),
    Kind("ec2", "prefix-list", _values("managed_prefix_lists"), lambda one: one.owner_id != "AWS"),
    *_simple(
        "ec2",
        **{
            "internet-gateway": "internet_gateways",
            "elastic-ip": "addresses",
            "launch-template": "launch_templates",
            "flow-log": "flow_logs",
            "key-pair": "key_pairs",
        },
    ),
    *_simple("elbv2", **{"load-balancer": "load_balancers", "target-group": "target_groups"}),
    Kind("elbv2", "listener", _listeners),
    *_simple("autoscaling", group="autoscaling_groups", policy="policies", schedule="scheduled_actions"),
    Kind("iam", "role", _values("roles"), lambda role: not role.path.startswith("/aws-service-role/")),
    Kind("iam", "policy", _values("managed_policies"), lambda policy: ":iam::aws:" not in policy.arn),
    *_simple("iam", **{"instance-profile": "instance_profiles", "user": "users", "group": "groups"}),
    Kind(
        "kms",
        "key",
        _values("keys"),
        lambda key: key.key_state not in GONE and getattr(key, "key_manager", "CUSTOMER") != "AWS",
    ),
    *_simple(
        "rds",
        **{
            "db-instance": "databases",
            "db-cluster": "clusters",
            "cluster-parameter-group": "db_cluster_parameter_groups",
            "global-cluster": "global_clusters",
            "subnet-group": "subnet_groups",
            "proxy": "db_proxies",
            "event-subscription": "event_subscriptions",
        },
    ),
    Kind(
        "rds",
        "parameter-group",
        _values("db_parameter_groups"),
        lambda group: not group.name.startswith("default."),
    ),
    Kind(
        "rds", "option-group", _values("option_groups"), lambda group: not group.name.startswith("default:")
    ),
    Kind(
        "rds",
        "snapshot",
        _values("database_snapshots"),
        lambda snapshot: snapshot.snapshot_type != "automated",
    ),
    Kind("elasticache", "user", _values("users"), lambda user: user.id != "default"),
    *_simple(
        "elasticache",
        **{
            "replication-group": "replication_groups",
            "cache-cluster": "cache_clusters",
            "subnet-group": "cache_subnet_groups",
        },
    ),
    Kind(
        "elasticache",
        "parameter-group",
        lambda elasticache: getattr(elasticache, "cache_parameter_groups", {}).values(),
        lambda group: not group.name.startswith("default."),
    ),
    *_simple("s3", bucket="buckets"),
    *_simple("sns", topic="topics", subscription="subscriptions"),
    *_simple("cloudwatch", alarm="alarms", dashboard="dashboards"),
    *_simple("logs", **{"log-group": "groups", "resource-policy": "resource_policies"}),
    *_simple("route53", zone="zones", **{"health-check": "health_checks"}),
    Kind("route53", "record", _records),
    Kind("ssm", "parameter", _parameters),
    Kind(
        "secretsmanager",
        "secret",
        lambda store: list(store.secrets.values()),
        lambda secret: secret.deleted_date is None,
    ),
    *_simple("acm", certificate="_certificates"),
    *_simple("dynamodb", table="tables"),
    *_simple(
        "cloudfront",
        **{
            "distribution": "distributions",
            "function": "functions",
            "key-value-store": "key_value_stores",
            "origin-access-control": "origin_access_controls",
        },
    ),
    Kind("cloudfront", "policy", _policies),
)


def standing() -> dict[str, Any]:
    """Counts of what stands: `{"total": n, "services": {service: {kind: n}}}`, zeros left out.

    Looks only where something was ever asked for: a service that was never touched is not made by looking.
    """
    import sys

    counts: dict[str, dict[str, int]] = {}
    for kind in KINDS:
        module = sys.modules.get(f"moto.{kind.service}.models")
        if module is None:
            continue
        backends = getattr(module, f"{kind.service}_backends")
        made = 0
        for account in dict(backends).values():
            for backend in dict(account).values():
                made += sum(1 for thing in kind.read(backend) if kind.stands(thing))
        if made:
            counts.setdefault(kind.service, {})[kind.name] = made
    return {"total": sum(sum(kinds.values()) for kinds in counts.values()), "services": counts}
