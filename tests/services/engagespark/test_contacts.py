"""Contacts: fields, groups, custom fields by id and by name, search and filters."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Profile, Settings
from tests.services.engagespark.room import GLOBE, ORG, SMART, Room

CONTACTS = f"{ORG}/contacts/"


def found(room: Room, **query: Any) -> list[int]:
    return [contact["id"] for contact in room.call("GET", CONTACTS, **query)["contacts"]]


def test_a_contact_is_shown_as_it_was_created(room: Room) -> None:
    created = room.contact(
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
    assert room.call("GET", f"{CONTACTS}{created['id']}/") == created


def test_a_number_that_no_plan_has_is_shown_as_invalid(room: Room) -> None:
    assert room.contact("631234567890")["invalid"] is True


def test_several_contacts_may_share_a_number(room: Room) -> None:
    first, second = room.contact(firstName="Mary")["id"], room.contact(firstName="Jane")["id"]
    assert first != second
    assert found(room, phonenumber=GLOBE) == [first, second]


def test_only_what_is_set_changes(room: Room) -> None:
    created = room.contact(firstName="Mary", lastName="Sue", groups=[1], customFields={"120": "blue", "121": "rice"})
    room.clock.advance(60)
    path = f"{CONTACTS}{created['id']}/"
    changed = room.call("PUT", path, {"lastName": "", "customFields": {"120": ""}, "noAutodelete": True})
    assert changed == created | {
        "lastName": "",
        "customFields": {"121": "rice"},
        "noAutodelete": True,
        "updatedAt": "2026-03-01T12:01:00.000000Z",
    }
    assert room.call("PUT", path, {"firstName": None, "groups": None}) == changed
    assert room.call("PUT", path, {"groups": []})["groups"] == []


def test_a_changed_number_is_found_and_the_old_one_is_not(room: Room) -> None:
    id = room.contact(GLOBE)["id"]
    assert room.call("PUT", f"{CONTACTS}{id}/", {"fullPhoneNumber": SMART})["carrier"] == "Smart"
    assert (found(room, phonenumber=SMART), found(room, phonenumber=GLOBE)) == ([id], [])
    assert room.refuse("PUT", f"{CONTACTS}{id}/", {"fullPhoneNumber": "12"})[:2] == (400, "phonenumber.invalid")


def test_a_changed_number_does_not_make_a_contact_newer(room: Room) -> None:
    older, newer = room.contact(GLOBE)["id"], room.contact(SMART)["id"]
    room.call("PUT", f"{CONTACTS}{older}/", {"phoneNumber": "0918 123-4567", "phoneNumberCountry": "PH"})
    assert found(room, phonenumber=SMART) == [older, newer]
    assert room.sms(SMART, path="/v1/sms/contact")["contactId"] == newer


def test_a_refused_change_changes_nothing(room: Room) -> None:
    created = room.contact(firstName="Mary")
    path = f"{CONTACTS}{created['id']}/"
    assert room.refuse("PUT", path, {"firstName": "Jane", "customFields": {"x": "y"}})[0] == 400
    assert room.call("GET", path) == created


def test_a_deleted_contact_is_gone(room: Room) -> None:
    id = room.contact()["id"]
    assert room.call("DELETE", f"{CONTACTS}{id}/") == {}
    for method in ("GET", "DELETE"):
        assert room.refuse(method, f"{CONTACTS}{id}/") == (404, "contact.notfound", "Not found")
    assert room.call("GET", CONTACTS) == {"total": 0, "orgTotal": 0, "contacts": []}
    assert room.contact()["id"] != id


def test_the_older_namesake_is_meant_again_once_the_newer_is_deleted(room: Room) -> None:
    older, newer = room.contact()["id"], room.contact()["id"]
    room.call("DELETE", f"{CONTACTS}{newer}/")
    assert room.sms(path="/v1/sms/contact")["contactId"] == older


@pytest.mark.parametrize("id", ["77", "0", "x", "-1", "9" * 30, "1.5"])
def test_an_unknown_contact_is_not_found(room: Room, id: str) -> None:
    for method, body in (("GET", None), ("PUT", {}), ("DELETE", None)):
        assert room.refuse(method, f"{CONTACTS}{id}/", body) == (404, "contact.notfound", "Not found")


def test_fields_by_name_are_compared_without_case_and_the_oldest_is_meant(room: Room) -> None:
    assert room.contact(customFieldsByName={"COLOR": "red"})["customFields"] == {"120": "red"}
    assert room.contact(customFieldsByName={" produce ": "rice"})["customFields"] == {"121": "rice"}


def test_an_unknown_name_makes_a_field_once(room: Room) -> None:
    first = room.contact(customFieldsByName={"Shoe size": "42"})["customFields"]
    assert list(first.values()) == ["42"]
    assert room.contact(customFieldsByName={"shoe SIZE": "43"})["customFields"].keys() == first.keys()
    names = [field["name"] for field in room.call("GET", "/api/v1/customfields")["data"]]
    assert names == ["color", "produce", "Color", "Shoe size"]


def test_of_fields_with_one_name_the_first_to_be_made_is_meant(room: Room) -> None:
    assert room.contact(customFieldsByName={"COLOR": "by name"})["customFields"] == {"120": "by name"}
    both = room.contact(customFields={"122": "by id"}, customFieldsByName={"Color": "by name"})["customFields"]
    assert both == {"120": "by name", "122": "by id"}


def test_a_name_wins_over_an_id(room: Room) -> None:
    both = {"customFields": {"120": "blue"}, "customFieldsByName": {"color": "red"}}
    assert room.contact(**both)["customFields"] == {"120": "red"}


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_value_deletes(room: Room, empty: str | None) -> None:
    id = room.contact(customFields={"120": "blue", "121": "rice"})["id"]
    changed = room.call("PUT", f"{CONTACTS}{id}/", {"customFieldsByName": {"color": empty}})
    assert changed["customFields"] == {"121": "rice"}


@pytest.mark.parametrize("profile", ["easy", "strict"])
def test_an_unknown_field_id_is_passed_over(room: Room, profile: Profile) -> None:
    room.account.profile = profile
    assert room.contact(customFields={"43": "green", "121": "rice"})["customFields"] == {"121": "rice"}


def test_a_new_field_gets_the_next_id(room: Room) -> None:
    assert room.contact(customFieldsByName={"New": "one"})["customFields"] == {"123": "one"}


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
def test_fields_that_make_no_sense_are_refused(room: Room, fields: dict[str, Any]) -> None:
    assert room.refuse("POST", CONTACTS, {"fullPhoneNumber": GLOBE} | fields)[:2] == (400, "request.invalid")
    assert found(room) == []


def test_names_of_fields_are_taken_in_any_case(room: Room) -> None:
    body = {"FULLPHONENUMBER": GLOBE, "firstname": "Mary", "customfieldsbyname": {"color": "red"}}
    created = room.call("POST", CONTACTS, body)
    assert (created["firstName"], created["customFields"]) == ("Mary", {"120": "red"})


def test_the_search_is_in_names_and_numbers(room: Room) -> None:
    mary = room.contact(firstName="Mary", lastName="Sue")["id"]
    jane = room.contact(SMART, firstName="Jane")["id"]
    for keyword in ("MARY", "sue", "mary sue", "7123"):
        assert found(room, search=keyword) == [mary]
    assert found(room, search="639") == [mary, jane]
    assert found(room, search="nobody") == []
    room.contact(SMART, customFields={"120": "turquoise"}, language="Tagalog")
    assert found(room, search="turquoise") == found(room, search="tagalog") == []


def test_a_number_is_looked_up_in_every_form(room: Room) -> None:
    id = room.contact()["id"]
    room.contact(SMART)
    for query in ({"phonenumber": f"+{GLOBE}"}, {"phonenumber": "09171234567", "region": "PH"}):
        assert found(room, **query) == [id]
    assert room.refuse("GET", CONTACTS, phonenumber="12")[:2] == (400, "phonenumber.invalid")


def test_filters_are_joined(room: Room) -> None:
    one = room.contact(groups=[1, 2], noAutodelete=True)["id"]
    two = room.contact(SMART, groups=[2])["id"]
    assert found(room, groupid="2") == [one, two]
    assert found(room, groupid="2", noautodelete="true") == [one]
    assert found(room, noautodelete="false") == [two]
    assert found(room, groupid="3") == []
    room.simulate("inbound-whatsapp", **{"from": SMART, "message": "Hi"})
    assert found(room, whatsappready="true") == [two]
    assert found(room, whatsappready="false") == [one]


def test_totals_count_what_matches_and_all(room: Room) -> None:
    for name in ("Mary", "Jane", "Mary"):
        room.contact(firstName=name)
    answer = room.call("GET", CONTACTS, search="mary", page="2", size="1")
    assert (answer["total"], answer["orgTotal"], len(answer["contacts"])) == (2, 3, 1)


def test_pages_give_every_contact_once(room: Room) -> None:
    ids = [room.contact()["id"] for _ in range(5)]
    assert [found(room, page=str(page), size="2") for page in (1, 2, 3, 4)] == [ids[:2], ids[2:4], ids[4:], []]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10), st.integers(1, 4), st.lists(st.integers(0, 2), max_size=8))
def test_pages_give_every_contact_once_whatever_is_added(count: int, size: int, adds: list[int]) -> None:
    room = Room(create_app(Settings(validate_answers=True, rate_limits=False)))
    expected = [room.contact()["id"] for _ in range(count)]
    seen: list[int] = []
    for page, more in enumerate([*adds, *[0] * 40], 1):
        ids = found(room, page=str(page), size=str(size))
        if not ids:
            break
        seen += ids
        for _ in range(more):
            room.contact()
    assert seen[:count] == expected
    assert len(set(seen)) == len(seen)
    room.http.close()


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
def test_conditions_have_to_hold(room: Room, conditions: Any, expected: list[int]) -> None:
    ids = [
        room.contact(firstName="Mary", lastName="Sue", language="en", customFields={"120": "blue"})["id"],
        room.contact(SMART, firstName="Jane", language="en")["id"],
    ]
    assert found(room, conditions=json.dumps(conditions)) == [ids[number] for number in expected]


@pytest.mark.parametrize(
    "conditions",
    ["{", "1", '{"field": "firstName"}', '{"field": "x", "op": "is"}', '{"field": "firstName", "op": "like"}',
     '{"field": "customFields.x", "op": "set"}', '{"field": "customFields.９", "op": "set"}', "[[]]", "9" * 5000],
)  # fmt: skip
def test_conditions_that_make_no_sense_are_refused(room: Room, conditions: str) -> None:
    assert room.refuse("GET", CONTACTS, conditions=conditions)[:2] == (400, "request.invalid")


@pytest.mark.parametrize(
    "query",
    [{"page": "0"}, {"size": "x"}, {"groupid": "x"}, {"noautodelete": "perhaps"}, {"subscriptionstatus": "x"},
     {"subscriptionfilter": "is"}, {"subscriptionstatus": "1001", "subscriptionfilter": "maybe"}],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(room: Room, query: dict[str, str]) -> None:
    assert room.refuse("GET", CONTACTS, **query)[:2] == (400, "request.invalid")


def test_a_contact_notes_when_it_was_used(room: Room) -> None:
    id = room.contact()["id"]
    room.clock.advance(60)
    room.sms(path="/v1/sms/contact")
    contact = room.call("GET", f"{CONTACTS}{id}/")
    assert contact["lastUseAt"] == "2026-03-01T12:01:00.000000Z"
    assert contact["updatedAt"] == "2026-03-01T12:00:00.000000Z"
