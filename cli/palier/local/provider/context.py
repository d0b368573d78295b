"""One operation on one resource: who asks, where, and what is known of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from palier.local.layout import ACCOUNT_ID
from palier.local.provider.clients import Clients
from palier.local.provider.schema import TypeSchema
from palier.local.provider.table import Call, Entry

_PLACE = re.compile(r"\{(\w+)\}")
_ABSENT = object()


@dataclass
class Context:
    """What the functions of a table entry work with."""

    entry: Entry
    schema: TypeSchema
    clients: Clients
    region: str
    inputs: Mapping[str, Any]
    id: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    """What is known of the resource besides its inputs: its last outputs, or those of its import id."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    old_inputs: Mapping[str, Any] = field(default_factory=dict)
    just_tagged: bool = False
    """Whether its tags have been set in this very operation, so that asking for them tells nothing new."""
    unfinished: bool = False
    """Whether what follows the create operation (`Entry.after_create`) is still to be done."""
    home_region: str = ""
    """The provider's own region, which a global service's resources may need (a private zone's VPC)."""

    def call(self, operation: str, service: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Run an operation in this resource's region."""
        return self.clients.call(service or self.entry.service, self.region, operation, arguments)

    def run(self, call: Call, inputs: Mapping[str, Any], **further: Any) -> dict[str, Any]:
        """Run a declared call: `inputs` mapped onto its shape where it says so, then its own arguments."""
        return self.call(call.operation, **self.arguments(call, inputs, **further))

    def arguments(self, call: Call, inputs: Mapping[str, Any], **further: Any) -> dict[str, Any]:
        """The arguments of a declared call."""
        from palier.local.provider.shapes import to_aws

        mapped: dict[str, Any] = {}
        if call.mapped:
            model = self.clients.operation_model(self.entry.service, call.operation)
            untagged = {
                key: value for key, value in inputs.items() if key not in ("tags", "tagsAll", "region")
            }
            mapped = to_aws(untagged, model.input_shape, self.entry.names)
        filled = self.fill(call.arguments, **further)
        return {**mapped, **filled}

    def fill(self, template: Any, **further: Any) -> Any:
        """`template` with its places filled; what has no value is left out."""
        filled = self._fill(template, {**self.outputs, **self.inputs, **self._fixed(), **further})
        return {} if filled is _ABSENT else filled

    def _fixed(self) -> dict[str, Any]:
        return {"id": self.id, "region": self.region, "account": ACCOUNT_ID}

    def _fill(self, template: Any, values: Mapping[str, Any]) -> Any:
        if isinstance(template, Mapping):
            filled = {key: self._fill(item, values) for key, item in template.items()}
            return {key: item for key, item in filled.items() if item is not _ABSENT}
        if isinstance(template, (list, tuple)):
            items = [self._fill(item, values) for item in template]
            return [item for item in items if item is not _ABSENT]
        if not isinstance(template, str):
            return template
        whole = _PLACE.fullmatch(template)
        if whole:
            value = values.get(whole[1])
            return _ABSENT if value is None or value == "" else value
        return _PLACE.sub(lambda place: str(values.get(place[1], "")), template)
