"""The table of types holds to what was read of the official provider: semantics/ of the engine tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from palier.local.provider import diff
from palier.local.provider.table import Entry, entries

RESEARCH = sorted((Path(__file__).parents[2] / "engine" / "provider" / "semantics").glob("*.json"))
PARTS: list[dict[str, dict[str, Any]]] = [json.loads(part.read_text())["types"] for part in RESEARCH]
SEMANTICS = {token: said for part in PARTS for token, said in part.items()}
# Where the table says more than the official provider does, and why.
FORCED_HERE_TOO = {
    # Terraform forces what is inside them; neither is served, so neither ever changes.
    "aws:rds/instance:Instance": {"s3Import"},
    # Only significant changes force there; it is not served.
    "aws:elasticache/replicationGroup:ReplicationGroup": {"nodeGroupConfigurations"},
}
every_type = pytest.mark.parametrize("token", sorted(entries()))


def test_every_type_was_researched_and_nothing_else() -> None:
    assert set(SEMANTICS) == set(entries())
    assert sum(map(len, PARTS)) == len(SEMANTICS), "a type stands in two files"


@every_type
def test_the_same_properties_force_a_new_resource(token: str) -> None:
    assert entries()[token].force_new == set(SEMANTICS[token]["force_new"]) | FORCED_HERE_TOO.get(
        token, set()
    )


@every_type
def test_the_same_defaults_are_filled_in(token: str) -> None:
    assert dict(entries()[token].defaults) == SEMANTICS[token]["defaults"]


@every_type
def test_the_same_inputs_are_kept_when_the_program_drops_them(token: str) -> None:
    assert sorted(entries()[token].kept) == SEMANTICS[token]["kept"]


@every_type
def test_names_are_made_in_the_same_way(token: str) -> None:
    rule, said = entries()[token].autoname, SEMANTICS[token]["autoname"]
    assert (rule is None) == (said is None)
    if rule is not None:
        made = (rule.property, rule.separator, rule.max_length, rule.lower, rule.prefix)
        assert made == (
            said["property"],
            said["separator"],
            said["longest"],
            said.get("lower_case", False),
            said.get("prefix"),
        )


@every_type
def test_a_replacement_begins_at_the_same_end(token: str) -> None:
    entry = entries()[token]
    rule = entry.autoname
    if entry.delete_before_replace:
        order = "always"
    else:
        order = "where named" if rule is not None and rule.frees_name_first else "never"
    assert order == SEMANTICS[token]["delete_before_replace"]


@every_type
def test_each_forcing_property_is_flagged_by_its_own_path(token: str) -> None:
    entry = entries()[token]
    for path in sorted(entry.force_new):
        old, new = _with(path, "one"), _with(path, "another")
        found = diff.compare(entry, old, new, [])
        assert found.replaces == [path], path
        assert found.kinds == {path: "update"}
        if entry.spelling.get(path) is None:
            assert diff.compare(entry, old, old, []).kinds == {}


def _with(path: str, value: str) -> dict[str, Any]:
    """A mapping that holds `value` at the dotted path; a list of it under a list's name."""
    name, _, rest = path.partition(".")
    return {name: _with(rest, value)} if rest else {name: value}


def _entry(name: str) -> Entry:
    return next(entry for token, entry in entries().items() if token.endswith(f":{name}"))


