"""A check as GitHub's workflow commands, which annotate a pull request, and as a job's summary."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from palier.checking.model import Check, Finding, PhaseCheck
from palier.checking.telling import Kind, all_ordered, kind, one_line

COMMANDS: dict[Kind, str] = {
    "mandatory": "error",
    "advisory": "warning",
    "not known": "notice",
    "exempt": "notice",
}
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


def render(check: Check, folder: str = "") -> str:
    """A command a line, the gravest first, and how it ended; GitHub shows ten of a kind for a step.

    `folder` is the platform's folder in the repository, "" where it is the root.
    """
    found = sorted(all_ordered(check), key=lambda pair: not pair[1].mandatory)
    failed = [_failed(phase, folder) for phase in check.phases if phase.failed]
    lines = [
        *failed,
        *(_finding(phase, finding, folder) for phase, finding in found),
        f"palier check: {one_line(check.sentence())}",
    ]
    return "\n".join(lines) + "\n"


def append_summary(check: Check, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Add the Markdown summary to the file of the job's page, where GitHub names one; says which it was.

    Raises OperationError where it cannot be written.
    """
    named = environment.get(SUMMARY_VARIABLE)
    if not named:
        return None
    from palier.checking import markdown
    from palier.errors import OperationError

    file = Path(named)
    try:
        with file.open("a", encoding="utf-8") as summary:
            summary.write(markdown.render(check))
    except OSError as error:
        raise OperationError(
            f"the summary cannot be added to {file}: {error.strerror}",
            left="the findings are in the log",
            next_step=f"look at {SUMMARY_VARIABLE}, or leave it unset",
        ) from None
    return file


def command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One workflow command on one line; an empty property is left out."""
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items() if value)
    return f"::{name}{f' {told}' if told else ''}::{_data(message)}"


def _failed(phase: PhaseCheck, folder: str) -> str:
    title = f"no preview of {phase.phase}"
    return command("error", phase.failed or title, {"file": _file(phase, folder), "title": title})


def _finding(phase: PhaseCheck, finding: Finding, folder: str) -> str:
    which = kind(finding)
    title = f"{finding.policy} ({phase.phase}, {which})"
    message = f"{finding.subject}: {finding.message}"
    return command(COMMANDS[which], message, {"file": _file(phase, folder), "title": title})


def _file(phase: PhaseCheck, folder: str) -> str:
    return "/".join(part for part in (folder.strip("/"), phase.settings_file) if part)


def _data(text: str) -> str:
    # Lines and control characters are blanks already; a percent sign is what the runner decodes.
    return one_line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
