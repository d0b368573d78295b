"""The VPN's key, addresses and configuration."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.errors import InputError, OperationError
from palier.onboarding import vpn
from palier.onboarding.roster import load
from palier.onboarding.settings import VpnSettings

from tests.unit.onboarding.world import GATEWAY_KEY, NEW_KEY, roster, settings

VPN: VpnSettings = settings().vpn


def test_a_key_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "vpn"
    assert vpn.public_key(folder) is None

    public = vpn.make_key(folder)

    assert vpn.make_key(folder) == vpn.public_key(folder) == public
    assert len(base64.b64decode(public)) == 32
    assert stat.S_IMODE((folder / vpn.PRIVATE_KEY).stat().st_mode) == 0o600
    assert os.listdir(folder) == [vpn.PRIVATE_KEY]


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    vpn.make_key(tmp_path)
    (tmp_path / vpn.PRIVATE_KEY).chmod(0o644)
    with pytest.raises(OperationError, match="others can read the private key"):
        vpn.public_key(tmp_path)


def test_a_file_that_is_no_key_is_named_and_its_text_is_not(tmp_path: Path) -> None:
    file = tmp_path / vpn.PRIVATE_KEY
    file.write_text("hunter2\n")
    file.chmod(0o600)
    with pytest.raises(InputError, match="is no WireGuard private key") as refused:
        vpn.public_key(tmp_path)
    assert "hunter2" not in str(refused.value)


@given(st.sets(st.integers(2, 6)))
def test_the_first_free_address_is_nobody_s_and_not_the_gateway_s(taken: set[int]) -> None:
    held = {f"10.90.0.{number}" for number in taken}
    if len(held) == 5:
        with pytest.raises(OperationError, match=r"10\.90\.0\.0/29 is full"):
            vpn.free_address(VPN, held)
        return
    free = vpn.free_address(VPN, held)
    assert free not in held
    assert not vpn.outside_pool(VPN, free)
    assert all(f"10.90.0.{number}" in held for number in range(2, int(free.rpartition(".")[2])))


@pytest.mark.parametrize("address", ["10.90.0.0", "10.90.0.1", "10.90.0.7", "10.91.0.2"])
def test_network_gateway_and_broadcast_are_no_client_s(address: str) -> None:
    assert vpn.outside_pool(VPN, address)


def test_a_place_is_taken_once_and_the_rest_of_the_file_stays(tmp_path: Path) -> None:
    folder = roster(tmp_path / "roster")
    before = (folder / "people" / "new.yaml").read_text()

    vpn.take_place(load(folder), "new", VPN)

    once = (folder / "people" / "new.yaml").read_text()
    assert once.replace(", address: 10.90.0.2", "").replace('"', "") == before
    vpn.take_place(load(folder), "new", VPN)
    assert (folder / "people" / "new.yaml").read_text() == once


def test_a_machine_s_key_is_one_person_s(tmp_path: Path) -> None:
    folder = roster(tmp_path / "roster")
    with pytest.raises(InputError, match="this machine's key is new's"):
        vpn.write_key(load(folder), "ada", NEW_KEY)


def test_a_new_machine_keeps_the_address(tmp_path: Path) -> None:
    folder = roster(tmp_path / "roster")
    vpn.take_place(load(folder), "new", VPN)
    vpn.write_key(load(folder), "new", GATEWAY_KEY)
    place = load(folder).people["new"].vpn
    assert place is not None
    assert (place.public_key, place.address) == (GATEWAY_KEY, "10.90.0.2")


def test_the_configuration_names_the_key_s_file_and_holds_no_key(tmp_path: Path) -> None:
    folder = roster(tmp_path / "roster")
    keys = tmp_path / "vpn"
    public = vpn.make_key(keys)
    vpn.write_key(load(folder), "new", public)
    vpn.take_place(load(folder), "new", VPN)

    file, changed = vpn.write_config(load(folder), "new", VPN, keys, None)

    text = file.read_text()
    assert changed
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (keys / vpn.PRIVATE_KEY).read_text().strip() not in text
    assert f"private-key '{keys / vpn.PRIVATE_KEY}'" in text
    assert "AllowedIPs = 10.90.0.1/32, 10.10.0.0/16" in text
    assert vpn.write_config(load(folder), "new", VPN, keys, None) == (file, False)


def test_another_machine_gets_no_configuration(tmp_path: Path) -> None:
    folder = roster(tmp_path / "roster")
    vpn.take_place(load(folder), "new", VPN)
    with pytest.raises(OperationError, match="the roster's key of new is not this machine's"):
        vpn.write_config(load(folder), "new", VPN, tmp_path / "elsewhere", None)


def test_a_network_that_the_settings_lack_is_named() -> None:
    with pytest.raises(InputError, match=r"no VPN network 'stagin' \(allowed: staging\)"):
        vpn.routes(VPN, ["stagin"])
