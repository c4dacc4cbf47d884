"""Empty values, nulls and unknown names everywhere in SparkPost's requests. Each row has its evidence.

The Python client sends null for missing values, which count as absent everywhere (observed). PHP sends empty lists
instead of empty objects. An empty value is not absent: the vendor checks whether a field is present.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from _pytest.mark.structures import ParameterSet

from contract_tests.cases import case
from contract_tests.mailers import MailRelay, logged_in
from contract_tests.receiver import Receiver
from contract_tests.sparkpost.responses import INVALID, MISSING, error
from contract_tests.sparkpost.target import Sparkpost
from sparkbox import World
from sparkbox.core.declare.errors import Evidence

NOT_TEXTS: list[Any] = [[], {}, False, 0]
NOT_TYPES: list[Any] = [None, "", []]
NOT_ARRAYS: list[Any] = [None, "", {}]
NOT_SUPPRESSIONS: list[Any] = [[None], [""], [{}]]
WITHOUT_USERNAME: list[dict[str, Any]] = [{}, {"auth_credentials": {}}, {"auth_credentials": {"username": ""}}]

PATH = "/api/v1/transmissions"
NAMES = {
    "1300": "invalid_data", "1400": "required_field_missing", "1301": "invalid_combination", "3002": "invalid_header",
    "1603": "subresource_not_found", "5002": "no_valid_recipients", "7001": "no_sending_domain",
}  # fmt: skip

Expected = tuple[int, dict[str, str | int]] | None


def fine(operation: str, change: dict[str, Any], evidence: Evidence) -> ParameterSet:
    """Return a row that is accepted."""
    return case(operation, change, None, id=str(change), evidence=evidence)


def refused(
    operation: str, change: dict[str, Any], status: int, row: dict[str, Any], evidence: Evidence
) -> ParameterSet:
    """Return a row that is refused."""
    return case(f"{operation}:{NAMES[str(row['code'])]}", change, (status, row), id=str(change), evidence=evidence)


def mistyped(
    operation: str, change: dict[str, Any], field: str, given: str, wanted: str, evidence: Evidence
) -> ParameterSet:
    """Return a row that is refused for its type."""
    text = f"field '{field}' is of type '{given}', but needs to be of type '{wanted}'"
    return refused(operation, change, 422, error(INVALID, "1300", text), evidence)


def _required(text: str) -> dict[str, str | int]:
    return error(MISSING, "1400", text)


def _unknown(text: str) -> dict[str, str | int]:
    return error("Subresource not found", "1603", text)


SEND = "create_transmission"
OBJECTS = ("options", "override", "metadata", "substitution_data")
TEXTS = ("campaign_id", "description", "return_path", "tracking_domain")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # https://github.com/SparkPost/python-sparkpost/issues/103 has most of these in one recorded request.
        *[fine(SEND, {name: None}, "observed") for name in (*OBJECTS, *TEXTS)],
        *[fine(SEND, {"content": {name: None}}, "observed") for name in ("html", "reply_to", "template_id")],
        fine(SEND, {"content": {"attachments": []}}, "observed"),
        fine(SEND, {"content": {"headers": {}}}, "observed"),
        fine(SEND, {"content": {"use_draft_template": False}}, "observed"),
        fine(SEND, {"content": {"inline_images": None}}, "observed"),
        fine(SEND, {"content": {"inline_images": [], "html": "<p>Hi</p>"}}, "assumed"),
        refused(SEND, {"content": {"inline_images": []}}, 422, _required("content.inline_images requires content.html"),
                "observed"),
        # https://github.com/mautic/mautic/issues/2264
        refused(SEND, {"content": {"subject": ""}}, 422, error("Invalid header", "3002",
                "Error while validating header Subject: Missing header content"), "observed"),
        refused(SEND, {"content": {"subject": " "}}, 422, error("Invalid header", "3002",
                "Error while validating header Subject: Header content all whitespace"), "assumed"),
        refused(SEND, {"content": {"subject": None}}, 422, _required("content.subject is a required field"),
                "documented"),
        # https://github.com/laravel/framework/issues/17277
        refused(SEND, {"recipients": []}, 400, error("At least one valid recipient is required", 5002), "observed"),
        refused(SEND, {"recipients": {}}, 422, _required("recipients or list_id required"), "assumed"),
        refused(SEND, {"recipients": None}, 422, _required("recipients or list_id required"), "documented"),
        refused(SEND, {"recipients": {"list_id": ""}}, 422, _unknown("Recipient list '' does not exist"), "assumed"),
        refused(SEND, {"content": None}, 422, _required("content object or template_id required"), "documented"),
        refused(SEND, {"content": {"from": ""}}, 400, error("No sending domain specified", "7001"), "observed"),
        refused(SEND, {"content": {"from": {}}}, 422, _required("content.from.email is a required field"), "assumed"),
        # https://github.com/WPManageNinja/fluent-smtp/issues/166
        mistyped(SEND, {"content": {"headers": []}}, "content.headers", "json_array", "json_object", "observed"),
        *[mistyped(SEND, {name: []}, name, "json_array", "json_object", "assumed") for name in OBJECTS],
        *[fine(SEND, {name: {}}, "assumed") for name in OBJECTS],
        *[fine(SEND, {name: ""}, "assumed") for name in TEXTS],
        refused(SEND, {"return_path": []}, 422, error(INVALID, "1300", "return_path '[]' is not a valid email address"),
                "assumed"),
        *[fine(SEND, {"content": {name: ""}}, "assumed") for name in ("html", "reply_to", "amp_html")],
        refused(SEND, {"content": {"template_id": "", "text": None, "subject": None, "from": None}}, 422,
                _unknown("template '' does not exist"), "assumed"),
        refused(SEND, {"content": {"ab_test_id": ""}}, 422, _unknown("ab_test_id '' does not exist"), "assumed"),
        *[fine(SEND, {"options": {name: value}}, "assumed") for name in ("start_time", "ip_pool", "dkim_key")
          for value in (None, "")],
        fine(SEND, {"options": {"ip_pool": "contract-no-pool"}}, "assumed"),
    ],
)  # fmt: skip
def test_a_transmission(
    api: httpx.Client, account: Sparkpost, recipient: str, change: dict[str, Any], expected: Expected
) -> None:
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    inner = change.get("content")
    body = {"recipients": [{"address": recipient}], **change, "content": content | inner if inner else content}
    if "content" in change and not inner:
        body["content"] = inner
    _check(api.post(PATH, json=body), expected)


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        case(SEND, {"tags": [], "metadata": {}, "substitution_data": {}, "return_path": ""}, (1, 0), id="empty",
             evidence="observed"),  # what a stored list shows: https://github.com/SparkPost/php-sparkpost/issues/127
        case(SEND, {"tags": None, "metadata": None, "substitution_data": None}, (1, 0), id="null", evidence="observed"),
        case(SEND, {"name": "", "header_to": ""}, (1, 0), id="names", evidence="assumed"),
        case(f"{SEND}:created_with_errors", {"metadata": []}, (1, 1), id="metadata", evidence="assumed"),
        case(f"{SEND}:created_with_errors", {"substitution_data": []}, (1, 1), id="data", evidence="assumed"),
    ],
)  # fmt: skip
def test_a_recipient(
    api: httpx.Client, account: Sparkpost, recipient: str, fields: dict[str, Any], counted: tuple[int, int]
) -> None:
    inner = {name: fields[name] for name in ("name", "header_to") if name in fields}
    odd: dict[str, Any] = {
        "address": {"email": recipient, **inner},
        **{name: fields[name] for name in fields.keys() - inner},
    }
    plain = {"address": recipient}
    body = {
        "recipients": [odd, plain] if counted[1] else [odd],
        "content": {"from": account.sender, "subject": "Hello", "text": "Hi"},
    }
    result = api.post(PATH, json=body).json()["results"]
    assert (result["total_accepted_recipients"], result["total_rejected_recipients"]) == counted


MAKE, LIST = "create_template", "create_recipient_list"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        refused(MAKE, {"id": ""}, 422, error(INVALID, "1300", "id cannot be empty string"), "documented"),
        refused(MAKE, {"content": {}}, 422, _required("No valid fields exist in the 'content' object"), "assumed"),
        refused(MAKE, {"content": None}, 422, _required("field 'content' is required"), "assumed"),
        mistyped(MAKE, {"options": []}, "options", "json_array", "json_object", "assumed"),
        fine(MAKE, {"options": {}, "description": ""}, "assumed"),
        fine(MAKE, {"options": None, "description": None, "published": None}, "observed"),
    ],
)  # fmt: skip
def test_a_template(
    api: httpx.Client, account: Sparkpost, name: Callable[[str], str], change: dict[str, Any], expected: Expected
) -> None:
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    _check(api.post("/api/v1/templates", json={"id": name("template"), "content": content} | change), expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        refused(LIST, {"recipients": []}, 400, error("At least one valid recipient is required", 5002), "observed"),
        refused(LIST, {"recipients": None}, 422, _required("field 'recipients' is required"), "documented"),
        mistyped(LIST, {"attributes": []}, "attributes", "json_array", "json_object", "assumed"),
        fine(LIST, {"attributes": {}, "description": "", "name": ""}, "assumed"),
        fine(LIST, {"attributes": None, "description": None, "name": None}, "observed"),
    ],
)
def test_a_recipient_list(
    api: httpx.Client, recipient: str, name: Callable[[str], str], change: dict[str, Any], expected: Expected
) -> None:
    body = {"id": name("list"), "recipients": [{"address": recipient}]} | change
    _check(api.post("/api/v1/recipient-lists", json=body), expected)


HOOK, CHANGE = "create_webhook", "update_webhook"
ONE_OF = "field 'auth_type' must be one of: 'none', 'basic', 'oauth2'"
EXCEPTIONS = "field 'exception_subaccounts' must be a list of at most 10 subaccounts, each of them once"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.mark.sandbox_only
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        *[refused(HOOK, {name: None}, 422, _required(f"field '{name}' is required"), "documented")
          for name in ("name", "target", "events")],
        refused(HOOK, {"name": ""}, 422, _required("field 'name' is required"), "assumed"),
        refused(HOOK, {"events": []}, 422, _required("field 'events' is required"), "assumed"),
        *[mistyped(HOOK, {"events": value}, "events", type, "json_array", "assumed")
          for value, type in (("", "string"), ({}, "json_object"))],
        *[fine(HOOK, {name: None}, "observed") for name in (
            "active", "custom_headers", "exception_subaccounts", "auth_type", "auth_request_details",
            "auth_credentials", "auth_token")],
        *[fine(HOOK, {name: {}}, "assumed") for name in ("custom_headers", "auth_request_details", "auth_credentials")],
        *[mistyped(HOOK, {name: []}, name, "json_array", "json_object", "assumed")
          for name in ("custom_headers", "auth_request_details", "auth_credentials")],
        refused(HOOK, {"exception_subaccounts": []}, 422, error(INVALID, "1300", EXCEPTIONS), "documented"),
        refused(HOOK, {"auth_type": ""}, 422, error(INVALID, "1300", ONE_OF), "assumed"),
        mistyped(HOOK, {"auth_type": []}, "auth_type", "json_array", "string", "assumed"),
        mistyped(HOOK, {"active": ""}, "active", "string", "boolean", "assumed"),
        *[refused(HOOK, {"auth_type": "basic", **more}, 422, _required("field 'auth_credentials.username' is required"),
                  "documented") for more in WITHOUT_USERNAME],
        refused(HOOK, {"auth_type": "oauth2", "auth_request_details": {}}, 422,
                _required("field 'auth_request_details.url' is required"), "documented"),
        refused(HOOK, {"auth_type": "oauth2", "auth_request_details": {"url": "http://127.0.0.1:9/", "body": {}}}, 422,
                _required("field 'auth_request_details.body' is required"), "documented"),
        *[fine(CHANGE, {name: None}, "observed") for name in ("name", "target", "events", "active", "auth_type")],
        fine(CHANGE, {"exception_subaccounts": []}, "documented"),
        fine(CHANGE, {"custom_headers": {}}, "assumed"),
        refused(CHANGE, {"name": ""}, 422, _required("field 'name' is required"), "assumed"),
        refused(CHANGE, {"events": []}, 422, _required("field 'events' is required"), "assumed"),
        fine(CHANGE, {}, "assumed"),
    ],
)  # fmt: skip
def test_a_webhook(
    request: pytest.FixtureRequest, api: httpx.Client, receiver: Receiver, change: dict[str, Any], expected: Expected
) -> None:
    new = {"name": "Example", "target": receiver.url, "events": ["delivery"]}
    if HOOK in request.node.callspec.id:
        _check(api.post("/api/v1/webhooks", json=new | change), expected)
    else:
        made = api.post("/api/v1/webhooks", json=new).json()["results"]["id"]
        _check(api.put(f"/api/v1/webhooks/{made}", json=change), expected)


DOMAIN, VERIFY, KEY = "create_sending_domain", "verify_sending_domain", "create_dkim_key"
NOTHING = _required("Error no fields specified for verification")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        refused(DOMAIN, {"domain": None}, 422, _required("field 'domain' is required"), "documented"),
        refused(DOMAIN, {"domain": ""}, 422, error(INVALID, "1300",
                "Error domain name length too short for domain: ''"), "assumed"),
        *[fine(DOMAIN, {name: None}, "observed") for name in (
            "tracking_domain", "dkim", "generate_dkim", "dkim_key_length", "shared_with_subaccounts")],
        fine(DOMAIN, {"tracking_domain": "", "dkim": {}}, "assumed"),
        mistyped(DOMAIN, {"dkim": []}, "dkim", "json_array", "json_object", "assumed"),
        mistyped(DOMAIN, {"dkim_key_length": ""}, "dkim_key_length", "string", "number", "assumed"),
        *[refused(VERIFY, change, 422, NOTHING, "observed") for change in ({}, {"dkim_verify": None})],
        *[refused(VERIFY, change, 422, NOTHING, "assumed") for change in (
            {"verification_mailbox": ""}, {"abuse_at_token": ""})],
        mistyped(VERIFY, {"dkim_verify": ""}, "dkim_verify", "string", "boolean", "assumed"),
        *[refused(KEY, change, 422, _required("id is required"), "documented") for change in ({}, {"id": None})],
        refused(KEY, {"id": ""}, 422, _required("id is required"), "assumed"),
        fine(KEY, {"id": "a", "private": None, "public": None, "selector": None, "headers": None}, "observed"),
    ],
)  # fmt: skip
def test_a_sending_domain(
    request: pytest.FixtureRequest, api: httpx.Client, domain: str, change: dict[str, Any], expected: Expected
) -> None:
    path, case_id = "/api/v1/sending-domains", request.node.callspec.id
    if DOMAIN in case_id:
        response = api.post(path, json={"domain": f"empty.{domain}"} | change)
    else:
        response = api.post(f"{path}/{domain}/{'verify' if VERIFY in case_id else 'dkim-keys'}", json=change)
    _check(response, expected)


SUPPRESS, MANY = "update_suppression", "update_suppressions"
KIND = "Type must be one of: 'transactional', 'non_transactional'"


def unfit(change: dict[str, Any]) -> ParameterSet:
    """Return a row that makes an entry of a bulk update malformed."""
    return case(f"{MANY}:suppressions_malformed", change, "PUT body contains 1 invalid or malformed recipient(s): {}",
                id=str(change), evidence="assumed")  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        case(f"{SUPPRESS}:suppression_type_missing", {"type": None}, "Must supply a suppression type"),
        case(f"{SUPPRESS}:suppression_type_unknown", {"type": ""}, KIND, id="empty"),
        case(f"{SUPPRESS}:suppression_type_unknown", {"type": []}, KIND, id="list", evidence="assumed"),
        *[case(SUPPRESS, {name: value}, "", id=f"{name}-{value}", evidence="assumed")
          for name in ("description", "list_id") for value in (None, "")],
        *[unfit({"type": value}) for value in NOT_TYPES],
        *[unfit({name: value}) for name in ("description", "list_id") for value in NOT_TEXTS],
        *[case(MANY, {name: value}, "", id=f"{name}-{value}", evidence="assumed")
          for name in ("description", "list_id") for value in (None, "")],
    ],
)  # fmt: skip
def test_a_suppression(
    request: pytest.FixtureRequest, api: httpx.Client, recipient: str, change: dict[str, Any], message: str
) -> None:
    path, entry = "/api/v1/suppression-list", {"type": "transactional"} | change
    if MANY in request.node.callspec.id:
        response = api.put(path, json={"recipients": [{"recipient": recipient, **entry}]})
    else:
        response = api.put(f"{path}/{recipient}", json=entry)
    expected = {"errors": [{"message": message.format(recipient) if "{}" in message else message}]}
    assert (response.status_code, response.json()) == (400, expected) if message else response.status_code == 200


@pytest.mark.parametrize(
    ("value", "status"),
    [
        *[case(f"{MANY}:no_recipient_array", value, 400, id=str(value), evidence="assumed")
          for value in NOT_ARRAYS],
        *[case(f"{MANY}:suppressions_malformed", value, 400, id=str(value), evidence="assumed")
          for value in NOT_SUPPRESSIONS],
        case(MANY, [], 200, id="nobody", evidence="assumed"),
    ],
)  # fmt: skip
def test_suppressions(api: httpx.Client, value: object, status: int) -> None:
    assert api.put("/api/v1/suppression-list", json={"recipients": value}).status_code == status


@pytest.mark.parametrize(
    ("value", "reply"),
    [
        case(SEND, "{}", "250", evidence="assumed", sandbox_only=True, id="object"),
        case(SEND, '{"tags": [], "cc": [], "metadata": {}, "options": {}, "campaign_id": ""}', "250",
             evidence="assumed", sandbox_only=True, id="fields"),
        case(SEND, '{"tags": null, "cc": null, "metadata": null, "options": null}', "250", evidence="assumed",
             sandbox_only=True, id="nulls"),
        case(SEND, '{"metadata": []}', "550", evidence="assumed", sandbox_only=True, id="array"),
        case(SEND, "[]", "550", evidence="assumed", sandbox_only=True, id="list"),
        case(SEND, "", "550", evidence="assumed", sandbox_only=True, id="nothing"),
    ],
)  # fmt: skip
def test_a_mail_with_x_msys_api(
    api: httpx.Client, account: Sparkpost, recipient: str, world: World, value: str, reply: str
) -> None:
    content = {"from": account.sender, "subject": "Hello", "text": "Hi"}
    api.post(PATH, json={"recipients": [{"address": recipient}], "content": content}).raise_for_status()
    mail = f"X-MSYS-API: {value}\r\nFrom: {account.sender}\r\nTo: {recipient}\r\nSubject: s\r\n\r\nHi\r\n"
    with logged_in(MailRelay.at(account.smtp, "SMTP_Injection", account.key)) as client:
        client.mail(account.sender)
        client.rcpt(recipient)
        assert str(client.data(mail)[0]) == reply


SEARCHES = {
    "search_events": ("events/message", "from to cursor per_page recipients campaigns"),
    "search_suppressions": ("suppression-list", "from to cursor per_page domain types sources"),
    "list_transmissions": ("transmissions", "campaign_id template_id"),
}


@pytest.mark.parametrize("path", [case(id, path, evidence="assumed") for id, (path, _) in SEARCHES.items()])
def test_empty_parameter_counts_as_absent(api: httpx.Client, account: Sparkpost, path: str) -> None:
    names = dict(SEARCHES.values())[path].split()
    response = api.get(f"/api/v1/{path}", params=dict.fromkeys(names, ""))
    assert response.json() == api.get(f"/api/v1/{path}").json()


def _check(response: httpx.Response, expected: Expected) -> None:
    if expected is None:
        assert response.status_code == 200, response.text
    else:
        assert (response.status_code, response.json()) == (expected[0], {"errors": [expected[1]]})
