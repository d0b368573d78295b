"""CloudWatch: one value a day for each of our metrics, from the metrics that the stacks' alarms read as well.

What is combined of several (an error rate, a share of a whole) is computed here, from days of UTC.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from palier.capacity.observations import Observation
from palier.capacity.sources.model import Voice, end_of, failed, start_of
from palier.capacity.sources.settings import CloudWatchSettings

NAME = "cloudwatch"
ACTION = "cloudwatch:GetMetricData"
DAY_SECONDS = 86_400
GIB, MEGA = 1024**3, 1_000_000

# Dimension names are AWS's own, of each service's CloudWatch reference; the setting has the value.
GROUP, BALANCER, DATABASE = "AutoScalingGroupName", "LoadBalancer", "DBInstanceIdentifier"
SETTING = {GROUP: "autoscaling_group", BALANCER: "load_balancer", DATABASE: "database"}


@dataclass(frozen=True)
class Series:
    """One metric of AWS with its one dimension, and the statistic of a day."""

    namespace: str
    metric: str
    dimension: str
    statistic: str

    def query(self, settings: CloudWatchSettings, identifier: str) -> dict[str, Any]:
        """The query of GetMetricData."""
        dimension = {"Name": self.dimension, "Value": getattr(settings, SETTING[self.dimension])}
        metric = {"Namespace": self.namespace, "MetricName": self.metric, "Dimensions": [dimension]}
        return {
            "Id": identifier,
            "MetricStat": {"Metric": metric, "Period": DAY_SECONDS, "Stat": self.statistic},
        }


Values = Sequence[float | None]


@dataclass(frozen=True)
class Measure:
    """How one of our metrics comes of AWS's. `value` is given a day's values in the order of `series`.

    None where AWS told nothing of a series that day, or where the day has no value; `needs` are settings.
    """

    metric: str
    series: tuple[Series, ...]
    value: Callable[[CloudWatchSettings, Values], float | None] = lambda _, values: values[0]
    needs: tuple[str, ...] = ()

    def asked(self, settings: CloudWatchSettings) -> bool:
        """Whether palier.yaml names all that this takes."""
        names = [*(SETTING[each.dimension] for each in self.series), *self.needs]
        return all(getattr(settings, name) is not None for name in names)


def _ec2(statistic: str, metric: str = "CPUUtilization") -> Series:
    return Series("AWS/EC2", metric, GROUP, statistic)


def _memory(statistic: str) -> Series:
    return Series("CWAgent", "mem_used_percent", GROUP, statistic)


def _rds(metric: str, statistic: str) -> Series:
    return Series("AWS/RDS", metric, DATABASE, statistic)


def _alb(metric: str, statistic: str) -> Series:
    return Series("AWS/ApplicationELB", metric, BALANCER, statistic)


def _of_the_pool(settings: CloudWatchSettings, values: Values) -> float:
    return 100 * _number(values[0]) / _number(settings.max_connections)


def _storage(settings: CloudWatchSettings, values: Values) -> float:
    return 100 * (1 - _number(values[0]) / (_number(settings.allocated_storage_gib) * GIB))


def _errors(_: CloudWatchSettings, values: Values) -> float | None:
    """The counts of errors are only reported when they are not zero.

    A request that the load balancer refuses before it has chosen a target is an error and not among its
    requests, so a day of refusals would pass 100, and one without any target has errors alone.
    """
    requests, *counts = values
    errors = sum(_number(each) for each in counts)
    if not requests:
        return 100.0 if errors else None
    return min(100 * errors / requests, 100.0)


def _answered(settings: CloudWatchSettings, values: Values) -> float | None:
    errors = _errors(settings, values)
    return None if errors is None else 100 - errors


def _bandwidth(settings: CloudWatchSettings, values: Values) -> float:
    """A link carries as much each way, so the fuller way is what binds."""
    fuller = max(_number(each) for each in values)
    return 100 * 8 * fuller / DAY_SECONDS / (_number(settings.bandwidth_mbit_per_s) * MEGA)


def _number(value: float | None) -> float:
    return value or 0.0


_REQUESTS = _alb("RequestCount", "Sum")
_ERRORS = (_alb("HTTPCode_Target_5XX_Count", "Sum"), _alb("HTTPCode_ELB_5XX_Count", "Sum"))
_POOL = ("max_connections",)

MEASURES: tuple[Measure, ...] = (
    Measure("cpu_utilization", (_ec2("Average"),)),
    Measure("cpu_utilization_peak", (_ec2("Maximum"),)),
    Measure("memory_usage", (_memory("Average"),)),
    Measure("memory_usage_peak", (_memory("Maximum"),)),
    Measure(
        "bandwidth_utilization",
        (_ec2("Sum", "NetworkIn"), _ec2("Sum", "NetworkOut")),
        _bandwidth,
        ("bandwidth_mbit_per_s",),
    ),
    Measure("database_utilization", (_rds("CPUUtilization", "Average"),)),
    Measure("database_utilization_peak", (_rds("CPUUtilization", "Maximum"),)),
    Measure("database_connections", (_rds("DatabaseConnections", "Average"),), _of_the_pool, _POOL),
    Measure("database_connections_peak", (_rds("DatabaseConnections", "Maximum"),), _of_the_pool, _POOL),
    Measure("storage_usage", (_rds("FreeStorageSpace", "Minimum"),), _storage, ("allocated_storage_gib",)),
    Measure("response_time_p95", (_alb("TargetResponseTime", "p95"),)),
    Measure("error_rate", (_REQUESTS, *_ERRORS), _errors),
    Measure("availability", (_REQUESTS, *_ERRORS), _answered),
    Measure("throughput", (_REQUESTS,), lambda _, values: _number(values[0]) / DAY_SECONDS),
    Measure(
        "application_instances", (Series("AWS/AutoScaling", "GroupInServiceInstances", GROUP, "Average"),)
    ),
)

Days = Mapping[datetime.date, float]


class CloudWatch:
    """The metrics of what the settings name. `reach` gives the environment's clients when first asked."""

    name = NAME

    def __init__(
        self, settings: CloudWatchSettings, voice: Voice, reach: Callable[[], Any], label: str = NAME
    ) -> None:
        self._settings, self._voice, self._reach, self._label = settings, voice, reach, label

    def collect(self, first: datetime.date, last: datetime.date) -> list[Observation]:
        """A row for each metric and day that CloudWatch knows. Raises OperationError."""
        measures = [each for each in MEASURES if each.asked(self._settings)]
        series = list(dict.fromkeys(one for each in measures for one in each.series))
        values = self._ask(series, first, last)
        found: list[Observation] = []
        days = (last - first).days + 1
        for each in measures:
            rows = self._rows(each, values)
            if len(rows) < days:
                self._voice.note(f"{NAME}: {each.metric} has no value for {days - len(rows)} of {days} days")
            found += rows
        return found

    def _rows(self, measure: Measure, values: Mapping[Series, Days]) -> list[Observation]:
        rows = []
        for day in sorted({day for one in measure.series for day in values[one]}):
            value = measure.value(self._settings, [values[one].get(day) for one in measure.series])
            if value is not None:
                rows.append(Observation(day, measure.metric, value, self._label))
        return rows

    def _ask(
        self, series: Sequence[Series], first: datetime.date, last: datetime.date
    ) -> dict[Series, dict[datetime.date, float]]:
        from botocore.exceptions import BotoCoreError, ClientError

        named = {f"m{index}": one for index, one in enumerate(series)}
        request = {
            "MetricDataQueries": [one.query(self._settings, key) for key, one in named.items()],
            "StartTime": start_of(first),
            "EndTime": end_of(last),
            "ScanBy": "TimestampAscending",
        }
        found: dict[Series, dict[datetime.date, float]] = {one: {} for one in series}
        clients = self._reach()
        try:
            pages = clients.client("cloudwatch").get_paginator("get_metric_data").paginate(**request)
            state: dict[str, str] = {}
            for page in pages:
                for result in page["MetricDataResults"]:
                    state[result["Id"]] = result["StatusCode"]
                    _take(found[named[result["Id"]]], result)
        except (BotoCoreError, ClientError) as error:
            raise explained(error) from error
        for key, code in state.items():
            if code != "Complete":
                raise failed(NAME, f"{named[key].metric}: the answer is not complete ({code})")
        return found


def _take(days: dict[datetime.date, float], result: Mapping[str, Any]) -> None:
    """The values of one page of one series, by the day at whose beginning AWS dates them."""
    for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
        days[moment.astimezone(datetime.UTC).date()] = float(value)


_STALE = ("ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException")
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


def explained(error: Exception) -> Exception:
    """botocore's error as ours, with what to do next."""
    from botocore.exceptions import ClientError, CredentialRetrievalError, NoCredentialsError

    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        if code in _DENIED:
            return failed(
                NAME,
                f"AWS does not let you call {ACTION}",
                next_step="attach the policy that `palier capacity collect --policy` prints",
            )
        text = f"{ACTION}: {code}: {error.response['Error'].get('Message', '')}".rstrip(": ")
        return failed(NAME, text, next_step="sign in to AWS again" if code in _STALE else None)
    if isinstance(error, (NoCredentialsError, CredentialRetrievalError)):
        return failed(NAME, "no AWS credentials", next_step="sign in to AWS, or set AWS_PROFILE")
    return failed(NAME, f"{ACTION}: {error}")
