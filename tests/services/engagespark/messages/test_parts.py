"""How many parts a text makes, held against a reference that encodes it."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from sparkbox.services.engagespark.messages import parts
from tests.services.engagespark.api import GLOBE, Api

# 3GPP TS 23.038, 6.2.1, read column by column from the table; a blank where the escape stands.
DEFAULT_TABLE = (
    "@Δ 0¡P¿p£_!1AQaq$Φ\"2BRbr¥Γ#3CScsèΛ¤4DTdtéΩ%5EUeuùΠ&6FVfvìΨ'7GWgwòΣ(8HXhxÇΘ)9IYiy"
    "\nΞ*:JZjzØ\x1b+;KÄkäøÆ,<LÖlö\ræ-=MÑmñÅß.>NÜnüåÉ/?O§oà"
)
EXTENSION_TABLE = "\f^{}\\[~]|€"


def reference(text: str) -> int:
    """Encode the text into septets or UTF-16, and divides the length."""
    septets: list[int] = []
    default = DEFAULT_TABLE.replace("\x1b", "")
    for character in text:
        if character in EXTENSION_TABLE:
            septets += [27, EXTENSION_TABLE.index(character)]
        elif character in default:
            septets += [DEFAULT_TABLE.index(character)]
    if all(character in EXTENSION_TABLE or character in default for character in text):
        return 1 if len(septets) <= 160 else math.ceil(len(septets) / 153)
    units = len(text.encode("utf-16-be")) // 2
    return 1 if units <= 70 else math.ceil(units / 67)


def test_gsm_tables_are_complete() -> None:
    assert len(DEFAULT_TABLE) == 128
    assert frozenset(DEFAULT_TABLE) - {"\x1b"} == parts.GSM
    assert frozenset(EXTENSION_TABLE) == parts.EXTENSION


plain = st.sampled_from(DEFAULT_TABLE.replace("\x1b", ""))
extended = st.sampled_from(EXTENSION_TABLE)
foreign = st.characters(exclude_categories=["Cs"])
texts = st.one_of(
    st.text(plain, max_size=400),
    st.text(st.one_of(plain, extended), max_size=400),
    st.text(st.one_of(plain, extended, foreign), max_size=200),
    st.builds(lambda character, length: character * length, st.one_of(plain, extended, foreign), st.integers(0, 1100)),
)


@given(texts)
def test_part_count_agrees_with_encoding(text: str) -> None:
    assert parts.count(text) == reference(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts.filter(bool), min_size=1, max_size=5), st.sampled_from([GLOBE, "12025550123"]))
def test_parts_decide_price_and_limit_of_an_sms(sent: list[str], number: str) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    left = api.micro
    for text in sent:
        body = {"orgId": 1, "from": "ACME", "message": text, "fullPhoneNumber": number}
        response = api.send("POST", "/v1/sms/phonenumber", body)
        fields, expected = response.json(), reference(text)
        if expected > parts.MOST_PARTS:
            assert (response.status_code, fields["errorCode"]) == (400, "sms.toolong")
            continue
        assert (response.status_code, fields["estimateParts"]) == (200, expected)
        cost = expected * fields["estimateMicro"]
        assert Decimal(fields["estimate"]) == Decimal(cost // 10_000) / 100
        left -= cost
        assert api.micro == left
    api.http.close()


@given(texts, texts)
def test_longer_text_never_has_fewer_parts(text: str, more: str) -> None:
    assert parts.count(text + more) >= parts.count(text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 1071, 7),
        ("a" * 1072, 8),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 469, 7),
        ("я" * 470, 8),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ç" + "a" * 69, 1),
        ("ç" + "a" * 70, 2),
    ],
)
def test_part_sizes_are_as_documented(text: str, count: int) -> None:
    assert parts.count(text) == count
