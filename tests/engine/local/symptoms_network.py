"""The symptoms of moto's EC2 and load balancing that Palier mends."""

from __future__ import annotations

from typing import Any

from tests.engine.local.building import network
from tests.engine.local.symptoms import Clients, Symptom, outcome


def subnet_by_zone_id(clients: Clients) -> object:
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZoneId="euw3-az2")["Subnet"]
    return made["AvailabilityZone"], made["MapPublicIpOnLaunch"]


def nat(clients: Clients) -> tuple[Any, str, str]:
    net = network(clients)
    ec2 = clients("ec2")
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=net.subnets[0], AllocationId=address)["NatGateway"]
    return ec2, made["NatGatewayId"], address


def nat_deleted(clients: Clients) -> object:
    ec2, gateway, address = nat(clients)
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    (found,) = ec2.describe_addresses(AllocationIds=[address])["Addresses"]
    return len(ec2.describe_network_interfaces()["NetworkInterfaces"]), "AssociationId" in found


def address_released(clients: Clients) -> object:
    ec2, _, address = nat(clients)
    return outcome(ec2.release_address, AllocationId=address)


def group_named_by_another(clients: Clients) -> object:
    net = network(clients)
    ec2 = clients("ec2")
    other = ec2.create_security_group(GroupName="app", Description="app", VpcId=net.vpc)["GroupId"]
    source = [{"GroupId": net.group}]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": source}
    ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[permission])
    return outcome(ec2.delete_security_group, GroupId=net.group)


def group_of_a_balancer(clients: Clients) -> object:
    net = network(clients)
    clients("elbv2").create_load_balancer(Name="app", Subnets=net.subnets, SecurityGroups=[net.group])
    return outcome(clients("ec2").delete_security_group, GroupId=net.group)


def rule_description(clients: Clients) -> object:
    net = network(clients)
    ec2 = clients("ec2")
    source = [{"GroupId": net.group, "Description": "from itself"}]
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": source}
    made = ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=[permission])
    return made["SecurityGroupRules"][0].get("Description")


def rule_with_another_source(clients: Clients) -> object:
    ec2, net = clients("ec2"), network(clients)
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    one, other = (item["PrefixListId"] for item in lists[:2])
    permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "PrefixListIds": [{"PrefixListId": one}]}
    made = ec2.authorize_security_group_ingress(GroupId=net.group, IpPermissions=[permission])
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    asked = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "PrefixListId": other}
    ec2.modify_security_group_rules(
        GroupId=net.group, SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": asked}]
    )
    (found,) = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    return found["PrefixListId"] == other


def subnet_of_a_balancer(clients: Clients) -> object:
    net = network(clients)
    clients("elbv2").create_load_balancer(Name="app", Subnets=net.subnets, SecurityGroups=[net.group])
    return outcome(clients("ec2").delete_subnet, SubnetId=net.subnets[0])


def endpoint_deleted(clients: Clients) -> object:
    net = network(clients)
    ec2 = clients("ec2")
    made = ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName="com.amazonaws.eu-west-3.secretsmanager",
        VpcEndpointType="Interface",
        SubnetIds=net.subnets,
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.delete_vpc_endpoints(VpcEndpointIds=[made])
    return [endpoint["State"] for endpoint in ec2.describe_vpc_endpoints()["VpcEndpoints"]]


def template_tags(clients: Clients) -> object:
    ec2 = clients("ec2")
    ec2.create_launch_template(
        LaunchTemplateName="app",
        LaunchTemplateData={"ImageId": "ami-12c6146b"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="app")["LaunchTemplateVersions"]
    return [one["ResourceType"] for one in version["LaunchTemplateData"].get("TagSpecifications", [])]


def balancer(clients: Clients) -> tuple[Any, str]:
    net = network(clients)
    elbv2 = clients("elbv2")
    made = elbv2.create_load_balancer(Name="app", Subnets=net.subnets, SecurityGroups=[net.group])
    return elbv2, made["LoadBalancers"][0]["LoadBalancerArn"]


def balancer_attributes(clients: Clients) -> object:
    elbv2, arn = balancer(clients)
    told = elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    values = {one["Key"]: one["Value"] for one in told}
    return (
        len(values),
        values.get("idle_timeout.timeout_seconds"),
        values["load_balancing.cross_zone.enabled"],
    )


def protected_balancer(clients: Clients) -> object:
    elbv2, arn = balancer(clients)
    elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )
    return outcome(elbv2.delete_load_balancer, LoadBalancerArn=arn)


