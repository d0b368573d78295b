"""The surveys of satisfaction: a YAML file for each person, or one CSV for all. Read whole or refused."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from palier.capacity.sections import Section, refuse
from palier.capacity.yaml_files import load as load_yaml
from palier.errors import InputError
from palier.onboarding.refusals import refusal
from palier.onboarding.roster import Roster

FOLDER = "surveys"
COLUMNS = ("login", "date", "satisfaction")
_SCALE = "0 to 10, whole or half"


def _half(value: float) -> float:
    if not 0 <= value <= 10 or (value * 2) % 1:
        raise refuse(f"{value:g} is not on the scale", allowed=_SCALE)
    return value


class Survey(Section):
    """One answer of one person."""

    on: datetime.date = Field(description="The day of the answer.")
    satisfaction: Annotated[float, AfterValidator(_half)] = Field(description="0 to 10, in halves.")
    comment: str | None = Field(default=None, min_length=1, description="What the person added.")


@dataclass(frozen=True)
class _Row:
    file: Path
    key: str
    login: str
    survey: Survey


Surveys = Mapping[str, tuple[Survey, ...]]


def load(place: Path, roster: Roster) -> Surveys:
    """Every survey by login, as the roster has it, oldest first. `place`: the folder, or the CSV file.

    Raises InputError for the first thing wrong.
    """
    found: dict[str, dict[datetime.date, Survey]] = {}
    for row in _rows(place):
        login = _known(row, roster)
        starts = roster.people[login].starts
        if row.survey.on < starts:
            raise InputError(
                f"{row.survey.on} is before the first day of {login}, {starts}", file=row.file, key=row.key
            )
        days = found.setdefault(login, {})
        if row.survey.on in days:
            raise InputError(f"{login} answered on {row.survey.on} already", file=row.file, key=row.key)
        days[row.survey.on] = row.survey
    return {login: tuple(days[day] for day in sorted(days)) for login, days in sorted(found.items())}


def _known(row: _Row, roster: Roster) -> str:
    try:
        return roster.login(row.login)
    except InputError as error:
        raise InputError(error.problem, file=row.file, key=row.key, allowed=error.allowed) from None


def _rows(place: Path) -> Iterator[_Row]:
    if place.is_file():
        if place.suffix != ".csv":
            raise InputError("is no folder of surveys", file=place, allowed="a folder, or a .csv file")
        yield from _csv(place)
        return
    if not place.is_dir():
        raise InputError("is not there", file=place, allowed="a folder of surveys, or a .csv file")
    tables = sorted(place.glob("*.csv"))
    if len(tables) > 1:
        raise InputError("is a second CSV file", file=tables[1], allowed=f"{tables[0].name} alone")
    for table in tables:
        yield from _csv(table)
    for file in sorted(place.glob("*.y*ml")):
        if file.name.startswith("."):
            continue  # what an editor, or a kill, left of a new file
        if file.suffix != ".yaml":
            raise InputError("ends in .yml", file=file, allowed=f"{file.stem}.yaml")
        yield from _yaml(file)


def _yaml(file: Path) -> Iterator[_Row]:
    data = load_yaml(file)
    entries = data if isinstance(data, list) else [data]
    if data is None or not entries:
        raise InputError("is empty", file=file, allowed=", ".join(Survey.model_fields))
    for place, entry in enumerate(entries):
        before = f"[{place}]" if isinstance(data, list) else ""
        if not isinstance(entry, dict):
            allowed = ", ".join(Survey.model_fields)
            raise InputError("is not a mapping", file=file, key=before or None, allowed=allowed)
        key = f"{before}.on" if before else "on"
        yield _Row(file, key, file.stem, _survey(_with_on(entry, file, before), file, before))


def _with_on(entry: dict[Any, Any], file: Path, before: str) -> dict[Any, Any]:
    """The mapping with its key `on`, which YAML 1.1 reads as true."""
    if True not in entry:
        return entry
    if "on" in entry:
        raise InputError("'on' is given twice", file=file, key=before or None)
    return {"on" if key is True else key: value for key, value in entry.items()}


def _survey(entry: Mapping[Any, Any], file: Path, before: str) -> Survey:
    try:
        return Survey.model_validate(dict(entry))
    except ValidationError as error:
        raise refusal(error, Survey, file, before) from None


def _csv(file: Path) -> Iterator[_Row]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=file) from None
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        names = tuple(cell.strip() for cell in next(reader, []))
        if names != COLUMNS:
            raise InputError(
                f"begins with {','.join(names) or 'nothing'}",
                file=file,
                key="line 1",
                allowed=",".join(COLUMNS),
            )
        for cells in reader:
            if cells:
                yield _row(file, f"line {reader.line_num}", [cell.strip() for cell in cells])
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", file=file, key=f"line {reader.line_num}") from None


def _row(file: Path, line: str, cells: list[str]) -> _Row:
    if len(cells) != len(COLUMNS):
        raise InputError(
            f"has {len(cells)} cells for {len(COLUMNS)} columns",
            file=file,
            key=line,
            allowed=",".join(COLUMNS),
        )
    login, day, satisfaction = cells
    try:
        on = datetime.date.fromisoformat(day)
    except ValueError:
        raise InputError(
            f"date: {day!r} is no date", file=file, key=line, allowed="like 2024-10-01"
        ) from None
    try:
        number = float(satisfaction)
    except ValueError:
        raise InputError(
            f"satisfaction: {satisfaction!r} is no number", file=file, key=line, allowed=_SCALE
        ) from None
    return _Row(file, line, login, _survey({"on": on, "satisfaction": number}, file, line))
