"""The header X-MSYS-API: how it is read, and how it is refused."""

from __future__ import annotations

import email.policy
import json
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.relay import Rejected
from sparkbox.mail.headers import fields_in, split
from sparkbox.services.sparkpost.smtp.smtp_api import NAME, NO_JSON, Copy, Parameters, find, read, without


def api_error(value: str | dict[str, Any]) -> str:
    with pytest.raises(Rejected) as caught:
        read(value if isinstance(value, str) else json.dumps(value))
    return caught.value.reply


def test_x_msys_api_reads_all_its_fields() -> None:
    parameters = read(
        json.dumps(
            {
                "campaign_id": "my_campaign",
                "metadata": {"has_pets": True, "pet_name": "Spot"},
                "cc": [{"email": "cc@flintstone.example", "name": "CC 1"}],
                "bcc": ["bcc@flintstone.example"],
                "archive": [{"email": "archive@flintstone.example"}],
                "tags": ["cat", "dog"],
                "options": {
                    "open_tracking": False,
                    "click_tracking": True,
                    "transactional": False,
                    "skip_suppression": False,
                    "ip_pool": "my_ip_pool",
                    "inline_css": False,
                    "dkim_key": "marketing",
                },
            }
        )
    )
    assert parameters._replace(options={}) == Parameters(
        campaign_id="my_campaign",
        metadata={"has_pets": True, "pet_name": "Spot"},
        tags=("cat", "dog"),
        cc=(Copy("cc@flintstone.example", "CC 1"),),
        bcc=(Copy("bcc@flintstone.example"),),
        archive=(Copy("archive@flintstone.example"),),
        options={},
    )
    assert (parameters.options["click_tracking"], parameters.options["dkim_key"]) == (True, "marketing")


def test_unknown_fields_and_nulls_are_ignored() -> None:
    assert read(
        '{"substitution_data": {"a": 1}, "campaign_id": null, "options": {"x": 1, "ip_pool": null}}'
    ) == Parameters(options={}, metadata={})


def test_lines_are_joined_with_one_space_within_strings_too() -> None:
    assert read('{"campaign_id" : "my_awes\r\n   ome_campaign" }').campaign_id == "my_awes ome_campaign"
    assert read('{"tags" : ["cat",\r\n\t"dog"]\r\n }').tags == ("cat", "dog")


@pytest.mark.parametrize(
    "value",
    [
        r'{"campaign_id": "caf\u00e9"}',
        '{"campaign_id": "=?utf-8?q?caf=C3=A9?="}',
        '{"campaign_id": "=?utf-8?q?caf=C3?=\r\n =?utf-8?q?=A9?="}',
        "=?utf-8?b?eyJjYW1wYWlnbl9pZCI6ICJjYWbDqSJ9?=",
        '{"campaign_id": =?utf-8?q?=22caf=C3=A9=22=7D?=',
        '{"campaign_id": "caf\udcc3\udca9"}',
    ],
)
def test_non_ascii_can_be_escaped_or_encoded(value: str) -> None:
    assert read(value).campaign_id == "café"


def test_encoded_words_are_decoded_anywhere_in_the_header() -> None:
    word = "=?utf-8?q?caf=C3=A9?="
    parameters = read(
        json.dumps({"tags": [word], "metadata": {"a": {"b": [word]}}, "cc": [{"email": "a@b", "name": word}]})
    )
    assert parameters.tags == ("café",)
    assert parameters.metadata == {"a": {"b": ["café"]}}
    assert parameters.cc == (Copy("a@b", "café"),)


@pytest.mark.parametrize(
    "value",
    ["", "{", "[]", '"text"', "17", '{"a": 1,}', "{'a': 1}", '{"campaign_id": "\udcff"}', '{"tags": ["\\ud800"]}',
     "[" * 5000, '{"campaign_id": "a\nb"}'],
)  # fmt: skip
def test_invalid_x_msys_api_is_refused(value: str) -> None:
    assert api_error(value) == NO_JSON


