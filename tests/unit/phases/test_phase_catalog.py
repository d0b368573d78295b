"""The catalog: order, requirements, names, folders and settings files."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from palier.errors import InputError, OperationError
from palier.phases import catalog

from tests.unit.phases.conftest import FakePhase, Platform, Refused, Settings

FIRST, SECOND, THIRD = (
    FakePhase("first", 10),
    FakePhase("second", 20, ("first",)),
    FakePhase("third", 30, ("second",)),
)
KNOWN = (FIRST, SECOND, THIRD)


def test_the_installed_phases_have_the_shape_that_palier_needs() -> None:
    names = [phase.name for phase in catalog.phases()]
    assert names[0] == "foundation"
    assert names.index("replicas") == 1


def test_phases_are_ordered_whatever_order_they_are_found_in() -> None:
    assert catalog.ordered([THIRD, FIRST, SECOND]) == KNOWN


def test_a_phase_that_requires_an_unknown_one_is_refused_by_name() -> None:
    with pytest.raises(OperationError, match="phase second requires first"):
        catalog.ordered([SECOND])


def test_a_phase_that_stands_before_what_it_requires_is_refused() -> None:
    with pytest.raises(OperationError, match="phase early requires first"):
        catalog.ordered([FIRST, FakePhase("early", 1, ("first",))])


def test_two_phases_of_one_name_are_refused() -> None:
    with pytest.raises(OperationError, match="two installed packages declare a phase named first"):
        catalog.ordered([FIRST, FakePhase("first", 11)])


def test_an_unknown_phase_names_the_nearest_and_all_that_there_are() -> None:
    with pytest.raises(InputError) as refused:
        catalog.find("frist", KNOWN)
    assert str(refused.value) == "no phase named frist; did you mean first? (allowed: first, second, third)"


def test_through_a_phase_means_all_before_it_and_itself() -> None:
    assert catalog.through("second", KNOWN) == (FIRST, SECOND)


def test_down_to_a_phase_means_all_after_it_first_and_then_itself() -> None:
    assert catalog.down_to("second", KNOWN) == (THIRD, SECOND)


def test_dependents_are_found_through_others() -> None:
    assert catalog.dependents("first", KNOWN) == (SECOND, THIRD)
    assert catalog.dependents("third", KNOWN) == ()


def test_a_phase_without_a_project_in_the_platform_is_refused(platform: Platform) -> None:
    with pytest.raises(InputError, match=r"stacks/third: no Pulumi project for phase third"):
        catalog.project_folder(THIRD)


def test_a_missing_settings_file_says_what_to_copy(platform: Platform) -> None:
    with pytest.raises(InputError) as refused:
        catalog.load_settings(FIRST, "production")
    assert str(refused.value).endswith(
        "stacks/first/Pulumi.production.yaml: no settings for environment production; "
        "copy Pulumi.local.yaml without its encryptionsalt, and change it"
    )


def test_settings_that_the_model_refuses_are_told_with_file_key_and_what_is_allowed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(platform.root / "platform")
    Path("stacks/first/Pulumi.local.yaml").write_text("config:\n  first:size: huge\n")
    with pytest.raises(InputError) as refused:
        catalog.load_settings(FIRST, "local")
    assert str(refused.value) == (
        "stacks/first/Pulumi.local.yaml: first:size: unknown size 'huge' [and 1 more] (allowed: small, large)"
    )


class Needy(Settings):
    """Settings that go with no others; `key` says in which file the fault is."""

    key = "first:size"

    def check_required(self, required: Mapping[str, object]) -> None:
        """As PhaseSettings.check_required."""
        assert list(required) == ["first"]
        raise Refused("too small for second", self.key, "large")


class OwnFault(Needy):
    """The fault is its own."""

    key = "second:size"


@pytest.mark.parametrize(("settings", "phase"), [(Needy, "first"), (OwnFault, "second")])
def test_settings_that_do_not_go_together_are_told_by_the_file_of_the_one_at_fault(
    settings: type[Settings], phase: str, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(platform.root / "platform")
    chosen = (FIRST, FakePhase("second", 20, ("first",), settings=settings))
    with pytest.raises(InputError) as refused:
        catalog.load_together(chosen, "local")
    assert str(refused.value) == (
        f"stacks/{phase}/Pulumi.local.yaml: {phase}:size: too small for second (allowed: large)"
    )


def test_a_phase_alone_is_held_against_no_other(platform: Platform) -> None:
    alone = FakePhase("second", 20, ("first",), settings=Needy)
    assert list(catalog.load_together((alone,), "local")) == ["second"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("config: [1", "line 1, column 11: not valid YAML: expected ',' or ']'"),
        ("config: 3", "config: must be a mapping of settings"),
        ("- config", "config: must be a mapping of settings"),
        ("config: \x07", "not valid YAML"),
    ],
)
def test_a_settings_file_that_is_not_a_mapping_in_yaml_is_told_in_one_line(
    platform: Platform, text: str, told: str
) -> None:
    file = platform.root / "platform/stacks/first/Pulumi.local.yaml"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        catalog.load_settings(FIRST, "local")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_settings_file_without_config_holds_no_settings(platform: Platform) -> None:
    file = platform.root / "platform/stacks/first/Pulumi.local.yaml"
    file.write_text("encryptionsalt: v1:abc\n")
    assert catalog.load_settings(FIRST, "local") is not None


def test_people_stand_beside_the_phases_and_are_on_the_way_to_none() -> None:
    assert [each.name for each in catalog.beside()] == ["people"]
    assert "people" not in {each.name for each in catalog.phases()}
    assert catalog.find("people") is catalog.beside()[0]
    for walk in (catalog.through, catalog.down_to):
        with pytest.raises(InputError, match="no phase named people"):
            walk("people")
        assert "people" not in {each.name for each in walk("foundation")}
    assert catalog.dependents("people") == ()


def test_a_stack_beside_them_that_cannot_be_loaded_stops_no_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("people", "palier_stacks.no_such_module:PHASE", catalog.BESIDE)
    catalog.phases()
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [broken])
    catalog.beside.cache_clear()
    try:
        with pytest.raises(OperationError, match=r"phase people .* cannot be loaded: ModuleNotFoundError"):
            catalog.beside()
        assert catalog.through("foundation")[-1].name == "foundation"
    finally:
        catalog.beside.cache_clear()
