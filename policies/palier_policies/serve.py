"""A policy pack's process: Pulumi's analyzer protocol over a `Judge`.

On the classes that the Pulumi SDK generates from the protocol, not on the policy SDK: that unpacks every
resource again for each policy, and knows one level for all that a policy says (docs/decisions/0019).
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from collections.abc import Iterable, Mapping
from concurrent import futures
from dataclasses import replace
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from palier.costs.model import UNKNOWN
from palier.errors import PalierError
from pulumi.runtime.proto import analyzer_pb2 as proto
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from palier_policies import catalog, findings_file, rules, stack_state
from palier_policies.judge import Finding, Judge
from palier_policies.messages import Properties, resource_of
from palier_policies.policy import Pack, Policy
from palier_policies.resources import Resource, plain
from palier_policies.stack import Stack

VERSION = "0.1.0"
_LARGEST = 400 * 1024 * 1024  # the engine's own limit (sdk/go/common/util/rpcutil/serve.go)
_LEVELS = {
    "advisory": proto.ADVISORY,
    "mandatory": proto.MANDATORY,
    "remediate": proto.REMEDIATE,
    "disabled": proto.DISABLED,
}
_SEVERITIES = {
    "low": proto.POLICY_SEVERITY_LOW,
    "medium": proto.POLICY_SEVERITY_MEDIUM,
    "high": proto.POLICY_SEVERITY_HIGH,
    "critical": proto.POLICY_SEVERITY_CRITICAL,
}


_NOTHING, _NO_REMEDY = proto.AnalyzeResponse(), proto.RemediateResponse()


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One pack for one stack. What is wrong with its configuration is told when the engine first asks."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._judge: Judge | None = None
        self._rules = rules.Rules()
        self._seen: dict[str, proto.AnalyzeRequest] = {}
        self._lock = threading.Lock()  # the engine asks about several resources at a time
        self._project = os.environ.get("PULUMI_PROJECT", "")
        self._stack = os.environ.get("PULUMI_STACK", "")
        self._organization = os.environ.get("PULUMI_ORGANIZATION", "")
        self._state: stack_state.Standing | None = None

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Which version answers."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def ConfigureStack(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Which stack is judged. Reading what stands starts here, while the program still starts."""
        self._project, self._stack = request.project, request.stack
        self._organization = request.organization
        self._load(context)
        if any(policy.check_stack for policy in self.pack.policies):
            self._state = stack_state.Standing(self._organization, self._project, self._stack)
        return proto.AnalyzerStackConfigureResponse()

    def GetAnalyzerInfo(self, request: Any, context: grpc.ServicerContext) -> proto.AnalyzerInfo:
        """The policies, and what policies.yaml says of them."""
        if self._judge is None:
            self._load(context)
        info = proto.AnalyzerInfo(
            name=f"palier-{self.pack.name}",
            displayName=f"Palier {self.pack.name}",
            description=self.pack.says,
            version=VERSION,
            supportsConfig=True,
            policies=[_info(policy) for policy in self.pack.policies],
        )
        for name, settings in self._rules.initial(self.pack).items():
            level = settings.pop(rules.LEVEL_KEY, None) or self.pack.policy(name).level
            info.initialConfig[name].enforcementLevel = _LEVELS[level]
            info.initialConfig[name].properties.update(json.loads(json.dumps(settings, default=str)))
        return info

    def Configure(self, request: Any, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """What holds in the end: policies.yaml, with what `--policy-pack-config` changes of it."""
        names = {value: name for name, value in _LEVELS.items()}
        given = {
            name: {
                **json_format.MessageToDict(each.properties),
                rules.LEVEL_KEY: names[each.enforcementLevel],
            }
            for name, each in request.policyConfig.items()
        }
        self._set(given, context)
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: grpc.ServicerContext) -> proto.AnalyzeResponse:
        """What is to be said of one resource, before it is made."""
        judge = self._require()
        with self._lock:
            self._seen[request.urn] = request
        if request.type not in judge.types:
            return _NOTHING
        return self._answer(judge.resource(resource_of(request)))

    def Remediate(self, request: Any, context: grpc.ServicerContext) -> proto.RemediateResponse:
        """The inputs as the policies at level `remediate` set them."""
        judge = self._require()
        if not judge.remedying or request.type not in judge.types:
            return _NO_REMEDY
        response = proto.RemediateResponse()
        properties = struct_pb2.Struct()
        properties.CopyFrom(request.properties)
        for policy, change in judge.remedies(resource_of(request)):
            remedy = proto.Remediation(
                policyName=policy.name,
                policyPackName=f"palier-{self.pack.name}",
                policyPackVersion=VERSION,
                description=policy.says,
            )
            if isinstance(change, str):
                remedy.diagnostic = change
            else:
                # Only what changes is set: secrets and assets stay as the program gave them.
                properties.update(dict(change))
                remedy.properties.CopyFrom(properties)
            response.remediations.append(remedy)
        return response

    def AnalyzeStack(self, request: Any, context: grpc.ServicerContext) -> proto.AnalyzeResponse:
        """What is to be said of the stack as a whole."""
        judge = self._require()
        if not judge.of_stack:
            return _NOTHING
        state = self._state
        stack = Stack(
            project=self._project,
            environment=self._stack,
            resources=tuple(self._planned(each) for each in self._ordered(request.resources)),
            read_standing=tuple if state is None else state.resources,
            read_platform=stack_state.platform,
            read_outputs=self._outputs_of,
        )
        findings = judge.stack(stack)
        if self.pack.outlook is not None and findings_file.wanted():
            told = self.pack.outlook(stack, lambda name: judge.rule(name).settings)
            if told is not None:
                findings_file.tell_outlook(told)
        return self._answer(findings)

    def _outputs_of(self, project: str) -> Mapping[str, Any] | None:
        return stack_state.outputs_of(self._organization, project, self._stack)

    @property
    def remedying(self) -> bool:
        """Whether some policy is at level `remediate`."""
        return self._require().remedying

    def _ordered(self, entries: Iterable[Any]) -> list[Any]:
        """As the program registers them: the engine's own order is another in each run.

        What was not judged singly comes last.
        """
        places = {urn: place for place, urn in enumerate(self._seen)}
        return sorted(entries, key=lambda entry: (places.get(entry.urn, len(places)), entry.urn))

    def _planned(self, entry: Any) -> Resource:
        """A resource of the whole: its inputs as they were judged singly, and what it depends on.

        What was not judged singly (a read, what `--target` leaves out) comes with its outputs instead.
        Once it is made, its id is among its outputs: by it a group finds the template that it starts.
        """
        known = self._seen.get(entry.urn)
        dependencies = {name: tuple(each.urns) for name, each in entry.propertyDependencies.items()}
        outputs = Properties(entry.properties)
        found = resource_of(entry if known is None else known)
        fields = entry.properties.fields
        own_id = plain(fields["id"].string_value) if "id" in fields else ""
        return replace(
            found,
            outputs=outputs,
            dependencies=dependencies,
            parent=entry.parent,
            id="" if own_id == UNKNOWN else own_id,
        )

    def _load(self, context: grpc.ServicerContext) -> None:
        try:
            self._rules = rules.read(rules.find(), catalog.policies())
        except PalierError as error:
            _refuse(context, error)
        self._set({}, context)

    def _set(self, given: Mapping[str, Mapping[str, Any]], context: grpc.ServicerContext) -> None:
        try:
            self._judge = Judge(self.pack, self._rules, given=given)
        except PalierError as error:
            _refuse(context, error)

    def _require(self) -> Judge:
        if self._judge is None:  # an engine that configures nothing
            self._judge = Judge(self.pack, self._rules)
        return self._judge

    def _answer(self, findings: list[Finding]) -> proto.AnalyzeResponse:
        if not findings:
            return _NOTHING
        findings_file.append(findings)
        return proto.AnalyzeResponse(diagnostics=[self._diagnostic(each) for each in findings])

    def _diagnostic(self, finding: Finding) -> proto.AnalyzeDiagnostic:
        return proto.AnalyzeDiagnostic(
            policyName=finding.policy,
            policyPackName=f"palier-{self.pack.name}",
            policyPackVersion=VERSION,
            description=self.pack.policy(finding.policy).says,
            message=finding.message,
            enforcementLevel=_LEVELS[finding.level],
            urn=finding.urn,
            severity=_SEVERITIES[finding.severity],
        )


