"""https://developers.sparkpost.com/api/transmissions/"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.pace import now
from contract_tests.sparkpost.responses import EXCLUSIVE, INVALID, MISSING, api_error, error, results
from contract_tests.sparkpost.target import SINK, Sparkpost
from sparkbox import World

PATH = "/api/v1/transmissions"

Body = Callable[..., dict[str, Any]]


@pytest.fixture
def body(account: Sparkpost, recipient: str, name: Callable[[str], str]) -> Body:
    """``body(subject="Hi", options={…})``: a transmission to one recipient; ``content=`` replaces its content."""
    content = {"from": {"email": account.sender, "name": "The Shop"}, "subject": "Hello", "text": "Dear customer"}

    def make(**fields: Any) -> dict[str, Any]:
        changes = {field: fields.pop(field) for field in [*content, "html", "headers"] if field in fields}
        base = {"recipients": [{"address": recipient}], "content": {**content, **changes}, "campaign_id": name("c")}
        return {**base, **fields}

    return make


def in_days(days: float) -> str:
    """A time from now, as the vendor writes it. The real clock: it is the real service's, too."""
    return datetime.fromtimestamp(now() + days * 86_400, UTC).replace(microsecond=0).isoformat()


@pytest.mark.documented("create_transmission")
def test_sending_returns_the_accepted_recipients(api: httpx.Client, body: Body) -> None:
    sent = results(api.post(PATH, json=body()))
    assert (sent["total_accepted_recipients"], sent["total_rejected_recipients"]) == (1, 0)
    assert set(sent) == {"total_accepted_recipients", "total_rejected_recipients", "id"}


@pytest.mark.observed("create_transmission")
def test_ids_are_text_of_digits(api: httpx.Client, body: Body) -> None:
    id = results(api.post(PATH, json=body()))["id"]
    assert isinstance(id, str)
    assert id.isdigit()


@pytest.mark.observed("create_transmission")
def test_clients_write_a_trailing_slash_and_nulls(api: httpx.Client, body: Body) -> None:
    sent = results(api.post(f"{PATH}/", json=body(html=None, return_path=None, metadata=None)))
    assert sent["total_accepted_recipients"] == 1


@pytest.mark.documented("create_transmission:created_with_errors")
def test_invalid_recipients_are_rejected_one_by_one(api: httpx.Client, body: Body, recipient: str) -> None:
    recipients = [{"address": recipient}, {"address": {}}, {"address": "nobody"}]
    response = api.post(PATH, json=body(recipients=recipients))
    sent = results(response)
    assert (sent["total_accepted_recipients"], sent["total_rejected_recipients"]) == (1, 2)
    assert sent["rcpt_to_errors"] == [
        error(MISSING, "1400", "address.email is required for each recipient"),
        error(INVALID, "1300", "invalid recipient address: nobody"),
    ]
    assert response.json()["errors"] == [error("transmission created, but with validation errors", "2000")]


@pytest.mark.documented("create_transmission:created_with_errors")
def test_num_rcpt_errors_limits_the_errors(api: httpx.Client, body: Body, recipient: str) -> None:
    recipients = [{"address": recipient}, {"address": "nobody"}, {"address": "nowhere"}]
    sent = results(api.post(f"{PATH}?num_rcpt_errors=1", json=body(recipients=recipients)))
    assert (sent["total_rejected_recipients"], len(sent["rcpt_to_errors"])) == (2, 1)


@pytest.mark.documented("retrieve_transmission")
def test_a_scheduled_transmission_is_shown(api: httpx.Client, body: Body) -> None:
    given = body(options={"start_time": in_days(1)}, description="Tomorrow", metadata={"order": "A-17"})
    id = results(api.post(PATH, json=given))["id"]
    shown = results(api.get(f"{PATH}/{id}"))["transmission"]
    assert (shown["id"], shown["state"], shown["description"]) == (id, "submitted", "Tomorrow")
    assert (shown["campaign_id"], shown["metadata"]) == (given["campaign_id"], {"order": "A-17"})
    assert (shown["num_rcpts"], shown["num_generated"], shown["num_failed_gen"]) == (1, 0, 0)