LB, GROUP = "LoadBalancer", "ReplicationGroup"
# Type, old inputs, new inputs, what is replaced: the conditional rules, one by one.
CONDITIONAL: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("Vpc", {"instanceTenancy": "default"}, {"instanceTenancy": "dedicated"}, ["instanceTenancy"]),
    ("Vpc", {"instanceTenancy": "dedicated"}, {"instanceTenancy": "default"}, []),
    (
        "Subnet",
        {"ipv6CidrBlock": "a", "assignIpv6AddressOnCreation": True},
        {"ipv6CidrBlock": "b", "assignIpv6AddressOnCreation": True},
        ["ipv6CidrBlock"],
    ),
    ("Subnet", {"ipv6CidrBlock": "a"}, {"ipv6CidrBlock": "b"}, []),
    ("SecurityGroupIngressRule", {"cidrIpv4": "a"}, {"cidrIpv4": "b", "fromPort": 1}, []),
    (
        "SecurityGroupIngressRule",
        {"cidrIpv4": "a"},
        {"referencedSecurityGroupId": "b"},
        ["cidrIpv4", "referencedSecurityGroupId"],
    ),
    (
        "VpcEndpoint",
        {"vpcEndpointType": "Gateway", "privateDnsEnabled": False},
        {"vpcEndpointType": "Gateway", "privateDnsEnabled": True},
        ["privateDnsEnabled"],
    ),
    (
        "VpcEndpoint",
        {"vpcEndpointType": "Interface", "privateDnsEnabled": False},
        {"vpcEndpointType": "Interface", "privateDnsEnabled": True},
        [],
    ),
    (GROUP, {"engineVersion": "7.1"}, {"engineVersion": "6.2"}, ["engineVersion"]),
    (GROUP, {"engineVersion": "6.2"}, {"engineVersion": "7.1"}, []),
    (GROUP, {"engine": "redis"}, {"engine": "valkey"}, []),
    (GROUP, {"engine": "valkey"}, {"engine": "redis"}, ["engine"]),
    (
        GROUP,
        {"engineVersion": "6.2", "transitEncryptionEnabled": False},
        {"engineVersion": "6.2", "transitEncryptionEnabled": True},
        ["transitEncryptionEnabled"],
    ),
    (
        GROUP,
        {"engineVersion": "7.1", "transitEncryptionEnabled": False},
        {"engineVersion": "7.1", "transitEncryptionEnabled": True},
        [],
    ),
    (GROUP, {"port": 6379}, {}, []),
    (GROUP, {"port": 7000}, {}, ["port"]),
    (
        LB,
        {"loadBalancerType": "network", "subnets": ["a", "b"]},
        {"loadBalancerType": "network", "subnets": ["a"]},
        ["subnets[1]"],
    ),
    (
        LB,
        {"loadBalancerType": "network", "subnets": ["a"]},
        {"loadBalancerType": "network", "subnets": ["a", "b"]},
        [],
    ),
    (
        LB,
        {"loadBalancerType": "network", "subnets": ["a"]},
        {"loadBalancerType": "network", "subnets": ["a"], "securityGroups": ["s"]},
        ["securityGroups"],
    ),
    (LB, {"loadBalancerType": "application", "subnets": ["a", "b"]}, {"loadBalancerType": "application"}, []),
    ("Parameter", {"tier": "Advanced"}, {"tier": "Standard"}, ["tier"]),
    ("Parameter", {"tier": "Standard"}, {"tier": "Advanced"}, []),
    ("Alias", {"targetKeyId": "k"}, {"targetKeyId": "arn:aws:kms:eu-west-3:1:key/k"}, []),
    ("Record", {"type": "A", "setIdentifier": "a"}, {"type": "AAAA", "setIdentifier": "b"}, []),
    ("Record", {"name": "A.example.org."}, {"name": "a.example.org"}, []),
    ("Instance", {"identifier": "a"}, {"identifier": "b"}, []),
    ("Instance", {"replicateSourceDb": "a"}, {}, []),
    ("Proxy", {"name": "a"}, {"name": "b"}, []),
    ("RouteTableAssociation", {"routeTableId": "a"}, {"routeTableId": "b"}, []),
]


@pytest.mark.parametrize(("name", "old", "new", "replaced"), CONDITIONAL)
def test_what_replaces_only_under_a_condition(
    name: str, old: dict[str, Any], new: dict[str, Any], replaced: list[str]
) -> None:
    assert diff.compare(_entry(name), old, new, []).replaces == replaced


@pytest.mark.parametrize(
    ("old", "new", "outputs", "replaced"),
    [
        ({}, {"transitEncryptionEnabled": True}, {"engineVersionActual": "6.2.6"}, True),
        ({}, {"transitEncryptionEnabled": True}, {"engineVersionActual": "7.1.0"}, False),
    ],
)
def test_the_version_that_runs_decides(
    old: dict[str, Any], new: dict[str, Any], outputs: dict[str, Any], replaced: bool
) -> None:
    found = diff.compare(_entry(GROUP), old, new, [], outputs)
    assert bool(found.replaces) == replaced
