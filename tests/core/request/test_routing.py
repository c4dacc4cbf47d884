"""From a method and a path to an operation."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.request.routing import Routes, path_parameters

PATHS = (
    "/",
    "/letters",
    "/letters/{id}",
    "/letters/drafts",
    "/letters/{id}/copies/{copy}",
    "/letters/drafts/copies",
    "/boxes/{box}/notes",
    "/boxes/mine/{note}/pages",
)


@pytest.fixture
def routes() -> Routes[str]:
    routes: Routes[str] = Routes()
    for path in PATHS:
        routes.add("GET", path, path)
    routes.add("POST", "/letters", "send")
    routes.add("DELETE", "/letters/{number}", "burn")
    return routes


@pytest.mark.parametrize(
    ("path", "target", "values"),
    [
        ("/", "/", {}),
        ("/letters", "/letters", {}),
        ("/letters/", "/letters", {}),
        ("/letters/7", "/letters/{id}", {"id": "7"}),
        ("/letters/7/", "/letters/{id}", {"id": "7"}),
        ("/letters/drafts", "/letters/drafts", {}),
        ("/letters/7/copies/2", "/letters/{id}/copies/{copy}", {"id": "7", "copy": "2"}),
        ("/letters/drafts/copies", "/letters/drafts/copies", {}),
        ("/letters/drafts/copies/2", "/letters/{id}/copies/{copy}", {"id": "drafts", "copy": "2"}),
        ("/boxes/mine/notes", "/boxes/{box}/notes", {"box": "mine"}),
        ("/boxes/mine/7/pages", "/boxes/mine/{note}/pages", {"note": "7"}),
        ("/letters/a%2Fb", "/letters/{id}", {"id": "a/b"}),
        ("/letters/e%40mail", "/letters/{id}", {"id": "e@mail"}),
        ("/letters/e@mail", "/letters/{id}", {"id": "e@mail"}),
        ("/letters/a+b", "/letters/{id}", {"id": "a+b"}),
        ("/letters/%C3%A9", "/letters/{id}", {"id": "é"}),
        ("/letters/%00", "/letters/{id}", {"id": "\0"}),
        ("/l%65tters/dr%61fts", "/letters/drafts", {}),
        ("/letters/{id}", "/letters/{id}", {"id": "{id}"}),
    ],
)
def test_a_path_leads_to_its_target(routes: Routes[str], path: str, target: str, values: dict[str, str]) -> None:
    assert routes.match("GET", path) == (target, values)


@pytest.mark.parametrize(
    "path",
    ["//", "/nothing", "/letters/7/copies", "/letters//", "/letters//copies/2", "//letters", "/letters/7/x/2"],
)
def test_an_unknown_path_allows_no_method(routes: Routes[str], path: str) -> None:
    assert routes.match("GET", path) == frozenset()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/letters", {"GET", "POST"}),
        ("PUT", "/letters/", {"GET", "POST"}),
        ("POST", "/letters/7", {"GET", "DELETE"}),
        ("POST", "/letters/drafts", {"GET", "DELETE"}),
        ("get", "/letters", {"GET", "POST"}),
        ("OPTIONS", "/", {"GET"}),
    ],
)
def test_a_method_that_is_not_taken_gets_those_that_are(
    routes: Routes[str], method: str, path: str, allowed: set[str]
) -> None:
    assert routes.match(method, path) == frozenset(allowed)


def test_parameters_are_named_by_each_operation(routes: Routes[str]) -> None:
    assert routes.match("DELETE", "/letters/7") == ("burn", {"number": "7"})


def test_where_the_static_branch_lacks_the_method_the_parameter_takes_over(routes: Routes[str]) -> None:
    assert routes.match("DELETE", "/letters/drafts") == ("burn", {"number": "drafts"})


def test_slashes_are_merged_where_the_vendor_does() -> None:
    routes: Routes[str] = Routes(merge_slashes=True)
    routes.add("GET", "/letters/{id}/copies", "copies")
    assert routes.match("GET", "//letters///7/copies//") == ("copies", {"id": "7"})


@pytest.mark.parametrize("path", ["/letters", "/letters/", "/letters/{number}", "/letters/{id}/copies/{id2}"])
def test_a_route_is_declared_once(routes: Routes[str], path: str) -> None:
    with pytest.raises(ValueError, match="is declared twice"):
        routes.add("GET", path, "again")


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("letters", "does not begin with a slash"),
        ("", "does not begin with a slash"),
        ("/letters/{id}.json", "braces that are no whole segment"),
        ("/letters/{id", "braces that are no whole segment"),
        ("/letters/{}", "braces that are no whole segment"),
        ("/letters/{1}", "braces that are no whole segment"),
        ("/{id}/{id}", "names a parameter twice"),
    ],
)
def test_a_malformed_path_is_refused(path: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Routes[str]().add("GET", path, "x")


def test_parameters_are_listed_in_their_order() -> None:
    assert path_parameters("/a/{b}/c/{D_1}") == ("b", "D_1")
    assert path_parameters("/") == ()


SEGMENTS = st.sampled_from(["a", "b", "{p}", "c d", "é"])
TEMPLATES = st.lists(st.tuples(st.sampled_from(["GET", "POST"]), st.lists(SEGMENTS, max_size=4)), max_size=12)
ASKED = st.lists(st.sampled_from(["a", "b", "c d", "c%20d", "x", "", "%C3%A9", "é", "a%2Fb", "%"]), max_size=5)


def spelt(segments: list[str]) -> str:
    names = iter("pqrstuvw")
    return "/" + "/".join(f"{{{next(names)}}}" if segment == "{p}" else segment for segment in segments)


def naive(segments: list[str]) -> re.Pattern[str]:
    parts = ["/([^/]+)" if segment == "{p}" else "/" + re.escape(segment) for segment in segments]
    return re.compile("".join(parts) + "/?" if parts else "/", re.DOTALL)


@given(TEMPLATES, ASKED, st.sampled_from(["GET", "POST", "PUT"]))
@settings(max_examples=500, deadline=None)
def test_the_tree_finds_what_a_scan_with_regular_expressions_finds(
    templates: list[tuple[str, list[str]]], asked: list[str], method: str
) -> None:
    routes: Routes[tuple[str, str]] = Routes()
    known: dict[tuple[str, str], list[str]] = {}
    for taken, segments in templates:
        target = taken, spelt(segments)
        if target in known:
            with pytest.raises(ValueError, match="declared twice"):
                routes.add(*target, target)
        else:
            routes.add(*target, target)
            known[target] = segments
    # The oracle tries every route on the decoded path, a slash within a segment being told apart from one between.
    decoded = "/" + "/".join(unquote(segment).replace("/", "\1") for segment in asked)
    found = {target: match for target, segments in known.items() if (match := naive(segments).fullmatch(decoded))}
    response = routes.match(method, "/" + "/".join(asked))
    fitting = [target for target in found if target[0] == method]
    if fitting:
        best = min(fitting, key=lambda target: [segment == "{p}" for segment in known[target]])
        values = [value.replace("\1", "/") for value in found[best].groups()]
        assert response == (best, dict(zip(path_parameters(best[1]), values, strict=True)))
    else:
        assert response == frozenset(taken for taken, _ in found)


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_text_gets_through_a_path_in_its_encoded_form(text: str) -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/letters/{id}", "letter")
    assert routes.match("GET", f"/letters/{quote(text, safe='')}") == ("letter", {"id": text})
