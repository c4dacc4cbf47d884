"""Contacts: fields, groups, custom fields by id and by name, search and filters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

CONTACTS = f"{ORG}/contacts/"


def found(api: Api, **query: Any) -> list[int]:
    return [contact["id"] for contact in api.call("GET", CONTACTS, **query)["contacts"]]


def test_contact_is_shown_as_it_was_created(api: Api) -> None:
    created = api.contact(
        firstName="Mary", lastName="Sue", language="Vietnamese", groups=[3, "1", 3], customFields={"120": "blue"}
    )
    assert created == {
        "id": 100_001,
        "fullPhoneNumber": GLOBE,
        "firstName": "Mary",
        "lastName": "Sue",
        "language": "Vietnamese",
        "groups": [3, 1],
        "customFields": {"120": "blue"},
        "carrier": "Globe",
        "createdAt": "2026-03-01T12:00:00.000000Z",
        "updatedAt": "2026-03-01T12:00:00.000000Z",
        "lastUseAt": "2026-03-01T12:00:00.000000Z",
        "noAutodelete": False,
        "withBsuid": False,
        "invalid": False,
    }
    assert api.call("GET", f"{CONTACTS}{created['id']}/") == created


def test_number_outside_numbering_plans_is_shown_as_invalid(api: Api) -> None:
    assert api.contact("631234567890")["invalid"] is True


def test_several_contacts_may_share_a_number(api: Api) -> None:
    first, second = api.contact(firstName="Mary")["id"], api.contact(firstName="Jane")["id"]
    assert first != second
    assert found(api, phonenumber=GLOBE) == [first, second]


def test_only_what_is_set_changes(api: Api) -> None:
    created = api.contact(firstName="Mary", lastName="Sue", groups=[1], customFields={"120": "blue", "121": "rice"})
    api.clock.advance(60)
    path = f"{CONTACTS}{created['id']}/"
    changed = api.call("PUT", path, {"lastName": "", "customFields": {"120": ""}, "noAutodelete": True})
    assert changed == created | {
        "lastName": "",
        "customFields": {"121": "rice"},
        "noAutodelete": True,
        "updatedAt": "2026-03-01T12:01:00.000000Z",
    }
    assert api.call("PUT", path, {"firstName": None, "groups": None}) == changed
    assert api.call("PUT", path, {"groups": []})["groups"] == []


def test_contact_is_found_by_its_changed_number(api: Api) -> None:
    id = api.contact(GLOBE)["id"]
    assert api.call("PUT", f"{CONTACTS}{id}/", {"fullPhoneNumber": SMART})["carrier"] == "Smart"
    assert (found(api, phonenumber=SMART), found(api, phonenumber=GLOBE)) == ([id], [])
    assert api.refuse("PUT", f"{CONTACTS}{id}/", {"fullPhoneNumber": "12"})[:2] == (400, "phonenumber.invalid")


def test_changing_the_number_does_not_make_a_contact_newer(api: Api) -> None:
    older, newer = api.contact(GLOBE)["id"], api.contact(SMART)["id"]
    api.call("PUT", f"{CONTACTS}{older}/", {"phoneNumber": "0918 123-4567", "phoneNumberCountry": "PH"})
    assert found(api, phonenumber=SMART) == [older, newer]
    assert api.sms(SMART, path="/v1/sms/contact")["contactId"] == newer


def test_failed_update_changes_nothing(api: Api) -> None:
    created = api.contact(firstName="Mary")
    path = f"{CONTACTS}{created['id']}/"
    assert api.refuse("PUT", path, {"firstName": "Jane", "customFields": {"x": "y"}})[0] == 400
    assert api.call("GET", path) == created


def test_deleted_contact_is_gone(api: Api) -> None:
    id = api.contact()["id"]
    assert api.call("DELETE", f"{CONTACTS}{id}/") == {}
    for method in ("GET", "DELETE"):
        assert api.refuse(method, f"{CONTACTS}{id}/") == (404, "contact.notfound", "Not found")
    assert api.call("GET", CONTACTS) == {"total": 0, "orgTotal": 0, "contacts": []}
    assert api.contact()["id"] != id


def test_older_contact_is_used_again_once_the_newer_is_deleted(api: Api) -> None:
    older, newer = api.contact()["id"], api.contact()["id"]
    api.call("DELETE", f"{CONTACTS}{newer}/")
    assert api.sms(path="/v1/sms/contact")["contactId"] == older


@pytest.mark.parametrize("id", ["77", "0", "x", "-1", "9" * 30, "1.5"])
def test_unknown_contact_is_not_found(api: Api, id: str) -> None:
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        assert api.refuse(method, f"{CONTACTS}{id}/", body) == (404, "contact.notfound", "Not found")


def test_custom_field_names_ignore_case_and_the_oldest_wins(api: Api) -> None:
    assert api.contact(customFieldsByName={"COLOR": "red"})["customFields"] == {"120": "red"}
    assert api.contact(customFieldsByName={" produce ": "rice"})["customFields"] == {"121": "rice"}


def test_unknown_custom_field_name_makes_a_field_once(api: Api) -> None:
    first = api.contact(customFieldsByName={"Shoe size": "42"})["customFields"]
    assert list(first.values()) == ["42"]
    assert api.contact(customFieldsByName={"shoe SIZE": "43"})["customFields"].keys() == first.keys()
    names = [field["name"] for field in api.call("GET", "/api/v1/customfields")["data"]]
    assert names == ["color", "produce", "Color", "Shoe size"]


def test_oldest_of_several_custom_fields_with_one_name_is_used(api: Api) -> None:
    assert api.contact(customFieldsByName={"COLOR": "by name"})["customFields"] == {"120": "by name"}
    both = api.contact(customFields={"122": "by id"}, customFieldsByName={"Color": "by name"})["customFields"]
    assert both == {"120": "by name", "122": "by id"}


def test_custom_field_by_name_wins_over_id(api: Api) -> None:
    contact = api.contact(customFields={"120": "blue"}, customFieldsByName={"color": "red"})
    assert contact["customFields"] == {"120": "red"}


@pytest.mark.parametrize("empty", ["", None])
def test_empty_custom_field_is_deleted(api: Api, empty: str | None) -> None:
    id = api.contact(customFields={"120": "blue", "121": "rice"})["id"]
    changed = api.call("PUT", f"{CONTACTS}{id}/", {"customFieldsByName": {"color": empty}})
    assert changed["customFields"] == {"121": "rice"}


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_unknown_custom_field_id_is_ignored(api: Api, profile: Profile) -> None:
    api.account.profile = profile
    assert api.contact(customFields={"43": "green", "121": "rice"})["customFields"] == {"121": "rice"}


def test_new_custom_field_gets_the_next_id(api: Api) -> None:
    assert api.contact(customFieldsByName={"New": "one"})["customFields"] == {"123": "one"}


@pytest.mark.parametrize(
    "fields",
    [
        {"firstName": 5},
        {"firstName": "x" * 1025},
        {"groups": ["x"]},
        {"groups": [0]},
        {"groups": "1"},
        {"groups": list(range(1, 1002))},
        {"customFields": {"color": "blue"}},
        {"customFields": {"120": 5}},
        {"customFields": ["120"]},
        {"customFields": {"120": "x" * 10_001}},
        {"customFields": {str(number): "x" for number in range(1001)}},
        {"customFieldsByName": {"": "x"}},
        {"customFieldsByName": {"x" * 256: "x"}},
        {"noAutodelete": "perhaps"},
    ],
)
def test_invalid_fields_are_an_error(api: Api, fields: dict[str, Any]) -> None:
    assert api.refuse("POST", CONTACTS, {"fullPhoneNumber": GLOBE} | fields)[:2] == (400, "request.invalid")
    assert found(api) == []


def test_field_names_of_requests_may_be_in_any_case(api: Api) -> None:
    body = {"FULLPHONENUMBER": GLOBE, "firstname": "Mary", "customfieldsbyname": {"color": "red"}}
    created = api.call("POST", CONTACTS, body)
    assert (created["firstName"], created["customFields"]) == ("Mary", {"120": "red"})


def test_search_looks_in_names_and_numbers(api: Api) -> None:
    mary = api.contact(firstName="Mary", lastName="Sue")["id"]
    jane = api.contact(SMART, firstName="Jane")["id"]
    for keyword in ("MARY", "sue", "mary sue", "7123"):
        assert found(api, search=keyword) == [mary]
    assert found(api, search="639") == [mary, jane]
    assert found(api, search="nobody") == []
    api.contact(SMART, customFields={"120": "turquoise"}, language="Tagalog")
    assert found(api, search="turquoise") == found(api, search="tagalog") == []


def test_number_is_looked_up_in_every_form(api: Api) -> None:
    id = api.contact()["id"]
    api.contact(SMART)
    for query in ({"phonenumber": f"+{GLOBE}"}, {"phonenumber": "09171234567", "region": "PH"}):
        assert found(api, **query) == [id]
    assert api.refuse("GET", CONTACTS, phonenumber="12")[:2] == (400, "phonenumber.invalid")


def test_contact_filters_are_combined(api: Api) -> None:
    one = api.contact(groups=[1, 2], noAutodelete=True)["id"]
    two = api.contact(SMART, groups=[2])["id"]
    assert found(api, groupid="2") == [one, two]
    assert found(api, groupid="2", noautodelete="true") == [one]
    assert found(api, noautodelete="false") == [two]
    assert found(api, groupid="3") == []
    api.simulate("inbound-whatsapp", from_=SMART, message="Hi")
    assert found(api, whatsappready="true") == [two]
    assert found(api, whatsappready="false") == [one]


def test_totals_count_what_matches_and_all(api: Api) -> None:
    for name in ("Mary", "Jane", "Mary"):
        api.contact(firstName=name)
    response = api.call("GET", CONTACTS, search="mary", page="2", size="1")
    assert (response["total"], response["orgTotal"], len(response["contacts"])) == (2, 3, 1)


def test_pages_give_every_contact_once(api: Api) -> None:
    ids = [api.contact()["id"] for _ in range(5)]
    assert [found(api, page=str(page), size="2") for page in (1, 2, 3, 4)] == [ids[:2], ids[2:4], ids[4:], []]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10), st.integers(1, 4), st.lists(st.integers(0, 2), max_size=8))
def test_pages_give_every_contact_once_whatever_is_added(count: int, size: int, adds: list[int]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    expected = [api.contact()["id"] for _ in range(count)]
    seen: list[int] = []
    for page, more in enumerate([*adds, *[0] * 40], 1):
        ids = found(api, page=str(page), size=str(size))
        if not ids:
            break
        seen += ids
        for _ in range(more):
            api.contact()
    assert seen[:count] == expected
    assert len(set(seen)) == len(seen)
    api.http.close()


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"field": "firstName", "op": "is", "value": "MARY"}, [0]),
        ({"field": "firstName", "op": "isnot", "value": "Mary"}, [1]),
        ({"field": "lastName", "op": "contains", "value": "u"}, [0]),
        ({"field": "fullPhoneNumber", "op": "startswith", "value": "63918"}, [1]),
        ({"field": "customFields.120", "op": "is", "value": "blue"}, [0]),
        ({"field": "customFields.120", "op": "notset"}, [1]),
        ([{"field": "language", "op": "set"}, {"field": "firstName", "op": "is", "value": "Jane"}], [1]),
        ([], [0, 1]),
    ],
)
def test_contacts_are_filtered_by_conditions(api: Api, conditions: Any, expected: list[int]) -> None:
    ids = [
        api.contact(firstName="Mary", lastName="Sue", language="en", customFields={"120": "blue"})["id"],
        api.contact(SMART, firstName="Jane", language="en")["id"],
    ]
    assert found(api, conditions=json.dumps(conditions)) == [ids[number] for number in expected]


@pytest.mark.parametrize(
    "conditions",
    [
        "{",
        "1",
        '{"field": "firstName"}',
        '{"field": "x", "op": "is"}',
        '{"field": "firstName", "op": "like"}',
        '{"field": "customFields.x", "op": "set"}',
        '{"field": "customFields.９", "op": "set"}',
        "[[]]",
        "9" * 5000,
    ],
)
def test_invalid_conditions_are_an_error(api: Api, conditions: str) -> None:
    assert api.refuse("GET", CONTACTS, conditions=conditions)[:2] == (400, "request.invalid")


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"size": "x"},
        {"groupid": "x"},
        {"noautodelete": "perhaps"},
        {"subscriptionstatus": "x"},
        {"subscriptionfilter": "is"},
        {"subscriptionstatus": "1001", "subscriptionfilter": "maybe"},
    ],
)
def test_invalid_query_is_an_error(api: Api, query: dict[str, str]) -> None:
    assert api.refuse("GET", CONTACTS, **query)[:2] == (400, "request.invalid")


def test_contact_shows_when_it_was_last_used(api: Api) -> None:
    id = api.contact()["id"]
    api.clock.advance(60)
    api.sms(path="/v1/sms/contact")
    contact = api.call("GET", f"{CONTACTS}{id}/")
    assert contact["lastUseAt"] == "2026-03-01T12:01:00.000000Z"
    assert contact["updatedAt"] == "2026-03-01T12:00:00.000000Z"
