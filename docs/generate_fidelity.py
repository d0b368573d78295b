"""Writes the generated lists of docs/fidelity.md from the provider's table, its research and the mends.

    make docs

`--check` writes nothing and exits with 1 where the page is not what would be written.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("fidelity.md")
SEMANTICS = Path(__file__).parents[1] / "tests" / "engine" / "provider" / "semantics"


def refused() -> Iterator[str]:
    """Each type's inputs that are not served."""
    import botocore.session
    from palier.local.provider import limits, schema
    from palier.local.provider.table import entries

    session = botocore.session.Session()
    with tempfile.TemporaryDirectory() as folder:
        schemas = schema.load(entries(), Path(folder))
    yield "| type | not served |\n|---|---|"
    for token, entry in sorted(entries().items()):
        model = session.get_service_model(entry.service).operation_model(entry.create.operation)
        shape = model.input_shape.members[entry.within] if entry.within else model.input_shape
        missing = [name for name in schemas[token].inputs if not limits.is_served(entry, name, shape)]
        if missing:
            yield f"| {_short(token)} | {', '.join(sorted(missing))} |"


def _research() -> Iterator[tuple[str, dict[str, Any]]]:
    for part in sorted(SEMANTICS.glob("*.json")):
        yield from json.loads(part.read_text())["types"].items()


def types() -> Iterator[str]:
    """Each type: what replaces it, in which order, and where that was read."""
    from palier.local.provider.table import entries

    research = dict(_research())
    yield "| type | replaced by | first | read in terraform-provider-aws | CloudFormation and docs |"
    yield "|---|---|---|---|---|"
    for token, entry in sorted(entries().items()):
        said = research[token]
        forcing = [*sorted(entry.force_new), *(f"*{text}*" for text in _conditions(said))]
        first = {"where named": "named", "always": "always", "never": ""}[said["delete_before_replace"]]
        source = said["sources"]["terraform"].split("; pulumi-aws")[0].strip()
        path, _, copy = source.partition(" ")
        yield (
            f"| {_short(token)} | {'; '.join(_cell(text) for text in forcing)} | {first} "
            f"| {path.removeprefix('internal/service/')} {_cell(copy)} | {_cell(said['agreement'])} |"
        )


def _conditions(said: dict[str, Any]) -> list[str]:
    return [text for text in said["conditional"] if re.search(r": (replace\b|=> replace)", text)]


def mends() -> Iterator[str]:
    """Each mend with the symptom that it removes."""
    from palier.local.emulator.mends import table

    yield "| service | mend | symptom of moto |\n|---|---|---|"
    for mend in table():
        yield f"| {mend.service} | `{mend.name}` | {_cell(mend.symptom)} |"


def _short(token: str) -> str:
    """`aws:ec2/vpc:Vpc` as `ec2.Vpc`."""
    module, name = token.split(":")[1:]
    return f"{module.split('/')[0]}.{name}"


def _cell(text: str) -> str:
    """Text that stays in its cell, without the hashes of commits."""
    plain = re.sub(r"@[0-9a-f]{40}\s*", "", text)
    return plain.replace("|", "\\|").replace("_", "\\_").replace("*", "\\*").replace("\n", " ").strip()


LISTS = {"refused": refused, "types": types, "mends": mends}


def render(page: str) -> str:
    """`page` with its generated lists as they are now."""
    for name, lines in LISTS.items():
        content = "\n".join(lines())
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end -->)"
        page, found = re.subn(pattern, lambda at, text=content: f"{at[1]}{text}\n{at[2]}", page, flags=re.S)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"{TARGET.name}: no place for the list {name!r}")
    return page


def main() -> None:
    """Write, or compare."""
    page = TARGET.read_text()
    fresh = render(page)
    if "--check" in sys.argv:
        sys.exit(0 if fresh == page else f"{TARGET.name} is stale: run `make docs`")
    TARGET.write_text(fresh)


if __name__ == "__main__":
    main()
