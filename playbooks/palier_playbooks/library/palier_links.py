#!/usr/bin/python
"""Links to the files of a folder, each found by a pattern; a link is moved in one step."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_links
short_description: Link commands to the files of a folder
options:
  folder: {type: path, required: true, description: Where the links stand.}
  links: {type: dict, required: true, description: "Names, each with a file of the source, as a pattern."}
  source: {type: path, required: true, description: The folder of the files.}
author: [Palier]
"""
RETURN = r"""
linked: {type: list, returned: always, description: Names whose links were made or moved.}
"""

import glob
import os

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "folder": {"type": "path", "required": True},
            "links": {"type": "dict", "required": True},
            "source": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    folder, source = module.params["folder"], module.params["source"]
    before, after, linked = [], [], []
    for name, pattern in sorted(module.params["links"].items()):
        link, found = os.path.join(folder, name), glob.glob(os.path.join(source, pattern))
        if not found and not module.check_mode:
            module.fail_json(msg=f"{source} has no {pattern}")
        target = found[0] if found else os.path.join(source, pattern)
        now = os.readlink(link) if os.path.islink(link) else None
        if now == target:
            continue
        linked.append(name)
        before.append("{} -> {}\n".format(name, now or "nothing"))
        after.append(f"{name} -> {target}\n")
        if not module.check_mode:
            new = link + ".new"
            if os.path.lexists(new):
                os.unlink(new)
            os.symlink(target, new)
            os.replace(new, link)
    diff = {"before": "".join(before), "after": "".join(after)}
    module.exit_json(changed=bool(linked), linked=linked, diff=diff)


if __name__ == "__main__":
    main()
