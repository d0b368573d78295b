"""The symptoms of moto's other services that Palier mends."""

from __future__ import annotations

import datetime
import json
from typing import Any

from tests.engine.local.symptoms import Clients, Symptom, outcome

PLAIN: dict[str, Any] = {
    "AlarmName": "lag",
    "Namespace": "AWS/RDS",
    "MetricName": "ReplicaLag",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 30,
    "ComparisonOperator": "GreaterThanThreshold",
}


def alarm_states(clients: Clients) -> object:
    cloudwatch = clients("cloudwatch")
    cloudwatch.put_metric_alarm(**PLAIN)
    first = cloudwatch.describe_alarms()["MetricAlarms"][0]["StateValue"]
    cloudwatch.set_alarm_state(AlarmName="lag", StateValue="ALARM", StateReason="a test")
    cloudwatch.put_metric_alarm(**PLAIN | {"Threshold": 60})
    (updated,) = cloudwatch.describe_alarms()["MetricAlarms"]
    return first, updated["StateValue"], updated["Threshold"]


def composite(clients: Clients) -> object:
    cloudwatch = clients("cloudwatch")
    cloudwatch.put_metric_alarm(**PLAIN)
    made = outcome(cloudwatch.put_composite_alarm, AlarmName="any", AlarmRule="ALARM(lag)")
    found = cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])
    return made, len(found["MetricAlarms"]), [one["AlarmRule"] for one in found["CompositeAlarms"]]


def percentile(clients: Clients) -> object:
    cloudwatch = clients("cloudwatch")
    noon = datetime.datetime(2024, 4, 1, 12, tzinfo=datetime.UTC)
    data = {"MetricName": "Latency", "Timestamp": noon, "Values": [float(n) for n in range(1, 22)]}
    cloudwatch.put_metric_data(Namespace="App", MetricData=[data])
    metric = {"Namespace": "App", "MetricName": "Latency"}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 86400, "Stat": "p95"}}
    span = {"StartTime": noon.replace(hour=0), "EndTime": noon.replace(day=2, hour=0)}
    try:
        return cloudwatch.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"][0]["Values"]
    except Exception as error:
        return type(error).__name__


def rotation(clients: Clients) -> object:
    kms = clients("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    return kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays")


def manager_of_aws_key(clients: Clients) -> object:
    return clients("kms").describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["KeyManager"]


def log_group_key(clients: Clients) -> object:
    logs = clients("logs")
    logs.create_log_group(logGroupName="/jobo/app")
    key = "arn:aws:kms:eu-west-3:123456789012:key/0"
    changed = outcome(logs.associate_kms_key, logGroupName="/jobo/app", kmsKeyId=key)
    told = logs.describe_log_groups()["logGroups"][0].get("kmsKeyId")
    return changed, told == key, outcome(logs.disassociate_kms_key, logGroupName="/jobo/app")


def profile_tags(clients: Clients) -> object:
    iam = clients("iam")
    iam.create_instance_profile(InstanceProfileName="app", Tags=[{"Key": "a", "Value": "b"}])
    return outcome(iam.list_instance_profile_tags, InstanceProfileName="app")


def _change(action: str, name: str, identifier: str) -> dict[str, Any]:
    record = {"Name": f"{name}.jobo.internal", "Type": "CNAME", "TTL": 5, "Weight": 1}
    values = {"SetIdentifier": identifier, "ResourceRecords": [{"Value": "x.rds"}]}
    return {"Action": action, "ResourceRecordSet": record | values}


def weighted_records(clients: Clients) -> object:
    route53 = clients("route53")
    zone = route53.create_hosted_zone(Name="jobo.internal", CallerReference="once")["HostedZone"]["Id"]

    def change(*changes: dict[str, Any]) -> str:
        batch = {"Changes": list(changes)}
        return outcome(route53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch)

    change(_change("CREATE", "reader", "one"), _change("CREATE", "writer", "one"))
    change(_change("DELETE", "reader", "one"))
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    left = [record["Name"] for record in sets if record["Type"] == "CNAME"]
    return left, change(_change("DELETE", "reader", "one"))


