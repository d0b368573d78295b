#!/usr/bin/python
"""Dotfiles as links into a folder; what stood in their place is kept."""

from __future__ import annotations

DOCUMENTATION = r"""
module: palier_dotfiles
short_description: Link dotfiles, and keep what was there
description:
  - Each file of the source is linked at its place in the home folder. What stands there and is not that link
    is moved into the backup folder first, under a name that nothing has: a kill at any moment loses nothing.
options:
  source: {type: path, required: true, description: The folder of the dotfiles.}
  home: {type: path, required: true, description: Where they belong.}
  backup: {type: path, required: true, description: Where what was there is kept.}
author: [Palier]
"""
RETURN = r"""
kept: {type: list, returned: always, description: Files that were moved into the backup folder.}
linked: {type: list, returned: always, description: Files that were linked.}
"""

import os
from collections.abc import Iterator

from ansible.module_utils.basic import AnsibleModule

# Of a repository, but not of a home folder.
NOT_DOTFILES = {".git", ".github", ".gitignore", ".gitmodules", ".gitattributes"}


def main() -> None:
    module = AnsibleModule(
        argument_spec={name: {"type": "path", "required": True} for name in ("source", "home", "backup")},
        supports_check_mode=True,
    )
    source, home, backup = (module.params[name] for name in ("source", "home", "backup"))
    before, after, kept, linked = [], [], [], []
    for name in sorted(files(source)):
        place, target = os.path.join(home, name), os.path.join(source, name)
        if os.path.islink(place) and os.readlink(place) == target:
            continue
        if not parents_are_folders(place):
            module.fail_json(msg=f"{place} cannot be linked: a folder above it is a file")
        linked.append(name)
        after.append(f"{place} -> {target}\n")
        if os.path.lexists(place):
            safe = free(os.path.join(backup, name))
            kept.append(safe)
            before.append(f"{place} (kept as {safe})\n")
            if not module.check_mode:
                os.makedirs(os.path.dirname(safe), exist_ok=True)
                os.rename(place, safe)
        if not module.check_mode:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            os.symlink(target, place)
    diff = {"before": "".join(before), "after": "".join(after)}
    module.exit_json(changed=bool(linked), kept=kept, linked=linked, diff=diff)


def files(source: str) -> Iterator[str]:
    """The dotfiles of a folder: files whose path begins with a dot."""
    for folder, below, names in os.walk(source):
        below[:] = [name for name in below if name not in NOT_DOTFILES]
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), source)
            if path.startswith(".") and name not in NOT_DOTFILES:
                yield path


def parents_are_folders(path: str) -> bool:
    """Whether what stands above a path, as far as anything does, is a folder."""
    above = os.path.dirname(path)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    return os.path.isdir(above)


def free(path: str) -> str:
    """A name that nothing has."""
    number, found = 1, path
    while os.path.lexists(found):
        number += 1
        found = f"{path}.{number}"
    return found


if __name__ == "__main__":
    main()
