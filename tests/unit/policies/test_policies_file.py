"""policies.yaml: what it may say, and how it refuses the rest in one line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from palier.errors import InputError
from palier_policies import catalog, rules
from palier_policies.judge import Judge
from palier_policies.policy import Example, Pack, Policy, Problem
from palier_policies.resources import Resource

from tests.unit.policies.happy import resource, stack

TODAY = datetime.date(2026, 11, 25)
BUCKET = "aws:s3/bucket:Bucket"


def _file(folder: Path, text: str) -> Path:
    file = folder / rules.FILE_NAME
    file.write_text(text)
    return file


def _pack(level: str = "mandatory", **more: object) -> Pack:
    def check(found: Resource, settings: object) -> list[Problem]:
        return [Problem.of(found, f"{found.label} is wrong")]

    example = Example("breaks()", "keeps()")
    policy = Policy("strict", "Nothing passes.", "high", level, "here", example, frozenset({BUCKET}), check)  # type: ignore[arg-type]
    return Pack("test", "A test.", (policy,), **more)  # type: ignore[arg-type]


def _judged(folder: Path, text: str, level: str = "mandatory") -> list[tuple[str, str, bool]]:
    pack = _pack(level)
    read = rules.read(_file(folder, text), pack.policies)
    found = Judge(pack, read, today=TODAY).everything(stack(resource(BUCKET, "assets")))
    return [(each.level, each.message, each.exempt) for each in found]


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("", ["mandatory"]),
        ("all: advisory", ["advisory"]),
        ("all: disabled", []),
        ("policies: {strict: advisory}", ["advisory"]),
        ("all: disabled\npolicies: {strict: mandatory}", ["mandatory"]),
        ("policies: {strict: {enforcementLevel: advisory}}", ["advisory"]),
        # What no remedy mended keeps its weight.
        ("policies: {strict: remediate}", ["mandatory"]),
    ],
)
def test_a_level_holds_for_all_or_for_one(tmp_path: Path, text: str, levels: list[str]) -> None:
    assert [level for level, _, _ in _judged(tmp_path, text)] == levels


EXEMPTION = "exemptions: [{policy: strict, reason: moving out, owner: ada, until: %s%s}]"


def test_an_exemption_lets_through_and_is_told(tmp_path: Path) -> None:
    assert _judged(tmp_path, EXEMPTION % ("2026-11-25", "")) == [
        ("advisory", "exempt until 2026-11-25 (ada: moving out): Bucket assets is wrong", True)
    ]


@pytest.mark.parametrize("level", ["mandatory", "advisory"])
def test_after_its_last_day_an_exemption_makes_its_finding_mandatory(tmp_path: Path, level: str) -> None:
    assert _judged(tmp_path, EXEMPTION % ("2026-11-24", ""), level) == [
        (
            "mandatory",
            "Bucket assets is wrong; its exemption ended on 2026-11-24 (ada: moving out): "
            "mend it or renew it",
            False,
        )
    ]


def test_of_two_exemptions_the_longer_one_holds(tmp_path: Path) -> None:
    both = (
        "exemptions:\n"
        "- {policy: strict, reason: old, owner: ada, until: 2026-01-01}\n"
        "- {policy: strict, reason: new, owner: bob, until: 2027-01-01}\n"
    )

    assert [(level, exempt) for level, _, exempt in _judged(tmp_path, both)] == [("advisory", True)]


@pytest.mark.parametrize(
    ("more", "exempt"),
    [
        (", resource: assets", True),
        (", resource: 'ass*'", True),
        (", resource: 'aws:s3/bucket:Bucket::assets'", True),
        (", resource: 'urn:pulumi:production::foundation::aws:s3/bucket:Bucket::assets'", True),
        (", resource: logs", False),
        (", environment: production", True),
        (", environment: local", False),
    ],
)
def test_an_exemption_is_of_one_resource_or_environment(tmp_path: Path, more: str, exempt: bool) -> None:
    ((_, _, found),) = _judged(tmp_path, EXEMPTION % ("2027-01-01", more))

    assert found is exempt


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour: red", "unknown key 'colour' (allowed: all, policies, exemptions)"),
        ("[1]", "is not a mapping (allowed: all, policies, exemptions)"),
        ("all: strict", "all: unknown level 'strict' (allowed: advisory, mandatory, remediate, disabled)"),
        ("policies: [x]", "policies: is not a mapping (allowed: levels or settings by policy)"),
        ("policies: {strct: advisory}", "policies.strct: no policy 'strct' (allowed: strict)"),
        ("policies: {strict: 3}", "policies.strict: is neither a level nor settings"),
        (
            "policies: {strict: {enforcementLevel: hard}}",
            "policies.strict.enforcementLevel: unknown level 'hard' "
            "(allowed: advisory, mandatory, remediate, disabled)",
        ),
        (
            "policies: {strict: {days: 3}}",
            "policies.strict.days: unknown setting 'days' (allowed: enforcementLevel)",
        ),
        ("exemptions: {}", "exemptions: is not a list"),
        (
            "exemptions: [{policy: strict, owner: ada, until: 2027-01-01}]",
            "exemptions[0].reason: missing setting",
        ),
        (
            "exemptions: [{policy: strict, reason: r, owner: ada}]",
            "exemptions[0].until: missing setting",
        ),
        (
            "exemptions: [{policy: other, reason: r, owner: ada, until: 2027-01-01}]",
            "exemptions[0].policy: no policy 'other' (allowed: strict)",
        ),
        ("all: [", "line 1: is not YAML: expected the node content, but found '<stream end>'"),
    ],
)
def test_what_it_may_not_say_is_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    file = _file(tmp_path, text)

    with pytest.raises(InputError) as refused:
        rules.read(file, _pack().policies)

    assert str(refused.value) == f"{file}: {message}"


def test_settings_of_a_real_policy_are_refused_by_its_model(tmp_path: Path) -> None:
    file = _file(tmp_path, "policies: {forecast-headroom: {horizon_months: -1}}")

    with pytest.raises(InputError, match=r"policies\.forecast-headroom\.horizon_months: must be"):
        rules.read(file, catalog.policies())


def test_the_nearest_file_at_or_above_is_taken_and_a_named_one_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(rules.FILE_VARIABLE, raising=False)
    (tmp_path / "policies" / "capacity").mkdir(parents=True)
    file = _file(tmp_path, "all: advisory")

    assert rules.find(tmp_path / "policies" / "capacity") == file
    monkeypatch.setenv(rules.FILE_VARIABLE, str(tmp_path / "none.yaml"))
    with pytest.raises(InputError, match="PALIER_POLICIES_FILE: no such file"):
        rules.find(tmp_path)


def test_what_the_engine_hands_over_goes_before_the_file(tmp_path: Path) -> None:
    pack = _pack()
    read = rules.read(_file(tmp_path, "policies: {strict: disabled}"), pack.policies)

    judge = Judge(pack, read, given={"strict": {rules.LEVEL_KEY: "advisory"}}, today=TODAY)

    assert [each.level for each in judge.everything(stack(resource(BUCKET)))] == ["advisory"]


def test_every_policy_of_the_catalog_has_a_name_of_its_own() -> None:
    names = [policy.name for policy in catalog.policies()]

    assert len(names) == len(set(names))
    assert "all" not in names  # Pulumi keeps that name for itself


def test_numbers_that_the_engine_hands_over_are_whole_again_also_within_lists() -> None:
    policy = catalog.everything().policy("no-public-databases")
    defaults = policy.settings().model_dump()

    given = {
        name: [float(each) for each in value] if isinstance(value, list) else value
        for name, value in defaults.items()
    }

    assert rules.Rules().of(policy, given).settings == policy.settings()
