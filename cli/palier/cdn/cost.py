"""What an invalidation costs.

Per path, a wildcard being one: the first 1,000 of a month are free, for all distributions of the account
together ("Pay for file invalidation", CloudFront developer guide); each further one is 0.005 US dollars
("How AWS Pricing Works", AWS whitepaper, part CloudFront).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FREE_PATHS_PER_MONTH = 1000
DOLLARS_PER_PATH = 0.005
# Each invalidation is a request to look at; nobody waits for more than these before a question.
MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class Spent:
    """Paths invalidated this month by the whole account; not `complete`, and there were more."""

    paths: int
    complete: bool = True

    @property
    def free_left(self) -> int:
        """Paths of this month that still cost nothing; none where it is not known."""
        return max(0, FREE_PATHS_PER_MONTH - self.paths) if self.complete else 0


@dataclass(frozen=True)
class Estimate:
    """The cost of `paths` more paths, when `spent` are."""

    paths: int
    spent: Spent

    @property
    def charged_paths(self) -> int:
        """Paths that are paid for."""
        return max(0, self.paths - self.spent.free_left)

    @property
    def dollars(self) -> float:
        """US dollars, before tax; the most that it can be where `spent` is not complete."""
        return round(self.charged_paths * DOLLARS_PER_PATH, 3)

    def sentence(self) -> str:
        """For people."""
        if not self.spent.complete:
            seen = f"at least {self.spent.paths} were used, not all could be counted"
        else:
            seen = f"{self.spent.paths} of {FREE_PATHS_PER_MONTH:,} free ones used this month"
        most = "" if self.spent.complete else "at most "
        plural = "path" if self.paths == 1 else "paths"
        return f"{self.paths:,} {plural}, {most}{self.dollars:.3f} USD ({seen})"


def spent_this_month(cloudfront: Any, now: datetime | None = None) -> Spent:
    """Counts the account's paths since the first of this month, UTC. Needs leave to list and to read them.

    Where that leave is missing, or there are too many to look at, the answer is not `complete`.
    """
    from botocore.exceptions import ClientError

    start = (now or datetime.now(UTC)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    paths = 0
    try:
        for looked_at, (distribution, invalidation) in enumerate(_since(cloudfront, start)):
            if looked_at >= MOST_LOOKED_AT:
                return Spent(paths, complete=False)
            found = cloudfront.get_invalidation(DistributionId=distribution, Id=invalidation)
            paths += int(found["Invalidation"]["InvalidationBatch"]["Paths"]["Quantity"])
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return Spent(paths, complete=False)
    return Spent(paths)


def _since(cloudfront: Any, start: datetime) -> Iterator[tuple[str, str]]:
    """Distribution and invalidation ids, of every distribution; CloudFront lists the latest first."""
    for page in cloudfront.get_paginator("list_distributions").paginate():
        for distribution in page["DistributionList"].get("Items") or []:
            yield from ((distribution["Id"], each) for each in _of(cloudfront, distribution["Id"], start))


def _of(cloudfront: Any, distribution: str, start: datetime) -> Iterator[str]:
    pages = cloudfront.get_paginator("list_invalidations").paginate(DistributionId=distribution)
    for page in pages:
        items = page["InvalidationList"].get("Items") or []
        yield from (each["Id"] for each in items if each["CreateTime"] >= start)
        if any(each["CreateTime"] < start for each in items):
            return
