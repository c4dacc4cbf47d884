"""Contacts held against a model: whatever is created, changed and deleted, reads and searches agree with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import create_app
from sparkbox.core.state.config import Settings
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

CONTACTS = f"{ORG}/contacts/"

numbers = st.sampled_from([GLOBE, SMART, "639992223333"])
words = st.sampled_from(["", "Mary", "mary ann", "SUE", "ünal"])
groups = st.lists(st.sampled_from([1, 2, "2", "3", 12]), max_size=4)
values = st.sampled_from(["", "red", "rice"])
by_id = st.dictionaries(st.sampled_from(["120", "121", "122", "0120"]), values, max_size=3)
by_name = st.dictionaries(st.sampled_from(["color", "COLOR", " Produce ", "Village", "village"]), values, max_size=3)
changes = st.fixed_dictionaries(
    {},
    optional={
        "firstName": words,
        "lastName": words,
        "groups": groups,
        "customFields": by_id,
        "customFieldsByName": by_name,
        "noAutodelete": st.booleans(),
    },
)
deeds = st.one_of(
    st.tuples(st.just("create"), numbers, changes),
    st.tuples(st.just("update"), st.integers(0, 5), changes),
    st.tuples(st.just("move"), st.integers(0, 5), numbers),
    st.tuples(st.just("delete"), st.integers(0, 5), st.none()),
)


@dataclass
class Known:
    """A contact as it should be."""

    number: str
    first: str = ""
    last: str = ""
    groups: list[int] = field(default_factory=list)
    fields: dict[int, str] = field(default_factory=dict)
    kept: bool = False


class Model:
    """What the documentation says of contacts, in the plainest form."""

    def __init__(self) -> None:
        self.contacts: dict[int, Known] = {}
        self.fields = ["color", "produce", "color"]
        """Names in lower case by id, from 120 on."""

    def change(self, contact: Known, changes: dict[str, Any]) -> None:
        contact.first = changes.get("firstName", contact.first)
        contact.last = changes.get("lastName", contact.last)
        contact.kept = changes.get("noAutodelete", contact.kept)
        if "groups" in changes:
            contact.groups = list(dict.fromkeys(map(int, changes["groups"])))
        given = [(int(id), value) for id, value in changes.get("customFields", {}).items()]
        given += [(self.field(name), value) for name, value in changes.get("customFieldsByName", {}).items()]
        for id, value in given:
            contact.fields[id] = value
            if not value:
                del contact.fields[id]

    def field(self, name: str) -> int:
        name = name.strip().lower()
        if name not in self.fields:
            self.fields.append(name)
        return 120 + self.fields.index(name)

    def found(self, wanted: Any) -> list[int]:
        return sorted(id for id, contact in self.contacts.items() if wanted(contact))


def do(api: Api, model: Model, deed: str, what: Any, changes: Any) -> None:
    if deed == "create":
        id = api.call("POST", CONTACTS, {"fullPhoneNumber": what} | changes)["id"]
        model.contacts[id] = Known(what)
        model.change(model.contacts[id], changes)
        return
    if not model.contacts:
        return
    id = sorted(model.contacts)[what % len(model.contacts)]
    path = f"{CONTACTS}{id}/"
    if deed == "delete":
        assert api.call("DELETE", path) == {}
        del model.contacts[id]
    elif deed == "move":
        api.call("PUT", path, {"fullPhoneNumber": changes})
        model.contacts[id].number = changes
    else:
        api.call("PUT", path, changes)
        model.change(model.contacts[id], changes)


def ids(api: Api, **query: Any) -> list[int]:
    response = api.call("GET", CONTACTS, **query)
    assert response["total"] == len(response["contacts"])
    return [contact["id"] for contact in response["contacts"]]


@settings(max_examples=60, deadline=None)
@given(st.lists(deeds, max_size=15))
def test_contacts_match_a_model_after_any_requests(sequence: list[tuple[str, Any, Any]]) -> None:
    api, model = Api(create_app(Settings(validate_responses=True, rate_limits=False))), Model()
    for deed in sequence:
        do(api, model, *deed)
    for id, contact in model.contacts.items():
        shown = api.call("GET", f"{CONTACTS}{id}/")
        assert (shown["fullPhoneNumber"], shown["firstName"], shown["lastName"]) == (
            contact.number,
            contact.first,
            contact.last,
        )
        assert (shown["groups"], shown["noAutodelete"]) == (contact.groups, contact.kept)
        assert shown["customFields"] == {str(field): value for field, value in sorted(contact.fields.items())}
    for number in (GLOBE, SMART):
        assert ids(api, phonenumber=number) == model.found(lambda contact, number=number: contact.number == number)
        assert ids(api, search=number[3:]) == model.found(lambda contact, number=number: contact.number == number)
    for group in (1, 2, 12):
        assert ids(api, groupid=group) == model.found(lambda contact, group=group: group in contact.groups)
    assert ids(api, noautodelete="true") == model.found(lambda contact: contact.kept)
    assert ids(api, search="MARY") == model.found(lambda contact: "mary" in f"{contact.first} {contact.last}".lower())
    names = [row["name"].lower() for row in api.call("GET", "/api/v1/customfields")["data"]]
    assert names == model.fields
    for number in (GLOBE, SMART):
        meant = model.found(lambda contact, number=number: contact.number == number)
        if meant:
            assert api.sms(number, path="/v1/sms/contact")["contactId"] == meant[-1]
    api.http.close()
