"""What machines say, and what to do about it; the command that goes on stands in each advice."""

from __future__ import annotations

import pytest
from palier.workstation.advice import next_step
from palier.workstation.events import FAILED, UNREACHABLE, Task

AGAIN = "palier workstation apply adiallo --host box"
NETWORK = "mend the machine's network, or its proxy"
LOCK = "another program is at apt: wait for it, or end it"
ROOM = "free some room on the machine"
SUDO = "add --ask-become-pass, or let the user use sudo without one"
HASHES = "what was downloaded is not what the lock names: see which proxy or mirror stands between"
AUTHORITY = "add your network's authority there: /usr/local/share/ca-certificates, update-ca-certificates"
LOGIN = "see that this key may log in there: ssh ada@box"


def advice(says: str, outcome: str = FAILED) -> str:
    return next_step(Task("packages", "Install", outcome, 1.0, says), "ssh ada@box", AGAIN)


@pytest.mark.parametrize(
    ("says", "does"),
    [
        ("Could not resolve host: git.shop.example", NETWORK),
        ("Couldn't resolve host name", NETWORK),
        ("Temporary failure resolving 'deb.shop.example'", NETWORK),
        ("Failed to establish a new connection: [Errno -2] Name or service not known", NETWORK),
        ("connect: Network is unreachable", NETWORK),
        ("ssh: connect to host box port 22: No route to host", NETWORK),
        ("ssh: connect to host box port 22: Connection timed out", NETWORK),
        ("ReadTimeoutError: Read timed out.", NETWORK),
        ("npm error code ETIMEDOUT", NETWORK),
        ("npm error code ENOTFOUND", NETWORK),
        ("npm error code EAI_AGAIN", NETWORK),
        ("npm error code ECONNREFUSED", NETWORK),
        ("('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))", NETWORK),
        ("Connection refused", NETWORK),
        ("E: Failed to fetch http://deb.shop.example/dists", NETWORK),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)", LOCK),
        ("E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend)", LOCK),
        ("/var/lib/dpkg/lock is held by apt (process 7)", LOCK),
        ("OSError: [Errno 28] No space left on device", ROOM),
        ("E: You don't have enough free space in /var/cache/apt/archives/.", ROOM),
        ("Disk quota exceeded", ROOM),
        ("Missing sudo password", SUDO),
        ("sudo: a password is required", SUDO),
        ("Timeout (12s) waiting for privilege escalation prompt: ", SUDO),
        ("ada is not in the sudoers file.", "let the user use sudo; then"),
        ("Incorrect sudo password", "give the right password of sudo"),
        ("Sorry, try again.\nsudo: a password is required", "give the right password of sudo"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", HASHES),
        ("E: Failed to fetch http://deb.shop.example/x.deb  Hash Sum mismatch", HASHES),
        ("npm error code EINTEGRITY", HASHES),
        ("SSLError: certificate verify failed: unable to get local issuer certificate", AUTHORITY),
        ("fatal: unable to access: SSL certificate problem: self-signed certificate", AUTHORITY),
        ("npm error code SELF_SIGNED_CERT_IN_CHAIN", AUTHORITY),
        ("ada@box: Permission denied (publickey).", LOGIN),
        ("Host key verification failed.", LOGIN),
        ("No package matching 'neovim' is available", "this distribution lacks the package: see"),
        ("E: Unable to locate package neovim", "this distribution lacks the package: see"),
        ("something that nobody has seen", "mend that on the machine"),
        ("", "mend that on the machine"),
    ],
)
def test_what_a_machine_says_has_an_advice_and_the_command_that_goes_on(says: str, does: str) -> None:
    found = advice(says)

    assert found.startswith(does)
    assert found.endswith(f"; then {AGAIN}")


def test_case_does_not_matter() -> None:
    assert advice("NO SPACE LEFT ON DEVICE") == f"{ROOM}; then {AGAIN}"


def test_a_machine_that_is_not_reached_for_no_known_reason_is_tried_by_ssh() -> None:
    assert advice("kex_exchange", UNREACHABLE) == f"see that `ssh ada@box` works; then {AGAIN}"
    assert advice("Permission denied (publickey)", UNREACHABLE) == f"{LOGIN}; then {AGAIN}"
    assert advice("Connection refused", UNREACHABLE) == f"{NETWORK}; then {AGAIN}"


def test_what_a_task_itself_says_to_do_goes_first() -> None:
    said = "disk: no space left on device. next: free 500 MB there  \nmore chatter"

    assert advice(said) == f"free 500 MB there; then {AGAIN}"
    assert advice(said, UNREACHABLE) == f"free 500 MB there; then {AGAIN}"


def test_braces_in_a_message_change_nothing() -> None:
    assert advice("{host} {0} {") == f"mend that on the machine; then {AGAIN}"
    assert advice("next: write {host} there") == f"write {{host}} there; then {AGAIN}"
