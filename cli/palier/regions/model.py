"""What is seen of a region, and the narrow protocol by which it is seen and changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from palier.errors import OperationError

WRITER, READER, NO_DATABASE = "writer", "reader", "none"
AVAILABLE = "available"
Shape = dict[str, Any]


class Unreachable(OperationError):
    """A region gave no answer, or answered 5xx. `region` says which, `how` in which way."""

    def __init__(self, region: str, how: str) -> None:
        super().__init__(
            f"{region} does not answer: {how}",
            next_step="`palier region status`; the same command goes on where this one stopped",
        )
        self.region, self.how = region, how


@dataclass(frozen=True)
class Database:
    """A region's database: its state in AWS's words, and whom it follows (an ARN, empty for the writer)."""

    state: str
    role: str
    follows: str = ""
    backup_retention_days: int = 0
    maintenance_window: str = ""

    @property
    def stands(self) -> bool:
        """Whether there is one at all."""
        return self.role != NO_DATABASE

    @property
    def available(self) -> bool:
        """Whether it serves, and nothing is under way with it."""
        return self.state == AVAILABLE


@dataclass(frozen=True)
class Lag:
    """How far a follower was behind, and when that was measured (seconds since the epoch)."""

    seconds: float
    measured_at: float

    @property
    def replicated_until(self) -> float:
        """The moment up to which every write had arrived."""
        return self.measured_at - self.seconds


@dataclass(frozen=True)
class Tier:
    """A region's application tier: targets that the load balancer finds healthy, of all; the group's size."""

    healthy: int
    targets: int
    instances: int
    max_instances: int


class Sight(Protocol):
    """What can be asked of a region. Every call raises Unreachable where the region does not answer."""

    def database(self, region: str, identifier: str | None = None) -> Database:
        """The region's database, or another RDS instance there by `identifier`."""

    def lag(self, region: str, since: float | None = None) -> Lag | None:
        """The newest lag measured of the region's follower, after `since`; None where none was."""

    def tier(self, region: str) -> Tier:
        """The region's application tier."""

    def sessions(self, region: str) -> str:
        """State of the region's replica of the sessions table; ACTIVE is fine."""

    def active_region(self, region: str) -> str:
        """The region that writes, as the applications of `region` are told."""

    def led_to(self, region: str) -> str:
        """What DNS does with the region: `healthy`, `unhealthy`, `led away`, or `no health check`."""

    def fenced(self, region: str) -> bool:
        """Whether the region's database takes no writes because a switchover stopped them."""


class Hands(Sight, Protocol):
    """What can be done to a region. None of it waits for the end of what it begins."""

    def tell_active_region(self, region: str, active: str) -> None:
        """Tell the applications of `region` which region writes."""

    def fence(self, region: str) -> None:
        """Stop the writes of the region's database (RDS)."""

    def lift_fence(self, region: str) -> None:
        """Let the region's database write again."""

    def switch_global(self, to: str) -> None:
        """Begin Aurora's switchover: nothing is lost, the writer of old follows."""

    def fail_over_global(self, to: str) -> None:
        """Begin Aurora's failover: what was not replicated is lost."""

    def promote(self, region: str) -> None:
        """Begin the promotion of the region's RDS replica."""

    def shapes(self, region: str) -> list[Shape]:
        """All that is needed to make the region's database anew as a follower, then its own replicas."""

    def remove(self, region: str, identifier: str, snapshot: str | None) -> None:
        """Begin the deletion of an RDS instance, keeping its data in a snapshot of that name."""

    def make_follower(self, region: str, shape: Shape, source: str) -> None:
        """Begin making an RDS instance of a shape as a replica of `source` (ARN, or a name in the region)."""

    def keep_backups(self, region: str, shape: Shape) -> None:
        """Give a follower the backups and windows that its shape had, which it cannot be made with."""

    def lead_away(self, region: str) -> None:
        """Let DNS find the region unhealthy whatever it answers."""

    def lead_back(self, region: str) -> None:
        """Let DNS ask the region for its health again."""


class States(Protocol):
    """Pulumi's states, which know an instance by an id of its own and not by its name."""

    def hold(self, ids: Iterable[str]) -> bool:
        """Whether any of the states knows a resource by one of these ids."""

    def rebind(self, ids: Mapping[str, str]) -> None:
        """Put new ids in the place of old ones; the next run of a stack that held one reads what stands."""


class Lease(Protocol):
    """One operation at a time, whichever machine it is run on."""

    def take(self, region: str, owner: str, seconds: float) -> Mapping[str, str] | None:
        """Take or renew the lease in a region; who has it where another does, else None."""

    def give_back(self, region: str, owner: str) -> None:
        """Give the lease back, if it is the owner's."""
