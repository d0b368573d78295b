"""The lease that keeps operations of other machines out: an item in the table of sessions, in each region.

It is put on the condition that nobody has it or that it has expired; DynamoDB decides. Regions take writes
independently, so one lease would not do: an operation takes that of every region that answers, and two of
them meet in at least the one that both can reach. `expires_at` is the table's own time to live.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from palier.regions.clients import ImpatientClients, ask

KEY = "palier#region-operation"
TAKEN = ("ConditionalCheckFailedException",)


class DynamoLease:
    """The lease of every region (palier.regions.model.Lease)."""

    def __init__(self, table: str, clients: dict[str, ImpatientClients]) -> None:
        self._table, self._clients = table, clients

    def take(self, region: str, owner: str, seconds: float) -> Mapping[str, str] | None:
        """Take or renew it; what the item says where another has it. Raises Unreachable."""
        from botocore.exceptions import ClientError

        client = self._clients[region].client("dynamodb")
        now = time.time()
        try:
            ask(
                region,
                client.put_item,
                known=TAKEN,
                TableName=self._table,
                Item={
                    "session": {"S": KEY},
                    "owner": {"S": owner},
                    "expires_at": {"N": str(round(now + seconds))},
                },
                # `session` and `owner` are reserved words of DynamoDB's expressions.
                ConditionExpression="attribute_not_exists(#session) OR #owner = :owner OR expires_at < :now",
                ExpressionAttributeNames={"#session": "session", "#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": owner}, ":now": {"N": str(round(now))}},
            )
        except ClientError:
            item = ask(
                region,
                client.get_item,
                TableName=self._table,
                Key={"session": {"S": KEY}},
                ConsistentRead=True,
            ).get("Item", {})
            return {name: str(next(iter(value.values()))) for name, value in item.items()}
        return None

    def give_back(self, region: str, owner: str) -> None:
        """Delete the item where it is the owner's; another's stays. Raises Unreachable."""
        from botocore.exceptions import ClientError

        client = self._clients[region].client("dynamodb")
        try:
            ask(
                region,
                client.delete_item,
                known=TAKEN,
                TableName=self._table,
                Key={"session": {"S": KEY}},
                ConditionExpression="attribute_not_exists(#session) OR #owner = :owner",
                ExpressionAttributeNames={"#session": "session", "#owner": "owner"},
                ExpressionAttributeValues={":owner": {"S": owner}},
            )
        except ClientError:
            return
