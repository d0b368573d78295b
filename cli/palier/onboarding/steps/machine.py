"""The person's machine, where a run names one: its VPN key before the accounts, the rest beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from palier.onboarding.steps.base import Case, Found, Step, Told, done, missing, pending, unasked
from palier.onboarding.steps.vpn import asked_for

if TYPE_CHECKING:
    from palier.workstation.operation import Done
    from palier.workstation.variables import Owner


class MachineKey(Step):
    """The VPN key, made on the machine."""

    name = "machine-key"
    title = "Machine's key"
    group = "machine"
    for_machine = True
    lookable = False
    what = "Make the VPN key on the person's machine (`--host`), and read its public half."
    proof = "The machine tells the public half of the key that it has."

    def check(self, case: Case) -> Found:
        """Ask the machine."""
        if asked_for(case) is None:
            return unasked("no VPN for this team")
        assert case.machine is not None
        key = case.machine.public_key(make=False)
        if key is None:
            return missing("no key yet", f"make a key on {case.machine.target.name}")
        case.facts["machine_key"] = key
        return done(f"key {key[:8]}…")

    def apply(self, case: Case, told: Told) -> None:
        """Make it."""
        assert case.machine is not None
        case.machine.public_key(make=True)


class Workstation(Step):
    """All the rest of the machine."""

    name = "workstation"
    title = "Machine"
    group = "machine"
    for_machine = True
    lookable = False
    looks_itself = True
    after = ("vpn",)
    limit_minutes = 25.0
    what = (
        "Make the person's machine (`--host`) by Ansible, as `palier workstation apply` does: packages, "
        "tools, keys, Git, dotfiles, editor, AWS, VPN, clones. It runs beside the accounts."
    )
    proof = (
        "On the machine, as the person: each tool runs at its version, a commit is theirs and signed, the "
        "team's sample builds and passes its tests."
    )

    def check(self, case: Case) -> Found:
        """Ansible's check mode."""
        found = self._run("plan", case, lambda text: None)
        if found.record.changed:
            tasks = len(found.record.changed)
            roles = [f"{each.step}: {each.says}" for each in found.results if each.would]
            return missing(f"{tasks} tasks would change something", *roles)
        return _waiting(found) or done(f"{found.target.name} as it should be")

    def settle(self, case: Case, told: Told) -> tuple[Found, bool]:
        """Make and prove it in one: Ansible looks before each change."""
        found = self._run("apply", case, told)
        changed = len(found.record.changed)
        says = f"{changed} tasks changed something, proven" if changed else "as it should be, proven"
        return _waiting(found) or done(f"{found.target.name}: {says}"), bool(changed)

    def verify(self, case: Case) -> Found:
        """The proof alone."""
        found = self._run("verify", case, lambda text: None)
        return done(f"{found.target.name}: {len(found.record.checks)} tools, a commit, the sample: proven")

    def _run(self, mode: str, case: Case, told: Told) -> Done:
        assert case.machine is not None
        return case.machine.run(mode, _owner(case), min(self.limit_minutes, case.budget_minutes), told)


def _owner(case: Case) -> Owner:
    from palier.workstation.variables import owner

    return owner(case.roster, case.login, case.reach.settings)


def _waiting(found: Done) -> Found | None:
    if not found.record.waits:
        return None
    return pending(found.record.waits[0].says, found.record.waits[0].waits_for)
