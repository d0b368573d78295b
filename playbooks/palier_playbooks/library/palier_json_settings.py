#!/usr/bin/python
"""Settings in a JSON file that is its user's: what is missing is added, what is there stays."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_json_settings
short_description: Add settings to a JSON file, and leave the user's own
description:
  - Adds keys that the file does not have. A file that is no plain JSON (VS Code takes comments) is left as it
    is, and told.
options:
  path: {type: path, required: true, description: The file; made where it is missing.}
  settings: {type: dict, required: true, description: Keys of the file's mapping.}
author: [Palier]
"""
RETURN = r"""
added: {type: list, returned: always, description: Keys that were added.}
left: {type: str, returned: where it is so, description: Why the file was left as it is.}
"""

import json
import os
import shutil

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "settings": {"type": "dict", "required": True},
        },
        supports_check_mode=True,
    )
    # A link stays one: the file may stand among the user's dotfiles.
    path, settings = os.path.realpath(module.params["path"]), module.params["settings"]
    before = ""
    try:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                before = file.read()
        now = json.loads(before) if before.strip() else {}
    except ValueError:
        module.exit_json(changed=False, added=[], left="no plain JSON: its comments would be lost")
    if not isinstance(now, dict):
        module.exit_json(changed=False, added=[], left="no mapping")
    added = [key for key in settings if key not in now]
    merged = dict(now, **{key: settings[key] for key in added})
    after = json.dumps(merged, indent=2, ensure_ascii=before.isascii()) + "\n"
    if added and not module.check_mode:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        new = path + ".new"
        with open(new, "w", encoding="utf-8") as file:
            file.write(after)
        if os.path.exists(path):
            shutil.copymode(path, new)
        os.replace(new, path)
    diff = {"before": before, "after": after} if added else {}
    module.exit_json(changed=bool(added), added=added, diff=diff)


if __name__ == "__main__":
    main()
