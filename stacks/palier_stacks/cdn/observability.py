"""Who is told of the edge: in us-east-1, where CloudFront's metrics are, by topics of that region."""

from __future__ import annotations

from dataclasses import replace

import pulumi
from palier.capacity.thresholds import threshold
from pulumi_aws import cloudfront, cloudwatch

from palier_stacks import dashboards, measures
from palier_stacks.alarms import AlarmMaker
from palier_stacks.foundation.encryption import operations_key
from palier_stacks.foundation.observability import Notifications
from palier_stacks.foundation.settings import AlarmSettings
from palier_stacks.iam_policies import Account
from palier_stacks.scope import Scope

EDGE_REGION = "us-east-1"


class EdgeWatch(pulumi.ComponentResource):
    """Keys and topics, the alarms of the distribution, and a dashboard."""

    def __init__(
        self,
        scope: Scope,
        settings: AlarmSettings,
        *,
        account: Account,
        distribution: cloudfront.Distribution,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:cdn:EdgeWatch", "edge-watch", None, opts)
        own = pulumi.ResourceOptions(parent=self)
        here = replace(scope, region=EDGE_REGION)
        there = replace(account, region=EDGE_REGION)
        key = operations_key(here, there, own)
        topics = Notifications(here, settings, account=there, key_id=key.arn, opts=own).topics
        maker = AlarmMaker(scope, topics, own)
        maker.watch("edge-errors", "network", threshold("error_rate"), measures.edge_errors(distribution.id))
        self.dashboard = cloudwatch.Dashboard(
            "cdn",
            dashboard_name=scope.name("cdn"),
            dashboard_body=dashboards.body(EDGE_REGION, maker.drawn),
            opts=own,
        )
        self.alarm_arns = maker.arns
        self.register_outputs({})
