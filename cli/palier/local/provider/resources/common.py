"""What several services' entries share: tag styles and refusal rules."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Any

from palier.local.provider.table import Call, Check, Problem, Read, Tags
from palier.local.provider.values import UNKNOWN


def ec2_tags(resource_type: str) -> Tags:
    """Tags of EC2's own kind, in `TagSpecifications` on create."""
    return Tags(
        on_create={"TagSpecifications": [{"ResourceType": resource_type, "Tags": "{tags}"}]},
        add=Call("CreateTags", {"Resources": ["{id}"], "Tags": "{tags}"}),
        remove=Call("DeleteTags", {"Resources": ["{id}"], "Tags": "{gone}"}),
    )


def resource_name_tags(arn: str = "{arn}") -> Tags:
    """Tags by `ResourceName`, as RDS and ElastiCache have them."""
    return Tags(
        on_create={"Tags": "{tags}"},
        add=Call("AddTagsToResource", {"ResourceName": arn, "Tags": "{tags}"}),
        remove=Call("RemoveTagsFromResource", {"ResourceName": arn, "TagKeys": "{keys}"}),
        read=Read("ListTagsForResource", {"ResourceName": arn}, "TagList"),
    )


def cidr(*properties: str) -> Callable[[Check], list[Problem]]:
    """The properties hold IPv4 or IPv6 blocks whose host bits are zero."""
    return _read_by(ipaddress.ip_network, "{!r} is not a CIDR block", properties)


def json_text(*properties: str) -> Callable[[Check], list[Problem]]:
    """The properties hold JSON."""
    return _read_by(json.loads, "is not JSON", properties)


def _read_by(
    read: Callable[[str], object], complaint: str, properties: tuple[str, ...]
) -> Callable[[Check], list[Problem]]:
    """The texts of the properties can be read by `read`, which raises ValueError where they can't.

    `complaint` may have a place for the text; a policy is too long to be shown.
    """

    def rule(check: Check) -> list[Problem]:
        problems = []
        for name in properties:
            value = check.inputs.get(name)
            if isinstance(value, str):
                try:
                    read(value)
                except ValueError as error:
                    problems.append((name, f"{complaint.format(value)}: {error}"))
        return problems

    return rule


def zones(*properties: str) -> Callable[[Check], list[Problem]]:
    """The properties name availability zones of the region."""

    def rule(check: Check) -> list[Problem]:
        named = [(name, zone) for name in properties for zone in _listed(check.inputs.get(name))]
        if not named:
            return []
        answer = check.read("ec2", "DescribeAvailabilityZones", {}) or {}
        known = [zone["ZoneName"] for zone in answer.get("AvailabilityZones", [])]
        return [
            (name, f"{zone!r} is not an availability zone of {check.region} ({', '.join(known)})")
            for name, zone in named
            if known and zone not in known
        ]

    return rule


def _listed(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def exactly_one(*properties: str) -> Callable[[Check], list[Problem]]:
    """Exactly one of the properties is given."""

    def rule(check: Check) -> list[Problem]:
        given = [name for name in properties if check.inputs.get(name) is not None]
        if len(given) == 1:
            return []
        return [(given[1] if given else properties[0], f"exactly one of {', '.join(properties)} is wanted")]

    return rule


def known(value: Any) -> bool:
    """Whether an input is given and known already."""
    return value is not None and value is not UNKNOWN


def lower_case(property_: str, pattern: str) -> Callable[[Check], list[Problem]]:
    """As with the official provider, a name with capitals is refused, autonamed or not."""

    def rule(check: Check) -> list[Problem]:
        name = check.inputs.get(property_)
        if not isinstance(name, str) or re.fullmatch(pattern, name):
            return []
        return [(property_, f"{name!r} may hold only {pattern.removesuffix('+')}")]

    return rule


def formed(property_: str, pattern: str, says: str) -> Callable[[Check], list[Problem]]:
    """A value that AWS's own pattern of it does not take is refused, in words that say what it takes."""

    def rule(check: Check) -> list[Problem]:
        value = check.inputs.get(property_)
        if not isinstance(value, str) or re.fullmatch(pattern, value):
            return []
        return [(property_, f"{value!r} is not {says}")]

    return rule
