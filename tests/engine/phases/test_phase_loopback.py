"""With a real account's settings all around it, a rehearsal sends every request to loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from palier.paths import cache_dir

from tests.engine.phases import isolation
from tests.engine.phases.machine import SECONDS, Machine, palier_command

FAR = f"https://{isolation.FAR}"
# The example key of AWS's own documentation.
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "a-session",
    "AWS_PROFILE": "production",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/deploy",
    "AWS_ENDPOINT_URL": FAR,
    "AWS_ENDPOINT_URL_EC2": FAR,
    "AWS_ENDPOINT_URL_RDS": FAR,
    "AWS_ENDPOINT_URL_S3": FAR,
    "PULUMI_ACCESS_TOKEN": "pul-0123456789abcdef",
    "PULUMI_BACKEND_URL": "s3://states-of-production",
    "PULUMI_CONFIG_PASSPHRASE": "the-real-one",
    **{
        name: f"http://{isolation.FAR}:3128"
        for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        for name in (upper, upper.lower())
    },
}
AWS_CONFIG = f"""\
[default]
region = us-east-1
endpoint_url = {FAR}
[profile production]
region = us-east-1
endpoint_url = {FAR}
credential_process = /bin/false
"""
AWS_CREDENTIALS = "".join(
    f"[{name}]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"
    for name in ("default", "production")
)
PULUMI_CREDENTIALS = {
    "current": "https://api.pulumi.com",
    "accessTokens": {"https://api.pulumi.com": "pul-0123456789abcdef"},
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of somebody who works with AWS and Pulumi every day."""
    home = tmp_path / "home"
    for folder in (".aws", ".pulumi"):
        (home / folder).mkdir(parents=True)
    (home / ".aws" / "config").write_text(AWS_CONFIG)
    (home / ".aws" / "credentials").write_text(AWS_CREDENTIALS)
    (home / ".pulumi" / "credentials.json").write_text(json.dumps(PULUMI_CREDENTIALS))
    return home


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def isolated(machine: Machine, folder: Path, commands: list[list[str]]) -> dict[str, Any]:
    """Run commands where packets that leave are counted; fails, and says why, where that cannot be."""
    report = folder / "report.json"
    done = subprocess.run(
        [sys.executable, isolation.__file__, str(report), machine.endpoint],
        cwd=machine.platform,
        env=machine.variables(),
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode == isolation.CANNOT:
        reason = f"this machine makes no network namespaces: {done.stderr.strip()}"
        if os.environ.get("PALIER_ALLOW_NO_NETNS") == "1":
            pytest.skip(reason)
        pytest.fail(f"{reason}. PALIER_ALLOW_NO_NETNS=1 does without this proof")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def test_with_real_credentials_at_hand_no_packet_leaves_and_no_home_is_touched(
    machine: Machine, home: Path, tmp_path: Path
) -> None:
    machine.more |= ENVIRONMENT | {"HOME": str(home), "PALIER_CACHE_DIR": str(cache_dir())}
    before = contents(home)
    palier = palier_command()
    told = isolated(
        machine,
        tmp_path,
        [[palier, "up", "foundation"], [palier, "verify", "foundation"], [palier, "up", "foundation"]],
    )
    assert [run["code"] for run in told["runs"]] == [0, 0, 0], told["runs"]
    assert "created" in told["runs"][0]["text"]
    assert "nothing to change" in told["runs"][2]["text"]
    assert (told["packets"], told["destinations"]) == (0, [])
    assert told["counted"] == 1, "the counter does not count: no proof"
    assert {request["access_key"] for request in told["requests"]} == {"palierlocal"}
    assert {request["region"] for request in told["requests"]} >= {"eu-west-3"}
    assert len(told["requests"]) > 200
    assert contents(home) == before
    everything = "".join(run["text"] for run in told["runs"])
    assert SECRET not in everything
    assert "pul-0123456789abcdef" not in everything