@pytest.mark.observed("list_transmissions")
def test_transmissions_are_listed_by_campaign(api: httpx.Client, body: Body) -> None:
    given = body(options={"start_time": in_days(1)})
    id = results(api.post(PATH, json=given))["id"]
    results(api.post(PATH, json=body(options={"start_time": in_days(1)})))
    (row,) = results(api.get(PATH, params={"campaign_id": given["campaign_id"]}))
    assert (row["id"], row["state"], row["content"]) == (id, "submitted", {"template_id": "inline"})


@pytest.mark.documented("delete_transmission", "retrieve_transmission:resource_not_found")
def test_a_scheduled_transmission_can_be_deleted(api: httpx.Client, body: Body) -> None:
    id = results(api.post(PATH, json=body(options={"start_time": in_days(1)})))["id"]
    response = api.delete(f"{PATH}/{id}")
    assert (response.status_code, response.content) == (204, b"")
    text = f"Resource not found:transmission id {id}"
    assert api_error(api.get(f"{PATH}/{id}")) == (404, error("resource not found", "1600", text))


@pytest.mark.documented("delete_campaign")
def test_scheduled_transmissions_can_be_cancelled_by_campaign(api: httpx.Client, body: Body) -> None:
    given = body(options={"start_time": in_days(1)})
    for _ in range(2):
        results(api.post(PATH, json=given))
    campaign = {"campaign_id": given["campaign_id"]}
    response = api.delete(PATH, params=campaign)
    assert (response.status_code, response.content) == (204, b"")
    assert results(api.get(PATH, params=campaign)) == []


@pytest.mark.documented("create_transmission")
def test_a_template_is_sent(api: httpx.Client, body: Body, name: Callable[[str], str]) -> None:
    id = name("template")
    template = {"id": id, "published": True, "content": body()["content"]}
    results(api.post("/api/v1/templates", json=template))
    sent = results(api.post(PATH, json=body(content={"template_id": id})))
    assert sent["total_accepted_recipients"] == 1


@pytest.mark.documented("create_transmission")
def test_a_stored_list_is_sent_to(api: httpx.Client, body: Body, recipient: str, name: Callable[[str], str]) -> None:
    id = name("list")
    recipients = [{"address": recipient}, {"address": f"{name('fred')}@{SINK}"}]
    api.post("/api/v1/recipient-lists", json={"id": id, "recipients": recipients}).raise_for_status()
    assert results(api.post(PATH, json=body(recipients={"list_id": id})))["total_accepted_recipients"] == 2


@pytest.mark.documented("create_transmission")
def test_rfc822_is_sent(api: httpx.Client, body: Body, account: Sparkpost) -> None:
    mail = f"From: {account.sender}\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nDear customer\r\n"
    assert results(api.post(PATH, json=body(content={"email_rfc822": mail})))["total_accepted_recipients"] == 1


@pytest.mark.documented("create_transmission")
def test_attachments_and_inline_images_are_sent(api: httpx.Client, body: Body) -> None:
    data = base64.b64encode(b"\x89PNG").decode()
    given = body(html='<img src="cid:logo">')
    given["content"]["attachments"] = [{"name": "bill.pdf", "type": "application/pdf", "data": data}]
    given["content"]["inline_images"] = [{"name": "logo", "type": "image/png", "data": data}]
    assert results(api.post(PATH, json=given))["total_accepted_recipients"] == 1


@pytest.mark.documented("create_transmission")
@pytest.mark.sandbox_only
def test_each_recipient_gets_a_mail_of_their_own(api: httpx.Client, body: Body, world: World) -> None:
    recipients = [
        {"address": {"email": f"ada@{SINK}", "name": "Ada"}, "substitution_data": {"plan": "gold"}},
        {"address": f"grace@{SINK}"},
    ]
    given = body(recipients=recipients, subject="For {{plan}} customers", substitution_data={"plan": "all"})
    results(api.post(PATH, json=given))
    sent = {message.to: message.subject for message in world.messages}
    assert sent == {f"ada@{SINK}": "For gold customers", f"grace@{SINK}": "For all customers"}


@pytest.mark.documented("create_transmission")
@pytest.mark.sandbox_only
def test_a_scheduled_transmission_is_sent_at_its_time(api: httpx.Client, body: Body, world: World) -> None:
    id = results(api.post(PATH, json=body(options={"start_time": in_days(1)})))["id"]
    world.clock.advance(timedelta(hours=23))
    assert world.messages == []
    world.clock.advance(timedelta(hours=2))
    assert [message.vendor_id for message in world.messages] == [id]
    assert results(api.get(f"{PATH}/{id}"))["transmission"]["state"] == "Success"


