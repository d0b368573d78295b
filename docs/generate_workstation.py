"""Writes docs/workstation-roles.md from the playbooks themselves.

make docs
"""

from __future__ import annotations

from pathlib import Path

from palier.workstation.documentation import document

TARGET = Path(__file__).with_name("workstation-roles.md")

if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
