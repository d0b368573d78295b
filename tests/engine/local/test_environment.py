"""In the environment of local mode nothing of the user's AWS or Pulumi settings is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.local.cloud import Status
from palier.local.environment import changes, exports, local_env

from tests.engine.local.emulated import Emulated

CLOUD = Status(True, "http://127.0.0.1:4790", 4790)
REAL = {
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREALLOOKINGKEY01",
    "AWS_SECRET_ACCESS_KEY": "real-looking-secret",
    "AWS_SESSION_TOKEN": "real-looking-token",
    "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/admin",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/token",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/creds",
    "AWS_CONFIG_FILE": "/home/somebody/.aws/config",
    "PULUMI_ACCESS_TOKEN": "pul-real",
    "PULUMI_BACKEND_URL": "https://api.pulumi.com",
    "PULUMI_HOME": "/home/somebody/.pulumi",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/home/somebody/passphrase",
    "HTTPS_PROXY": "http://proxy.example.com:3128",
    "NO_PROXY": "intranet.example.com",
    "PATH": "/usr/bin",
    "HOME": "/home/somebody",
}
names = st.sampled_from(sorted(REAL)) | st.from_regex(r"(AWS|PULUMI|BOTO)_[A-Z_]{1,20}", fullmatch=True)


@given(st.dictionaries(names, st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=20)))
def test_no_value_of_the_users_aws_or_pulumi_settings_is_left(base: dict[str, str]) -> None:
    made = local_env(base, CLOUD, None)
    for name, value in made.items():
        if name.startswith(("AWS_", "PULUMI_", "BOTO_")):
            assert value == local_env({}, CLOUD, None)[name]


def test_the_base_is_not_changed_and_the_rest_of_it_stays() -> None:
    base = dict(REAL)
    made = local_env(base, CLOUD, None)
    assert base == REAL
    assert (made["HOME"], made["HTTPS_PROXY"]) == (REAL["HOME"], REAL["HTTPS_PROXY"])


def test_loopback_is_out_of_any_proxys_way() -> None:
    made = local_env(REAL, CLOUD, None)
    assert made["NO_PROXY"] == made["no_proxy"] == "intranet.example.com,127.0.0.1,localhost"


def test_the_virtual_environment_and_the_engine_come_first_on_path_once() -> None:
    once = local_env(REAL, CLOUD, Path("/opt/engine/bin"))
    twice = local_env(once, CLOUD, Path("/opt/engine/bin"))
    assert once["PATH"].split(os.pathsep) == [f"{sys.prefix}/bin", "/opt/engine/bin", "/usr/bin"]
    assert twice == once


def test_the_exports_do_to_a_shell_what_the_environment_says() -> None:
    odd = {**REAL, "AWS_ODD": "it's $odd; `really`"}
    script = "\n".join([*exports(odd, CLOUD, "/opt/an engine's/bin"), f"{sys.executable} -c '{_PRINT}'"])
    shell = subprocess.run(
        ["/bin/sh", "-eu"], input=script, env=odd, capture_output=True, text=True, check=True
    )
    seen = {name: value for name, value in json.loads(shell.stdout).items() if name not in _SHELLS_OWN}
    assert seen == local_env(odd, CLOUD, "/opt/an engine's/bin")


_PRINT = "import json, os; print(json.dumps(dict(os.environ)))"
_SHELLS_OWN = {"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


def test_for_machines_what_must_go_is_null() -> None:
    told = changes(REAL, CLOUD, None)
    assert told["AWS_PROFILE"] is None
    assert told["AWS_ENDPOINT_URL"] == CLOUD.endpoint
    assert "HOME" not in told


def test_with_real_credentials_around_every_request_goes_to_loopback(emulator: Emulated) -> None:
    cloud = Status(True, emulator.endpoint, emulator.port)
    code = (
        "import boto3; boto3.client('sns').create_topic(Name='here');"
        "print(boto3.client('sts').get_caller_identity()['Account'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=local_env(os.environ | REAL, cloud, None),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "123456789012"
    seen = emulator.api("requests")
    assert [one["operation"] for one in seen] == ["CreateTopic", "GetCallerIdentity"]
    assert {one["access_key"] for one in seen} == {"palierlocal"}


@pytest.mark.parametrize("secret", ["real-looking-secret", "real-looking-token", "pul-real"])
def test_no_secret_of_the_user_is_printed(secret: str) -> None:
    assert secret not in "\n".join(exports(REAL, CLOUD, None))
    assert secret not in json.dumps(changes(REAL, CLOUD, None))
