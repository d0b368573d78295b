"""New prices of a region from AWS's price list, into the user's own file: all of it, or nothing.

The list is public, and needs no account. Whoever cannot reach it goes on with the prices of before.
"""

from __future__ import annotations

import csv
import http.client
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from palier.console import Reporter
from palier.costs import price_file
from palier.costs.offers import OFFERS, NotAnOffer, parse
from palier.costs.price_file import PriceGroup
from palier.costs.prices import own_file
from palier.errors import InputError, OperationError

# The one address of all regions (AWS Billing user guide, "Getting price list files manually").
PRICE_LIST = "https://pricing.us-east-1.amazonaws.com"
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Updated:
    """What an update did: the file, how many prices it holds, and whether anything in it changed."""

    file: Path
    region: str
    prices: int
    changed: bool

    def sentence(self) -> str:
        """For people."""
        if not self.changed:
            return f"{self.region}: nothing changed, {self.prices} prices: {self.file}"
        return f"{self.region}: {self.prices} prices: {self.file}"


def update(region: str, report: Reporter, *, base: str = PRICE_LIST, folder: Path | None = None) -> Updated:
    """Read the price list of a region and write its file. Nothing is written where it is the same.

    Raises OperationError where the list cannot be reached or read; the file of before is then as it was.
    """
    file = own_file(region, folder)
    groups: list[PriceGroup] = []
    for offer in OFFERS:
        url = f"{base.rstrip('/')}/offers/v1.0/aws/{offer}/current/{region}/index.csv"
        with report.step(f"Reading the prices of {offer} in {region}"):
            try:
                groups += _read(offer, url)
            except (OSError, http.client.HTTPException, ValueError, csv.Error) as error:
                raise _unread(url, error, file) from None
    content = price_file.as_content(region, tuple(groups))
    changed = _digest_of(file) != price_file.digest(content)
    if changed:
        price_file.write(file, content)
    return Updated(file, region, sum(len(group.prices) for group in groups), changed)


def _read(offer: str, url: str) -> tuple[PriceGroup, ...]:
    with _opened(url) as (response, text):
        groups = parse(offer, text)
        # Where a connection breaks, the rest of a response reads as if it had ended.
        if getattr(response, "length", None):
            raise NotAnOffer(f"it broke off, {response.length} bytes before its end")
    return groups


@contextmanager
def _opened(url: str) -> Iterator[tuple[http.client.HTTPResponse, io.TextIOWrapper]]:
    if not url.startswith(("https://", "http://")):
        raise InputError(f"{url} is no address of a price list", key="--from", allowed="https://…")
    request = Request(url, headers={"User-Agent": "palier"})
    with urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        yield response, io.TextIOWrapper(response, encoding="utf-8", newline="")


def _digest_of(file: Path) -> str | None:
    if not file.exists():
        return None
    try:
        return price_file.read(file).sha256
    except InputError:
        return None  # edited, or of another version: the new one replaces it


def _unread(url: str, error: Exception, file: Path) -> OperationError:
    if isinstance(error, HTTPError):
        why = f"it answers {error.code}"
    elif isinstance(error, URLError):
        why = str(error.reason)
    else:
        why = str(error) or type(error).__name__
    left = f"the prices of before, {file}" if file.exists() else "the prices that Palier brings along"
    return OperationError(
        f"AWS's price list cannot be read: {url}: {why}",
        left=f"{left}, unchanged",
        next_step="the same command where the address can be reached; until then estimates use what is left",
    )
