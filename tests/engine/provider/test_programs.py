"""What pulumi-aws programs may do, done by real ones: each test is the story of one small program."""

from __future__ import annotations

from tests.engine.support.programs import Project

REGIONS = """
    from pulumi import ResourceOptions

    virginia = aws.Provider("virginia", region="us-east-1", default_tags={"tags": {"team": "edge"}})
    here = aws.sns.Topic("here", tags={"own": "1"})
    frankfurt = aws.sns.Topic("frankfurt", region="eu-central-1")
    there = aws.sns.Topic("there", opts=ResourceOptions(provider=virginia), tags={"team": "mine"})
    found = aws.get_region(opts=pulumi.InvokeOptions(provider=virginia))
    pulumi.export("arns", [here.arn, frankfurt.arn, there.arn])
    pulumi.export("virginia", found.region)
"""


def test_regions_and_default_tags_are_those_of_resource_provider_and_configuration(project: Project) -> None:
    project.configure({"aws:region": "eu-west-3", "aws:defaultTags": {"tags": {"cost": "a", "old": "x"}}})
    project.program(REGIONS)
    assert project.up().code == 0
    outputs = project.outputs()
    assert [arn.split(":")[3] for arn in outputs["arns"]] == ["eu-west-3", "eu-central-1", "us-east-1"]
    assert outputs["virginia"] == "us-east-1"
    here, frankfurt, there = outputs["arns"]

    def tags(arn: str) -> dict[str, str]:
        client = project.emulated.client("sns", arn.split(":")[3])
        listed = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in listed}

    assert tags(here) == {"cost": "a", "old": "x", "own": "1"}
    assert tags(frankfurt) == {"cost": "a", "old": "x"}
    assert tags(there) == {"team": "mine"}

    # A default tag changed and one removed, an own tag removed, the explicit provider's tags gone.
    project.configure({"aws:region": "eu-west-3", "aws:defaultTags": {"tags": {"cost": "b"}}})
    project.program(
        REGIONS.replace(', tags={"own": "1"}', "").replace(', default_tags={"tags": {"team": "edge"}}', "")
    )
    ran = project.up()
    assert ran.changed == {
        "default_7_51_1": "update",
        "virginia": "update",
        "here": "update",
        "frankfurt": "update",
    }
    assert tags(here) == tags(frankfurt) == {"cost": "b"}
    assert tags(there) == {"team": "mine"}
    assert project.up().changed == {}

    # Another region for a resource is another resource; for the provider, those that have none of their own.
    project.program(REGIONS.replace("eu-central-1", "eu-west-1"))
    ran = project.preview("--diff")
    assert ran.operations["frankfurt"] == "replace"
    assert "region" in ran.said
    assert ran.operations["here"] == "update"


LIFE = """
    from pulumi import Alias, ResourceOptions

    auto = aws.sns.Topic("auto-topic", display_name="one")
    given = aws.cloudwatch.LogGroup("given", name="given", log_group_class="STANDARD")
    loose = aws.cloudwatch.LogGroup("loose", log_group_class="STANDARD")
    ignored = aws.cloudwatch.LogGroup(
        "ignored", retention_in_days=14, opts=ResourceOptions(ignore_changes=["retentionInDays"])
    )
    safe = aws.sns.Topic("safe", opts=ResourceOptions(protect=True))
    pulumi.export("auto", auto.arn)
    pulumi.export("loose", loose.name)
    pulumi.export("ignored", ignored.name)
"""


