"""Where the commands find the regions: through the outputs of the phase `multi-region`."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from palier.console import Reporter
from palier.paths import platform_dir
from palier.phases import catalog, operations
from palier.phases.runs import LOCAL
from palier.regions.clients import PATIENT_READ_SECONDS, READ_SECONDS, ImpatientClients
from palier.regions.hands import AwsHands
from palier.regions.journal import Journal
from palier.regions.lease import DynamoLease
from palier.regions.operation import Mover
from palier.regions.states import PulumiStates
from palier.regions.steps import Clock
from palier.regions.topology import PHASE, Topology
from palier.verification.session import reach

LOCAL_POLL_SECONDS, LOCAL_SETTLE_SECONDS = 0.2, 1.0


@dataclass(frozen=True)
class Access:
    """The regions of an environment: what they are, and the hands that reach them."""

    environment: str
    topology: Topology
    hands: AwsHands
    clients: dict[str, ImpatientClients]
    journal: Journal

    def mover(self, report: Reporter, settle_seconds: float | None) -> Mover:
        """What carries operations out. `settle_seconds` None: as long as the place needs."""
        local = self.environment == LOCAL
        clock = Clock(poll_seconds=LOCAL_POLL_SECONDS) if local else Clock()
        mover = Mover(
            topology=self.topology,
            hands=self.hands,
            states=PulumiStates(self.environment, report),
            lease=DynamoLease(self.topology.sessions_table, self.clients),
            journal=self.journal,
            # The same after a kill; others on this machine are kept out by the file lock.
            owner=f"{getpass.getuser()}@{socket.gethostname()}",
            report=report,
            clock=clock,
        )
        if settle_seconds is not None or local:
            mover.settle_seconds = LOCAL_SETTLE_SECONDS if settle_seconds is None else settle_seconds
        return mover


def access(environment: str, report: Reporter) -> Access:
    """The regions of an environment. Raises InputError where the phase does not stand there."""
    phase = catalog.find(PHASE)
    outputs: Mapping[str, Any] = operations.look(environment, report)(phase).state().outputs or {}
    topology = Topology.of(outputs, environment)
    endpoint = reach(topology.home, environment).endpoint

    def clients(read_seconds: int) -> dict[str, ImpatientClients]:
        return {
            region: ImpatientClients(region=region, endpoint=endpoint, read_seconds=read_seconds)
            for region in topology.regions
        }

    quick = clients(READ_SECONDS)
    hands = AwsHands(topology, quick, clients(PATIENT_READ_SECONDS))
    return Access(environment, topology, hands, quick, Journal(environment, platform_dir()))
