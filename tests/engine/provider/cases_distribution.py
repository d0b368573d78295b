"""Cases of CloudFront's functions, stores and distributions."""

from __future__ import annotations

from tests.engine.provider.case import Case
from tests.engine.support.driven import Properties

# AWS's own policies, which need not be made: CachingOptimized and CachingDisabled.
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
READS = ["GET", "HEAD"]


def _origin(name: str) -> Properties:
    return {
        "originId": name,
        "domainName": f"{name}.example.com",
        "customOriginConfig": {
            "httpPort": 80,
            "httpsPort": 443,
            "originProtocolPolicy": "https-only",
            "originSslProtocols": ["TLSv1.2"],
        },
    }


def _behavior(**further: object) -> Properties:
    return {
        "targetOriginId": "home",
        "viewerProtocolPolicy": "redirect-to-https",
        "allowedMethods": READS,
        "cachedMethods": READS,
        "cachePolicyId": CACHED,
        **further,
    }


CASES: dict[str, Case] = {
    "aws:cloudfront/distribution:Distribution": Case(
        lambda w: {
            "enabled": True,
            "origins": [_origin("home"), _origin("away")],
            "defaultCacheBehavior": _behavior(
                functionAssociations=[
                    {"eventType": "viewer-request", "functionArn": w.edge_function.outputs["arn"]}
                ]
            ),
            "orderedCacheBehaviors": [
                _behavior(pathPattern="/a/*"),
                _behavior(pathPattern="/b/*", cachePolicyId=UNCACHED),
            ],
            "restrictions": {"geoRestriction": {"restrictionType": "none"}},
            "viewerCertificate": {"cloudfrontDefaultCertificate": True},
        },
        lambda w: {
            "comment": "second",
            "httpVersion": "http2and3",
            "isIpv6Enabled": True,
            "priceClass": "PriceClass_100",
            "defaultRootObject": "index.html",
            "defaultCacheBehavior": _behavior(targetOriginId="either", compress=True),
            "orderedCacheBehaviors": [
                _behavior(pathPattern="/b/*", cachePolicyId=UNCACHED),
                _behavior(pathPattern="/a/*"),
            ],
            "originGroups": [
                {
                    "originId": "either",
                    "failoverCriteria": {"statusCodes": [500, 502, 503]},
                    "members": [{"originId": "home"}, {"originId": "away"}],
                }
            ],
            "origins": [
                {**_origin("home"), "customHeaders": [{"name": "x-origin-verify", "value": "one"}]},
                _origin("away"),
                {
                    "originId": "copies",
                    "domainName": "copies.s3.eu-west-3.amazonaws.com",
                    "originPath": "/pages",
                },
            ],
            "loggingConfig": {"bucket": "logs.s3.amazonaws.com", "prefix": "cloudfront/"},
            "customErrorResponses": [{"errorCode": 503, "errorCachingMinTtl": 1}],
            "restrictions": {"geoRestriction": {"restrictionType": "whitelist", "locations": ["FR"]}},
        },
        {"defaultCacheBehavior": _behavior(targetOriginId="nowhere")},
        "'nowhere' is no origin or origin group",
    ),
}
