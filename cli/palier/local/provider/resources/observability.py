"""CloudWatch alarms and dashboards, log groups, SSM parameters."""

from __future__ import annotations

from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Extra, Problem, Read, Tags

# The alarm's inputs under the names of PutMetricAlarm; the rest agree without case.
_ALARM_NAMES = {
    "name": "AlarmName",
    "arn": "AlarmArn",
    "metricQueries": "Metrics",
    "okActions": "OKActions",
    "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
}


_ALARM_ARN = "arn:aws:cloudwatch:{region}:{account}:alarm:{id}"


def _alarm(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """`PutMetricAlarm` replaces the whole alarm; its queries nest the metric deeper than Pulumi's."""
    dimensions = context.inputs.get("dimensions")
    if dimensions:
        arguments["Dimensions"] = _dimensions(dimensions)
    if context.inputs.get("metricQueries"):
        arguments["Metrics"] = [_query(query) for query in context.inputs["metricQueries"]]
    arguments.pop("AlarmArn", None)
    return arguments


def _dimensions(dimensions: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": str(value)} for name, value in dimensions.items()]


def _query(query: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Id": query["id"]}
    for name in ("expression", "label", "accountId"):
        if query.get(name):
            made[name[0].upper() + name[1:]] = query[name]
    if query.get("returnData") is not None:
        made["ReturnData"] = query["returnData"]
    if query.get("period") is not None:
        made["Period"] = int(query["period"])
    if metric := query.get("metric"):
        held: dict[str, Any] = {"MetricName": metric["metricName"]}
        if metric.get("namespace"):
            held["Namespace"] = metric["namespace"]
        if metric.get("dimensions"):
            held["Dimensions"] = _dimensions(metric["dimensions"])
        stat: dict[str, Any] = {"Metric": held, "Period": int(metric["period"]), "Stat": metric["stat"]}
        if metric.get("unit"):
            stat["Unit"] = metric["unit"]
        made["MetricStat"] = stat
    return made


def _describe_alarm(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    read = dict(found)
    if "Dimensions" in found:
        read["Dimensions"] = {item["Name"]: item["Value"] for item in found["Dimensions"]}
    if found.get("Metrics"):
        read["metricQueries"] = [_read_query(query) for query in found["Metrics"]]
    return read


def _read_query(query: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = {
        "id": query["Id"],
        "expression": query.get("Expression"),
        "label": query.get("Label"),
        "period": query.get("Period"),
        "returnData": query.get("ReturnData"),
    }
    if stat := query.get("MetricStat"):
        metric = stat["Metric"]
        read["metric"] = {
            "metricName": metric.get("MetricName"),
            "namespace": metric.get("Namespace"),
            "dimensions": {item["Name"]: item["Value"] for item in metric.get("Dimensions", ())},
            "period": stat.get("Period"),
            "stat": stat.get("Stat"),
            "unit": stat.get("Unit"),
        }
    return {key: value for key, value in read.items() if value not in (None, "", {})}


def _alarm_statistic(check: Check) -> list[Problem]:
    inputs = check.inputs
    if "metricName" in inputs and ("statistic" in inputs) == ("extendedStatistic" in inputs):
        return [("statistic", "one of statistic or extendedStatistic must be set for a metric alarm")]
    if "metricName" not in inputs and "metricQueries" not in inputs and "evaluationCriteria" not in inputs:
        return [("metricName", "or metricQueries is required")]
    both = [
        i
        for i, q in enumerate(_listed(inputs.get("metricQueries")))
        if q.get("expression") and q.get("metric")
    ]
    return [
        (f"metricQueries[{index}]", "no query may have both an expression and a metric") for index in both
    ]


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# Days: CloudWatch Logs API reference, PutRetentionPolicy.
_RETENTION_DAYS = (
    0,
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)


def _retention(check: Check) -> list[Problem]:
    days = check.inputs.get("retentionInDays")
    if isinstance(days, int) and days not in _RETENTION_DAYS:
        return [("retentionInDays", f"{days} is not one of {', '.join(map(str, _RETENTION_DAYS))}")]
    return []


def _log_group_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "retentionInDays" in changed and not inputs.get("retentionInDays"):
        context.call("DeleteRetentionPolicy", logGroupName=context.id)
        return {"retentionInDays"}
    return set()


def _describe_log_group(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    for group in found.get("items", ()):
        if group["logGroupName"] == context.id:
            arn = group.get("logGroupArn") or group["arn"].removesuffix(":*")
            return {**group, "arn": arn, "retentionInDays": group.get("retentionInDays", 0)}
    return {}


def _put_parameter(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    inputs = context.inputs
    arguments["Value"] = str(inputs.get("value", inputs.get("insecureValue", "")))
    arguments["Type"] = inputs["type"]
    if inputs.get("keyId"):
        arguments["KeyId"] = inputs["keyId"]
    if context.id:
        arguments["Overwrite"] = True
        arguments.pop("Tags", None)
    else:
        arguments["Overwrite"] = bool(inputs.get("overwrite", False))
    return arguments


def _describe_parameter(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    filters = [{"Key": "Name", "Option": "Equals", "Values": [context.id]}]
    listed = context.call("DescribeParameters", ParameterFilters=filters)["Parameters"]
    metadata = listed[0] if listed else {}
    return {**{key: metadata.get(key) for key in ("Description", "KeyId", "Tier", "AllowedPattern")}, **found}


def _one_value(check: Check) -> list[Problem]:
    inputs = check.inputs
    if "value" not in inputs and "insecureValue" not in inputs:
        return [("value", "exactly one of value, insecureValue is wanted")]
    if inputs.get("type") == "SecureString" and "insecureValue" in inputs:
        return [("insecureValue", "cannot be set with type SecureString")]
    return []


def _tier_down(old: Any, new: Any) -> set[str]:
    return {"tier"} if (old.get("tier"), new.get("tier")) == ("Advanced", "Standard") else set()


ENTRIES = (
    Entry(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "cloudwatch",
        create=Call("PutMetricAlarm", {"AlarmName": "{name}"}),
        id="{name}",
        read=Read(
            "DescribeAlarms", {"AlarmNames": ["{id}"], "AlarmTypes": ["MetricAlarm"]}, "MetricAlarms[0]"
        ),
        delete=Call("DeleteAlarms", {"AlarmNames": ["{id}"]}),
        update=Call("PutMetricAlarm", {"AlarmName": "{name}"}, whole=True),
        force_new=frozenset({"name"}),
        names=_ALARM_NAMES,
        reads={"metricQueries": "metricQueries"},
        defaults={
            "actionsEnabled": True,
            "metricQueries[].returnData": False,
            "treatMissingData": "missing",
        },
        kept=frozenset({"evaluateLowSampleCountPercentiles"}),
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {"ResourceARN": _ALARM_ARN, "Tags": "{tags}"}),
            remove=Call("UntagResource", {"ResourceARN": _ALARM_ARN, "TagKeys": "{keys}"}),
            read=Read("ListTagsForResource", {"ResourceARN": _ALARM_ARN}, "Tags"),
        ),
        autoname=Autoname("name", 255, prefix=None),
        checks=(_alarm_statistic,),
        prepare=_alarm,
        described=_describe_alarm,
    ),
    Entry(
        "aws:cloudwatch/dashboard:Dashboard",
        "cloudwatch",
        create=Call("PutDashboard"),
        id="{dashboardName}",
        read=Read("GetDashboard", {"DashboardName": "{id}"}),
        delete=Call("DeleteDashboards", {"DashboardNames": ["{id}"]}),
        update=Call("PutDashboard", whole=True),
        force_new=frozenset({"dashboardName"}),
        gone=("ResourceNotFound", "DashboardNotFoundError"),
    ),
    Entry(
        "aws:cloudwatch/logGroup:LogGroup",
        "logs",
        create=Call("CreateLogGroup", {"logGroupName": "{name}"}),
        id="{name}",
        read=Read("DescribeLogGroups", {"logGroupNamePrefix": "{id}"}, "{items: logGroups}"),
        delete=Call("DeleteLogGroup", {"logGroupName": "{id}"}),
        extras=(
            Extra(
                ("retentionInDays",),
                Call("PutRetentionPolicy", {"logGroupName": "{id}", "retentionInDays": "{retentionInDays}"}),
            ),
            Extra(
                ("kmsKeyId",),
                Call("AssociateKmsKey", {"logGroupName": "{id}", "kmsKeyId": "{kmsKeyId}"}),
                Call("DisassociateKmsKey", {"logGroupName": "{id}"}),
                on_create=False,
            ),
        ),
        force_new=frozenset({"logGroupClass", "name", "namePrefix"}),
        names={"name": "logGroupName"},
        defaults={"retentionInDays": 0, "skipDestroy": False},
        settings=frozenset({"skipDestroy"}),
        kept=frozenset({"logGroupClass"}),
        tags=Tags(
            on_create={"tags": "{tags}"},
            add=Call("TagLogGroup", {"logGroupName": "{id}", "tags": "{tags}"}),
            remove=Call("UntagLogGroup", {"logGroupName": "{id}", "tags": "{keys}"}),
            read=Read("ListTagsLogGroup", {"logGroupName": "{id}"}, "tags"),
            pair=None,
        ),
        autoname=Autoname("name", 255),
        checks=(_retention,),
        described=_describe_log_group,
        on_update=_log_group_update,
    ),
    Entry(
        "aws:ssm/parameter:Parameter",
        "ssm",
        create=Call("PutParameter"),
        id="{name}",
        read=Read("GetParameter", {"Name": "{id}", "WithDecryption": True}, "Parameter"),
        delete=Call("DeleteParameter", {"Name": "{id}"}),
        update=Call("PutParameter", {"Name": "{id}"}),
        force_new=frozenset({"dataType", "name"}),
        forces=_tier_down,
        settings=frozenset({"overwrite"}),
        packed=frozenset({"insecureValue", "value", "type"}),
        names={"arn": "ARN"},
        write_only=frozenset({"insecureValue", "keyId"}),
        kept=frozenset({"arn", "dataType", "insecureValue", "keyId", "tier", "value"}),
        recomputed={"version": ()},
        checks=(_one_value,),
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call(
                "AddTagsToResource", {"ResourceType": "Parameter", "ResourceId": "{id}", "Tags": "{tags}"}
            ),
            remove=Call(
                "RemoveTagsFromResource",
                {"ResourceType": "Parameter", "ResourceId": "{id}", "TagKeys": "{keys}"},
            ),
            read=Read("ListTagsForResource", {"ResourceType": "Parameter", "ResourceId": "{id}"}, "TagList"),
        ),
        autoname=Autoname("name", 255, prefix=None),
        gone=("ParameterNotFound",),
        prepare=_put_parameter,
        described=_describe_parameter,
    ),
)
