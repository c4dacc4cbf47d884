"""Lists of messages and top-ups: filters, and paging that gives every item exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.app import Application, create_app
from sparkbox.core.state.config import Settings
from tests.services.engagespark.api import GLOBE, ORG, SMART, Api

LISTS = {"messages": f"{ORG}/messages/", "topups": f"{ORG}/topups/", "whatsapp": f"{ORG}/whatsapp/"}
EACH = pytest.mark.parametrize("name", LISTS)


def sending(name: str) -> tuple[str, dict[str, Any]]:
    """The path and the body of the request that adds an item."""
    if name == "topups":
        return f"{ORG}/topup/", {"fullPhoneNumber": GLOBE, "maxAmount": 25}
    path = "/v1/sms/phonenumber" if name == "messages" else "/v1/whatsapp/contact"
    return path, {"orgId": 1, "from": "639189990000", "message": "Hello", "fullPhoneNumber": GLOBE}


def add(api: Api, name: str) -> str:
    """One more item; its id."""
    response = api.call("POST", *sending(name))
    return str(response["id"] if name == "topups" else response["messageId"])


def part(api: Api, name: str, **query: Any) -> tuple[list[str], Any]:
    """The ids of a part of a list, and what is said beside it."""
    response = api.call("GET", LISTS[name], **query)
    rows = response.pop("topups" if name == "topups" else "messages")
    return [row["id"] for row in rows], response


@EACH
def test_empty_list_is_paged(api: Api, name: str) -> None:
    assert part(api, name) == ([], {"paged": False, "hasNextPage": False, "nextPage": ""})
    assert part(api, name, page=1) == ([], {"paged": True})


@EACH
def test_cursor_is_not_shifted_by_new_items(api: Api, name: str) -> None:
    ids = [add(api, name) for _ in range(5)][::-1]
    first, said = part(api, name, limit=2)
    assert (first, said["hasNextPage"], said["paged"]) == (ids[:2], True, False)
    add(api, name)
    second, said = part(api, name, limit=2, after=said["nextPage"])
    assert (second, said["hasNextPage"]) == (ids[2:4], True)
    add(api, name)
    third, said = part(api, name, limit=2, after=said["nextPage"])
    assert (third, said) == (ids[4:], {"paged": False, "hasNextPage": False, "nextPage": ""})


@EACH
def test_classic_pages_are_shifted_by_new_items(api: Api, name: str) -> None:
    ids = [add(api, name) for _ in range(4)][::-1]
    assert part(api, name, page=1, size=2) == (ids[:2], {"paged": True})
    add(api, name)
    assert part(api, name, page=2, size=2) == (ids[1:3], {"paged": True})
    assert part(api, name, page=4, size=2)[0] == []


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(sorted(LISTS)),
    st.integers(0, 12),
    st.integers(1, 5),
    st.lists(st.integers(0, 2), max_size=12),
)
def test_cursor_gives_every_item_once_whatever_is_added(name: str, count: int, limit: int, adds: list[int]) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    expected = [add(api, name) for _ in range(count)][::-1]
    found: list[str] = []
    after = ""
    for more in [*adds, *[0] * (count + 1)]:
        ids, said = part(api, name, limit=limit, after=after)
        found += ids
        after = said["nextPage"]
        if not said["hasNextPage"]:
            break
        for _ in range(more):
            add(api, name)
    assert found == expected
    api.http.close()


@EACH
def test_cursor_gives_every_item_once_while_clients_add_over_sockets(
    app: Application, serve: Callable[[Application], str], name: str
) -> None:
    api = Api(app)
    expected = [add(api, name) for _ in range(20)][::-1]
    base = f"{serve(app)}/engagespark"
    path, body = sending(name)

    async def write(client: httpx.AsyncClient) -> list[str]:
        responses = [await client.post(path, json=body) for _ in range(10)]
        return [response.json().get("id") or response.json()["messageId"] for response in responses]

    async def read(client: httpx.AsyncClient) -> list[str]:
        found: list[str] = []
        said: dict[str, Any] = {"nextPage": "", "hasNextPage": True}
        while said["hasNextPage"]:
            query = {"limit": 3, "after": said["nextPage"]}
            said = (await client.get(LISTS[name], params=query)).raise_for_status().json()
            found += [row["id"] for row in said["topups" if name == "topups" else "messages"]]
        return found

    async def meanwhile() -> list[list[str]]:
        headers = {"Authorization": f"Token {api.token}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:
            lists = await asyncio.gather(*(read(client) for _ in range(4)), *(write(client) for _ in range(4)))
            return [*lists, await read(client)]

    *found, one, two, three, four, afterwards = asyncio.run(meanwhile())
    added = {*one, *two, *three, *four}
    assert len(added) == 40
    for ids in found:
        # What came in before a reader's first page is there too, each once and never between the others.
        assert ids[-20:] == expected
        assert len(set(ids)) == len(ids)
        assert set(ids[:-20]) <= added
    assert len(afterwards) == 60
    api.http.close()


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(LISTS)), st.integers(0, 12), st.integers(1, 5))
def test_classic_pages_give_every_item_once_while_nothing_is_added(name: str, count: int, size: int) -> None:
    api = Api(create_app(Settings(validate_responses=True, rate_limits=False)))
    expected = [add(api, name) for _ in range(count)][::-1]
    pages = [part(api, name, page=number, size=size)[0] for number in range(1, count // size + 2)]
    assert [id for page in pages for id in page] == expected
    api.http.close()


def test_cursor_gives_100_items_at_most_and_a_page_1000(api: Api) -> None:
    api.simulate("balance", balanceMicro=10**12)
    for _ in range(101):
        add(api, "messages")
    for limit in ("", "0", "100", "1000"):
        assert len(part(api, "messages", limit=limit)[0]) == 100
    for size in ("", "0", "5000"):
        assert len(part(api, "messages", page=1, size=size)[0]) == 101


@EACH
@pytest.mark.parametrize(
    "query",
    [
        {"limit": "x"},
        {"limit": "-1"},
        {"page": "0"},
        {"page": "one"},
        {"page": 1, "size": "-5"},
        {"after": "somewhere"},
        {"after": "9" * 30},
        {"failed": "maybe"},
        {"startDate": "yesterday"},
        {"endDate": "2020-02-20"},
    ],
)
def test_invalid_query_is_an_error(api: Api, name: str, query: dict[str, Any]) -> None:
    assert api.refuse("GET", LISTS[name], **query)[:2] == (400, "request.invalid")


@EACH
def test_period_includes_its_start_and_not_its_end(api: Api, name: str) -> None:
    ids = []
    for _ in range(3):
        ids.append(add(api, name))
        api.clock.advance(60)
    first, second, third = "2026-03-01T12:00:00Z", "2026-03-01T20:01:00+08:00", "2026-03-01T12:02:00Z"
    assert part(api, name, startDate=second)[0] == [ids[2], ids[1]]
    assert part(api, name, endDate=second)[0] == [ids[0]]
    assert part(api, name, startDate=first, endDate=third)[0] == [ids[1], ids[0]]
    assert part(api, name, startDate="", endDate="")[0] == ids[::-1]


@pytest.mark.parametrize("name", ["messages", "whatsapp"])
def test_message_is_found_by_its_exact_time(api: Api, name: str) -> None:
    api.clock.freeze(1_772_366_400.123456789)
    id = add(api, name)
    created = api.call("GET", f"{LISTS[name]}{id}/")["created"]
    assert part(api, name, startDate=created)[0] == [id]
    assert part(api, name, endDate=created)[0] == []


@pytest.mark.parametrize("name", ["messages", "whatsapp"])
def test_list_is_filtered_by_direction(api: Api, name: str) -> None:
    sent = add(api, name)
    simulation = "inbound-sms" if name == "messages" else "inbound-whatsapp"
    received = api.simulate(simulation, from_=GLOBE, message="Hi")["id"]
    assert part(api, name, dir="outbound")[0] == [sent]
    assert part(api, name, dir="inbound")[0] == [received]
    for both in ("all", ""):
        assert part(api, name, dir=both)[0] == [received, sent]
    assert api.refuse("GET", LISTS[name], dir="sideways")[0] == 400


def test_failed_filters_what_the_telco_did_not_take(api: Api) -> None:
    refused = api.sms("639175550020")["messageId"]
    undelivered = api.sms("639175550003")["messageId"]
    received = api.simulate("inbound-sms", from_=GLOBE, message="Hi")["id"]
    api.clock.advance(10)
    waiting = api.sms()["messageId"]
    assert part(api, "messages", failed="true")[0] == [refused]
    assert part(api, "messages", failed="false")[0] == [waiting, received, undelivered]
    assert len(part(api, "messages", failed="all")[0]) == 4


def test_failed_filters_topups_that_were_given_up(api: Api) -> None:
    good = api.topup()["id"]
    failing = api.topup("639175550024", status=202)["id"]
    assert part(api, "topups", failed="false")[0] == [failing, good]
    api.clock.advance(5 * 3600)
    assert part(api, "topups", failed="true")[0] == [failing]
    assert part(api, "topups", failed="false")[0] == [good]


def test_messages_are_searched_in_text_numbers_and_contact(api: Api) -> None:
    api.contact(firstName="Mary", lastName="Sue", language="Bangla", customFields={"120": "turquoise"})
    one = api.sms(message="Bananas", path="/v1/sms/contact")["messageId"]
    two = api.sms(SMART, **{"from": "FRUITS"})["messageId"]
    for keyword in ("banana", GLOBE, "mary", "Mary Sue", "TURQUOISE", "bangla"):
        assert part(api, "messages", search=keyword)[0] == [one]
    for keyword in ("fruits", SMART):
        assert part(api, "messages", search=keyword)[0] == [two]
    assert part(api, "messages", search="pears")[0] == []
    assert part(api, "messages", search="")[0] == [two, one]


def test_topups_are_searched_in_the_contact(api: Api) -> None:
    api.contact(firstName="Mary")
    one, two = api.topup()["id"], api.topup(SMART)["id"]
    assert part(api, "topups", search="mary")[0] == [one]
    assert part(api, "topups", search=SMART)[0] == [two]


def test_another_organizations_lists_are_not_found(api: Api) -> None:
    for path in LISTS.values():
        assert api.refuse("GET", path.replace("/1/", "/2/")) == (404, None, "Not found")
