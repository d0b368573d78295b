"""The worked example of docs/adding-a-resource-type.md, run as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from palier.local.provider import table
from palier.local.provider.table import Autoname, Call, Entry, Read, Tags

from tests.engine.local.emulated import Emulated
from tests.engine.support.driven import driven

PAGE = Path(__file__).parents[3] / "docs" / "adding-a-resource-type.md"


def example() -> Entry:
    """The entry that the page shows."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert block is not None
    names: dict[str, object] = {
        "Autoname": Autoname,
        "Call": Call,
        "Entry": Entry,
        "Read": Read,
        "Tags": Tags,
    }
    exec(block[1], names)
    entry = names["REPOSITORY"]
    assert isinstance(entry, Entry)
    return entry


def test_the_example_of_the_page_lives(
    emulated: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = example()
    monkeypatch.setattr(table, "_entries", {**table.entries(), entry.token: entry})
    emulated.api("reset", method="POST")
    inputs = {"imageScanningConfiguration": {"scanOnPush": True}, "tags": {"a": "1"}}
    with driven(emulated.endpoint, tmp_path) as provider:
        made = provider.make(entry.token, "Images", inputs)
        assert re.fullmatch(r"images-[0-9a-f]{7}", made.id)
        assert made.outputs["repositoryUrl"].endswith(f".dkr.ecr.eu-west-3.amazonaws.com/{made.id}")
        seen = provider.look(made)
        assert seen is not None
        assert provider.diff(seen, provider.recheck(seen, inputs)).properties == set()

        changed = {**inputs, "imageTagMutability": "IMMUTABLE", "tags": {"b": "2"}}
        checked = provider.recheck(made, changed)
        assert provider.diff(made, checked).replaces == ()
        after = provider.change(made, checked)
        assert (after.outputs["imageTagMutability"], after.outputs["tags"]) == ("IMMUTABLE", {"b": "2"})

        renamed = provider.recheck(after, {**changed, "name": "other"})
        found = provider.diff(after, renamed)
        assert (found.replaces, found.delete_before_replace) == (("name",), True)
        assert provider.refusals(entry.token, "Images", {"imageTagMutability": "NEVER"}).keys() == {
            "imageTagMutability"
        }
        provider.remove(after)
        assert provider.look(after) is None
