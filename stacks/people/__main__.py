"""The people stack: read settings and roster, build the component, export."""

from pathlib import Path

from palier_stacks.people.component import build
from palier_stacks.program import export_all

export_all(build(Path(__file__).parent).outputs)
