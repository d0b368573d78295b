"""The roles' variables for one person's machine, from the roster and the settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from palier.engine.model import Engine
from palier.onboarding import vpn
from palier.onboarding.models import Person, Team
from palier.onboarding.roster import Roster
from palier.workstation.profiles import Profile, Tool, locked_version, names, profiles
from palier.workstation.settings import WorkstationSettings
from palier.workstation.target import Template


@dataclass(frozen=True)
class Owner:
    """Whose machine it is: a person of a team, with the settings that hold for both.

    `settings` are those of the people stack.
    """

    login: str
    person: Person
    team: Team
    settings: Any

    @property
    def machine(self) -> WorkstationSettings:
        """The settings of machines."""
        found: WorkstationSettings = self.settings.workstation
        return found

    @property
    def has_vpn(self) -> bool:
        """Whether the person has a place in the VPN to come."""
        return self.settings.vpn is not None and bool(self.team.vpn_networks)

    @property
    def profiles(self) -> dict[str, Profile]:
        """The machine's profiles, by name."""
        return {name: profiles()[name] for name in names(self.team.tools, vpn=self.has_vpn)}


def owner(roster: Roster, login: str, settings: Any) -> Owner:
    """Whose machine it is."""
    person = roster.people[login]
    return Owner(login, person, roster.teams[person.team], settings)


def variables(owner: Owner, engine: Engine | None, machine: str) -> dict[str, Any]:
    """Every role's variables. `machine` is the processor that `engine` is for, as `uname -m` says."""
    profiles_, organization = owner.profiles, owner.settings.organization
    code = Template(f"{{{{ ansible_facts['user_dir'] }}}}/{owner.machine.code_folder}")
    brought = [each for found in profiles_.values() for each in found.extensions]
    extensions = [*owner.machine.editor_extensions, *brought]
    return {
        "preflight_minimum_free_mb": owner.machine.minimum_free_mb,
        "preflight_lock_wait_seconds": owner.machine.lock_wait_seconds,
        "packages_names": sorted({each for found in profiles_.values() for each in found.packages}),
        "toolbox_requirements": [found.requirements for found in profiles_.values() if found.requirements],
        "toolbox_links": {name: file for found in profiles_.values() for name, file in found.links.items()},
        "toolbox_npm_links": {name: file for found in profiles_.values() for name, file in found.npm.items()},
        "workstation_pulumi": any(found.pulumi for found in profiles_.values()),
        **_engine(engine, machine),
        "ssh_comment": owner.person.email,
        "git_user_name": owner.person.name,
        "git_user_email": owner.person.email,
        "git_code_folder": code,
        "dotfiles_repository": owner.machine.dotfiles_repository or "",
        "dotfiles_version": owner.machine.dotfiles_version,
        "shell_completions": {
            name: said for found in profiles_.values() for name, said in found.completions.items()
        },
        "editor_settings": owner.machine.editor_settings,
        "editor_extensions": extensions,
        "editor_workspace": Template(f"{code}/{owner.person.team}.code-workspace"),
        "editor_folders": [{"path": name} for name in owner.team.repositories],
        **_aws(owner, organization),
        **_vpn(owner),
        "repositories_folder": code,
        "repositories_clones": {
            name: owner.machine.clone_url.format(organization=organization, repository=name)
            for name in owner.team.repositories
        },
        "devcontainer_folder": code,
        "devcontainer_name": f"{organization} {owner.person.team}",
        "devcontainer_image": owner.machine.devcontainer_image,
        "devcontainer_features": {found.feature: {} for found in profiles_.values() if found.feature},
        "devcontainer_extensions": extensions,
        "verify_tools": [_tool(tool) for found in profiles_.values() for tool in found.tools],
        "verify_email": owner.person.email,
        "verify_code_folder": code,
        "verify_sample": owner.team.sample.repository if owner.team.sample else "",
        "verify_commands": owner.team.sample.commands if owner.team.sample else [],
    }


def _engine(engine: Engine | None, machine: str) -> dict[str, str]:
    if engine is None:
        return {"pulumi_source": "", "pulumi_version": "", "pulumi_machine": ""}
    return {
        "pulumi_source": str(engine.bin),
        "pulumi_version": engine.version,
        "pulumi_machine": machine,
    }


def _aws(owner: Owner, organization: str) -> dict[str, Any]:
    sets, start = owner.team.aws_permission_sets, owner.machine.aws_start_url
    region = owner.settings.region
    return {
        "workstation_aws": bool(start and sets and "aws" in owner.profiles),
        "aws_start_url": start or "",
        "aws_sso_region": region,
        "aws_region": region,
        "aws_session": organization,
        "aws_profiles": [
            {
                "name": f"{organization}-{name}" + (f"-{account}" if len(accounts) > 1 else ""),
                "account": account,
                "permission_set": name,
            }
            for name, accounts in sets.items()
            for account in accounts
        ],
    }


def _vpn(owner: Owner) -> dict[str, Any]:
    settings, place = owner.settings.vpn, owner.person.vpn
    if not owner.has_vpn:
        return {"workstation_vpn": False}
    config = ""
    if place is not None and place.address is not None:
        # The role puts the machine's own folder in: only the machine knows its user's home.
        config = vpn.client_config(settings, owner.person, owner.team.vpn_networks, Path("@FOLDER@"))
    return {"workstation_vpn": True, "vpn_interface": settings.interface, "vpn_config": config}


def _tool(tool: Tool) -> dict[str, str]:
    wanted = {"version": locked_version(tool.locked)} if tool.locked else {"at_least": tool.at_least or "0"}
    return {"name": tool.name, "command": tool.command, **wanted}
