"""What a mend's test consists of: a probe, what moto as it is answers to it, what the emulator answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

# A service, and a region where it is not the usual one.
Clients = Callable[..., Any]
Probe = Callable[[Clients], object]


@dataclass(frozen=True)
class Symptom:
    """`upstream` is the symptom on moto 5.2.5 as it is: when it goes, the mend can go."""

    mend: str
    probe: Probe
    upstream: object
    mended: object


def outcome(call: Callable[..., Any], **arguments: Any) -> str:
    """`done`, the AWS error code, or the name of the exception that escapes from moto itself."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except Exception as error:
        return type(error).__name__
    return "done"
