"""One case per resource type; test_every_type.py takes each through its whole life."""

from __future__ import annotations

from tests.engine.provider import (
    cases_distribution,
    cases_dynamodb,
    cases_edge,
    cases_edge_functions,
    cases_edge_waf,
    cases_peering,
    cases_people,
    cases_platform,
    cases_regions,
)
from tests.engine.provider.case import Case

PARTS = (
    cases_platform.CASES,
    cases_dynamodb.CASES,
    cases_edge.CASES,
    cases_edge_waf.CASES,
    cases_edge_functions.CASES,
    cases_peering.CASES,
    cases_regions.CASES,
    cases_distribution.CASES,
    cases_people.CASES,
)
CASES: dict[str, Case] = {token: case for part in PARTS for token, case in part.items()}
