"""Killed and started again, the local cloud is what it was: same ids, same times, same secrets."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from tests.engine.local import mixture
from tests.engine.local.emulated import Emulated


@pytest.mark.parametrize("seed", [1, 2])
def test_every_description_is_the_same_after_kill_and_restart(own_emulator: Emulated, seed: int) -> None:
    own_emulator.start()
    mixture.build(own_emulator.client, seed)
    before, standing = mixture.look(own_emulator.client), own_emulator.api("summary")
    assert standing["total"] > 40
    own_emulator.restart_after_kill()
    assert mixture.look(own_emulator.client) == before
    assert own_emulator.api("summary") == standing
    assert own_emulator.api("health")["replay"]["diverged"] == []


def test_a_request_that_names_the_whole_address_is_replayed_too(own_emulator: Emulated) -> None:
    own_emulator.start()
    endpoint = f"http://127.0.0.1:{own_emulator.port}"
    scope = "Credential=palierlocal/20261122/eu-west-3/sns/aws4_request"
    connection = HTTPConnection("127.0.0.1", own_emulator.port, timeout=60)
    connection.request(
        "POST",
        f"{endpoint}/",
        body="Action=CreateTopic&Name=whole",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    assert connection.getresponse().status == 200
    connection.close()
    own_emulator.restart_after_kill()
    assert own_emulator.api("health")["replay"]["diverged"] == []
    assert len(own_emulator.client("sns").list_topics()["Topics"]) == 1


def test_what_is_made_after_a_restart_has_new_ids(own_emulator: Emulated) -> None:
    own_emulator.start()
    first = own_emulator.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own_emulator.restart_after_kill()
    second = own_emulator.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    assert first != second


def test_ids_of_before_a_reset_never_come_back(emulator: Emulated) -> None:
    first = emulator.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    emulator.api("reset", method="POST")
    second = emulator.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert first != second


def test_what_was_encrypted_can_be_decrypted_after_a_restart(own_emulator: Emulated) -> None:
    own_emulator.start()
    key = own_emulator.client("kms").create_key()["KeyMetadata"]["KeyId"]
    hidden = own_emulator.client("kms").encrypt(KeyId=key, Plaintext=b"readable again")["CiphertextBlob"]
    assert own_emulator.api("health")["mutations"] == 1, "encryption keeps nothing"
    own_emulator.restart_after_kill()
    assert own_emulator.client("kms").decrypt(CiphertextBlob=hidden)["Plaintext"] == b"readable again"


def test_a_line_torn_by_a_kill_is_dropped_and_the_rest_stands(own_emulator: Emulated) -> None:
    own_emulator.start()
    for name in ("one", "two"):
        own_emulator.client("sns").create_topic(Name=name)
    own_emulator.kill()
    with own_emulator.layout.journal.open("r+b") as journal:
        journal.truncate(own_emulator.layout.journal.stat().st_size - 40)
    own_emulator.start()
    names = [topic["TopicArn"].split(":")[-1] for topic in own_emulator.client("sns").list_topics()["Topics"]]
    assert names == ["one"]
    own_emulator.client("sns").create_topic(Name="three")
    own_emulator.restart_after_kill()
    assert len(own_emulator.client("sns").list_topics()["Topics"]) == 2


def test_a_replay_that_comes_out_otherwise_says_where(own_emulator: Emulated) -> None:
    own_emulator.start()
    own_emulator.client("sns").create_topic(Name="critical")
    own_emulator.kill()
    head, line = own_emulator.layout.journal.read_text().splitlines()
    entry = json.loads(line) | {"status": 404}
    own_emulator.layout.journal.write_text(f"{head}\n{json.dumps(entry)}\n")
    own_emulator.start()
    (diverged,) = own_emulator.api("health")["replay"]["diverged"]
    assert diverged == ("request 0, sns CreateTopic in eu-west-3: answered 200 now, 404 when it was recorded")


def test_reads_leave_the_journal_alone(emulator: Emulated) -> None:
    for service, operations in mixture.LISTINGS.items():
        for operation in operations:
            getattr(emulator.client(service), operation)()
    assert emulator.api("health")["mutations"] == 0


def test_neither_a_session_token_nor_a_signature_reaches_the_journal(emulator: Emulated) -> None:
    import boto3

    boto3.client(
        "sns",
        endpoint_url=emulator.endpoint,
        region_name="eu-west-3",
        aws_access_key_id="AKIAREALLOOKINGKEY01",
        aws_secret_access_key="real-looking-secret",
        aws_session_token="real-looking-token",
    ).create_topic(Name="critical")
    written = emulator.layout.journal.read_text()
    assert "CreateTopic" in written
    for secret in ("real-looking-secret", "real-looking-token", "Signature="):
        assert secret not in written


def test_parallel_changes_are_replayed_in_the_order_of_their_effects(own_emulator: Emulated) -> None:
    own_emulator.start()
    clients = [own_emulator.new_client("ec2") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        made = pool.map(
            lambda number: clients[number % 8].create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"], range(40)
        )
        before = {vpc["VpcId"]: vpc["CidrBlock"] for vpc in made}
    assert len(before) == 40
    own_emulator.restart_after_kill()
    vpcs = own_emulator.client("ec2").describe_vpcs()["Vpcs"]
    assert {vpc["VpcId"]: vpc["CidrBlock"] for vpc in vpcs if not vpc["IsDefault"]} == before