def health_check_of_an_alarm(clients: Clients) -> object:
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "eu-west-3", "Name": "lag"},
        "InsufficientDataHealthStatus": "Healthy",
    }
    made = clients("route53").create_health_check(CallerReference="once", HealthCheckConfig=config)
    told = made["HealthCheck"]["HealthCheckConfig"]
    return told.get("AlarmIdentifier"), told.get("InsufficientDataHealthStatus"), "RequestInterval" in told


def new_bucket(clients: Clients) -> object:
    s3 = clients("s3")
    s3.create_bucket(Bucket="jobo-assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    s3.delete_bucket_encryption(Bucket="jobo-assets")
    return [
        outcome(ask, Bucket="jobo-assets")
        for ask in (s3.get_bucket_encryption, s3.get_bucket_ownership_controls, s3.get_public_access_block)
    ]


def topic_attributes(clients: Clients) -> object:
    sns = clients("sns")
    topic = sns.create_topic(Name="critical", Attributes={"SignatureVersion": "2"})["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="TracingConfig", AttributeValue="Active")
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@jobo.example")
    told = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    return told.get("SignatureVersion"), told.get("TracingConfig"), told["SubscriptionsConfirmed"]


def object_where_plain_http_is_denied(clients: Clients) -> object:
    s3 = clients("s3")
    s3.create_bucket(Bucket="jobo-assets", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::jobo-assets/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    made = outcome(s3.put_object, Bucket="jobo-assets", Key="logo.svg", Body=b"<svg/>")
    s3.put_bucket_policy(Bucket="jobo-assets", Policy=json.dumps({"Statement": [denied]}))
    by_tls = outcome(s3.get_object, Bucket="jobo-assets", Key="logo.svg")
    del denied["Condition"]
    s3.put_bucket_policy(Bucket="jobo-assets", Policy=json.dumps({"Statement": [denied]}))
    return made, by_tls, outcome(s3.get_object, Bucket="jobo-assets", Key="logo.svg")


SYMPTOMS = (
    Symptom(
        "alarm_begins_without_data", alarm_states, ("OK", "OK", 60.0), ("INSUFFICIENT_DATA", "ALARM", 60.0)
    ),
    Symptom("composite_alarms", composite, ("NotImplementedError", 1, []), ("done", 0, ["ALARM(lag)"])),
    Symptom("percentiles_of_metrics", percentile, "TypeError", [20.0]),
    Symptom("rotation_period_kept", rotation, None, 180),
    Symptom("keys_of_aws_are_of_aws", manager_of_aws_key, "CUSTOMER", "AWS"),
    Symptom(
        "key_of_a_group_changed",
        log_group_key,
        ("NotImplementedError", False, "NotImplementedError"),
        ("done", True, "done"),
    ),
    Symptom("tags_of_an_instance_profile_listed", profile_tags, "NotImplementedError", "done"),
    Symptom(
        "weighted_records_deleted_one_by_one",
        weighted_records,
        ([], "done"),
        (["writer.jobo.internal."], "InvalidChangeBatch"),
    ),
    Symptom(
        "health_checks_that_follow_alarms",
        health_check_of_an_alarm,
        (None, None, True),
        ({"Region": "eu-west-3", "Name": "lag"}, "Healthy", False),
    ),
    Symptom(
        "new_bucket_is_private_and_encrypted",
        new_bucket,
        [
            "ServerSideEncryptionConfigurationNotFoundError",
            "OwnershipControlsNotFoundError",
            "NoSuchPublicAccessBlockConfiguration",
        ],
        ["done"] * 3,
    ),
    Symptom("attributes_described", topic_attributes, (None, None, "0"), ("2", "Active", "1")),
    Symptom(
        "plain_http_on_loopback_passes_for_tls",
        object_where_plain_http_is_denied,
        ("done", "403", "403"),
        ("done", "done", "403"),
    ),
)
