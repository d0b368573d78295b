"""A machine for the tests: a bare Debian 12 in namespaces of its own, reached over real SSH on loopback.

It has its own processes, mounts and network (user-mode, by slirp4netns: nothing of the host's network is
touched), and ends with the process that started it, so that no mount and no process stays behind.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from palier.paths import cache_dir

from tests.playbooks import tools

ALLOW_NONE = "PALIER_ALLOW_NO_CHROOT"
USER = "awa"
RELEASE = "bookworm"
INCLUDED = "python3,openssh-server,sudo,ca-certificates"
_CERTIFICATES = Path("/usr/local/share/ca-certificates")
_INIT = Path(__file__).with_name("init.sh")
_NAMESERVER = "10.0.2.3"  # slirp4netns's own


class NoMachine(Exception):
    """No machine can be made here; says why."""


@dataclass
class Machine:
    """A machine that runs. `root` is its file system as the host sees it, but for what it mounts itself."""

    root: Path
    port: int
    key: Path
    pid: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    user: str = USER

    @property
    def address(self) -> str:
        """As --host takes it."""
        return f"{self.user}@127.0.0.1:{self.port}"

    @property
    def home(self) -> Path:
        """The user's home."""
        return self.root / "home" / self.user

    def ssh(
        self, command: str, *, check: bool = True, timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the user, over SSH."""
        options = [f"-o{each}" for each in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null",
                                            "LogLevel=ERROR", "BatchMode=yes")]  # fmt: skip
        ssh = str(tools.find_or_get()["ssh"])
        done = subprocess.run(
            [ssh, "-i", str(self.key), "-p", str(self.port), *options, f"{self.user}@127.0.0.1", command],
            capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def enter(self, *command: str, check: bool = True) -> str:
        """Run a command as root in the machine, past SSH and network."""
        entered = ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "-r", "-w", *command]
        done = subprocess.run(entered, capture_output=True, text=True, timeout=300, env=tools.environment())
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def share(self, folder: Path) -> None:
        """Show a folder of the host at its own place in the machine, to everybody there."""
        inside = self.root / folder.relative_to("/")
        above = [each for each in reversed(folder.parents) if each != Path("/")]
        inside.mkdir(parents=True, exist_ok=True)
        self.enter("chmod", "a+rx", *map(str, above))
        subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", "mount", "--bind", str(folder), str(inside)],
            check=True, timeout=20, env=tools.environment(),
        )  # fmt: skip

    def cut_network(self) -> None:
        """No packet leaves the machine any more; SSH from the host goes on."""
        self._route("replace", "unreachable", "default")

    def mend_network(self) -> None:
        """Packets leave again."""
        self._route("del", "unreachable", "default")
        self._route("replace", "default", "via", "10.0.2.2", "dev", "tap0")

    def _route(self, *arguments: str) -> None:
        subprocess.run(
            ["nsenter", "-t", str(self.pid), "-n", "ip", "route", *arguments],
            check=True,
            timeout=20,
            env=tools.environment(),
        )

    def kill(self) -> None:
        """End every process of the machine; its namespaces go with them."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.processes[0].wait(timeout=10)  # which reaps the first process, and ends with it
        for process in self.processes:
            process.kill()
            process.wait(timeout=20)


def power_cycle(machine: Machine) -> None:
    """Cut its power, and start it again from the disk as it was then."""
    machine.kill()
    again = _start(machine.root.parent, machine.root, machine.key, None)
    machine.port, machine.pid, machine.processes = again.port, again.pid, again.processes


def why_not() -> str | None:
    """Why no machine can be made here; None where one can."""
    if os.geteuid() != 0:
        return "making a machine needs root: debootstrap, namespaces, mounts"
    for program in ("unshare", "nsenter", "setpriv", "chroot", "ip", "mount"):
        if not shutil.which(program, path=tools.search_path()):
            return f"no {program} on PATH (util-linux, iproute2)"
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun for the machine's network"
    tried = subprocess.run(
        ["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
        capture_output=True, text=True, timeout=30, env=tools.environment(),
    )  # fmt: skip
    return None if tried.returncode == 0 else f"no namespaces or mounts: {tried.stderr.strip()}"


def base() -> Path:
    """The bare Debian, made once and kept in the user's cache. Raises NoMachine, NoTools."""
    if reason := why_not():
        raise NoMachine(reason)
    recipe = "\n".join([RELEASE, INCLUDED, *(file.read_text() for file in _certificates())])
    place = cache_dir() / "machines" / f"{RELEASE}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    if (place / "root").is_dir():
        return place / "root"
    found = tools.find_or_get()
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    making = place / "making"
    made = subprocess.run(
        [str(found["debootstrap"]), "--variant=minbase", f"--include={INCLUDED}",
         f"--keyring={tools.keyring()}", RELEASE, str(making)],
        capture_output=True, text=True, timeout=900, env=tools.environment(),
    )  # fmt: skip
    if made.returncode != 0:
        raise NoMachine(f"debootstrap: {' '.join(made.stdout.strip().splitlines()[-2:])}")
    _furnish(making)
    making.rename(place / "root")  # last: a run that was killed before begins again
    return place / "root"


def main() -> None:
    """Make the bare Debian, or say why there is none: the tests fail by themselves then."""
    try:
        print(base())
    except (NoMachine, tools.NoTools) as error:
        print(f"none can be made: {error}")


def _certificates() -> list[Path]:
    """Authorities that this machine's owner added: what its network asks for, the new one's asks for too."""
    return sorted(_CERTIFICATES.glob("*.crt")) if _CERTIFICATES.is_dir() else []


def _furnish(root: Path) -> None:
    for file in _certificates():
        shutil.copy(file, root / _CERTIFICATES.relative_to("/"))
    _chroot(root, "update-ca-certificates")
    (root / "etc/resolv.conf").write_text(f"nameserver {_NAMESERVER}\n")
    (root / "etc/hostname").write_text("machine\n")
    (root / "etc/hosts").write_text("127.0.0.1 localhost machine\n")
    _chroot(root, "useradd", "--create-home", "--shell", "/bin/bash", USER)
    (root / f"etc/sudoers.d/{USER}").write_text(f"{USER} ALL=(ALL) NOPASSWD:ALL\n")
    # As the installer leaves a machine: what apt knew of the archive may be old.
    shutil.rmtree(root / "var/lib/apt/lists", ignore_errors=True)
    _chroot(root, "apt-get", "clean")


def _chroot(root: Path, *command: str) -> None:
    subprocess.run(
        ["chroot", str(root), *command], check=True, capture_output=True, timeout=120, env=tools.environment()
    )


@contextlib.contextmanager
def running(folder: Path, tree: Path | None = None, *, on_tmpfs_mb: int | None = None) -> Iterator[Machine]:
    """A machine from a copy of a tree, the bare one by default; gone at the end, with all its files.

    `on_tmpfs_mb` gives it a disk of that size beyond what the tree takes.
    """
    root = folder / "root"
    tree = tree or base()
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "key"
    subprocess.run(
        [str(tools.find_or_get()["ssh-keygen"]), "-q", "-t", "ed25519", "-N", "", "-f", str(key)],
        check=True, timeout=30,
    )  # fmt: skip
    machine = None
    try:
        subprocess.run(["cp", "-a", "--reflink=auto", str(tree), str(root)], check=True, timeout=300)
        keys = root / f"home/{USER}/.ssh"
        keys.mkdir(mode=0o700, exist_ok=True)
        with (keys / "authorized_keys").open("a") as file:
            file.write(key.with_suffix(".pub").read_text())
        _chroot(root, "chown", "-R", f"{USER}:{USER}", f"/home/{USER}/.ssh")
        machine = _start(folder, root, key, on_tmpfs_mb)
        yield machine
    finally:
        if machine is not None:
            machine.kill()
        subprocess.run(["rm", "-rf", str(root)], check=False, timeout=120)


def _start(folder: Path, root: Path, key: Path, disk_mb: int | None) -> Machine:
    log = (folder / "log").open("wb")
    die_with_us = ["setpriv", "--pdeathsig", "KILL"]
    spaces = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
    first = subprocess.Popen(
        [*die_with_us, *spaces, "sh", str(_INIT), str(root), str(disk_mb or "")],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=tools.environment(),
    )  # fmt: skip
    machine = Machine(root, _free_port(), key, _child(first.pid), [first])
    try:
        api = folder / "slirp.sock"
        api.unlink(missing_ok=True)
        slirp = [str(tools.find_or_get()["slirp4netns"]), "--configure", "--disable-host-loopback"]
        network = subprocess.Popen(
            [*die_with_us, *slirp, f"--api-socket={api}", "--mtu=65520", str(machine.pid), "tap0"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=tools.environment(),
        )  # fmt: skip
        machine.processes.append(network)
        _until(api.exists, "the machine's network", log.name)
        _forward(api, machine.port)
        _until(lambda: _answers(machine.port), "the machine's sshd", log.name)
    except BaseException:
        machine.kill()
        raise
    return machine


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    _until(lambda: bool(children.read_text().split()), "the machine's first process", "")
    return int(children.read_text().split()[0])


def _until(stands: Callable[[], bool], what: str, log: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not stands():
        if time.monotonic() > until:
            said = Path(log).read_text(errors="replace")[-500:] if log else ""
            raise NoMachine(f"{what} does not come: {said}")
        time.sleep(0.05)


def _forward(api: Path, port: int) -> None:
    asked = {
        "execute": "add_hostfwd",
        "arguments": {"proto": "tcp", "host_addr": "127.0.0.1", "host_port": port, "guest_port": 22},
    }
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(api))
        line.sendall(json.dumps(asked).encode())
        line.shutdown(socket.SHUT_WR)
        answer = json.loads(line.recv(4096))
    if "error" in answer:
        raise NoMachine(f"port {port} cannot be forwarded: {answer['error']}")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            return line.recv(4) == b"SSH-"
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
