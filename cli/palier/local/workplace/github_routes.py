"""GitHub's table of routes, and what every one of them needs of the organisation that stands."""

from __future__ import annotations

from dataclasses import dataclass

from palier.local.workplace.github_errors import error, not_found
from palier.local.workplace.http import Request, Route, Routes
from palier.local.workplace.world import ADMIN, World

ROUTES = Routes()
# Tokens of the local cloud, and the scopes of each (GitHub's "Scopes for OAuth apps").
TOKENS: dict[str, tuple[str, ...]] = {
    "palier-local-admin": ("admin:org", "repo"),
    "palier-local-readonly": ("read:org",),
}
INCLUDED = {
    "read:org": ("read:org", "write:org", "admin:org"),
    "admin:org": ("admin:org",),
    "repo": ("repo",),
}


@dataclass(frozen=True)
class Hub:
    """The organisation as one request sees it. `base` is the address of the API."""

    world: World
    base: str

    def login_of(self, request: Request) -> str:
        """Who a token is. Raises 401 for one that is none."""
        if request.token not in TOKENS:
            raise error(401, "Bad credentials")
        return ADMIN

    def allow(self, route: Route, request: Request) -> dict[str, str]:
        """Headers that tell the scopes. Raises 401 and 403 as GitHub does."""
        self.login_of(request)
        held = TOKENS[request.token]
        headers = {"X-OAuth-Scopes": ", ".join(held), "X-Accepted-OAuth-Scopes": route.scope or ""}
        if route.scope and not set(INCLUDED[route.scope]) & set(held):
            raise error(403, "Resource not accessible by personal access token", headers=headers)
        return headers

    def organisation(self, request: Request) -> str:
        """The organisation of the path. Raises 404 for another."""
        login = self.world.github["organisation"]
        asked = request.named.get("org") or request.named.get("owner")
        if login is None or (asked or "").lower() != login.lower():
            raise not_found()
        return str(login)

    def user(self, login: str) -> str:
        """A user's login as it is written. Raises 404 for nobody."""
        for known in self.world.github["users"]:
            if known.lower() == login.lower():
                return str(known)
        raise not_found()

    def team(self, request: Request) -> str:
        """The slug of the path's team. Raises 404."""
        if "team_id" in request.named:
            for slug, team in self.world.github["teams"].items():
                if str(team["id"]) == request.named["team_id"]:
                    return str(slug)
            raise not_found()
        self.organisation(request)
        slug = request.named["team_slug"]
        if slug not in self.world.github["teams"]:
            raise not_found()
        return slug

    def repository(self, request: Request) -> str:
        """The name of the path's repository. Raises 404, also where the token may not see it."""
        self.organisation(request)
        name = request.named["repo"]
        for known, held in self.world.github["repositories"].items():
            if known.lower() == name.lower():
                if held["private"] and "repo" not in TOKENS.get(request.token, ()):
                    raise not_found()
                return str(known)
        raise not_found()
