"""From what the engine has to the resources that are priced: a deployment, a preview's events, a file.

Nothing here runs an engine. A resource is one that stands in the cloud: no component, no provider.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from palier.costs.model import UNKNOWN, Planned
from palier.errors import InputError

# Steps after which a resource stands (sdk/go/common/display/events.go); of a replacement the new one counts.
_STANDS_AFTER = {
    "same", "create", "update", "replace", "create-replacement", "import", "import-replacement",
}  # fmt: skip
_PROVIDERS = "pulumi:providers:"
NO_REGION = "unknown region"


def from_deployment(deployment: Mapping[str, Any]) -> list[Planned]:
    """The resources of a deployment: `deployment` of an export, `checkpoint.latest` of a state file.

    What is about to be deleted after a replacement is left out.
    """
    entries = [entry for entry in deployment.get("resources") or [] if not entry.get("delete")]
    return _planned(entries)


def from_events(events: Iterable[Mapping[str, Any]]) -> list[Planned]:
    """The resources that would stand after what a preview's engine events tell."""
    entries: dict[str, Mapping[str, Any]] = {}
    for event in events:
        metadata = (event.get("resourcePreEvent") or {}).get("metadata") or {}
        if metadata.get("op") not in _STANDS_AFTER or not metadata.get("new"):
            continue
        old = metadata.get("old") or {}
        new = metadata["new"]
        seen = new.get("outputs") or (old.get("outputs") if metadata["op"] in ("same", "update") else None)
        entries[metadata["urn"]] = {**new, "outputs": seen or {}}
    return _planned(entries.values())


def from_event_log(file: Path) -> list[Planned]:
    """The resources of a preview's event log, one JSON object a line."""
    with open(file, encoding="utf-8") as log:
        return from_events(json.loads(line) for line in log if '"resourcePreEvent"' in line)


def from_preview(document: Mapping[str, Any]) -> list[Planned]:
    """The resources that would stand after a `pulumi preview --json`."""
    entries: dict[str, Mapping[str, Any]] = {}
    for step in document.get("steps") or []:
        if step.get("op") in _STANDS_AFTER and step.get("newState"):
            entries[step["urn"]] = step["newState"]
    return _planned(entries.values())


def from_file(file: Path) -> tuple[str, list[Planned]]:
    """The project's name and the resources in a `pulumi stack export`, a preview's JSON or an event log.

    Raises InputError where the file is none of these.
    """
    try:
        content = file.read_text(encoding="utf-8")
        found = list(_resources(content))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        found = None
    if found is None:
        raise InputError(
            "not what Pulumi says of a stack",
            file=file,
            allowed="of `pulumi stack export`, of `pulumi preview --json`, or an event log",
        )
    project = found[0].urn.split("::")[1] if found and found[0].urn.count("::") > 2 else file.stem
    return project, found


def _resources(content: str) -> list[Planned]:
    try:
        document = json.loads(content)
    except ValueError:
        return from_events(json.loads(line) for line in content.splitlines() if line.strip())
    if "deployment" in document:
        return from_deployment(document["deployment"])
    if "checkpoint" in document:
        return from_deployment(document["checkpoint"].get("latest") or {})
    if "steps" in document:
        return from_preview(document)
    if "resourcePreEvent" in document:
        return from_events([document])
    raise ValueError("none of these")


def _planned(entries: Iterable[Mapping[str, Any]]) -> list[Planned]:
    entries = list(entries)
    regions = dict(_provider_regions(entries))
    return [
        Planned(
            urn=entry["urn"],
            type=entry["type"],
            region=_region(entry, regions),
            inputs=entry.get("inputs") or {},
            outputs=entry.get("outputs") or {},
            id=entry.get("id") or "",
            parent=entry.get("parent") or "",
        )
        for entry in entries
        if entry.get("custom") and not entry.get("external") and not entry["type"].startswith("pulumi:")
    ]


def _provider_regions(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        region = (entry.get("inputs") or {}).get("region")
        if entry["type"].startswith(_PROVIDERS) and isinstance(region, str) and region != UNKNOWN:
            yield entry["urn"], region


def _region(entry: Mapping[str, Any], regions: Mapping[str, str]) -> str:
    """The resource's own region, or that of its provider, which is named by URN and id."""
    own = (entry.get("inputs") or {}).get("region")
    if isinstance(own, str) and own != UNKNOWN:
        return own
    return regions.get(str(entry.get("provider", "")).rpartition("::")[0], NO_REGION)
