"""Decoding requests in every way that SendPulse's clients write them."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sendpulse.requests.decoding import Undecodable, decode_base64, decode_body, decode_query, unpack

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=cut"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
structures = documents.filter(lambda document: isinstance(document, dict | list))

# What a form can carry: text at the leaves, nothing empty, and no dictionary that looks like a list.
names = st.text("abcxyzéж_-$", min_size=1, max_size=6) | st.just("__proto__")
form_values = st.recursive(
    texts,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4)
        | st.dictionaries(names | st.just("a.b c"), inner, min_size=1, max_size=4)
    ),
    max_leaves=15,
)
forms = st.dictionaries(names, form_values, min_size=1, max_size=5)


def bracketed(name: str, value: object) -> list[tuple[str, str]]:
    """A value as the form fields that PHP's http_build_query() makes of it."""
    if isinstance(value, str):
        return [(name, value)]
    entries: Any = enumerate(value) if isinstance(value, list) else value.items()  # type: ignore[attr-defined]
    return [field for key, item in entries for field in bracketed(f"{name}[{key}]", item)]


def form_fields(form: dict[str, Any]) -> list[tuple[str, str]]:
    return [field for name, value in form.items() for field in bracketed(name, value)]


def multipart(fields: list[tuple[str, str]], newline: str = "\r\n") -> bytes:
    parts = [
        f'--cut{newline}Content-Disposition: form-data; name="{name}"{newline}{newline}{value}{newline}'
        for name, value in fields
    ]
    return "".join([*parts, f"--cut--{newline}"]).encode()


def is_understood_or_refused(body: bytes, content_type: str) -> bool:
    """Whether a body gives a structure or is refused; any other exception goes through."""
    try:
        return isinstance(decode_body(body, content_type), dict | list)
    except Undecodable:
        return True


# JSON bodies


@settings(max_examples=200)
@given(
    structures,
    st.sampled_from(
        [JSON, "application/json;charset=utf-8", "Application/JSON ; charset=windows-1251", "text/json", ""]
    ),
    st.booleans(),
)
def test_json_comes_back_as_it_was_written(document: object, content_type: str, ascii_only: bool) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only, indent=1).encode()
    assert decode_body(body, content_type) == document
    assert decode_body(b"\xef\xbb\xbf" + body, content_type) == document


@settings(max_examples=100)
@given(structures, st.sampled_from([FORM, MULTIPART, "text/plain; charset=utf-8", "nonsense"]))
def test_json_is_understood_under_another_content_type(document: object, content_type: str) -> None:
    assert decode_body(b" \r\n" + orjson.dumps(document), content_type) == document


@pytest.mark.parametrize("content_type", [JSON, FORM, MULTIPART, "", "nonsense"])
@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf"])
def test_empty_body_is_an_empty_dictionary(body: bytes, content_type: str) -> None:
    assert decode_body(body, content_type) == {}


def test_json_null_is_an_empty_dictionary() -> None:
    assert decode_body(b"null", JSON) == {}


@pytest.mark.parametrize("body", [b"1", b'"text"', b"true", b"0.5"])
def test_json_body_must_be_an_object_or_an_array(body: bytes) -> None:
    with pytest.raises(Undecodable, match="neither an object nor an array"):
        decode_body(body, JSON)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": ',
        b'{"a": 1,}',
        b"{'a': 1}",
        b"[NaN]",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"[1e999]",
        b'["\\ud800"]',
        b"{} {}",
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("content_type", [JSON, FORM, ""])
def test_malformed_json_is_refused_with_its_place(body: bytes, content_type: str) -> None:
    with pytest.raises(Undecodable, match=r"^The body is not valid JSON: .* line \d+ column \d+"):
        decode_body(body, content_type)


def test_only_one_byte_order_mark_is_taken_off() -> None:
    with pytest.raises(Undecodable, match="not valid JSON"):
        decode_body(b"\xef\xbb\xbf" * 2 + b"{}", JSON)
    assert decode_body(b"\xef\xbb\xbf" * 2 + b"a=1", FORM) == {"\ufeffa": "1"}


