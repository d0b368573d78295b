"""The functions at the edge, and the store that tells them of regions."""

from __future__ import annotations

import pulumi
from pulumi_aws import cloudfront

from palier_stacks.cdn.code import RUNTIME
from palier_stacks.cdn.settings import CdnSettings
from palier_stacks.scope import Scope


class Logic(pulumi.ComponentResource):
    """`request` and `response` are the functions; multi-region adds its origins to `store`."""

    def __init__(
        self,
        scope: Scope,
        settings: CdnSettings,
        *,
        home_origin: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("palier:cdn:Logic", "logic", None, opts)
        own = pulumi.ResourceOptions(parent=self)
        self.store = cloudfront.KeyValueStore(
            "regions", name=scope.name("regions"), comment="Origins by region", opts=own
        )
        cloudfront.KeyvaluestoreKey(
            f"origin-{settings.region}",
            key_value_store_arn=self.store.arn,
            key=f"origin:{settings.region}",
            value=home_origin,
            opts=own,
        )
        code = settings.functions()
        self.request = cloudfront.Function(
            "viewer-request",
            name=scope.name("viewer-request"),
            comment="Cache keys, parts of the site, the nearest region",
            runtime=RUNTIME,
            code=code["viewer-request"],
            key_value_store_associations=[self.store.arn],
            publish=True,
            opts=own,
        )
        self.response = cloudfront.Function(
            "viewer-response",
            name=scope.name("viewer-response"),
            comment="Headers of a web app's manifest and service worker",
            runtime=RUNTIME,
            code=code["viewer-response"],
            publish=True,
            opts=own,
        )
        self.register_outputs({})
