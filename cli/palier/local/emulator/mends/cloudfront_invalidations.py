"""Mends of CloudFront's invalidations."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend


@mend("cloudfront")
def references_of_invalidations() -> None:
    """A request of the same caller reference makes another invalidation, also one of other paths, and its
    status is `COMPLETED`, where CloudFront says `Completed`."""
    from moto.cloudfront.exceptions import CloudFrontException
    from moto.cloudfront.models import CloudFrontBackend

    @around(CloudFrontBackend, "create_invalidation")
    def create(original: Any, self: Any, dist_id: str, paths: list[str], caller_ref: str) -> Any:
        self.get_distribution(dist_id)
        for one in self.invalidations.get(dist_id) or []:
            if one.caller_ref == caller_ref:
                if sorted(one.paths) != sorted(paths):
                    text = "Invalidation batch specified is already created with a different set of paths."
                    raise CloudFrontException("InvalidationBatchAlreadyExists", text)
                return one
        made = original(self, dist_id, paths, caller_ref)
        made.status = "Completed"
        # CloudFront lists the latest first.
        self.invalidations[dist_id].sort(key=lambda one: one.create_time, reverse=True)
        return made
