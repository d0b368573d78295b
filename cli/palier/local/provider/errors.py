"""Failures as the official provider words them, without values that could be secret."""

from __future__ import annotations

import os
import traceback
from typing import Any


class ProviderError(Exception):
    """A failure to be shown to the user as it stands."""


def reason(error: Exception) -> str:
    """A failure in words; one that is a bug of ours says so, and where."""
    if isinstance(error, ProviderError):
        return str(error)
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(where.filename)}:{where.lineno}"
    return f"Palier's provider failed at {place} ({type(error).__name__}: {error}); this is a bug of Palier"


class AwsError(ProviderError):
    """An AWS operation that failed."""

    def __init__(self, service: str, operation: str, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"operation error {service}: {operation}, api error {code}: {message}")


class PartlyMade(ProviderError):
    """The resource exists, but a later step of making or changing it failed.

    `inputs` are those that have taken effect, so that the next run sees what is left to do.
    """

    def __init__(self, id_: str, inputs: dict[str, Any], outputs: dict[str, Any], reason: str) -> None:
        self.id, self.inputs, self.outputs, self.reason = id_, inputs, outputs, reason
        super().__init__(reason)
