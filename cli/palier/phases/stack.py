"""One phase's stack in one environment: its state, and the engine commands that change it.

The quick commands (init, rm, import, output) go through the Automation API's workspace, over a command of
ours that records the engine and gives it our environment and nothing else; the long ones (up, preview,
refresh, destroy) go to the engine directly (ADR 0006).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from palier.errors import OperationError, PalierError
from palier.phases import state
from palier.phases.catalog import PhaseLike, project_folder
from palier.phases.environment import Environment
from palier.phases.launch import EngineRun, run_engine
from palier.phases.runs import RunBook

if TYPE_CHECKING:
    from pulumi.automation import LocalWorkspace

    from palier.phases.automation import RecordedCommand


class PhaseStack:
    """The stack of `phase` in `environment`. Nothing is run or read before it is asked for."""

    def __init__(self, phase: PhaseLike, environment: Environment) -> None:
        self.phase, self.environment = phase, environment
        self.name = environment.name
        self.project = project_folder(phase)
        self.book = RunBook(phase.name, environment.name, self.project)
        self.backend = state.file_backend(environment.variables, self.project)

    def state(self) -> state.StackState:
        """What the state says now; `ABSENT` where there is no such stack."""
        if self.backend is not None:
            return state.read_file(self.backend, self.phase.name, self.name)
        exported = self._exported()
        return state.ABSENT if exported is None else state.parse(exported.get("deployment"))

    def deployment(self) -> dict[str, Any]:
        """The whole deployment, with inputs and outputs, secrets encrypted; empty where there is no stack."""
        if self.backend is not None:
            return state.read_deployment(self.backend, self.phase.name, self.name)
        return dict((self._exported() or {}).get("deployment") or {})

    def export(self) -> dict[str, Any]:
        """The whole state as the engine exports it: `version` and `deployment`, secrets encrypted."""
        exported = self._exported()
        if exported is None:
            raise OperationError(f"there is no stack {self.phase.name} ({self.name})")
        return exported

    def replace(self, exported: Mapping[str, Any]) -> None:
        """Replace the state with an edited export."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", prefix="palier-state-") as file:
            json.dump(exported, file)
            file.flush()
            arguments = ["stack", "import", "--file", file.name, "--stack", self.name]
            self._manage(arguments, "state edit", changes=True)

    def ensure(self) -> bool:
        """Create the stack where there is none. Returns whether it was created."""
        if self.state().exists:
            return False
        from pulumi.automation import StackAlreadyExistsError

        try:
            self._workspace("stack init").create_stack(self.name)
        except StackAlreadyExistsError:
            return False
        except Exception as error:
            raise self._refused("making the stack", error) from error
        return True

    def remove(self) -> None:
        """Remove the empty stack, its history and its backups; its settings file stays."""
        arguments = ["stack", "rm", "--yes", "--preserve-config", "--remove-backups", self.name]
        self._manage(arguments, "stack rm", changes=True)

    def outputs(self, show_secrets: bool) -> dict[str, Any]:
        """The outputs by name; secrets as `[secret]` unless they are asked for."""
        if not show_secrets:
            return dict(self.state().outputs or {})
        text = self._manage(["stack", "output", "--json", "--show-secrets", "--stack", self.name], "outputs")
        outputs: dict[str, Any] = json.loads(text)
        return outputs

    def last_run(self) -> dict[str, Any] | None:
        """The engine's own record of the last finished operation: kind, result, startTime, endTime."""
        if self.backend is not None:
            return state.last_run(self.backend, self.phase.name, self.name)
        arguments = ["stack", "history", "--json", "--page-size", "1", "--page", "1", "--stack", self.name]
        entries = json.loads(self._manage(arguments, "history") or "[]")
        return entries[0] if entries else None

    def run(
        self,
        arguments: list[str],
        operation: str,
        tick: Callable[[Path], None],
        on_interrupt: Callable[[int], None],
        more: Mapping[str, str] | None = None,
    ) -> EngineRun:
        """Run a long operation of the engine in a session of its own; recorded, unless it is a preview.

        `more` is added to the environment's variables.
        """
        command = [str(self.environment.command), "--non-interactive", *arguments]
        return run_engine(
            [*command, "--stack", self.name, "--exec-kind", "auto.local"],
            cwd=self.project,
            variables={**self.environment.variables, **(more or {})},
            book=self.book,
            operation=operation,
            tick=tick,
            on_interrupt=on_interrupt,
            recorded=operation != "preview",
        )

    def _exported(self) -> dict[str, Any] | None:
        from pulumi.automation import StackNotFoundError

        try:
            result = self._command("export").run(
                ["stack", "export", "--stack", self.name], str(self.project), {}
            )
        except StackNotFoundError:
            return None
        except Exception as error:
            raise self._refused("reading the state", error) from error
        exported: dict[str, Any] = json.loads(result.stdout)
        return exported

    def _manage(self, arguments: list[str], operation: str, *, changes: bool = False) -> str:
        try:
            return self._command(operation, changes=changes).run(arguments, str(self.project), {}).stdout
        except Exception as error:
            raise self._refused(operation, error) from error

    def _workspace(self, operation: str) -> LocalWorkspace:
        from pulumi.automation import LocalWorkspace

        return LocalWorkspace(
            work_dir=str(self.project), pulumi_command=self._command(operation, changes=True)
        )

    def _command(self, operation: str, *, changes: bool = False) -> RecordedCommand:
        from palier.phases.automation import RecordedCommand

        return RecordedCommand(self.environment, self.book, operation, changes=changes)

    def _refused(self, operation: str, error: Exception) -> PalierError:
        if isinstance(error, PalierError):
            return error
        from palier.phases.failures import refused

        return refused(self.phase.name, self.name, operation, error)
