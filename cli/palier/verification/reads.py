"""The calls that verification may make: all of them, each a read, and the IAM policy they need.

`Reads` is the only door to AWS. It refuses any operation that `CALLS` does not list, so that the policy
made from the table is always enough, and a test proves that none of it is too much.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn, Protocol, TypeVar

from palier.errors import OperationError

T = TypeVar("T")
R = TypeVar("R")

# Calls in flight. Eight keep a real account's latency (about 50 ms a call) off the clock and stay
# under the request rates at which CloudWatch and KMS start to refuse.
THREADS = 8

# (boto3 service, operation) -> (IAM actions, the phases that need it).
# Source: the Service Authorization Reference, one page per service; S3's actions do not follow the
# operations' names (GetBucketEncryption needs s3:GetEncryptionConfiguration, and so on).
_F, _R, _S, _C, _M = "foundation", "replicas", "shards", "cdn", "multi-region"
CALLS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("autoscaling", "describe_auto_scaling_groups"): ("autoscaling:DescribeAutoScalingGroups", (_F, _M)),
    ("autoscaling", "describe_policies"): ("autoscaling:DescribePolicies", (_F, _M)),
    ("cloudfront", "get_cache_policy"): ("cloudfront:GetCachePolicy", (_C,)),
    ("cloudfront", "get_distribution_config"): ("cloudfront:GetDistributionConfig", (_C,)),
    ("cloudfront", "get_function"): ("cloudfront:GetFunction", (_C,)),
    ("cloudfront", "get_origin_access_control"): ("cloudfront:GetOriginAccessControl", (_C,)),
    ("cloudfront", "get_response_headers_policy"): ("cloudfront:GetResponseHeadersPolicy", (_C,)),
    ("cloudfront", "list_distributions"): ("cloudfront:ListDistributions", (_C,)),
    ("cloudfront", "list_tags_for_resource"): ("cloudfront:ListTagsForResource", (_C,)),
    ("cloudwatch", "describe_alarms"): ("cloudwatch:DescribeAlarms", (_F, _R, _S, _C, _M)),
    ("cloudwatch", "list_dashboards"): ("cloudwatch:ListDashboards", (_F,)),
    ("cloudwatch", "list_tags_for_resource"): ("cloudwatch:ListTagsForResource", (_F, _R, _S, _C, _M)),
    ("dynamodb", "describe_continuous_backups"): ("dynamodb:DescribeContinuousBackups", (_S, _M)),
    ("dynamodb", "describe_table"): ("dynamodb:DescribeTable", (_S, _M)),
    ("dynamodb", "describe_time_to_live"): ("dynamodb:DescribeTimeToLive", (_M,)),
    ("dynamodb", "get_item"): ("dynamodb:GetItem", (_S,)),
    ("ec2", "describe_flow_logs"): ("ec2:DescribeFlowLogs", (_F, _M)),
    ("ec2", "describe_launch_template_versions"): ("ec2:DescribeLaunchTemplateVersions", (_F, _M)),
    ("ec2", "describe_nat_gateways"): ("ec2:DescribeNatGateways", (_F, _M)),
    ("ec2", "describe_route_tables"): ("ec2:DescribeRouteTables", (_F, _M)),
    ("ec2", "describe_security_groups"): ("ec2:DescribeSecurityGroups", (_F, _C, _M)),
    ("ec2", "describe_subnets"): ("ec2:DescribeSubnets", (_F, _M)),
    ("ec2", "describe_vpc_peering_connections"): ("ec2:DescribeVpcPeeringConnections", (_F, _M)),
    ("ec2", "describe_vpcs"): ("ec2:DescribeVpcs", (_F, _R, _M)),
    ("elasticache", "describe_cache_clusters"): ("elasticache:DescribeCacheClusters", (_F, _M)),
    ("elasticache", "describe_replication_groups"): ("elasticache:DescribeReplicationGroups", (_F, _M)),
    ("elasticache", "list_tags_for_resource"): ("elasticache:ListTagsForResource", (_F, _M)),
    ("elbv2", "describe_load_balancer_attributes"): (
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        (_F, _M),
    ),
    ("elbv2", "describe_load_balancers"): ("elasticloadbalancing:DescribeLoadBalancers", (_F, _C, _M)),
    ("elbv2", "describe_tags"): ("elasticloadbalancing:DescribeTags", (_F, _C, _M)),
    ("elbv2", "describe_target_group_attributes"): (
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        (_F, _M),
    ),
    ("elbv2", "describe_target_groups"): ("elasticloadbalancing:DescribeTargetGroups", (_F, _M)),
    ("kms", "describe_key"): ("kms:DescribeKey", (_F, _S, _C, _M)),
    ("kms", "get_key_rotation_status"): ("kms:GetKeyRotationStatus", (_F, _M)),
    ("kms", "list_keys"): ("kms:ListKeys", (_F, _S, _C, _M)),
    ("kms", "list_resource_tags"): ("kms:ListResourceTags", (_F, _S, _C, _M)),
    ("logs", "describe_log_groups"): ("logs:DescribeLogGroups", (_F, _M)),
    ("logs", "list_tags_for_resource"): ("logs:ListTagsForResource", (_F, _M)),
    ("rds", "describe_db_cluster_parameters"): ("rds:DescribeDBClusterParameters", (_M,)),
    ("rds", "describe_db_clusters"): ("rds:DescribeDBClusters", (_M,)),
    ("rds", "describe_db_instances"): ("rds:DescribeDBInstances", (_F, _R, _S, _M)),
    ("rds", "describe_db_parameters"): ("rds:DescribeDBParameters", (_F, _R, _S, _M)),
    ("rds", "describe_db_proxies"): ("rds:DescribeDBProxies", (_R,)),
    ("rds", "describe_db_proxy_targets"): ("rds:DescribeDBProxyTargets", (_R,)),
    ("rds", "describe_global_clusters"): ("rds:DescribeGlobalClusters", (_M,)),
    ("rds", "list_tags_for_resource"): ("rds:ListTagsForResource", (_R,)),
    ("route53", "get_health_check"): ("route53:GetHealthCheck", (_R, _M)),
    ("route53", "get_hosted_zone"): ("route53:GetHostedZone", (_R,)),
    ("route53", "list_hosted_zones"): ("route53:ListHostedZones", (_R,)),
    ("route53", "list_resource_record_sets"): ("route53:ListResourceRecordSets", (_R, _M)),
    ("route53", "list_tags_for_resources"): ("route53:ListTagsForResources", (_R,)),
    ("s3", "get_bucket_encryption"): ("s3:GetEncryptionConfiguration", (_F, _M)),
    ("s3", "get_bucket_lifecycle_configuration"): ("s3:GetLifecycleConfiguration", (_F, _C, _M)),
    ("s3", "get_bucket_policy"): ("s3:GetBucketPolicy", (_C,)),
    ("s3", "get_bucket_replication"): ("s3:GetReplicationConfiguration", (_M,)),
    ("s3", "get_bucket_tagging"): ("s3:GetBucketTagging", (_F, _C, _M)),
    ("s3", "get_bucket_versioning"): ("s3:GetBucketVersioning", (_F, _M)),
    ("s3", "get_public_access_block"): ("s3:GetBucketPublicAccessBlock", (_F, _M)),
    ("s3", "list_buckets"): ("s3:ListAllMyBuckets", (_F, _C, _M)),
    ("secretsmanager", "list_secrets"): ("secretsmanager:ListSecrets", (_F, _S)),
    ("sns", "get_topic_attributes"): ("sns:GetTopicAttributes", (_F, _M)),
    ("sns", "list_tags_for_resource"): ("sns:ListTagsForResource", (_F, _R, _S, _C, _M)),
    ("sns", "list_topics"): ("sns:ListTopics", (_F, _R, _S, _C, _M)),
    ("ssm", "get_parameter"): ("ssm:GetParameter", (_M,)),
    ("wafv2", "get_web_acl"): ("wafv2:GetWebACL", (_C,)),
}

# What AWS says where the caller may not do a thing; each service has its own word for it.
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
_STALE = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}


class ClientSource(Protocol):
    """Where clients come from (session.Clients, or a test's own)."""

    region: str
    endpoint: str | None

    def client(self, service: str) -> Any:
        """The boto3 client of `service`."""

    def in_region(self, region: str) -> ClientSource:
        """Clients of the same account in another region."""


def _under(page: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found: Any = page
    for part in key.split("."):
        found = (found or {}).get(part)
    return list(found or [])


class Once:
    """Computes each thing once, whichever thread asks first; the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[object, Future[Any]] = {}

    def get(self, key: object, make: Callable[[], T]) -> T:
        """The value of `key`, made by `make` at the first question; its error is everybody's."""
        with self._lock:
            known = self._made.get(key)
            future: Future[T] = known if known is not None else Future()
            self._made[key] = future
        if known is None:
            try:
                future.set_result(make())
            except BaseException as error:
                future.set_exception(error)
        return future.result()


class Reads:
    """Read-only calls, each made once: the same question gets the answer already there."""

    def __init__(self, clients: ClientSource) -> None:
        self.clients = clients
        self.used: set[tuple[str, str]] = set()
        self._once = Once()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="verify-read")
        self._elsewhere: list[Reads] = []

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(cancel_futures=True)
        for other in self._elsewhere:
            other.close()

    def in_region(self, region: str) -> Reads:
        """Reads of another region, which end with these."""
        other = Reads(self.clients.in_region(region))
        other.used = self.used
        self._elsewhere.append(other)
        return other

    def get(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        """One answer of AWS. Raises OperationError where AWS refuses or can't be reached."""
        return self._guard(service, operation, request, lambda client: getattr(client, operation)(**request))

    def get_or_none(
        self, service: str, operation: str, missing: Iterable[str], **request: Any
    ) -> Mapping[str, Any] | None:
        """As `get`; None where AWS answers with one of the error codes in `missing`."""
        from botocore.exceptions import ClientError

        def ask(client: Any) -> Mapping[str, Any] | None:
            try:
                answer: Mapping[str, Any] = getattr(client, operation)(**request)
            except ClientError as error:
                if error.response["Error"]["Code"] in missing:
                    return None
                raise
            return answer

        return self._guard(service, operation, request, ask)

    def all(self, service: str, operation: str, key: str, **request: Any) -> list[Mapping[str, Any]]:
        """The items under `key`, dotted where it lies deeper, of every page of a listing."""

        def ask(client: Any) -> list[Mapping[str, Any]]:
            if not client.can_paginate(operation):
                return _under(getattr(client, operation)(**request), key)
            pages = client.get_paginator(operation).paginate(**request)
            return [item for page in pages for item in _under(page, key)]

        return self._guard(service, operation, {**request, "": key}, ask)

    def each(self, function: Callable[[T], R], items: Sequence[T]) -> list[R]:
        """`function` of every item, several at a time, in the items' order.

        `function` may make calls but must not call `each` itself: the pool has an end.
        """
        if len(items) < 2:
            return [function(item) for item in items]
        return list(self._pool.map(function, items))

    def _guard(self, service: str, operation: str, request: object, ask: Callable[[Any], T]) -> T:
        if (service, operation) not in CALLS:
            raise KeyError(f"{service}.{operation} is not in palier.verification.reads.CALLS")
        key = (service, operation, json.dumps(request, sort_keys=True))

        def make() -> T:
            from botocore.exceptions import BotoCoreError, ClientError

            self.used.add((service, operation))
            try:
                return ask(self.clients.client(service))
            except (BotoCoreError, ClientError) as error:
                _explain(service, operation, error, self.clients.endpoint)

        return self._once.get(key, make)


def _explain(service: str, operation: str, error: Exception, endpoint: str | None) -> NoReturn:
    """Turn botocore's error into ours, with what to do next."""
    from botocore.exceptions import ClientError, ConnectionError, CredentialRetrievalError, NoCredentialsError

    action = CALLS[service, operation][0]
    if isinstance(error, ClientError):
        code = error.response["Error"]["Code"]
        if code in _DENIED:
            raise Denied(action) from error
        message = f"{action}: {code}: {error.response['Error'].get('Message', '')}".rstrip(": ")
        next_step = "sign in to AWS again" if code in _STALE else None
        raise OperationError(message, next_step=next_step) from error
    if isinstance(error, (NoCredentialsError, CredentialRetrievalError)):
        raise OperationError(
            f"{action}: no AWS credentials", next_step="sign in to AWS, or set AWS_PROFILE"
        ) from error
    if endpoint is not None and isinstance(error, ConnectionError):
        raise OperationError(
            f"the local cloud does not answer at {endpoint}", next_step="palier local start"
        ) from error
    raise OperationError(f"{action}: {error}") from error


class Denied(OperationError):
    """AWS does not let the caller make a call that verification needs."""

    def __init__(self, action: str) -> None:
        self.action = action
        super().__init__(
            f"AWS does not let you call {action}",
            next_step="attach the policy that `palier verify --policy` prints",
        )


def policy(phase: str | None = None) -> dict[str, Any]:
    """The IAM policy document (as a mapping) that verifying `phase`, or every phase, needs: no more.

    The resource is `*`: of these actions, most know no narrower one, and the rest (S3, KMS) look for
    resources by tag, which means asking each what its tags are.
    """
    actions = sorted({action for action, phases in CALLS.values() if phase is None or phase in phases})
    statement = {"Sid": "PalierVerify", "Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}
