"""WireGuard for people: a key pair on their machine, an address of the pool, and the client's configuration.

The private key is made on the person's machine, in a file that they alone can read, and leaves it never: the
configuration names the file (`PostUp`), so that it can be shown and kept without a secret in it.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path
from shutil import which

from palier.errors import InputError, OperationError
from palier.onboarding.models import Person
from palier.onboarding.roster import Roster
from palier.onboarding.roster_files import alone, set_key
from palier.onboarding.settings import VpnSettings

PRIVATE_KEY = "private.key"


def public_key(folder: Path) -> str | None:
    """The public key of this machine's private key, None where there is none yet.

    Raises InputError for a file that is no private key, OperationError where others can read it.
    """
    file = folder / PRIVATE_KEY
    if not file.exists():
        return None
    if file.stat().st_mode & 0o077:
        raise OperationError(f"others can read the private key {file}", next_step=f"chmod 600 {file}")
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    try:
        private = X25519PrivateKey.from_private_bytes(
            base64.b64decode(file.read_text(encoding="ascii"), validate=False)
        )
    except ValueError:
        raise InputError(
            "is no WireGuard private key", file=file, allowed="move it away, and `palier vpn key` makes one"
        ) from None
    return base64.b64encode(private.public_key().public_bytes_raw()).decode()


def make_key(folder: Path) -> str:
    """This machine's public key, made where there is none. A kill leaves none or a whole one."""
    known = public_key(folder)
    if known is not None:
        return known
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode() + "\n"
    new = folder / f".{PRIVATE_KEY}.{os.getpid()}"
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.link(new, folder / PRIVATE_KEY)  # never over one that somebody else made meanwhile
    except FileExistsError:
        pass
    finally:
        new.unlink(missing_ok=True)
    made = public_key(folder)
    assert made is not None
    return made


def free_address(settings: VpnSettings, taken: Iterable[str]) -> str:
    """The pool's first address that is neither the gateway's nor taken. OperationError where it is full."""
    used = set(taken)
    hosts = ipaddress.IPv4Network(settings.pool).hosts()
    next(hosts)  # the gateway's own
    for host in hosts:
        if str(host) not in used:
            return str(host)
    raise OperationError(
        f"the VPN's pool {settings.pool} is full: {len(used)} addresses are taken",
        next_step="widen people:vpn.pool, or offboard who has left",
    )


def outside_pool(settings: VpnSettings, address: str) -> bool:
    """Whether a client may not have this address."""
    pool = ipaddress.IPv4Network(settings.pool)
    given = ipaddress.IPv4Address(address)
    return given not in pool or given in (pool.network_address, pool.broadcast_address, gateway(settings))


def gateway(settings: VpnSettings) -> ipaddress.IPv4Address:
    """The gateway's own address: the first of the pool."""
    return next(ipaddress.IPv4Network(settings.pool).hosts())


def take_place(roster: Roster, login: str, settings: VpnSettings, key: str | None = None) -> None:
    """Write the person's key (where one is given) and address into their file: the first free one, once.

    Raises OperationError where the pool is full, InputError where the roster is not whole.
    """
    from palier.onboarding.roster import load

    with alone(roster.folder):
        now = load(roster.folder)  # what others took meanwhile
        person = now.people[login]
        known = person.vpn.public_key if person.vpn else None
        public = key or known
        if public is None:
            raise OperationError(
                f"{login} has no VPN key yet", next_step=f"{login} runs: palier vpn key {login}"
            )
        taken = [each.vpn.address for each in now.people.values() if each.vpn and each.vpn.address]
        address = (person.vpn.address if person.vpn else None) or free_address(settings, taken)
        if person.vpn and person.vpn.address == address and known == public:
            return
        written = f"{{public_key: {json.dumps(public)}, address: {address}}}"
        set_key(now.file_of(login), "vpn", written)


