"""Checks with any text in them: what programs, clouds and people may write into names and messages."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st
from palier.checking.model import Check, Cost, Finding, Headroom, Outlook, PhaseCheck, PolicyInfo

NASTY = (
    "a|b",
    "`code`",
    "``",
    "<script>alert(1)</script>",
    "</details>",
    "line\nbreak\r\nand\rmore\u2028\u2029\x85\x0b",
    "![x](https://example.com)",
    "[x](javascript:alert(1))",
    "@org/team #1 GH-1",
    "\\|",
    "\\",
    "::error::x",
    "%0A::error::",
    "a:b,c%d",
    "\x00\x1b[31m\ud800\uffff",
    "&lt;&#124;",
    "]]>",
    "# heading",
    "- item",
    "***",
    "---",
    "$x$",
    "",
)
TEXT = st.sampled_from(NASTY) | st.text(max_size=40) | st.lists(st.sampled_from(NASTY)).map(" ".join)
NAME = TEXT
NUMBER = st.floats(allow_nan=True, allow_infinity=True, width=32)
DAY = st.none() | st.dates().map(str)
SEVERITY = st.none() | st.sampled_from(("low", "medium", "high", "critical"))
URN = st.just("") | NAME | NAME.map(lambda name: f"urn:pulumi:production::foundation::{name}::{name}")

FINDING = st.builds(
    Finding,
    phase=NAME,
    pack=NAME,
    policy=NAME,
    level=st.sampled_from(("advisory", "mandatory")),
    message=TEXT,
    urn=URN,
    severity=SEVERITY,
    exempt=st.booleans(),
    not_known=st.booleans(),
    metric=st.none() | NAME,
    actual=st.none() | NUMBER,
    scenario=st.none() | NAME,
    date=DAY,
)
HEADROOM = st.builds(
    Headroom, metric=NAME, unit=NAME, value=NUMBER, limit=NUMBER, left=NUMBER, attention=DAY, critical=DAY
)
HEADROOMS = st.lists(HEADROOM, max_size=3).map(tuple)
OUTLOOK = st.builds(Outlook, scenario=NAME, as_of=NAME, horizon=NAME, before=HEADROOMS, after=HEADROOMS)
USD = st.decimals(min_value=Decimal(0), max_value=Decimal(10**9), places=2)
COST = st.builds(Cost, before_usd=USD, after_usd=USD, notes=st.lists(TEXT, max_size=2).map(tuple))
COUNTS = st.dictionaries(
    st.sampled_from(("created", "updated", "replaced", "deleted", "same")) | NAME, st.integers(0, 999)
)
PHASE = st.builds(
    PhaseCheck,
    phase=NAME,
    environment=NAME,
    settings_file=NAME,
    changes=COUNTS,
    findings=st.lists(FINDING, max_size=4).map(tuple),
    cost=st.none() | COST,
    outlook=st.none() | OUTLOOK,
    failed=st.none() | TEXT,
)
POLICY = st.builds(PolicyInfo, pack=NAME, name=NAME, says=TEXT, severity=SEVERITY)
CHECK = st.builds(
    Check,
    environment=NAME,
    phases=st.lists(PHASE, max_size=3).map(tuple),
    policies=st.lists(POLICY, max_size=3).map(tuple),
    skipped=st.lists(NAME, max_size=2).map(tuple),
    since=st.none() | NAME,
)
