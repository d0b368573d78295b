"""What the multi-region phase can be told, and what it refuses in one line."""

from __future__ import annotations

import copy
from collections.abc import Callable
from math import ceil
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier_stacks.foundation.settings import FoundationSettings
from palier_stacks.multi_region.capacity import CapacitySettings, Tier, shortfall
from palier_stacks.multi_region.settings import MultiRegionSettings
from palier_stacks.settings import SettingsError

from tests.unit.stacks.conftest import Config, changed

Change = Callable[[Config], Any]
REGIONS = "multi-region:regions"
FOREIGN_CERTIFICATE = "arn:aws:acm:eu-west-3:123456789012:certificate/0a1b"


def section(name: str, **values: Any) -> Change:
    """A change of one section."""
    return lambda config: config[f"multi-region:{name}"].update(values)


def entry(**values: Any) -> Change:
    """A change of the further region's entry."""
    return lambda config: config[REGIONS][0].update(values)


def further(**values: Any) -> Change:
    """A second further region, like the first but for `values`."""
    return lambda config: config[REGIONS].append({**copy.deepcopy(config[REGIONS][0]), **values})


# (what is wrong, the change, the key, the problem, what is allowed)
REFUSED: list[tuple[str, Change, str, str, str | None]] = [
    (
        "the home region is listed",
        entry(region="eu-west-3"),
        "regions[0].region",
        "eu-west-3 is the home region (aws:region), where foundation stands",
        "further regions",
    ),
    (
        "a region is listed twice",
        further(),
        "regions[1].region",
        "eu-west-1 is given twice",
        "each region once",
    ),
    (
        "no such region",
        entry(region="eu-wst-1"),
        "regions[0].region",
        "unknown region 'eu-wst-1'",
        "eu-west-1, us-west-1, eu-west-3",
    ),
    ("no region", lambda c: c.update({REGIONS: []}), "regions", "needs at least 1 entries, got 0", None),
    (
        "two regions share addresses",
        further(region="eu-north-1"),
        "regions[1].network.vpc_cidr",
        "10.21.0.0/16 overlaps 10.21.0.0/16 of eu-west-1; peered VPCs share no address",
        "a range apart from 10.21.0.0/16",
    ),
    (
        "more zones than the region has",
        entry(network={"vpc_cidr": "10.21.0.0/16", "zone_count": 6}),
        "regions[0].network.zone_count",
        "eu-west-1 has 3 availability zones, not 6",
        "2 to 3",
    ),
    (
        "a zone of another region",
        entry(network={"vpc_cidr": "10.21.0.0/16", "availability_zones": ["eu-west-1a", "eu-west-3a"]}),
        "regions[0].network.availability_zones[1]",
        "no zone 'eu-west-3a' in eu-west-1",
        "eu-west-1a, eu-west-1c, eu-west-1b",
    ),
    (
        "a certificate of another region",
        entry(certificate_arn=FOREIGN_CERTIFICATE),
        "regions[0].certificate_arn",
        f"'{FOREIGN_CERTIFICATE}' is not a certificate of eu-west-1",
        "arn:aws:acm:eu-west-1:<account>:certificate/<id>",
    ),
    (
        "a certificate for all regions",
        section("application", certificate_arn=FOREIGN_CERTIFICATE),
        "application.certificate_arn",
        "a certificate is of one region",
        "regions[…].certificate_arn",
    ),
    (
        "a region with fewer instances than it starts with",
        entry(max_instances=1),
        "regions[0].desired_instances",
        "2 is not between min and max",
        "2 to 1",
    ),
    (
        "an unknown engine",
        section("database", engine="aurora"),
        "database.engine",
        "unknown value 'aurora'",
        "rds_replica, aurora_global",
    ),
    (
        "Aurora on a class that it does not run on",
        section("database", engine="aurora_global"),
        "database.instance_class",
        "an Aurora global database does not run on db.t4g.medium",
        "memory-optimised classes from db.r5 on, like db.r7g.large",
    ),
    (
        "half a version of Aurora",
        section("database", engine_version="17"),
        "database.engine_version",
        "'17' is no version of an Aurora global database",
        "a full one of 13 to 17, like 17.4",
    ),
    (
        "a class that is not offered there",
        entry(region="ca-west-1"),
        "database.instance_class",
        "db.t4g.medium is not offered in ca-west-1",
        "db.t3.medium",
    ),
    (
        "a domain without its zone",
        lambda c: c.update({"multi-region:routing": {"domain": "www.jobo.example"}}),
        "routing.hosted_zone_id",
        "missing, while the other is given",
        "domain and hosted_zone_id, or neither",
    ),
    (
        "an interval that Route 53 does not know",
        lambda c: c.update({"multi-region:routing": {"check_interval_seconds": 20}}),
        "routing.check_interval_seconds",
        "Route 53 does not check every 20 seconds",
        "10 or 30",
    ),
    (
        "a peak in words",
        section("capacity", forecast_peak_requests_per_second="many"),
        "capacity.forecast_peak_requests_per_second",
        "expected a number of requests per second, got 'many'",
        None,
    ),
    (
        "a misspelt setting of a region",
        entry(certificat_arn="x"),
        "regions[0].certificat_arn",
        "unknown setting 'certificat_arn'",
        "certificate_arn",
    ),
]


