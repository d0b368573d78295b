"""Taking into a stack's state what a killed run created and could not write down.

The engine notes each creation in the state before it asks the provider, so a killed run leaves a pending
`creating` operation and perhaps a resource. `pulumi refresh --import-pending-creates` is made for this
and does not work in 3.220: it turns the operation into an `importing` one that nothing reads, and the
resource is lost (tried; ADR 0007). So the entry is moved in an export of the state, which is imported
again; the refresh that follows then reads the resource's outputs from the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any


def adopt(deployment: Mapping[str, Any], found: Mapping[str, str]) -> dict[str, Any]:
    """The deployment with the pending creations of `found` (URN to provider id) as resources.

    Every other pending operation is dropped: `pulumi stack import` would drop it anyway, with a warning. A
    resource of the same URN that stands already is the old one of a replacement under way, and is marked
    for deletion, as the engine itself does when the new one has been created.
    """
    result = deepcopy(dict(deployment))
    resources: list[dict[str, Any]] = result.setdefault("resources", [])
    for operation in result.pop("pending_operations", None) or []:
        entry = operation["resource"]
        urn, provider_id = entry["urn"], found.get(entry["urn"])
        if operation["type"] != "creating" or provider_id is None or _known(resources, urn, provider_id):
            continue
        for old in resources:
            if old["urn"] == urn:
                old["delete"] = True
        # Its dependencies stand before it, or it could not have been under way; nothing depends on it yet.
        resources.append(
            {**entry, "id": provider_id, "outputs": entry.get("outputs") or entry.get("inputs") or {}}
        )
    return result


def _known(resources: list[dict[str, Any]], urn: str, provider_id: str) -> bool:
    return any(entry["urn"] == urn and entry.get("id") == provider_id for entry in resources)
