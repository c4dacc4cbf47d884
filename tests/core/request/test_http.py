"""Requests and answers."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.core.declare.schema import Invalid
from sparkbox.core.request.body_budget import BodyBudget
from sparkbox.core.request.http import (
    MOST_FIELDS,
    BodyTooLarge,
    Disconnected,
    Incoming,
    Request,
    Response,
    decode_segment,
    json_response,
    to_json,
)


def with_header(name: bytes, value: bytes) -> Request:
    return Request("GET", "/", b"", [(name, value)])


def test_a_header_is_found_by_its_lower_case_name() -> None:
    request = Request("GET", "/", b"", [(b"x-one", b"1"), (b"x-two", b"2"), (b"x-two", b"3")])
    assert request.header(b"x-one") == "1"
    assert request.header(b"x-two") == "3"
    assert request.header(b"x-three") is None


@pytest.mark.parametrize(
    ("sent", "read"),
    [(b"application/json", "application/json"), (b" Application/JSON ; charset=utf-8", "application/json"), (b"", "")],
)
def test_the_content_type_is_bare_and_lower_case(sent: bytes, read: str) -> None:
    assert with_header(b"content-type", sent).content_type == read


def test_a_request_without_content_type_has_an_empty_one() -> None:
    assert Request("GET", "/").content_type == ""


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        (b"", {}),
        (b"a=1&b=two", {"a": "1", "b": "two"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=&b", {"a": "", "b": ""}),
        (b"a=b+c%2Bd", {"a": "b c+d"}),
        ("a=é&b=%C3%A9".encode(), {"a": "é", "b": "é"}),
        (b"a=%ff\xff", {"a": "\ufffd\ufffd"}),
    ],
)
def test_a_query_is_decoded(query: bytes, fields: dict[str, str]) -> None:
    assert Request("GET", "/", query).query_dict() == fields


def test_a_query_of_too_many_fields_is_invalid() -> None:
    assert len(Request("GET", "/", b"&".join(b"f%d=" % n for n in range(MOST_FIELDS))).query_dict()) == MOST_FIELDS
    with pytest.raises(Invalid) as raised:
        Request("GET", "/", b"a&" * MOST_FIELDS + b"a").query_dict()
    assert raised.value.problems[0].where == "query"
    assert raised.value.problems[0].kind == "too_long"


@given(st.text(alphabet=st.characters(exclude_characters=":", exclude_categories=["Cs"])), st.text())
def test_basic_credentials_are_read(user: str, password: str) -> None:
    try:
        value = base64.b64encode(f"{user}:{password}".encode())
    except UnicodeEncodeError:
        return
    assert with_header(b"authorization", b"Basic " + value).basic_credentials() == (user, password)


@given(st.binary())
def test_no_authorization_is_too_odd_to_be_looked_at(value: bytes) -> None:
    for sent in (value, b"Basic " + value, b"basic " + base64.b64encode(value)):
        request = with_header(b"authorization", sent)
        credentials = request.basic_credentials()
        assert credentials is None or len(credentials) == 2
        assert request.bearer_token() is None or sent[:6].lower() == b"bearer"


@pytest.mark.parametrize(
    "value", [b"", b"Basic", b"Basic !!", b"Bearer dXNlcjpwYXNz", b"Basic \xff", b"Basic dXNlcg=="]
)
def test_malformed_basic_header_has_no_credentials(value: bytes) -> None:
    assert with_header(b"authorization", value).basic_credentials() is None
    assert Request("GET", "/").basic_credentials() is None


@pytest.mark.parametrize(
    ("value", "scheme", "token"),
    [
        (b"Bearer abc", "bearer", "abc"),
        (b"bearer  abc ", "bearer", "abc"),
        (b"Token abc", "token", "abc"),
        (b"Token abc", "bearer", None),
        (b"Bearer ", "bearer", None),
        (b"Bearer", "bearer", None),
    ],
)
def test_a_token_follows_its_scheme(value: bytes, scheme: str, token: str | None) -> None:
    assert with_header(b"authorization", value).bearer_token(scheme) == token


@pytest.mark.parametrize(
    ("segment", "text"),
    [("plain", "plain"), ("a%20b", "a b"), ("a+b", "a+b"), ("e%40mail", "e@mail"), ("%C3%A9", "é"), ("%zz", "%zz"),
     ("%2F", "/"), ("%00", "\0"), ("%ff", "\ufffd")],
)  # fmt: skip
def test_a_path_segment_is_decoded(segment: str, text: str) -> None:
    assert decode_segment(segment) == text


def test_response_is_json_by_default() -> None:
    response = json_response(201, {"a": [1, None]}, [(b"x-more", b"1")])
    assert (response.status, response.body) == (201, b'{"a":[1,null]}')
    assert response.headers == [(b"content-type", b"application/json"), (b"x-more", b"1")]
    assert response.json() == {"a": [1, None]}


def test_responses_never_share_headers() -> None:
    first, second = Response(200), Response(200)
    first.headers.append((b"x-one", b"1"))
    assert second.headers == [(b"content-type", b"application/json")]


def test_numbers_beyond_64_bits_go_out_as_floats() -> None:
    assert orjson.loads(to_json({"n": [10**30, -(2**63) - 1, 2**64]})) == {"n": [1e30, -(2.0**63), 2.0**64]}
    assert to_json({"n": 10**400}) == b'{"n":null}'
    assert to_json({"n": [2**64 - 1, -(2**63)]}) == b'{"n":[18446744073709551615,-9223372036854775808]}'


def test_half_a_surrogate_pair_goes_out_as_a_question_mark() -> None:
    assert to_json({"\ud800": ("a\udfff", True)}) == b'{"?":["a?",true]}'


def test_payload_that_is_no_json_is_a_bug() -> None:
    with pytest.raises(TypeError):
        to_json({"o": object()})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_json_can_be_a_response(value: Any) -> None:
    orjson.loads(to_json(value))


def receiver(*chunks: bytes | None) -> Callable[[], Awaitable[dict[str, Any]]]:
    """The messages of a request whose body comes in chunks; ``None``: the client leaves."""
    messages = [
        {"type": "http.disconnect"}
        if chunk is None
        else {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    receive.messages = messages  # type: ignore[attr-defined]
    return receive


@pytest.mark.asyncio
@pytest.mark.parametrize("chunks", [(b"",), (b"abcdef",), (b"abc", b"def"), (b"", b"abc", b"", b"def", b"")])
async def test_a_body_is_read_whole(chunks: tuple[bytes, ...]) -> None:
    assert await Incoming(BodyBudget(1000)).read(receiver(*chunks), 6) == b"".join(chunks)


@pytest.mark.asyncio
@pytest.mark.parametrize("chunks", [(b"abcdefg",), (b"abc", b"defg"), (b"abcdef", b"g", b"", b"h")])
async def test_a_body_beyond_the_limit_is_refused_when_it_was_read_to_its_end(chunks: tuple[bytes, ...]) -> None:
    receive = receiver(*chunks)
    with pytest.raises(BodyTooLarge):
        await Incoming(BodyBudget(1000)).read(receive, 6)
    assert receive.messages == []  # type: ignore[attr-defined]


@pytest.mark.asyncio
async def test_an_endless_body_is_not_read_for_ever() -> None:
    receive = receiver(*[b"abcdef"] * 100)
    with pytest.raises(BodyTooLarge):
        await Incoming(BodyBudget(1000)).read(receive, 6)
    assert len(receive.messages) > 80  # type: ignore[attr-defined]


@pytest.mark.asyncio
@pytest.mark.parametrize("chunks", [(None,), (b"abc", None), (b"abcdefg", b"abc", None)])
async def test_a_client_that_leaves_is_noticed(chunks: tuple[bytes | None, ...]) -> None:
    with pytest.raises(Disconnected):
        await Incoming(BodyBudget(1000)).read(receiver(*chunks), 6)
