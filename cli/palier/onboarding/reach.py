"""What a run of onboarding reaches: the roster, the settings of an environment, and the services.

`local` is the local cloud with its GitHub and its Slack, and nothing else, whatever tokens lie around. Any
other environment is the user's own.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from palier.console import Reporter
from palier.errors import OperationError
from palier.onboarding.roster import Roster
from palier.onboarding.settings import SlackSettings, VpnSettings, WorkSettings
from palier.paths import LOCAL_ENVIRONMENT as LOCAL
from palier.paths import ROSTER_VARIABLE

if TYPE_CHECKING:
    from palier.onboarding.github import GitHub, Issue
    from palier.onboarding.identity import Identity
    from palier.onboarding.slack import Slack
    from palier.phases.operations import Operations, Selection
    from palier.phases.runner import Options, Outcome

STACK = "people"


class Reach:
    """Services are reached when they are first asked for: `plan --only vpn` needs no token of Slack."""

    def __init__(
        self, roster: Roster, settings: Any, environment: str, variables: Mapping[str, str], report: Reporter
    ) -> None:
        """`settings` are those of the people stack, `variables` the environment of every client."""
        self.roster, self.settings = roster, settings
        self.environment, self.variables, self.report = environment, variables, report
        self.chosen: dict[str, str] = {}  # first tasks by the newcomer of this run who takes them
        self.choosing = threading.Lock()
        self._listed: dict[str, list[Issue]] = {}
        self._listing = threading.Lock()
        self._outputs: dict[str, Any] | None = None

    def read_again(self) -> None:
        """Read the roster anew, after a step changed a file."""
        from palier.onboarding.roster import load

        self.roster = load(self.roster.folder)

    @property
    def organization(self) -> str:
        """The GitHub organisation's login."""
        return str(self.settings.organization)

    @property
    def slack_settings(self) -> SlackSettings | None:
        """How people come into Slack, None where Slack is not used."""
        found: SlackSettings | None = self.settings.slack
        return found

    @property
    def vpn_settings(self) -> VpnSettings | None:
        """The VPN, None where there is none."""
        found: VpnSettings | None = self.settings.vpn
        return found

    @property
    def work(self) -> WorkSettings:
        """First task, path and budget."""
        found: WorkSettings = self.settings.work
        return found

    @property
    def has_identity(self) -> bool:
        """Whether access to AWS goes through IAM Identity Center."""
        return self.settings.identity is not None

    @cached_property
    def github(self) -> GitHub:
        """The organisation on GitHub. Raises Refused without a token."""
        from palier.onboarding.github import GitHub

        return GitHub(self.organization, self.variables)

    @cached_property
    def slack(self) -> Slack:
        """The Slack workspace. Raises Refused without a token."""
        from palier.onboarding.slack import Slack

        return Slack(self.variables)

    @cached_property
    def identity(self) -> Identity:
        """IAM Identity Center, in the people stack's region."""
        from palier.onboarding.identity import Identity

        return Identity(self.settings.region, self.variables)

    def listed(self, what: str, ask: Callable[[], list[Issue]]) -> list[Issue]:
        """A list of issues that many of a run want, asked for once; an empty one is asked for again."""
        with self._listing:
            if not self._listed.get(what):
                self._listed[what] = ask()
            return list(self._listed[what])

    def listed_more(self, what: str, issue: Issue) -> None:
        """One that this run has made: GitHub's lists may not show it for a moment."""
        with self._listing:
            self._listed.setdefault(what, []).append(issue)

    def forget_listed(self, what: str) -> None:
        """Ask anew: something of the list may have changed without our knowing."""
        with self._listing:
            self._listed.pop(what, None)

    # -- the people stack ---------------------------------------------------------------------------

    def preview_people(self, folder: Path | None = None) -> Outcome:
        """What the engine would change of everybody's access, by this roster or by the one of a folder."""
        os.environ[ROSTER_VARIABLE] = str(folder or self.roster.folder)
        try:
            (outcome,) = self._operations().preview(self._selection(), self._options())
        finally:
            os.environ[ROSTER_VARIABLE] = str(self.roster.folder)
        return outcome

    def bring_people_up(self) -> Outcome:
        """Bring the people stack up, which is everybody's; what stands is read before."""
        (outcome,) = self._operations().up(self._selection(), self._options(), lambda outcome: None)
        self.forget_outputs()
        return outcome

    def outputs(self) -> dict[str, Any]:
        """The people stack's outputs; empty where it does not stand."""
        if self._outputs is None:
            from palier.phases import catalog
            from palier.phases.operations import look

            stack = look(self.environment, self.report)(catalog.find(STACK))
            self._outputs = dict(stack.state().outputs or {})
        return self._outputs

    def forget_outputs(self) -> None:
        """Read the outputs anew when they are asked for."""
        self._outputs = None

    def _operations(self) -> Operations:
        from palier.phases.operations import Operations

        return Operations(self.environment, self.report, ask=None)

    def _selection(self) -> Selection:
        from palier.phases.operations import Selection

        return Selection(STACK, through=False)

    def _options(self) -> Options:
        from palier.phases.runner import Options

        return Options(refresh=True)


def roster_of(environment: str, roster_folder: Path | None) -> Roster:
    """The roster: of the folder given, or the one that the people stack's settings name."""
    from palier.onboarding.roster import load

    return load(roster_folder or _settings(environment)[1])


def settled(environment: str, roster_folder: Path | None) -> tuple[Roster, Any]:
    """The roster and the people stack's settings, held against each other; reaches nothing.

    Raises InputError for what is not whole.
    """
    from palier.onboarding.roster import load

    settings, folder = _settings(environment)
    roster = load(roster_folder or folder)
    settings.check_roster(roster)
    return roster, settings


def _settings(environment: str) -> tuple[Any, Path]:
    """The people stack's settings, and the folder of the roster that they name."""
    from palier.phases import catalog

    phase = catalog.find(STACK)
    settings = catalog.load_settings(phase, environment)
    return settings, settings.roster_folder(catalog.project_folder(phase))


def reach(environment: str, roster_folder: Path | None, report: Reporter) -> Reach:
    """Everything a run needs in an environment; for `local`, the local cloud is up when this returns.

    Raises InputError for a roster or settings that are not whole.
    """
    from palier.onboarding import local_world
    from palier.phases.environment import prepare

    _need_libraries()
    roster, settings = settled(environment, roster_folder)
    variables: Mapping[str, str] = os.environ
    # The stack's program reads the same roster, in a process of its own.
    os.environ[ROSTER_VARIABLE] = str(roster.folder)
    if environment == LOCAL:
        ready = prepare(environment, report)
        variables = ready.variables
        local_world.ensure(ready.endpoint or "", roster, settings, report)
    return Reach(roster, settings, environment, variables, report)


def _need_libraries() -> None:
    """Raises OperationError where the extra is not installed."""
    from importlib.util import find_spec

    lacking = [name for name in ("github", "slack_sdk", "stamina", "jinja2") if find_spec(name) is None]
    if lacking:
        raise OperationError(
            f"onboarding needs what is not installed: {', '.join(lacking)}",
            next_step="pip install 'palier[onboarding]'",
        )
