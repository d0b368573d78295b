#!/usr/bin/python
"""Whether tools run, as their user runs them, at the versions that are wanted."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_tools
short_description: Prove that tools run at their versions
description:
  - Runs each tool in a login shell, as its user would, and reads the version from what it says.
options:
  tools:
    type: list
    elements: dict
    required: true
    description: Each with name, command, and version (that one) or at_least (that one or later).
author: [Palier]
"""
RETURN = r"""
checks: {type: list, returned: always, description: Each tool with what was found.}
"""

import re
import subprocess
from typing import Any

from ansible.module_utils.basic import AnsibleModule

TOOL_SECONDS = 60


def main() -> None:
    module = AnsibleModule(
        argument_spec={"tools": {"type": "list", "elements": "dict", "required": True}},
        supports_check_mode=True,
    )
    checks = [look(tool) for tool in module.params["tools"]]
    wrong = ["{name}: {says}".format(**check) for check in checks if not check["ok"]]
    if wrong:
        module.fail_json(msg="; ".join(wrong), checks=checks)
    module.exit_json(changed=False, checks=checks)


def look(tool: dict[str, Any]) -> dict[str, Any]:
    """Run one tool."""
    name = tool["name"]
    try:
        done = subprocess.run(
            ["bash", "-lc", tool["command"]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOOL_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return {"name": name, "ok": False, "says": f"no answer within {TOOL_SECONDS} s"}
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        return {"name": name, "ok": False, "says": "cannot be run: " + " ".join(said.split())[-200:]}
    found = re.search(r"\d+(?:\.\d+)+", said)
    if found is None:
        return {"name": name, "ok": False, "says": "says no version: " + " ".join(said.split())[:200]}
    version = found.group()
    wanted, least = tool.get("version"), tool.get("at_least")
    if wanted and version != str(wanted):
        return {"name": name, "ok": False, "says": f"{version}, not {wanted}"}
    if least and numbers(version) < numbers(str(least)):
        return {"name": name, "ok": False, "says": f"{version}, older than {least}"}
    return {"name": name, "ok": True, "says": version}


def numbers(version: str) -> list[int]:
    """A version's numbers, for comparing."""
    return [int(part) for part in re.findall(r"\d+", version)]


if __name__ == "__main__":
    main()
