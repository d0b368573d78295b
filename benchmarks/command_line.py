"""`palier --help` beside a bare click program of one command."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.measure import Pair, seconds

_BARE = """
import click


@click.group()
def cli():
    "A group."


@cli.command()
def one():
    "A command."


cli()
"""


def beside_click(folder: Path, rounds: int) -> Pair:
    """Both as a whole process, in turn, one uncounted run of each first."""
    bare = folder / "bare.py"
    bare.write_text(_BARE)
    palier = (str(Path(sys.executable).parent / "palier"), "--help")
    click = (sys.executable, str(bare), "--help")
    ours, peer = [], []
    for number in range(rounds + 1):
        pair = seconds(palier, os.environ), seconds(click, os.environ)
        if number:
            ours.append(pair[0])
            peer.append(pair[1])
    return Pair(tuple(ours), tuple(peer))
