"""https://sendpulse.com/integrations/api/smtp: sending and looking up e-mails."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from contract_tests.cases import case
from contract_tests.sendpulse.responses import api_error, encode, result
from contract_tests.sendpulse.target import Sendpulse
from sparkbox import World

Mail = Callable[..., dict[str, Any]]
Eventually = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def mail(account: Sendpulse, name: Callable[[str], str]) -> Mail:
    """``mail(subject="Hi")``: a mail to the recipient for tests; what is ``None`` is left out."""

    def make(**fields: Any) -> dict[str, Any]:
        usual = {
            "subject": f"Hello from {name('test')}",
            "text": "Dear customer",
            "html": encode("<p>Dear customer</p>"),
            "from": {"name": "Acme", "email": account.sender},
            "to": [{"name": "Wilma", "email": account.recipient}],
        }
        return {"email": {field: value for field, value in {**usual, **fields}.items() if value is not None}}

    return make


@pytest.fixture
def sent(api: httpx.Client, mail: Mail) -> str:
    """The id of a mail that was sent just now."""
    return str(result(api.post("/smtp/emails", json=mail()))["id"])


@pytest.mark.documented("send_email")
def test_sending_returns_an_id(api: httpx.Client, mail: Mail) -> None:
    sent = result(api.post("/smtp/emails", json=mail()))
    assert sent["result"] is True
    assert re.fullmatch(r"[0-9a-z]+-[0-9a-z]+-[0-9a-z]+", sent["id"])


@pytest.mark.observed("send_email")
@pytest.mark.parametrize("packed", [orjson.dumps, lambda email: email], ids=["json text", "object"])
def test_mail_may_be_json_text(api: httpx.Client, mail: Mail, packed: Callable[[Any], Any]) -> None:
    email = packed(mail()["email"])
    body = {"email": email.decode() if isinstance(email, bytes) else email}
    assert result(api.post("/smtp/emails", json=body))["result"] is True


@pytest.mark.observed("send_email")
def test_mail_may_come_in_a_form(api: httpx.Client, mail: Mail) -> None:
    text = orjson.dumps(mail()["email"]).decode()
    assert result(api.post("/smtp/emails", data={"email": text}))["result"] is True


@pytest.mark.documented("get_sent_email")
def test_mail_is_looked_up_by_its_id(api: httpx.Client, sent: str, account: Sendpulse, eventually: Eventually) -> None:
    def delivered() -> Any:
        row = result(api.get(f"/smtp/emails/{sent}"))
        return row if row["smtp_answer_code"] else None

    row = eventually(delivered)
    assert (row["id"], row["sender"], row["recipient"]) == (sent, account.sender, account.recipient)
    assert (row["smtp_answer_code"], row["smtp_answer_subcode"]) == (250, "2.0.0")
    assert (row["tracking"]["open"], row["tracking"]["click"]) == (0, 0)


@pytest.mark.documented("get_sent_emails")
def test_mails_are_looked_up_by_their_ids(api: httpx.Client, mail: Mail) -> None:
    ids = [result(api.post("/smtp/emails", json=mail()))["id"] for _ in range(2)]
    rows = result(api.post("/smtp/emails/info", json={"emails": ids}))
    assert [row["id"] for row in rows] == ids


@pytest.mark.documented("list_sent_emails")
def test_mails_are_listed_the_newest_first(api: httpx.Client, sent: str, account: Sendpulse) -> None:
    rows = result(api.get("/smtp/emails", params={"recipient": account.recipient, "limit": 50}))
    assert sent in {row["id"] for row in rows}
    assert {row["recipient"] for row in rows} == {account.recipient}
    assert [row["send_date"] for row in rows] == sorted((row["send_date"] for row in rows), reverse=True)


@pytest.mark.documented("count_sent_emails")
def test_mails_are_counted(api: httpx.Client, sent: str) -> None:
    assert result(api.get("/smtp/emails/total"))["total"] >= 1


@pytest.mark.documented("send_email")
@pytest.mark.sandbox_only
def test_recipient_gets_what_was_sent(
    api: httpx.Client, mail: Mail, account: Sendpulse, address: Callable[[str], str], world: World
) -> None:
    email = mail(
        subject="Order 4711",
        bcc=[{"email": address("archive")}],
        attachments={"note.txt": "Thank you"},
        attachments_binary={"logo.png": base64.b64encode(b"\x89PNG").decode()},
    )
    result(api.post("/smtp/emails", json=email))
    (first, copy) = world.messages[-2:]
    assert (first.to, first.subject, first.html) == (account.recipient, "Order 4711", "<p>Dear customer</p>")
    assert [(file.name, file.data) for file in first.attachments] == [
        ("note.txt", b"Thank you"),
        ("logo.png", b"\x89PNG"),
    ]
    assert copy.rcpt_type == "bcc"


@pytest.mark.documented("send_email", "unsubscribe_recipients")
@pytest.mark.sandbox_only
def test_unsubscribed_recipient_gets_no_mail(api: httpx.Client, mail: Mail, account: Sendpulse, world: World) -> None:
    result(api.post("/smtp/unsubscribe", json=[{"email": account.recipient}]))
    before = len(world.messages)
    assert result(api.post("/smtp/emails", json=mail()))["result"] is True
    assert len(world.messages) == before


@pytest.mark.documented("list_bounces", "count_bounces")
@pytest.mark.sandbox_only
def test_bounced_mail_is_listed(api: httpx.Client, mail: Mail, world: World) -> None:
    email = mail(to=[{"email": "nowhere@example.invalid"}], subject="Come back")
    result(api.post("/smtp/emails", json=email))
    world.clock.advance(2)
    page = result(api.get("/smtp/bounces/day"))
    assert (page["total"], page["found"], page["request_limit"]) == (1, 1, 100)
    (bounce,) = page["emails"]
    assert (bounce["email_to"], bounce["subject"]) == ("nowhere@example.invalid", "Come back")
    assert bounce["smtp_answer_code"] == 550
    assert result(api.get("/smtp/bounces/day/total")) == {"total": 1}


@pytest.mark.documented("list_bounces", "count_bounces")
def test_date_of_bounces_is_validated(api: httpx.Client) -> None:
    page = result(api.get("/smtp/bounces/day", params={"limit": 10}))
    assert page["found"] == len(page["emails"]) <= 10
    assert result(api.get("/smtp/bounces/day/total"))["total"] >= page["found"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        case("send_email:from_missing", {"from": None}, (422, 10, "Argument from.email missing")),
        case("send_email:from_invalid", {"from": {"email": "nobody"}}, (422, 10, "Argument from.email is invalid")),
        case("send_email:to_invalid", {"to": None}, (422, 11, "Argument email.to is invalid")),
        case("send_email:subject_missing", {"subject": None}, (422, 12, "Argument subject missing")),
        case("send_email:body_missing", {"text": None, "html": None}, (422, 13, "Missed email body")),
        case(
            "send_email:template_id_missing",
            {"template": {"variables": {}}},
            (422, 10, "Argument template.id missing"),
        ),
        case(
            "send_email:template_not_found",
            {"template": {"id": "contract-none", "variables": {}}},
            (422, 31, "Template not found"),
        ),
        case(
            "send_email:template_variables",
            {"template": {"id": "contract-none", "variables": "none"}},
            (422, 731, "Variables list passed in wrong format"),
        ),
        case("send_email:recipient_invalid", {"to": [{"email": "nobody"}]}, (422, 422, "Recipient email is invalid")),
        case(
            "send_email:sender_invalid",
            {"from": {"email": "contract-nobody@example.com"}},
            (422, 422, "Sender is not valid"),
        ),
        case(
            "send_email:free_service",
            {"from": {"email": "contract-nobody@gmail.com"}},
            (422, 20, "Using free email services (not allowed)"),
            evidence="assumed",
        ),
    ],
)
def test_mail_is_validated(
    api: httpx.Client, mail: Mail, changes: dict[str, Any], expected: tuple[int, int, str]
) -> None:
    assert api_error(api.post("/smtp/emails", json=mail(**changes))) == expected


@pytest.mark.documented("send_email:argument_missing")
def test_mail_is_required(api: httpx.Client) -> None:
    assert api_error(api.post("/smtp/emails", json={})) == (422, 422, "Argument email missing")


@pytest.mark.documented("send_email:data_malformed")
def test_mail_that_cannot_be_read_is_refused(api: httpx.Client) -> None:
    response = api.post("/smtp/emails", json={"email": "[Hello"})
    assert api_error(response) == (422, 999, "Badly formed incoming data")


@pytest.mark.documented("send_email:too_many_recipients")
@pytest.mark.sandbox_only
def test_mail_has_at_most_500_recipients(api: httpx.Client, mail: Mail) -> None:
    email = mail(to=[{"email": f"contract-{number}@example.com"} for number in range(501)])
    assert api_error(api.post("/smtp/emails", json=email)) == (422, 550, "5.5.3 Too many recipients")


@pytest.mark.documented("send_email:message_too_large")
@pytest.mark.sandbox_only
def test_mail_has_at_most_ten_megabytes(api: httpx.Client, mail: Mail) -> None:
    email = mail(text="x" * (10 * 1024 * 1024))
    assert api_error(api.post("/smtp/emails", json=email)) == (422, 422, "Message size limit exceeded")


@pytest.mark.observed("send_email:invalid_operation")
@pytest.mark.sandbox_only
def test_suspended_account_sends_nothing(api: httpx.Client, mail: Mail, world: World) -> None:
    url = f"{world.url}/_mock/accounts?account={world.credential}"
    httpx.patch(url, json={"suspended": True}, trust_env=False).raise_for_status()
    assert api_error(api.post("/smtp/emails", json=mail())) == (403, 800, "Invalid operation")


@pytest.mark.documented("get_sent_email:smtp_email_not_found")
def test_unknown_mail_is_not_found(api: httpx.Client) -> None:
    assert api_error(api.get("/smtp/emails/pzkic9-0afezp-fc")) == (400, 14, "No such email")


@pytest.mark.documented("get_sent_emails:smtp_emails_not_found")
def test_unknown_mails_are_not_found(api: httpx.Client) -> None:
    response = api.post("/smtp/emails/info", json={"emails": ["pzkic9-0afezp-fc"]})
    assert api_error(response) == (400, 14, "No such emails")


@pytest.mark.documented("get_sent_emails:smtp_emails_invalid")
@pytest.mark.parametrize("emails", [[], "pzkic9", [str(number) for number in range(501)]], ids=["none", "text", "501"])
def test_at_most_500_mails_are_looked_up(api: httpx.Client, emails: Any) -> None:
    response = api.post("/smtp/emails/info", json={"emails": emails})
    assert api_error(response) == (400, 832, "Emails param empty or incorrect")


@pytest.mark.documented("list_sent_emails:argument_invalid")
def test_dates_of_sent_emails_are_validated(api: httpx.Client) -> None:
    response = api.get("/smtp/emails", params={"from": "yesterday"})
    assert api_error(response) == (422, 422, "Argument from is invalid")
