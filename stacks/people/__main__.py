"""The people stack: read settings and roster, build the component, export."""

from pathlib import Path

import pulumi
from palier.errors import InputError
from palier.onboarding.roster import load as load_roster
from palier_stacks.people.component import People, today
from palier_stacks.people.settings import PeopleSettings
from palier_stacks.program import export_all, load

settings = load(PeopleSettings)
try:
    roster = load_roster(settings.roster_folder(Path(__file__).parent))
    settings.check_roster(roster)
    people = People(settings, roster, day=today())
except InputError as error:
    raise pulumi.RunError(str(error)) from None
export_all(people.outputs)
