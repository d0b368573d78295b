"""Values that the engine learns late, and inputs that it mends on a policy's word."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from palier_policies import catalog

from tests.engine.policies.cases import (
    BUCKET,
    DATABASE,
    LOGS,
    PROXY,
    QUEUE,
    TAGS,
    TEMPLATE,
    Made,
    broken_database,
    late,
    secret,
    template,
    watched_database,
)
from tests.engine.policies.pairs import CASES
from tests.engine.policies.world import Ran, Stacked
from tests.unit.policies.platforms import platform

NETWORK = "aws:ec2/vpc:Vpc"
MENDABLE = tuple(policy.name for policy in catalog.policies() if policy.mend)
PASSWORD = "correct-horse-battery"
# What marks a secret in a state (sdk/go/common/resource/properties.go).
SIGNATURE, IS_SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
# By type and name: the inputs that a remedy sets.
MENDED: dict[tuple[str, str], dict[str, Any]] = {
    (DATABASE, "public"): {"publiclyAccessible": False},
    (QUEUE, "plain"): {"sqsManagedSseEnabled": True},
    (PROXY, "pool"): {"requireTls": True},
    (BUCKET, "untagged"): {"tags": TAGS},
    (LOGS, "endless"): {"retentionInDays": 30},
    (TEMPLATE, "bare"): {
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20, "encrypted": "true"}}]
    },
}


def _about_publicness(ran: Ran) -> list[tuple[str, str]]:
    return [each[::2][:2] for each in ran.events if each[1] == "no-public-databases"]


def test_what_breaks_a_policy_once_it_is_known_is_refused_before_it_is_made(
    fresh: Callable[[str], Stacked], tmp_path: Path
) -> None:
    stack = fresh("unknown")
    network: Made = (NETWORK, "network", {"cidrBlock": "10.0.0.0/16"})
    database = watched_database("late", publiclyAccessible=late("network", True))

    previewed = stack.preview([network, *database], platform(tmp_path))
    ran = stack.up([network, *database], platform(tmp_path), "--skip-preview")

    not_known = "not judged: Instance late: publiclyAccessible is not known before up"
    public = (
        "Instance late: publiclyAccessible is true: it is reachable from outside its VPC; "
        "set publiclyAccessible to false"
    )
    assert previewed.code == 0, previewed.text
    assert _about_publicness(previewed) == [("advisory", not_known)]
    assert _about_publicness(ran) == [("mandatory", public)]
    assert ran.code != 0
    assert [urn.rpartition("::")[2] for urn in stack.created] == ["network"]
    assert [each["type"] for each in stack.standing()] == [NETWORK]


@pytest.fixture(scope="module")
def remedied(fresh: Callable[[str], Stacked], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the policies at level `remediate` can mend, brought up."""
    folder = tmp_path_factory.mktemp("remedied")
    rules: dict[str, Any] = dict.fromkeys(MENDABLE, "remediate")
    rules["cost-tags"] = {"enforcementLevel": "remediate", "defaults": {"cost-center": TAGS["cost-center"]}}
    policies = folder / "policies.yaml"
    policies.write_text(yaml.safe_dump({"all": "advisory", "policies": rules}))
    broken = {made[:2]: made for case in CASES if case.policy in MENDABLE for made in case.broken}
    broken[DATABASE, "public"] = broken_database("public", publiclyAccessible=True, password=secret(PASSWORD))
    bare = template("bare", {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}})
    broken[TEMPLATE, "bare"] = bare
    stack = fresh("remedied")
    return stack, stack.up(
        [broken[key] for key in MENDED], platform(folder), "--skip-preview", policies=policies
    )


def test_what_a_policy_can_mend_the_engine_mends(remedied: Any) -> None:
    stack, ran = remedied
    stands = {(each["type"], each["urn"].rpartition("::")[2]): each["inputs"] for each in stack.standing()}

    assert ran.code == 0, ran.text
    assert {each["policyName"] for each in ran.remedies} == set(MENDABLE)
    assert not ran.violated
    assert {key: {name: stands[key][name] for name in inputs} for key, inputs in MENDED.items()} == MENDED


def test_a_secret_of_what_is_mended_stays_one(remedied: Any) -> None:
    stack, ran = remedied
    (database,) = [each for each in stack.standing() if each["type"] == DATABASE]
    (shown,) = [each for each in stack.standing(secrets=True) if each["type"] == DATABASE]

    for kind in ("inputs", "outputs"):
        kept = database[kind]["password"]
        assert kept[SIGNATURE] == IS_SECRET
        assert set(kept) == {SIGNATURE, "ciphertext"}
        assert json.loads(shown[kind]["password"]["plaintext"]) == PASSWORD
    assert PASSWORD not in json.dumps(stack.standing())
    assert PASSWORD not in ran.text + json.dumps(ran.remedies)
