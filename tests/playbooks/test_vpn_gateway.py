"""The playbook of the WireGuard gateway, on a bare Debian, with a client whose tunnel is in use."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.playbooks import tools
from tests.playbooks.gateway import (
    AWA,
    BINTA,
    CHEIKH,
    CONFIGURATION,
    GATEWAY_ADDRESS,
    INTERFACE,
    POOL,
    PRIVATE_KEY,
    PROGRAM,
    Gateway,
    Run,
    as_running,
    key,
    peer,
)
from tests.playbooks.machine import Machine, running


@dataclass(frozen=True)
class Installed:
    """A gateway after its first runs, and what those did."""

    gateway: Gateway
    checked_before: Run
    first: Run
    second: Run


@pytest.fixture(scope="module")
def installed(debian: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    """A bare Debian that the playbook made a gateway of: in check mode, then for good, then again."""
    folder = tmp_path_factory.mktemp("gateway")
    with tempfile.TemporaryDirectory() as sockets, running(folder / "machine", debian) as machine:
        gateway = Gateway(machine, folder, sockets)
        checked = gateway.play(AWA | BINTA, "--check", "--diff")
        first = gateway.play(AWA | BINTA, "--diff", "-vv").succeeded()
        yield Installed(gateway, checked, first, gateway.play(AWA | BINTA))


@pytest.fixture
def gateway(installed: Installed) -> Gateway:
    """The gateway with the peers awa and binta."""
    gateway = installed.gateway
    if gateway.running_peers() != as_running(AWA | BINTA):
        gateway.play(AWA | BINTA).succeeded()
    return gateway


def test_the_first_run_makes_a_gateway_of_a_bare_debian(installed: Installed) -> None:
    machine = installed.gateway.machine

    assert installed.gateway.running_peers() == as_running(AWA | BINTA)
    assert f"inet {GATEWAY_ADDRESS}/24" in machine.enter("ip", "address", "show", "dev", INTERFACE)
    assert machine.enter("wg", "show", INTERFACE, "listen-port").strip() == "51820"
    assert machine.enter("cat", "/proc/sys/net/ipv4/ip_forward").strip() == "1"
    assert "net.ipv4.ip_forward = 1" in machine.enter("cat", "/etc/sysctl.d/60-palier-vpn-gateway.conf")
    # No systemd runs here, which the run says by what it leaves out.
    assert installed.first.result_of("at each boot, where systemd runs") == "skipping"
    assert installed.first.result_of("where no systemd runs") == "changed"


def test_the_second_run_changes_nothing(installed: Installed) -> None:
    assert installed.second.succeeded().changed() == []


def test_check_mode_on_a_bare_machine_says_what_it_would_install(installed: Installed) -> None:
    run = installed.checked_before.succeeded()

    assert "Would install wireguard-tools, iproute2, wireguard-go" in run.output
    assert [task.split(" : ")[-1] for task in run.changed()] == ["Say what check mode would install"]


def test_the_private_key_is_roots_alone_and_in_no_output(installed: Installed) -> None:
    machine = installed.gateway.machine
    private = machine.enter("cat", PRIVATE_KEY).strip()

    assert len(base64.b64decode(private, validate=True)) == 32
    assert machine.enter("stat", "--format=%U %a", PRIVATE_KEY, CONFIGURATION, "/etc/wireguard").split("\n")[
        :3
    ] == ["root 600", "root 600", "root 700"]
    assert private not in machine.enter("cat", CONFIGURATION)
    assert machine.enter("wg", "show", INTERFACE, "private-key").strip() == private
    loud = installed.gateway.play(AWA | BINTA | CHEIKH, "--diff", "-vvv").succeeded()
    for run in (installed.checked_before, installed.first, installed.second, loud):
        assert private not in run.output


def test_a_peer_who_joins_is_added_and_nothing_else_changes(gateway: Gateway) -> None:
    private = gateway.machine.enter("cat", PRIVATE_KEY)

    run = gateway.play(AWA | BINTA | CHEIKH, "-v").succeeded()

    assert gateway.running_peers() == as_running(AWA | BINTA | CHEIKH)
    assert [task.split(" : ")[-1] for task in run.changed()] == [
        "Write the configuration, if WireGuard takes it",
        "Apply the peers to the running interface, those who stay unharmed",
    ]
    assert set(re.findall(r'"([+-] \w+ .*?)"', run.output)) == {f"+ peer {key(9)} 10.90.0.9/32"}
    assert gateway.machine.enter("cat", PRIVATE_KEY) == private


def test_a_peer_who_left_is_removed_and_nothing_else_changes(gateway: Gateway) -> None:
    run = gateway.play(BINTA, "-v").succeeded()

    assert gateway.running_peers() == as_running(BINTA)
    assert set(re.findall(r'"([+-] \w+ .*?)"', run.output)) == {f"- peer {key(7)} 10.90.0.7/32"}


def test_a_gateway_without_peers_lets_nobody_in(gateway: Gateway) -> None:
    gateway.play({}).succeeded()

    assert gateway.running_peers() == {}


def test_a_peer_set_by_hand_is_removed_although_the_file_is_right(gateway: Gateway) -> None:
    gateway.machine.enter("wg", "set", INTERFACE, "peer", key(33), "allowed-ips", "10.90.0.33/32")

    told = gateway.play(AWA | BINTA, "--check", "-v").succeeded()
    assert f"- peer {key(33)} 10.90.0.33/32" in told.output
    assert key(33) in gateway.running_peers()

    gateway.play(AWA | BINTA).succeeded()

    assert gateway.running_peers() == as_running(AWA | BINTA)


def test_an_interface_that_somebody_took_down_comes_up_again(gateway: Gateway) -> None:
    gateway.machine.enter("wg-quick", "down", INTERFACE)

    gateway.play(AWA | BINTA).succeeded()

    assert gateway.running_peers() == as_running(AWA | BINTA)


def test_check_mode_with_diff_shows_the_peer_and_changes_nothing(gateway: Gateway) -> None:
    before = gateway.state()

    run = gateway.play(AWA | CHEIKH, "--check", "--diff").succeeded()

    assert f"+PublicKey = {key(9)}" in run.output
    assert f"-PublicKey = {key(8)}" in run.output
    assert gateway.state() == before


# By login: what is wrong with the peer, and what is said of it.
WRONG_PEERS: dict[str, tuple[dict[str, str], str]] = {
    "short": (peer(20) | {"public_key": "nonsense"}, "nonsense is no WireGuard key"),
    "bits": (peer(21) | {"public_key": key(21)[:-2] + "B="}, f"{key(21)[:-2]}B= is no WireGuard key"),
    "outside": (peer(22) | {"allowed_ips": "10.91.0.9/32"}, "10.91.0.9/32 is no client's address of {POOL}"),
    "own": (peer(23) | {"allowed_ips": "10.90.0.1/32"}, "10.90.0.1/32 is no client's address of {POOL}"),
    "last": (
        peer(24) | {"allowed_ips": "10.90.0.255/32"},
        "10.90.0.255/32 is no client's address of {POOL}",
    ),
    "all": (peer(25) | {"allowed_ips": "0.0.0.0/0"}, "0.0.0.0/0 is not one IPv4 address, like 10.90.0.7/32"),
    "octet": (peer(26) | {"allowed_ips": "10.90.0.300/32"}, "10.90.0.300/32 is not one IPv4 address"),
    "twice": (peer(27) | {"public_key": key(7)}, f"{key(7)} is also awa's"),
    "here": (peer(28) | {"allowed_ips": "10.90.0.7/32"}, "10.90.0.7/32 is also awa's"),
    "half": ({"public_key": key(29)}, "has to be a mapping of public_key and allowed_ips"),
    "more": (peer(30) | {"preshared_key": "x"}, "has to be a mapping of public_key and allowed_ips"),
}


def test_peers_that_are_not_right_are_all_named_before_anything_is_applied(gateway: Gateway) -> None:
    before = gateway.state()
    wrong = {login: each for login, (each, _) in WRONG_PEERS.items()}

    run = gateway.play(AWA | CHEIKH | wrong | {"cheikh\nPostUp = x": peer(31)})

    assert run.returncode == 2, run.output
    told = re.search(r'"msg": (".*")', run.output)
    assert told, run.output
    said = json.loads(told[1]).splitlines()
    for login, (_, what) in WRONG_PEERS.items():
        start = f"vpn_gateway_peers.{login}: {what.format(POOL=POOL)}"
        assert any(line.startswith(start) for line in said), f"{start} in {said}"
    assert 'vpn_gateway_peers: "cheikh\\nPostUp = x" is no login: letters, digits, - and _' in said
    assert len(said) == len(WRONG_PEERS) + 1
    assert run.changed() == []
    assert gateway.state() == before
    assert gateway.running_peers() == as_running(AWA | BINTA)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"pool": "10.90.0.5/24", "port": 65536, "interface": "sixteen-letters-"},
            [
                "10.90.0.5/24 is an address within a network, not the network",
                "vpn_gateway_port: 65536 is not between 1 and 65535",
                "sixteen-letters- names no interface: at most 15",
            ],
        ),
        ({"pool": "10.90.0.0/31"}, ["10.90.0.0/31 is no IPv4 network of /30 or larger"]),
    ],
)
def test_settings_that_are_not_right_are_refused(
    gateway: Gateway, variables: dict[str, object], said: list[str]
) -> None:
    run = gateway.play({}, **variables)

    assert run.returncode == 2, run.output
    for each in said:
        assert each in run.output
    assert gateway.running_peers() == as_running(AWA | BINTA)


def test_forgotten_peers_are_not_taken_for_none(gateway: Gateway) -> None:
    run = gateway.play(None)

    assert run.returncode == 2, run.output
    assert "missing required arguments: vpn_gateway_peers" in run.output
    assert gateway.running_peers() == as_running(AWA | BINTA)


def test_a_file_that_wireguard_does_not_take_whole_is_not_written(gateway: Gateway) -> None:
    bad = "/opt/candidate"
    (gateway.machine.root / "opt/candidate").write_text(
        "[Interface]\nListenPort = 1\n[Peer]\nPublicKey = x\n"
    )

    refused = gateway.machine.enter("sh", "-c", f"{PROGRAM} check {INTERFACE} {bad} 2>&1 || echo refused")

    assert "Key is not the correct length or format: `x'" in refused
    assert refused.endswith("refused\n")
    gateway.machine.enter(PROGRAM, "check", INTERFACE, CONFIGURATION)


def test_a_gateway_whose_key_is_not_what_clients_are_told_is_refused_with_its_key(gateway: Gateway) -> None:
    own = gateway.machine.enter("wg", "show", INTERFACE, "public-key").strip()

    refused = gateway.play(AWA, public_key=key(40))
    taken = gateway.play(AWA | BINTA, public_key=own)

    assert refused.returncode == 2
    assert f"The gateway's public key is {own}, and clients are told {key(40)}" in refused.output
    assert taken.succeeded().changed() == []
    as_peer = gateway.play(AWA | {"cheikh": peer(9) | {"public_key": own}})
    assert "The public key of cheikh is the gateway's own" in as_peer.output
    assert gateway.running_peers() == as_running(AWA | BINTA)


def test_forwarding_is_the_kernels_own_matter_where_it_is_not_asked_for(gateway: Gateway) -> None:
    run = gateway.play(AWA | BINTA, forward=False).succeeded()

    assert [task.split(" : ")[-1] for task in run.changed()] == ["Leave forwarding to others"]
    assert gateway.machine.enter("cat", "/proc/sys/net/ipv4/ip_forward").strip() == "1"
    gateway.machine.enter("sh", "-c", "echo 0 >/proc/sys/net/ipv4/ip_forward")
    assert gateway.play(AWA | BINTA, forward=False).succeeded().changed() == []
    assert gateway.machine.enter("cat", "/proc/sys/net/ipv4/ip_forward").strip() == "0"
    gateway.play(AWA | BINTA).succeeded()
    assert gateway.machine.enter("cat", "/proc/sys/net/ipv4/ip_forward").strip() == "1"


def test_a_pool_and_a_port_are_changed_without_taking_the_interface_down(gateway: Gateway) -> None:
    machine = gateway.machine
    number = machine.enter("ip", "-o", "link", "show", "dev", INTERFACE).split(":")[0]

    moved = {"awa": peer(7) | {"allowed_ips": "10.91.0.7/32"}}
    gateway.play(moved, pool="10.91.0.0/16", port=51821).succeeded()

    addresses = machine.enter("ip", "-4", "-o", "address", "show", "dev", INTERFACE)
    assert re.findall(r"inet (\S+)", addresses) == ["10.91.0.1/16"]
    assert machine.enter("wg", "show", INTERFACE, "listen-port").strip() == "51821"
    assert gateway.running_peers() == as_running(moved)
    assert machine.enter("ip", "-o", "link", "show", "dev", INTERFACE).split(":")[0] == number


class Client:
    """A person's machine: a network of its own within the gateway's machine, joined by a cable."""

    NETWORK = "client"
    CABLE = "192.0.2"

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.key = machine.enter("sh", "-c", "umask 077; wg genkey | tee /opt/client.key | wg pubkey").strip()

    def connect(self, gateway_key: str, address: str) -> None:
        """Set up the cable and the tunnel."""
        setup = f"""set -e
            ip netns add {self.NETWORK}
            ip link add cable0 type veth peer name cable1 netns {self.NETWORK}
            ip address add {self.CABLE}.1/24 dev cable0
            ip link set cable0 up
            inside() {{ nsenter --net=/run/netns/{self.NETWORK} "$@"; }}
            inside ip address add {self.CABLE}.2/24 dev cable1
            inside ip link set cable1 up
            inside wireguard-go client0
            wg set client0 private-key /opt/client.key peer {gateway_key} \\
                endpoint {self.CABLE}.1:51820 allowed-ips {POOL}
            inside ip address add {address}/24 dev client0
            inside ip link set client0 up"""
        self._machine.enter("sh", "-c", setup)

    def disconnect(self) -> None:
        """Take all of it away."""
        self._machine.enter(
            "sh", "-c",
            f"nsenter --net=/run/netns/{self.NETWORK} ip link del client0; ip netns del {self.NETWORK}",
        )  # fmt: skip

    def ping(self, address: str) -> subprocess.Popen[str]:
        """Ping without end, ten times a second."""
        inside = ["nsenter", "-t", str(self._machine.pid), "-m", "-n", "-p", "-r", "-w"]
        command = ["nsenter", f"--net=/run/netns/{self.NETWORK}", "ping", "-i", "0.1", "-W", "2", address]
        return subprocess.Popen(
            [*inside, *command],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env=tools.environment(),
        )


def _lost(ping: subprocess.Popen[str]) -> tuple[int, int]:
    """End the ping; how many were sent, and how many of them got no answer."""
    os.killpg(ping.pid, signal.SIGINT)
    said = ping.communicate(timeout=30)[0]
    found = re.search(r"(\d+) packets transmitted, (\d+) received", said)
    assert found, said
    return int(found[1]), int(found[1]) - int(found[2])


def test_who_stays_loses_no_packet_while_others_join_and_leave(gateway: Gateway) -> None:
    machine = gateway.machine
    machine.enter("sh", "-c", "apt-get -qq install --no-install-recommends iputils-ping >/dev/null 2>&1")
    client = Client(machine)
    fatou = {"fatou": {"public_key": client.key, "allowed_ips": "10.90.0.20/32"}}
    gateway.play(fatou | AWA).succeeded()
    client.connect(machine.enter("wg", "show", INTERFACE, "public-key").strip(), "10.90.0.20")

    def shown(what: str) -> list[int]:
        lines = machine.enter("wg", "show", INTERFACE, what).splitlines()
        return next([int(each) for each in line.split()[1:]] for line in lines if client.key in line)

    try:
        ping = client.ping(GATEWAY_ADDRESS)
        try:
            gateway.play(fatou | AWA | BINTA).succeeded()
            shook_at, moved = shown("latest-handshakes"), shown("transfer")
            assert shook_at[0] > 0
            gateway.play(fatou | BINTA | CHEIKH).succeeded()
            gateway.play(fatou).succeeded()
            assert gateway.running_peers() == as_running(fatou)
            assert shown("latest-handshakes") == shook_at
            assert all(now > before for now, before in zip(shown("transfer"), moved, strict=True))
        finally:
            sent, lost = _lost(ping)
        assert sent > 50
        assert lost == 0, f"{lost} of {sent}"
        # And who leaves is out: the same tunnel carries nothing any more.
        gateway.play(AWA).succeeded()
        out = machine.enter(
            "nsenter", f"--net=/run/netns/{Client.NETWORK}", "ping", "-c", "2", "-W", "1", GATEWAY_ADDRESS,
            check=False,
        )  # fmt: skip
        assert "0 received" in out
    finally:
        client.disconnect()
