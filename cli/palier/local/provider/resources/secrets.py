"""Secrets Manager: secrets and the versions of their values."""

from __future__ import annotations

import re
import uuid
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Extra, Problem, Read, Tags

# DeleteSecret: 7 to 30 days; the official provider's 0 stands for ForceDeleteWithoutRecovery.
FEWEST_DAYS, MOST_DAYS = 7, 30
CURRENT = "AWSCURRENT"


def _name(check: Check) -> list[Problem]:
    name = check.inputs.get("name")
    if not isinstance(name, str) or re.fullmatch(r"[\w/+=.@-]{1,512}", name, re.ASCII):
        return []
    return [("name", f"{name!r} is no secret's name: up to 512 letters, digits and /_+=.@-")]


def _recovery_window(check: Check) -> list[Problem]:
    days = check.inputs.get("recoveryWindowInDays")
    if not isinstance(days, (int, float)) or days == 0 or FEWEST_DAYS <= days <= MOST_DAYS:
        return []
    return [("recoveryWindowInDays", f"{days:g} is neither 0 nor {FEWEST_DAYS} to {MOST_DAYS}")]


def _identified(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """A token of its own, which the SDKs make and which becomes the id of a version."""
    return {**arguments, "ClientRequestToken": str(uuid.uuid4())}


def _secret(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Of a standing secret the description is sent with whatever changes, as the official provider does."""
    arguments = _identified(context, arguments)
    if context.id:
        arguments["Description"] = context.inputs.get("description", "")
    return arguments


def _described(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    # A secret within its recovery window is described still.
    if not found or found.get("DeletedDate"):
        return {}
    answer = context.call("GetResourcePolicy", SecretId=context.id)
    return {**found, "Description": found.get("Description") or None, "policy": answer.get("ResourcePolicy")}


def _delete(context: Context) -> None:
    days = int(context.inputs.get("recoveryWindowInDays", MOST_DAYS))
    how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
    context.call("DeleteSecret", SecretId=context.id, **how)


def _one_value(check: Check) -> list[Problem]:
    given = [name for name in ("secretString", "secretBinary") if name in check.inputs]
    if len(given) > 1:
        return [("secretString", "conflicts with secretBinary")]
    return []


def _version_id(inputs: Any, version_id: str) -> str:
    """`<secret's ARN or name>|<version>`, the official provider's id."""
    return version_id if "|" in version_id else f"{inputs['secretId']}|{version_id}"


def _read_version(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "SecretId": context.outputs.get("secretId") or context.inputs.get("secretId")}


def _drop_version(context: Context) -> None:
    """A version goes when it has no stage; the current one can't lose its own, and stays with the secret."""
    secret, version = context.id.split("|", 1)
    for stage in context.outputs.get("versionStages") or ():
        if stage != CURRENT:
            context.call(
                "UpdateSecretVersionStage", SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
            )


ENTRIES = (
    Entry(
        "aws:secretsmanager/secret:Secret",
        "secretsmanager",
        create=Call("CreateSecret"),
        id="ARN",
        read=Read("DescribeSecret", {"SecretId": "{id}"}),
        delete=None,
        update=Call("UpdateSecret", {"SecretId": "{id}"}),
        extras=(
            Extra(
                ("policy",),
                Call("PutResourcePolicy", {"SecretId": "{id}", "ResourcePolicy": "{policy}"}, mapped=False),
                Call("DeleteResourcePolicy", {"SecretId": "{id}"}, mapped=False),
            ),
        ),
        force_new=frozenset({"name", "namePrefix"}),
        names={"arn": "ARN"},
        reads={"policy": "policy"},
        defaults={"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": 30},
        kept=frozenset({"policy"}),
        settings=frozenset({"forceOverwriteReplicaSecret", "recoveryWindowInDays"}),
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {"SecretId": "{id}", "Tags": "{tags}"}),
            remove=Call("UntagResource", {"SecretId": "{id}", "TagKeys": "{keys}"}),
        ),
        autoname=Autoname("name", 512),
        gone=("ResourceNotFoundException",),
        checks=(_name, _recovery_window),
        prepare=_secret,
        described=_described,
        before_delete=_delete,
    ),
    Entry(
        "aws:secretsmanager/secretVersion:SecretVersion",
        "secretsmanager",
        create=Call("PutSecretValue"),
        id="VersionId",
        canonical_id=_version_id,
        import_id=("secretId", "versionId"),
        import_separator="|",
        read=Read("GetSecretValue", {"SecretId": "{secretId}", "VersionId": "{versionId}"}),
        delete=None,
        force_new=frozenset({"secretBinary", "secretId", "secretString", "secretStringWoVersion"}),
        reads={"arn": "ARN", "secretArn": "ARN"},
        kept=frozenset({"versionStages"}),
        gone=("ResourceNotFoundException",),
        checks=(_one_value,),
        prepare=_identified,
        described=_read_version,
        before_delete=_drop_version,
    ),
)
