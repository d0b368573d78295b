"""A CloudFront that takes invalidations by AWS's rules and counts what it would charge."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

DISTRIBUTION = "E2QWRUHEXAMPLE"


def refusal(code: str) -> ClientError:
    """An error of CloudFront's."""
    return ClientError({"Error": {"Code": code, "Message": code}}, "operation")


class FakeCloudFront:
    """One distribution. An invalidation is in progress for `steps` looks at it."""

    def __init__(self, steps: int = 0) -> None:
        self.steps = steps
        self.made: dict[str, dict[str, Any]] = {}  # by reference
        self.looks: dict[str, int] = {}
        self.refuses: list[str] = []  # error codes of the next requests to create
        self.denied: set[str] = set()

    @property
    def charged(self) -> int:
        """Paths that count."""
        return sum(one["batch"]["Paths"]["Quantity"] for one in self.made.values())

    def create_invalidation(self, *, DistributionId: str, InvalidationBatch: dict[str, Any]) -> Any:
        if self.refuses:
            raise refusal(self.refuses.pop(0))
        if DistributionId != DISTRIBUTION:
            raise refusal("NoSuchDistribution")
        reference = InvalidationBatch["CallerReference"]
        if reference in self.made and self.made[reference]["batch"] != InvalidationBatch:
            raise refusal("InvalidationBatchAlreadyExists")
        identifier = f"I{len(self.made) + 1}"
        one = self.made.setdefault(
            reference, {"id": identifier, "batch": InvalidationBatch, "at": datetime.now(UTC)}
        )
        return {"Invalidation": self._told(one)}

    def get_invalidation(self, *, DistributionId: str, Id: str) -> Any:
        self.looks[Id] = self.looks.get(Id, 0) + 1
        return {"Invalidation": self._told(next(one for one in self.made.values() if one["id"] == Id))}

    def add(self, reference: str, paths: int, at: datetime) -> None:
        """An invalidation of the past."""
        batch = {"CallerReference": reference, "Paths": {"Quantity": paths, "Items": ["/x"] * paths}}
        self.made[reference] = {"id": f"I{len(self.made) + 1}", "batch": batch, "at": at}

    def get_paginator(self, operation: str) -> Any:
        return _Pages(self, operation)

    def _told(self, one: dict[str, Any]) -> dict[str, Any]:
        done = self.looks.get(one["id"], 0) >= self.steps
        status = "Completed" if done else "InProgress"
        return {
            "Id": one["id"],
            "Status": status,
            "CreateTime": one["at"],
            "InvalidationBatch": one["batch"],
        }


class _Pages:
    def __init__(self, cloudfront: FakeCloudFront, operation: str) -> None:
        self.cloudfront, self.operation = cloudfront, operation

    def paginate(self, **_request: Any) -> Iterator[dict[str, Any]]:
        if self.operation in self.cloudfront.denied:
            raise refusal("AccessDenied")
        if self.operation == "list_distributions":
            yield {"DistributionList": {"Items": [{"Id": DISTRIBUTION}]}}
            return
        latest_first = sorted(self.cloudfront.made.values(), key=lambda one: one["at"], reverse=True)
        for one in latest_first:
            yield {"InvalidationList": {"Items": [{"Id": one["id"], "CreateTime": one["at"]}]}}
