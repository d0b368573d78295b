"""The documentation of the playbooks, made from the roles' argument specs and the names of their tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from palier.workstation import titles
from palier.workstation.profiles import EVERYBODYS, VPN, Tool, locked_version, profiles

PLAYBOOKS = {
    "workstation.yml": "Making a machine: `palier workstation apply LOGIN`",
    "verify.yml": "Proving it: `palier workstation verify LOGIN`",
    "vpn-gateway.yml": "The VPN's gateway: `palier vpn gateway apply`",
}


def document() -> str:
    """All of it as Markdown."""
    lines = [
        "# What a developer's machine gets, and how",
        "",
        "Made by `palier workstation process` from the playbooks themselves; do not edit.",
        "",
        "## Tools",
        "",
        *_tools(),
    ]
    seen: set[str] = set()
    for playbook, title in PLAYBOOKS.items():
        lines += ["", f"## {title}"]
        for role in titles.roles(playbook):
            if role not in seen:
                lines += ["", *_role(role)]
            seen.add(role)
    return "\n".join(lines) + "\n"


def _tools() -> Iterator[str]:
    yield "| profile | for | tools | packages of the distribution |"
    yield "| --- | --- | --- | --- |"
    for name, profile in profiles().items():
        whom = "everybody" if name in EVERYBODYS else "who has a VPN" if name == VPN else "teams that name it"
        tools = ", ".join(_tool(tool) for tool in profile.tools)
        yield f"| `{name}`: {profile.description} | {whom} | {tools} | {', '.join(profile.packages) or '–'} |"


def _tool(tool: Tool) -> str:
    return f"{tool.name} {locked_version(tool.locked)}" if tool.locked else f"{tool.name} ≥ {tool.at_least}"


def _role(role: str) -> Iterator[str]:
    spec = titles.spec(role)
    yield f"### {spec['short_description']} (`{role}`)"
    yield ""
    yield _prose(spec.get("description", ()))
    yield ""
    yield from (f"{number}. {name}" for number, name in enumerate(titles.task_names(role), start=1))
    options = spec.get("options") or {}
    if options:
        yield ""
        yield "| variable | type | default | |"
        yield "| --- | --- | --- | --- |"
        yield from (_option(name, option) for name, option in options.items())


def _option(name: str, option: Mapping[str, Any]) -> str:
    default = "needed" if option.get("required") else f"`{_short(option.get('default'))}`"
    said = _prose(option["description"]).replace("|", chr(92) + "|")
    return f"| `{name}` | {option['type']} | {default.replace('|', chr(92) + '|')} | {said} |"


def _prose(said: str | Sequence[str]) -> str:
    """A description: a text or several, Ansible's C(code) as Markdown's."""
    text = said if isinstance(said, str) else " ".join(str(part) for part in said)
    return re.sub(r"\bC\(([^)]*)\)", r"`\1`", " ".join(text.split()))


def _short(value: Any) -> str:
    text = str(yaml.safe_dump(value, default_flow_style=True, width=10_000)).removesuffix("...\n").strip()
    return text if len(text) <= 60 else f"{text[:57]}…"
