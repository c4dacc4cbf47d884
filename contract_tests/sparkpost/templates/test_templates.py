"""https://developers.sparkpost.com/api/templates/"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contract_tests.cases import case
from contract_tests.sparkpost.responses import EXCLUSIVE, INVALID, MISSING, api_error, error, results
from contract_tests.sparkpost.target import Sparkpost

CONTENT = {"subject": "Hello {{name}}", "text": "Dear {{name}}", "html": "<p>Dear {{name}}</p>"}
NOT_FOUND = (404, {"message": "Resource could not be found"})


@pytest.fixture
def content(account: Sparkpost) -> dict[str, Any]:
    return {"from": {"email": account.sender, "name": "The Shop"}, **CONTENT}


@pytest.fixture
def draft(api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]) -> str:
    """The id of a template that was never published."""
    body = {"id": name("draft"), "name": "A draft", "content": content, "options": {"open_tracking": True}}
    return str(results(api.post("/api/v1/templates", json=body))["id"])


@pytest.fixture
def published(api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]) -> str:
    """The id of a template without draft."""
    body = {"id": name("published"), "name": "Published", "content": content, "published": True}
    return str(results(api.post("/api/v1/templates", json=body))["id"])


@pytest.mark.documented("create_template")
def test_creating_a_template_returns_its_id(
    api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]
) -> None:
    id = name("template")
    assert results(api.post("/api/v1/templates", json={"id": id, "content": content})) == {"id": id}


@pytest.mark.documented("create_template", "retrieve_template")
def test_template_id_can_be_left_out(api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]) -> None:
    given = name("Summer sale")
    id = results(api.post("/api/v1/templates", json={"name": given, "content": content}))["id"]
    assert results(api.get(f"/api/v1/templates/{id}"))["name"] == given


@pytest.mark.documented("retrieve_template")
def test_template_is_stored_as_given(api: httpx.Client, draft: str, content: dict[str, Any]) -> None:
    template = results(api.get(f"/api/v1/templates/{draft}"))
    assert (template["id"], template["name"], template["content"]) == (draft, "A draft", content)
    assert (template["published"], template["has_draft"], template["has_published"]) == (False, True, False)
    assert template["options"]["open_tracking"] is True
    assert template["options"]["transactional"] is False


@pytest.mark.documented("retrieve_template")
def test_each_template_version_can_be_retrieved(api: httpx.Client, published: str, content: dict[str, Any]) -> None:
    api.put(f"/api/v1/templates/{published}", json={"content": {**content, "subject": "Newer"}})
    drafted = results(api.get(f"/api/v1/templates/{published}", params={"draft": "true"}))
    shown = results(api.get(f"/api/v1/templates/{published}", params={"draft": "false"}))
    assert (drafted["published"], drafted["content"]["subject"]) == (False, "Newer")
    assert (shown["published"], shown["content"]["subject"]) == (True, CONTENT["subject"])


@pytest.mark.documented("list_templates")
def test_templates_are_listed(api: httpx.Client, draft: str, published: str) -> None:
    rows = {row["id"]: row for row in results(api.get("/api/v1/templates"))}
    assert (rows[draft]["published"], rows[draft]["has_draft"]) == (False, True)
    assert (rows[published]["published"], rows[published]["has_published"]) == (True, True)
    assert "content" not in rows[draft]


@pytest.mark.observed("list_templates")
def test_list_has_shared_with_subaccount_in_the_singular(api: httpx.Client, draft: str) -> None:
    (row,) = [row for row in results(api.get("/api/v1/templates")) if row["id"] == draft]
    assert row["shared_with_subaccount"] is False
    assert results(api.get(f"/api/v1/templates/{draft}"))["shared_with_subaccounts"] is False


@pytest.mark.documented("list_templates")
def test_templates_can_be_filtered_for_drafts(api: httpx.Client, draft: str, published: str) -> None:
    found = {row["id"] for row in results(api.get("/api/v1/templates", params={"draft": "true"}))}
    assert draft in found
    assert published not in found


@pytest.mark.observed("update_template")
def test_updating_a_template_gets_an_empty_object(api: httpx.Client, draft: str) -> None:
    response = api.put(f"/api/v1/templates/{draft}", json={"name": "Another name"})
    assert (response.status_code, response.json()) == (200, {})
    assert results(api.get(f"/api/v1/templates/{draft}"))["name"] == "Another name"


@pytest.mark.documented("update_template", "retrieve_template")
def test_a_draft_is_published(api: httpx.Client, draft: str) -> None:
    assert api.put(f"/api/v1/templates/{draft}", json={"published": True}).status_code == 200
    template = results(api.get(f"/api/v1/templates/{draft}"))
    assert (template["published"], template["has_draft"], template["has_published"]) == (True, False, True)


@pytest.mark.documented("update_template", "retrieve_template")
def test_the_published_version_can_be_changed_directly(
    api: httpx.Client, published: str, content: dict[str, Any]
) -> None:
    body = {"content": {**content, "subject": "Newer"}}
    assert api.put(f"/api/v1/templates/{published}?update_published=true", json=body).status_code == 200
    template = results(api.get(f"/api/v1/templates/{published}", params={"draft": "false"}))
    assert (template["content"]["subject"], template["has_draft"]) == ("Newer", False)


@pytest.mark.documented("preview_template")
def test_preview_is_rendered(api: httpx.Client, draft: str) -> None:
    body = {"substitution_data": {"name": "Natalie"}}
    preview = results(api.post(f"/api/v1/templates/{draft}/preview?draft=true", json=body))
    assert preview["subject"] == "Hello Natalie"
    assert preview["text"] == "Dear Natalie"
    assert preview["html"] == "<p>Dear Natalie</p>"
    assert preview["from"]["name"] == "The Shop"


@pytest.mark.documented("preview_inline_content")
def test_inline_content_is_previewed_without_being_kept(api: httpx.Client, content: dict[str, Any]) -> None:
    body = {"content": content, "substitution_data": {"name": "Natalie"}}
    preview = results(api.post("/api/v1/utils/content-previewer", json=body))
    assert (preview["subject"], preview["text"]) == ("Hello Natalie", "Dear Natalie")


@pytest.mark.observed("delete_template", "retrieve_template:template_not_found")
def test_deleting_a_template_gets_an_empty_object(api: httpx.Client, draft: str) -> None:
    response = api.delete(f"/api/v1/templates/{draft}")
    assert (response.status_code, response.json()) == (200, {})
    assert api_error(api.get(f"/api/v1/templates/{draft}")) == NOT_FOUND


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        case("retrieve_template:template_not_found", "GET", "", None, evidence="observed"),
        case("update_template:template_not_found", "PUT", "", {"name": "A name"}, evidence="observed"),
        case("delete_template:template_not_found", "DELETE", "", None, evidence="observed"),
        case("preview_template:template_not_found", "POST", "/preview", {}, evidence="observed"),
    ],
)
def test_an_unknown_template_has_no_code(
    api: httpx.Client, name: Callable[[str], str], method: str, path: str, body: Any
) -> None:
    assert api_error(api.request(method, f"/api/v1/templates/{name('none')}{path}", json=body)) == NOT_FOUND


@pytest.mark.documented("create_template:template_exists")
def test_taken_id_is_refused(api: httpx.Client, draft: str, content: dict[str, Any]) -> None:
    status, row = api_error(api.post("/api/v1/templates", json={"id": draft, "content": content}))
    assert (status, row["code"], row["message"]) == (400, "3030", "template already exists")


@pytest.mark.documented("update_template:no_draft")
def test_nothing_can_be_published_without_a_draft(api: httpx.Client, published: str) -> None:
    status, row = api_error(api.put(f"/api/v1/templates/{published}", json={"published": True}))
    assert (status, row["code"]) == (422, "2004")
    assert row["message"] == "No draft template available, but published version exists"


@pytest.mark.documented("update_template:not_published")
def test_missing_published_version_cannot_be_changed(api: httpx.Client, draft: str) -> None:
    status, row = api_error(api.put(f"/api/v1/templates/{draft}?update_published=true", json={"name": "A name"}))
    assert (status, row["code"]) == (422, "2005")
    assert row["message"] == "No published template available, but draft version exists"


WRONG_CONTENT = [
    (
        "invalid_combination",
        {"email_rfc822": "From: news@shop.example\r\nSubject: Hello\r\n\r\nHi"},
        (422, "1301", EXCLUSIVE, "content.email_rfc822 and content."),
    ),
    (
        "invalid_header",
        {"headers": {"Subject": "Hello"}},
        (422, "3002", "Invalid header", "Error while validating header Subject: "),
    ),
    (
        "template_syntax",
        {"text": "Dear\n{{name"},
        (
            422,
            "3000",
            "substitution language syntax error in template content",
            "Error while compiling part text: line 2: ",
        ),
    ),
    ("invalid_data", {"html": 5}, (422, "1300", INVALID, "")),
    ("required_field_missing", {"subject": None}, (422, "1400", MISSING, "content.subject is a required field")),
]
WRONG_STORED_CONTENT = [
    *WRONG_CONTENT,
    (
        "invalid_from",
        {"from": "The Shop"},
        (400, "1307", "failed to update database", 'content.from.email: "The Shop" isn\'t a valid email format.'),
    ),
]


@pytest.mark.parametrize(
    ("change", "expected"),
    [case(f"create_template:{error}", change, expected) for error, change, expected in WRONG_STORED_CONTENT],
)
def test_content_is_checked_when_a_template_is_created(
    api: httpx.Client, name: Callable[[str], str], content: dict[str, Any], change: Any, expected: Any
) -> None:
    status, row = api_error(api.post("/api/v1/templates", json={"id": name("x"), "content": {**content, **change}}))
    assert (status, row["code"], row["message"]) == expected[:3]
    assert row["description"].startswith(expected[3])


@pytest.mark.parametrize(
    ("change", "expected"),
    [case(f"update_template:{error}", change, expected) for error, change, expected in WRONG_STORED_CONTENT],
)
def test_content_is_checked_when_a_template_is_updated(
    api: httpx.Client, draft: str, content: dict[str, Any], change: Any, expected: Any
) -> None:
    status, row = api_error(api.put(f"/api/v1/templates/{draft}", json={"content": {**content, **change}}))
    assert (status, row["code"], row["message"]) == expected[:3]
    assert row["description"].startswith(expected[3])


@pytest.mark.parametrize(
    ("change", "expected"),
    [case(f"preview_inline_content:{error}", change, expected) for error, change, expected in WRONG_CONTENT],
)
def test_content_is_checked_when_it_is_previewed(
    api: httpx.Client, content: dict[str, Any], change: Any, expected: Any
) -> None:
    status, row = api_error(api.post("/api/v1/utils/content-previewer", json={"content": {**content, **change}}))
    assert (status, row["code"], row["message"]) == expected[:3]
    assert row["description"].startswith(expected[3])


UNREADABLE = {"email_rfc822": "no headers at all"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        case("create_template:mime_parsing", "POST", "/api/v1/templates"),
        case("preview_inline_content:mime_parsing", "POST", "/api/v1/utils/content-previewer"),
    ],
)
def test_unreadable_rfc822_is_refused(api: httpx.Client, name: Callable[[str], str], method: str, path: str) -> None:
    status, row = api_error(api.request(method, path, json={"id": name("mail"), "content": UNREADABLE}))
    assert (status, row["code"], row["message"]) == (422, "3020", "template mime parsing error")


@pytest.mark.documented("update_template:mime_parsing")
def test_unreadable_rfc822_is_refused_in_an_update(api: httpx.Client, draft: str) -> None:
    status, row = api_error(api.put(f"/api/v1/templates/{draft}", json={"content": UNREADABLE}))
    assert (status, row["code"], row["message"]) == (422, "3020", "template mime parsing error")


@pytest.mark.documented("create_template:template_syntax")
def test_a_syntax_error_says_where_it_is(
    api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]
) -> None:
    wrong = {**content, "text": "Dear\n\n\n{{if age >}}"}
    status, row = api_error(api.post("/api/v1/templates", json={"id": name("syntax"), "content": wrong}))
    assert (status, row["part"], row["line"], row["code"]) == (422, "text", 4, "3000")
    assert row["description"].startswith("Error while compiling part text: line 4: ")


UNDEFINED = "{{loop_var.name}}"


@pytest.mark.documented("preview_template:template_render")
def test_preview_with_render_error_is_refused(
    api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]
) -> None:
    id = name("render")
    results(api.post("/api/v1/templates", json={"id": id, "content": {**content, "text": UNDEFINED}}))
    status, row = api_error(api.post(f"/api/v1/templates/{id}/preview", json={"substitution_data": {}}))
    assert (status, row["code"], row["message"], row["part"]) == (422, "3001", "substitution render error", "text")


@pytest.mark.documented("preview_inline_content:template_render")
def test_inline_preview_with_render_error_is_refused(api: httpx.Client, content: dict[str, Any]) -> None:
    body = {"content": {**content, "text": UNDEFINED}, "substitution_data": {}}
    status, row = api_error(api.post("/api/v1/utils/content-previewer", json=body))
    assert (status, row["code"], row["message"], row["part"]) == (422, "3001", "substitution render error", "text")


@pytest.mark.documented("create_template:invalid_data")
def test_an_id_has_at_most_64_bytes(api: httpx.Client, content: dict[str, Any]) -> None:
    response = api.post("/api/v1/templates", json={"id": "contract-" + "x" * 56, "content": content})
    text = "field 'id' is of length '65', but needs to be of max length '64'"
    assert api_error(response) == (422, error(INVALID, "1300", text))


@pytest.mark.documented("create_template:invalid_length")
@pytest.mark.sandbox_only
def test_content_has_at_most_five_megabytes(
    api: httpx.Client, name: Callable[[str], str], content: dict[str, Any]
) -> None:
    body = {"id": name("large"), "content": {**content, "text": "x" * (5 * 1024 * 1024 + 1)}}
    status, row = api_error(api.post("/api/v1/templates", json=body))
    assert (status, row["code"], row["message"]) == (422, "1300", INVALID)
