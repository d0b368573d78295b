"""Where Palier keeps things: one home for every folder, each with its environment override.

Nothing here creates a folder; whoever writes makes its own, readable by the user alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from palier.errors import InputError

CACHE_VARIABLE = "PALIER_CACHE_DIR"
LOCAL_VARIABLE = "PALIER_LOCAL_DIR"
PLATFORM_VARIABLE = "PALIER_PLATFORM_DIR"
PRICES_VARIABLE = "PALIER_PRICES_DIR"
ONBOARDING_VARIABLE = "PALIER_ONBOARDING_DIR"
ROSTER_VARIABLE = "PALIER_ROSTER_DIR"
VPN_VARIABLE = "PALIER_VPN_DIR"
LOCAL_ENVIRONMENT = "local"


def cache_dir() -> Path:
    """Folder of what can be made again at a cost: engines by version. `PALIER_CACHE_DIR` overrides."""
    if override := os.environ.get(CACHE_VARIABLE):
        return Path(override).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("palier", appauthor=False)


def local_dir() -> Path:
    """Folder of the local cloud: its state, its Pulumi home and backend. `PALIER_LOCAL_DIR` overrides."""
    if override := os.environ.get(LOCAL_VARIABLE):
        return Path(override).expanduser().absolute()
    from platformdirs import user_state_path

    return user_state_path("palier", appauthor=False) / "local"


def prices_dir() -> Path:
    """Folder of AWS prices that were updated, a file for each region. `PALIER_PRICES_DIR` overrides."""
    if override := os.environ.get(PRICES_VARIABLE):
        return Path(override).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("palier", appauthor=False) / "prices"


def onboarding_dir(environment: str) -> Path:
    """Folder of an environment's journals and pages. `PALIER_ONBOARDING_DIR` holds those of all."""
    if override := os.environ.get(ONBOARDING_VARIABLE):
        return Path(override).expanduser().absolute() / environment
    if environment == LOCAL_ENVIRONMENT:
        return local_dir() / "onboarding"
    from platformdirs import user_data_path

    return user_data_path("palier", appauthor=False) / "onboarding" / environment


def vpn_dir(environment: str) -> Path:
    """Folder of this machine's VPN key and configuration. `PALIER_VPN_DIR` overrides."""
    if override := os.environ.get(VPN_VARIABLE):
        return Path(override).expanduser().absolute()
    if environment == LOCAL_ENVIRONMENT:
        return local_dir() / "vpn"  # a rehearsal's key opens nothing
    from platformdirs import user_config_path

    return user_config_path("palier", appauthor=False) / "vpn"


def platform_dir(start: Path | None = None) -> Path:
    """The folder that holds `stacks/`: `PALIER_PLATFORM_DIR`, or the nearest one at or above `start`.

    Raises InputError where there is none.
    """
    if override := os.environ.get(PLATFORM_VARIABLE):
        root = Path(override).expanduser().absolute()
        if not (root / "stacks").is_dir():
            raise InputError("holds no stacks/ folder", file=root, key=PLATFORM_VARIABLE)
        return root
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if any(folder.glob("stacks/*/Pulumi.yaml")):
            return folder
    raise InputError(
        f"no platform folder (one with stacks/<phase>/Pulumi.yaml) at or above {here}; "
        f"go into one or set {PLATFORM_VARIABLE}"
    )
