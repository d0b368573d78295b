"""The cut models answer for the operations of the table as the whole ones do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from palier.local.provider import models
from palier.local.provider.clients import Clients
from palier.local.provider.table import entries

SERVICES = sorted({entry.service for entry in entries().values()})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cut models of every service that the table names."""
    place = tmp_path_factory.mktemp("models")
    models.write(set(SERVICES), place)
    return place


def declared(service: str) -> set[str]:
    """The operations that the entries of a service declare."""
    mine = [entry for entry in entries().values() if entry.service == service]
    calls = [
        call for entry in mine for call in (entry.create, entry.update, entry.delete, entry.read) if call
    ]
    extras = [extra.call for entry in mine for extra in entry.extras]
    tags = [call for entry in mine if entry.tags for call in (entry.tags.add, entry.tags.remove)]
    return {call.operation for call in (*calls, *extras, *tags)}


@pytest.mark.parametrize("service", SERVICES)
def test_every_declared_operation_is_in_the_cut_model(service: str, folder: Path) -> None:
    cut, whole = models.load(service, folder), models.whole(service)

    assert declared(service) <= set(cut.operation_names)
    assert set(cut.operation_names) < set(whole.operation_names)


@pytest.mark.parametrize("service", SERVICES)
def test_shapes_reach_as_far_as_in_the_whole_model(service: str, folder: Path) -> None:
    cut, whole = models.load(service, folder), models.whole(service)

    for name in declared(service):
        for side in ("input_shape", "output_shape"):
            mine, theirs = (getattr(model.operation_model(name), side) for model in (cut, whole))
            assert _outline(mine) == _outline(theirs)


def _outline(shape: Any, depth: int = 0) -> Any:
    """Names and types of a shape's members, as deep as any of ours goes."""
    kind = getattr(shape, "type_name", None)
    if kind == "structure" and depth < 6:
        return {name: _outline(member, depth + 1) for name, member in shape.members.items()}
    if kind == "list" and depth < 6:
        return [_outline(shape.member, depth + 1)]
    return kind


def test_an_operation_outside_the_cut_model_comes_from_the_whole_one(folder: Path) -> None:
    assert "DescribeReservedInstances" not in models.load("ec2", folder).operation_names

    clients = Clients("http://127.0.0.1:9", folder)

    assert clients.operation_model("ec2", "DescribeReservedInstances").name == "DescribeReservedInstances"
    assert clients.operation_model("ec2", "CreateVpc").name == "CreateVpc"


def test_a_model_that_is_current_is_not_written_again(folder: Path) -> None:
    path = next(folder.rglob("sts.json"), None) or next(folder.rglob("*.json"))
    before = path.stat().st_mtime_ns

    models.write(set(SERVICES), folder)
    assert path.stat().st_mtime_ns == before

    os.utime(path, (0, 0))
    models.write(set(SERVICES), folder)
    assert path.stat().st_mtime_ns > before


def test_a_torn_model_is_read_whole(folder: Path, tmp_path: Path) -> None:
    torn = tmp_path / next(folder.rglob("sns.json")).relative_to(folder)
    torn.parent.mkdir(parents=True)
    torn.write_text('{"metadata": ')

    assert "ListTopics" in models.load("sns", tmp_path).operation_names