@pytest.mark.documented("delete_transmission:too_close")
def test_transmission_cannot_be_deleted_ten_minutes_before_its_start(api: httpx.Client, body: Body) -> None:
    id = results(api.post(PATH, json=body(options={"start_time": in_days(5 / 1440)})))["id"]
    status, row = api_error(api.delete(f"{PATH}/{id}"))
    assert (status, row["code"]) == (409, "2003")
    assert row["message"] == "too close to generation time to delete transmission"
    assert row["description"] == "Deletion time window (660 seconds) doesn't permit transmission deletion"


@pytest.mark.documented("delete_transmission:invalid_state")
@pytest.mark.sandbox_only
def test_sent_transmission_cannot_be_deleted(api: httpx.Client, body: Body) -> None:
    id = results(api.post(PATH, json=body()))["id"]
    text = "Unable to delete a transmission that has completed (state=Success)"
    message = "transmission database record is in an invalid state for deletion"
    assert api_error(api.delete(f"{PATH}/{id}")) == (409, error(message, "2006", text))


@pytest.mark.parametrize(
    "method", [case("retrieve_transmission:resource_not_found", "GET"),
               case("delete_transmission:resource_not_found", "DELETE")],
)  # fmt: skip
def test_an_unknown_id_is_not_found(api: httpx.Client, method: str) -> None:
    text = "Resource not found:transmission id 123"
    assert api_error(api.request(method, f"{PATH}/123")) == (404, error("resource not found", "1600", text))


@pytest.mark.parametrize(
    "method",
    [
        case("retrieve_transmission:invalid_transmission_id", "GET", evidence="observed"),
        case("delete_transmission:invalid_transmission_id", "DELETE", evidence="observed"),
    ],
)
def test_an_id_is_a_number(api: httpx.Client, method: str) -> None:
    status, row = api_error(api.request(method, f"{PATH}/autumn"))
    assert (status, row["code"], row["message"]) == (400, "2001", "Invalid transmission id")


