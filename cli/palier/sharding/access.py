"""Where the commands find the published map: through the outputs of the phase `shards`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.console import Reporter
from palier.errors import InputError
from palier.phases import catalog, operations
from palier.sharding.published import Published
from palier.verification.session import Clients, reach

PHASE = "shards"


@dataclass(frozen=True)
class Access:
    """The published map of an environment, and who is asking."""

    published: Published
    clients: Clients

    def who(self) -> str:
        """Whom the audit trail names: the user here, and whom AWS knows them as."""
        arn = self.clients.client("sts").get_caller_identity()["Arn"]
        return f"{getpass.getuser()} ({arn})"


def access(environment: str, report: Reporter) -> Access:
    """The published map of an environment. Raises InputError where the phase does not stand there."""
    phase = catalog.find(PHASE)
    outputs: Mapping[str, Any] = operations.look(environment, report)(phase).state().outputs or {}
    if "shard_map_table" not in outputs:
        raise InputError(f"{PHASE} does not stand in {environment}: `palier phases` tells what does")
    clients = reach(catalog.load_settings(phase, environment).region, environment)
    return Access(Published(clients.client("dynamodb"), outputs["shard_map_table"]), clients)