def plain_listener(clients: Clients) -> object:
    elbv2, arn = balancer(clients)
    response = {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}
    made = elbv2.create_listener(
        LoadBalancerArn=arn,
        Port=80,
        Protocol="HTTP",
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": response}],
    )
    return "SslPolicy" in made["Listeners"][0]


def group_of_instances(clients: Clients, **settings: Any) -> tuple[Any, str]:
    net = network(clients)
    clients("ec2").create_launch_template(
        LaunchTemplateName="app", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m6i.large"}
    )
    target = clients("elbv2").create_target_group(Name="app", Port=80, Protocol="HTTP", VpcId=net.vpc)
    arn = target["TargetGroups"][0]["TargetGroupArn"]
    autoscaling = clients("autoscaling")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="app",
        LaunchTemplate={"LaunchTemplateName": "app", "Version": "$Latest"},
        MinSize=3,
        MaxSize=6,
        VPCZoneIdentifier=",".join(net.subnets),
        TargetGroupARNs=[arn],
        **settings,
    )
    return autoscaling, arn


def spread(clients: Clients) -> object:
    autoscaling, _ = group_of_instances(clients)
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return len({instance["AvailabilityZone"] for instance in group["Instances"]})


def settings_kept(clients: Clients) -> object:
    autoscaling, _ = group_of_instances(clients, DefaultInstanceWarmup=60, MaxInstanceLifetime=86400)
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="app", DefaultCooldown=90)
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return group.get("DefaultInstanceWarmup"), group.get("MaxInstanceLifetime"), group["DefaultCooldown"]


def metrics_of_a_group(clients: Clients) -> object:
    autoscaling, _ = group_of_instances(clients)
    for metric in ("GroupMinSize", "GroupMaxSize"):
        autoscaling.enable_metrics_collection(
            AutoScalingGroupName="app", Metrics=[metric], Granularity="1Minute"
        )
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    disabled = outcome(
        autoscaling.disable_metrics_collection, AutoScalingGroupName="app", Metrics=["GroupMinSize"]
    )
    return sorted(one["Metric"] for one in group["EnabledMetrics"]), disabled


def tags_of_a_template_later(clients: Clients) -> object:
    ec2 = clients("ec2")
    made = ec2.create_launch_template(
        LaunchTemplateName="app", LaunchTemplateData={"InstanceType": "t3.nano"}
    )
    ec2.create_tags(
        Resources=[made["LaunchTemplate"]["LaunchTemplateId"]], Tags=[{"Key": "owner", "Value": "a"}]
    )
    return ec2.describe_launch_templates()["LaunchTemplates"][0].get("Tags", [])


def endpoint_with_another_table(clients: Clients) -> object:
    net = network(clients)
    ec2 = clients("ec2")
    tables = [ec2.create_route_table(VpcId=net.vpc)["RouteTable"]["RouteTableId"] for _ in range(2)]
    made = ec2.create_vpc_endpoint(
        VpcId=net.vpc,
        ServiceName="com.amazonaws.eu-west-3.s3",
        VpcEndpointType="Gateway",
        RouteTableIds=tables[:1],
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.modify_vpc_endpoint(VpcEndpointId=made, AddRouteTableIds=tables[1:])
    (second,) = ec2.describe_route_tables(RouteTableIds=tables[1:])["RouteTables"]
    routed = any(route.get("GatewayId") == made for route in second["Routes"])
    return routed, outcome(ec2.delete_vpc_endpoints, VpcEndpointIds=[made])


def unknown_target_group(clients: Clients) -> object:
    net = network(clients)
    clients("ec2").create_launch_template(
        LaunchTemplateName="app", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "m6i.large"}
    )
    autoscaling = clients("autoscaling")
    arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/no/0123456789abcdef"
    made = outcome(
        autoscaling.create_auto_scaling_group,
        AutoScalingGroupName="app",
        LaunchTemplate={"LaunchTemplateName": "app"},
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=net.subnets[0],
        TargetGroupARNs=[arn],
    )
    return made, len(autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"])


def targets_after_the_group(clients: Clients) -> object:
    autoscaling, arn = group_of_instances(clients)
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName="app", ForceDelete=True)
    health = clients("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [one["TargetHealth"]["State"] for one in health]


def interface_after_its_instance(clients: Clients) -> object:
    autoscaling, _ = group_of_instances(clients)
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName="app", ForceDelete=True)
    return len(clients("ec2").describe_network_interfaces()["NetworkInterfaces"])


