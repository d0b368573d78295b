"""A resource as a policy reads it: inputs that are known, and a clear word for those that are not.

A preview does not know every value. Reading one that is not known raises `NotKnown`, which the judge turns
into a finding of its own: so no policy crashes on it, and none takes it for a value that passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.costs.model import NOT_KNOWN, UNKNOWN, Planned

# What the engine sends for a value that is not known yet, by kind (sdk/go/common/resource/plugin/rpc.go).
UNKNOWNS = frozenset(
    {
        UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"  # sdk/go/common/resource/properties.go: SigKey
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # SecretSig
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"  # OutputValueSig
# What stands for a secret once read: no policy sees the value, so none can tell it.
SECRET = "[secret]"


class NotKnown(Exception):
    """A value is not known before `up`, or is a secret; `path` says which."""

    def __init__(self, resource: Resource, path: tuple[str, ...], *, secret: bool = False) -> None:
        self.resource, self.path, self.secret = resource, path, secret
        self.why = "secret" if secret else NOT_KNOWN
        super().__init__(f"{resource.label}: {'.'.join(path)} is {self.why}")


@dataclass(frozen=True)
class Resource(Planned):
    """A resource with Pulumi's type token and input names. `dependencies` are URNs by input.

    `ignores` are the inputs that the program leaves to others (ignoreChanges): of these the engine shows
    what the state has, not what the program says.
    """

    protect: bool = False
    custom: bool = True
    dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignores: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How people call it: the type's last part and the logical name."""
        return f"{self.type.rpartition(':')[2]} {self.name}"

    def read(self, *path: str, default: Any = None) -> Any:
        """The input at a path, `default` where there is none. Raises NotKnown."""
        found: Any = self.inputs
        for place, part in enumerate(path, start=1):
            if isinstance(found, list):
                found = found[0] if found else None  # a block that may stand once
            found = found.get(part) if isinstance(found, Mapping) else None
            self._refuse(found, path[:place])
        return default if found is None else found

    def blocks(self, *path: str) -> list[Mapping[str, Any]]:
        """The blocks at a path: a list of mappings, one mapping, or none. Raises NotKnown."""
        found = self.read(*path, default=[])
        blocks = found if isinstance(found, list) else [found]
        for block in blocks:
            self._refuse(block, path)
        return [block for block in blocks if isinstance(block, Mapping)]

    def known(self, *path: str) -> bool:
        """Whether the input at a path is known (or is not there, which is known too)."""
        try:
            self.read(*path)
        except NotKnown:
            return False
        return True

    def tags(self) -> Mapping[str, Any]:
        """Its tags, those of the provider's defaults among them; a value may be UNKNOWN."""
        return {**self.read("tags", default={}), **self.read("tagsAll", default={})}

    def _refuse(self, value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, str) and (value in UNKNOWNS or value == SECRET):
            raise NotKnown(self, path, secret=value == SECRET)


def plain(value: Any) -> Any:
    """A property as it comes from the engine: every kind of unknown as UNKNOWN, every secret as SECRET."""
    if isinstance(value, str):
        return UNKNOWN if value in UNKNOWNS else value
    if isinstance(value, Mapping):
        signature = value.get(_SIGNATURE)
        if signature == _SECRET:
            return SECRET
        if signature == _OUTPUT:
            return SECRET if value.get("secret") else plain(value.get("value", UNKNOWN))
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def of_entries(entries: Iterable[Mapping[str, Any]]) -> list[Resource]:
    """Resources from the entries of a state or of a preview's steps, without what awaits its deletion."""
    kept = [entry for entry in entries if not entry.get("delete")]
    regions = dict(_provider_regions(kept))
    return [_resource(entry, regions) for entry in kept]


def _resource(entry: Mapping[str, Any], regions: Mapping[str, str]) -> Resource:
    inputs = plain(entry.get("inputs") or {})
    return Resource(
        urn=entry["urn"],
        type=entry["type"],
        region=region_of(inputs, regions.get(str(entry.get("provider") or "").rpartition("::")[0])),
        inputs=inputs,
        outputs=plain(entry.get("outputs") or {}),
        id=entry.get("id") or "",
        parent=entry.get("parent") or "",
        protect=bool(entry.get("protect")),
        custom=bool(entry.get("custom")),
        ignores=tuple(entry.get("ignoreChanges") or ()),
        dependencies={
            name: tuple(urns) for name, urns in (entry.get("propertyDependencies") or {}).items() if urns
        },
    )


def region_of(inputs: Mapping[str, Any], of_provider: Any) -> str:
    """The resource's own region, or its provider's; `unknown region` where neither is known."""
    from palier.costs.collect import NO_REGION

    for found in (inputs.get("region"), of_provider):
        if isinstance(found, str) and found and found not in UNKNOWNS:
            return found
    return NO_REGION


def _provider_regions(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        region = (entry.get("inputs") or {}).get("region")
        if str(entry["type"]).startswith("pulumi:providers:") and isinstance(region, str):
            yield entry["urn"], region
