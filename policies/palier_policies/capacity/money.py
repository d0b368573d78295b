"""Cost: its share of the revenue, and what a user costs, with what is planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from palier.capacity.inputs import LISTED
from palier.capacity.limits import COST_SHARE
from pydantic import Field

from palier_policies.capacity.change import Change, ForecastSettings
from palier_policies.capacity.pricing import priced
from palier_policies.policy import Example, Policy, Problem
from palier_policies.stack import Stack

_CENT = 0.01


class PerUserSettings(ForecastSettings):
    """How much more a user may cost."""

    rise_percent: float = Field(
        default=1.0, ge=0, description="What counts as no rise: list prices and bills differ by as much."
    )


@dataclass(frozen=True)
class Bill:
    """The monthly bill in the platform's currency, before the change and with it."""

    before: float
    after: float
    difference_usd: float


def bill_of(change: Change) -> Bill | str:
    """The bill, or why it cannot be told: the one observed, and the change's difference by list price."""
    observed = change.inputs.observed.get("infrastructure_cost")
    rate = 1.0 if change.platform.currency == "USD" else change.platform.currency_per_usd
    if rate is None:
        return (
            f"palier.yaml has no currency_per_usd: prices are in dollars, it is in {change.platform.currency}"
        )
    if observed is None:
        return "no infrastructure_cost was observed, and no settings say what stands"
    stack = change.stack
    planned, stands = priced(stack, stack.resources), priced(stack, stack.standing)
    if missing := planned.unpriced ^ stands.unpriced:
        return f"no price for {sorted(missing)[0]}; `palier cost prices update` may know one"
    usd = float(planned.usd - stands.usd)
    difference = usd * rate
    if LISTED in change.inputs.notes:
        # Taken from the settings, which have the change in them already; and all of a stack that is new.
        return Bill(observed - difference if change.stands else observed, observed, usd)
    return Bill(observed, observed + difference, usd)


def _share(stack: Stack, settings: ForecastSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None:
        return
    bill, revenue = bill_of(change), change.inputs.observed.get("revenue")
    if isinstance(bill, str) or not revenue:
        why = bill if isinstance(bill, str) else "no revenue was observed"
        yield Problem(f"not judged: {why}", level="advisory", not_known=True)
        return
    row = change.inputs.limits.get(COST_SHARE.metric) or COST_SHARE
    now = 100.0 * bill.after / revenue
    months = ceil(change.horizon_months)
    bands = change.forecaster.forecast(change.scenario, change.after).bands
    later = bands[COST_SHARE.metric].p50[months] * bill.after / change.inputs.observed["infrastructure_cost"]
    actual = max(now, later)
    level = row.level(actual)
    if level == "ok":
        return
    limit = row.limit(level)
    currency = change.platform.currency
    # What this change does not cost it cannot be held back for: another stack's bill is mended there.
    mild = level == "attention" or abs(bill.difference_usd) < _CENT
    yield Problem(
        f"infrastructure would be {now:.1f} percent of revenue ({bill.after:,.0f} of {revenue:,.0f} "
        f"{currency} a month, {bill.difference_usd:+,.0f} USD by this change) and {later:.1f} percent by "
        f"{change.day(months)} in scenario {change.scenario.name}; {level} is above {limit:g} percent",
        level="advisory" if mild else "mandatory",
        metric=COST_SHARE.metric,
        actual=actual,
        limit=limit,
        scenario=change.scenario.name,
        date=change.day(months).isoformat(),
        advice="less capacity, or commitments (reserved instances, savings plans)",
        monthly_usd=bill.difference_usd,
    )


def _per_user(stack: Stack, settings: PerUserSettings) -> Iterator[Problem]:
    change = Change.of(stack, settings)
    if change.elsewhere is not None:
        return
    observed = change.inputs.observed
    users = observed.get("mau") or observed.get("users")
    bill = bill_of(change)
    if isinstance(bill, str) or not users:
        why = bill if isinstance(bill, str) else "no users were observed (mau or users)"
        yield Problem(f"not judged: {why}", level="advisory", not_known=True)
        return
    months = ceil(change.horizon_months)
    forecast = change.forecaster.forecast(change.scenario, change.after)
    growth = forecast.bands["infrastructure_cost"].p50[months] / observed["infrastructure_cost"]
    now, then = bill.before / users, bill.after * growth / (users * forecast.demand.p50[months])
    if then <= now * (1 + settings.rise_percent / 100.0):
        return
    currency = change.platform.currency
    yield Problem(
        f"a user would cost {then:.4f} {currency} a month by {change.day(months)} in scenario "
        f"{change.scenario.name}, {100 * (then / now - 1):.0f} percent more than today's {now:.4f}",
        level="advisory",
        metric="cost_per_user",
        actual=then,
        limit=now,
        scenario=change.scenario.name,
        date=change.day(months).isoformat(),
        monthly_usd=bill.difference_usd,
    )


POLICIES = (
    Policy(
        name="cost-share",
        says="Infrastructure stays below its share of revenue, today and by the horizon.",
        severity="medium",
        level="mandatory",
        source="scaling-et-croissance.md, « KPIs de croissance technique »: < 10 % of revenue",
        check_stack=_share,
        settings=ForecastSettings,
        example=Example(
            breaks="# revenue is 90,000 EUR a month, and the bill would be 11,000\n"
            'aws.rds.Instance("primary", instance_class="db.m7g.16xlarge", multi_az=True)',
            keeps='aws.rds.Instance("primary", instance_class="db.m7g.2xlarge", multi_az=True)',
        ),
    ),
    Policy(
        name="cost-per-user",
        says="What a user costs does not rise with what is planned.",
        severity="low",
        level="advisory",
        source="scaling-et-croissance.md, « KPIs de croissance technique »",
        check_stack=_per_user,
        settings=PerUserSettings,
        example=Example(
            breaks="# users grow by a tenth, the bill by a half\n"
            'aws.rds.Instance("primary", instance_class="db.m7g.8xlarge")',
            keeps='aws.rds.Instance("primary", instance_class="db.m7g.2xlarge")',
        ),
    ),
)
