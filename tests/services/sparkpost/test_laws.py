"""Laws of the room: whatever it is asked, it answers as the vendor would, and nobody's mail is lost or doubled."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.sparkpost.direct_client import DirectClient

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": {"email": "Ada@mail.example", "name": "Ada"}}

addresses = st.one_of(
    st.sampled_from(["ada@mail.example", "Grace <grace@mail.example>", "nobody", "a@b@c", "", "x@y", "ü@mail.example"]),
    st.emails(),
    st.text(max_size=20),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
recipients = st.lists(
    st.one_of(
        st.fixed_dictionaries({"address": addresses}),
        st.fixed_dictionaries(
            {"address": st.fixed_dictionaries({"email": addresses}, optional={"name": json_values})},
            optional={"tags": json_values, "metadata": json_values, "substitution_data": json_values},
        ),
        json_values,
    ),
    max_size=6,
)


@given(recipients)
@settings(max_examples=150, deadline=None)
def test_accepted_and_rejected_are_those_given_and_each_accepted_one_gets_a_message(given_ones: list[Any]) -> None:
    client = DirectClient()
    answer = client.ask(
        "POST", "/transmissions", raw=json.dumps({"recipients": given_ones, "content": CONTENT}).encode()
    )
    assert answer.status in (200, 400)
    if answer.status == 400:
        assert answer.json()["errors"][0]["code"] == "5002"
        assert list(client.account.messages.oldest()) == []
    else:
        results = answer.json()["results"]
        assert results["total_accepted_recipients"] + results["total_rejected_recipients"] == len(given_ones)
        assert len(results.get("rcpt_to_errors", [])) == results["total_rejected_recipients"]
        assert len(client.account.messages) == results["total_accepted_recipients"]


PATHS = [
    ("POST", "/transmissions"),
    ("POST", "/templates"),
    ("PUT", "/templates/t"),
    ("POST", "/templates/t/preview"),
    ("POST", "/utils/content-previewer"),
    ("POST", "/recipient-lists"),
    ("PUT", "/recipient-lists/l"),
    ("PUT", "/suppression-list"),
    ("PUT", "/suppression-list/ada@mail.example"),
    ("DELETE", "/suppression-list/ada@mail.example"),
    ("DELETE", "/templates/t"),
    ("GET", "/transmissions"),
]
NAMES = st.sampled_from(
    ["recipients", "content", "options", "metadata", "substitution_data", "id", "name", "description", "campaign_id",
     "published", "type", "list_id", "recipient", "return_path", "override", "attributes", "address", "email", "from",
     "subject", "text", "html", "headers", "attachments", "email_rfc822", "template_id", "tags", "start_time",
     "sandbox", "data", "transactional"]
)  # fmt: skip
bodies = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(
        ["a@b.example", "x", "", "{{a", "{{a.b}}", "now", "2026-03-02T00:00:00Z", "From: a@b.example\n\n{{x}}", "t",
         "l", "non_transactional"]
    ) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=15,
)  # fmt: skip


@given(st.sampled_from(PATHS), bodies)
@settings(max_examples=400, deadline=None)
def test_any_json_gets_the_vendors_envelope(target: tuple[str, str], body: Any) -> None:
    client = DirectClient()
    client.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    client.call("POST", "/recipient-lists", {"id": "l", "recipients": [ADA]})
    answer = client.ask(*target, raw=json.dumps(body).encode())
    assert answer.status < 500
    if answer.status >= 400:
        for row in answer.json()["errors"]:
            assert isinstance(row["message"], str)
            assert isinstance(row.get("code", ""), str)
            assert isinstance(row.get("description", ""), str)
    elif answer.status == 200:
        assert answer.json() == {} or "results" in answer.json()


@given(st.sampled_from(PATHS), st.binary(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_bytes_get_the_vendors_envelope(target: tuple[str, str], body: bytes) -> None:
    answer = DirectClient().ask(*target, raw=body)
    assert answer.status < 500
    if answer.status >= 400:
        assert answer.json()["errors"]


mail_lines = st.sampled_from(
    [
        "From: a@b.example", "From: =?utf-8?q?=ff?= <a@b.example>", "From: \"<", "Subject: {{x}}", "Subject: =?x?b?!?=",
        "Content-Type: text/plain", "Content-Type: text/html; charset=klingon", "Content-Type: multipart/mixed",
        "Content-Type: multipart/mixed; boundary=b", "Content-Type: message/rfc822", "Content-Type: ;;=\"",
        "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: quoted-printable", "Content-ID: <",
        "Content-Disposition: attachment; filename*0*=x''%", "--b", "--b--", "", "", " folded", "{{x}}", "PGI+", "=",
        "Date: x", "Received: ;", "Message-ID: <>", "To: ,,,", "\x00", "ü: ü", "X-Ü: 😀", "MIME-Version: 1.0",
    ]
)  # fmt: skip


@given(st.one_of(st.text(max_size=100), st.lists(mail_lines, max_size=14).map("\n".join)))
@settings(max_examples=300, deadline=None)
def test_any_mail_is_sent_or_refused(mail: str) -> None:
    answer = DirectClient().ask("POST", "/transmissions", {"recipients": [ADA], "content": {"email_rfc822": mail}})
    assert answer.status in (200, 400, 422), answer.body