def test_a_program_lives_through_drift_renaming_and_replacement(project: Project) -> None:
    project.program(LIFE)
    assert project.up().code == 0
    outputs = project.outputs()
    sns, logs = project.emulated.client("sns"), project.emulated.client("logs")

    # Behind our back: a setting changed, a resource deleted, and one changed that the program ignores.
    sns.set_topic_attributes(
        TopicArn=outputs["auto"], AttributeName="DisplayName", AttributeValue="somebody's"
    )
    logs.delete_log_group(logGroupName="given")
    logs.put_retention_policy(logGroupName=outputs["ignored"], retentionInDays=30)
    ran = project.refresh()
    assert ran.code == 0
    state = project.state()
    assert state["auto-topic"]["inputs"]["displayName"] == "somebody's"
    assert "given" not in state
    assert state["ignored"]["inputs"]["retentionInDays"] == 30
    ran = project.up()
    assert ran.changed == {"auto-topic": "update", "given": "create"}
    assert sns.get_topic_attributes(TopicArn=outputs["auto"])["Attributes"]["DisplayName"] == "one"

    # Renamed in the program, with an alias: the same resource, under the same name.
    renamed = LIFE.replace('"auto-topic"', '"other"').replace(
        'display_name="one"', 'display_name="one", opts=ResourceOptions(aliases=[Alias(name="auto-topic")])'
    )
    project.program(renamed)
    assert project.up().changed == {}
    assert project.outputs()["auto"] == outputs["auto"]

    # A property that forces a new one: the autonamed is made before the old one goes, the named after.
    project.program(renamed.replace('"STANDARD"', '"INFREQUENT_ACCESS"'))
    ran = project.preview("--diff")
    assert ran.changed == {"given": "replace", "loose": "replace"}
    assert "logGroupClass" in ran.said
    ran = project.up()
    assert ran.code == 0
    order = [operation for operation, name in ran.steps if name == "loose"]
    assert order.index("create-replacement") < order.index("delete-replaced")
    order = [operation for operation, name in ran.steps if name == "given"]
    assert order.index("delete-replaced") < order.index("create-replacement")
    assert project.outputs()["loose"] != outputs["loose"]
    groups = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
    assert groups == {"given", outputs["ignored"], project.outputs()["loose"]}

    ran = project.destroy()
    assert ran.code != 0
    assert "protect" in ran.said
    project.program(renamed.replace("protect=True", "protect=False"))
    assert project.up().code == 0
    assert project.destroy().code == 0
    assert project.emulated.api("summary")["total"] == 0


NAMES = """
    topic = aws.sns.Topic("first")
    bucket = aws.s3.Bucket("Second")
    prefixed = aws.sns.Topic("third", name_prefix="front-")
    pulumi.export("names", [topic.name, bucket.bucket, prefixed.name])
"""


def test_names_follow_the_autonaming_configuration(project: Project) -> None:
    project.configure({"aws:region": "eu-west-3", "pulumi:autonaming": {"mode": "verbatim"}})
    project.program(NAMES)
    assert project.up().code == 0
    first, second, third = project.outputs()["names"]
    assert (first, second) == ("first", "second")
    assert third.startswith("front-")
    # What stands keeps its name.
    project.configure({"aws:region": "eu-west-3"})
    assert project.up().changed == {}
    assert project.destroy().code == 0
    pattern = "${project}-${name}-${alphanum(4)}"
    project.configure({"aws:region": "eu-west-3", "pulumi:autonaming": {"pattern": pattern}})
    assert project.up().code == 0
    assert project.outputs()["names"][0].startswith("small-first-")


SECRET = "correct-horse-battery"
SECRETS = f"""
    password = pulumi.Output.secret("{SECRET}")
    database = aws.rds.Instance(
        "db", engine="postgres", instance_class="db.t4g.medium", allocated_storage=20, username="palier",
        password=password, skip_final_snapshot=True,
    )
    hidden = aws.ssm.Parameter("hidden", type="SecureString", value=password)
"""


