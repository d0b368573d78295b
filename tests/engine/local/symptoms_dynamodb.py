"""The symptoms of moto's DynamoDB that Palier mends."""

from __future__ import annotations

from typing import Any

from tests.engine.local.symptoms import Clients, Symptom, outcome

KEY = "arn:aws:kms:eu-west-3:123456789012:key/0"
BOTH: dict[str, Any] = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


def _made(clients: Clients, **further: Any) -> Any:
    dynamodb = clients("dynamodb")
    dynamodb.create_table(
        TableName="map",
        KeySchema=[{"AttributeName": "map", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "map", "AttributeType": "S"}],
        **{"BillingMode": "PAY_PER_REQUEST", **further},
    )
    return dynamodb


def encryption(clients: Clients) -> object:
    dynamodb = _made(clients)
    dynamodb.update_table(
        TableName="map", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    )
    encrypted = dynamodb.describe_table(TableName="map")["Table"].get("SSEDescription", {})
    dynamodb.update_table(TableName="map", SSESpecification={"Enabled": False})
    plain = dynamodb.describe_table(TableName="map")["Table"].get("SSEDescription")
    return encrypted.get("KMSMasterKeyArn"), plain


def second_stream(clients: Clients) -> object:
    dynamodb = _made(clients, StreamSpecification=BOTH)
    dynamodb.update_table(TableName="map", StreamSpecification={"StreamEnabled": False})
    again = outcome(dynamodb.update_table, TableName="map", StreamSpecification=BOTH)
    twice = outcome(dynamodb.update_table, TableName="map", StreamSpecification=BOTH)
    return again, twice


def capacity(clients: Clients) -> object:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    dynamodb = _made(clients, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    dynamodb.update_table(TableName="map", BillingMode="PAY_PER_REQUEST")
    return dynamodb.describe_table(TableName="map")["Table"]["ProvisionedThroughput"]["ReadCapacityUnits"]


SYMPTOMS = (
    Symptom("encryption_of_a_table_changed", encryption, (None, None), (KEY, None)),
    Symptom(
        "stream_begun_anew",
        second_stream,
        ("ResourceInUseException", "ResourceInUseException"),
        ("done", "ResourceInUseException"),
    ),
    Symptom("no_capacity_on_demand", capacity, 5, 0),
)
