"""1, 10 and 100 people onboarded at once on the local cloud, with the services' rate limits and without.

The floor is what the limits alone take: GitHub lets 80 requests that make content through a minute.
"""

from __future__ import annotations

import base64
import datetime
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from palier.engine import Engine
from palier.local import client

from benchmarks.phases import ROOT, local_cloud

COUNTS = (1, 10, 100)
_PORT = 4787
_CONTENT_PER_MINUTE = 80


@dataclass(frozen=True)
class Row:
    """One run. Seconds of the first run without limits, with them, and of a second one; and its writes."""

    people: int
    free_s: float
    limited_s: float
    again_s: float
    github_writes: int
    again_writes: int

    @property
    def floor_s(self) -> float:
        """What the limit of content alone takes: the first 80 at once, then 80 a minute."""
        return max(0, math.ceil(self.github_writes / _CONTENT_PER_MINUTE) - 1) * 60.0


def measure(engine: Engine, folder: Path, counts: Sequence[int] = COUNTS) -> list[Row]:
    """Each number of people, on a local cloud of its own."""
    rows = []
    for number, count in enumerate(counts):
        place = folder / str(count)
        with local_cloud(place / "cloud", _PORT + number, engine) as env:
            endpoint = env["AWS_ENDPOINT_URL"]
            variables = {
                **env,
                "PALIER_LOCAL_DIR": str(place / "cloud"),
                "PALIER_LOCAL_PORT": str(_PORT + number),
                "PALIER_PLATFORM_DIR": str(ROOT),
                "PALIER_ROSTER_DIR": str(_roster(place / "roster", count)),
                "PALIER_ONBOARDING_DIR": str(place / "onboarding"),
            }
            _work(endpoint, count)
            client.must_ask(endpoint, "workplace/behaviour", method="PUT", body={"rate_limits": False})
            free_s = _onboard(variables)
            client.must_ask(endpoint, "reset", method="POST")
            _work(endpoint, count)
            _forget_stacks(place / "cloud")
            variables["PALIER_ROSTER_DIR"] = str(_roster(place / "roster-again", count))
            before = _writes(endpoint)
            limited_s = _onboard(variables)
            writes = _writes(endpoint) - before
            again_s = _onboard(variables)
            rows.append(Row(count, free_s, limited_s, again_s, writes, _writes(endpoint) - before - writes))
            print(f"  {rows[-1]}", flush=True)
    return rows


def _onboard(variables: dict[str, str]) -> float:
    palier = str(Path(sys.executable).with_name("palier"))
    began = time.monotonic()
    done = subprocess.run(
        [palier, "onboard", "apply", "--all", "--output", "json"],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    told = json.loads(done.stdout) if done.stdout else {}
    assert done.returncode == 0, done.stderr[-2000:]
    assert told["failed"] == told["pending"] == 0, done.stdout[-2000:]
    return seconds


def _work(endpoint: str, count: int) -> None:
    """A first task for each, and the repository that has them."""
    issues = [{"title": f"Task {number}", "labels": ["good first issue"]} for number in range(count)]
    world = {"github": {"organisation": "jobo", "repositories": [{"name": "shop-api", "issues": issues}]}}
    client.must_ask(endpoint, "workplace", method="PUT", body=world)


def _writes(endpoint: str) -> int:
    return int(client.must_ask(endpoint, "health")["written"].get("github", 0))


def _forget_stacks(cloud: Path) -> None:
    for file in (cloud / "backend" / ".pulumi" / "stacks" / "people").glob("*"):
        file.unlink()


def _roster(folder: Path, count: int) -> Path:
    """A team with `count` newcomers, and one buddy for every ten."""
    people, teams = folder / "people", folder / "teams"
    people.mkdir(parents=True)
    teams.mkdir()
    buddies = [f"buddy{number}" for number in range(1 + count // 10)]
    team = {
        "description": "The shop",
        "github_teams": ["shop"],
        "repositories": {"shop-api": "push", "runbooks": "triage"},
        "slack_channels": ["shop", "engineering"],
        "aws_permission_sets": {"developer": ["123456789012"]},
        "vpn_networks": ["staging"],
        "buddies": buddies,
    }
    (teams / "shop.yaml").write_text(json.dumps(team))
    for number, login in enumerate([*buddies, *(f"new{number}" for number in range(count))]):
        person = {
            "name": f"{login.title()} Example",
            "email": f"{login}@jobo.example",
            "team": "shop",
            "time_zone": "Europe/Paris",
            "languages": ["fr"],
            "vpn": {"public_key": base64.b64encode(number.to_bytes(32, "big")).decode()},
        }
        if login not in buddies:
            person["manager"] = buddies[0]
        first = datetime.date(2020, 1, 6) if login in buddies else datetime.date.today()
        text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in person.items())
        (people / f"{login}.yaml").write_text(f"{text}\nstarts: {first}\n")
    return folder


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as Markdown."""
    lines = [
        "| people at once | without limits | with limits | the limits alone | a second run | its writes |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.people} | {row.free_s:.1f} s | {row.limited_s:.1f} s | {row.floor_s:.0f} s "
        f"| {row.again_s:.1f} s | {row.again_writes} |"
        for row in rows
    ]
    few, many = rows[-2], rows[-1]
    exponent = math.log(many.free_s / few.free_s) / math.log(many.people / few.people)
    lines += [
        "",
        f"Growth without limits from {few.people} to {many.people} people: exponent {exponent:.2f}.",
        "",
    ]
    return lines
