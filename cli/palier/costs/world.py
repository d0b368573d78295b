"""The resources that are priced together, and how one finds another that it hangs on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from palier.costs.model import UNKNOWN, Planned, Subject
from palier.costs.prices import PriceBook

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
DATABASE = "aws:rds/instance:Instance"


@dataclass(frozen=True)
class World:
    """Prices, and all resources that are known: those that are priced, and those of the other phases."""

    book: PriceBook
    resources: tuple[Planned, ...]

    def template_of(self, group: Planned) -> Planned | None:
        """The launch template of an autoscaling group.

        By its id; in a preview, where it has none yet, the one that has the same parent as the group.
        """
        wanted = group.get("launchTemplate", "id")
        templates = self._templates
        if wanted != UNKNOWN:
            return next((each for each in templates if each.id and each.id == wanted), None)
        beside = [each for each in templates if each.parent == group.parent and each.region == group.region]
        return beside[0] if len(beside) == 1 else None

    def source_of(self, replica: Planned) -> Planned | None:
        """The instance that a read replica follows, named by its identifier or by its ARN."""
        source = replica.get("replicateSourceDb")
        if not isinstance(source, str) or source == UNKNOWN:
            return None
        return self._databases.get(source.rpartition(":")[2])

    @cached_property
    def _templates(self) -> list[Planned]:
        return [each for each in self.resources if each.type == TEMPLATE]

    @cached_property
    def _databases(self) -> dict[str, Planned]:
        return {
            str(each.get("identifier", default="")): each for each in self.resources if each.type == DATABASE
        }


def world(book: PriceBook, *groups: Iterable[Planned]) -> World:
    """The world of all these resources; of two with one URN the first counts."""
    found: dict[str, Planned] = {}
    for group in groups:
        for each in group:
            found.setdefault(each.urn, each)
    return World(book, tuple(found.values()))


def subject(resource: Planned) -> Subject:
    """The subject that a resource's items are of."""
    return Subject(resource.name, resource.type, resource.region)
