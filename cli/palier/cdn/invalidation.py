"""Sends paths to CloudFront in as many requests as it takes, and waits for each.

Quotas of a distribution: 3,000 paths in progress, and 15 with a wildcard ("Quotas on invalidations",
CloudFront developer guide).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from palier.errors import OperationError

PATHS_AT_A_TIME, WILDCARDS_AT_A_TIME = 3000, 15
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 10.0
AGAIN = "run the same command again: what was sent is not paid twice"


@dataclass
class Sender:
    """One run of `wait_seconds` at most; `say` is told what happens, `ids` are of what was made."""

    cloudfront: Any
    distribution: str
    wait_seconds: float
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    ids: list[str] = field(default_factory=list)

    def run(self, paths: Sequence[str], reference: str, *, wait: bool = True) -> None:
        """Invalidate `paths`. Without `wait`, the last request is not waited for; those before it must be.

        Raises OperationError where CloudFront refuses, or `wait_seconds` are over.
        """
        deadline = self.clock() + self.wait_seconds
        requests = batches(paths)
        for index, batch in enumerate(requests, start=1):
            self.say(f"request {index} of {len(requests)}, {len(batch)} paths")
            made = self._create(batch, f"{reference}-{index}", deadline)
            self.ids.append(str(made["Id"]))
            if wait or index < len(requests):
                self._wait(made, deadline)

    def _create(self, batch: Sequence[str], reference: str, deadline: float) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        paths = {"Quantity": len(batch), "Items": list(batch)}
        content = {"CallerReference": reference, "Paths": paths}
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return self.cloudfront.create_invalidation(
                    DistributionId=self.distribution, InvalidationBatch=content
                )["Invalidation"]
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code != "TooManyInvalidationsInProgress":
                    raise self._refused(code, reference, error) from error
            except BotoCoreError as error:
                raise OperationError(f"CloudFront: {error}", left=self._left(), next_step=AGAIN) from error
            self.say("waiting for invalidations of others")
            pause = self._pause(pause, deadline)

    def _wait(self, made: Any, deadline: float) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        identifier, status, pause = made["Id"], made["Status"], FIRST_PAUSE_SECONDS
        while status != "Completed":
            self.say(f"{identifier} is in progress")
            pause = self._pause(pause, deadline)
            try:
                found = self.cloudfront.get_invalidation(DistributionId=self.distribution, Id=identifier)
            except (BotoCoreError, ClientError) as error:
                raise OperationError(f"CloudFront: {error}", left=self._left(), next_step=AGAIN) from error
            status = found["Invalidation"]["Status"]

    def _pause(self, pause: float, deadline: float) -> float:
        if self.clock() + pause > deadline:
            raise OperationError(
                f"CloudFront was not done after {self.wait_seconds:.0f} s",
                left=self._left(),
                next_step=AGAIN,
            )
        self.sleep(pause)
        return min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _refused(self, code: str, reference: str, error: Exception) -> OperationError:
        if code == "InvalidationBatchAlreadyExists":
            return OperationError(
                f"the reference {reference} was used for other paths",
                left=self._left(),
                next_step="give another --reference",
            )
        if code == "NoSuchDistribution":
            return OperationError(
                f"there is no distribution {self.distribution}",
                left=self._left(),
                next_step="palier refresh cdn, then palier up cdn",
            )
        return OperationError(f"CloudFront: {error}", left=self._left(), next_step=AGAIN)

    def _left(self) -> str:
        if not self.ids:
            return "nothing was invalidated"
        return f"invalidations {', '.join(self.ids)}, which go on by themselves"


def batches(paths: Sequence[str]) -> list[list[str]]:
    """The paths in as few requests as the quotas allow, in order."""
    wildcards = [path for path in paths if path.endswith("*")]
    plain = [path for path in paths if not path.endswith("*")]
    made: list[list[str]] = []
    while wildcards or plain:
        first, wildcards = wildcards[:WILDCARDS_AT_A_TIME], wildcards[WILDCARDS_AT_A_TIME:]
        room = PATHS_AT_A_TIME - len(first)
        made.append(first + plain[:room])
        plain = plain[room:]
    return made
