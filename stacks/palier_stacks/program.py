"""What every stack program starts with: its settings, and a refusal in one line where they are wrong."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import pulumi

from palier_stacks.settings import PhaseSettings, SettingsError

Settings = TypeVar("Settings", bound=PhaseSettings)


def config_values() -> dict[str, object]:
    """The whole Pulumi config of this run. Mappings and lists come as JSON text and are read back."""
    return {key: _decoded(value) for key, value in pulumi.runtime.get_config_env().items()}


def _decoded(value: Any) -> object:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            decoded: object = json.loads(value)
        except json.JSONDecodeError:
            return value
        return decoded
    return value


def load(settings: type[Settings]) -> Settings:
    """Read and check this program's settings. pulumi.RunError, which Pulumi prints as one line, if wrong."""
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    try:
        return settings.from_config(config_values(), file=file)
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from None


def export_all(outputs: dict[str, pulumi.Input[Any]]) -> None:
    """Export every output under its name."""
    for name, value in outputs.items():
        pulumi.export(name, value)
