"""What a request has to be like: by operation, path, query, headers and body."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.declare.schema import Invalid, Problem
from sparkbox.core.request.http import Request
from sparkbox.core.testing.patterns import ABSENT, Pattern, body_of, look_up
from tests.core.api import SERVICE

SEND = SERVICE.operations["send_letter"]
BODY = {"to": {"address": "you@example.com"}, "copies": [{"address": "me@example.com"}], "text": "hello", "a/b~c": 1}
REQUEST = Request(
    "POST",
    "/v1/letters",
    b"size=10&to=a%20b",
    [(b"x-key", b"mock-a"), (b"x-tag", b"one"), (b"x-tag", b"two")],
    orjson.dumps(BODY),
)


def fits(request: Request = REQUEST, **conditions: Any) -> bool:
    return Pattern(**conditions).matches(SERVICE, SEND, request)


@pytest.mark.parametrize(
    "conditions",
    [
        {},
        {"service": "post"},
        {"service": "post", "operation": "send_letter"},
        {"service": "post", "operation": "POST /v1/letters"},
        {"method": "post"},
        {"path": "/v1/letters"},
        {"path": "/*/letters"},
        {"query": {"size": "10", "to": "a b"}},
        {"headers": {"X-Tag": "one"}},
        {"headers": {"x-tag": "two", "x-key": "mock-a"}},
        {"contains": '"text":"hello"'},
        {"fields": {"/to/address": "you@example.com", "/copies/0/address": "me@example.com"}},
        {"fields": {"/to": {"address": "you@example.com"}, "/a~1b~0c": 1}},
        {"fields": {"": BODY}},
    ],
)
def test_a_request_fits_what_is_said_of_it(conditions: dict[str, Any]) -> None:
    assert fits(**conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        {"service": "bank"},
        {"service": "post", "operation": "list_letters"},
        {"service": "post", "operation": "/v1/letters"},
        {"method": "GET"},
        {"path": "/v1/letter"},
        {"path": "/v1/letters/"},
        {"path": "/v1/*/1"},
        {"path": "/v1*"},
        {"query": {"size": "11"}},
        {"query": {"size": "10", "other": ""}},
        {"headers": {"x-tag": "three"}},
        {"headers": {"x-other": "one"}},
        {"contains": "HELLO"},
        {"fields": {"/to/address": "me@example.com"}},
        {"fields": {"/copies/1": None}},
        {"fields": {"/copies/00": {"address": "me@example.com"}}},
        {"fields": {"/text/0": "h"}},
        {"fields": {"/a~1b~0c": True}},
        {"fields": {"/to": {"address": "you@example.com", "name": None}}},
    ],
)
def test_a_request_that_is_otherwise_does_not_fit(conditions: dict[str, Any]) -> None:
    assert not fits(**conditions)


def test_a_star_stands_for_one_segment_that_is_there() -> None:
    pattern = Pattern(path="/v1/letters/*")
    paths = ["/v1/letters/7", "/v1/letters/", "/v1/letters", "/v1/letters/7/8"]
    assert [pattern.matches(SERVICE, None, Request("GET", path)) for path in paths] == [True, False, False, False]


def test_an_unknown_path_fits_no_operation() -> None:
    assert not Pattern("post", "send_letter").matches(SERVICE, None, REQUEST)
    assert Pattern("post", path="/v1/letters").matches(SERVICE, None, REQUEST)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b"[]", b"1"])
def test_a_body_without_the_field_does_not_fit(body: bytes) -> None:
    assert not fits(Request("POST", "/v1/letters", body=body), fields={"/to": None})


def test_a_query_with_too_many_parameters_does_not_fit() -> None:
    assert not fits(Request("POST", "/v1/letters", b"a&" * 2000), query={"a": ""})


def test_fields_are_those_that_the_service_decodes() -> None:
    def form(request: Request) -> Any:
        return {"name": request.body.decode(), "file": b"\x00"}

    service = replace(SERVICE, decode_body=form)
    assert body_of(service, Request("POST", "/", body=b"Ada")) == {"name": "Ada", "file": "AA=="}


def test_a_body_that_the_service_refuses_has_no_fields() -> None:
    def refuse(request: Request) -> Any:
        raise Invalid([Problem("body", (), "json_invalid", "no")])

    assert body_of(replace(SERVICE, decode_body=refuse), REQUEST) is ABSENT


@pytest.mark.parametrize(
    ("conditions", "words"),
    [
        ({"operation": "send_letter"}, "name the service"),
        ({"path": "v1/letters"}, "begins with a slash"),
        ({"fields": {"to": 1}}, "is no JSON pointer"),
    ],
)
def test_what_no_request_could_fit_is_refused(conditions: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Pattern(**conditions)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=10,
)


def places(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every value within a value, by its pointer."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(pointer, value)]
    for name, item in inner:
        found += places(item, f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}")
    return found


@given(JSON)
def test_every_value_is_found_by_its_pointer(value: Any) -> None:
    for pointer, inner in places(value):
        assert look_up(value, pointer) == inner


@given(JSON, JSON)
def test_a_field_fits_its_own_value_and_no_other(one: Any, other: Any) -> None:
    request = Request("POST", "/v1/letters", body=orjson.dumps({"field": one}))
    assert fits(request, fields={"/field": one})
    differs = orjson.dumps(one, option=orjson.OPT_SORT_KEYS) != orjson.dumps(other, option=orjson.OPT_SORT_KEYS)
    if differs and one != other:
        assert not fits(request, fields={"/field": other})


@given(JSON, st.text(max_size=20))
def test_any_pointer_leads_to_something_or_nothing(value: Any, pointer: str) -> None:
    found = look_up(value, pointer)
    assert found is ABSENT or any(found == inner for _, inner in places(value))