def test_a_secret_is_in_clear_nowhere(project: Project) -> None:
    project.program(SECRETS)
    ran = project.preview("--diff", "--show-config", "--json")
    assert SECRET not in ran.said
    ran = project.up("--diff")
    assert ran.code == 0, ran.said
    assert SECRET not in ran.said + project.exported()
    assert SECRET in str(project.state("--show-secrets")["db"]["inputs"]["password"])

    # A failure that quotes what it was sent.
    quoting = {
        "status": 400,
        "code": "ValidationException",
        "message": f"Value '{SECRET}2' at 'value' failed",
    }
    project.emulated.api(
        "faults",
        method="PUT",
        body=[
            {"service": "ssm", "operation": "PutParameter", **quoting},
            {"service": "rds", "operation": "ModifyDBInstance", **quoting},
        ],
    )
    project.program(SECRETS.replace(SECRET, f"{SECRET}2"))
    ran = project.up("--diff")
    assert ran.code != 0
    assert "at 'value' failed" in ran.said
    assert SECRET not in ran.said + project.exported()
    project.emulated.api("faults", method="PUT", body=[])
    assert project.up().changed == {"db": "update", "hidden": "update"}
    read = project.emulated.client("ssm").get_parameter(
        Name=project.state()["hidden"]["outputs"]["name"], WithDecryption=True
    )
    assert read["Parameter"]["Value"] == f"{SECRET}2"
    # Seen by a refresh, a value changed behind our back is a secret too.
    project.emulated.client("ssm").put_parameter(
        Name=read["Parameter"]["Name"], Value=f"{SECRET}3", Type="SecureString", Overwrite=True
    )
    ran = project.refresh("--diff")
    assert SECRET not in ran.said + project.exported()
    assert project.up("--diff").changed == {"hidden": "update"}


PARTS = """
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags={"a": "1"})
    group = aws.cloudwatch.LogGroup("group", retention_in_days=14)
    parameters = aws.rds.ParameterGroup(
        "parameters", family="postgres16", parameters=[{"name": "work_mem", "value": "8192"}]
    )
"""


def test_a_partly_made_resource_is_finished_by_the_next_run(project: Project) -> None:
    def fault(service: str, operation: str) -> dict[str, object]:
        return {"service": service, "operation": operation, "status": 500, "code": "InternalFailure"}

    def things() -> tuple[int, int, int]:
        ec2, logs, rds = (project.emulated.client(name) for name in ("ec2", "logs", "rds"))
        custom = [g for g in rds.describe_db_parameter_groups()["DBParameterGroups"] if "param" in str(g)]
        own = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
        mine = [g for g in custom if g["DBParameterGroupName"].startswith("parameters-")]
        return len(own), len(logs.describe_log_groups()["logGroups"]), len(mine)

    project.program(PARTS)
    project.emulated.api(
        "faults",
        method="PUT",
        body=[
            fault("ec2", "ModifyVpcAttribute"),
            fault("logs", "PutRetentionPolicy"),
            fault("rds", "ModifyDBParameterGroup"),
        ],
    )
    ran = project.up("--continue-on-error")
    assert ran.code != 0
    assert "creating aws:ec2/vpc:Vpc (vpc): operation error EC2: ModifyVpcAttribute" in ran.said
    state = project.state()
    assert all(state[name]["initErrors"] for name in ("vpc", "group", "parameters"))
    assert things() == (1, 1, 1)
    ran = project.up()
    assert ran.code == 0, ran.said
    assert ran.changed == {"vpc": "update", "group": "update", "parameters": "update"}
    assert things() == (1, 1, 1)
    state = project.state()
    assert not any(one.get("initErrors") or "__pending" in one.get("outputs", {}) for one in state.values())
    assert state["vpc"]["outputs"]["enableDnsHostnames"] is True
    assert state["group"]["outputs"]["retentionInDays"] == 14
    assert state["parameters"]["outputs"]["parameters"][0]["value"] == "8192"
    assert project.up().changed == {}

    # The same for a change: the tags have taken effect, what came after has not.
    project.program(PARTS.replace('"1"', '"2"').replace("hostnames=True", "hostnames=False"))
    project.emulated.api("faults", method="PUT", body=[fault("ec2", "ModifyVpcAttribute")])
    ran = project.up()
    assert ran.code != 0
    assert "updating aws:ec2/vpc:Vpc (vpc)" in ran.said
    assert project.up().changed == {"vpc": "update"}
    outputs = project.state()["vpc"]["outputs"]
    assert (outputs["enableDnsHostnames"], outputs["tags"]) == (False, {"a": "2"})
