"""The machine that --host names, and what Ansible reads of the inventory that tells of it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.vars.manager import VariableManager
from hypothesis import given, settings
from hypothesis import strategies as st
from palier.errors import InputError
from palier.workstation.target import Target, Template, inventory, parse

# A tenth of a second each: Ansible reads the text anew.
FEW = settings(max_examples=60, deadline=None)
NAMES = st.text(max_size=40) | st.lists(
    st.sampled_from(["{{ 1 }}", "{% if x %}", "{#", "#}", "}}", "{", "'", '"', "\n", "!unsafe ", "é", "x"]),
    max_size=6,
).map("".join)


def read(text: str) -> dict[str, Any]:
    """The machine's variables as Ansible has them in a task, templates filled in."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "inventory.yml"
        file.write_text(text, encoding="utf-8")
        loader = DataLoader()
        found = InventoryManager(loader=loader, sources=[str(file)])
        machine = found.get_host("machine")
        variables = VariableManager(loader=loader, inventory=found).get_vars(host=machine)
    templar = Templar(loader=loader, variables=variables)
    return {name: templar.template(variables[name]) for name in machine.get_vars() if name in variables}


@pytest.mark.parametrize(
    ("host", "target", "name"),
    [
        ("box", Target("box"), "box"),
        ("box.shop.example:2222", Target("box.shop.example", port=2222), "box.shop.example:2222"),
        ("ada@10.0.0.7", Target("10.0.0.7", "ada"), "ada@10.0.0.7"),
        ("ada@box:22", Target("box", "ada", 22), "ada@box:22"),
        ("[fe80::1]", Target("fe80::1"), "[fe80::1]"),
        ("ada@[2001:db8::7]:2222", Target("2001:db8::7", "ada", 2222), "ada@[2001:db8::7]:2222"),
        ("box:65535", Target("box", port=65535), "box:65535"),
    ],
)
def test_a_host_may_have_a_user_and_a_port_and_its_name_names_it_again(
    host: str, target: Target, name: str
) -> None:
    assert parse(host) == target
    assert parse(host).name == name
    assert parse(parse(host).name) == target
    assert not parse(host).is_here


@pytest.mark.parametrize("host", [None, "localhost"])
def test_without_a_host_it_is_this_machine_with_the_python_that_runs(host: str | None) -> None:
    here = parse(host)

    assert here.is_here
    assert here.name == "this machine"
    assert here.connection() == {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
    }


@pytest.mark.parametrize("host", ["ada@localhost", "localhost:2222", "ada@localhost:2222"])
def test_a_user_or_a_port_of_localhost_is_reached_by_ssh_and_never_taken_for_this_machine(host: str) -> None:
    there = parse(host)

    assert not there.is_here
    assert there.name == host
    assert there.connection()["ansible_host"] == "localhost"
    assert "ansible_connection" not in there.connection()


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", "@box", "ada@", ":22", "box:", "box:ssh", "box:0", "box:65536", "box:" + "9" * 5000),
        *("a b", "box\n", "ada@@box", "::1", "fe80::1:22", "[]", "[::1", "::1]", "[box]", "[::1]22"),
    ],
)
def test_what_names_no_machine_is_refused_in_one_line(host: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(host)

    assert refused.value.exit_code == 2
    (line,) = refused.value.lines()
    assert line.startswith("--host: ")
    assert "\n" not in line
    assert line.endswith("names no machine (allowed: [USER@]HOST[:PORT], or localhost)")


@pytest.mark.parametrize(
    "host",
    [
        "-oProxyCommand=touch",
        "-box:22",
        "ada@-oProxyCommand=touch",
        "-lroot@box",
        "-oProxyCommand=x@[::1]:22",
    ],
)
def test_no_host_and_no_user_becomes_an_option_of_ssh(host: str) -> None:
    with pytest.raises(InputError, match=r"^--host: '(ada@)?-") as refused:
        parse(host)

    assert refused.value.exit_code == 2


@given(st.text() | st.from_regex(r"[a-z@:\[\]0-9-]{0,12}", fullmatch=True))
def test_any_text_is_a_machine_that_ssh_takes_for_one_or_is_refused(host: str) -> None:
    try:
        target = parse(host)
    except InputError:
        return
    assert target.host
    assert not target.host.startswith("-")
    assert not (target.user or "").startswith("-")
    assert not any(character.isspace() for character in target.host + (target.user or ""))
    assert target.port is None or 1 <= target.port <= 65535
    assert target.is_here or parse(target.name) == target


def test_a_key_that_is_not_there_is_refused_and_one_that_is_there_is_used(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        parse("box", tmp_path / "key")
    assert str(refused.value) == f"{tmp_path / 'key'}: --key: is no file"
    with pytest.raises(InputError):
        parse("box", tmp_path)

    (tmp_path / "key").touch()
    assert parse("ada@box:22", tmp_path / "key").connection() == {
        "ansible_host": "box",
        "ansible_user": "ada",
        "ansible_port": 22,
        "ansible_ssh_private_key_file": str(tmp_path / "key"),
    }


def test_a_key_is_found_from_another_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ansible runs in a folder of its own."""
    (tmp_path / "key").touch()
    monkeypatch.chdir(tmp_path)

    assert parse("box", Path("key")).connection()["ansible_ssh_private_key_file"] == str(tmp_path / "key")


def test_what_ssh_knows_best_is_left_to_it() -> None:
    assert parse("box").connection() == {"ansible_host": "box"}


def test_a_rosters_name_with_braces_is_never_evaluated_by_ansible() -> None:
    text = inventory(
        parse("box"),
        {"git_user_name": "{{ 1 }}", "deep": [{"of": "{% set x = 1 %}"}], "plain": "Ada"},
    )

    assert "!unsafe" in text
    assert text.count("!unsafe") == 2
    found = read(text)
    assert found["git_user_name"] == "{{ 1 }}"
    assert found["deep"] == [{"of": "{% set x = 1 %}"}]
    assert found["plain"] == "Ada"


def test_without_the_mark_ansible_would_evaluate_it() -> None:
    """What the test before proves depends on it."""
    text = inventory(parse("box"), {"git_user_name": "{{ 1 }}"})

    assert read(text.replace("!unsafe ", ""))["git_user_name"] == 1


def test_a_name_with_braces_stays_itself_where_another_variable_takes_it_in() -> None:
    found = read(
        inventory(
            parse("box"), {"name": "{{ 1 + 1 }}", "greeting": Template("Hello {{ name }}, {{ 1 + 1 }}")}
        )
    )

    assert found["greeting"] == "Hello {{ 1 + 1 }}, 2"


def test_a_template_of_ours_is_filled_in_wherever_it_stands() -> None:
    folder = Template("{{ home }}/work")

    found = read(inventory(parse("box"), {"home": "/home/ada", "folder": folder, "deep": {"in": [folder]}}))

    assert found["folder"] == "/home/ada/work"
    assert found["deep"] == {"in": ["/home/ada/work"]}


def test_a_host_with_braces_is_not_evaluated_either() -> None:
    assert read(inventory(parse("ada{{1}}@b{{1}}"), {}))["ansible_host"] == "b{{1}}"
    assert read(inventory(parse("ada{{1}}@b{{1}}"), {}))["ansible_user"] == "ada{{1}}"


@FEW
@given(NAMES, NAMES)
def test_ansible_reads_every_name_as_it_was_given(name: str, other: str) -> None:
    given_ = {"name": name, "names": [name, {"of": other}], "number": 7, "yes": True, "none": None}

    found = read(inventory(Target("box"), given_))

    assert {key: found[key] for key in given_} == given_