def test_form_declared_as_json_is_refused() -> None:
    with pytest.raises(Undecodable, match="not valid JSON"):
        decode_body(b"bookName=News", JSON)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"a": "\xff"}', JSON),
        (b'{"a": "\xff"}', FORM),
        (b"a=\xff", FORM),
        (b"a=%C3", FORM),
        (b"%C3=a", FORM),
        (multipart([("a", "cut")]).replace(b"\r\ncut\r\n", b"\r\n\xff\r\n"), MULTIPART),
    ],
)
def test_text_that_is_not_utf8_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(Undecodable, match="not UTF-8"):
        decode_body(body, content_type)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[1, {"]": [', b"]}]")])
@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_json_is_read_up_to_64_levels_and_refused_beyond(opening: bytes, closing: bytes, content_type: str) -> None:
    levels = opening.count(b"[") + opening.count(b"{")
    allowed = 64 // levels
    innermost = b"[" * (64 % levels) + b"]" * (64 % levels) or b"0"
    assert decode_body(opening * allowed + innermost + closing * allowed, content_type)
    beyond = b"[" + opening * allowed + innermost + closing * allowed + b"]"
    with pytest.raises(Undecodable, match="deeper than 64 levels"):
        decode_body(beyond, content_type)


def test_empty_array_on_the_65th_level_is_refused() -> None:
    assert decode_body(b"[" * 64 + b"]" * 64, JSON)
    with pytest.raises(Undecodable, match="deeper than 64 levels"):
        decode_body(b"[" * 65 + b"]" * 65, JSON)


def test_brackets_inside_texts_neither_hide_nor_make_levels() -> None:
    level_hidden_by_text = b'["]",' * 65 + b"0" + b',"["]' * 65
    with pytest.raises(Undecodable, match="deeper than 64 levels"):
        decode_body(level_hidden_by_text, JSON)
    assert decode_body(orjson.dumps(["[" * 500, "}" * 500]), JSON) == ["[" * 500, "}" * 500]


@pytest.mark.parametrize(
    "document",
    [list(range(100_001)), {f"k{index}": 0 for index in range(100_001)}, [[0] * 50_000, [0] * 50_000]],
    ids=["array", "object", "both levels"],
)
def test_json_with_more_than_100000_fields_is_refused(document: object) -> None:
    with pytest.raises(Undecodable, match="more than 100000 fields"):
        decode_body(orjson.dumps(document), JSON)


def test_json_with_100000_fields_and_a_long_text_is_read() -> None:
    assert len(decode_body(orjson.dumps([0] * 100_000), JSON)) == 100_000
    assert decode_body(orjson.dumps({"csv": "1,2," * 200_000}), JSON) == {"csv": "1,2," * 200_000}


# Forms


@settings(max_examples=200)
@given(forms, st.sampled_from([FORM, "application/x-www-form-urlencoded; param=value", "", "nonsense"]))
def test_form_with_nested_brackets_comes_back(form: dict[str, Any], content_type: str) -> None:
    assert decode_body(urlencode(form_fields(form)).encode(), content_type) == form


@settings(max_examples=100)
@given(forms)
def test_brackets_and_letters_need_not_be_escaped(form: dict[str, Any]) -> None:
    body = "&".join(f"{name}={quote(value, safe='[]:{}/ éжü')}" for name, value in form_fields(form))
    assert decode_body(body.encode(), FORM) == form


@settings(max_examples=100)
@given(forms)
def test_clients_sorted_fields_make_the_same_lists(form: dict[str, Any]) -> None:
    assert decode_body(urlencode(sorted(form_fields(form))).encode(), FORM) == form


@settings(max_examples=100)
@given(names, structures)
def test_json_inside_a_form_field_comes_back(name: str, document: object) -> None:
    body = urlencode({name: json.dumps(document)}).encode()
    form = decode_body(body, FORM)
    assert isinstance(form, dict)
    assert unpack(form[name]) == document


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"bookName=News", {"bookName": "News"}),
        (b"a=1+2%2B3", {"a": "1 2+3"}),
        (b"a", {"a": ""}),
        (b"a=&b=x=y", {"a": "", "b": "x=y"}),
        (b"&&a=1&&b=2&", {"a": "1", "b": "2"}),
        (b"=1&a=2", {"a": "2"}),
        (b"=1", {}),
        (b"a=100%&b=%zz", {"a": "100%", "b": "%zz"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=1&a[b]=2", {"a": {"b": "2"}}),
        (b"a[b]=1&a=2", {"a": "2"}),
        (b"actions%5B%5D=open&actions%5B%5D=click", {"actions": ["open", "click"]}),
        (b"a[999999999]=x", {"a": {"999999999": "x"}}),
        (b"__proto__[x]=1", {"__proto__": {"x": "1"}}),
        (b"0=ann%40example.com&1=bob%40example.com", ["ann@example.com", "bob@example.com"]),
        (b"\xef\xbb\xbfa=1", {"a": "1"}),
        ("name=Книга".encode(), {"name": "Книга"}),
    ],
)
def test_form_names_are_decoded(body: bytes, result: object) -> None:
    assert decode_body(body, FORM) == result


def test_more_than_100000_form_fields_are_refused() -> None:
    body = b"&".join(b"f%d=" % index for index in range(100_000))
    assert len(decode_body(body, FORM)) == 100_000
    with pytest.raises(Undecodable, match="more than 100000 fields"):
        decode_body(body + b"&g=", FORM)
    with pytest.raises(Undecodable, match="more than 100000 fields"):
        decode_body(b"&" * 1_000_000, FORM)


def test_deep_brackets_are_refused() -> None:
    assert decode_body(b"a" + b"[b]" * 64 + b"=1", FORM)
    with pytest.raises(Undecodable, match="more than 64 brackets"):
        decode_body(b"a" + b"[b]" * 65 + b"=1", FORM)


# Multipart


@settings(max_examples=100)
@given(forms, st.sampled_from(["\r\n", "\n"]))
def test_multipart_fields_come_back(form: dict[str, Any], newline: str) -> None:
    assert decode_body(multipart(form_fields(form), newline), MULTIPART) == form


def test_multipart_as_curl_and_browsers_write_it() -> None:
    body = (
        b"preamble\r\n--X-1\r\n"
        b"content-disposition: form-data; name=grant_type\r\n\r\nclient_credentials\r\n"
        b"--X-1 \r\nContent-Type: text/plain; charset=UTF-8\r\n"
        b'Content-Disposition: form-data; name="a\\"b\\\\c"\r\n\r\ntwo\r\nlines\r\n--X-10\r\n\r\n'
        b"--X-1--\r\nepilogue"
    )
    expected = {"grant_type": "client_credentials", 'a"b\\c': "two\r\nlines\r\n--X-10\r\n"}
    assert decode_body(body, 'multipart/form-data; charset=utf-8; Boundary="X-1"') == expected


def test_multipart_without_fields_is_an_empty_dictionary() -> None:
    assert decode_body(b"--cut--\r\n", MULTIPART) == {}


def test_uploaded_file_keeps_its_bytes_name_and_type() -> None:
    body = (
        b'--cut\r\nContent-Disposition: form-data; name="content[0]"; filename="a; name=b.png"\r\n'
        b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\xff\r\n"
        b'--cut\r\nContent-Disposition: form-data; name="pathToStore"\r\n\r\n/test\r\n--cut--'
    )
    file = {"filename": "a; name=b.png", "content_type": "image/png", "content": b"\x89PNG\r\n\xff"}
    assert decode_body(body, MULTIPART) == {"content": [file], "pathToStore": "/test"}


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (multipart([("a", "1")]), "multipart/form-data", "no boundary"),
        (multipart([("a", "1")]), "multipart/form-data; boundary=other", "does not have the boundary"),
        (multipart([("a", "1")])[:-5], MULTIPART, "before its closing boundary"),
        (b"a=1", MULTIPART, "does not have the boundary"),
        (b"--cut", MULTIPART, "before its closing boundary"),
        (b"--cut\r\n--cut--\r\n", MULTIPART, "no end of its header"),
        (b"--cut\r\n\r\n1\r\n--cut--", MULTIPART, "has no name"),
        (b"--cut\r\nA: b\r\n\r\n1\r\n--cut--", MULTIPART, "has no name"),
        (b"--cut\r\nA: " + b"b" * 9000 + b"\r\n\r\n1\r\n--cut--", MULTIPART, "no end of its header"),
        (multipart([("a" + "[b]" * 65, "1")]), MULTIPART, "more than 64 brackets"),
    ],
)
def test_broken_multipart_is_refused(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(Undecodable, match=reason):
        decode_body(body, content_type)


# Anything


@settings(max_examples=400)
@given(
    st.binary(max_size=80)
    | st.text('{}[]":,a0.\\&=%+ -\r\n', max_size=80).map(str.encode)
    | st.lists(
        st.sampled_from(["--cut", "--", "\r\n", "Content-Disposition: form-data;", 'name="a[b]"', "x", "=", "[", "]"])
    )
    .map("".join)
    .map(str.encode),
    st.sampled_from([JSON, FORM, MULTIPART, ""])
    | st.text(max_size=30)
    | st.text().map("multipart/form-data; boundary=".__add__),
)
def test_any_bytes_are_understood_or_refused(body: bytes, content_type: str) -> None:
    assert is_understood_or_refused(body, content_type)


# Queries


@settings(max_examples=200)
@given(forms)
def test_query_parameters_come_back(form: dict[str, Any]) -> None:
    assert decode_query(urlencode(form_fields(form)).encode()) == form


@settings(max_examples=100)
@given(structures)
def test_json_document_as_the_query_is_ignored(document: object) -> None:
    text = json.dumps(document)
    assert decode_query(quote(text, safe="").encode()) == {}
    assert decode_query(quote(text, safe="!#$%'()*,/:;?@[]~&=").encode()) == {}
    assert decode_query(quote_plus(text).encode()) == {}


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_query_is_understood_or_refused(query: bytes) -> None:
    try:
        parameters = decode_query(query)
    except Undecodable:
        return
    assert orjson.loads(orjson.dumps(parameters)) == parameters


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        (b"", {}),
        (b"?", {}),
        (b"%7B%7D", {}),
        (b"%7B%22limit%22:%20100,%20%22offset%22:%200%7D", {}),
        (b"%7B%22limit%22", {'{"limit"': ""}),
        (b"%6Cimit=1", {"limit": "1"}),
        (b"limit=10&offset=0", {"limit": "10", "offset": "0"}),
        (b"from=&sender=a%40b.c", {"from": "", "sender": "a@b.c"}),
        (b"0=a&1=b", {"0": "a", "1": "b"}),
        (b"ids[]=1&ids[]=2&filter[0][b]=x", {"ids": ["1", "2"], "filter": [{"b": "x"}]}),
    ],
)
def test_query_is_decoded(query: bytes, parameters: dict[str, object]) -> None:
    assert decode_query(query) == parameters


