"""A machine in the hands of onboarding: its VPN key, its making, its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from palier.console import Reporter, Step
from palier.errors import OperationError
from palier.workstation.advice import next_step
from palier.workstation.operation import Done, Order, carry_out
from palier.workstation.play import Play, run
from palier.workstation.target import Target
from palier.workstation.variables import Owner

KEY_PLAYBOOK = "vpn-key.yml"
KEY_MODULE = "palier_vpn_public_key"


class Told(Reporter):
    """Says each role as it begins; the run that it is part of says the rest."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def line(self, text: str) -> None:
        """One line."""
        self._tell(text)

    @contextmanager
    def step(self, text: str) -> Iterator[Step]:
        """A role."""
        self._tell(text)
        yield _Silent()


class _Silent:
    def update(self, text: str) -> None:
        """Tasks of a role are too many to tell."""


@dataclass(frozen=True)
class Machine:
    """The newcomer's machine, and how root is had there."""

    target: Target
    environment: str
    become_password: str | None = None

    def public_key(self, *, make: bool) -> str | None:
        """The public half of the machine's VPN key, made where `make` says so; None where there is none.

        Raises OperationError where the machine cannot be asked.
        """
        play = Play(
            KEY_PLAYBOOK,
            self.target,
            {},
            self.environment,
            check=not make,
            become_password=self.become_password,
        )
        record = run(play, Told(lambda text: None))
        if record.rc != 0:
            failure = record.failure
            raise OperationError(
                f"{self.target.name}: {failure.says if failure else ' '.join(record.said[-2:])}",
                next_step=next_step(failure, self.target.ssh, "run this again") if failure else None,
            )
        return str(record.results[KEY_MODULE]["public_key"]) or None

    def run(self, mode: str, owner: Owner, minutes: float, tell: Callable[[str], None]) -> Done:
        """One operation of `palier workstation` on it. Raises OperationError where a role failed."""
        order = Order(mode, self.target, owner, self.environment, minutes, (), self.become_password)
        done = carry_out(order, Told(tell))
        if done.failed:
            failed = done.failed[0]
            raise OperationError(f"{failed.step}: {failed.says}", next_step=failed.next_step)
        return done