def peering_seen_from_the_other_side(clients: Clients) -> object:
    here, there = clients("ec2"), clients("ec2", "eu-west-1")
    vpc = here.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    peer = there.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    made = here.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=peer, PeerRegion="eu-west-1")
    connection = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    there.accept_vpc_peering_connection(VpcPeeringConnectionId=connection)
    there.create_tags(Resources=[connection], Tags=[{"Key": "owner", "Value": "there"}])
    (found,) = there.describe_vpc_peering_connections(VpcPeeringConnectionIds=[connection])[
        "VpcPeeringConnections"
    ]
    return found["Status"]["Code"], [tag["Value"] for tag in found.get("Tags", [])]


SYMPTOMS = (
    Symptom("primary_interface_goes_with_its_instance", interface_after_its_instance, 3, 0),
    Symptom("subnet_by_zone_id", subnet_by_zone_id, ("eu-west-3b", True), ("eu-west-3b", False)),
    Symptom("nat_gateway_leaves_nothing", nat_deleted, (1, True), (0, False)),
    Symptom("address_in_use_stays", address_released, "done", "InvalidIPAddress.InUse"),
    Symptom("security_group_in_use_stays", group_named_by_another, "done", "DependencyViolation"),
    Symptom("security_group_in_use_stays", group_of_a_balancer, "done", "DependencyViolation"),
    Symptom("modified_rule_has_its_new_source", rule_with_another_source, False, True),
    Symptom("rule_of_a_group_keeps_its_description", rule_description, None, "from itself"),
    Symptom("subnet_in_use_stays", subnet_of_a_balancer, "done", "DependencyViolation"),
    Symptom("deleted_endpoint_is_gone", endpoint_deleted, ["deleted"], []),
    Symptom("template_tags_stay_its_own", template_tags, ["launch-template"], []),
    Symptom("attributes_of_a_new_balancer", balancer_attributes, (4, None, "false"), (19, "60", "true")),
    Symptom("deletion_protection_holds", protected_balancer, "done", "OperationNotPermitted"),
    Symptom("no_tls_policy_without_tls", plain_listener, True, False),
    Symptom("terminated_targets_are_gone", targets_after_the_group, ["healthy"] * 3, []),
    Symptom("instances_spread_over_subnets", spread, 1, 3),
    Symptom(
        "metrics_collected_until_disabled",
        metrics_of_a_group,
        (["GroupMaxSize"], "NotImplementedError"),
        (["GroupMaxSize", "GroupMinSize"], "done"),
    ),
    Symptom("template_tags_changed_later", tags_of_a_template_later, [], [{"Key": "owner", "Value": "a"}]),
    Symptom(
        "endpoint_routes_follow_its_tables",
        endpoint_with_another_table,
        (False, "InvalidRoute.NotFound"),
        (True, "done"),
    ),
    Symptom("settings_kept", settings_kept, (None, None, 300), (60, 86400, 90)),
    Symptom(
        "unknown_target_group_refused_first",
        unknown_target_group,
        ("TargetGroupNotFound", 1),
        ("TargetGroupNotFound", 0),
    ),
    Symptom(
        "peering_tagged_on_each_side",
        peering_seen_from_the_other_side,
        ("active", []),
        ("active", ["there"]),
    ),
)
