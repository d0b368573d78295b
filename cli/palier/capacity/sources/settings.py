"""What palier.yaml says of the sources that `palier capacity collect` asks; no secret is ever among it."""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from palier.capacity.metrics import METRICS
from palier.capacity.sections import Section, nearest, refuse

# What says something of another name.
OWNERS = {
    "max_connections": "database",
    "allocated_storage_gib": "database",
    "bandwidth_mbit_per_s": "autoscaling_group",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _url(value: str) -> str:
    """An address without its last slash. What is refused is not repeated: it may hold a password."""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host is None or parts.scheme not in ("http", "https"):
        raise refuse("is not an address", allowed="http://host:port or https://host")
    if parts.username is not None or parts.password is not None:
        raise refuse("holds a user or a password", allowed="a token in the variable that names it")
    if parts.query or parts.fragment:
        raise refuse("holds a query", allowed="the address alone")
    return value.rstrip("/")


def _variable(value: str) -> str:
    """The name of an environment variable. What is refused is not repeated: it may be a token."""
    if not re.fullmatch(r"[A-Z_][A-Z0-9_]*", value):
        raise refuse(
            "is not the name of a variable; a token does not belong in this file",
            allowed="capitals, digits and _",
        )
    return value


Url = Annotated[str, AfterValidator(_url)]
Variable = Annotated[str, AfterValidator(_variable)]


def is_open(url: str) -> bool:
    """Whether anyone on the way could read a token sent there."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK


class PrometheusSettings(Section):
    """A Prometheus, or what speaks its HTTP API."""

    url: Url = Field(description="Where its API is, without `/api/v1`.")
    queries: dict[str, str] = Field(
        min_length=1, description="PromQL by metric, each giving one series in the metric's unit."
    )
    small_percents: list[str] = Field(
        default=[], description="Metrics whose query gives percent even where all values are at most 1."
    )
    token_variable: Variable | None = Field(
        default=None, description="The environment variable that holds a bearer token."
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in self.queries:
            if name not in METRICS:
                raise refuse(f"unknown metric {name!r}", allowed=nearest(name, METRICS), at=f"queries.{name}")
        for name in self.small_percents:
            if name not in self.queries:
                raise refuse(f"no query for {name!r}", allowed=", ".join(self.queries), at="small_percents")
        if self.token_variable and is_open(self.url):
            raise refuse("would send a token for all to read", allowed="https://…", at="url")
        return self


class CloudWatchSettings(Section):
    """CloudWatch: what is named is asked for, and nothing else; nothing named, what foundation made."""

    region: str | None = Field(
        default=None, min_length=1, description="The region whose metrics are read; names need it."
    )
    autoscaling_group: str | None = Field(
        default=None, min_length=1, description="Name of the application's autoscaling group."
    )
    load_balancer: str | None = Field(
        default=None,
        pattern=r"^app/[^/]+/[^/]+$",
        description="The load balancer's ARN suffix, `app/name/id`.",
    )
    database: str | None = Field(default=None, min_length=1, description="Identifier of the RDS instance.")
    max_connections: int | None = Field(default=None, ge=1, description="The database's `max_connections`.")
    allocated_storage_gib: float | None = Field(
        default=None, gt=0, description="What the database's storage holds, in GiB."
    )
    bandwidth_mbit_per_s: float | None = Field(
        default=None, gt=0, description="What the group's instances together can send, in Mbit/s."
    )

    @property
    def names_anything(self) -> bool:
        """Whether what is asked for is named here, and not to be found in foundation's outputs."""
        return bool(self.autoscaling_group or self.load_balancer or self.database)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.names_anything:
            return self
        if self.region is None:
            raise refuse("is missing beside the names", allowed="like eu-west-3", at="region")
        for name, owner in OWNERS.items():
            if getattr(self, name) is not None and getattr(self, owner) is None:
                raise refuse(f"is about a {owner} that is not named", allowed=owner, at=name)
        return self


class GitHubSettings(Section):
    """A repository on GitHub, or on a GitHub Enterprise Server."""

    repository: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="`owner/name`.")
    environment: str = Field(
        default="production", min_length=1, description="The environment whose deployments count."
    )
    incident_label: str = Field(
        default="incident", min_length=1, description="The label of issues that are incidents."
    )
    token_variable: Variable = Field(
        default="GITHUB_TOKEN", description="The environment variable that holds the token."
    )
    url: Url = Field(default="https://api.github.com", description="Where the REST API is.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if is_open(self.url):
            raise refuse("would send a token for all to read", allowed="https://…", at="url")
        return self


class Sources(Section):
    """Where `palier capacity collect` looks."""

    cloudwatch: CloudWatchSettings | None = Field(default=None, description="AWS CloudWatch.")
    github: GitHubSettings | None = Field(default=None, description="GitHub.")
    prometheus: PrometheusSettings | None = Field(default=None, description="Prometheus.")

    @property
    def named(self) -> list[str]:
        """The sources that palier.yaml names, in their order."""
        return [name for name in type(self).model_fields if getattr(self, name) is not None]
