"""The gateway's playbook where systemd runs: the interface is a unit's, and comes up at each boot."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.playbooks.gateway import AWA, BINTA, CHEIKH, INTERFACE, Gateway, as_running, key
from tests.playbooks.machine import running
from tests.playbooks.systemd import booted

UNIT = f"wg-quick@{INTERFACE}"


def test_where_systemd_runs_the_interface_is_a_units_and_its_peers_change_alive(
    debian: Path, tmp_path: Path
) -> None:
    with (
        tempfile.TemporaryDirectory() as sockets,
        running(tmp_path / "machine", debian) as machine,
        booted(machine) as system,
    ):
        gateway = Gateway(machine, tmp_path, sockets, system.ssh_proxy)

        def started_at() -> str:
            return system.run("systemctl", "show", "--property=ActiveEnterTimestampMonotonic", UNIT)

        def peers() -> dict[str, str]:
            lines = system.run("wg", "show", INTERFACE, "allowed-ips").splitlines()
            return dict(line.split("\t") for line in lines)

        # As a machine whose tools came before the playbook did.
        system.run(
            "apt-get", "-qq", "install", "--no-install-recommends", "iproute2", "wireguard-tools",
            "wireguard-go",
        )  # fmt: skip
        told = gateway.play(AWA | BINTA, "--check", "--diff").succeeded()
        assert told.result_of("Make the gateway's private key, once") == "changed"
        assert system.run("wg", "show", "interfaces").strip() == ""

        first = gateway.play(AWA | BINTA).succeeded()
        assert first.result_of("where no systemd runs") == "skipping"
        assert system.run("systemctl", "is-enabled", UNIT).strip() == "enabled"
        assert system.run("systemctl", "is-active", UNIT).strip() == "active"
        assert peers() == as_running(AWA | BINTA)
        assert gateway.play(AWA | BINTA).succeeded().changed() == []

        started = started_at()
        gateway.play(BINTA | CHEIKH).succeeded()
        assert peers() == as_running(BINTA | CHEIKH)
        assert started_at() == started

        # A reload brings back what the file says, and leaves the gateway its key.
        public = system.run("wg", "show", INTERFACE, "public-key")
        system.run("wg", "set", INTERFACE, "peer", key(33), "allowed-ips", "10.90.0.33/32")
        system.run("systemctl", "reload", UNIT)
        assert peers() == as_running(BINTA | CHEIKH)
        assert system.run("wg", "show", INTERFACE, "public-key") == public

        # The unit still counts as started, without its interface.
        system.run("ip", "link", "delete", INTERFACE)
        gateway.play(BINTA | CHEIKH).succeeded()
        assert peers() == as_running(BINTA | CHEIKH)
