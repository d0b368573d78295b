"""Security groups and their rules, KMS keys, IAM roles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from palier.local.layout import ACCOUNT_ID
from palier.local.provider.context import Context
from palier.local.provider.errors import AwsError
from palier.local.provider.resources.common import cidr, ec2_tags, exactly_one, json_text
from palier.local.provider.table import Autoname, Call, Check, Entry, Extra, Problem, Read, Tags

_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _permission(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """One rule as the EC2 API wants it on creation: a permission with one source."""
    note = {"Description": inputs["description"]} if inputs.get("description") else {}
    permission: dict[str, Any] = {"IpProtocol": str(inputs["ipProtocol"])}
    for name, member in (("fromPort", "FromPort"), ("toPort", "ToPort")):
        if inputs.get(name) is not None:
            permission[member] = int(inputs[name])
    sources = {
        "cidrIpv4": ("IpRanges", "CidrIp"),
        "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
        "prefixListId": ("PrefixListIds", "PrefixListId"),
        "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    for name, (member, key) in sources.items():
        if inputs.get(name):
            permission[member] = [{key: inputs[name], **note}]
    return permission


def _authorize(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in arguments.items() if key in ("GroupId", "TagSpecifications")}
    return {**kept, "IpPermissions": [_permission(context.inputs)]}


def _modify_rule(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    rule: dict[str, Any] = {
        "IpProtocol": str(inputs["ipProtocol"]),
        "FromPort": inputs.get("fromPort", -1),
        "ToPort": inputs.get("toPort", -1),
        "CidrIpv4": inputs.get("cidrIpv4"),
        "CidrIpv6": inputs.get("cidrIpv6"),
        "PrefixListId": inputs.get("prefixListId"),
        "ReferencedGroupId": inputs.get("referencedSecurityGroupId"),
        "Description": inputs.get("description"),
    }
    sent = {key: value for key, value in rule.items() if value is not None}
    context.call(
        "ModifySecurityGroupRules",
        GroupId=inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": context.id, "SecurityGroupRule": sent}],
    )
    return changed


def _other_source(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Another kind of source is another rule; another value of the same kind is not."""
    return {name for name in _SOURCES if (name in old) != (name in new)}


def _ports(check: Check) -> list[Problem]:
    problems = []
    for name in ("fromPort", "toPort"):
        value = check.inputs.get(name)
        if isinstance(value, int) and not -1 <= value <= 65535:
            problems.append((name, f"{value} is outside -1…65535"))
    if check.inputs.get("ipProtocol") == "-1" and {"fromPort", "toPort"} & check.inputs.keys():
        problems.append(("fromPort", "is not allowed with ipProtocol -1"))
    return problems


def _listed(check: Check) -> list[Problem]:
    """A prefix list is its region's own, AWS's lists too."""
    asked = check.inputs.get("prefixListId")
    if not isinstance(asked, str):
        return []
    answer = check.read("ec2", "DescribeManagedPrefixLists", {"PrefixListIds": [asked]})
    if answer is None or answer["PrefixLists"]:
        return []
    return [("prefixListId", f"{asked!r} is not a prefix list of {check.region}")]


def _rule(direction: str) -> Entry:
    word = direction.capitalize()
    return Entry(
        f"aws:vpc/securityGroup{word}Rule:SecurityGroup{word}Rule",
        "ec2",
        create=Call(f"AuthorizeSecurityGroup{word}", {"GroupId": "{securityGroupId}"}),
        id="SecurityGroupRules[0].SecurityGroupRuleId",
        read=Read("DescribeSecurityGroupRules", {"SecurityGroupRuleIds": ["{id}"]}, "SecurityGroupRules[0]"),
        delete=Call(
            f"RevokeSecurityGroup{word}", {"GroupId": "{securityGroupId}", "SecurityGroupRuleIds": ["{id}"]}
        ),
        force_new=frozenset({"securityGroupId"}),
        forces=_other_source,
        names={"securityGroupId": "GroupId"},
        reads={
            "referencedSecurityGroupId": "ReferencedGroupInfo.GroupId",
            "cidrIpv4": "CidrIpv4",
            "fromPort": "FromPort",
            "toPort": "ToPort",
        },
        outputs={
            "arn": "arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
            "securityGroupRuleId": "{id}",
        },
        tags=ec2_tags("security-group-rule"),
        gone=("InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"),
        packed=frozenset({*_SOURCES, "description"}),
        checks=(cidr("cidrIpv4", "cidrIpv6"), exactly_one(*_SOURCES), _ports, _listed),
        prepare=_authorize,
        described=_without_absent_ports,
        on_update=_modify_rule,
    )


