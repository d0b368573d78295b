"""AWS WAF: web ACLs, the firewalls in front of distributions and load balancers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from palier.local.provider.context import Context
from palier.local.provider.table import Autoname, Call, Check, Entry, Problem, Read, Tags

GLOBAL_REGION = "us-east-1"
"""Where AWS keeps what belongs to CloudFront ("CreateWebACL", AWS WAF API reference)."""
_WINDOWS = (60, 120, 300, 600)
_PLACE = {"Id": "{id}", "Name": "{name}", "Scope": "{scope}"}


def _current(context: Context) -> dict[str, Any]:
    """The arguments that name the web ACL and the version of it that is to change.

    The official provider sends the version of its state, and where that is stale, the one that stands.
    """
    place = context.fill(_PLACE)
    return {**place, "LockToken": context.call("GetWebACL", **place)["LockToken"]}


def _update(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    """Every change sends the whole firewall."""
    arguments = context.arguments(Call("UpdateWebACL"), inputs)
    context.call("UpdateWebACL", **{**arguments, **_current(context)})
    return changed


def _delete(context: Context) -> None:
    context.call("DeleteWebACL", **_current(context))


def _described(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    """The web ACL, its version and its scope, which nothing but the ARN tells."""
    acl = found["WebACL"]
    beside = {key: found.get(key) for key in ("LockToken", "ApplicationIntegrationURL")}
    seen = {**acl, **beside, "Scope": "CLOUDFRONT" if ":global/" in acl["ARN"] else "REGIONAL"}
    plain: dict[str, Any] = _as_text({key: value for key, value in seen.items() if value not in (None, "")})
    return plain


_OPTIONAL = ("captchaConfig", "challengeConfig", "description", "tokenDomains")


def _as_text(value: Any) -> Any:
    """`value` with text for bytes, which are what botocore reads searched strings as."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return {key: _as_text(item) for key, item in value.items()} if isinstance(value, dict) else value


def _locate(context: Context) -> None:
    """From `id/name/scope`, which is what an import gives."""
    parts = context.id.split("/")
    if len(parts) == 3:
        context.id, context.outputs["name"], context.outputs["scope"] = parts


def _scope(check: Check) -> list[Problem]:
    if check.inputs.get("scope") != "CLOUDFRONT" or check.region == GLOBAL_REGION:
        return []
    return [
        ("scope", f"CLOUDFRONT is not valid in {check.region}: AWS keeps such web ACLs in {GLOBAL_REGION}")
    ]


def _names(check: Check) -> list[Problem]:
    problems = []
    name, text = check.inputs.get("name"), check.inputs.get("description")
    if isinstance(name, str) and not re.fullmatch(r"[0-9A-Za-z_-]+", name):
        problems.append(("name", f"{name!r} may hold only letters, digits, hyphens and underscores"))
    if isinstance(text, str) and not 1 <= len(text) <= 256:
        problems.append(("description", f"has {len(text)} characters; AWS allows 1 to 256"))
    return problems


def _default_action(check: Check) -> list[Problem]:
    action = check.inputs.get("defaultAction")
    if isinstance(action, Mapping) and len(action) != 1:
        return [("defaultAction", "exactly one of allow, block is wanted")]
    return []


def _rules(check: Check) -> list[Problem]:
    """Rules are a set: what tells them apart are their names, what orders them their priorities."""
    rules = check.inputs.get("rules")
    known = [rule for rule in rules if isinstance(rule, Mapping)] if isinstance(rules, list) else []
    problems = [
        ("rules", f"{count} rules have the {what} {value}; AWS wants each to have its own")
        for what in ("priority", "name")
        for value, count in Counter(_told(rule, what) for rule in known).items()
        if count > 1 and value is not None
    ]
    for index, rule in enumerate(known):
        problems += [(f"rules[{index}].{where}", why) for where, why in _rule_problems(rule)]
    return problems


def _told(rule: Mapping[str, Any], what: str) -> str | None:
    value = rule.get(what)
    return f"{value:g}" if isinstance(value, (int, float)) else value if isinstance(value, str) else None


def _rule_problems(rule: Mapping[str, Any]) -> Iterator[Problem]:
    statement = rule.get("statement")
    if not isinstance(statement, Mapping):
        return
    given = sorted(name for name, value in statement.items() if value is not None)
    if len(given) != 1:
        yield "statement", f"exactly one statement is wanted, not {', '.join(given) or 'none'}"
        return
    groups = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")
    wanted, other = ("overrideAction", "action") if given[0] in groups else ("action", "overrideAction")
    if rule.get(wanted) is None or rule.get(other) is not None:
        yield wanted, f"a rule of {given[0]} wants {wanted}, and no {other}"
    for name in ("action", "overrideAction"):
        if isinstance(action := rule.get(name), Mapping) and len(action) != 1:
            yield name, f"exactly one action is wanted, not {', '.join(sorted(action)) or 'none'}"
    rate = statement.get("rateBasedStatement")
    window = rate.get("evaluationWindowSec") if isinstance(rate, Mapping) else None
    if isinstance(window, (int, float)) and window not in _WINDOWS:
        allowed = ", ".join(map(str, _WINDOWS))
        yield "statement.rateBasedStatement.evaluationWindowSec", f"{window:g} s is not one of {allowed}"


ENTRIES = (
    Entry(
        "aws:wafv2/webAcl:WebAcl",
        "wafv2",
        create=Call("CreateWebACL"),
        id="Summary.Id",
        read=Read("GetWebACL", _PLACE),
        delete=None,
        force_new=frozenset({"name", "namePrefix", "scope"}),
        defaults={
            "rules[].statement.rateBasedStatement.aggregateKeyType": "IP",
            "rules[].statement.rateBasedStatement.evaluationWindowSec": 300,
        },
        reads={name: name[0].upper() + name[1:] for name in _OPTIONAL},
        recomputed={"lockToken": (), "capacity": ("rules",)},
        tags=Tags(
            on_create={"Tags": "{tags}"},
            add=Call("TagResource", {"ResourceARN": "{arn}", "Tags": "{tags}"}),
            remove=Call("UntagResource", {"ResourceARN": "{arn}", "TagKeys": "{keys}"}),
            read=Read("ListTagsForResource", {"ResourceARN": "{arn}"}, "TagInfoForResource.TagList"),
        ),
        autoname=Autoname("name", 128),
        unserved=frozenset(
            {"associationConfig", "customResponseBodies", "dataProtectionConfig", "monetizationConfig"}
        ),
        gone=("WAFNonexistentItemException",),
        locate=_locate,
        checks=(_scope, _names, _default_action, _rules),
        described=_described,
        on_update=_update,
        before_delete=_delete,
    ),
)
