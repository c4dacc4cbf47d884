"""Properties of SparkPost: any request gets a response in the vendor's shape, and each accepted recipient one mail."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.core.declare.operation import Operation
from sparkbox.core.request.http import JSON_TYPE, Request, Response
from sparkbox.services.sparkpost import SERVICE
from tests.services.fuzz import Fuzz, holds
from tests.services.sparkpost.api import Api

CONTENT = {"from": "The Shop <news@shop.example>", "subject": "Hello", "text": "Dear customer"}
ADA = {"address": {"email": "Ada@mail.example", "name": "Ada"}}

addresses = st.one_of(
    st.sampled_from(["ada@mail.example", "Grace <grace@mail.example>", "nobody", "a@b@c", "", "x@y", "ü@mail.example"]),
    st.emails(),
    st.text(max_size=20),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=10),
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
def test_each_recipient_is_accepted_with_a_message_or_rejected(given_ones: list[Any]) -> None:
    api = Api()
    response = api.send(
        "POST", "/transmissions", content=json.dumps({"recipients": given_ones, "content": CONTENT}).encode()
    )
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["errors"][0]["code"] == 5002
        assert list(api.account.messages.oldest()) == []
    else:
        results = response.json()["results"]
        assert results["total_accepted_recipients"] + results["total_rejected_recipients"] == len(given_ones)
        assert len(results.get("rcpt_to_errors", [])) == results["total_rejected_recipients"]
        assert len(api.account.messages) == results["total_accepted_recipients"]


FUZZ = Fuzz(
    SERVICE,
    [(b"authorization", b"mock-sparkpost-key")],
    ("a@b.example", "", "{{a", "{{a.b}}", "now", "2026-03-02T00:00", "2026-03-02T00:00:00Z", "t", "l", "1",
     "non_transactional", "transactional", "From: a@b.example\n\n{{x}}", "count_targeted", "day", "bounce"),
    known={"id": "t", "recipient": "ada@mail.example", "domain": "mail.example"},
    names=("recipients", "content", "options", "metadata", "substitution_data", "list_id", "recipient", "address",
           "email", "from", "subject", "text", "html", "headers", "attachments", "email_rfc822", "template_id",
           "tags", "start_time", "data", "name"),
)  # fmt: skip


def is_in_shape(operation: Operation, response: Response) -> None:
    """Check that errors are in the envelope; a mail's links may lead to a page or nothing."""
    if JSON_TYPE in response.headers:
        rows = response.json()["errors"]
        assert rows
        for row in rows:
            assert isinstance(row["message"], str)
            # The vendor writes one code as a number.
            assert isinstance(row.get("code", ""), str) or row["code"] == 5002
            assert isinstance(row.get("description", ""), str)


@given(st.lists(FUZZ.requests(), min_size=1, max_size=3))
@settings(max_examples=500, deadline=None)
def test_any_request_gets_a_response_in_the_envelope(sent: list[tuple[Operation, Request]]) -> None:
    api = Api()
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    api.call("POST", "/recipient-lists", {"id": "l", "recipients": [ADA]})
    for each in sent:
        holds(api.dispatcher, each, is_in_shape)


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
    response = Api().send("POST", "/transmissions", {"recipients": [ADA], "content": {"email_rfc822": mail}})
    assert response.status_code in (200, 400, 422), response.content
