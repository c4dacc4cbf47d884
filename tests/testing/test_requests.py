"""Looking for requests and checking them, canned answers, and copies of worlds, as a test has them."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from sparkbox import Sparkbox, Stub, World, services
from sparkbox.testing.world import Place

SEND = "POST /api/v1/transmissions"


def post(place: Place, path: str, **more: Any) -> httpx.Response:
    return httpx.post(place.url + path, headers=place.headers, trust_env=False, **more)


def send(world: World, to: str = "wilma@flintstone.example", subject: str = "Hello") -> httpx.Response:
    mail = {
        "recipients": [{"address": to}],
        "content": {"from": "team@acme.example", "subject": subject, "text": "Welcome."},
    }
    return post(world.sparkpost, "/api/v1/transmissions", json=mail)


def subjects(world: World, **wanted: Any) -> list[str]:
    found = world.requests.matching("sparkpost", SEND, **wanted)
    return [httpx.Response(200, content=entry.body).json()["content"]["subject"] for entry in found]


# Requests.


def test_requests_are_found_by_what_is_in_them(sparkbox: World) -> None:
    send(sparkbox, subject="One")
    send(sparkbox, "fred@flintstone.example", "Two")
    post(sparkbox.sparkpost, "/api/v1/transmissions", json={})
    assert subjects(sparkbox, fields={"/recipients/0/address": "fred@flintstone.example"}) == ["Two"]
    assert subjects(sparkbox, contains='"subject":"One"') == ["One"]
    assert subjects(sparkbox, status=200) == ["One", "Two"]
    [refused] = sparkbox.requests.matching("sparkpost", error="required_field_missing")
    assert refused.status == 422
    assert len(sparkbox.requests.matching(path="/api/v1/*")) == 3
    assert sparkbox.requests.matching(headers={"authorization": "mock-other"}) == []


def test_the_fields_of_a_form_are_found_as_the_service_reads_them(sparkbox: World) -> None:
    post(sparkbox.sendpulse, "/addressbooks", data={"bookName": "Customers"})
    found = sparkbox.requests.verify("sendpulse", "POST /addressbooks", fields={"/bookName": "Customers"})
    assert found[0].status == 200


def test_verify_returns_the_requests_that_match(sparkbox: World) -> None:
    send(sparkbox)
    send(sparkbox)
    assert len(sparkbox.requests.verify("sparkpost", SEND, count=2)) == 2
    assert sparkbox.requests.verify("sparkpost", SEND, count=0, fields={"/content/subject": "Bye"}) == []


def test_verify_lists_the_requests_when_it_fails(sparkbox: World) -> None:
    send(sparkbox)
    with pytest.raises(AssertionError) as caught:
        sparkbox.requests.verify("sparkpost", SEND, count=2, fields={"/content/subject": "Hello"})
    assert str(caught.value) == (
        "1 requests with {'service': 'sparkpost', 'operation': 'POST /api/v1/transmissions', 'fields': "
        "{'/content/subject': 'Hello'}}, not 2; there were:\n"
        "  sparkpost: POST /api/v1/transmissions was answered 200"
    )


def test_verify_says_that_there_were_no_requests(sparkbox: World) -> None:
    with pytest.raises(AssertionError, match=r"0 requests with \{\}, not 1; there were none"):
        sparkbox.requests.verify()


def test_only_the_newest_requests_are_named(sparkbox: World) -> None:
    for _ in range(22):
        httpx.get(f"{sparkbox.sparkpost.url}/api/v1/nowhere", headers=sparkbox.sparkpost.headers, trust_env=False)
    with pytest.raises(AssertionError) as caught:
        sparkbox.requests.verify(count=0)
    assert str(caught.value).count("was answered 404") == 20
    assert str(caught.value).endswith("… and 2 before them")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"service": "sparkpots"}, "there is no service 'sparkpots'; there are sparkpost, "),
        ({"service": "sparkpost", "operation": "GET /nowhere"}, "sparkpost has no operation 'GET /nowhere'"),
        ({"operation": SEND}, "name the service, too"),
    ],
)
def test_pattern_that_no_request_could_match_is_an_error(sparkbox: World, wanted: dict[str, Any], words: str) -> None:
    for call in (sparkbox.requests.matching, sparkbox.stubs.add):
        with pytest.raises(ValueError, match=re.escape(words)):
            call(**wanted)


# Stubs.


def test_a_stub_answers_in_the_services_place(sparkbox: World) -> None:
    stub = sparkbox.stubs.add("sparkpost", SEND, status=420, json={"errors": [{"message": "Exceed Sending Limit"}]})
    assert isinstance(stub, Stub)
    assert (send(sparkbox).status_code, stub.hits, sparkbox.messages) == (420, 1, [])
    sparkbox.stubs.clear()
    assert send(sparkbox).status_code == 200


@pytest.mark.parametrize("service", [api.name for api in services.SERVICES])
@pytest.mark.parametrize("payload", [{"a": [1]}, [], "text", 7, False])
def test_every_envelope_wraps_any_payload_of_a_stub(sparkbox: World, service: str, payload: Any) -> None:
    operation = next(one for one in services.load(service).operations.values() if one.method == "GET" and not one.bare)
    sparkbox.stubs.add(service, operation.id, json=payload, envelope=True)
    place: Place = getattr(sparkbox, service)
    path = re.sub(r"\{[^}]*\}", "1", operation.path)
    response = httpx.get(place.url + path, headers=place.headers, trust_env=False)
    assert response.status_code == operation.status
    shown = response.json()
    assert payload in (shown, shown.get("results") if isinstance(shown, dict) else None)


def test_two_worlds_see_nothing_of_each_others_stubs(sparkbox: World, sparkbox_session: Sparkbox) -> None:
    other = sparkbox_session.world()
    sparkbox.stubs.add(status=418)
    assert [send(world).status_code for world in (sparkbox, other)] == [418, 200]
    other.drop()


# Copies.


def test_a_fork_begins_as_a_copy_and_goes_its_own_way(sparkbox: World) -> None:
    created = post(
        sparkbox.sparkpost,
        "/api/v1/templates",
        json={"id": "hello", "content": {"from": "team@acme.example", "subject": "Hello", "text": "Welcome."}},
    )
    assert created.status_code == 200
    sparkbox.clock.freeze(1_772_366_400)
    sparkbox.faults.add("sparkpost", "GET /api/v1/templates", status=503)
    fork = sparkbox.fork()
    place = fork.sparkpost
    assert fork.credential != sparkbox.credential
    assert (fork.messages, fork.requests, fork.clock.now) == ([], [], sparkbox.clock.now)
    template = f"{place.url}/api/v1/templates/hello"
    assert httpx.get(template, headers=place.headers, trust_env=False).json()["results"]["name"] == "hello"
    assert httpx.delete(template, headers=place.headers, trust_env=False).status_code == 200
    again = sparkbox.fork("mock-again")
    found = httpx.get(f"{again.sparkpost.url}/api/v1/templates", headers=again.sparkpost.headers, trust_env=False)
    assert [row["id"] for row in found.json()["results"]] == ["hello"]
    with pytest.raises(ValueError, match="no new account can be called 'mock-again'"):
        sparkbox.fork("mock-again")
    fork.drop()
    again.drop()


def test_forks_of_one_world_get_the_same_responses(sparkbox: World) -> None:
    sparkbox.clock.freeze(1_772_366_400)
    forks = [sparkbox.fork() for _ in range(2)]
    first, second = [send(fork).json() for fork in forks]
    assert first == second
    for fork in forks:
        fork.drop()