def routes(settings: VpnSettings, networks: Iterable[str]) -> list[str]:
    """What a client reaches by its networks' names, each once, in the order of the settings.

    Raises InputError for a network that the settings do not have.
    """
    wanted = list(networks)
    for name in wanted:
        if name not in settings.networks:
            raise InputError(
                f"no VPN network {name!r}", key="vpn_networks", allowed=", ".join(settings.networks) or "none"
            )
    found = [cidr for name, cidrs in settings.networks.items() if name in wanted for cidr in cidrs]
    return list(dict.fromkeys([f"{gateway(settings)}/32", *found]))


def peer(settings: VpnSettings, person: Person) -> dict[str, str] | None:
    """The person as the gateway's peer, None without a key and an address."""
    if person.vpn is None or person.vpn.address is None:
        return None
    return {"public_key": person.vpn.public_key, "allowed_ips": f"{person.vpn.address}/32"}


def client_config(settings: VpnSettings, person: Person, networks: Iterable[str], folder: Path) -> str:
    """The text of the client's configuration for wg-quick(8). Holds no secret."""
    if person.vpn is None or person.vpn.address is None:
        raise OperationError(
            f"{person.name} has no place in the VPN yet", next_step="palier onboard apply LOGIN"
        )
    dns = [f"DNS = {', '.join(settings.dns)}"] if settings.dns else []
    alive = [f"PersistentKeepalive = {settings.keepalive_seconds}"] if settings.keepalive_seconds else []
    lines = [
        f"# {person.name}. The private key stays in its file on this machine.",
        "[Interface]",
        f"Address = {person.vpn.address}/32",
        *dns,
        f"PostUp = wg set %i private-key '{folder / PRIVATE_KEY}'",
        "",
        "[Peer]",
        f"PublicKey = {settings.gateway_public_key}",
        f"Endpoint = {settings.endpoint}",
        f"AllowedIPs = {', '.join(routes(settings, networks))}",
        *alive,
    ]
    return "\n".join(lines) + "\n"


def write_key(roster: Roster, login: str, public: str) -> Path | None:
    """Put a public key into the person's file, whose address stays. Returns the file, None if it had the key.

    Raises InputError where the key is somebody else's.
    """
    with alone(roster.folder):
        from palier.onboarding.roster import load

        now = load(roster.folder)
        known = now.people[login].vpn
        if known is not None and known.public_key == public:
            return None
        for other, person in now.people.items():
            if person.vpn is not None and person.vpn.public_key == public:
                raise InputError(
                    f"this machine's key is {other}'s", file=now.file_of(other), key="vpn.public_key"
                )
        address = f", address: {known.address}" if known is not None and known.address else ""
        set_key(now.file_of(login), "vpn", f"{{public_key: {json.dumps(public)}{address}}}")
        return now.file_of(login)


def write_config(
    roster: Roster, login: str, settings: VpnSettings | None, folder: Path, file: Path | None
) -> tuple[Path, bool]:
    """Write the client's configuration, for its user alone. Returns the file and whether it changed.

    Raises InputError where there is no VPN, OperationError where the key is not this machine's.
    """
    from palier.capacity import whole_files

    person = roster.people[login]
    if settings is None:
        raise InputError("the environment has no VPN", key="people:vpn")
    if person.vpn is None or public_key(folder) != person.vpn.public_key:
        raise OperationError(
            f"the roster's key of {login} is not this machine's", next_step=f"palier vpn key {login}"
        )
    target = file or folder / f"{settings.interface}.conf"
    text = client_config(settings, person, roster.teams[person.team].vpn_networks, folder)
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return target, False
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole_files.replace(target, text)
    target.chmod(0o600)
    return target, True


def config_problem(file: Path) -> str | None:
    """What wg-quick says against a configuration, None where it takes it.

    Raises OperationError where wg-quick is not there to ask.
    """
    program = which("wg-quick")
    if program is None:
        raise OperationError("wg-quick is not installed", next_step="install wireguard-tools")
    asked = subprocess.run(
        [program, "strip", str(file)], capture_output=True, text=True, timeout=20, check=False
    )
    if asked.returncode == 0:
        return None
    return (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
