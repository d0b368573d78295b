"""Mends of SNS: the attributes of a topic, and how many listen to it."""

from __future__ import annotations

from typing import Any

from palier.local.emulator.mends.table import around, mend

FEEDBACK = [
    f"{protocol}{kind}"
    for protocol in ("HTTP", "Lambda", "SQS", "Firehose", "Application")
    for kind in ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
]
KEPT = ("SignatureVersion", "TracingConfig", "ArchivePolicy", "FifoThroughputScope", *FEEDBACK)


@mend("sns")
def attributes_described() -> None:
    """Signature version, tracing and delivery feedback can be set and are never described; nobody is ever
    counted as subscribed."""
    from moto.core.utils import camelcase_to_underscores
    from moto.sns.responses import SNSResponse

    @around(SNSResponse, "get_topic_attributes")
    def get(original: Any, self: Any) -> Any:
        answer = original(self)
        attributes = answer.result["Attributes"]
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        for name in KEPT:
            value = getattr(topic, camelcase_to_underscores(name), None)
            if value:
                attributes[name] = value
        listening = [one for one in self.backend.subscriptions.values() if one.topic is topic]
        attributes["SubscriptionsConfirmed"] = str(len(listening))
        return answer