@pytest.mark.parametrize(
    ("change", "key", "problem", "allowed"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_wrong_setting_is_refused_with_its_key_and_what_is_allowed(
    multi_region_config: Config, change: Change, key: str, problem: str, allowed: str | None
) -> None:
    config = copy.deepcopy(multi_region_config)
    change(config)
    with pytest.raises(SettingsError) as caught:
        MultiRegionSettings.from_config(config)

    assert (caught.value.key, caught.value.problem, caught.value.allowed) == (
        f"multi-region:{key}",
        problem,
        allowed,
    )


# (what does not go together, changed foundation settings, the key, the problem, what is allowed)
TOGETHER: list[tuple[str, dict[str, Any], str, str, str]] = [
    (
        "the home's addresses overlap",
        {"network": {"vpc_cidr": "10.21.0.0/17"}},
        "multi-region:regions[0].network.vpc_cidr",
        "10.21.0.0/16 overlaps 10.21.0.0/17 of eu-west-3; peered VPCs share no address",
        "a range apart from 10.21.0.0/17",
    ),
    (
        "the home runs another image",
        {"application": {"image": "nginx:1.30"}},
        "multi-region:application.image",
        "nginx:1.29 is not what the home region runs: users would see two versions",
        "nginx:1.30",
    ),
    (
        "the primary keeps no backups",
        {"database": {"backup_retention_days": 0}},
        "foundation:database.backup_retention_days",
        "replicas in other regions need automated backups, got 0",
        "1 to 35 days",
    ),
    (
        "a database smaller than the primary",
        {"database": {"instance_class": "db.r6g.large"}},
        "multi-region:database.instance_class",
        "db.t4g.medium has less memory than the primary's db.r6g.large, "
        "whose writes it carries after a failover",
        "db.r6g.large or larger",
    ),
    (
        "the home cannot carry the peak alone",
        {"application": {"max_instances": 3}},
        "multi-region:capacity",
        "without eu-west-1, 3 instances of 50 requests/s in eu-west-3 carry 150 of the forecast peak of "
        "300 requests/s: 3 instances short",
        "max_instances of 6 or more in all regions but eu-west-1 together",
    ),
]


@pytest.mark.parametrize(
    ("sections", "key", "problem", "allowed"), [row[1:] for row in TOGETHER], ids=[row[0] for row in TOGETHER]
)
def test_what_does_not_go_with_foundation_is_refused(
    multi_region_config: Config,
    foundation_config: Config,
    sections: dict[str, Any],
    key: str,
    problem: str,
    allowed: str,
) -> None:
    foundation = FoundationSettings.from_config(changed(foundation_config, **sections))
    settings = MultiRegionSettings.from_config(multi_region_config)
    with pytest.raises(SettingsError) as caught:
        settings.check_required({"foundation": foundation})

    assert (caught.value.key, caught.value.problem, caught.value.allowed) == (key, problem, allowed)


def test_the_local_settings_of_both_phases_go_together(
    multi_region_config: Config, foundation_config: Config
) -> None:
    settings = MultiRegionSettings.from_config(multi_region_config)

    settings.check_required({"foundation": FoundationSettings.from_config(foundation_config)})


def test_a_region_says_only_what_is_otherwise_there(multi_region_config: Config) -> None:
    config = copy.deepcopy(multi_region_config)
    config[REGIONS][0] |= {"max_instances": 9, "desired_instances": 4}
    settings = MultiRegionSettings.from_config(config)
    tier = settings.application_in(settings.regions[0])

    assert (tier.min_instances, tier.desired_instances, tier.max_instances) == (2, 4, 9)
    assert tier.image == settings.application.image
    assert [(each.region, each.max_instances) for each in settings.tiers(6)] == [
        ("eu-west-3", 6),
        ("eu-west-1", 9),
    ]


def test_lag_is_critical_where_a_failover_would_lose_more_than_the_objective(
    multi_region_config: Config,
) -> None:
    settings = MultiRegionSettings.from_config(changed(multi_region_config, targets={"rpo_seconds": 60}))

    assert (settings.lag_threshold.attention, settings.lag_threshold.critical) == (30.0, 60.0)


def test_the_replica_is_the_default_because_foundation_runs_rds(multi_region_config: Config) -> None:
    assert not MultiRegionSettings.from_config(multi_region_config).database.is_aurora


tiers = st.lists(st.integers(1, 200), min_size=2, max_size=6).map(
    lambda sizes: [Tier(f"region-{number}", size) for number, size in enumerate(sizes)]
)
peaks = st.floats(1.0, 100_000.0)


@given(tiers, peaks, st.floats(0.5, 500.0))
def test_what_is_let_through_survives_the_loss_of_any_region(
    regions: list[Tier], peak: float, each: float
) -> None:
    capacity = CapacitySettings(forecast_peak_requests_per_second=peak, requests_per_second_per_instance=each)
    found = shortfall(capacity, regions)
    needed = ceil(peak / each)
    survived = all(
        sum(other.max_instances for other in regions if other is not lost) >= needed for lost in regions
    )

    assert survived == (found is None)
    if found is not None:
        left = sum(other.max_instances for other in regions if other.region != found.lost)
        assert left + found.missing_instances == needed, "what is missing is what would do, and no more"


@given(tiers, peaks, st.floats(1.0, 50.0))
def test_a_higher_peak_never_needs_less(regions: list[Tier], peak: float, more: float) -> None:
    def missing(requests: float) -> int:
        capacity = CapacitySettings(
            forecast_peak_requests_per_second=requests, requests_per_second_per_instance=10.0
        )
        found = shortfall(capacity, regions)
        return found.missing_instances if found else 0

    assert missing(peak) <= missing(peak + more)
