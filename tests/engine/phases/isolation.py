"""Runs commands where every packet that would leave this machine is counted, and none gets anywhere.

A program: `isolation.py REPORT ENDPOINT`, with the commands as a JSON list of lists on stdin. It enters a
network namespace with loopback and one more interface, whose default route goes nowhere, and runs them
there. Then it asks the emulator who asked it what, and proves that the counter counts. It talks to the
kernel itself, because a machine need not have `ip` or `unshare`.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

INTERFACE, PEER = "palier0", "palier1"
ADDRESS, GATEWAY, MASK = "10.255.77.1", "10.255.77.2", "255.255.255.0"
FAR = "198.51.100.1"  # of a network that is for documentation (RFC 5737)
# linux/sched.h, linux/sockios.h, linux/if.h, linux/rtnetlink.h, linux/if_link.h, linux/veth.h
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCADDRT, SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK = 0x890B, 0x8913, 0x8914, 0x8916, 0x891C
IFF_UP, IFF_NOARP, RTF_UP, RTF_GATEWAY = 0x1, 0x80, 0x1, 0x2
RTM_NEWLINK, NLM_F_REQUEST, NLM_F_ACK, NLM_F_EXCL, NLM_F_CREATE = 16, 0x1, 0x4, 0x200, 0x400
IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND, IFLA_INFO_DATA, VETH_INFO_PEER = 3, 18, 1, 2, 1
NO_IPV6 = Path("/proc/sys/net/ipv6/conf/default/disable_ipv6")
ETH_P_ALL, ETH_P_IP = 0x0003, 0x0800
CANNOT = 77  # exit code: this machine makes no network namespaces


def enter() -> None:
    """Enter a network namespace with loopback and `INTERFACE`. Raises OSError where that cannot be had."""
    user, group = os.getuid(), os.getgid()
    _unshare(CLONE_NEWNET if user == 0 else CLONE_NEWNET | CLONE_NEWUSER)
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1")
    _make_pair()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        _up(control, "lo")
        _up(control, PEER)
        for request, address in ((SIOCSIFADDR, ADDRESS), (SIOCSIFNETMASK, MASK)):
            fcntl.ioctl(control, request, struct.pack("16s16s8x", INTERFACE.encode(), _sockaddr(address)))
        # Without ARP a packet is sent at once, instead of waiting for an answer that never comes.
        _up(control, INTERFACE, IFF_NOARP)
        anywhere = _sockaddr("0.0.0.0")
        route = struct.pack(
            "@L16s16s16sHhLPhPLLH",
            *(0, anywhere, _sockaddr(GATEWAY), anywhere, RTF_UP | RTF_GATEWAY, 0, 0, 0, 0, 0, 0, 0, 0),
        )
        fcntl.ioctl(control, SIOCADDRT, route)


def _unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"unshare: {os.strerror(number)}")


def _make_pair() -> None:
    """Two interfaces joined to each other."""
    if NO_IPV6.exists():  # an interface that gives itself an IPv6 address sends packets about it
        NO_IPV6.write_text("1")
    peer = _attribute(VETH_INFO_PEER, bytes(16) + _attribute(IFLA_IFNAME, PEER.encode() + b"\0"))
    kind = _attribute(IFLA_INFO_KIND, b"veth") + _attribute(IFLA_INFO_DATA, peer)
    named = _attribute(IFLA_IFNAME, INTERFACE.encode() + b"\0")
    body = bytes(16) + named + _attribute(IFLA_LINKINFO, kind)
    flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.send(struct.pack("=IHHII", 16 + len(body), RTM_NEWLINK, flags, 1, 0) + body)
        (number,) = struct.unpack_from("=i", kernel.recv(65536), 16)
    if number != 0:
        raise OSError(-number, f"making a veth pair: {os.strerror(-number)}")


def _attribute(kind: int, payload: bytes) -> bytes:
    length = 4 + len(payload)
    return struct.pack("=HH", length, kind) + payload + bytes(-length % 4)


def _sockaddr(address: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def _up(control: socket.socket, name: str, more: int = 0) -> None:
    asked = struct.pack("16sH22x", name.encode(), 0)
    (flags,) = struct.unpack_from("=H", fcntl.ioctl(control, SIOCGIFFLAGS, asked), 16)
    fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", name.encode(), flags | IFF_UP | more))


def sent() -> int:
    """How many packets have left by `INTERFACE`."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, numbers = line.strip().partition(":")
        if name == INTERFACE:
            return int(numbers.split()[9])
    raise RuntimeError(f"there is no {INTERFACE}")


def listener() -> socket.socket:
    """A socket that keeps what leaves by `INTERFACE`, as much as its buffer holds."""
    kept = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    kept.bind((INTERFACE, ETH_P_ALL))
    kept.setblocking(False)
    return kept


def heard(kept: socket.socket) -> list[str]:
    """Where the kept packets were going: address, protocol, port."""
    found = []
    with contextlib.suppress(BlockingIOError):
        while True:
            packet, (_, kind, direction, *_) = kept.recvfrom(2048)
            if direction != socket.PACKET_OUTGOING:
                continue
            if kind != ETH_P_IP:
                found.append(f"ethertype {kind:#06x}")
                continue
            length, protocol = (packet[0] & 0xF) * 4, packet[9]
            (port,) = struct.unpack_from("!H", packet, length + 2)
            found.append(
                f"{socket.inet_ntoa(packet[16:20])} protocol {protocol} port {port}: {packet[length:][:60]!r}"
            )
    return found


def main(report: Path, endpoint: str) -> int:
    """Run the commands; the report holds their ends, the packets sent, and the emulator's requests."""
    try:
        enter()
    except OSError as error:
        print(error.strerror or error, file=sys.stderr)
        return CANNOT
    kept, before = listener(), sent()
    runs: list[dict[str, Any]] = []
    for command in json.load(sys.stdin):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        runs.append({"code": done.returncode, "text": done.stdout + done.stderr})
    packets, destinations = sent() - before, heard(kept)
    with build_opener(ProxyHandler({})).open(f"{endpoint}/palier-api/requests", timeout=60) as answer:
        requests = json.load(answer)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        control.sendto(b"counted", (FAR, 9))
    told = {
        "runs": runs,
        "packets": packets,
        "destinations": destinations,
        "counted": sent() - before - packets,
        "requests": requests,
    }
    report.write_text(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