@pytest.mark.parametrize(
    ("given", "reply"),
    [
        ({"metadata": "x"}, "550 5.6.0 X-MSYS-API 'metadata' must be of type 'json object'"),
        ({"campaign_id": 1}, "550 5.6.0 X-MSYS-API 'campaign_id' must be of type 'string'"),
        ({"tags": "cat"}, "550 5.6.0 X-MSYS-API 'tags' must be of type 'json array'"),
        ({"tags": [1]}, "550 5.6.0 X-MSYS-API 'tags' must be of type 'json array of strings'"),
        ({"cc": {}}, "550 5.6.0 X-MSYS-API 'cc' must be of type 'json array'"),
        ({"options": []}, "550 5.6.0 X-MSYS-API 'options' must be of type 'json object'"),
        ({"options": {"open_tracking": "yes"}}, "550 5.6.0 X-MSYS-API 'open_tracking' must be of type 'boolean'"),
        ({"options": {"dkim_key": 1}}, "550 5.6.0 X-MSYS-API 'dkim_key' must be of type 'string'"),
        ({"campaign_id": "x" * 65}, "550 5.6.0 smtpapi_campaign_id context is limited to 64 bytes"),
        ({"campaign_id": "é" * 33}, "550 5.6.0 smtpapi_campaign_id context is limited to 64 bytes"),
        ({"metadata": {"a": "x" * 10_000}}, "550 5.6.0 smtpapi_metadata context is limited to 10000 bytes"),
        ({"bcc": ["nobody"]}, "550 5.6.0 X-MSYS-API 'bcc' has an invalid recipient: nobody"),
        ({"cc": [{"name": "x"}]}, "550 5.6.0 X-MSYS-API 'cc' has an invalid recipient: null"),
        ({"archive": [["a@b"]]}, "550 5.6.0 X-MSYS-API 'archive' has an invalid recipient: json_array"),
        ({"cc": ["a@b"] * 600, "bcc": ["a@b"] * 401},
         "550 5.6.0 X-MSYS-API 'cc', 'bcc' and 'archive' are limited to 1000 recipients"),
    ],
)  # fmt: skip
def test_invalid_x_msys_api_fields_are_refused(given: dict[str, Any], reply: str) -> None:
    assert api_error(given) == reply


def test_a_campaign_of_64_bytes_and_a_thousand_copies_pass() -> None:
    parameters = read(json.dumps({"campaign_id": "é" * 32, "cc": ["a@b"] * 1000, "tags": [str(n) for n in range(12)]}))
    assert (len(parameters.cc), len(parameters.tags)) == (1000, 10)


def test_excessive_nesting_is_refused() -> None:
    deep = '{"metadata": ' + '{"a": ' * 300 + "1" + "}" * 301
    assert api_error(deep) == "550 5.6.0 X-MSYS-API field 'metadata' holds a value that is too large"


WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | WORDS,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(WORDS, children, max_size=3),
    max_leaves=20,
)


@given(
    metadata=st.dictionaries(WORDS, VALUES, max_size=5), campaign=WORDS.filter(lambda text: len(text.encode()) <= 64)
)
@settings(max_examples=200, deadline=None)
def test_folded_x_msys_api_is_read(metadata: dict[str, Any], campaign: str) -> None:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail[NAME] = json.dumps({"campaign_id": campaign, "metadata": metadata}, separators=(", ", ": "))
    parameters = find(fields_in(split(mail.as_bytes())[0]))
    assert parameters is not None
    # Folding may make one space of several where a line was broken; nothing else changes.
    assert squeezed(dict(parameters.metadata)) == squeezed(metadata)
    assert squeezed(parameters.campaign_id) == squeezed(campaign)


def squeezed(value: Any) -> str:
    return "".join(json.dumps(value, sort_keys=True, ensure_ascii=False).split())


@given(
    st.lists(st.sampled_from([b"A: 1\r\n", b"X-MSYS-API: {}\r\n", b"x-msys-api : {\r\n }\r\n", b"X-MSYS-APIS: 2\r\n"]))
)
@settings(deadline=None)
def test_x_msys_api_header_is_removed(lines: list[bytes]) -> None:
    head = b"".join(lines)
    kept = [line for line in lines if not line.lower().startswith((b"x-msys-api:", b"x-msys-api :"))]
    assert without(head) == b"".join(kept)
