"""The journal reads back what was written, and knows what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.local.emulator.journal import BadJournal, Entry, Journal


def entry(number: int = 0, body: bytes = b"Action=CreateVpc") -> Entry:
    return Entry(
        number=number,
        at=1.5,
        status=200,
        service="ec2",
        operation="CreateVpc",
        region="eu-west-3",
        method="POST",
        uri="/",
        headers={"HTTP_HOST": "127.0.0.1"},
        body=body,
    )


@given(st.binary(max_size=200))
def test_any_body_is_read_back_as_it_was(body: bytes) -> None:
    line = entry(body=body).to_line()
    assert line.count(b"\n") == 1
    assert Entry.from_line(line).body == body


def test_it_goes_on_with_the_same_seed_and_number(tmp_path: Path) -> None:
    first = Journal(tmp_path / "journal")
    first.append(entry(0))
    first.append(entry(1))
    first.close()
    again = Journal(tmp_path / "journal")
    assert (again.seed, again.born_at, again.count) == (first.seed, first.born_at, 2)
    assert [one.number for one in again.entries()] == [0, 1]


def test_emptied_it_begins_anew_with_another_seed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    before = journal.seed
    journal.append(entry())
    journal.empty()
    assert journal.count == 0
    assert journal.seed != before
    assert list(Journal(tmp_path / "journal").entries()) == []


@pytest.mark.parametrize("torn_bytes", [1, 10, 100])
def test_a_torn_last_line_is_dropped(tmp_path: Path, torn_bytes: int) -> None:
    journal = Journal(tmp_path / "journal")
    journal.append(entry(0))
    whole = (tmp_path / "journal").stat().st_size
    journal.append(entry(1))
    journal.close()
    os.truncate(tmp_path / "journal", whole + torn_bytes)
    again = Journal(tmp_path / "journal")
    assert again.torn
    assert (again.count, (tmp_path / "journal").stat().st_size) == (1, whole)


def test_a_torn_first_line_is_a_new_journal(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text('{"palier_jour')
    journal = Journal(tmp_path / "journal")
    journal.append(entry())
    assert Journal(tmp_path / "journal").count == 1


@pytest.mark.parametrize("text", ["no journal\n", '{"palier_journal": 1}\n', "[]\n"])
def test_what_is_no_journal_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal").write_text(text)
    with pytest.raises(BadJournal, match="is not a journal of the local cloud"):
        Journal(tmp_path / "journal")
    assert (tmp_path / "journal").read_text() == text


def test_a_journal_of_a_later_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text('{"palier_journal": 2, "seed": "x", "born_at": 1}\n')
    with pytest.raises(BadJournal, match="has format 2; this version reads format 1"):
        Journal(tmp_path / "journal")


def test_a_full_disk_leaves_the_journal_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal")
    journal.append(entry(0))
    real = journal._file

    class Full:
        """Takes ten bytes, then none."""

        room = 10

        def write(self, data: bytes) -> int:
            if not self.room:
                raise OSError(28, "No space left on device")
            self.room = 0
            return real.write(bytes(data)[:10])

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    monkeypatch.setattr(journal, "_file", Full())
    with pytest.raises(OSError, match="No space left"):
        journal.append(entry(1))
    monkeypatch.setattr(journal, "_file", real)
    journal.append(entry(1))
    assert [one.number for one in Journal(tmp_path / "journal").entries()] == [0, 1]
