"""The table of the github provider, held against pulumi-github's own classes."""

from __future__ import annotations

import inspect
import re

import pulumi_github
import pytest
from palier.local.github_provider.table import TYPES

# Served by the official provider and not here: refused in preview, by name.
UNSERVED = {
    "github:index/team:Team": {
        "ldapDn",
        "notificationSetting",
        "parentTeamId",
        "parentTeamReadId",
        "parentTeamReadSlug",
    },
    "github:index/branchProtectionV3:BranchProtectionV3": {"restrictions"},
}


def inputs(token: str) -> tuple[set[str], set[str]]:
    """The required inputs of a type, and the others, as the SDK has them."""
    made = getattr(pulumi_github, f"{token.rpartition(':')[2]}Args").__init__
    found = {
        re.sub(r"_(\w)", lambda part: part[1].upper(), name): parameter.default is inspect.Parameter.empty
        for name, parameter in inspect.signature(made).parameters.items()
        if not name.startswith("__")
    }
    return {name for name, needed in found.items() if needed}, {
        name for name, needed in found.items() if not needed
    }


@pytest.mark.parametrize("token", TYPES)
def test_a_type_s_inputs_are_those_of_the_sdk(token: str) -> None:
    kind, (required, optional) = TYPES[token], inputs(token)
    # A team without a name is named by Pulumi: here the program always names it.
    named = {"name"} & optional
    assert set(kind.required) == required | named
    assert set(kind.optional) == optional - named - UNSERVED.get(token, set())


@pytest.mark.parametrize("token", TYPES)
def test_defaults_choices_and_replacements_are_of_inputs(token: str) -> None:
    kind = TYPES[token]
    known = {*kind.required, *kind.optional}
    assert {*kind.defaults, *kind.allowed, *kind.replaces} <= known
    assert all(kind.defaults[name] in kind.allowed[name] for name in set(kind.allowed) & set(kind.defaults))
