"""GitHub's REST API: pages by their Link header, the end of a rate limit told instead of waited for."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from palier.capacity.sources.model import Voice, failed
from palier.capacity.sources.settings import GitHubSettings
from palier.capacity.sources.web import Answer, Web, bearer

NAME = "github"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
PER_PAGE = "100"
MOST_PAGES = 1000
_NEXT = re.compile(r'<([^>]+)>;[^,]*\brel="next"')


class Api:
    """The repository of palier.yaml, read with the token of its variable, or without one."""

    def __init__(self, settings: GitHubSettings, voice: Voice) -> None:
        self._settings = settings
        token: Mapping[str, str] = {}
        if os.environ.get(settings.token_variable):
            token = bearer(NAME, settings.token_variable)
        else:
            voice.note(f"{NAME}: {settings.token_variable} is not set; without it GitHub answers little")
        self._web = Web(NAME, settings.url, {**HEADERS, **token})
        self._root = f"/repos/{settings.repository}"

    def one(self, path: str, **parameters: str) -> Any:
        """What stands at a path below the repository. Raises OperationError."""
        answer = self._web.get(self._root + path, parameters)
        return self._data(answer, path)

    def find(self, path: str, **parameters: str) -> Any:
        """As `one`; None where there is no such thing."""
        answer = self._web.get(self._root + path, parameters)
        return None if answer.status == 404 else self._data(answer, path)

    def every(self, path: str, **parameters: str) -> Iterator[Any]:
        """The entries of a list, page by page as they are taken. Raises OperationError."""
        answer = self._web.get(self._root + path, {**parameters, "per_page": PER_PAGE})
        for _ in range(MOST_PAGES):
            data = self._data(answer, path)
            if not isinstance(data, list):
                raise failed(NAME, f"{path}: the answer is no list")
            yield from data
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = self._web.get_url(following[1])
        raise failed(NAME, f"{path}: more than {MOST_PAGES} pages")

    def _data(self, answer: Answer, path: str) -> Any:
        if answer.status == 200 and answer.data is not None:
            return answer.data
        if answer.status in (403, 429) and (opens := _opens_again(answer.headers)):
            raise failed(
                NAME,
                "the rate limit is reached",
                next_step=f"again after {opens:%Y-%m-%d %H:%M:%S} UTC",
            )
        variable = self._settings.token_variable
        if answer.status == 401:
            raise failed(
                NAME, f"GitHub refuses the token of {variable}", next_step=f"put another into {variable}"
            )
        if answer.status == 404 and not path:
            raise failed(
                NAME,
                f"no repository {self._settings.repository}, or none that the token of {variable} may read",
            )
        said = answer.data.get("message") if isinstance(answer.data, dict) else None
        place = path or "the repository"
        raise failed(NAME, f"{place}: HTTP {answer.status}" + (f": {said}" if said else ""))


def _opens_again(headers: Mapping[str, str]) -> datetime.datetime | None:
    """When a rate limit lets requests through again; None where the refusal is no rate limit."""
    try:
        if "retry-after" in headers:
            wait = datetime.timedelta(seconds=int(headers["retry-after"]))
            return datetime.datetime.now(datetime.UTC) + wait
        if headers.get("x-ratelimit-remaining") == "0":
            return datetime.datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), datetime.UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        pass
    return None
