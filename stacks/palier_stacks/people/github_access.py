"""Memberships, teams, rights and protection of the GitHub organisation."""

from __future__ import annotations

import pulumi
import pulumi_github as github
from palier.onboarding.roster import Roster

from palier_stacks.people.settings import GitHubSettings, ProtectionSettings


class GitHubAccess:
    """What stands on GitHub: `teams` by slug."""

    def __init__(
        self, settings: GitHubSettings, roster: Roster, logins: list[str], parent: pulumi.Resource
    ) -> None:
        """`logins` are those who have access."""
        self._below = pulumi.ResourceOptions(parent=parent)
        self._owners = set(settings.owners)
        slugs = sorted({slug for team in roster.teams.values() for slug in team.github_teams})
        self.teams = {slug: self._team(slug, roster) for slug in slugs}
        self._rights(roster)
        for login in logins:
            self._person(login, roster)
        if settings.protection is not None:
            repositories = sorted({name for team in roster.teams.values() for name in team.repositories})
            for name in repositories:
                self._protect(name, settings.protection)

    def _team(self, slug: str, roster: Roster) -> github.Team:
        described = [team.description for team in roster.teams.values() if slug in team.github_teams]
        return github.Team(
            f"team/{slug}", name=slug, description=described[0], privacy="closed", opts=self._below
        )

    def _rights(self, roster: Roster) -> None:
        wanted = {
            (slug, repository): right
            for team in roster.teams.values()
            for slug in team.github_teams
            for repository, right in team.repositories.items()
        }
        for (slug, repository), right in sorted(wanted.items()):
            github.TeamRepository(
                f"team/{slug}/{repository}",
                team_id=self.teams[slug].id,
                repository=repository,
                permission=right,
                opts=self._below,
            )

    def _person(self, login: str, roster: Roster) -> None:
        role = "admin" if login in self._owners else "member"
        member = github.Membership(f"{login}/organization", username=login, role=role, opts=self._below)
        for slug in roster.teams[roster.people[login].team].github_teams:
            # After the membership: the other way round, GitHub would invite by the team.
            github.TeamMembership(
                f"{login}/team/{slug}",
                team_id=self.teams[slug].id,
                username=login,
                role="maintainer" if login in self._owners else "member",  # as GitHub has owners
                opts=pulumi.ResourceOptions.merge(self._below, pulumi.ResourceOptions(depends_on=[member])),
            )

    def _protect(self, repository: str, settings: ProtectionSettings) -> None:
        checks = settings.required_checks
        github.BranchProtectionV3(
            f"protection/{repository}",
            repository=repository,
            branch=settings.branch,
            enforce_admins=settings.enforce_admins,
            required_pull_request_reviews={
                "required_approving_review_count": settings.required_reviews,
                "dismiss_stale_reviews": settings.dismiss_stale_reviews,
            },
            required_status_checks={"strict": True, "checks": checks} if checks else None,
            opts=self._below,
        )
