"""The dashboard: a graph per measure, with the thresholds drawn in, and what AWS cannot see said in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from palier.capacity.thresholds import ORGANISATIONAL, Threshold

from palier_stacks.alarms import Measure

COLUMNS, WIDTH, HEIGHT = 3, 8, 6  # CloudWatch's grid is 24 wide.
ATTENTION_COLOUR, CRITICAL_COLOUR = "#ff9900", "#d13212"


def body(region: str, drawn: Sequence[tuple[Threshold, Measure]]) -> pulumi.Output[str]:
    """The dashboard's JSON: graphs in the order in which they were watched, then the organisational rows."""
    widgets = [_graph(region, threshold, measure, index) for index, (threshold, measure) in enumerate(drawn)]
    below = -(-len(widgets) // COLUMNS) * HEIGHT
    widgets.append(
        {"type": "text", "x": 0, "y": below, "width": 24, "height": 6, "properties": {"markdown": _unseen()}}
    )
    return pulumi.Output.json_dumps({"widgets": widgets})


def _graph(region: str, threshold: Threshold, measure: Measure, index: int) -> dict[str, Any]:
    bands = (("attention", ATTENTION_COLOUR), ("critical", CRITICAL_COLOUR))
    return {
        "type": "metric",
        "x": index % COLUMNS * WIDTH,
        "y": index // COLUMNS * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": f"{measure.subject} ({threshold.unit})",
            "region": region,
            "view": "timeSeries",
            "period": 60,
            "metrics": _rows(measure),
            "yAxis": {"left": {"min": 0}},
            "annotations": {
                "horizontal": [
                    {
                        "label": f"{level}: {threshold.action}",
                        "value": threshold.critical if level == "critical" else threshold.attention,
                        "color": colour,
                        "fill": threshold.direction,
                    }
                    for level, colour in bands
                ]
            },
        },
    }


def _rows(measure: Measure) -> list[list[Any]]:
    hidden = measure.expression is not None
    rows: list[list[Any]] = []
    if hidden:
        rows.append([{"id": "result", "expression": measure.expression, "label": measure.subject}])
    for key, metric in measure.metrics.items():
        dimensions = [part for pair in metric.dimensions.items() for part in pair]
        options = {"id": key, "stat": metric.stat, "visible": not hidden}
        rows.append([metric.namespace, metric.name, *dimensions, options])
    return rows


def _unseen() -> str:
    lines = [
        "### Organisational thresholds: AWS has no metric for these",
        "",
        "| metric | attention | critical |",
    ]
    lines += ["|---|---|---|"]
    for row in ORGANISATIONAL:
        side = ">" if row.direction == "above" else "<"
        name = row.metric.replace("_", " ")
        lines.append(f"| {name} ({row.unit}) | {side} {row.attention:g} | {side} {row.critical:.3g} |")
    return "\n".join(lines)
