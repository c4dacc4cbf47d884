"""The recipients of a transmission: accepted or rejected one by one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.sparkpost.api import Api
from tests.services.sparkpost.transmissions.calls import ADA, CONTENT, messages, refuse, request

# Recipients


@pytest.mark.parametrize(
    ("recipient", "code", "description"),
    [
        ({}, "1400", "address.email is required for each recipient"),
        ({"address": None}, "1400", "address.email is required for each recipient"),
        ({"address": {"name": "Ada"}}, "1400", "address.email is required for each recipient"),
        ({"address": "ada"}, "1300", "invalid recipient address: ada"),
        ({"address": "ada@mail.example "}, "1300", "invalid recipient address: ada@mail.example "),
        ({"address": {"email": "a b@mail.example"}}, "1300", "invalid recipient address.email: a b@mail.example"),
        ({"address": {"email": 5}}, "1300", "invalid recipient address.email: 5"),
        ({"address": [1]}, "1300", "address [1] is not JSON"),
        ({"address": {"email": "a@b.example", "name": 1}}, "1300", "invalid recipient address.name: 1"),
        (
            {"address": {"email": "a@b.example", "header_to": "x\r\ny"}},
            "1300",
            "invalid recipient address.header_to: x\r\ny",
        ),
        ({"address": "wil..ma@mail.example"}, "1300", "invalid recipient address: wil..ma@mail.example"),
        ({"address": "Ada <ada@mail.example>"}, "1300", "invalid recipient address: Ada <ada@mail.example>"),
        (
            {"address": {"email": "a@b.example", "header_to": "Ada, a@b.example"}},
            "1300",
            "invalid recipient address.header_to: Ada, a@b.example",
        ),
        ({"address": "a@b.example", "metadata": []}, "1300", "metadata : is not of type json_object"),
        ({"address": "a@b.example", "substitution_data": 1}, "1300", "substitution_data : is not of type json_object"),
        ({"address": "a@b.example", "return_path": "x"}, "1300", "return_path 'x' is not a valid email address"),
        (
            {"address": "a@b.example", "tags": "x"},
            "1300",
            "field 'recipients[1].tags' is of type 'string', but needs to be of type 'json_array'",
        ),
        (
            {"address": "a@b.example", "tags": [1]},
            "1300",
            "field 'recipients[1].tags[0]' is of type 'number', but needs to be of type 'string'",
        ),
        ("a@b.example", "1300", "field 'recipients[1]' is of type 'string', but needs to be of type 'json_object'"),
        (
            {"address": "a@b.example", "metadata": {"x": "y" * 10_000}},
            "2007",
            "Recipient-level metadata must be less than 10000 bytes",
        ),
        (
            {"address": "a@b.example", "substitution_data": {"x": "y" * 100_000}},
            "2002",
            "Recipient-level substitution data must be less than 100000 bytes",
        ),
    ],
)
def test_invalid_recipient_is_rejected_on_its_own(api: Api, recipient: Any, code: str, description: str) -> None:
    response = api.send("POST", "/transmissions", request(recipients=[ADA, recipient]))
    assert response.status_code == 200
    results = response.json()["results"]
    assert (results["total_accepted_recipients"], results["total_rejected_recipients"]) == (1, 1)
    (row,) = results["rcpt_to_errors"]
    assert (row["code"], row["description"]) == (code, description)
    assert response.json()["errors"] == [
        {"message": "transmission created, but with validation errors", "code": "2000"}
    ]
    assert len(messages(api)) == 1


def test_transmission_without_valid_recipients_is_refused(api: Api) -> None:
    wanted = {"status": 400, "message": "At least one valid recipient is required", "code": 5002}
    assert refuse(api, recipients=[{"address": "ada"}]) == wanted
    assert refuse(api, recipients=[]) == wanted


@pytest.mark.parametrize(
    ("recipients", "code", "description"),
    [
        (None, "1400", "recipients or list_id required"),
        ({}, "1400", "recipients or list_id required"),
        ({"list_name": "x"}, "1400", "recipients or list_id required"),
        ("x", "1300", "Invalid recipients type - needs to be json_array or json_object"),
        (
            {"list_id": 5},
            "1300",
            "field 'recipients.list_id' is of type 'number', but needs to be of type 'string'",
        ),
        ({"list_id": "none"}, "1603", "Recipient list 'none' does not exist"),
    ],
)
def test_invalid_recipients_are_refused(api: Api, recipients: Any, code: str, description: str) -> None:
    row = refuse(api, recipients=recipients)
    assert (row["status"], row["code"], row["description"]) == (422, code, description)


def test_num_rcpt_errors_limits_the_errors(api: Api) -> None:
    recipients = [ADA, {"address": "x"}, {"address": "y"}]
    response = api.send("POST", "/transmissions?num_rcpt_errors=1", request(recipients=recipients))
    assert len(response.json()["results"]["rcpt_to_errors"]) == 1
    response = api.send("POST", "/transmissions?num_rcpt_errors=x", request())
    assert response.status_code == 400
    assert response.json()["errors"][0]["description"] == "param 'num_rcpt_errors' must be an integer"


def test_transmission_to_a_stored_list_reaches_its_recipients(api: Api) -> None:
    stored = [ADA | {"substitution_data": {"plan": "gold"}}, {"address": "grace@mail.example"}]
    api.call("POST", "/recipient-lists", {"id": "all", "recipients": stored})
    api.call("POST", "/transmissions", request(recipients={"list_id": "all"}, content=CONTENT | {"text": "{{plan}}"}))
    assert [(m.to, m.text) for m in messages(api)] == [("Ada@mail.example", "gold"), ("grace@mail.example", "")]
