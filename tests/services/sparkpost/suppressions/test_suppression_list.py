"""The suppression list: who gets no mail of a kind."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkbox.services.sparkpost.suppressions.models import suppress
from tests.services.sparkpost.api import Api

ADA = "ada@mail.example"


def put(api: Api, recipient: str = ADA, type: str = "transactional", **fields: Any) -> None:
    subaccount = fields.pop("subaccount", None)
    api.call("PUT", f"/suppression-list/{recipient}", {"type": type, **fields}, subaccount=subaccount)


def entries(api: Api, path: str = f"/{ADA}", subaccount: int | None = None) -> list[dict[str, Any]]:
    results = api.call("GET", f"/suppression-list{path}", subaccount=subaccount)
    assert isinstance(results, list)
    return results


def problem(api: Api, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """Return status and error of a response that must be one API error without a code."""
    response = api.send(method, f"/suppression-list{path}", body)
    (row,) = response.json()["errors"]
    assert "code" not in row
    return response.status_code, row


def test_suppression_is_shown_as_observed(api: Api) -> None:
    put(api, "Ada@Mail.example", description="asked for it", list_id="weekly.shop.example")
    assert entries(api) == [
        {
            "recipient": ADA,
            "type": "transactional",
            "source": "Manually Added",
            "description": "asked for it",
            "list_id": "weekly.shop.example",
            "created": "2026-03-01T12:00:00+00:00",
            "updated": "2026-03-01T12:00:00+00:00",
            "transactional": True,
        }
    ]


def test_search_response_has_links_and_a_count(api: Api) -> None:
    put(api, type="non_transactional")
    response = api.send("GET", f"/suppression-list/{ADA}").json()
    assert (response["links"], response["total_count"]) == ([], 1)
    assert response["results"][0]["non_transactional"] is True
    assert "transactional" not in response["results"][0]


def test_encoded_recipient_is_the_same_address(api: Api) -> None:
    put(api)
    assert len(entries(api, "/ada%40mail.example")) == 1


def test_repeated_suppression_is_updated(api: Api) -> None:
    put(api, description="old")
    api.account.clock.advance(60)
    put(api, description="new")
    (entry,) = entries(api)
    assert (entry["description"], entry["created"], entry["updated"]) == (
        "new", "2026-03-01T12:00:00+00:00", "2026-03-01T12:01:00+00:00",
    )  # fmt: skip


def test_suppressions_are_separate_by_type_and_mailing_list(api: Api) -> None:
    put(api)
    put(api, type="non_transactional")
    put(api, list_id="weekly.shop.example")
    assert len(entries(api)) == 3
    assert len(entries(api, f"/{ADA}?types=non_transactional")) == 1


@pytest.mark.parametrize(
    ("body", "types"),
    [
        ({"transactional": True}, {"transactional"}),
        ({"transactional": True, "non_transactional": True}, {"transactional", "non_transactional"}),
        ({"transactional": False, "non_transactional": True}, {"non_transactional"}),
    ],
)
def test_older_clients_set_type_flags(api: Api, body: dict[str, Any], types: set[str]) -> None:
    api.call("PUT", f"/suppression-list/{ADA}", body)
    assert {entry["type"] for entry in entries(api)} == types


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (f"/{ADA}", {}, "Must supply a suppression type"),
        (f"/{ADA}", {"transactional": False}, "Must supply a suppression type"),
        (f"/{ADA}", {"type": "all"}, "Type must be one of: 'transactional', 'non_transactional'"),
        (f"/{ADA}", {"type": 5}, "Type must be one of: 'transactional', 'non_transactional'"),
        ("/nobody", {"type": "transactional"}, "Recipient must be a valid email address"),
        (f"/{ADA}", {"type": "transactional", "list_id": ".x"}, "List id must be compliant with RFC 2919"),
        (
            f"/{ADA}",
            {"type": "transactional", "description": "x" * 5000},
            "Description must not be longer than 4096",
        ),
    ],
)
def test_invalid_suppression_is_refused(api: Api, path: str, body: dict[str, Any], message: str) -> None:
    assert problem(api, "PUT", path, body) == (400, {"message": message})


def test_suppressions_are_updated_in_bulk(api: Api) -> None:
    recipients = [
        {"recipient": ADA, "type": "transactional"},
        {"email": "grace@mail.example", "non_transactional": True},
    ]
    results = api.call("PUT", "/suppression-list", {"recipients": recipients})
    assert results == {"message": "Suppression List successfully updated"}
    assert {entry["recipient"] for entry in entries(api, "")} == {ADA, "grace@mail.example"}


def test_bulk_update_with_a_malformed_entry_stores_nothing(api: Api) -> None:
    recipients = [
        {"recipient": ADA, "type": "transactional"},
        {"recipient": "nobody", "type": "transactional"},
        {"recipient": "grace@mail.example", "type": "x"},
        {"recipient": "grace@mail.example", "type": "transactional", "list_id": ".."},
        {"recipient": "grace@mail.example", "type": "transactional", "description": 5},
        7,
    ]
    assert problem(api, "PUT", "", {"recipients": recipients}) == (
        400,
        {
            "message": "PUT body contains 5 invalid or malformed recipient(s): "
            "nobody, grace@mail.example, grace@mail.example, grace@mail.example, undefined"
        },
    )
    assert entries(api, "") == []


@pytest.mark.parametrize("body", [{}, [], {"recipients": "x"}, {"recipients": None}, "x"])
def test_bulk_update_needs_an_array(api: Api, body: Any) -> None:
    assert problem(api, "PUT", "", body) == (400, {"message": "PUT body must contain an array of recipients"})


def test_bulk_update_is_limited(api: Api) -> None:
    status, row = problem(api, "PUT", "", {"recipients": [{}] * 10_001})
    assert (status, row["message"]) == (400, "recipients must contain at most 10000 entries")


@pytest.mark.parametrize("most", ["MOST_ENTRIES", "MOST_OF_ONE_ADDRESS"])
def test_suppressions_are_limited(api: Api, monkeypatch: pytest.MonkeyPatch, most: str) -> None:
    monkeypatch.setattr(f"sparkbox.services.sparkpost.suppressions.suppression_list.{most}", 1)
    put(api)
    response = api.send("PUT", f"/suppression-list/{ADA}", {"type": "non_transactional"})
    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "1502")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_suppression_gets_a_404_without_code(api: Api, method: str) -> None:
    assert problem(api, method, f"/{ADA}") == (404, {"message": "Recipient could not be found"})


@pytest.mark.parametrize(
    ("query", "body", "left"),
    [
        ("", None, set()),
        ("", [], set()),
        ("", {}, set()),
        ("", {"type": "transactional"}, {("non_transactional", "")}),
        ("?list_id=", None, {("transactional", "weekly.shop.example")}),
        ("?list_id=weekly.shop.example", None, {("transactional", ""), ("non_transactional", "")}),
    ],
)
def test_deletion_is_limited_by_type_and_list_id(api: Api, query: str, body: Any, left: set[Any]) -> None:
    put(api)
    put(api, type="non_transactional")
    put(api, list_id="weekly.shop.example")
    response = api.send("DELETE", f"/suppression-list/{ADA}{query}", body)
    assert (response.status_code, response.content) == (204, b"")
    if body == {"type": "transactional"}:
        assert {(entry["type"], entry.get("list_id", "")) for entry in entries(api)} == left
    else:
        assert {(entry["type"], entry.get("list_id", "")) for entry in entries(api, "")} == left


def test_deleting_an_unknown_type_is_refused(api: Api) -> None:
    put(api)
    assert problem(api, "DELETE", f"/{ADA}", {"type": "x"})[0] == 400


def test_compliance_suppression_cannot_be_removed(api: Api) -> None:
    shown = api.simulate("suppression", recipient="Ada@mail.example")
    assert (shown["recipient"], shown["source"], shown["type"]) == (ADA, "Compliance", "transactional")
    assert entries(api)[0]["source"] == "Compliance"
    assert problem(api, "DELETE", f"/{ADA}") == (403, {"message": "Recipient could not be removed - Compliance"})
    status, row = problem(api, "PUT", f"/{ADA}", {"type": "transactional"})
    assert (status, row) == (403, {"message": "Recipient could not be updated - Compliance"})


def test_simulated_suppression_has_its_source(api: Api) -> None:
    fields = {"source": "Bounce Rule", "type": "non_transactional", "description": "550", "list_id": "weekly.shop"}
    assert api.simulate("suppression", recipient=ADA, **fields) == {"recipient": ADA, **fields}
    (entry,) = entries(api)
    assert {name: entry[name] for name in fields} == fields
    for wrong in ({"recipient": "nobody"}, {"source": "Nobody"}, {"list_id": "a b"}, {"type": "x"}):
        api.simulate("suppression", 422, **{"recipient": ADA, **wrong})


def test_each_subaccount_has_its_own_suppression_list(api: Api) -> None:
    put(api)
    put(api, subaccount=7)
    assert [entry.get("subaccount_id") for entry in entries(api, subaccount=7)] == ["7"]
    assert [entry.get("subaccount_id") for entry in entries(api, subaccount=0)] == [None]
    assert len(entries(api)) == len(entries(api, "")) == 2
    assert api.send("DELETE", f"/suppression-list/{ADA}").status_code == 204
    assert [entry.get("subaccount_id") for entry in entries(api)] == ["7"]


def test_a_subaccount_that_is_no_number_is_refused(api: Api) -> None:
    seven: Any = "seven"
    response = api.send("GET", "/suppression-list", subaccount=seven)
    assert response.status_code == 400
    assert response.json()["errors"][0]["description"] == "X-MSYS-SUBACCOUNT must be a number"


def test_the_summary_counts_by_source(api: Api) -> None:
    put(api)
    suppress(api.ctx, "grace@mail.example", "non_transactional", "Bounce Rule")
    assert api.call("GET", "/suppression-list/summary") == {
        "compliance": 0,
        "manually_added": 1,
        "unsubscribe_link": 0,
        "bounce_rule": 1,
        "list_unsubscribe": 0,
        "spam_complaint": 0,
        "total": 2,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"ada", "grace", "eve"}),
        ({"types": "transactional"}, {"ada"}),
        ({"types": "transactional,non_transactional"}, {"ada", "grace", "eve"}),
        ({"sources": "Bounce Rule,Spam Complaint"}, {"grace"}),
        ({"domain": "mail.example"}, {"ada", "grace"}),
        ({"description": "ASKED"}, {"ada", "eve"}),
        ({"description": "asked", "description_strict": "true"}, {"eve"}),
        ({"list_id": "weekly.shop.example"}, {"eve"}),
        ({"list_id": ""}, {"ada", "grace"}),
        ({"from": "2026-03-01T12:00:30Z"}, {"grace", "eve"}),
        ({"to": "2026-03-01T12:00:30Z"}, {"ada"}),
        ({"from": "2026-03-01T12:00:30+0000", "to": "2026-03-01T12:01:30+00:00"}, {"grace"}),
    ],
)
def test_searching_finds_what_matches(api: Api, query: dict[str, str], found: set[str]) -> None:
    put(api, description="asked for it")
    api.account.clock.advance(60)
    suppress(api.ctx, "grace@mail.example", "non_transactional", "Bounce Rule", "550 no such user")
    api.account.clock.advance(60)
    put(api, "eve@other.example", "non_transactional", description="asked", list_id="weekly.shop.example")
    rows = entries(api, "?" + urlencode(query))
    assert {row["recipient"].partition("@")[0] for row in rows} == found


@pytest.mark.parametrize(
    ("query", "param", "message"),
    [
        ("per_page=0", "per_page", "per_page must be between 1 and 10000"),
        ("per_page=x", "per_page", "per_page must be between 1 and 10000"),
        ("page=0", "page", "page must be between 1 and 10000"),
        ("cursor=x", "cursor", "cursor is invalid"),
        ("cursor=WzFd", "cursor", "cursor is invalid"),
        ("types=all", "types", "types must be among transactional, non_transactional"),
        ("from=yesterday", "from", "from must be in the format YYYY-MM-DDTHH:mm:ssZ"),
        ("from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "from", "from must be before to"),
        ("sort=up", "sort", "sort must be among asc, desc"),
        ("list_id=a..b", "list_id", "list_id must be compliant with RFC 2919"),
    ],
)
def test_invalid_search_is_refused(api: Api, query: str, param: str, message: str) -> None:
    assert problem(api, "GET", f"?{query}") == (400, {"message": message, "param": param})


def test_suppressions_are_sorted_by_last_update(api: Api) -> None:
    for name in ("ada", "grace", "eve"):
        put(api, f"{name}@mail.example")
        api.account.clock.advance(1)
    assert [row["recipient"][0] for row in entries(api, "?sort=asc")] == ["a", "g", "e"]
    assert [row["recipient"][0] for row in entries(api, "")] == ["e", "g", "a"]


def test_older_clients_page_with_limit(api: Api) -> None:
    for name in ("ada", "grace", "eve"):
        put(api, f"{name}@mail.example")
    assert len(entries(api, "?limit=2")) == 2


def test_pages_are_linked_both_ways(api: Api) -> None:
    for name in ("ada", "grace", "eve"):
        put(api, f"{name}@mail.example")
    response = api.send("GET", "/suppression-list?page=2&per_page=1").json()
    assert response["total_count"] == 3
    assert [(link["rel"], link["href"]) for link in response["links"]] == [
        ("first", "/api/v1/suppression-list?page=1&per_page=1"),
        ("previous", "/api/v1/suppression-list?page=1&per_page=1"),
        ("next", "/api/v1/suppression-list?page=3&per_page=1"),
        ("last", "/api/v1/suppression-list?page=3&per_page=1"),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 2), st.sampled_from(["transactional", "non_transactional"]))),
    st.integers(1, 7),
    st.sampled_from(["asc", "desc"]),
)
@settings(max_examples=60, deadline=None)
def test_cursors_lead_to_each_entry_once(made: list[tuple[int, int, str]], per_page: int, sort: str) -> None:
    api = Api()
    for name, seconds, type in made:
        api.account.clock.advance(seconds)
        api.call("PUT", f"/suppression-list/{name}@mail.example", {"type": type})
    seen: list[tuple[str, str]] = []
    path = f"/suppression-list?cursor=initial&per_page={per_page}&sort={sort}"
    while path:
        page = api.send("GET", path).json()
        assert page["total_count"] == len({(name, type) for name, _, type in made})
        assert len(page["results"]) <= per_page
        seen += [(row["recipient"], row["type"]) for row in page["results"]]
        path = next((link["href"].removeprefix("/api/v1") for link in page["links"] if link["rel"] == "next"), "")
    assert sorted(seen) == sorted({(f"{name}@mail.example", type) for name, _, type in made})


@pytest.mark.parametrize(
    "operation",
    ["update_suppressions", "update_suppression", "retrieve_suppression", "delete_suppression",
     "search_suppressions", "summarize_suppressions"],
)  # fmt: skip
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    put(api, type="non_transactional", description="asked for it", list_id="weekly.shop.example")
    api.replay(f"suppressions/{operation}")
