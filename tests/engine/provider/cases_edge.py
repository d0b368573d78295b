"""Cases of the edge's types: CloudFront's policies, functions, stores and distributions."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed
from tests.engine.support.driven import Properties

# AWS's own policies, which need not be made: CachingOptimized and CachingDisabled.
CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
READS = ["GET", "HEAD"]
CODE = "function handler(event) { return event.request; }"


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


def _parameters(**query: object) -> Properties:
    return {
        "cookiesConfig": {"cookieBehavior": "none"},
        "headersConfig": {"headerBehavior": "whitelist", "headers": {"items": ["Accept", "Origin"]}},
        "queryStringsConfig": {"queryStringBehavior": "all", **query},
        "enableAcceptEncodingGzip": True,
    }


CASES: dict[str, Case] = {
    "aws:cloudfront/cachePolicy:CachePolicy": Case(
        fixed(comment="first", parametersInCacheKeyAndForwardedToOrigin=_parameters()),
        fixed(
            defaultTtl=60,
            minTtl=1,
            maxTtl=600,
            parametersInCacheKeyAndForwardedToOrigin=_parameters(
                queryStringBehavior="whitelist", queryStrings={"items": ["page"]}
            ),
        ),
        {
            "parametersInCacheKeyAndForwardedToOrigin": _parameters(queryStringBehavior="whitelist"),
        },
        "queryStringBehavior 'whitelist' wants queryStrings",
    ),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": Case(
        fixed(
            cookiesConfig={"cookieBehavior": "none"},
            headersConfig={"headerBehavior": "allViewer"},
            queryStringsConfig={"queryStringBehavior": "all"},
        ),
        fixed(
            comment="second",
            headersConfig={
                "headerBehavior": "allViewerAndWhitelistCloudFront",
                "headers": {"items": ["CloudFront-Viewer-Country"]},
            },
        ),
        {"headersConfig": {"headerBehavior": "some"}},
        "'some' is not one of AWS's values",
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Case(
        fixed(
            securityHeadersConfig={
                "contentTypeOptions": {"override": True},
                "strictTransportSecurity": {"accessControlMaxAgeSec": 31536000, "override": True},
                "xssProtection": {"override": True, "protection": True, "modeBlock": True},
            },
            customHeadersConfig={"items": [{"header": "x-edge", "value": "1", "override": False}]},
        ),
        fixed(
            securityHeadersConfig={"frameOptions": {"frameOption": "DENY", "override": True}},
            customHeadersConfig=None,
            serverTimingHeadersConfig={"enabled": True, "samplingRate": 5},
            corsConfig={
                "accessControlAllowCredentials": False,
                "accessControlAllowHeaders": {"items": ["*"]},
                "accessControlAllowMethods": {"items": READS},
                "accessControlAllowOrigins": {"items": ["https://example.com"]},
                "originOverride": True,
            },
        ),
        {"securityHeadersConfig": {"frameOptions": {"frameOption": "ALLOW", "override": True}}},
        "'ALLOW' is not one of AWS's values (DENY, SAMEORIGIN)",
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Case(
        fixed(originAccessControlOriginType="s3", signingBehavior="always", signingProtocol="sigv4"),
        fixed(signingBehavior="no-override", description="of the assets"),
        {"signingProtocol": "sigv2"},
        "'sigv2' is not one of AWS's values",
    ),
    "aws:cloudfront/keyValueStore:KeyValueStore": Case(
        fixed(comment="origins"),
        fixed(comment="origins by region"),
        {"name": "has space"},
        "does not match",
    ),
    "aws:cloudfront/function:Function": Case(
        lambda w: {
            "code": CODE,
            "runtime": "cloudfront-js-2.0",
            "keyValueStoreAssociations": [w.edge_store.outputs["arn"]],
        },
        fixed(code=f"{CODE} // 2", comment="second", keyValueStoreAssociations=None),
        {"code": "x" * 10241},
        "has 10241 bytes; CloudFront takes 1 to 10240",
    ),
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
            ],
            "customErrorResponses": [{"errorCode": 503, "errorCachingMinTtl": 1}],
            "restrictions": {"geoRestriction": {"restrictionType": "whitelist", "locations": ["FR"]}},
        },
        {"defaultCacheBehavior": _behavior(targetOriginId="nowhere")},
        "'nowhere' is no origin or origin group",
    ),
}
