"""The VPN's gateway: the peers of the people stack, on the machine that terminates the tunnels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from palier.console import Reporter
from palier.errors import InputError, OperationError
from palier.onboarding.settings import VpnSettings
from palier.workstation.operation import Done, Order, carry_out
from palier.workstation.target import Target

PLAYBOOK = "vpn-gateway.yml"
OUTPUT = "vpn_peers"
STACK = "people"


def variables(
    settings: VpnSettings, peers: Mapping[str, Any], *, first: bool = False, userspace: bool = False
) -> dict[str, Any]:
    """The role's variables. `first`: the gateway has no key yet, so none is held against the settings'.

    `userspace`: its kernel has no WireGuard.
    """
    return {
        "vpn_gateway_pool": settings.pool,
        "vpn_gateway_interface": settings.interface,
        "vpn_gateway_port": int(settings.endpoint.rpartition(":")[2]),
        "vpn_gateway_public_key": "" if first else settings.gateway_public_key,
        "vpn_gateway_peers": dict(peers),
        "vpn_gateway_userspace_implementation": "wireguard-go" if userspace else "",
    }


def settings_of(people: Any) -> VpnSettings:
    """The VPN's settings. Raises InputError where the environment has none."""
    if people.vpn is None:
        raise InputError("the environment has no VPN", key="people:vpn")
    found: VpnSettings = people.vpn
    return found


def peers_of(environment: str, report: Reporter) -> dict[str, Any]:
    """The peers that the people stack publishes; it may be none, where it stands.

    Raises OperationError where the stack does not stand: no peers would drop everybody.
    """
    from palier.phases import catalog
    from palier.phases.operations import look

    outputs = look(environment, report)(catalog.find(STACK)).state().outputs or {}
    if OUTPUT not in outputs:
        raise OperationError(
            f"the people stack of {environment} publishes no peers",
            left="the gateway was not touched",
            next_step=f"palier up {STACK} --env {environment}",
        )
    return dict(outputs[OUTPUT] or {})


def run(
    mode: str,
    target: Target,
    given: Mapping[str, Any],
    environment: str,
    password: str | None,
    report: Reporter,
) -> Done:
    """Plan or apply. Raises OperationError where Ansible cannot begin."""
    again = f"palier vpn gateway apply --host {target.name} --env {environment}"
    order = Order(mode, target, None, environment, 30.0, (), password, PLAYBOOK, given, again)
    return carry_out(order, report)
