"""What a request asks: service, operation, region, whose key; and whether it can change anything.

AWS has several protocols, told apart here by where they put the operation: a form field (query, ec2), the
X-Amz-Target header (json), the path (smithy rpc), or method and path together (rest).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from palier.local.layout import DEFAULT_REGION

# Signing names that are not the name of the service in the SDK.
SERVICES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "email": "ses",
}
# Operations that start so change nothing. A read that makes something all the same (a default key of
# KMS, say) is found out by its draw on the random source; see `application`.
READS = re.compile(
    "(BatchGet|Check|Count|Describe|Discover|Estimate|Filter|Get|Head|List|Lookup|Preview|Query|Scan|Search"
    "|Select|Simulate|Test|Validate|View)([A-Z]|$)"
)
# Operations that answer something and keep nothing: never journalled, however random they are.
STATELESS = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "GetRandomPassword",
        "ReEncrypt",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)
# Reads by name that write: each puts something into the state of the service.
WRITING_READS: frozenset[str] = frozenset({"GetFederationToken", "GetSessionToken", "GetShardIterator"})
_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request")
_SMITHY = re.compile(r"^/service/[^/]+/operation/([A-Za-z0-9]+)$")


@dataclass(frozen=True)
class Call:
    """One AWS request, told apart. `urn` is the Pulumi resource it creates, where the provider says so."""

    method: str
    service: str
    operation: str
    region: str
    access_key: str
    urn: str | None
    protocol: str = "xml"  # of the answer: "json", "cbor" or "xml"

    @property
    def reads(self) -> bool:
        """Whether its name promises that nothing changes."""
        if self.operation in WRITING_READS:
            return False
        if " " in self.operation:
            return self.method in ("GET", "HEAD", "OPTIONS")
        return self.operation in STATELESS or READS.match(self.operation) is not None

    @property
    def stateless(self) -> bool:
        """Whether it keeps nothing, whatever it draws."""
        return self.operation in STATELESS


def identify(environ: dict[str, Any], body: bytes) -> Call:
    """Tell a request apart; where the operation has no name here, it is `METHOD /path`."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", "")) or _SCOPE.search(
        "Credential=" + unquote(parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0])
    )
    access_key, region, signing = scope.groups() if scope else ("", DEFAULT_REGION, "s3")
    service = SERVICES.get(signing, signing)
    urn = environ.get("HTTP_X_PALIER_URN")
    return Call(
        method=environ["REQUEST_METHOD"],
        service=service,
        operation=_operation(environ, body, service),
        region=region,
        access_key=access_key,
        urn=unquote(urn) if urn else None,
        protocol=_protocol(environ),
    )


def _protocol(environ: dict[str, Any]) -> str:
    if "cbor" in environ.get("HTTP_SMITHY_PROTOCOL", ""):
        return "cbor"
    return "json" if "HTTP_X_AMZ_TARGET" in environ else "xml"


def _operation(environ: dict[str, Any], body: bytes, service: str) -> str:
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return str(target).rpartition(".")[2]
    if named := _SMITHY.match(environ.get("PATH_INFO", "")):
        return str(named.group(1))
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        fields = parse_qs(body[:65536].decode(errors="replace"))
        if "Action" in fields:
            return fields["Action"][0]
    query: dict[str, list[str]] = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if "Action" in query:
        return query["Action"][0]
    return _rest_operation(environ, service) or f"{environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"


def _rest_operation(environ: dict[str, Any], service: str) -> str | None:
    """The operation that the service's own model gives this method and path."""
    from moto.core.request import Request
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import NotFound

    try:
        operation, _ = get_service_router(service).match(Request(dict(environ)))
    except (NotFound, NotImplementedError, LookupError):
        return None
    except Exception as error:  # an unknown service: botocore's own error, known only by its name
        if type(error).__name__ == "UnknownServiceError":
            return None
        raise
    return str(operation.name)
