"""The page of what a machine gets is what the playbooks say."""

from __future__ import annotations

from palier.workstation.documentation import document

from tests.unit.docs.pages import ROOT


def test_the_page_is_what_the_playbooks_say() -> None:
    page = ROOT / "docs/workstation-roles.md"

    assert page.read_text(encoding="utf-8") == document(), "run `make docs`"
