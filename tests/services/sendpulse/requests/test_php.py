"""PHP's serialized text and bracketed field names, against serializers written here from PHP's own description."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sendpulse.requests.php import (
    MAX_BRACKETS,
    MAX_DEPTH,
    MAX_FIELDS,
    FormFields,
    Undecodable,
    unserialize,
)


def serialize(value: Any) -> bytes:
    """What PHP's serialize() writes for a value."""
    if value is None:
        return b"N;"
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    if isinstance(value, float):
        return b"d:%b;" % repr(value).encode()
    if isinstance(value, str):
        text = value.encode()
        return b's:%d:"%b";' % (len(text), text)
    entries = list(enumerate(value)) if isinstance(value, list) else list(value.items())
    return b"a:%d:{%b}" % (len(entries), b"".join(serialize(key) + serialize(item) for key, item in entries))


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# Keys that no list has, for a dictionary with the keys 0 to n-1 is a list in PHP.
names = texts.filter(lambda name: not name.isdecimal())
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(names, inner, min_size=1, max_size=5),
    max_leaves=25,
)


def is_plain_or_refused(text: bytes) -> bool:
    """Whether a text is refused or gives a value that can be written as JSON; any other exception goes through."""
    try:
        value = unserialize(text)
    except Undecodable:
        return True
    return bool(orjson.loads(orjson.dumps(value)) == value)


def fields(*pairs: tuple[str, str]) -> dict[str, object]:
    collected = FormFields()
    for name, value in pairs:
        collected.add(name, value)
    return collected.mapping()


@settings(max_examples=300)
@given(values)
def test_every_value_comes_back_as_it_was_serialized(value: object) -> None:
    assert unserialize(serialize(value)) == value


@settings(max_examples=300)
@given(values, st.data())
def test_text_that_is_cut_off_anywhere_is_refused(value: object, data: st.DataObject) -> None:
    text = serialize(value)
    with pytest.raises(Undecodable):
        unserialize(text[: data.draw(st.integers(0, len(text) - 1))])


@settings(max_examples=300)
@given(values, st.data())
def test_damaged_text_gives_a_plain_value_or_is_refused(value: object, data: st.DataObject) -> None:
    text = bytearray(serialize(value))
    text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    assert is_plain_or_refused(bytes(text))


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text('abdisNO:;{}"0123456789.-+e', max_size=60).map(str.encode))
def test_any_bytes_give_a_plain_value_or_are_refused(text: bytes) -> None:
    assert is_plain_or_refused(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"N;", None),
        (b"b:1;", True),
        (b"b:0;", False),
        (b"i:-7;", -7),
        (b"i:+7;", 7),
        (b"d:0.25;", 0.25),
        (b"d:1.5E+25;", 1.5e25),
        (b"d:.5;", 0.5),
        (b's:0:"";', ""),
        (b's:3:"a";";', 'a";'),
        (b"a:0:{}", []),
        (b'a:2:{i:0;s:1:"a";i:1;s:1:"b";}', ["a", "b"]),
        (b'a:1:{i:1;s:1:"a";}', {"1": "a"}),
        (b'a:2:{i:1;s:1:"b";i:0;s:1:"a";}', ["a", "b"]),
        (b'a:2:{s:1:"0";s:1:"a";i:1;s:1:"b";}', ["a", "b"]),
        (b'a:2:{i:5;s:1:"a";s:1:"5";s:1:"b";}', {"5": "b"}),
        (b'a:1:{s:9:"__proto__";a:0:{}}', {"__proto__": []}),
        (b"a:0:{} \r\n", []),
    ],
)
def test_php_text_is_read(text: bytes, value: object) -> None:
    assert unserialize(text) == value


def test_lengths_count_utf8_bytes() -> None:
    assert unserialize('s:12:"Привет";'.encode()) == "Привет"


def test_length_in_characters_is_refused() -> None:
    with pytest.raises(Undecodable, match="broken off or wrong at byte"):
        unserialize('s:6:"Привет";'.encode())


def test_whole_number_written_as_a_double_stays_whole() -> None:
    number = unserialize(b"d:380971234567;")
    assert number == 380971234567
    assert isinstance(number, int)


def test_what_the_vendors_php_client_sends_for_a_mail_is_read() -> None:
    text = (
        'a:4:{s:4:"html";s:12:"PGI+SGk8L2I+";s:7:"subject";s:10:"Grüße…";'
        's:4:"from";a:2:{s:4:"name";s:3:"Ann";s:5:"email";s:15:"ann@example.com";}'
        's:2:"to";a:1:{i:0;a:1:{s:5:"email";s:15:"bob@example.com";}}}'
    )
    assert unserialize(text.encode()) == {
        "html": "PGI+SGk8L2I+",
        "subject": "Grüße…",
        "from": {"name": "Ann", "email": "ann@example.com"},
        "to": [{"email": "bob@example.com"}],
    }


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"N",
        b"b:2;",
        b"i:;",
        b"i:1.5;",
        b"i:9223372036854775808;",
        b"i:1e+21;",
        b"d:NAN;",
        b"d:INF;",
        b"d:-INF;",
        b"d:1e999;",
        b's:-1:"";',
        b's:99999999999999999999:"";',
        b's:2:"\xff\xfe";',
        b'a:1:{s:1:"a";}',
        b"a:2:{i:0;N;}",
        b"a:1:{i:0;N;",
        b"a:1:{b:1;N;}",
        b"a:1:{N;N;}",
        b"a:1:{d:1;N;}",
        b"a:1:{a:0:{}N;}",
        b"a:-1:{}",
        b'O:8:"stdClass":0:{}',
        b'C:11:"ArrayObject":0:{}',
        b'E:7:"Foo:Bar";',
        b'S:1:"\\41";',
        b"a:2:{i:0;a:0:{}i:1;R:2;}",
        b"a:2:{i:0;a:0:{}i:1;r:2;}",
        b"i:1;i:2;",
        b"a:0:{};",
    ],
)
def test_php_text_is_refused(text: bytes) -> None:
    with pytest.raises(Undecodable):
        unserialize(text)


