"""`palier cdn`: the caches of CloudFront. Thin: `palier.cdn` does the work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import ENVIRONMENT, LOCAL, OUTPUT, YES, asker, report_for
from palier.errors import InputError, OperationError

if TYPE_CHECKING:
    from palier.cdn.access import Access
    from palier.cdn.cost import Estimate
    from palier.cdn.paths import Sorted
    from palier.console import Reporter

PUBLISHED = click.option(
    "--published",
    multiple=True,
    default=("public=/",),
    show_default=True,
    metavar="FOLDER=PATH",
    help="Which folder of the repository is published under which path; may be given again.",
)


@click.group(short_help="Take paths out of the CDN's caches.")
def cdn() -> None:
    """Take paths out of the CDN's caches.

    \b
    Examples:
      palier cdn invalidate /media/logo.svg
      palier cdn invalidate --changed-since HEAD~1
    """


@cdn.command()
@click.argument("paths", nargs=-1)
@click.option("--changed-since", metavar="REV", help="The paths of published files that changed since.")
@PUBLISHED
@click.option("--every-class", is_flag=True, help="Immutable and private paths, too.")
@click.option(
    "--collapse/--no-collapse", default=True, show_default=True, help="Draw folders together before paying."
)
@click.option("--reference", help="Sent instead of one of our own; a reference is paid once.")
@click.option("--anew", is_flag=True, help="Do not go on with a run that was interrupted; pay again.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="End when CloudFront is done.")
@click.option(
    "--wait-minutes",
    default=20.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="Give up waiting after this long.",
)
@click.option("--dry-run", is_flag=True, help="Show paths and cost, and stop.")
@ENVIRONMENT
@OUTPUT
@YES
def invalidate(
    paths: tuple[str, ...], changed_since: str | None, environment: str, output: str, yes: bool, **given: Any
) -> None:
    """Take paths out of the CDN's caches, so that the next request asks the origin.

    `*` at the end of a path names all that begins so, and counts as one path. Paths that need no
    invalidation are left out. The first 1,000 paths of a month are free, for the whole account; folders are
    drawn together rather than pay for more. The cost is shown before anything is sent.

    \b
    Examples:
      palier cdn invalidate /index.html '/blog/*'
      palier cdn invalidate --changed-since v1.4.0 --published site/public=/ --env production
      palier cdn invalidate --changed-since "$LAST" --reference "$COMMIT" --yes --env production
    """
    from palier.cdn.access import access
    from palier.cdn.cost import Estimate, spent_this_month
    from palier.cdn.paths import collapse, sort_out

    wanted = _wanted(paths, changed_since, given["published"])
    report = report_for(output)
    found = access(environment, report)
    result = sort_out(wanted, found.classes, found.prefixes, every_class=given["every_class"])
    _tell_skipped(result, report)
    if not result.paths:
        _tell(output, result, None)
        return
    with report.step("Counting what this month's invalidations had"):
        spent = _reading(lambda: spent_this_month(found.cloudfront))
    estimate = Estimate(len(result.paths), spent)
    if given["collapse"] and estimate.charged_paths:
        drawn = collapse(result.paths, max(1, spent.free_left))
        report.line(f"{len(result.paths)} paths drawn together to {len(drawn)}")
        result, estimate = type(result)(drawn, result.skipped), Estimate(len(drawn), spent)
    report.line(f"Invalidation of {estimate.sentence()}")
    if given["dry_run"]:
        _tell(output, result, estimate)
        return
    ask = None if environment == LOCAL else asker(yes)
    if ask is not None and not ask(f"Invalidate {estimate.paths} paths in {environment}?"):
        raise OperationError("nothing was invalidated", next_step="answer yes, or add --yes")
    _send(found, result, estimate, output, report, given)


def _wanted(paths: tuple[str, ...], changed_since: str | None, published: tuple[str, ...]) -> list[str]:
    """What the user named, checked. Raises InputError."""
    from palier.cdn.changes import changed_since as changed
    from palier.cdn.changes import published_of
    from palier.cdn.paths import checked

    if bool(paths) == (changed_since is not None):
        raise InputError("which paths?", allowed="either PATHS or --changed-since REV")
    if changed_since is None:
        return [checked(path) for path in paths]
    return [
        checked(path) for path in changed(changed_since, [published_of(one) for one in published], Path.cwd())
    ]


def _send(
    found: Access, result: Sorted, estimate: Estimate, output: str, report: Reporter, given: dict[str, Any]
) -> None:
    from palier.cdn import journal
    from palier.cdn.invalidation import Sender

    record = (
        journal.Record(given["reference"], None)
        if given["reference"]
        else journal.begin(found.distribution, result.paths, anew=given["anew"])
    )
    if record.begun_seconds_ago is not None:
        report.line(f"Going on with the run of {record.begun_seconds_ago:.0f} s ago, which did not end")
    with report.step("Invalidating") as step:
        sender = Sender(found.cloudfront, found.distribution, given["wait_minutes"] * 60, step.update)
        sender.run(result.paths, record.reference, wait=given["wait"])
    record.end()
    _tell(output, result, estimate, sender.ids)


def _reading(read: Any) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return read()
    except (BotoCoreError, ClientError) as error:
        raise OperationError(
            f"CloudFront: {error}", left="nothing was invalidated", next_step="run the same command again"
        ) from error


def _tell_skipped(result: Sorted, report: Reporter) -> None:
    from palier.cdn.paths import NEEDLESS

    for name, why in NEEDLESS.items():
        skipped = [path for path, found in result.skipped if found == name]
        if skipped:
            more = f" and {len(skipped) - 3} more" if len(skipped) > 3 else ""
            report.line(f"left out: {', '.join(skipped[:3])}{more}; what is {name} {why}")


def _tell(output: str, result: Sorted, estimate: Estimate | None, ids: list[str] | None = None) -> None:
    """The result on stdout: JSON with all of it, or the ids and paths for people."""
    if output == "json":
        shown = {
            "paths": result.paths,
            "skipped": [{"path": path, "class": name} for path, name in result.skipped],
            "invalidations": ids or [],
            "estimated_usd": estimate.dollars if estimate else 0.0,
            "free_paths_left": estimate.spent.free_left if estimate else None,
        }
        click.echo(json.dumps(shown))
        return
    if not result.paths:
        click.echo("nothing to invalidate")
        return
    for path in result.paths:
        click.echo(path)
    if ids:
        click.echo(f"invalidated: {', '.join(ids)}")
