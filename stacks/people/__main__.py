"""The people stack: read settings and roster, build the component, export."""

from pathlib import Path

from palier_stacks.people.component import build
from palier_stacks.people.settings import PeopleSettings
from palier_stacks.program import export_all, load

people = build(load(PeopleSettings), Path(__file__).parent)
export_all(people.outputs)
