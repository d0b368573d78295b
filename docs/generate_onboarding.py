"""Writes docs/onboarding-process.md from the steps of onboarding themselves.

make docs
"""

from __future__ import annotations

from pathlib import Path

from palier.onboarding.process import document

TARGET = Path(__file__).with_name("onboarding-process.md")

if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
