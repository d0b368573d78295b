"""The person's place in the VPN: a key of their machine, an address, a peer for the gateway."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shutil import which

from palier.onboarding import vpn
from palier.onboarding.settings import VpnSettings
from palier.onboarding.steps.base import Case, Found, Proof, Step, Told, done, missing, pending, unasked
from palier.paths import vpn_dir


def asked_for(case: Case) -> VpnSettings | None:
    """The VPN's settings where the environment has one and the team's people reach a network of it."""
    return case.reach.vpn_settings if case.team.vpn_networks else None


class VpnPlace(Step):
    """Key and address in the person's file."""

    name = "vpn"
    title = "VPN"
    group = "vpn"
    after = ("machine-key",)
    what = (
        "Take the public key that the person's machine made, and the first free address of the pool, into "
        "the person's file. The private key never leaves the machine."
    )
    proof = (
        "The file has key and address, and wg-quick takes the client's configuration where it is installed."
    )

    def check(self, case: Case) -> Found:
        """Key and address in the file, the address in the pool."""
        settings = asked_for(case)
        if settings is None:
            return unasked("no VPN for this team")
        place = case.person.vpn
        key = case.facts.get("machine_key")
        if case.here:
            key = vpn.public_key(vpn_dir(case.reach.environment))
        if place is None and key is None:
            if case.here:
                return missing(
                    "no key yet", f"make a key in {vpn_dir(case.reach.environment)}", "take an address"
                )
            return pending(
                "no public key in the person's file", f"{case.login} runs: palier vpn key {case.login}"
            )
        if place is None or place.address is None or (key is not None and key != place.public_key):
            return missing("key or address not in the file", f"write vpn: into {case.login}.yaml")
        case.facts["vpn_address"] = place.address
        return done(f"{place.address}, key {place.public_key[:8]}…")

    def apply(self, case: Case, told: Told) -> None:
        """Write the place; on the person's own machine, make its key first."""
        settings = asked_for(case)
        assert settings is not None
        key = case.facts.get("machine_key")
        if case.here:
            key = vpn.make_key(vpn_dir(case.reach.environment))
        vpn.take_place(case.roster, case.login, settings, key)
        case.reach.read_again()

    def verify(self, case: Case) -> Found:
        """The file again, and the configuration that follows from it."""
        found, settings = self.check(case), asked_for(case)
        if not found.good or settings is None:
            return found
        text = vpn.client_config(
            settings, case.person, case.team.vpn_networks, vpn_dir(case.reach.environment)
        )
        if which("wg-quick") is None:
            return done(f"{found.says}; wg-quick is not here to check the configuration")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"{settings.interface}.conf"
            file.write_text(text, encoding="utf-8")
            problem = vpn.config_problem(file)
        return missing(f"wg-quick refuses the configuration: {problem}") if problem else found


class VpnPeer(Proof):
    """The person among the peers that the people stack publishes."""

    name = "vpn-peer"
    title = "VPN gateway"
    service = "people stack"
    group = "vpn"
    what = "Publish the person's public key and address as an output of the people stack, for the gateway."
    proof = "The stack's output vpn_peers has exactly this key and address."
    needs = ("vpn", "accounts")

    def check(self, case: Case) -> Found:
        """The stack's output."""
        settings = asked_for(case)
        if settings is None:
            return unasked("no VPN for this team")
        wanted = vpn.peer(settings, case.person)
        peers = case.reach.outputs().get("vpn_peers") or {}
        if wanted is not None and peers.get(case.login) == wanted:
            return done(f"published: {wanted['allowed_ips']}")
        return missing("not among the published peers", "bring the people stack up")

    def prepare(self, case: Case) -> None:
        """Outputs that were read before the stack came up say nothing."""
        case.reach.forget_outputs()
