"""Prometheus: one PromQL query a metric, evaluated where each day ends."""

from __future__ import annotations

import datetime
import math
from typing import Any

from palier.capacity.metrics import METRICS
from palier.capacity.observations import Observation
from palier.capacity.sources.model import Voice, end_of, failed
from palier.capacity.sources.settings import PrometheusSettings
from palier.capacity.sources.web import Answer, Web, bearer

NAME = "prometheus"
DAY = datetime.timedelta(days=1)
SHOWN_LABELS = 4


class Prometheus:
    """The queries of palier.yaml. `avg_over_time(…[1d])` is the mean of the day that a row names."""

    name = NAME

    def __init__(self, settings: PrometheusSettings, voice: Voice) -> None:
        self._settings, self._voice = settings, voice

    def collect(self, first: datetime.date, last: datetime.date) -> list[Observation]:
        """A row for each day and query that gives a number. Raises OperationError."""
        web = Web(NAME, self._settings.url, bearer(NAME, self._settings.token_variable))
        found: list[Observation] = []
        for metric, query in self._settings.queries.items():
            self._voice.progress(metric)
            series = _series(metric, self._ask(web, metric, query, first, last))
            found += self._rows(metric, series, first, last)
        return found

    def _ask(self, web: Web, metric: str, query: str, first: datetime.date, last: datetime.date) -> Any:
        parameters = {
            "query": query,
            "start": str(int(end_of(first).timestamp())),
            "end": str(int(end_of(last).timestamp())),
            "step": "1d",
        }
        answer = web.get("/api/v1/query_range", parameters)
        data = answer.data if isinstance(answer.data, dict) else {}
        if answer.status != 200 or data.get("status") != "success":
            raise _refusal(metric, answer, data)
        for warning in data.get("warnings") or ():
            self._voice.note(f"{NAME}: {metric}: {warning}")
        return data.get("data")

    def _rows(
        self, metric: str, series: list[Any], first: datetime.date, last: datetime.date
    ) -> list[Observation]:
        values: dict[datetime.date, float] = {}
        for seconds, text in series:
            moment = datetime.datetime.fromtimestamp(float(seconds), datetime.UTC)
            value = float(text)  # "NaN" and "+Inf" are floats to Python as well
            if math.isfinite(value):
                values[moment.date() - DAY] = value
        days = (last - first).days + 1
        if missing := days - len(values):
            self._voice.note(f"{NAME}: {metric} has no number for {missing} of {days} days")
        self._refuse_shares(metric, values)
        return [Observation(day, metric, value, NAME) for day, value in sorted(values.items())]

    def _refuse_shares(self, metric: str, values: dict[datetime.date, float]) -> None:
        """A query whose values are all at most 1 most likely gives a share: nothing tells but its author."""
        if not METRICS[metric].share_guard or metric in self._settings.small_percents:
            return
        if any(values.values()) and max(values.values()) <= 1:
            raise failed(
                NAME,
                f"{metric} is in percent, and its query gives at most {max(values.values()):g}",
                next_step=f"multiply the query by 100, or list {metric} in sources.prometheus.small_percents",
            )


def _refusal(metric: str, answer: Answer, data: dict[str, Any]) -> Exception:
    kind, text = data.get("errorType") or f"HTTP {answer.status}", data.get("error") or ""
    problem = f"{metric}: {kind}" + (f": {text}" if text else "")
    if answer.status in (401, 403):
        return failed(NAME, problem, next_step="set the token that sources.prometheus.token_variable names")
    return failed(NAME, problem)


def _series(metric: str, data: Any) -> list[Any]:
    """The points of the one series. Raises OperationError for several, and for another form."""
    try:
        kind, result = data["resultType"], data["result"]
        if kind != "matrix":
            raise failed(NAME, f"{metric}: the answer is a {kind}, no matrix")
        if len(result) > 1:
            raise failed(
                NAME,
                f"{metric}: the query gives {len(result)} series, that differ in {_labels(result)}",
                next_step="aggregate them in the query: sum(…), avg(…) or max(…)",
            )
        return list(result[0]["values"]) if result else []
    except (TypeError, KeyError):
        raise failed(NAME, f"{metric}: the answer has not the form of query_range") from None


def _labels(result: list[Any]) -> str:
    """The labels that tell the series apart."""
    sets = [dict(each.get("metric") or {}) for each in result]
    names = sorted({name for labels in sets for name in labels})
    differing = [name for name in names if len({labels.get(name) for labels in sets}) > 1]
    more = ", …" if len(differing) > SHOWN_LABELS else ""
    return ", ".join(differing[:SHOWN_LABELS]) + more or "no label"
