"""The packs' process as the engine sees it: its protocol, over real gRPC on loopback."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from palier.costs.model import UNKNOWN
from palier_policies import findings_file, rules, stack_state
from palier_policies.architecture import PACK as ARCHITECTURE
from palier_policies.capacity import PACK as CAPACITY
from palier_policies.policy import Pack
from palier_policies.serve import Analyzer
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc

from tests.unit.policies.platforms import platform

DATABASE = "aws:rds/instance:Instance"
URN = f"urn:pulumi:production::foundation::{DATABASE}::primary"
SIGNATURE, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform with policies.yaml, palier.yaml and a state of nothing; findings are written beside them."""
    (tmp_path / rules.FILE_NAME).write_text("")
    (tmp_path / "state.json").write_text('{"version": 3, "deployment": {"resources": []}}')
    platform(tmp_path)
    monkeypatch.setenv(rules.FILE_VARIABLE, str(tmp_path / rules.FILE_NAME))
    monkeypatch.setenv(stack_state.STATE_VARIABLE, str(tmp_path / "state.json"))
    monkeypatch.setenv(stack_state.PLATFORM_VARIABLE, str(tmp_path / "palier.yaml"))
    monkeypatch.setenv(findings_file.VARIABLE, str(tmp_path / "findings.jsonl"))
    return tmp_path


class Served:
    """A pack behind a real server."""

    def __init__(self, pack: Pack) -> None:
        self.server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
        self.analyzer = Analyzer(pack)
        analyzer_pb2_grpc.add_AnalyzerServicer_to_server(self.analyzer, self.server)
        port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.ask = analyzer_pb2_grpc.AnalyzerStub(self.channel)

    def configured(self) -> Served:
        """As the engine begins: which stack, which policies."""
        self.ask.ConfigureStack(
            proto.AnalyzerStackConfigureRequest(
                project="foundation", stack="production", organization="organization"
            )
        )
        return self

    def close(self) -> None:
        """End it."""
        self.channel.close()
        self.server.stop(None).wait()


@pytest.fixture
def serve() -> Iterator[Any]:
    """Serves packs, and ends them."""
    served: list[Served] = []

    def one(pack: Pack) -> Served:
        served.append(Served(pack))
        return served[-1]

    yield one
    for each in served:
        each.close()


def _properties(**inputs: Any) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(inputs)
    return found


def _database(**inputs: Any) -> proto.AnalyzeRequest:
    return proto.AnalyzeRequest(urn=URN, type=DATABASE, name="primary", properties=_properties(**inputs))


def _in_stack(**inputs: Any) -> proto.AnalyzeStackRequest:
    one = proto.AnalyzerResource(urn=URN, type=DATABASE, name="primary", properties=_properties(**inputs))
    return proto.AnalyzeStackRequest(resources=[one])


def test_it_tells_its_policies_with_severity_and_the_schema_of_their_settings(serve: Any) -> None:
    info = serve(CAPACITY).configured().ask.GetAnalyzerInfo(empty_pb2.Empty())

    assert info.name == "palier-capacity"
    assert info.supportsConfig
    by_name = {each.name: each for each in info.policies}
    assert set(by_name) == {policy.name for policy in CAPACITY.policies}
    headroom = by_name["forecast-headroom"]
    assert headroom.severity == proto.POLICY_SEVERITY_HIGH
    assert headroom.enforcementLevel == proto.MANDATORY
    assert set(headroom.configSchema.properties) == {"scenario", "horizon_months"}


def test_policies_yaml_is_the_packs_own_configuration(serve: Any, files: Path) -> None:
    (files / rules.FILE_NAME).write_text(
        "all: advisory\npolicies: {forecast-headroom: {enforcementLevel: mandatory, horizon_months: 9}}"
    )

    info = serve(CAPACITY).configured().ask.GetAnalyzerInfo(empty_pb2.Empty())

    assert info.initialConfig["cost-share"].enforcementLevel == proto.ADVISORY
    assert info.initialConfig["forecast-headroom"].enforcementLevel == proto.MANDATORY
    assert dict(info.initialConfig["forecast-headroom"].properties) == {"horizon_months": 9.0}


