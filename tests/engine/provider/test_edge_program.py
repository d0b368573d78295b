"""A program in front of a site: a firewall of CloudFront's in its region, and a door for CloudFront alone."""

from __future__ import annotations

from tests.engine.support.programs import Project

PROGRAM = """
    from pulumi import ResourceOptions

    north = aws.Provider("north", region="us-east-1")

    def seen(name):
        return {"cloudwatch_metrics_enabled": True, "metric_name": name, "sampled_requests_enabled": True}

    group = "AWSManagedRulesCommonRuleSet"
    acl = aws.wafv2.WebAcl(
        "site",
        scope="CLOUDFRONT",
        description="In front of the site",
        default_action={"allow": {}},
        rules=[
            {
                "name": "rate",
                "priority": 0,
                "action": {"block": {}},
                "statement": {
                    "rate_based_statement": {
                        "limit": LIMIT, "evaluation_window_sec": 300, "aggregate_key_type": "IP",
                    }
                },
                "visibility_config": seen("rate"),
            },
            {
                "name": group,
                "priority": 1,
                "override_action": {"none": {}},
                "statement": {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group}},
                "visibility_config": seen(group),
            },
        ],
        visibility_config=seen("site"),
        opts=ResourceOptions(provider=north),
    )
    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    door = aws.ec2.SecurityGroup("door", vpc_id=vpc.id)
    listed = aws.ec2.get_managed_prefix_list_output(name="com.amazonaws.global.cloudfront.origin-facing")
    aws.vpc.SecurityGroupIngressRule(
        "from-cloudfront", security_group_id=door.id, prefix_list_id=listed.id,
        ip_protocol="tcp", from_port=443, to_port=443,
    )
    shop = aws.s3.Bucket("shop")
    aws.s3.BucketObjectv2("page", bucket=shop.bucket, key="index.html",
                          source=pulumi.StringAsset("<p>open</p>"), content_type="text/html")
    aws.s3.BucketObjectv2("logo", bucket=shop.bucket, key="logo.svg",
                          source=pulumi.FileAsset("logo.svg"), content_type="image/svg+xml")
"""


def test_what_stands_in_front_of_a_site_goes_up_once_and_changes_in_place(project: Project) -> None:
    (project.folder / "logo.svg").write_text("<svg/>")
    project.program(PROGRAM.replace("LIMIT", "2000"))
    assert project.preview().code == 0
    up = project.up()
    assert up.code == 0, up.said
    s3 = project.emulated.client("s3")
    (bucket,) = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    bodies = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in ("index.html", "logo.svg")]
    assert bodies == [b"<p>open</p>", b"<svg/>"]

    again = project.up("--refresh")
    assert again.changed == {}, again.said

    (project.folder / "logo.svg").write_text("<svg></svg>")
    project.program(PROGRAM.replace("LIMIT", "500"))
    changed = project.up()
    assert changed.changed == {"site": "update", "logo": "update"}, changed.said
    waf = project.emulated.client("wafv2", "us-east-1")
    (acl,) = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    rules = waf.get_web_acl(ARN=acl["ARN"])["WebACL"]["Rules"]
    assert [rule["Statement"].get("RateBasedStatement", {}).get("Limit") for rule in rules] == [500, None]
    assert project.destroy().code == 0
    assert waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"] == []
