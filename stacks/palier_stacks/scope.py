"""Who a resource belongs to: the names and tags that everything of a phase carries.

Whoever looks for what stands, by the AWS API and not by Pulumi's state, finds it by these tags; a bill is
split by them. `palier:name` is the Pulumi logical name, so that a resource found can be told from its twin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi

Component = Literal[
    "network", "security", "application", "database", "cache", "storage", "observability", "dns"
]


@dataclass(frozen=True, slots=True)
class Scope:
    """One phase of one platform in one environment. In later phases the names are outputs of foundation.

    `region` is set for what a phase makes in a further region: the same parts as at home, told apart by it.
    """

    phase: str
    environment: str
    platform: pulumi.Input[str]
    owner: pulumi.Input[str]
    cost_center: pulumi.Input[str]
    region: str | None = None

    def logical(self, name: str, *, short: str | None = None) -> str:
        """Pulumi's name of the resource `name`: itself, or with the region where there is one.

        Physical names are made from it, so that those which AWS has once per account (roles, buckets) carry
        the region. `short` stands in for `name` there where AWS takes 32 characters and no more.
        """
        return name if self.region is None else f"{short or name}-{self.region}"

    def tags(
        self, component: Component, name: str, **more: pulumi.Input[str]
    ) -> dict[str, pulumi.Input[str]]:
        """Tags of the resource whose logical name is `name`; `more` adds `palier:<key>` tags."""
        tags: dict[str, pulumi.Input[str]] = {
            "Name": self.name(name),
            "palier:platform": self.platform,
            "palier:phase": self.phase,
            "palier:environment": self.environment,
            "palier:component": component,
            "palier:name": name,
            "cost-center": self.cost_center,
            "owner": self.owner,
        }
        if self.region is not None:
            tags["palier:region"] = self.region
        return tags | {f"palier:{key}": value for key, value in more.items()}

    def name(self, name: str) -> pulumi.Input[str]:
        """`<platform>-<environment>-<name>`: a name people read, and one that no other stack uses."""
        if isinstance(self.platform, str):
            return f"{self.platform}-{self.environment}-{name}"
        return pulumi.Output.concat(self.platform, "-", self.environment, "-", name)

    def path(self, name: str) -> pulumi.Input[str]:
        """`/<platform>/<environment>/<name>`: where parameters stand in SSM."""
        if isinstance(self.platform, str):
            return f"/{self.platform}/{self.environment}/{name}"
        return pulumi.Output.concat("/", self.platform, "/", self.environment, "/", name)
