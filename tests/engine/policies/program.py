"""The one Pulumi program of all cases: it registers what a file says, one after the other.

In turn, so that the policies see the resources in the order of the table, whose first region is home.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pulumi

VARIABLE = "PALIER_TEST_RESOURCES"


def main() -> None:
    """Register the resources of the file that the variable names."""
    made: dict[str, pulumi.CustomResource] = {}
    before: list[pulumi.Resource] = []
    for type_, name, inputs in json.loads(Path(os.environ[VARIABLE]).read_text()):
        options = pulumi.ResourceOptions(depends_on=before)
        made[name] = pulumi.CustomResource(type_, name, _value(inputs, made), options)
        before = [made[name]]


def _value(value: Any, made: dict[str, pulumi.CustomResource]) -> Any:
    if isinstance(value, dict):
        if "$secret" in value:
            return pulumi.Output.secret(value["$secret"])
        if "$id" in value:
            return made[value["$id"]].id
        if "$late" in value:
            name, later = value["$late"]
            return made[name].id.apply(lambda _: later)
        return {key: _value(each, made) for key, each in value.items()}
    return [_value(each, made) for each in value] if isinstance(value, list) else value
