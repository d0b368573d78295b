"""`palier region`: how the regions are, and which of them writes. Thin: `palier.regions` does the work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from palier.commands.phase_options import ENVIRONMENT, LOCAL, OUTPUT, YES, asker, report_for
from palier.errors import InputError

if TYPE_CHECKING:
    from palier.regions.access import Access
    from palier.regions.journal import Operation

TO = click.option("--to", required=True, metavar="REGION", help="The region that is to write.")
SETTLE = click.option(
    "--settle-seconds",
    type=click.FloatRange(min=0),
    help="How long the longest transaction may take.  [default: 30, on the local cloud 1]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="The same as --output json.")


@click.group(short_help="See the regions, and move the writer between them.")
def region() -> None:
    """See how the regions are, and move the writer: as planned, or when a region is lost.

    Each operation proves first that the regions that are left carry the forecast peak, writes a journal, and
    measures its RTO and RPO. Interrupted, it goes on when run again.

    \b
    Examples:
      palier region status
      palier region switchover --to eu-west-1
      palier region failover --to eu-west-1
      palier region restore
    """


@region.command()
@ENVIRONMENT
@OUTPUT
@JSON
def status(environment: str, output: str, as_json: bool) -> None:
    """Show every region: who writes, lag, health, and what is left without it. Exits 1 if anything is wrong.

    \b
    Examples:
      palier region status
      palier region status --env production --json
    """
    from palier.regions.status import observe
    from palier.regions.telling import status_lines

    output = _output(output, as_json)
    reach = _access(environment, output)
    overview = observe(reach.topology, reach.hands)
    click.echo(json.dumps(overview.as_data()) if output == "json" else "\n".join(status_lines(overview)))
    if overview.problems():
        raise click.exceptions.Exit(1)


@region.command()
@TO
@SETTLE
@YES
@ENVIRONMENT
@OUTPUT
@JSON
def switchover(
    to: str, settle_seconds: float | None, yes: bool, environment: str, output: str, as_json: bool
) -> None:
    """Move the writer to another region as planned, and lose nothing. Refused where a region is not healthy.

    An RDS primary cannot change sides: writes stop, the replica catches up and is promoted, and the primary
    of old is made anew as its replica. Until the promotion, --to its own region takes that back.

    \b
    Examples:
      palier region switchover --to eu-west-1
      palier region switchover --to eu-west-1 --env production --settle-seconds 60
    """
    output = _output(output, as_json)
    reach = _access(environment, output)
    reach.topology.site(to)
    _ask(environment, yes, f"Move the writer of {environment} to {to}? Writes stop for a while.")
    mover = reach.mover(report_for(output), settle_seconds)
    _tell(reach, mover.switchover(to), f"nothing to change: {to} writes", output)


@region.command()
@TO
@click.option("--lost-at", metavar="TIME", help="When the region was lost, as 2026-11-25T12:30:00+00:00.")
@click.option(
    "--accept-degraded",
    type=click.FloatRange(min=0, min_open=True),
    metavar="REQUESTS",
    help="Go on if those left carry so many requests/s, below the forecast peak.",
)
@YES
@ENVIRONMENT
@OUTPUT
@JSON
def failover(
    to: str,
    lost_at: str | None,
    accept_degraded: float | None,
    yes: bool,
    environment: str,
    output: str,
    as_json: bool,
) -> None:
    """Move the writer away from a region that is lost; writes not replicated yet are lost with it.

    Nothing waits for the lost region. `palier region restore` is the way back.

    \b
    Examples:
      palier region failover --to eu-west-1
      palier region failover --to eu-west-1 --lost-at 2026-11-25T12:30:00+00:00 --env production
    """
    output = _output(output, as_json)
    moment = _moment(lost_at)
    reach = _access(environment, output)
    reach.topology.site(to)
    _ask(environment, yes, f"Fail over {environment} to {to}? Writes not replicated yet are lost.")
    done = reach.mover(report_for(output), None).failover(
        to, lost_at=moment, accepted_requests_per_second=accept_degraded
    )
    _tell(reach, done, f"nothing to change: {to} writes", output)


@region.command()
@click.option("--region", "regions", multiple=True, metavar="REGION", help="This one only; may be repeated.")
@click.option("--follow", metavar="REGION", help="The region that is right, where two write.")
@YES
@ENVIRONMENT
@OUTPUT
@JSON
def restore(
    regions: tuple[str, ...], follow: str | None, yes: bool, environment: str, output: str, as_json: bool
) -> None:
    """Bring a lost region back as a follower of the one that writes; a switchover then leads back.

    The RDS primary of old goes into a snapshot and is made anew as a replica. Aurora takes its cluster back
    by itself; this waits for it.

    \b
    Examples:
      palier region restore
      palier region restore --region eu-west-3 --env production
    """
    output = _output(output, as_json)
    reach = _access(environment, output)
    _ask(environment, yes, f"Make databases of {environment} anew that do not follow the writer?")
    done = reach.mover(report_for(output), None).restore(regions, follow)
    _tell(reach, done, "nothing to change: every region follows the one that writes", output)


@region.command()
@ENVIRONMENT
@OUTPUT
@JSON
def history(environment: str, output: str, as_json: bool) -> None:
    """List the operations of this machine's journal, newest first, with RTO and RPO in JSON.

    \b
    Examples:
      palier region history
      palier region history --output json
    """
    from palier.regions.measure import measure
    from palier.regions.telling import history_lines, operation_data

    output = _output(output, as_json)
    reach = _access(environment, output)
    operations = reach.journal.operations()
    if output == "json":
        targets = reach.topology.targets
        click.echo(json.dumps([operation_data(one, measure(one, targets)) for one in operations[::-1]]))
    else:
        click.echo("\n".join(history_lines(operations)))


def _output(output: str, as_json: bool) -> str:
    return "json" if as_json else output


def _access(environment: str, output: str) -> Access:
    from palier.regions.access import access

    return access(environment, report_for(output))


def _ask(environment: str, yes: bool, question: str) -> None:
    ask = None if environment == LOCAL else asker(yes)
    if ask is not None and not ask(question):
        raise KeyboardInterrupt


def _moment(text: str | None) -> float | None:
    import datetime
    import time

    if text is None:
        return None
    allowed = "a past moment with its offset, as 2026-11-25T12:30:00+00:00"
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"{text!r} is no moment", key="--lost-at", allowed=allowed) from None
    if moment.tzinfo is None or moment.timestamp() > time.time():
        raise InputError(f"{text!r} is no past moment of a known offset", key="--lost-at", allowed=allowed)
    return moment.timestamp()


def _tell(reach: Access, operation: Operation | None, same: str, output: str) -> None:
    from palier.regions.measure import measure
    from palier.regions.telling import operation_data, operation_lines

    if operation is None:
        told: dict[str, Any] = {"changed": False}
        click.echo(json.dumps(told) if output == "json" else same)
        return
    measures = measure(operation, reach.topology.targets)
    if output == "json":
        click.echo(json.dumps(operation_data(operation, measures)))
    else:
        click.echo("\n".join(operation_lines(operation, measures)))
