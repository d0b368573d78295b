"""Every request that changed something, one JSON object a line, in the order of their effects.

The first line says what the journal is: its format, the seed of all ids, and when it began. A line is
written after its request took effect and before its answer leaves, so what a client was told is in it; what
a crash tore off in the middle of writing was never answered, and is dropped.

The file is readable by its user alone: requests hold what they were sent, passwords included.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = 1


class BadJournal(Exception):
    """The file is not a journal this version can go on from."""


@dataclass(frozen=True)
class Entry:
    """One request as it came, and the status it was answered with. `at` is seconds since the epoch."""

    number: int
    at: float
    status: int
    service: str
    operation: str
    region: str
    method: str
    uri: str
    headers: dict[str, str]
    body: bytes

    def to_line(self) -> bytes:
        """One line of JSON; a body that is text stays readable."""
        fields: dict[str, Any] = {**self.__dict__}
        body = fields.pop("body")
        try:
            fields["text"] = body.decode("utf-8")
        except UnicodeDecodeError:
            fields["base64"] = base64.b64encode(body).decode()
        return json.dumps(fields, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Entry:
        """The entry in one line. Raises ValueError, KeyError or TypeError for what is none."""
        fields = json.loads(line)
        text, encoded = fields.pop("text", None), fields.pop("base64", None)
        body = text.encode() if text is not None else base64.b64decode(encoded)
        return cls(**fields, body=body)


class Journal:
    """An open journal: what it held, and where the next line goes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seed, self.born_at = "", 0.0
        self.count = 0
        self.torn = False
        self._file: BinaryIO = self._open()

    def _open(self) -> BinaryIO:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        sound = self._measure()
        if sound == 0:
            file.truncate(0)
            self._begin(file)
        else:
            file.truncate(sound)
            file.seek(sound)
        return file

    def _measure(self) -> int:
        """Read the whole file once; the number of bytes up to the end of its last whole line."""
        sound, lines = 0, 0
        with self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    self.torn = True
                    break
                if lines == 0:
                    self._read_head(line)
                lines += 1
                sound += len(line)
        self.count = max(0, lines - 1)
        return sound

    def _read_head(self, line: bytes) -> None:
        try:
            head = json.loads(line)
            form, self.seed, self.born_at = head["palier_journal"], str(head["seed"]), float(head["born_at"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadJournal(f"{self.path} is not a journal of the local cloud") from error
        if form != FORMAT:
            raise BadJournal(f"{self.path} has format {form}; this version reads format {FORMAT}")

    def _begin(self, file: BinaryIO) -> None:
        self.seed, self.born_at, self.count = secrets.token_hex(8), time.time(), 0
        head = {"palier_journal": FORMAT, "seed": self.seed, "born_at": self.born_at}
        file.write(json.dumps(head).encode() + b"\n")

    def entries(self) -> Iterator[Entry]:
        """The entries in order. Raises BadJournal with the line where one cannot be read."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number == 1:
                    continue
                try:
                    yield Entry.from_line(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise BadJournal(f"{self.path}:{number} is not an entry") from error

    def append(self, entry: Entry) -> None:
        """Write one entry with one call, so that a crash can tear only the last line.

        Handed to the operating system, not to the disk: it survives the death of the process, and a power
        cut ends a rehearsal anyway. Raises OSError (a full disk) and leaves the journal whole.
        """
        before, line = self._file.tell(), memoryview(entry.to_line())
        try:
            while line:
                line = line[self._file.write(line) :]
        except OSError:
            self._file.truncate(before)
            self._file.seek(before)
            raise
        self.count += 1

    def empty(self) -> None:
        """Begin anew, with a new seed: ids of before never come back as something else."""
        self._file.seek(0)
        self._file.truncate(0)
        self._begin(self._file)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