@pytest.mark.documented("delete_campaign:required_parameter_missing")
def test_cancelling_needs_a_campaign_id(api: httpx.Client) -> None:
    status, row = api_error(api.delete(PATH))
    assert (status, row["code"], row["message"]) == (400, "1401", "required query parameter is missing")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        case(
            "create_transmission:required_field_missing",
            {"recipients": None},
            (422, error(MISSING, "1400", "recipients or list_id required")),
            id="recipients",
        ),
        case(
            "create_transmission:required_field_missing",
            {"content": None},
            (422, error(MISSING, "1400", "content object or template_id required")),
            id="content",
        ),
        case(
            "create_transmission:required_field_missing",
            {"text": None},
            (422, error(MISSING, "1400", "At least one of 'text' or 'html' needs to exist in 'content'")),
            id="text",
        ),
        case(
            "create_transmission:no_valid_recipients",
            {"recipients": [{"address": "nobody"}]},
            (400, error("At least one valid recipient is required", 5002)),
            evidence="observed",
        ),
        case(
            "create_transmission:subresource_not_found",
            {"content": {"template_id": "contract-no-template"}},
            (422, error("Subresource not found", "1603", "template 'contract-no-template' does not exist")),
            id="template",
        ),
        case(
            "create_transmission:subresource_not_found",
            {"content": {"ab_test_id": "contract-no-test"}},
            (422, error("Subresource not found", "1603", "ab_test_id 'contract-no-test' does not exist")),
            id="ab-test",
        ),
        case(
            "create_transmission:subresource_not_found",
            {"recipients": {"list_id": "contract-no-list"}},
            (422, error("Subresource not found", "1603", "Recipient list 'contract-no-list' does not exist")),
            id="list",
        ),
        case(
            "create_transmission:invalid_combination",
            {"content": {"template_id": "contract-none", "subject": "Hello"}},
            (422, error(EXCLUSIVE, "1301", "Both content object and template_id are specified")),
        ),
        case(
            "create_transmission:invalid_header",
            {"headers": {"Content-Type": "text/plain"}},
            (
                422,
                error(
                    "Invalid header",
                    "3002",
                    "Error while validating header Content-Type: Header is generated and cannot be set",
                ),
            ),
        ),
        case(
            "create_transmission:invalid_data",
            {"options": {"start_time": "soon"}},
            (422, error(INVALID, "1300", "Error parsing scheduled start_time")),
            id="start",
        ),
        case(
            "create_transmission:invalid_data",
            {"campaign_id": "x" * 65},
            (
                422,
                error(INVALID, "1300", "field 'campaign_id' is of length '65', but needs to be of max length '64'"),
            ),
            id="campaign",
        ),
        case(
            "create_transmission:invalid_parameters",
            {"?": "num_rcpt_errors=many"},
            (400, error("invalid params", "1200", "param 'num_rcpt_errors' must be an integer")),
        ),
        case(
            "create_transmission:no_sending_domain",
            {"from": "The Shop"},
            (400, error("No sending domain specified", "7001")),
            evidence="observed",
        ),
        # https://github.com/anymail/django-anymail/issues/212
        case(
            "create_transmission:no_sending_domain",
            {"from": "Ann <ann@example.com>, Ben <ben@example.com>"},
            (400, error("No sending domain specified", "7001")),
            evidence="observed",
            id="two senders",
        ),
        case(
            "create_transmission:invalid_domain",
            {"from": "news@contract-never-registered.example.com"},
            (400, error("Invalid domain", "7001", "Unconfigured or unverified sending domain.")),
        ),
        case(
            "create_transmission:no_local_part",
            {"from": "@example.com"},
            (400, error("No local part in the sender's address", "2008")),
            evidence="assumed",
            sandbox_only=True,
        ),
    ],
)
def test_a_wrong_transmission_is_refused(
    api: httpx.Client, body: Body, changes: dict[str, Any], expected: tuple[int, dict[str, str]]
) -> None:
    query = changes.get("?", "")
    given = body(**{name: value for name, value in changes.items() if name != "?"})
    assert api_error(api.post(f"{PATH}?{query}", json=given)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        case(
            "create_transmission:mime_parsing",
            {"email_rfc822": "no headers at all"},
            ("3020", "template mime parsing error", "Error in content.email_rfc822: "),
        ),
        case(
            "create_transmission:template_syntax",
            {"text": "Dear {{name"},
            (
                "3000",
                "substitution language syntax error in template content",
                "Error while compiling part text: line 1: ",
            ),
        ),
        case(
            "create_transmission:template_render",
            {"text": "{{customer.name}}"},
            ("3001", "substitution render error", "Error while rendering part text: line 1: "),
        ),
    ],
)
def test_invalid_content_is_refused(
    api: httpx.Client, body: Body, content: dict[str, str], expected: tuple[str, str, str]
) -> None:
    given = body(**content) if "text" in content else body(content=content)
    status, row = api_error(api.post(PATH, json=given))
    assert (status, row["code"], row["message"]) == (422, *expected[:2])
    assert row["description"].startswith(expected[2])


@pytest.mark.documented("create_transmission:not_published")
def test_a_template_without_published_version_is_not_sent(
    api: httpx.Client, body: Body, name: Callable[[str], str]
) -> None:
    id = name("draft")
    results(api.post("/api/v1/templates", json={"id": id, "content": body()["content"]}))
    status, row = api_error(api.post(PATH, json=body(content={"template_id": id})))
    assert (status, row["code"]) == (422, "2005")
    assert row["message"] == "No published template available, but draft version exists"


@pytest.mark.documented("create_transmission:no_draft")
def test_missing_draft_is_not_sent(api: httpx.Client, body: Body, name: Callable[[str], str]) -> None:
    id = name("published")
    results(api.post("/api/v1/templates", json={"id": id, "content": body()["content"], "published": True}))
    status, row = api_error(api.post(PATH, json=body(content={"template_id": id, "use_draft_template": True})))
    assert (status, row["code"]) == (422, "2004")
    assert row["message"] == "No draft template available, but published version exists"


