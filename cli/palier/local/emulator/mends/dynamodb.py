"""Mends of DynamoDB: what a change of a table leaves as it was."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend


@mend("dynamodb")
def encryption_of_a_table_changed() -> None:
    """UpdateTable drops SSESpecification: a table keeps the encryption that it was created with."""
    from moto.dynamodb.responses import DynamoHandler

    @around(DynamoHandler, "update_table")
    def update(original: Any, self: Any) -> Any:
        asked = self.body.get("SSESpecification")
        if asked is not None:
            table = self.dynamodb_backend.get_table(self.body["TableName"])
            if asked.get("Enabled") and "KMSMasterKeyId" not in asked:
                key = table._get_default_encryption_key(table.account_id, table.region_name)
                asked = {**asked, "KMSMasterKeyId": key}
            table.sse_specification = asked
        return original(self)


@mend("dynamodb")
def stream_begun_anew() -> None:
    """A table whose stream has been ended can never have another: "already enabled"."""
    from moto.dynamodb.models import DynamoDBBackend

    @around(DynamoDBBackend, "update_table_streams")
    def update(original: Any, self: Any, table: Any, stream_specification: Any) -> None:
        if not (table.stream_specification or {}).get("StreamEnabled"):
            table.set_stream_specification(stream_specification)
        else:
            original(self, table, stream_specification)


@mend("dynamodb")
def no_capacity_on_demand() -> None:
    """A table that goes from PROVISIONED to PAY_PER_REQUEST keeps its capacity units; AWS tells 0."""
    from moto.dynamodb.models import DynamoDBBackend

    @around(DynamoDBBackend, "update_table")
    def update(original: Any, self: Any, **named: Any) -> Any:
        table = original(self, **named)
        if table.billing_mode == "PAY_PER_REQUEST":
            table.throughput = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0}
        return table