def test_nesting_is_read_up_to_the_limit_and_refused_beyond() -> None:
    def nested(levels: int) -> bytes:
        return b"a:1:{i:0;" * levels + b"N;" + b"}" * levels

    value: object = None
    for _ in range(MAX_DEPTH):
        value = [value]
    assert unserialize(nested(MAX_DEPTH)) == value
    with pytest.raises(Undecodable, match="deeper than 64 levels"):
        unserialize(nested(MAX_DEPTH + 1))
    with pytest.raises(Undecodable, match="deeper than 64 levels"):
        unserialize(nested(100_000))


def test_elements_of_all_levels_are_limited_together() -> None:
    half = b"a:%d:{%b}" % (MAX_FIELDS // 2, b"".join(b"i:%d;N;" % index for index in range(MAX_FIELDS // 2)))
    assert isinstance(unserialize(half), list)
    with pytest.raises(Undecodable, match="more than 100000 elements"):
        unserialize(b"a:2:{i:0;%bi:1;%b}" % (half, half))


def test_announced_size_without_content_is_refused_at_once() -> None:
    with pytest.raises(Undecodable, match="shorter than the 9999999999 elements"):
        unserialize(b"a:9999999999:{}")


@pytest.mark.parametrize(
    ("names", "result"),
    [
        (["a"], {"a": "0"}),
        (["a", "a"], {"a": "1"}),
        (["a[]", "a[]"], {"a": ["0", "1"]}),
        (["a[ ]", "a[]"], {"a": ["0", "1"]}),
        (["a[x]", "a[x]"], {"a": {"x": "1"}}),
        (["a[0][b]", "a[0][c]", "a[1][b]"], {"a": [{"b": "0", "c": "1"}, {"b": "2"}]}),
        (["a[][b]", "a[][b]"], {"a": [{"b": "0"}, {"b": "1"}]}),
        (["a[1]", "a[0]"], {"a": ["1", "0"]}),
        (["a[5]", "a[]"], {"a": {"5": "0", "6": "1"}}),
        (["a[-5]", "a[]"], {"a": {"-5": "0", "0": "1"}}),
        (["a[x]", "a[]"], {"a": {"x": "0", "0": "1"}}),
        (["a[0]", "a[00]"], {"a": {"0": "0", "00": "1"}}),
        (["a[999999999]"], {"a": {"999999999": "0"}}),
        (["a[99999999999999999999999]", "a[]"], {"a": {"99999999999999999999999": "0", "0": "1"}}),
        (["a[999999999999999999]", "a[]", "a[]"], {"a": {str(10**18 - 1 + step): str(step) for step in range(3)}}),
        (["a", "a[b]"], {"a": {"b": "1"}}),
        (["a[b]", "a"], {"a": "1"}),
        (["a[b]", "a[b][c]"], {"a": {"b": {"c": "1"}}}),
        (["a[b]c"], {"a": {"b": "0"}}),
        (["a[b]c[d]"], {"a": {"b": "0"}}),
        (["a[b][c"], {"a": {"b": "0"}}),
        (["a[b[c]"], {"a": {"b[c": "0"}}),
        (["a[b.c d]"], {"a": {"b.c d": "0"}}),
        (["a.b c"], {"a_b_c": "0"}),
        (["a[b"], {"a_b": "0"}),
        (["a]b"], {"a]b": "0"}),
        (["  a"], {"a": "0"}),
        (["", "[a]", "[", "[]", " "], {}),
        (["__proto__[constructor]", "__class__"], {"__proto__": {"constructor": "0"}, "__class__": "1"}),
        (["0", "1"], {"0": "0", "1": "1"}),
    ],
)
def test_names_are_put_together_as_php_does(names: list[str], result: dict[str, object]) -> None:
    assert fields(*((name, str(index)) for index, name in enumerate(names))) == result


def test_fields_named_by_their_numbers_are_a_list() -> None:
    collected = FormFields()
    collected.add("0", "ann@example.com")
    collected.add("1", "bob@example.com")
    assert collected.structure() == ["ann@example.com", "bob@example.com"]


def test_brackets_of_one_name_are_limited() -> None:
    assert fields(("a" + "[b]" * MAX_DEPTH, "x"))
    with pytest.raises(Undecodable, match="more than 64 brackets"):
        fields(("a" + "[b]" * (MAX_DEPTH + 1), "x"))
    with pytest.raises(Undecodable, match="more than 64 brackets"):
        fields(("a" + "[]" * 100_000, "x"))


def test_brackets_of_all_names_are_limited_together() -> None:
    name = "a" + "[]" * MAX_DEPTH
    with pytest.raises(Undecodable, match="more than 200000 brackets together"):
        fields(*((name, "x") for _ in range(MAX_BRACKETS // MAX_DEPTH + 1)))


def test_number_of_fields_is_limited() -> None:
    collected = FormFields()
    for index in range(MAX_FIELDS):
        collected.add(f"field{index}", "")
    assert len(collected.mapping()) == MAX_FIELDS
    with pytest.raises(Undecodable, match="more than 100000 fields"):
        collected.add("one more", "")
