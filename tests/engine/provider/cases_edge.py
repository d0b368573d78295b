"""The cases of the types at the edge: CloudFront's policies and access controls."""

from __future__ import annotations

from tests.engine.provider.case import Case, fixed

_NONE = {
    "cookiesConfig": {"cookieBehavior": "none"},
    "headersConfig": {"headerBehavior": "none"},
    "queryStringsConfig": {"queryStringBehavior": "none"},
}

CASES: dict[str, Case] = {
    "aws:cloudfront/cachePolicy:CachePolicy": Case(
        fixed(
            minTtl=0,
            parametersInCacheKeyAndForwardedToOrigin={
                **_NONE,
                "enableAcceptEncodingGzip": True,
                "queryStringsConfig": {
                    "queryStringBehavior": "whitelist",
                    "queryStrings": {"items": ["page"]},
                },
            },
        ),
        fixed(defaultTtl=60, parametersInCacheKeyAndForwardedToOrigin=_NONE),
        {"maxTtl": 30, "defaultTtl": 60},
        "30 s is less than defaultTtl, 60 s",
    ),
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": Case(
        fixed(**_NONE),
        fixed(headersConfig={"headerBehavior": "whitelist", "headers": {"items": ["Accept-Language"]}}),
        {"headersConfig": {"headerBehavior": "some"}},
        "'some' is not one of AWS's values",
    ),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Case(
        fixed(
            securityHeadersConfig={
                "contentTypeOptions": {"override": True},
                "frameOptions": {"frameOption": "DENY", "override": True},
                "strictTransportSecurity": {
                    "accessControlMaxAgeSec": 31536000,
                    "includeSubdomains": True,
                    "override": True,
                },
            }
        ),
        fixed(
            customHeadersConfig={"items": [{"header": "X-Edge", "value": "1", "override": False}]},
            comment="more",
        ),
        {"securityHeadersConfig": {"frameOptions": {"frameOption": "NEVER", "override": True}}},
        "'NEVER' is not one of AWS's values (DENY, SAMEORIGIN)",
    ),
    "aws:cloudfront/originAccessControl:OriginAccessControl": Case(
        fixed(originAccessControlOriginType="s3", signingBehavior="always", signingProtocol="sigv4"),
        fixed(description="assets", signingBehavior="no-override"),
        {"signingProtocol": "sigv3"},
        "'sigv3' is not one of AWS's values (sigv4, sigv4a)",
    ),
}