def test_query_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(Undecodable, match="not UTF-8"):
        decode_query(b"a=%FF")


# Fields inside a body


@settings(max_examples=200)
@given(structures)
def test_json_text_is_unpacked(document: object) -> None:
    assert unpack(f" {json.dumps(document)}\n") == document


@settings(max_examples=200)
@given(documents.filter(lambda document: not isinstance(document, str)))
def test_structure_is_returned_itself(document: object) -> None:
    assert unpack(document) is document


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('a:1:{i:0;s:15:"ann@example.com";}', ["ann@example.com"]),
        ('a:1:{s:5:"email";s:12:"Привет";}', {"email": "Привет"}),
        ('s:15:"ann@example.com";', "ann@example.com"),
        ("a:0:{}", []),
    ],
)
def test_php_text_is_unpacked(text: str, value: object) -> None:
    assert unpack(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann@example.com",
        "380971234567",
        "true",
        "null",
        '"quoted"',
        "[urgent] read this",
        "{name}, hello",
        '{"cut": ',
        "[NaN]",
        "a: b",
        'a:1:{i:0;s:15:"ann@example.com";',
        's:6:"Привет";',
        'O:8:"stdClass":0:{}',
        "[" * 65 + "]" * 65,
        "[" * 5000,
        "a:1:{i:0;" * 65 + "N;" + "}" * 65,
        '["\ud800"]',
        's:3:"\ud800";',
    ],
)
def test_plain_or_damaged_text_is_returned_itself(text: str) -> None:
    assert unpack(text) is text


