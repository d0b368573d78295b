"""What the people stack's settings say of the part that Pulumi has no resource for.

`stacks/people` reads them as sections of its `Pulumi.<env>.yaml`, so that an environment has one file.
Nothing secret stands in them: tokens come from the environment variables that `github` and `slack` name.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from palier.capacity.sections import Section, refuse
from palier.onboarding.models import Names, PublicKey, Repository

# The source's "Temps d'exécution < 30 minutes".
BUDGET_MINUTES = 30
_ENDPOINT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?:(\d{1,5})")
# The kernel's rule of an interface's name (IFNAMSIZ 16 with its end), without what a shell would mind.
_INTERFACE = re.compile(r"[A-Za-z0-9_=+.-]{1,15}")


def _network(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError as error:
        raise refuse(f"{value!r} is no IPv4 network: {error}", allowed="like 10.90.0.0/24") from None
    return value


def _address(value: str) -> str:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        raise refuse(f"{value!r} is no IPv4 address", allowed="like 10.90.0.1") from None
    return value


def _endpoint(value: str) -> str:
    found = _ENDPOINT.fullmatch(value)
    if not found or not 1 <= int(found[1]) <= 65535:
        raise refuse(f"{value!r} is no endpoint", allowed="host:port, like vpn.jobo.example:51820")
    return value


def _interface(value: str) -> str:
    if not _INTERFACE.fullmatch(value):
        raise refuse(
            f"{value!r} cannot name an interface", allowed="at most 15 of letters, digits, _ = + . -"
        )
    return value


Network = Annotated[str, AfterValidator(_network)]
Address = Annotated[str, AfterValidator(_address)]


class SlackSettings(Section):
    """How people come into the Slack workspace."""

    invite: Literal["scim", "admin", "by-hand"] = Field(
        default="by-hand",
        description="By SCIM (Business+ and Enterprise), by the admin API (Enterprise), or by a person.",
    )
    invite_link: str = Field(
        default="https://slack.com/admin/invites",
        description="Where a person invites by hand; told with the step that waits for it.",
    )
    team_id: str | None = Field(
        default=None, description="The workspace's id, which the admin API asks for.", pattern=r"^T[A-Z0-9]+$"
    )

    @model_validator(mode="after")
    def _admin_needs_team(self) -> SlackSettings:
        if self.invite == "admin" and self.team_id is None:
            raise refuse("the admin API invites into a workspace: its id is missing", at="team_id")
        return self


class VpnSettings(Section):
    """The WireGuard gateway, the pool of its clients, and what each network of the teams reaches."""

    pool: Network = Field(description="Addresses of the clients; the first one is the gateway's.")
    endpoint: Annotated[str, AfterValidator(_endpoint)] = Field(description="The gateway's host:port.")
    gateway_public_key: PublicKey = Field(description="The gateway's public key.")
    networks: dict[str, list[Network]] = Field(description="By the name that teams give: what it reaches.")
    dns: list[Address] = Field(default=[], description="Name servers inside.")
    interface: Annotated[str, AfterValidator(_interface)] = Field(
        default="palier0", description="The client's interface."
    )
    # wg(8): "a sensible interval that works with a wide variety of firewalls is 25 seconds".
    keepalive_seconds: int = Field(default=25, ge=0, le=65535, description="0: none.")

    @model_validator(mode="after")
    def _room(self) -> VpnSettings:
        if ipaddress.IPv4Network(self.pool).num_addresses < 4:
            raise refuse(
                f"{self.pool} has no room for a client", allowed="a network of /30 or larger", at="pool"
            )
        return self


class WorkSettings(Section):
    """First task, path and budget."""

    budget_minutes: int = Field(default=BUDGET_MINUTES, ge=1, le=240, description="For one run.")
    checklist_repository: Repository = Field(description="Where each newcomer's checklist is an issue.")
    # Labels by size, smallest first: what is not labelled comes after, by the length of its text.
    sizes: Names = Field(
        default=["size/XS", "size/S", "size/M", "size/L", "size/XL"],
        description="Labels that tell an issue's size, smallest first.",
    )
    stale_days: int = Field(
        default=180, ge=1, description="An issue that nobody touched for so long goes behind the others."
    )
