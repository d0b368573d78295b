"""A provider per further region, reaching the same account in the same way as the home region's.

An explicit provider reads nothing of the stack's `aws:` settings by itself; what says who one is and what
every resource is tagged with is handed on here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pulumi
import pulumi_aws

# Settings of the default provider that hold in every region.
_TEXTS = {"profile": "profile"}
_STRUCTURES = {
    "allowedAccountIds": "allowed_account_ids",
    "forbiddenAccountIds": "forbidden_account_ids",
    "assumeRoles": "assume_roles",
    "assumeRoleWithWebIdentity": "assume_role_with_web_identity",
    "defaultTags": "default_tags",
    "ignoreTags": "ignore_tags",
}


def shared_settings() -> dict[str, Any]:
    """The stack's `aws:` settings that are not of one region, by argument of the provider."""
    config = pulumi.Config("aws")
    texts = {name: config.get(key) for key, name in _TEXTS.items()}
    structures = {name: json.loads(config.get(key) or "null") for key, name in _STRUCTURES.items()}
    return {name: value for name, value in (texts | structures).items() if value is not None}


def regional_providers(
    regions: Iterable[str], opts: pulumi.ResourceOptions
) -> dict[str, pulumi_aws.Provider]:
    """A provider for each region, by region."""
    shared = shared_settings()
    return {region: pulumi_aws.Provider(region, region=region, opts=opts, **shared) for region in regions}