def _info(policy: Policy) -> proto.PolicyInfo:
    info = proto.PolicyInfo(
        name=policy.name,
        displayName=policy.name.replace("-", " ").capitalize(),
        description=policy.says,
        enforcementLevel=_LEVELS[policy.level],
        policy_type=proto.POLICY_TYPE_STACK if policy.check_stack else proto.POLICY_TYPE_RESOURCE,
        severity=_SEVERITIES[policy.severity],
    )
    schema = policy.settings.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        info.configSchema.properties[name] = field
    return info


def _refuse(context: grpc.ServicerContext, error: PalierError) -> NoReturn:
    """End the call with our one line: the engine shows it and lets nothing through."""
    context.abort(grpc.StatusCode.FAILED_PRECONDITION, " ".join(error.lines()))
    raise error  # abort raises; this is for the reader


class _NoRemedies(grpc.ServerInterceptor):  # type: ignore[misc]
    """Says that remedies are not implemented where no policy is at that level.

    The engine asks for them once for each resource. Answering "nothing" took 340 µs of this process, and a
    call that is not implemented, which the engine takes for the same, 150 (2026-11-25, grpcio 1.85).
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        """The handler of a call; None for none."""
        if details.method.endswith("/Remediate") and not self._analyzer.remedying:
            return None
        return continuation(details)


def serve(pack: Pack) -> None:
    """Serve the pack to the engine that started this process, until that ends it."""
    options = [("grpc.max_receive_message_length", _LARGEST), ("grpc.max_send_message_length", _LARGEST)]
    analyzer = Analyzer(pack)
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=4), options=options, interceptors=[_NoRemedies(analyzer)]
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):  # how the engine ends a pack
        server.wait_for_termination()
    server.stop(None)
