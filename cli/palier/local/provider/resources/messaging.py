"""SNS topics, their policies and subscriptions."""

from __future__ import annotations

import json
import re
from typing import Any

from palier.local.layout import ACCOUNT_ID
from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

_SNS_TAGS = Tags(
    on_create={"Tags": "{tags}"},
    add=Call("TagResource", {"ResourceArn": "{id}", "Tags": "{tags}"}),
    remove=Call("UntagResource", {"ResourceArn": "{id}", "TagKeys": "{keys}"}),
    read=Read("ListTagsForResource", {"ResourceArn": "{id}"}, "Tags"),
)


# Pulumi property -> topic attribute.
_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "deliveryPolicy": "DeliveryPolicy",
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    "policy": "Policy",
}


_SUBSCRIPTION_ATTRIBUTES = {
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "deliveryPolicy": "DeliveryPolicy",
    "redrivePolicy": "RedrivePolicy",
}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _topic(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    attributes = {
        member: _text(context.inputs[name])
        for name, member in _TOPIC_ATTRIBUTES.items()
        if context.inputs.get(name) not in (None, False)
    }
    if context.inputs.get("fifoTopic"):
        attributes["FifoTopic"] = "true"
    kept = {key: value for key, value in arguments.items() if key in ("Name", "Tags")}
    return {**kept, "Attributes": attributes} if attributes else kept


def _topic_name(check: Check) -> list[Problem]:
    name, fifo = check.inputs.get("name"), check.inputs.get("fifoTopic")
    if not isinstance(name, str):
        return []
    plain = name.removesuffix(".fifo") if fifo else name
    if re.fullmatch(r"[A-Za-z0-9_-]+", plain) and (not fifo or name.endswith(".fifo")):
        return []
    return [("name", f"invalid topic name: {name}" + (" (a FIFO topic's ends in .fifo)" if fifo else ""))]


def _filter_scope(check: Check) -> list[Problem]:
    if "filterPolicyScope" in check.inputs and "filterPolicy" not in check.inputs:
        return [("filterPolicyScope", "is only allowed with filterPolicy")]
    return []


def _topic_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & _TOPIC_ATTRIBUTES.keys()
    for name in sorted(done):
        value = inputs.get(name)
        context.call(
            "SetTopicAttributes",
            TopicArn=context.id,
            AttributeName=_TOPIC_ATTRIBUTES[name],
            AttributeValue="" if value is None else _text(value),
        )
    return done


def _describe_topic(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    attributes = found.get("Attributes", {})
    read = {name: attributes[member] for name, member in _TOPIC_ATTRIBUTES.items() if attributes.get(member)}
    return {
        **read,
        "arn": context.id,
        "name": context.id.split(":")[-1],
        "owner": attributes.get("Owner"),
        "fifoTopic": attributes.get("FifoTopic", "false"),
        "Tags": None,
    }


def _describe_topic_policy(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    attributes = found.get("Attributes", {})
    return {"arn": context.id, "policy": attributes.get("Policy"), "owner": attributes.get("Owner")}


def _default_policy(context: Context) -> None:
    """What is left of a deleted policy is AWS's own: the owner's account may do everything."""
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "SNS:GetTopicAttributes",
            "SNS:SetTopicAttributes",
            "SNS:AddPermission",
            "SNS:RemovePermission",
            "SNS:DeleteTopic",
            "SNS:Subscribe",
            "SNS:ListSubscriptionsByTopic",
            "SNS:Publish",
        ],
        "Resource": context.id,
        "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT_ID}},
    }
    policy = json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})
    context.call("SetTopicAttributes", TopicArn=context.id, AttributeName="Policy", AttributeValue=policy)


def _subscribe(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    attributes = {
        member: _text(context.inputs[name])
        for name, member in _SUBSCRIPTION_ATTRIBUTES.items()
        if context.inputs.get(name) not in (None, False)
    }
    base = {
        "TopicArn": context.inputs["topic"],
        "Protocol": context.inputs["protocol"],
        "Endpoint": context.inputs["endpoint"],
        "ReturnSubscriptionArn": True,
    }
    return {**base, "Attributes": attributes} if attributes else base


def _subscription_update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & _SUBSCRIPTION_ATTRIBUTES.keys()
    for name in sorted(done):
        value = inputs.get(name)
        context.call(
            "SetSubscriptionAttributes",
            SubscriptionArn=context.id,
            AttributeName=_SUBSCRIPTION_ATTRIBUTES[name],
            AttributeValue="" if value is None else _text(value),
        )
    return done


def _describe_subscription(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    attributes = found.get("Attributes", {})
    read = {
        name: attributes[member]
        for name, member in _SUBSCRIPTION_ATTRIBUTES.items()
        if attributes.get(member)
    }
    return {
        **read,
        "arn": context.id,
        "topic": attributes.get("TopicArn"),
        "protocol": attributes.get("Protocol"),
        "endpoint": attributes.get("Endpoint"),
        "ownerId": attributes.get("Owner"),
        "pendingConfirmation": attributes.get("PendingConfirmation", "false"),
        "confirmationWasAuthenticated": attributes.get("ConfirmationWasAuthenticated", "true"),
    }


ENTRIES = (
    Entry(
        "aws:sns/topic:Topic",
        "sns",
        create=Call("CreateTopic", {"Name": "{name}"}, mapped=False),
        id="TopicArn",
        read=Read("GetTopicAttributes", {"TopicArn": "{id}"}),
        delete=Call("DeleteTopic", {"TopicArn": "{id}"}),
        force_new=frozenset({"fifoTopic", "name", "namePrefix"}),
        defaults={"contentBasedDeduplication": False, "fifoTopic": False},
        tags=_SNS_TAGS,
        autoname=Autoname("name", 256),
        gone=("NotFound",),
        packed=frozenset({*_TOPIC_ATTRIBUTES, "fifoTopic"}),
        kept=frozenset({"fifoThroughputScope", "policy", "signatureVersion", "tracingConfig"}),
        checks=(_topic_name,),
        prepare=_topic,
        described=_describe_topic,
        on_update=_topic_update,
    ),
    Entry(
        "aws:sns/topicPolicy:TopicPolicy",
        "sns",
        create=Call(
            "SetTopicAttributes",
            {"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
            mapped=False,
        ),
        id="{arn}",
        read=Read("GetTopicAttributes", {"TopicArn": "{id}"}),
        delete=None,
        update=Call(
            "SetTopicAttributes",
            {"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
            mapped=False,
        ),
        force_new=frozenset({"arn"}),
        gone=("NotFound",),
        import_id=("arn",),
        described=_describe_topic_policy,
        before_delete=_default_policy,
    ),
    Entry(
        "aws:sns/topicSubscription:TopicSubscription",
        "sns",
        create=Call("Subscribe", mapped=False),
        id="SubscriptionArn",
        read=Read("GetSubscriptionAttributes", {"SubscriptionArn": "{id}"}),
        delete=Call("Unsubscribe", {"SubscriptionArn": "{id}"}),
        force_new=frozenset({"endpoint", "protocol", "topic"}),
        defaults={
            "confirmationTimeoutInMinutes": 1,
            "endpointAutoConfirms": False,
            "rawMessageDelivery": False,
        },
        settings=frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms"}),
        packed=frozenset({*_SUBSCRIPTION_ATTRIBUTES, "endpoint", "protocol", "topic"}),
        kept=frozenset({"filterPolicyScope"}),
        checks=(_filter_scope,),
        gone=("NotFound",),
        prepare=_subscribe,
        described=_describe_subscription,
        on_update=_subscription_update,
    ),
)
