"""What to do about what a machine said: one home for the sentences."""

from __future__ import annotations

import re

from palier.workstation.events import UNREACHABLE, Task

_SAID = (
    (r"incorrect sudo password|sorry, try again", "give the right password of sudo"),
    (
        r"missing sudo password|a password is required|waiting for privilege escalation prompt",
        "add --ask-become-pass, or let the user use sudo without one",
    ),
    (r"not in the sudoers file", "let the user use sudo"),
    (r"no space left on device|enough free space|disk quota exceeded", "free some room on the machine"),
    (
        r"could not get lock|unable to acquire the dpkg|is held by",
        "another program is at apt: wait for it, or end it",
    ),
    (
        r"do not match the hashes|hash mismatch|hash sum mismatch|EINTEGRITY",
        "what was downloaded is not what the lock names: see which proxy or mirror stands between",
    ),
    (
        r"certificate verify failed|invalid peer certificate|unknownissuer|self.signed.cert|"
        r"unable to get local issuer",
        "add your network's authority there: /usr/local/share/ca-certificates, update-ca-certificates",
    ),
    (
        r"host identification has changed",
        "if the machine was installed anew, take its old key out as ssh says above",
    ),
    (
        r"permission denied \(publickey|host key verification failed",
        "see that this key may log in there: {ssh}",
    ),
    (
        r"could ?n.t resolve|temporary failure|name or service not known|network is unreachable|"
        r"no route to host|timed? ?out|connection refused|connection reset|"
        r"failed to fetch|not reached|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET",
        "mend the machine's network, or its proxy",
    ),
    (
        r"no package matching|unable to locate package",
        "this distribution lacks the package: see docs/workstation.md",
    ),
)


def next_step(task: Task, ssh: str, again: str) -> str:
    """What to do about a task that failed, and the command that goes on.

    `ssh` is the command by which a person reaches the machine.
    """
    said = task.says.lower()
    if found := re.search(r"\bnext: (.+)", task.says):
        return f"{found[1].strip()}; then {again}"
    for pattern, advice in _SAID:
        if re.search(pattern, said, re.IGNORECASE):
            return f"{advice.format(ssh=ssh)}; then {again}"
    if task.outcome == UNREACHABLE:
        return f"see that `{ssh}` works; then {again}"
    return f"mend that on the machine; then {again}"
