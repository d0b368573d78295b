"""An organisation on GitHub, in the shapes of its REST API, for the tests of reading."""

from __future__ import annotations

from typing import Any

from tests.unit.capacity.served import Asked, Told

ADA, BOB, BOT = (
    {"login": name, "type": kind} for name, kind in (("Ada", "User"), ("bob", "User"), ("b", "Bot"))
)
EMPTY = Told({"message": "Git Repository is empty."}, status=409)


def pull(number: int, user: Any, opened: str, merged: str | None = None) -> dict[str, Any]:
    return {
        "number": number,
        "user": user,
        "created_at": opened,
        "updated_at": merged or opened,
        "merged_at": merged,
    }


def commit(user: Any, written: str) -> dict[str, Any]:
    return {"sha": written, "author": user, "commit": {"author": {"date": written}}}


class Fake:
    """An organisation `shop` with two repositories; lists are split into pages of two."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "/app": {"name": "app"},
            "/site": {"name": "site"},
            "/app/pulls": [
                pull(4, BOB, "2024-01-20T08:00:00Z"),
                pull(3, BOT, "2024-01-15T08:00:00Z", "2024-01-15T09:00:00Z"),
                pull(2, ADA, "2024-01-11T08:00:00Z", "2024-01-12T08:00:00Z"),
                pull(1, ADA, "2024-01-09T08:00:00Z", "2024-01-10T08:00:00Z"),
                pull(0, ADA, "2023-12-09T08:00:00Z", "2023-12-10T08:00:00Z"),
            ],
            "/app/commits": [commit(ADA, "2024-01-10T08:00:00Z")],
            "/app/pulls/1/commits": [
                commit(ADA, "2024-01-06T10:00:00Z"),
                commit(None, "2024-01-08T11:00:00+01:00"),
                commit(BOB, "2024-01-08T09:00:00Z"),
            ],
            "/site/pulls": [],
            "/site/commits": EMPTY,
        }
        self.once: list[Told] = []
        self.size = 2

    def __call__(self, asked: Asked) -> Told:
        if self.once:
            return self.once.pop(0)
        found = self.answers.get(asked.path.removeprefix("/repos/shop"))
        if found is None:
            return Told({"message": "Not Found"}, status=404)
        if isinstance(found, Told):
            return found
        if not isinstance(found, list):
            return Told(found)
        number = int(asked.parameters.get("page", "1"))
        page = found[(number - 1) * self.size : number * self.size]
        more = (
            {"Link": f'<https://next?page={number + 1}>; rel="next"'}
            if number * self.size < len(found)
            else {}
        )
        return Told(page, headers={"Content-Type": "application/json", **more})
