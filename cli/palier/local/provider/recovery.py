"""Finding again what a killed run has created, from the answers that the local cloud recorded.

A create that was under way when the engine died is a pending operation in the state, without an id. The
emulator keeps the answers to every successful request made for a URN; the same table entry that would have
taken the id from the answer takes it from the record.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from palier.local.provider.operations import identify
from palier.local.provider.table import entries

# What makes a DB instance besides CreateDBInstance (`Entry.create_as`).
_OTHER_CREATIONS = (
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceToPointInTime",
)


def find_created(
    urn: str, type_token: str, inputs: Mapping[str, Any], creations: Sequence[Mapping[str, Any]]
) -> str | None:
    """The id of the last creation of `type_token` among `creations`; None where there is none.

    `creations` are the emulator's records: `service`, `operation`, `status`, `headers`, `body_base64`.
    """
    entry = entries().get(type_token)
    if entry is None:
        return None
    operations = {entry.create.operation, *(_OTHER_CREATIONS if entry.create_as else ())}
    for record in reversed(creations):
        if record["operation"] not in operations:
            continue
        answer = parse(entry.service, record)
        found = identify(entry, inputs, answer)
        return entry.canonical_id(inputs, found) if entry.canonical_id else found
    return None


def parse(service: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """A recorded answer, parsed by botocore's own parser for the service's protocol."""
    import botocore.session
    from botocore.parsers import create_parser

    model = botocore.session.Session().get_service_model(service)
    operation = model.operation_model(record["operation"])
    parser = create_parser(model.resolved_protocol)
    response = {
        "status_code": int(record["status"]),
        "headers": dict(record["headers"]),
        "body": base64.b64decode(record["body_base64"]),
    }
    parsed: dict[str, Any] = parser.parse(response, operation.output_shape)
    return parsed