@pytest.mark.parametrize("call", ["ConfigureStack", "GetAnalyzerInfo"])
def test_a_broken_policies_yaml_ends_the_call_with_one_line(serve: Any, files: Path, call: str) -> None:
    (files / rules.FILE_NAME).write_text("policies: {no-such: advisory}")
    request = proto.AnalyzerStackConfigureRequest() if call == "ConfigureStack" else empty_pb2.Empty()

    with pytest.raises(grpc.RpcError) as refused:
        getattr(serve(ARCHITECTURE).ask, call)(request)

    assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION
    details = refused.value.details()
    assert details.startswith(f"{files / rules.FILE_NAME}: policies.no-such: no policy 'no-such'")
    assert "\n" not in details


def test_settings_that_the_engine_hands_over_are_refused_like_those_of_the_file(serve: Any) -> None:
    given = proto.PolicyConfig(enforcementLevel=proto.MANDATORY, properties=_properties(horizon_months=-3))

    with pytest.raises(grpc.RpcError) as refused:
        serve(CAPACITY).configured().ask.Configure(
            proto.ConfigureAnalyzerRequest(policyConfig={"forecast-headroom": given})
        )

    assert "policies.forecast-headroom.horizon_months" in refused.value.details()


def test_whole_numbers_in_a_list_come_back_as_the_engine_hands_them_over(serve: Any) -> None:
    """It fills in every default that the schema shows, and knows no whole numbers."""
    ports = proto.PolicyConfig(enforcementLevel=proto.MANDATORY, properties=_properties(ports=[1433.0]))
    pack = serve(ARCHITECTURE).configured()

    pack.ask.Configure(proto.ConfigureAnalyzerRequest(policyConfig={"no-public-databases": ports}))

    assert pack.analyzer._require().rule("no-public-databases").settings.ports == [1433]


def test_a_resource_is_judged_before_it_is_made(serve: Any, files: Path) -> None:
    pack = serve(ARCHITECTURE).configured()

    found = pack.ask.Analyze(_database(publiclyAccessible=True)).diagnostics
    (one,) = [each for each in found if each.policyName == "no-public-databases"]

    assert one.enforcementLevel == proto.MANDATORY
    assert one.urn == URN
    assert "Instance primary" in one.message
    lines = (files / "findings.jsonl").read_text().splitlines()
    assert "no-public-databases" in {json.loads(line)["policy"] for line in lines}


def test_a_value_that_is_not_known_is_told_as_advice(serve: Any) -> None:
    unknown = "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7"

    found = serve(ARCHITECTURE).configured().ask.Analyze(_database(publiclyAccessible=unknown)).diagnostics
    (one,) = [each for each in found if each.policyName == "no-public-databases"]

    assert one.enforcementLevel == proto.ADVISORY
    assert one.message == "not judged: Instance primary: publiclyAccessible is not known before up"


def test_a_remedy_keeps_the_secrets_of_what_it_mends(serve: Any, files: Path) -> None:
    (files / rules.FILE_NAME).write_text("policies: {no-public-databases: remediate}")
    password = {SIGNATURE: SECRET, "value": "hunter2"}

    response = (
        serve(ARCHITECTURE).configured().ask.Remediate(_database(publiclyAccessible=True, password=password))
    )

    (remedy,) = [each for each in response.remediations if each.policyName == "no-public-databases"]
    assert remedy.properties["publiclyAccessible"] is False
    assert dict(remedy.properties["password"]) == password


def test_without_that_level_nothing_is_remedied(serve: Any) -> None:
    response = serve(ARCHITECTURE).configured().ask.Remediate(_database(publiclyAccessible=True))

    assert not response.remediations


