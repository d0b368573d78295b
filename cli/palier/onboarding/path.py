"""The newcomer's path: week 1, then months 1 to 3, as a checklist that ticks itself off on GitHub.

The words are the source document's "Onboarding Path - Week 1", with "Mois 1-3 : Progression mesurée" made
into milestones; a `path.yaml` beside `people/` puts a team's own in their place.
"""

from __future__ import annotations

from pathlib import Path as File
from typing import TYPE_CHECKING

from pydantic import Field, ValidationError

from palier.capacity.sections import Section
from palier.capacity.yaml_files import load as load_yaml
from palier.errors import InputError
from palier.onboarding.refusals import refusal

if TYPE_CHECKING:
    from palier.onboarding.github import Issue

FILE = "path.yaml"
# A comment that people do not see and a rerun finds; with the login, a checklist's own name.
MARK = "<!-- palier:onboarding"
_TASK_BEGINS, _TASK_ENDS = "<!-- palier:first-task -->", "<!-- /palier:first-task -->"


class Part(Section):
    """A few days, or a month: a title and what is to be ticked off."""

    title: str = Field(min_length=1, description="Such as Day 1-2.")
    items: list[str] = Field(
        min_length=1, description="What is ticked off; {buddy}, {manager}, {first_task}."
    )


class LearningPath(Section):
    """Week 1 and the months after it."""

    week: list[Part] = Field(min_length=1, description="The first week.")
    months: list[Part] = Field(description="Milestones of the months after.")


DEFAULT = LearningPath(
    week=[
        Part(
            title="Day 1-2: Product & Architecture",
            items=[
                "Product demo with PM (1h)",
                "Architecture overview with Tech Lead (2h)",
                "Code walkthrough session (2h)",
                "First commit: {first_task} (4h)",
            ],
        ),
        Part(
            title="Day 3-4: Team Integration",
            items=[
                "Pair programming with {buddy} (full day)",
                "Attend all team meetings",
                "Complete first feature (small scope)",
                "Code review with team",
            ],
        ),
        Part(
            title="Day 5: Feedback & Planning",
            items=[
                "1-on-1 with {manager}",
                "Feedback session with {buddy}",
                "Plan for week 2-4",
                "Team lunch",
            ],
        ),
    ],
    months=[
        Part(
            title="Month 1",
            items=[
                "A feature in production (goal: within the first week)",
                "Reviews others' pull requests",
                "Feedback with {buddy} and {manager}: what in this path was missing or too much?",
            ],
        ),
        Part(
            title="Month 2",
            items=[
                "Works at the team's own pace (goal: within six weeks)",
                "Took part in an incident or a rehearsal of one",
                "Feedback with {manager}",
            ],
        ),
        Part(
            title="Month 3",
            items=[
                "Answers for a part of the system",
                "Survey of satisfaction (goal: above 8 of 10)",
                "The path of the next months, with {manager}",
            ],
        ),
    ],
)


def load(folder: File) -> LearningPath:
    """The path of a roster's folder, or the default. Raises InputError for a file that is wrong."""
    file = folder / FILE
    if not file.exists():
        return DEFAULT
    data = load_yaml(file)
    try:
        path = LearningPath.model_validate(data)
        for part in (*path.week, *path.months):
            for item in part.items:
                filled(item, {})
        return path
    except ValidationError as error:
        raise refusal(error, LearningPath, file) from None
    except KeyError as error:
        raise InputError(
            f"nothing is called {{{error.args[0]}}}", file=file, allowed="{buddy}, {manager}, {first_task}"
        ) from None
    except (ValueError, IndexError):
        raise InputError(
            "braces that name nothing", file=file, allowed="{buddy}, {manager}, {first_task}"
        ) from None


def filled(item: str, names: dict[str, str]) -> str:
    """An item with its names put in."""
    return item.format_map(
        {"buddy": "the buddy", "manager": "the manager", "first_task": "a first task"} | names
    )


def mark(login: str) -> str:
    """What a person's checklist is found by."""
    return f"{MARK} {login} -->"


def title(name: str) -> str:
    """The title of a person's checklist."""
    return f"Onboarding: {name}"


def checklist(
    path: LearningPath, login: str, name: str, buddy: str | None, manager: str | None, task: str | None
) -> str:
    """The body of the issue. People are mentioned, so that GitHub tells them."""
    names = {
        "buddy": f"@{buddy}" if buddy else "your buddy",
        "manager": f"@{manager}" if manager else "your manager",
        "first_task": task or "a first task, see above",
    }
    lines = [mark(login), f"Welcome, {name}! Tick off what is done; the order is a proposal.", ""]
    lines += [task_block(task, manager), "", "## Week 1"]
    for part in path.week:
        lines += ["", f"### {part.title}", *(f"- [ ] {filled(item, names)}" for item in part.items)]
    if path.months:
        lines += ["", "## Months 1-3"]
    for part in path.months:
        lines += ["", f"### {part.title}", *(f"- [ ] {filled(item, names)}" for item in part.items)]
    return "\n".join(lines) + "\n"


def task_block(task: str | None, manager: str | None) -> str:
    """The part that says what the first task is, or asks the manager for one."""
    asks = f"@{manager}: " if manager else ""
    said = f"First task: {task}" if task else f"{asks}no open issue suits a first day yet; please label one."
    return f"{_TASK_BEGINS}\n{said}\n{_TASK_ENDS}"


def with_task(body: str, task: str | None, manager: str | None) -> str:
    """A checklist with its first task set, everything that people ticked off or wrote kept."""
    before, begins, rest = body.partition(_TASK_BEGINS)
    _, ends, after = rest.partition(_TASK_ENDS)
    if not begins or not ends:
        return body  # somebody took it out: theirs to decide
    return before + task_block(task, manager) + after


def find(issues: list[Issue], login: str) -> Issue | None:
    """The person's checklist among issues, the oldest where a kill of old left two."""
    mine = [issue for issue in issues if mark(login) in issue.body]
    return min(mine, key=lambda issue: issue.number, default=None)