def _without_absent_ports(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    """AWS tells "every port" as -1, which the program says by leaving the ports out."""
    if str(found.get("IpProtocol")) == "-1":
        return {key: value for key, value in found.items() if key not in ("FromPort", "ToPort")}
    return found


def _revoke_default_egress(context: Context) -> None:
    """As the official provider does: AWS's allow-all egress goes when a group is new."""
    allow_all = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    try:
        context.call("RevokeSecurityGroupEgress", GroupId=context.id, IpPermissions=[allow_all])
    except AwsError as error:
        if error.code != "InvalidPermission.NotFound":
            raise


KMS_TAGS = Tags(
    on_create={"Tags": "{tags}"},
    add=Call("TagResource", {"KeyId": "{id}", "Tags": "{tags}"}),
    remove=Call("UntagResource", {"KeyId": "{id}", "TagKeys": "{keys}"}),
    read=Read("ListResourceTags", {"KeyId": "{id}"}, "Tags"),
    pair=("TagKey", "TagValue"),
)


def _describe_key(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    if found.get("KeyState") == "PendingDeletion":
        return {}
    policy = context.call("GetKeyPolicy", KeyId=context.id, PolicyName="default")["Policy"]
    rotation = context.call("GetKeyRotationStatus", KeyId=context.id)
    return {
        **found,
        "policy": policy,
        "enableKeyRotation": rotation.get("KeyRotationEnabled"),
        "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
        "isEnabled": found.get("Enabled"),
    }


def _key_switches(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    done = changed & {"enableKeyRotation", "rotationPeriodInDays", "isEnabled"}
    if done & {"enableKeyRotation", "rotationPeriodInDays"}:
        if inputs.get("enableKeyRotation"):
            period = inputs.get("rotationPeriodInDays")
            further: dict[str, Any] = {"RotationPeriodInDays": int(period)} if period else {}
            context.call("EnableKeyRotation", KeyId=context.id, **further)
        else:
            context.call("DisableKeyRotation", KeyId=context.id)
    if "isEnabled" in done:
        context.call("EnableKey" if inputs.get("isEnabled", True) else "DisableKey", KeyId=context.id)
    return done


def _role_tags(noun: str) -> Tags:
    return Tags(
        on_create={"Tags": "{tags}"},
        add=Call(f"Tag{noun}", {f"{noun}Name": "{id}", "Tags": "{tags}"}),
        remove=Call(f"Untag{noun}", {f"{noun}Name": "{id}", "TagKeys": "{keys}"}),
    )


def _describe_role(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    document = found.get("AssumeRolePolicyDocument")
    text = document if isinstance(document, str) else json.dumps(document)
    return {**found, "assumeRolePolicy": unquote(text), "CreateDate": str(found.get("CreateDate"))}


def _describe_role_policy(_: Context, found: dict[str, Any]) -> dict[str, Any]:
    document = found.get("PolicyDocument")
    return {**found, "policy": unquote(document) if isinstance(document, str) else json.dumps(document)}


def _attached(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    wanted = context.inputs.get("policyArn") or context.outputs.get("policyArn")
    if any(policy["PolicyArn"] == wanted for policy in found.get("items", [])):
        return {"Role": context.inputs.get("role") or context.outputs.get("role"), "PolicyArn": wanted}
    return {}


def _detach_role(context: Context) -> None:
    role = context.outputs.get("role") or context.inputs.get("role")
    if role:
        context.call("RemoveRoleFromInstanceProfile", InstanceProfileName=context.id, RoleName=role)


def _profile_role(context: Context, inputs: dict[str, Any], changed: set[str]) -> set[str]:
    if "role" in changed:
        _detach_role(context)
        if inputs.get("role"):
            context.call("AddRoleToInstanceProfile", InstanceProfileName=context.id, RoleName=inputs["role"])
    return changed & {"role"}


def _alias_name(check: Check) -> list[Problem]:
    name = check.inputs.get("name")
    if isinstance(name, str) and (not name.startswith("alias/") or name.startswith("alias/aws/")):
        return [("name", f"{name!r} must begin with alias/ and not with alias/aws/")]
    return []


def _describe_alias(context: Context, found: dict[str, Any]) -> dict[str, Any]:
    for alias in found.get("items", []):
        if alias["AliasName"] == context.id:
            key = f"arn:aws:kms:{context.region}:{ACCOUNT_ID}:key/{alias.get('TargetKeyId')}"
            return {**alias, "targetKeyArn": key}
    return {}


ENTRIES = (
    Entry(
        "aws:ec2/securityGroup:SecurityGroup",
        "ec2",
        create=Call("CreateSecurityGroup", {"GroupName": "{name}", "Description": "{description}"}),
        id="GroupId",
        read=Read("DescribeSecurityGroups", {"GroupIds": ["{id}"]}, "SecurityGroups[0]"),
        delete=Call("DeleteSecurityGroup", {"GroupId": "{id}"}),
        force_new=frozenset({"description", "name", "namePrefix", "vpcId"}),
        names={"name": "GroupName"},
        # Rules are resources of their own here; a group's own lists of them are left alone.
        write_only=frozenset({"ingress", "egress"}),
        settings=frozenset({"revokeRulesOnDelete"}),
        defaults={
            "description": "Managed by Pulumi",
            "egress[].self": False,
            "ingress[].self": False,
            "revokeRulesOnDelete": False,
        },
        kept=frozenset({"egress", "ingress", "vpcId"}),
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
        tags=ec2_tags("security-group"),
        autoname=Autoname("name", 255),
        gone=("InvalidGroup.NotFound",),
        after_create=_revoke_default_egress,
    ),
    _rule("ingress"),
    _rule("egress"),
    Entry(
        "aws:kms/key:Key",
        "kms",
        create=Call("CreateKey"),
        id="KeyMetadata.KeyId",
        read=Read("DescribeKey", {"KeyId": "{id}"}, "KeyMetadata"),
        delete=Call(
            "ScheduleKeyDeletion", {"KeyId": "{id}", "PendingWindowInDays": "{deletionWindowInDays}"}
        ),
        extras=(
            Extra(
                ("enableKeyRotation", "rotationPeriodInDays"),
                Call(
                    "EnableKeyRotation", {"KeyId": "{id}", "RotationPeriodInDays": "{rotationPeriodInDays}"}
                ),
            ),
            Extra(("isEnabled",), Call("DisableKey", {"KeyId": "{id}"})),
            Extra(
                ("description",),
                Call("UpdateKeyDescription", {"KeyId": "{id}", "Description": "{description}"}),
                on_create=False,
            ),
            Extra(
                ("policy",),
                Call("PutKeyPolicy", {"KeyId": "{id}", "PolicyName": "default", "Policy": "{policy}"}),
                on_create=False,
            ),
        ),
        force_new=frozenset(
            {"customerMasterKeySpec", "customKeyStoreId", "keyUsage", "multiRegion", "xksKeyId"}
        ),
        defaults={
            "bypassPolicyLockoutSafetyCheck": False,
            "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "isEnabled": True,
            "keyUsage": "ENCRYPT_DECRYPT",
            "enableKeyRotation": False,
        },
        settings=frozenset({"bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"}),
        names={"customerMasterKeySpec": "KeySpec"},
        kept=frozenset({"description", "multiRegion", "policy", "rotationPeriodInDays"}),
        outputs={"keyId": "{id}"},
        tags=KMS_TAGS,
        checks=(json_text("policy"),),
        described=_describe_key,
        on_update=_key_switches,
    ),
    Entry(
        "aws:kms/alias:Alias",
        "kms",
        create=Call("CreateAlias", {"AliasName": "{name}", "TargetKeyId": "{targetKeyId}"}),
        id="{name}",
        read=Read("ListAliases", {}, "Aliases[]"),
        delete=Call("DeleteAlias", {"AliasName": "{id}"}),
        update=Call("UpdateAlias", {"AliasName": "{id}", "TargetKeyId": "{targetKeyId}"}),
        force_new=frozenset({"name", "namePrefix"}),
        names={"name": "AliasName", "arn": "AliasArn"},
        reads={
            "targetKeyId": "TargetKeyId",
            "arn": "AliasArn",
            "name": "AliasName",
            "targetKeyArn": "targetKeyArn",
        },
        autoname=Autoname("name", 244, leading="alias/"),  # 238, and the six of "alias/".
        spelling={"targetKeyId": lambda key: str(key).rpartition("/")[2]},
        checks=(_alias_name,),
        described=_describe_alias,
    ),
    Entry(
        "aws:iam/role:Role",
        "iam",
        create=Call("CreateRole", {"RoleName": "{name}", "AssumeRolePolicyDocument": "{assumeRolePolicy}"}),
        id="Role.RoleName",
        read=Read("GetRole", {"RoleName": "{id}"}, "Role"),
        delete=Call("DeleteRole", {"RoleName": "{id}"}),
        extras=(
            Extra(
                ("assumeRolePolicy",),
                Call("UpdateAssumeRolePolicy", {"RoleName": "{id}", "PolicyDocument": "{assumeRolePolicy}"}),
                on_create=False,
            ),
            Extra(
                ("permissionsBoundary",),
                Call("PutRolePermissionsBoundary", {"RoleName": "{id}"}),
                Call("DeleteRolePermissionsBoundary", {"RoleName": "{id}"}),
                on_create=False,
            ),
        ),
        update=Call("UpdateRole", {"RoleName": "{id}"}),
        force_new=frozenset({"name", "namePrefix", "path"}),
        defaults={"forceDetachPolicies": False, "maxSessionDuration": 3600, "path": "/"},
        settings=frozenset({"forceDetachPolicies"}),
        names={"name": "RoleName"},
        kept=frozenset({"inlinePolicies", "managedPolicyArns"}),
        reads={"uniqueId": "RoleId"},
        tags=_role_tags("Role"),
        autoname=Autoname("name", 64),
        checks=(json_text("assumeRolePolicy"),),
        described=_describe_role,
        global_region="us-east-1",
    ),
    Entry(
        "aws:iam/rolePolicy:RolePolicy",
        "iam",
        create=Call(
            "PutRolePolicy", {"RoleName": "{role}", "PolicyName": "{name}", "PolicyDocument": "{policy}"}
        ),
        id="{role}:{name}",
        read=Read("GetRolePolicy", {"RoleName": "{role}", "PolicyName": "{name}"}),
        delete=Call("DeleteRolePolicy", {"RoleName": "{role}", "PolicyName": "{name}"}),
        update=Call(
            "PutRolePolicy",
            {"RoleName": "{role}", "PolicyName": "{name}", "PolicyDocument": "{policy}"},
        ),
        force_new=frozenset({"name", "namePrefix", "role"}),
        names={"name": "PolicyName", "role": "RoleName"},
        autoname=Autoname("name", 128),
        import_id=("role", "name"),
        checks=(json_text("policy"),),
        described=_describe_role_policy,
        global_region="us-east-1",
    ),
    Entry(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "iam",
        create=Call("AttachRolePolicy", {"RoleName": "{role}", "PolicyArn": "{policyArn}"}),
        id="{role}/{policyArn}",
        read=Read("ListAttachedRolePolicies", {"RoleName": "{role}"}, "{items: AttachedPolicies}"),
        delete=Call("DetachRolePolicy", {"RoleName": "{role}", "PolicyArn": "{policyArn}"}),
        force_new=frozenset({"policyArn", "role"}),
        import_id=("role", "policyArn"),
        import_separator="/",
        delete_before_replace=True,
        described=_attached,
        global_region="us-east-1",
    ),
    Entry(
        "aws:iam/instanceProfile:InstanceProfile",
        "iam",
        create=Call("CreateInstanceProfile", {"InstanceProfileName": "{name}"}),
        id="InstanceProfile.InstanceProfileName",
        read=Read("GetInstanceProfile", {"InstanceProfileName": "{id}"}, "InstanceProfile"),
        delete=Call("DeleteInstanceProfile", {"InstanceProfileName": "{id}"}),
        extras=(
            Extra(
                ("role",),
                Call("AddRoleToInstanceProfile", {"InstanceProfileName": "{id}", "RoleName": "{role}"}),
            ),
        ),
        force_new=frozenset({"name", "namePrefix", "path"}),
        defaults={"path": "/"},
        names={"name": "InstanceProfileName"},
        reads={"role": "Roles[0].RoleName", "uniqueId": "InstanceProfileId"},
        tags=_role_tags("InstanceProfile"),
        autoname=Autoname("name", 128),
        on_update=_profile_role,
        before_delete=_detach_role,
        global_region="us-east-1",
    ),
)
