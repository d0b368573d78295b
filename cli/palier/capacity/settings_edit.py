"""A setting changed in a stack's YAML file, and nothing else of it: comments, order and quotes stay.

The places come from YAML's own parser, so that a value is replaced where it stands and a missing one put
behind its neighbours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from palier.capacity.whole_files import replace
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.capacity.standing import SettingChange


@dataclass(frozen=True)
class Edit:
    """A file as it is, and as it would be."""

    file: Path
    before: str
    after: str

    @property
    def changes(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after

    def diff(self) -> list[str]:
        """A unified diff."""
        lines = self.before.splitlines(), self.after.splitlines()
        return list(difflib.unified_diff(*lines, str(self.file), str(self.file), lineterm="", n=2))


def edits(changes: Iterable[SettingChange], environment: str) -> list[Edit]:
    """One edit for each file that the changes touch, each proved against its phase's settings.

    Raises InputError for a file that is missing, or settings that the phase refuses.
    """
    from palier.phases import catalog

    by_phase: dict[str, list[SettingChange]] = {}
    for change in changes:
        if change.new is not None:
            by_phase.setdefault(change.phase, []).append(change)
    found = []
    for name, mine in by_phase.items():
        phase = catalog.find(name)
        file = catalog.settings_file(phase, environment)
        catalog.load_settings(phase, environment)  # refuses a missing or broken file, in its own words
        before = after = file.read_text(encoding="utf-8")
        for change in mine:
            after = set_value(after, ("config", f"{name}:{change.section}", change.name), change.new, file)
        _prove(phase, after, file)
        found.append(Edit(file, before, after))
    return found


def _prove(phase: Any, text: str, file: Path) -> None:
    try:
        phase.settings.from_config(yaml.safe_load(text)["config"], file=file)
    except ValueError as error:
        raise InputError(f"would be refused: {error}", file=file) from None


def write(edit: Edit) -> None:
    """Put the new text in the file's place, whole or not at all."""
    replace(edit.file, edit.after)


def set_value(text: str, path: Sequence[str], value: Any, file: Path | str) -> str:
    """The text with the value at `path`, which is put there where it is missing.

    Raises InputError where a part of the path is no mapping in block style.
    """
    node = yaml.compose(text)
    for depth, part in enumerate(path):
        if not isinstance(node, yaml.MappingNode) or node.flow_style:
            raise InputError("is not a mapping in block style", file=file, key=".".join(path[:depth]) or None)
        child = next((value for key, value in node.value if key.value == part), None)
        if child is None:
            return _inserted(text, node, path[depth:], value)
        node = child
    if not isinstance(node, yaml.ScalarNode):
        raise InputError("is not a single value", file=file, key=".".join(path))
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start] + _scalar(value) + text[end:]


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value).split("\n", 1)[0]


def _inserted(text: str, mapping: yaml.MappingNode, path: Sequence[str], value: Any) -> str:
    indent = mapping.value[0][0].start_mark.column
    last = mapping.value[-1][1]
    lines = [f"{' ' * (indent + 2 * depth)}{part}:" for depth, part in enumerate(path)]
    lines[-1] += f" {_scalar(value)}"
    at = _line_end(text, last)
    return f"{text[:at]}\n" + "\n".join(lines) + text[at:]


def _line_end(text: str, node: yaml.Node) -> int:
    """Where the line of a node's last character ends; a block's end mark stands on the next line."""
    index = node.end_mark.index
    while index > 0 and text[index - 1] in " \n":
        index -= 1
    while index > 0 and text.rfind("\n", 0, index) >= 0 and _comment_line(text, index):
        index = text.rfind("\n", 0, index)
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _comment_line(text: str, index: int) -> bool:
    start = text.rfind("\n", 0, index) + 1
    return text[start:index].lstrip().startswith("#")
