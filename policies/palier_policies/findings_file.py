"""What a pack found, for whoever started the engine: the facts that a policy's message has only in words.

`palier check` names a file; a pack adds a line for each finding. Without it, nothing is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from palier_policies.judge import Finding

VARIABLE = "PALIER_FINDINGS_FILE"


def append(findings: Iterable[Finding]) -> None:
    """Add the findings to the file that the variable names, whole lines at a time."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    _write(name, "".join(f"{json.dumps(finding.as_data())}\n" for finding in findings))


def wanted() -> bool:
    """Whether anybody reads it."""
    return bool(os.environ.get(VARIABLE))


def tell_outlook(outlook: Mapping[str, Any]) -> None:
    """Add what the change does, whether or not a policy minds."""
    name = os.environ.get(VARIABLE)
    if name:
        _write(name, json.dumps({"outlook": outlook}) + "\n")


def _write(name: str, text: str) -> None:
    descriptor = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