@pytest.mark.documented("delete_template:template_in_use")
def test_scheduled_template_cannot_be_deleted(api: httpx.Client, body: Body, name: Callable[[str], str]) -> None:
    id = name("in-use")
    results(api.post("/api/v1/templates", json={"id": id, "content": body()["content"], "published": True}))
    results(api.post(PATH, json=body(content={"template_id": id}, options={"start_time": in_days(1)})))
    text = "Template is in use by msg generation"
    assert api_error(api.delete(f"/api/v1/templates/{id}")) == (409, error("resource conflict", "1602", text))


@pytest.mark.documented("create_transmission:substitution_too_large")
def test_substitution_data_size_is_limited(api: httpx.Client, body: Body) -> None:
    status, row = api_error(api.post(PATH, json=body(substitution_data={"x": "y" * 100_000})))
    assert (status, row["code"], row["message"]) == (422, "2002", "Substitution data too large")


@pytest.mark.assumed("create_transmission:metadata_too_large")
@pytest.mark.sandbox_only
def test_metadata_size_is_limited(api: httpx.Client, body: Body) -> None:
    status, row = api_error(api.post(PATH, json=body(metadata={"x": "y" * 10_000})))
    assert (status, row["code"]) == (422, "2007")


@pytest.mark.documented("create_transmission:unknown_dkim_key")
def test_unknown_dkim_key_is_refused(api: httpx.Client, body: Body, account: Sparkpost) -> None:
    message = f"Invalid DKIM key ID 'contract-none' for sending domain '{account.sending_domain}'"
    response = api.post(PATH, json=body(options={"dkim_key": "contract-none"}))
    assert api_error(response) == (400, error(message, "1100"))


@pytest.mark.documented("create_transmission:unverified_dkim_key")
@pytest.mark.sandbox_only
def test_unverified_dkim_key_is_refused(
    api: httpx.Client, body: Body, account: Sparkpost, name: Callable[[str], str]
) -> None:
    id, domain = name("key"), account.sending_domain
    results(api.post(f"/api/v1/sending-domains/{domain}/dkim-keys", json={"id": id}))
    message = f"DKIM key '{id}' is not verified for sending domain '{domain}'"
    assert api_error(api.post(PATH, json=body(options={"dkim_key": id}))) == (400, error(message, "1100"))


@pytest.mark.observed("create_transmission:generation_rejected")
def test_mail_to_one_suppressed_recipient_is_rejected(api: httpx.Client, body: Body, recipient: str) -> None:
    suppression = {"type": "non_transactional", "description": "contract test"}
    results(api.put(f"/api/v1/suppression-list/{recipient}", json=suppression))
    response = api.post(PATH, json=body())
    text = "recipient address was suppressed due to customer policy"
    assert api_error(response) == (400, error("Message generation rejected", "1902", text))


@pytest.mark.documented("create_transmission:sandbox_template")
@pytest.mark.sandbox_only
def test_the_sandbox_domain_sends_one_template_only(api: httpx.Client, body: Body, name: Callable[[str], str]) -> None:
    given = body(content={"template_id": name("other")}, options={"sandbox": True})
    status, row = api_error(api.post(PATH, json=given))
    assert (status, row["code"], row["message"]) == (422, "2106", "Invalid Template ID (sandbox)")


@pytest.mark.assumed("create_transmission:sandbox_content")
@pytest.mark.sandbox_only
def test_the_sandbox_domain_sends_no_inline_content(api: httpx.Client, body: Body) -> None:
    status, row = api_error(api.post(PATH, json=body(options={"sandbox": True})))
    assert (status, row["code"]) == (422, "3051")


@pytest.mark.documented("create_transmission:sandbox_limit")
@pytest.mark.sandbox_only
def test_the_sandbox_domain_sends_five_messages_in_an_accounts_life(api: httpx.Client, body: Body) -> None:
    given = body(content={"template_id": "my-first-email"}, options={"sandbox": True})
    for _ in range(5):
        results(api.post(PATH, json=given))
    assert api_error(api.post(PATH, json=given)) == (420, error("Exceed Sending Limit (sandbox)", "2103"))


@pytest.mark.assumed("create_transmission:suspended")
@pytest.mark.sandbox_only
def test_a_suspended_account_sends_nothing(api: httpx.Client, body: Body, world: World) -> None:
    suspend = {"suspended": True}
    httpx.patch(f"{world.url}/_mock/accounts?account={world.credential}", json=suspend).raise_for_status()
    assert api_error(api.post(PATH, json=body()))[0] == 403
