"""The rows of an observation file, CSV or YAML, as they stand there; `observations` judges them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from palier.capacity.observations import COLUMNS, NEEDED, Row
from palier.errors import InputError


def rows_of(file: Path) -> Iterator[Row]:
    """Every row of a file. Raises InputError where it cannot be read or has another form."""
    text = _text(file)
    if file.suffix.lower() in (".yaml", ".yml"):
        return _yaml_rows(text, file)
    return _csv_rows(text, file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=file) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8 text", file=file, allowed="CSV or YAML in UTF-8") from None


def _csv_rows(text: str, file: Path) -> Iterator[Row]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or ()]
        reader.fieldnames = names
        if unknown := [name for name in names if name not in COLUMNS]:
            raise InputError(
                f"unknown column {unknown[0]!r}", file=file, key="line 1", allowed=",".join(COLUMNS)
            )
        if missing := [name for name in NEEDED if name not in names]:
            raise InputError(f"no column {missing[0]}", file=file, key="line 1", allowed=",".join(COLUMNS))
        for row in reader:
            place = f"line {reader.line_num}"
            if None in row:  # more cells than columns: most often a decimal comma among commas
                raise InputError(
                    f"has {len(names) + len(row[None])} cells for {len(names)} columns",
                    file=file,
                    key=place,
                    allowed="decimal commas where semicolons stand between the cells",
                )
            yield Row(
                file,
                place,
                row["date"] or "",
                (row["metric"] or "").strip(),
                row["value"] or "",
                row.get("unit") or "",
                row.get("source") or "",
            )
    except csv.Error as error:
        raise InputError(f"is not CSV: {error}", file=file, key=f"line {reader.line_num}") from None


def _yaml_rows(text: str, file: Path) -> Iterator[Row]:
    from palier.capacity.yaml_files import parse

    data = parse(text, file)
    if data is None:
        return
    if isinstance(data, dict):
        yield from _dated(data, file)
        return
    if not isinstance(data, list):
        raise InputError("is neither a list nor a mapping of dates", file=file, allowed=", ".join(COLUMNS))
    for index, entry in enumerate(data):
        yield yaml_row(entry, file, f"[{index}]")


def yaml_row(entry: object, file: Path | str, place: str) -> Row:
    """The row of one mapping in a list. Raises InputError."""
    if not isinstance(entry, dict):
        raise InputError("is not a mapping", file=file, key=place, allowed=", ".join(COLUMNS))
    if unknown := [name for name in entry if name not in COLUMNS]:
        raise InputError(f"unknown key {unknown[0]!r}", file=file, key=place, allowed=", ".join(COLUMNS))
    if missing := [name for name in NEEDED if name not in entry]:
        raise InputError(f"{missing[0]} is missing", file=file, key=place, allowed=", ".join(COLUMNS))
    unit, source = str(entry.get("unit") or ""), str(entry.get("source") or "")
    return Row(file, place, entry["date"], str(entry["metric"]), entry["value"], unit, source)


def _dated(data: dict[object, object], file: Path) -> Iterator[Row]:
    for date, values in data.items():
        if not isinstance(values, dict):
            raise InputError("is not a mapping", file=file, key=str(date), allowed="metric: value")
        for name, value in values.items():
            yield Row(file, f"{date}.{name}", date, str(name), value)
