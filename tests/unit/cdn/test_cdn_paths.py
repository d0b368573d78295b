"""Paths of an invalidation: what is refused, what is left out, and how folders are drawn together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palier.cdn.paths import PathClasses, Prefix, checked, collapse, sort_out, without_covered
from palier.errors import InputError

CLASSES = PathClasses.of(
    [("immutable", ["/static/*"]), ("versioned", ["/media/*", "/sw.js"]), ("private", ["/api/*", "*.do?"])]
)
WORDS = st.sampled_from(["a", "b", "ab", "c"])
PATHS = st.lists(
    st.builds(
        lambda parts, end: "/" + "/".join(parts) + end,
        st.lists(WORDS, min_size=1, max_size=4),
        st.sampled_from(["", "/*", "*"]),
    ),
    max_size=25,
)


def _names(wanted: str, path: str) -> bool:
    return path.startswith(wanted[:-1]) if wanted.endswith("*") else path == wanted


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("media/logo.svg", "PATHS: 'media/logo.svg' is not a path of the site (allowed: a path from / on)"),
        (
            "/*/logo.svg",
            "PATHS: '/*/logo.svg': CloudFront reads * as a wildcard only at the end (allowed: like /media/*)",
        ),
    ],
)
def test_a_path_that_cloudfront_would_take_otherwise_is_refused(path: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        checked(path)
    assert str(refused.value) == message


def test_a_path_too_long_for_cloudfront_is_refused_by_its_encoded_length() -> None:
    assert len(checked("/" + "a" * 3999)) == 4000
    with pytest.raises(InputError, match="a path of 4003 characters"):
        checked("/" + "é" * 667)


def test_what_is_not_ascii_is_encoded_once() -> None:
    assert checked("/été.html?a=b c") == "/%C3%A9t%C3%A9.html?a=b%20c"
    assert checked(checked("/été/*")) == checked("/été/*") == "/%C3%A9t%C3%A9/*"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/static/app.1f2e.js", "immutable"),
        ("/static/*", "immutable"),
        ("/static/img/*", "immutable"),
        ("/media/logo.svg?size=2", "versioned"),
        ("/api/users", "private"),
        ("/old/page.dox", "private"),
        ("/old/page.do", "dynamic"),
        ("/s*", "dynamic"),
        ("/*", "dynamic"),
    ],
)
def test_a_path_is_of_the_first_class_that_names_all_of_it(path: str, name: str) -> None:
    assert CLASSES.of_path(path) == name


def test_immutable_and_private_paths_are_left_out_unless_every_class_is_wanted() -> None:
    paths = ["/static/app.js", "/api/users", "/media/logo.svg", "/"]
    result = sort_out(paths, CLASSES)
    assert result.paths == ("/", "/media/logo.svg")
    assert result.skipped == (("/api/users", "private"), ("/static/app.js", "immutable"))
    assert sort_out(paths, CLASSES, every_class=True).paths == tuple(sorted(paths))


@pytest.mark.parametrize(
    ("path", "also"),
    [
        ("/shop", "/mobile/shop"),
        ("/shop/cart", "/mobile/shop/cart"),
        ("/shop*", "/mobile/shop*"),
        ("/sh*", "/mobile/sh*"),
        ("/shopping", None),
        ("/media/logo.svg", None),
        ("/blog/*", None),
    ],
)
def test_what_the_edge_looks_for_under_a_prefix_is_invalidated_under_it_too(
    path: str, also: str | None
) -> None:
    expected = without_covered([path, *([also] if also else [])])
    assert sort_out([path], CLASSES, [Prefix("/shop", "/mobile/"), Prefix("/media", "/m")]).paths == expected


def test_folders_are_drawn_together_from_the_deepest_and_fullest_on() -> None:
    paths = ["/a/x/1", "/a/x/2", "/a/x/3", "/a/y/1", "/a/y/2", "/b/1", "/c"]
    assert collapse(paths, 7) == tuple(sorted(paths))
    assert collapse(paths, 5) == ("/a/x/*", "/a/y/1", "/a/y/2", "/b/1", "/c")
    assert collapse(paths, 4) == ("/a/x/*", "/a/y/*", "/b/1", "/c")
    assert collapse(paths, 3) == ("/a/*", "/b/1", "/c")


def test_the_whole_site_is_never_invalidated_to_save_paths() -> None:
    assert collapse(["/a", "/b", "/c"], 1) == ("/a", "/b", "/c")


@given(PATHS)
def test_a_path_in_a_wildcard_is_left_out_and_nothing_else(paths: list[str]) -> None:
    kept = without_covered(paths)
    assert set(kept) <= set(paths)
    assert all(any(_names(one, path) for one in kept) for path in paths)
    assert not any(_names(one, other) for one in kept for other in kept if one != other)


@given(PATHS, st.integers(min_value=1, max_value=25))
def test_drawn_together_they_name_at_least_the_same_and_are_no_more(paths: list[str], most: int) -> None:
    drawn = collapse(paths, most)
    assert len(drawn) <= len(set(paths))
    assert all(any(_names(one, path) for one in drawn) for path in paths)
    assert "/*" not in drawn or "/*" in paths
    assert drawn == collapse(list(reversed(paths)), most)
    assert collapse(drawn, most) == drawn
