"""Mends of AWS WAF: a web ACL keeps to its region, says all it is told to say, and goes only when unused."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

from palier.local.emulator.mends.table import around, mend


def refused(code: str, text: str) -> Exception:
    """AWS WAF's own kind of error."""
    from moto.wafv2.exceptions import WAFv2ClientError

    return WAFv2ClientError(code, text)


def invalid(why: str, field: str, value: str) -> Exception:
    """What AWS WAF says of a parameter it does not take."""
    return refused("WAFInvalidParameterException", f"Error reason: {why}, field: {field}, parameter: {value}")


@mend("wafv2")
def firewalls_of_cloudfront_in_one_region() -> None:
    """Web ACLs of the scope CLOUDFRONT are made and found in every region; AWS has them in us-east-1."""
    from moto.wafv2.responses import WAFV2Response

    for name in ("create_web_acl", "get_web_acl", "update_web_acl", "delete_web_acl", "list_web_ac_ls"):

        @around(WAFV2Response, name)
        def asked(original: Any, self: Any) -> Any:
            scope = self._get_param("Scope")
            if scope == "CLOUDFRONT" and self.region not in ("us-east-1", "global"):
                raise invalid("The scope is not valid.", "SCOPE_VALUE", scope)
            return original(self)


@mend("wafv2")
def firewall_of_cloudfront_by_its_arn() -> None:
    """A web ACL of the scope CLOUDFRONT is not found by its ARN."""
    from moto.wafv2.models import GLOBAL_REGION
    from moto.wafv2.responses import WAFV2Response

    @around(WAFV2Response, "get_web_acl")
    def get(original: Any, self: Any) -> Any:
        if ":global/" in (self._get_param("ARN") or "") and self.region == "us-east-1":
            self.region = GLOBAL_REGION
        return original(self)


@mend("wafv2")
def duplicate_firewall_by_its_own_error() -> None:
    """A second web ACL of a name fails with a code that AWS does not have."""
    from moto.wafv2.exceptions import WAFV2DuplicateItemException

    @around(WAFV2DuplicateItemException, "__init__")
    def create(_: Any, self: Any) -> None:
        text = (
            "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of "
            "an existing one."
        )
        super(WAFV2DuplicateItemException, self).__init__("WAFDuplicateItemException", text)


@mend("wafv2")
def rules_of_one_priority() -> None:
    """Two rules of a web ACL may have the same priority or name."""
    from moto.wafv2.models import WAFV2Backend

    def unlike(rules: Any) -> None:
        for what in ("Priority", "Name"):
            for value, count in Counter(rule[what] for rule in rules or ()).items():
                if count > 1:
                    why = f"Two rules have the same {what.lower()}."
                    raise invalid(why, "RULE", str(value))

    @around(WAFV2Backend, "create_web_acl")
    def create(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
        unlike(_argument(original, self, arguments, named, "rules"))
        return original(self, *arguments, **named)

    @around(WAFV2Backend, "update_web_acl")
    def update(original: Any, self: Any, *arguments: Any, **named: Any) -> Any:
        unlike(_argument(original, self, arguments, named, "rules"))
        return original(self, *arguments, **named)


def _argument(function: Any, self: Any, arguments: Any, named: Any, name: str) -> Any:
    from inspect import signature

    return signature(function).bind(self, *arguments, **named).arguments.get(name)


@mend("wafv2")
def update_replaces_the_whole_firewall() -> None:
    """What an update of a web ACL leaves out stays: its last rule can't be taken away, or its description."""
    from moto.wafv2.models import FakeWebACL

    @around(FakeWebACL, "update")
    def update(
        original: Any, self: Any, default_action: Any, rules: Any, description: Any, *others: Any
    ) -> None:
        original(self, default_action, rules or [], description or "", *others)
        _, *optional = others  # the visibility config comes first, and is always there
        names = ("custom_response_bodies", "captcha_config", "challenge_config", "token_domains")
        for name, value in zip((*names, "association_config"), optional, strict=True):
            setattr(self, name, value)


@mend("wafv2")
def firewall_in_use_stays() -> None:
    """A web ACL can be deleted while a load balancer or a distribution stands behind it."""
    from moto.wafv2.models import WAFV2Backend

    @around(WAFV2Backend, "delete_web_acl")
    def delete(original: Any, self: Any, name: str, scope: str, _id: str, lock_token: str) -> None:
        found = next((acl for acl in self.wacls.values() if (acl.id, acl.name) == (_id, name)), None)
        if found is not None and found.lock_token == lock_token and _is_used(found, self.account_id):
            text = (
                "AWS WAF couldn't perform the operation because your resource is being used by another "
                "resource or it's associated with another resource."
            )
            raise refused("WAFAssociatedItemException", text)
        original(self, name, scope, _id, lock_token)


def _is_used(acl: Any, account_id: str) -> bool:
    return bool(acl.associated_resources) or acl.arn in _of_distributions(account_id)


def _of_distributions(account_id: str) -> Iterator[str]:
    """The web ACLs that the account's distributions name, where CloudFront was ever touched."""
    module = sys.modules.get("moto.cloudfront.models")
    accounts = dict(getattr(module, "cloudfront_backends", {}))
    for backend in dict(accounts.get(account_id, {})).values():
        for distribution in backend.distributions.values():
            yield str(distribution.distribution_config.WebACLId)
