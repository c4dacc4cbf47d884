"""The Transmissions API: sending, retrieving, listing, and the events of a transmission."""

from __future__ import annotations

import json

import pytest

from sparkbox.services.sparkpost.transmissions.models import Transmission
from tests.services.sparkpost.api import FIXTURES, Api
from tests.services.sparkpost.transmissions.calls import ADA, CONTENT, events, message, messages, request, send
from tests.services.view import NOW

# Events


def test_injection_is_immediate_and_delivery_a_second_later(api: Api) -> None:
    id = send(api, campaign_id="autumn", metadata={"order": 17}, recipients=[ADA | {"tags": ["new"]}])
    api.account.clock.advance(10)
    injection, delivery = api.account.events.oldest()
    assert (injection.type, injection.time) == ("injection", NOW)
    assert (delivery.type, delivery.time) == ("delivery", NOW + 1)
    assert injection.message == delivery.message == messages(api)[0].number
    events_of = injection.json()
    assert events_of["transmission_id"] == id
    assert (events_of["rcpt_to"], events_of["raw_rcpt_to"]) == ("ada@mail.example", "Ada@mail.example")
    assert (events_of["campaign_id"], events_of["rcpt_meta"], events_of["rcpt_tags"]) == (
        "autumn",
        {"order": 17},
        ["new"],
    )
    assert (events_of["sending_domain"], events_of["recipient_domain"]) == ("shop.example", "mail.example")
    assert (events_of["customer_id"], events_of["template_id"], events_of["template_version"]) == (
        "1",
        f"template_{id}",
        "0",
    )
    assert isinstance(events_of["msg_size"], str)
    later = delivery.json()
    assert later["event_id"] != events_of["event_id"]
    same = {field: value for field, value in events_of.items() if field not in ("type", "event_id")}
    assert {field: later[field] for field in same} == same
    assert (later["delv_method"], later["num_retries"]) == ("esmtp", "0")


def test_metadata_of_recipient_and_transmission_are_merged(api: Api) -> None:
    captured = message(api, metadata={"a": 1, "b": 1}, recipients=[ADA | {"metadata": {"b": 2}}])
    assert captured.metadata == b'{"a":1,"b":2}'
    assert events(api, "injection")[0]["rcpt_meta"] == {"a": 1, "b": 2}


def test_msg_from_keeps_only_the_return_paths_domain(api: Api) -> None:
    recipients = [ADA | {"return_path": "me@bounces.shop.example"}, {"address": "grace@mail.example"}]
    api.call("POST", "/transmissions", request(recipients=recipients, return_path="us@b.shop.example"))
    first, second = events(api, "injection")
    assert first["msg_from"].startswith("msprvs1=")
    assert first["msg_from"].endswith("@bounces.shop.example")
    assert second["msg_from"].endswith("@b.shop.example")


def test_event_has_its_subaccount(api: Api) -> None:
    api.call("POST", "/transmissions", request(), subaccount=7)
    assert events(api, "injection")[0]["subaccount_id"] == "7"


def test_transmission_is_delivered_at_once_if_the_clock_is_full(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkbox.core.state.jobs.MOST_JOBS", 0)
    send(api)
    assert messages(api)[0].status == "delivered"


# Retrieving and listing


def test_a_sent_transmission_can_be_retrieved(api: Api) -> None:
    id = send(api, description="d", campaign_id="c", metadata={"a": 1}, options={"open_tracking": False})
    assert api.call("GET", f"/transmissions/{id}") == {
        "transmission": {
            "id": id,
            "description": "d",
            "state": "Success",
            "campaign_id": "c",
            "content": {"template_id": "inline"},
            "rcpt_list_chunk_size": 100,
            "rcpt_list_total_chunks": 1,
            "num_rcpts": 1,
            "num_generated": 1,
            "num_failed_gen": 0,
            "generation_start_time": "2026-03-01T12:00:00+00:00",
            "generation_end_time": "2026-03-01T12:00:00+00:00",
            "substitution_data": "",
            "metadata": {"a": 1},
            "options": {"open_tracking": False, "click_tracking": "", "transactional": False},
        }
    }


@pytest.mark.parametrize("path", ["/transmissions/123", "/transmissions/0000"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_transmission_gets_a_404(api: Api, method: str, path: str) -> None:
    id = path.rpartition("/")[2]
    assert api.refuse(method, path) == (
        404, "1600", "resource not found", f"Resource not found:transmission id {id}",
    )  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_transmission_id_must_be_a_number(api: Api, method: str) -> None:
    response = api.send(method, "/transmissions/abc")
    assert (response.status_code, response.json()) == (
        400, {"errors": [{"message": "Invalid transmission id", "code": "2001"}]},
    )  # fmt: skip


def test_transmissions_are_filtered_by_campaign_and_template(api: Api) -> None:
    api.call("POST", "/templates", {"id": "t", "content": CONTENT, "published": True})
    first = send(api, campaign_id="a")
    second = send(api, campaign_id="b")
    third = send(api, campaign_id="b", content={"template_id": "t"})
    assert [row["id"] for row in api.call("GET", "/transmissions")] == [third, second, first]
    assert [row["id"] for row in api.call("GET", "/transmissions?campaign_id=b")] == [third, second]
    assert [row["id"] for row in api.call("GET", "/transmissions?template_id=inline")] == [second, first]
    (row,) = api.call("GET", "/transmissions?campaign_id=b&template_id=t")
    assert row == {
        "id": third, "campaign_id": "b", "description": "", "state": "Success", "content": {"template_id": "t"},
    }  # fmt: skip


def test_subaccounts_see_their_own_transmissions(api: Api) -> None:
    id = api.call("POST", "/transmissions", request(), subaccount=7)["id"]
    assert api.call("GET", "/transmissions") == []
    assert api.send("GET", f"/transmissions/{id}").status_code == 404
    assert api.send("GET", f"/transmissions/{id}", subaccount=7).status_code == 200


def test_transmissions_cannot_be_put(api: Api) -> None:
    response = api.send("PUT", "/transmissions", {})
    assert response.status_code == 405
    assert response.json()["errors"] == [
        {
            "message": "invalid http method",
            "description": "PUT is not supported on /api/v1/transmissions",
            "code": "1102",
        }
    ]


def test_trailing_slash_and_empty_php_array_are_accepted(api: Api) -> None:
    response = api.send("POST", "/transmissions/", request())
    assert response.status_code == 200
    id = response.json()["results"]["id"]
    assert api.send("GET", f"/transmissions/{id}/", []).status_code == 200
    assert api.send("DELETE", "/transmissions?campaign_id=none", []).status_code == 204


def test_the_records_of_sent_transmissions_are_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transmission, "most", 10)
    ids = [send(api) for _ in range(25)]
    assert api.send("GET", f"/transmissions/{ids[0]}").status_code == 404
    assert api.send("GET", f"/transmissions/{ids[-1]}").status_code == 200
    assert len(api.call("GET", "/transmissions")) <= 10


@pytest.mark.parametrize(
    "operation",
    ["create_transmission", "list_transmissions", "retrieve_transmission", "delete_transmission", "delete_campaign"],
)
def test_fixtures_show_the_shapes(api: Api, operation: str) -> None:
    if operation != "create_transmission":
        fixture = json.loads((FIXTURES / "transmissions" / "create_transmission.json").read_text())
        later = {"options": {"start_time": "2026-03-02T12:00:00+00:00"}} if operation.startswith("delete") else {}
        api.send("POST", "/transmissions", fixture["request"]["body"] | later)
    api.replay(f"transmissions/{operation}")
