"""The playbooks as files of a package, so that an installed Palier has them too."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
