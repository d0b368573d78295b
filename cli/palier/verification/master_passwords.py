"""Where a DB instance's master password is kept, which foundation and shards are asked alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from palier.verification.model import Answer
from palier.verification.things import Thing

KEPT = "in a secret of the platform, encrypted by its key"
CURRENT = "AWSCURRENT"


def kept(server: Thing, secrets: Sequence[Thing], keys: Mapping[str, str]) -> Answer:
    """Whether the platform keeps the password of `server`; `keys` are the names of its keys by ARN.

    RDS makes no read replica of an instance whose password it manages itself.
    """
    actual = _where(server, secrets, keys)
    return Answer(actual is None, server.name, actual or KEPT, KEPT)


def _where(server: Thing, secrets: Sequence[Thing], keys: Mapping[str, str]) -> str | None:
    """Where else the password is; None where it is where it ought to be."""
    if server.data.get("MasterUserSecret"):
        return "managed by RDS, which then makes no replica of it"
    secret = next((each for each in secrets if each.name == f"{server.name}-master"), None)
    if secret is None:
        return "in no secret"
    versions = secret.data.get("SecretVersionsToStages") or {}
    if not any(CURRENT in stages for stages in versions.values()):
        return f"in {secret.name}, which is empty"
    key = secret.data.get("KmsKeyId")
    return None if key in keys else f"in {secret.name}, encrypted by {key or 'AWS itself'}"