@settings(max_examples=300)
@given(st.text(max_size=40) | st.text('abdisN:;{}[]"0123456789,', max_size=40))
def test_any_text_can_be_unpacked(text: str) -> None:
    unpacked = unpack(text)
    assert unpacked is text or orjson.loads(orjson.dumps(unpacked)) == unpacked


# Base64


@settings(max_examples=200)
@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_base64_comes_back_with_line_breaks_and_without_padding(data: bytes, lines: bool, padded: bool) -> None:
    text = (base64.encodebytes(data) if lines else base64.b64encode(data)).decode()
    assert decode_base64(text if padded else text.replace("=", "")) == data


@pytest.mark.parametrize(
    "text",
    [
        "<b>Hi</b>",
        "YQ==YQ==",
        "=",
        "==",
        "YQ===",
        "=YQ=",
        "Y",
        "YWJjZ",
        "YW-_",
        "YWJ\x00",
        "Прив",
        "data:text/html;base64,YQ==",
    ],
)
def test_what_is_not_base64_is_refused(text: str) -> None:
    with pytest.raises(Undecodable, match="base64"):
        decode_base64(text)


@settings(max_examples=200)
@given(st.text(max_size=30) | st.text("YWJj+/= \r\n\t", max_size=30))
def test_any_text_is_base64_or_refused(text: str) -> None:
    try:
        data = decode_base64(text)
    except Undecodable:
        return
    canonical = "".join(text.split()).rstrip("=")
    assert len(base64.b64encode(data).decode().rstrip("=")) == len(canonical)