def test_the_stack_is_judged_against_what_stands_and_the_outlook_written_down(
    serve: Any, files: Path
) -> None:
    pack = serve(CAPACITY).configured()
    pack.ask.Analyze(_database(instanceClass="db.t4g.micro", identifier="primary"))

    found = pack.ask.AnalyzeStack(_in_stack(instanceClass="db.t4g.micro", identifier="primary")).diagnostics

    assert "alarms-cover-thresholds" in {each.policyName for each in found}
    told = [json.loads(line) for line in (files / "findings.jsonl").read_text().splitlines()]
    (outlook,) = [line["outlook"] for line in told if "outlook" in line]
    assert outlook["scenario"] == "expected"
    assert datetime.date.fromisoformat(outlook["horizon"]) > datetime.date.fromisoformat(outlook["as_of"])


@pytest.mark.parametrize("made", [True, False], ids=["made", "still to be made"])
def test_what_a_group_starts_has_a_price_before_and_after_it_is_made(serve: Any, made: bool) -> None:
    """Once the template is made its id is known, and is all that leads from the group to it."""
    types = {"template": "aws:ec2/launchTemplate:LaunchTemplate", "group": "aws:autoscaling/group:Group"}
    own = {"id": "lt-1"} if made else {}
    inputs: dict[str, dict[str, Any]] = {
        "template": {"instanceType": "m7g.large", **own},
        "group": {"desiredCapacity": 2, "launchTemplate": {"id": "lt-1" if made else UNKNOWN}},
    }
    entries = [
        proto.AnalyzerResource(
            urn=f"urn:pulumi:production::foundation::{type_}::{name}",
            type=type_,
            name=name,
            properties=_properties(**inputs[name], region="eu-west-3"),
        )
        for name, type_ in types.items()
    ]

    found = serve(CAPACITY).configured().ask.AnalyzeStack(proto.AnalyzeStackRequest(resources=entries))

    told = [each.message for each in found.diagnostics if each.policyName == "cost-per-user"]
    assert not [message for message in told if "no price" in message]
    assert "percent more than today's" in told[0]


@pytest.mark.parametrize("step", [1, -1], ids=["as registered", "as the engine shuffles"])
def test_a_stack_is_judged_in_the_order_in_which_the_program_registers_it(serve: Any, step: int) -> None:
    type_ = "aws:lb/loadBalancer:LoadBalancer"
    pack, names = serve(ARCHITECTURE).configured(), ["web", "api", "jobs"]
    urns = [f"urn:pulumi:production::foundation::{type_}::{name}" for name in names]
    for urn in urns:
        pack.ask.Analyze(proto.AnalyzeRequest(urn=urn, type=type_))
    whole = proto.AnalyzeStackRequest(
        resources=[proto.AnalyzerResource(urn=urn, type=type_) for urn in urns[::step]]
    )

    found = pack.ask.AnalyzeStack(whole).diagnostics

    (one,) = [each for each in found if each.policyName == "single-entry-point"]
    assert "LoadBalancer web, LoadBalancer api, LoadBalancer jobs" in one.message


def test_a_state_that_cannot_be_read_lets_nothing_through(serve: Any, files: Path) -> None:
    (files / "state.json").write_text("[]")
    pack = serve(CAPACITY).configured()

    found = pack.ask.AnalyzeStack(_in_stack(instanceClass="db.m7g.large")).diagnostics

    (one,) = [each for each in found if each.policyName == "no-blind-scale-down"]
    assert one.enforcementLevel == proto.MANDATORY
    assert "not what `pulumi stack export` writes" in one.message


def test_a_stack_that_nobody_can_export_lets_nothing_through(
    serve: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(stack_state.STATE_VARIABLE)
    monkeypatch.setenv("PATH", str(tmp_path))
    pack = serve(CAPACITY).configured()

    found = pack.ask.AnalyzeStack(_in_stack(instanceClass="db.m7g.large")).diagnostics

    (one,) = [each for each in found if each.policyName == "no-blind-scale-down"]
    assert one.message.startswith(
        "not judged: what stands of organization/foundation/production cannot be read: "
        "there is no pulumi on PATH"
    )
