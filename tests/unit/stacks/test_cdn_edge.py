"""The logic at the edge, run in Node: routing by country, cache keys, splits, and a web app's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier_stacks import facts
from palier_stacks.cdn import code as edge_code
from palier_stacks.cdn.code import MOST_BYTES, CodeTooLong, viewer_request, viewer_response
from palier_stacks.cdn.places import REGIONS, countries

from tests.unit.stacks.edge_runtime import Edge, Ran, request, response

HOME = "eu-west-3"
DROP = ["utm_*", "gclid", "fbclid"]
SPLITS: list[dict[str, Any]] = [
    {"name": "mobile-shop", "path": "/shop", "device": "mobile", "prefix": "/mfe/shop-mobile"},
    {"name": "new-search", "path": "/search/", "feature": "new-search", "origin": "search.jobo.example"},
    {"name": "account", "path": "/account", "origin": "account.jobo.example", "prefix": "/v2"},
]
REQUEST = viewer_request(HOME, DROP, SPLITS)
RESPONSE = viewer_response(["/manifest.webmanifest"], ["/sw.js"], "/")
STORE = {
    "regions": "us-east-1,ap-northeast-1",
    "origin:us-east-1": "us.jobo.example",
    "origin:ap-northeast-1": "jp.jobo.example",
}


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    """Node."""
    running = Edge()
    yield running
    running.end()


def from_country(edge: Edge, country: str, store: dict[str, str] | None) -> Ran:
    """A page, asked for from a country."""
    return edge.run(REQUEST, request("/", headers={"cloudfront-viewer-country": country}), store)


@pytest.mark.parametrize(
    ("country", "host"),
    [
        ("US", "us.jobo.example"),
        ("CA", "us.jobo.example"),
        ("BR", "us.jobo.example"),
        ("JP", "jp.jobo.example"),
        ("AU", "jp.jobo.example"),
    ],
)
def test_a_viewer_far_away_is_sent_to_the_nearest_region(country: str, host: str, edge: Edge) -> None:
    ran = from_country(edge, country, STORE)
    assert ran.origins == [{"domainName": host}]
    assert ran.header("x-palier-region") == {"us": "us-east-1", "jp": "ap-northeast-1"}[host[:2]]


@pytest.mark.parametrize("country", ["FR", "DE", "PL", "TN"])
def test_a_viewer_near_home_stays_at_the_distribution_s_own_origin(country: str, edge: Edge) -> None:
    assert from_country(edge, country, STORE).origins == []


@given(country=st.sampled_from([*countries(), "T1", "", "A2", "fr"]))
def test_wherever_a_viewer_is_and_whatever_the_store_holds_the_request_goes_on(
    country: str, edge: Edge
) -> None:
    broken = [None, {}, {"regions": ""}, {"regions": "us-east-1"}, {"regions": "mars-1,,us-east-1"}, STORE]
    for store in broken:
        ran = from_country(edge, country, store)
        assert ran.result["uri"] == "/"
        assert all(origin["domainName"] in STORE.values() for origin in ran.origins)


def test_a_region_without_an_origin_is_passed_over_for_the_next_nearest(edge: Edge) -> None:
    store = {name: value for name, value in STORE.items() if name != "origin:ap-northeast-1"}
    assert from_country(edge, "JP", {**store, "regions": "us-east-1,ap-northeast-1"}).origins == []
    assert from_country(edge, "US", {**store, "regions": "ap-northeast-1,us-east-1"}).origins == [
        {"domainName": "us.jobo.example"}
    ]


def test_a_request_without_a_country_reads_nothing(edge: Edge) -> None:
    ran = edge.run(REQUEST, request("/"), STORE)
    assert (ran.origins, ran.reads) == ([], [])


def test_what_only_tracks_is_dropped_and_the_rest_is_in_order(edge: Edge) -> None:
    query = {"b": "2", "utm_source": "mail", "UTM_Medium": "x", "a": ["2", "1"], "gclid": "y", "gclidx": "z"}
    kept = edge.run(REQUEST, request("/", query=query)).result["querystring"]
    assert list(kept) == ["a", "b", "gclidx"]
    assert [each["value"] for each in kept["a"]["multiValue"]] == ["2", "1"]


names = st.text("abcdefgutm_lid", min_size=1, max_size=6)


@given(query=st.dictionaries(names, st.text("abc", max_size=3), max_size=6), order=st.randoms())
def test_the_order_of_parameters_does_not_matter_and_a_second_time_changes_nothing(
    query: dict[str, str], order: Any, edge: Edge
) -> None:
    shuffled = list(query.items())
    order.shuffle(shuffled)
    first = edge.run(REQUEST, request("/", query=query)).result["querystring"]
    other = edge.run(REQUEST, request("/", query=dict(shuffled))).result["querystring"]
    again = edge.run(REQUEST, {**request("/"), "request": {**request("/")["request"], "querystring": first}})
    assert list(first.items()) == list(other.items()) == list(again.result["querystring"].items())
    dropped = {name for name in query if name.startswith("utm_") or name in DROP}
    assert set(first) == set(query) - dropped


MOBILE = {"cloudfront-is-mobile-viewer": "true"}
TABLET = {"cloudfront-is-mobile-viewer": "true", "cloudfront-is-tablet-viewer": "true"}


@pytest.mark.parametrize(
    ("asked", "variant", "uri", "host"),
    [
        (request("/shop/cart", headers=MOBILE), "mobile-shop", "/mfe/shop-mobile/shop/cart", None),
        (request("/shop", headers=MOBILE), "mobile-shop", "/mfe/shop-mobile/shop", None),
        (request("/shopping", headers=MOBILE), "none", "/shopping", None),
        (request("/shop", headers=TABLET), "none", "/shop", None),
        (request("/shop"), "none", "/shop", None),
        (
            request("/search", cookies={"palier-features": "dark.new-search"}),
            "new-search",
            "/search",
            "search.jobo.example",
        ),
        (request("/search/x", cookies={"palier-features": "new-searches"}), "none", "/search/x", None),
        (request("/search/x"), "none", "/search/x", None),
        (request("/account/me"), "account", "/v2/account/me", "account.jobo.example"),
    ],
)
def test_a_part_of_the_site_is_served_from_its_own_origin(
    asked: dict[str, Any], variant: str, uri: str, host: str | None, edge: Edge
) -> None:
    ran = edge.run(REQUEST, asked)
    assert ran.header("x-palier-variant") == variant
    assert ran.result["uri"] == uri
    assert ran.origins == ([{"domainName": host}] if host else [])


def test_a_viewer_cannot_choose_a_variant_by_sending_its_header(edge: Edge) -> None:
    ran = edge.run(REQUEST, request("/", headers={"x-palier-variant": "mobile-shop"}))
    assert ran.header("x-palier-variant") == "none"


def test_a_split_with_an_origin_of_its_own_is_not_sent_to_a_region(edge: Edge) -> None:
    asked = request("/account", headers={"cloudfront-viewer-country": "US"})
    assert edge.run(REQUEST, asked, STORE).origins == [{"domainName": "account.jobo.example"}]


def test_a_manifest_has_its_media_type(edge: Edge) -> None:
    ran = edge.run(RESPONSE, response("/manifest.webmanifest", content_type="application/octet-stream"))
    assert ran.header("content-type") == "application/manifest+json"


def test_a_service_worker_may_control_the_whole_site_and_is_never_kept(edge: Edge) -> None:
    ran = edge.run(RESPONSE, response("/sw.js", cache_control="public, max-age=31536000"))
    assert ran.header("service-worker-allowed") == "/"
    assert ran.header("cache-control") == "no-cache"
    assert ran.header("content-type") == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(("uri", "status"), [("/sw.js", 404), ("/sw.js.map", 200), ("/app.js", 200)])
def test_every_other_answer_is_left_as_it_is(uri: str, status: int, edge: Edge) -> None:
    given = response(uri, status, cache_control="public")
    assert edge.run(RESPONSE, given).result == given["response"]


def test_a_function_that_cloudfront_would_not_take_is_refused_with_its_size() -> None:
    splits = [{"name": f"part-{number}", "path": f"/part-{number}", "prefix": "/p"} for number in range(100)]
    with pytest.raises(CodeTooLong, match=r"viewer-request would be \d+ bytes, and CloudFront takes 10240"):
        viewer_request(HOME, DROP, splits)


def test_twenty_splits_fit_into_a_function() -> None:
    splits = [
        {"name": f"part-{number}", "path": f"/part-{number}", "device": "mobile", "prefix": f"/mfe/{number}"}
        for number in range(20)
    ]
    assert len(viewer_request(HOME, DROP, splits).encode()) <= MOST_BYTES


def test_every_region_of_the_aws_partition_has_a_place() -> None:
    commercial = {name for name in facts.regions() if not name.startswith(("cn-", "us-gov-"))}
    assert set(REGIONS) == commercial


def test_places_are_on_earth() -> None:
    assert len(countries()) > 230
    for latitude, longitude in (*countries().values(), *REGIONS.values()):
        assert -90 <= latitude <= 90
        assert -180 <= longitude <= 180


@pytest.mark.parametrize("name", ["viewer_request.js", "viewer_response.js"])
def test_the_code_keeps_to_what_the_runtime_of_cloudfront_has(name: str) -> None:
    """Of ES 6 and later, the runtime 2.0 has const, let, async, await, arrows and template literals."""
    source = (Path(edge_code.__file__).with_name("edge") / name).read_text()
    bare = re.sub(r"//.*|'[^']*'", "", source)
    for syntax in (
        r"\bfor\s*\([^;]*\bof\b",
        r"\bclass\b",
        r"\?\.",
        r"\?\?",
        r"\.\.\.",
        r"\beval\b",
        r"\brequire\b",
    ):
        assert not re.search(syntax, bare), syntax
