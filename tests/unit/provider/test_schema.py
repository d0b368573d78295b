"""The types of the SDK, read off its classes once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from palier.local.provider import schema
from palier.local.provider.errors import ProviderError

ROLE = "aws:iam/role:Role"
LATER = """
import sys
from pathlib import Path
from palier.local.provider import schema
schema.load(["aws:iam/role:Role"], Path(sys.argv[1]))
import pulumi_aws
print(pulumi_aws.iam.Role.__name__)
"""


def test_a_type_is_described_once_and_then_read_from_its_file(tmp_path: Path) -> None:
    assert schema.cached([ROLE], tmp_path) is None
    role = schema.load([ROLE], tmp_path)[ROLE]
    assert role.required == {"assumeRolePolicy"}
    assert role.inputs["maxSessionDuration"] == "integer"
    assert role.inputs["inlinePolicies"][0] == "list"
    assert "uniqueId" in role.properties
    assert "uniqueId" not in role.inputs
    assert schema.cached([ROLE], tmp_path) == {ROLE: role}
    assert schema.cached([ROLE, "aws:iam/user:User"], tmp_path) is None


def test_reading_the_types_leaves_the_sdk_as_whole_as_it_was(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LATER, str(tmp_path)], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("Role\n", "")


def test_an_sdk_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match=r"the types of pulumi-aws .* can't be read: .*nowhere"):
        schema.load(["aws:nowhere/thing:Thing"], tmp_path)


def test_a_type_inside_itself_is_described_to_any_depth(tmp_path: Path) -> None:
    token = "aws:wafv2/webAcl:WebAcl"
    made = schema.load([token], tmp_path)[token]
    statement = made.inputs["rules"][1][1]["statement"]
    _, nested = statement[1]["andStatement"][1]["statements"]
    assert nested is statement
    assert made.properties["rules"][1][1]["statement"] is not statement, "inputs and outputs are told apart"
