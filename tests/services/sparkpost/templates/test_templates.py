"""Templates: stored content with a draft and a published version."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from tests.services.sparkpost.api import Api

CONTENT = {
    "from": {"email": "news@shop.example", "name": "The Shop"},
    "subject": "Hello {{name}}",
    "text": "Dear {{name}}",
    "html": "<p>Dear {{name}}</p>",
}


def create(api: Api, id: str = "welcome", **fields: Any) -> None:
    api.call("POST", "/templates", {"id": id, "content": CONTENT, **fields})


def describe(api: Api, content: dict[str, Any]) -> dict[str, Any]:
    """The one thing that is wrong with content."""
    response = api.send("POST", "/templates", {"id": "x", "content": content})
    assert response.status_code in (400, 422), response.text
    (row,) = response.json()["errors"]
    assert isinstance(row, dict)
    return {"status": response.status_code, **row}


def test_new_template_is_a_draft(api: Api) -> None:
    create(api)
    template = api.call("GET", "/templates/welcome")
    assert (template["published"], template["has_draft"], template["has_published"]) == (False, True, False)
    assert template["content"] == CONTENT


def test_template_can_be_created_published(api: Api) -> None:
    create(api, published=True)
    template = api.call("GET", "/templates/welcome")
    assert (template["published"], template["has_draft"], template["has_published"]) == (True, False, True)


def test_template_without_id_gets_one_from_its_name(api: Api) -> None:
    id = api.call("POST", "/templates", {"name": "Welcome!", "content": CONTENT})["id"]
    assert api.call("GET", f"/templates/{id}")["name"] == "Welcome!"


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({}, "At least one of 'id' or 'name' must exist"),
        ({"id": ""}, "id cannot be empty string"),
        ({"id": "no spaces"}, "id may only contain letters, numbers, underscores, periods and hyphens"),
        ({"id": "x" * 65}, "field 'id' is of length '65', but needs to be of max length '64'"),
        ({"id": "x", "name": "é" * 513}, "field 'name' is of length '1026', but needs to be of max length '1024'"),
        ({"id": "x", "published": "true"}, "field 'published' is of type 'string', but needs to be of type 'boolean'"),
    ],
)
def test_invalid_template_id_is_refused(api: Api, fields: dict[str, Any], description: str) -> None:
    api_error = api.refuse("POST", "/templates", {**fields, "content": CONTENT})
    assert api_error == (422, "1300", "invalid data format/type", description)


def test_taken_id_is_refused(api: Api) -> None:
    create(api)
    assert api.refuse("POST", "/templates", {"id": "welcome", "content": CONTENT}) == (
        400, "3030", "template already exists", "Template with id 'welcome' already exists",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "description"),
    [
        ({}, "No valid fields exist in the 'content' object"),
        ({"subject": "s", "text": "t"}, "content.from is a required field"),
        ({"from": {"name": "n"}, "subject": "s", "text": "t"}, "content.from.email is a required field"),
        ({"from": "a@b.example", "text": "t"}, "content.subject is a required field"),
        ({"from": "a@b.example", "subject": "s"}, "At least one of 'text' or 'html' needs to exist in 'content'"),
        (
            {"from": "a@b.example", "subject": "s", "amp_html": "a"},
            "content.amp_html requires content.html or content.text",
        ),
        ({"from": None, "subject": "s", "text": "t"}, "content.from is a required field"),
    ],
)
def test_incomplete_content_is_refused(api: Api, content: dict[str, Any], description: str) -> None:
    row = describe(api, content)
    assert row == {"status": 422, "message": "required field is missing", "description": description, "code": "1400"}


@pytest.mark.parametrize(
    ("change", "description"),
    [
        ({"headers": []}, "field 'content.headers' is of type 'json_array', but needs to be of type 'json_object'"),
        ({"html": 5}, "field 'content.html' is of type 'number', but needs to be of type 'string'"),
        ({"from": ["a@b.example"]}, "field 'content.from' is of type 'json_array', but needs to be of type 'string'"),
        ({"from": {"email": 1}}, "field 'content.from.email' is of type 'number', but needs to be of type 'string'"),
        (
            {"headers": {"X-Count": 5}},
            "content.headers json dictionary value has type 'number' when expecting type 'string'",
        ),
        ({"attachments": []}, "attachments and inline_images are not supported in stored templates"),
    ],
)
def test_error_names_fields_of_the_wrong_type(api: Api, change: dict[str, Any], description: str) -> None:
    row = describe(api, CONTENT | change)
    assert (row["status"], row["code"], row["description"]) == (422, "1300", description)


def test_error_shows_list_indexes_in_brackets(api: Api) -> None:
    files = [{"name": "a.txt", "type": ["text/plain"], "data": ""}]
    row = describe(api, CONTENT | {"attachments": files})
    assert row["description"] == (
        "field 'content.attachments[0].type' is of type 'json_array', but needs to be of type 'string'"
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("Content-Type", "text/plain", "Header is generated and cannot be set"),
        ("X Spaced", "v", "Invalid header name"),
        ("X-" + "n" * 300, "v", "Header name too long"),
        ("X-Empty", "", "Missing header content"),
        ("X-Blank", "  ", "Header content all whitespace"),
        ("X-Broken", "a\r\nBcc: b", "Invalid header content"),
    ],
)
def test_invalid_headers_are_refused(api: Api, name: str, value: str, problem: str) -> None:
    row = describe(api, CONTENT | {"headers": {name: value}})
    assert (row["status"], row["code"], row["message"]) == (422, "3002", "Invalid header")
    assert row["description"] == f"Error while validating header {name}: {problem}"


def test_template_error_names_part_and_line(api: Api) -> None:
    row = describe(api, CONTENT | {"html": "one\n{{ if }}"})
    assert (row["status"], row["code"], row["part"], row["line"]) == (422, "3000", "html", 2)
    assert row["description"].startswith("Error while compiling part html: line 2: ")


def test_a_header_that_does_not_compile_has_no_line(api: Api) -> None:
    row = describe(api, CONTENT | {"subject": "s{{"})
    assert row == {
        "status": 422,
        "message": "substitution language syntax error in template content",
        "description": "Error while compiling header Subject: substitution statement missing ending '}}'",
        "code": "3000",
        "part": "Header:Subject",
    }


def test_invalid_sender_is_refused_unless_it_has_substitutions(api: Api) -> None:
    row = describe(api, CONTENT | {"from": "The Shop"})
    assert (row["status"], row["code"]) == (400, "1307")
    assert row["description"] == 'content.from.email: "The Shop" isn\'t a valid email format.'
    api.call("POST", "/templates", {"id": "x", "content": CONTENT | {"from": "{{who}} <{{address}}>"}})


def test_nulls_count_as_absent_and_unknown_fields_are_ignored(api: Api) -> None:
    given = CONTENT | {"amp_html": None, "headers": {"X-A": "1", "X-B": None}, "reply_to": None, "unknown": 1}
    create(api, "nulls", content=given, description=None, options=None)
    assert api.call("GET", "/templates/nulls")["content"] == CONTENT | {"headers": {"X-A": "1"}}


def test_template_can_be_rfc822(api: Api) -> None:
    mail = "From: The Shop <news@shop.example>\nSubject: Hello {{name}}\nContent-Type: text/plain\n\nDear {{name}}!"
    create(api, content={"email_rfc822": mail})
    assert api.call("GET", "/templates/welcome")["content"] == {"email_rfc822": mail}
    preview = api.call("POST", "/templates/welcome/preview", {"substitution_data": {"name": "Ada"}})
    assert "Subject: Hello Ada\r\n" in preview["email_rfc822"]
    assert preview["email_rfc822"].endswith("Dear Ada!\r\n")


def test_rfc822_excludes_other_content(api: Api) -> None:
    row = describe(api, {"email_rfc822": "From: a@b.example\n\nx", "subject": "s"})
    assert (row["status"], row["code"], row["message"]) == (422, "1301", "invalid combination of fields")
    assert row["description"] == "content.email_rfc822 and content.subject are mutually exclusive"


@pytest.mark.parametrize(
    "mail",
    [
        "",
        "no headers at all",
        "Content-Type: multipart/mixed; boundary=b\n\nno parts",
        "From: a@b.example\nContent-Type: text/plain; " + "x=y;" * 1000 + "\n\n",
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 6000,
        "From: a@b.example\n" + "X-Long: " + "x" * 70_000 + "\n\n",
    ],
)
def test_unreadable_rfc822_is_refused(api: Api, mail: str) -> None:
    row = describe(api, {"email_rfc822": mail})
    assert (row["status"], row["code"], row["message"]) == (422, "3020", "template mime parsing error")
    assert row["description"].startswith("Error in content.email_rfc822: ")


def test_update_changes_the_draft_alone(api: Api) -> None:
    create(api, published=True)
    api.send("PUT", "/templates/welcome", {"content": CONTENT | {"subject": "New"}})
    assert api.call("GET", "/templates/welcome?draft=true")["content"]["subject"] == "New"
    assert api.call("GET", "/templates/welcome?draft=false")["content"]["subject"] == "Hello {{name}}"


def test_template_update_gets_an_empty_object(api: Api) -> None:
    create(api)
    response = api.send("PUT", "/templates/welcome", {"name": "New name"})
    assert (response.status_code, response.json()) == (200, {})


def test_publishing_moves_the_draft(api: Api) -> None:
    create(api)
    api.send("PUT", "/templates/welcome", {"published": True})
    template = api.call("GET", "/templates/welcome")
    assert (template["published"], template["has_draft"]) == (True, False)
    assert api.refuse("PUT", "/templates/welcome", {"published": True})[:2] == (422, "2004")


def test_the_published_version_can_be_overwritten(api: Api) -> None:
    create(api, published=True)
    api.send("PUT", "/templates/welcome?update_published=true", {"content": CONTENT | {"subject": "New"}})
    assert api.call("GET", "/templates/welcome?draft=false")["content"]["subject"] == "New"
    create(api, "draft-only")
    api_error = api.refuse("PUT", "/templates/draft-only?update_published=true", {"content": CONTENT})
    assert api_error[1:] == (
        "2005",
        "No published template available, but draft version exists",
        "no published version of template 'draft-only'",
    )


def test_options_are_merged(api: Api) -> None:
    create(api, options={"open_tracking": True, "click_tracking": None})
    api.send("PUT", "/templates/welcome", {"options": {"transactional": True}})
    assert api.call("GET", "/templates/welcome")["options"] == {"open_tracking": True, "transactional": True}


@pytest.mark.parametrize("path", ["/templates/none", "/templates/welcome?draft=false"])
def test_unknown_template_gets_a_404_without_code(api: Api, path: str) -> None:
    create(api)
    response = api.send("GET", path)
    assert (response.status_code, response.json()) == (404, {"errors": [{"message": "Resource could not be found"}]})


def test_invalid_flag_in_the_query_is_refused(api: Api) -> None:
    create(api)
    assert api.refuse("GET", "/templates/welcome?draft=perhaps") == (
        400, "1200", "invalid params", "param 'draft' must be a boolean",
    )  # fmt: skip


def test_deleting_a_template_deletes_both_versions(api: Api) -> None:
    create(api, published=True)
    response = api.send("DELETE", "/templates/welcome", [])
    assert (response.status_code, response.json()) == (200, {})
    assert api.send("GET", "/templates/welcome").status_code == 404
    assert api.send("DELETE", "/templates/welcome").status_code == 404


def test_a_template_that_a_scheduled_transmission_uses_cannot_be_deleted(api: Api) -> None:
    create(api, published=True)
    start = {"start_time": "2026-03-02T12:00:00Z"}
    recipients = [{"address": "ada@mail.example"}]
    request = {"options": start, "recipients": recipients, "content": {"template_id": "welcome"}}
    api.call("POST", "/transmissions", request)
    assert api.refuse("DELETE", "/templates/welcome") == (
        409, "1602", "resource conflict", "Template is in use by msg generation",
    )  # fmt: skip
    api.account.clock.advance(2 * 86_400)
    assert api.send("DELETE", "/templates/welcome").status_code == 200


def test_list_has_shared_with_subaccount_in_the_singular(api: Api) -> None:
    create(api, shared_with_subaccounts=True)
    (row,) = api.call("GET", "/templates")
    assert row["shared_with_subaccount"] is True
    assert api.call("GET", "/templates/welcome")["shared_with_subaccounts"] is True


def test_templates_are_filtered_by_version(api: Api) -> None:
    create(api, "drafted")
    create(api, "published", published=True)
    assert [row["id"] for row in api.call("GET", "/templates?draft=true")] == ["drafted"]
    assert [row["id"] for row in api.call("GET", "/templates?draft=false")] == ["published"]


def test_subaccounts_see_their_own_and_what_is_shared(api: Api) -> None:
    create(api, "shared", shared_with_subaccounts=True)
    create(api, "private")
    api.call("POST", "/templates", {"id": "mine", "content": CONTENT}, subaccount=7)
    seen = {row["id"] for row in api.call("GET", "/templates", subaccount=7)}
    assert seen == {"shared", "mine"}
    assert api.send("GET", "/templates/private", subaccount=7).status_code == 404
    assert api.send("GET", "/templates/mine").status_code == 404
    assert api.call("GET", "/templates/mine", subaccount=7)["subaccount_id"] == 7


def test_sandbox_template_exists_but_is_not_listed(api: Api) -> None:
    assert api.call("GET", "/templates") == []
    template = api.call("GET", "/templates/my-first-email")
    assert template["content"]["from"]["email"] == "support@sparkpostbox.com"


def test_preview_renders_all_fields(api: Api) -> None:
    create(api, content=CONTENT | {"headers": {"X-Name": "{{name}}"}, "reply_to": "{{name}} <r@shop.example>"})
    preview = api.call("POST", "/templates/welcome/preview", {"substitution_data": {"name": "<Ada>"}})
    assert preview == {
        "from": CONTENT["from"],
        "subject": "Hello <Ada>",
        "reply_to": "<Ada> <r@shop.example>",
        "text": "Dear <Ada>",
        "html": "<p>Dear &lt;Ada&gt;</p>",
        "headers": {"X-Name": "<Ada>"},
    }


def test_a_preview_of_an_inline_template_has_no_sender(api: Api) -> None:
    body = {"content": CONTENT | {"from": "sandbox@sparkpostbox.com"}, "substitution_data": {"name": "Ada"}}
    preview = api.call("POST", "/utils/content-previewer", body)
    assert preview == {"subject": "Hello Ada", "text": "Dear Ada", "html": "<p>Dear Ada</p>"}


def test_render_error_names_part_and_line(api: Api) -> None:
    create(api, content=CONTENT | {"text": "\n{{address.name}}"})
    response = api.send("POST", "/templates/welcome/preview", {"substitution_data": {}})
    (row,) = response.json()["errors"]
    assert (response.status_code, row["code"], row["part"], row["line"]) == (422, "3001", "text", 2)
    assert row["message"] == "substitution render error"
    assert row["description"].startswith("Error while rendering part text: line 2: ")


def test_link_attributes_are_removed(api: Api) -> None:
    html = '<a href="https://shop.example/" data-msys-linkname="home">home</a>'
    create(api, content=CONTENT | {"html": html, "text": 'https://shop.example/[[data-msys-clicktrack="0"]]'})
    preview = api.call("POST", "/templates/welcome/preview", {})
    assert preview["html"] == '<a href="https://shop.example/">home</a>'
    assert "data-msys" not in preview["text"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 422, "1300"),
        (b"{", 422, "1300"),
        (b'{"id": "\xff"}', 400, "1305"),
        (b"[]", 422, "1300"),
        (b'"text"', 422, "1300"),
        (b"null", 422, "1300"),
        (b'{"id": "x"}', 422, "1400"),
    ],
)
def test_bodies_that_are_no_template(api: Api, raw: bytes, status: int, code: str) -> None:
    response = api.send("POST", "/templates", content=raw)
    assert (response.status_code, response.json()["errors"][0]["code"]) == (status, code)


@pytest.mark.parametrize(
    "operation",
    ["create_template", "list_templates", "retrieve_template", "update_template", "delete_template",
     "preview_template", "preview_inline_content"],
)  # fmt: skip
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    if operation != "create_template":
        create(api, "summer-sale", name="Summer sale", published=True, options={"open_tracking": True})
    api.replay(f"templates/{operation}")


ids = st.sampled_from(["a", "b", "c", "d"])
subjects = st.sampled_from(["Hello", "Hi {{name}}", "Good day"])


class Templates(RuleBasedStateMachine):
    """Templates against a model: of each id, the subjects of its draft and of its published version."""

    made = Bundle("made")

    @initialize()
    def begin(self) -> None:
        self.api = Api()
        self.model: dict[str, dict[str, str | None]] = {}

    @rule(target=made, id=ids, subject=subjects, published=st.booleans())
    def create(self, id: str, subject: str, published: bool) -> str:
        body = {"id": id, "content": CONTENT | {"subject": subject}, "published": published}
        response = self.api.send("POST", "/templates", body)
        assert response.status_code == (400 if id in self.model else 200)
        if id not in self.model:
            self.model[id] = {"draft": None if published else subject, "published": subject if published else None}
        return id

    @rule(id=made, subject=subjects)
    def change_draft(self, id: str, subject: str) -> None:
        response = self.api.send("PUT", f"/templates/{id}", {"content": CONTENT | {"subject": subject}})
        assert response.status_code == (200 if id in self.model else 404)
        if id in self.model:
            self.model[id]["draft"] = subject

    @rule(id=made, subject=subjects)
    def change_published(self, id: str, subject: str) -> None:
        body = {"content": CONTENT | {"subject": subject}}
        response = self.api.send("PUT", f"/templates/{id}?update_published=true", body)
        has = id in self.model and self.model[id]["published"] is not None
        assert response.status_code == (200 if has else 422 if id in self.model else 404)
        if has:
            self.model[id]["published"] = subject

    @rule(id=made)
    def publish(self, id: str) -> None:
        response = self.api.send("PUT", f"/templates/{id}", {"published": True})
        has = id in self.model and self.model[id]["draft"] is not None
        assert response.status_code == (200 if has else 422 if id in self.model else 404)
        if has:
            self.model[id] = {"draft": None, "published": self.model[id]["draft"]}

    @rule(id=consumes(made))
    def delete(self, id: str) -> None:
        response = self.api.send("DELETE", f"/templates/{id}")
        assert response.status_code == (200 if id in self.model else 404)
        self.model.pop(id, None)

    @rule(id=ids, draft=st.sampled_from(["", "?draft=true", "?draft=false"]))
    def read(self, id: str, draft: str) -> None:
        response = self.api.send("GET", f"/templates/{id}{draft}")
        versions = self.model.get(id, {"draft": None, "published": None})
        wanted = {"": versions["draft"] or versions["published"], "?draft=true": versions["draft"]}.get(
            draft, versions["published"]
        )
        assert response.status_code == (404 if wanted is None else 200)
        if wanted is not None:
            assert response.json()["results"]["content"]["subject"] == wanted

    @invariant()
    def lists_agree(self) -> None:
        rows = {row["id"]: row for row in self.api.call("GET", "/templates")}
        assert {id: (row["has_draft"], row["has_published"]) for id, row in rows.items()} == {
            id: (versions["draft"] is not None, versions["published"] is not None)
            for id, versions in self.model.items()
        }


TestTemplates = Templates.TestCase
TestTemplates.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_content_is_at_most_5_mb(api: Api) -> None:
    content = {"from": "a@acme.example", "subject": "Hello", "text": "x" * 5_300_000}
    api_error = api.refuse("POST", "/templates", {"id": "large", "content": content})
    assert api_error == (422, "1300", "invalid data format/type", "content must not be larger than 5 MB")
