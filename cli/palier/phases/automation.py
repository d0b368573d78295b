"""The Automation API's `PulumiCommand`, run the way Palier runs the engine.

Three things differ from the one it extends: it is recorded while it runs and has a session of its own; its
environment is exactly the one it is given (the original adds the caller's variables, so the user's
AWS_PROFILE would come back into a rehearsal); and it does not run `pulumi version` first.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult, OnOutput, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo

from palier.phases.environment import Environment
from palier.phases.launch import run_engine
from palier.phases.runs import RunBook


class RecordedCommand(PulumiCommand):
    """One quick engine command; output is kept in memory, and its log is removed when all went well."""

    def __init__(self, environment: Environment, book: RunBook, operation: str, *, changes: bool) -> None:
        """`changes`: whether the command changes anything, and so is to be recorded."""
        self.command = str(environment.command)
        self.version = VersionInfo.parse(environment.engine_version)
        self._environment, self._book, self._operation, self._changes = environment, book, operation, changes

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnOutput | None = None,
        on_error: OnOutput | None = None,
    ) -> CommandResult:
        """Run it as the base class does: returns the result, or raises its CommandError."""
        finished = run_engine(
            [self.command, "--non-interactive", *args],
            cwd=Path(cwd),
            variables={**self._environment.variables, **additional_env},
            book=self._book,
            operation=self._operation,
            apart=True,
            recorded=self._changes,
        )
        result = CommandResult(stdout=finished.output(), stderr=finished.errors(), code=finished.code)
        finished.forget()
        for text, callback in ((result.stdout, on_output), (result.stderr, on_error)):
            _tell(text, callback)
        if finished.code != 0:
            raise create_command_error(result)
        return result


def _tell(text: str, callback: Any) -> None:
    if callback is not None:
        for line in text.splitlines():
            callback(line)
