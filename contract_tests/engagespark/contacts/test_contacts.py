"""Contacts: https://openapi.engagespark.com/#tag/Contacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

Create = Callable[..., Any]


@pytest.mark.documented("create_contact", "get_contact", "delete_contact", "delete_contact:contact_not_found")
@pytest.mark.documented("get_contact:contact_not_found")
def test_contact_is_created_read_and_deleted(api: httpx.Client, org: str, contact: Create) -> None:
    created = contact(lastName="Reyes", language="Filipino")
    assert (created["fullPhoneNumber"], created["lastName"], created["language"]) == (
        "639181234567",
        "Reyes",
        "Filipino",
    )
    path = f"{org}/contacts/{created['id']}/"
    assert api.get(path).raise_for_status().json()["firstName"] == created["firstName"]
    assert api.delete(path).raise_for_status().json() == {}
    for response in (api.get(path), api.delete(path)):
        assert (response.status_code, response.json()["error"]) == (404, "Not found")
    assert api.get(path).json()["errorCode"] == "contact.notfound"


@pytest.mark.documented("update_contact", "update_contact:contact_not_found")
def test_only_what_is_set_is_updated(api: httpx.Client, org: str, contact: Create) -> None:
    created = contact(lastName="Reyes", language="Filipino")
    path = f"{org}/contacts/{created['id']}/"
    changed = api.put(path, json={"lastName": "Santos"}).raise_for_status().json()
    assert (changed["firstName"], changed["lastName"], changed["language"]) == (
        created["firstName"],
        "Santos",
        "Filipino",
    )
    api.delete(path)
    assert api.put(path, json={"lastName": "Cruz"}).status_code == 404


@pytest.mark.documented("create_contact")
def test_several_contacts_may_share_a_number(contact: Create) -> None:
    assert contact()["id"] != contact()["id"]


@pytest.mark.sandbox_only  # A custom field cannot be deleted again.
@pytest.mark.documented("create_contact", "update_contact")
def test_custom_fields_are_named_without_regard_to_case_and_deleted_by_an_empty_value(
    api: httpx.Client, org: str, contact: Create, prefix: str
) -> None:
    field = f"{prefix}-Field"
    created = contact(customFieldsByName={field: "one"})
    assert list(created["customFields"].values()) == ["one"]
    id = next(iter(created["customFields"]))
    path = f"{org}/contacts/{created['id']}/"
    both = {"customFieldsByName": {field.upper(): "two"}, "customFields": {id: "three"}}
    assert api.put(path, json=both).raise_for_status().json()["customFields"] == {id: "two"}
    assert api.put(path, json={"customFields": {id: ""}}).raise_for_status().json()["customFields"] == {}


@pytest.mark.documented("list_contacts")
def test_contacts_are_searched_by_name_and_number(api: httpx.Client, org: str, contact: Create) -> None:
    created = contact()
    by_name = api.get(f"{org}/contacts/", params={"search": created["firstName"]}).raise_for_status().json()
    assert ([row["id"] for row in by_name["contacts"]], by_name["total"]) == ([created["id"]], 1)
    assert by_name["orgTotal"] >= 1
    for query in ({"phonenumber": "+639181234567"}, {"phonenumber": "09181234567", "region": "PH"}):
        listed = api.get(f"{org}/contacts/", params=query | {"search": created["firstName"]}).json()
        assert [row["id"] for row in listed["contacts"]] == [created["id"]]


@pytest.mark.documented("list_contacts", "create_contact", "update_contact")
@pytest.mark.sandbox_only  # Groups are made in the vendor's web application.
def test_contacts_are_filtered_by_group_and_by_what_was_set(
    api: httpx.Client, org: str, contact: Create, simulate: Callable[..., None]
) -> None:
    one, two = contact(groups=[7, "12"])["id"], contact(groups=[12], noAutodelete=True)["id"]
    queries: list[tuple[dict[str, str | int], list[int]]] = [
        ({"groupid": 7}, [one]),
        ({"groupid": 12}, [one, two]),
        ({"noautodelete": "true"}, [two]),
        ({"groupid": 12, "noautodelete": "false"}, [one]),
        ({"whatsappready": "true"}, []),
    ]
    for query, found in queries:
        assert [row["id"] for row in api.get(f"{org}/contacts/", params=query).json()["contacts"]] == found
    assert api.put(f"{org}/contacts/{one}/", json={"groups": ["12"]}).json()["groups"] == [12]
    simulate("inbound-whatsapp", **{"from": "639181234567", "message": "Hi"})
    listed = api.get(f"{org}/contacts/", params={"whatsappready": "true"}).json()
    assert ([row["withBsuid"] for row in listed["contacts"]], listed["total"], listed["orgTotal"]) == ([True], 1, 2)


@pytest.mark.observed("create_contact:invalid_number", "update_contact:invalid_number", "list_contacts:invalid_number")
def test_invalid_number_is_an_error(api: httpx.Client, org: str, contact: Create) -> None:
    assert api.post(f"{org}/contacts/", json={"fullPhoneNumber": "6305"}).status_code == 400
    path = f"{org}/contacts/{contact()['id']}/"
    assert api.put(path, json={"fullPhoneNumber": "6305"}).status_code == 400
    assert api.get(f"{org}/contacts/", params={"phonenumber": "6305"}).status_code == 400


@pytest.mark.observed("create_contact")
def test_country_beside_a_full_number_is_ignored(contact: Create) -> None:
    assert contact(phoneNumberCountry="PH")["fullPhoneNumber"] == "639181234567"


@pytest.mark.assumed("create_contact:no_recipient")
def test_contact_needs_a_number(api: httpx.Client, org: str) -> None:
    assert api.post(f"{org}/contacts/", json={"firstName": "Nobody"}).status_code == 400


@pytest.mark.documented("list_contacts", "get_contact")
@pytest.mark.sandbox_only
def test_subscriptions_are_shown_and_filtered(api: httpx.Client, org: str, contact: Create) -> None:
    id = contact()["id"]
    delay = {"unit": "hour", "value": 1}
    run = api.post(f"{org}/engagements/1001/subscribe", json={"contactId": id, "delay": delay}).json()["runId"]
    shown = api.get(f"{org}/contacts/{id}/", params={"subscriptionstatus": 1001}).json()["subscription"]
    assert (shown["totalCount"], shown["inProgressCount"], shown["activeId"]) == (1, 1, run)
    for which, found in (("is", [id]), ("isnot", []), ("was", [])):
        query: dict[str, str | int] = {"subscriptionstatus": 1001, "subscriptionfilter": which}
        assert [row["id"] for row in api.get(f"{org}/contacts/", params=query).json()["contacts"]] == found
