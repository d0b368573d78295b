"""An AWS that answers from a mapping, and a platform in it where everything is as it should be.

Requests and answers are both held against botocore's own model of the service, so that a misspelt
field, a filter that the operation does not know, or an answer AWS could never give fails the test.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator
from palier.verification.reads import CALLS

State = dict[tuple[str, ...], Any]
ACCOUNT, REGION = "123456789012", "eu-west-3"


class Recorded:
    """A source of clients that answer from `state`: keys are (service, operation[, id asked about]).

    A value is the answer, or an error code in words.
    """

    def __init__(
        self, state: State, *, endpoint: str | None = None, elsewhere: dict[str, State] | None = None
    ) -> None:
        self.state, self.endpoint, self.region = state, endpoint, REGION
        self.elsewhere = elsewhere or {}
        self.calls: list[tuple[str, str]] = []

    def in_region(self, region: str) -> Recorded:
        """The clients of another region, whose calls count here."""
        there = Recorded(self.elsewhere[region], endpoint=self.endpoint)
        there.region, there.calls = region, self.calls
        return there

    def client(self, service: str) -> Any:
        """The client of `service`."""
        return _Client(self, service)


class _Client:
    def __init__(self, cloud: Recorded, service: str) -> None:
        self._cloud, self._service = cloud, service

    def can_paginate(self, operation: str) -> bool:
        return False

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def ask(**request: Any) -> Any:
            self._cloud.calls.append((self._service, operation))
            return _answer(self._cloud.state, self._service, operation, request)

        return ask


def _answer(state: State, service: str, operation: str, request: dict[str, Any]) -> Any:
    model = _operation(service, operation)
    _hold(request, model.input_shape, f"request of {service}.{operation}")
    ids = [value for value in request.values() if isinstance(value, str)]
    keys = [(service, operation, each) for each in ids] + [(service, operation)]
    key = next((each for each in keys if each in state), None)
    if key is None:
        raise AssertionError(f"nothing recorded for {service}.{operation} {request}")
    found = copy.deepcopy(state[key](request) if callable(state[key]) else state[key])
    if isinstance(found, str):
        raise ClientError({"Error": {"Code": found, "Message": "recorded"}}, model.name)
    found = _filtered(found, request)
    _hold(found, model.output_shape, f"answer of {service}.{operation}")
    return found


def _filtered(answer: Any, request: dict[str, Any]) -> Any:
    """The answer with only those items whose tags the request's filters let through, as EC2 does it."""
    wanted = {
        each["Name"].removeprefix("tag:"): each["Values"]
        for each in request.get("Filters") or request.get("Filter") or []
        if each["Name"].startswith("tag:")
    }
    if not wanted:
        return answer

    def passes(item: Any) -> bool:
        tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
        return all(tags.get(key) in values for key, values in wanted.items())

    return {key: [item for item in items if passes(item)] for key, items in answer.items()}


def _hold(value: Any, shape: Any, what: str) -> None:
    if shape is None:
        assert not value, f"{what} must be empty"
        return
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), f"{what}: {report.generate_report()}"


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


@cache
def _operation(service: str, operation: str) -> OperationModel:
    from botocore import xform_name

    model = _model(service)
    name = next(each for each in model.operation_names if xform_name(each) == operation)
    return model.operation_model(name)


def is_known(service: str, operation: str) -> bool:
    """Does botocore know this operation of this service?"""
    from botocore import xform_name

    return any(xform_name(each) == operation for each in _model(service).operation_names)


ALL_SERVICES = sorted({service for service, _ in CALLS})
