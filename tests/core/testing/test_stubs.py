"""Canned answers: who gets them, in which order, how often, and what they wear."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.app import Application
from sparkbox.core.request.http import Request, Response
from sparkbox.core.state import sandbox as sandbox_module
from sparkbox.core.testing.faults import Fault
from sparkbox.core.testing.stubs import MOST_STUBS, STARTED, Stub, Stubs, make_stub
from sparkbox.testing.transport import Transport
from tests.core.api import KEY, SERVICE
from tests.core.office import Office


def stub(office: Office, key: str | None = KEY, **more: Any) -> Stub:
    account = None if key is None else office.account(key)
    return office.sandbox.add_stub(make_stub(**more), account)


def letters(office: Office, **call: Any) -> Response:
    return office.call("GET", "/v1/letters", **call)


def statuses(office: Office, count: int) -> list[int]:
    return [letters(office).status for _ in range(count)]


# What is answered.


def test_json_goes_out_as_it_is_and_wears_nothing_of_the_service(office: Office) -> None:
    stub(office, status=202, json={"queued": True})
    response = letters(office)
    assert (response.status, response.json()) == (202, {"queued": True})
    assert response.headers == [(b"content-type", b"application/json"), (b"content-length", b"15")]


def test_a_text_goes_out_as_it_is(office: Office) -> None:
    stub(office, text="Grüße", response_headers={"X-Tag": "one"})
    response = letters(office)
    assert response.body == "Grüße".encode()
    headers = dict(response.headers)
    assert (headers[b"content-type"], headers[b"x-tag"]) == (b"text/plain; charset=utf-8", b"one")


def test_a_content_type_that_is_given_stays(office: Office) -> None:
    stub(office, text="<a/>", response_headers={"content-type": "text/xml"})
    assert dict(letters(office).headers)[b"content-type"] == b"text/xml"


def test_stub_without_a_body_has_no_content_type(office: Office) -> None:
    stub(office, status=204)
    response = letters(office)
    assert (response.status, response.body, response.headers) == (204, b"", [])


def test_with_the_envelope_it_is_wrapped_as_the_services_own(office: Office) -> None:
    stub(office, service="post", operation="list_letters", json=[], envelope=True, response_headers={"X-Tag": "one"})
    response = letters(office)
    assert response.json() == {"ok": True, "data": []}
    assert (b"x-post", b"post") in response.headers
    assert (b"x-tag", b"one") in response.headers
    assert [name for name, _ in response.headers].count(b"content-type") == 1


def test_its_headers_replace_those_that_the_envelope_adds(office: Office) -> None:
    headers = {"X-Post": "mine"}
    stub(office, service="post", operation="list_letters", json=[], envelope=True, response_headers=headers)
    assert [value for name, value in letters(office).headers if name == b"x-post"] == [b"mine"]


# Who gets it.


def test_nothing_of_the_service_happens(office: Office) -> None:
    stub(office, service="post", operation="send_letter", json={})
    office.account().buckets.set_amount("post", "per_minute", 0)
    assert office.call("POST", "/v1/letters", {"nonsense": True}).status == 200
    assert (len(office.account().messages), len(office.account().events)) == (0, 0)


def test_an_accounts_stub_answers_its_credential_alone(office: Office) -> None:
    stub(office, status=418)
    assert [letters(office, key=key).status for key in (KEY, "mock-other", "real", None)] == [418, 200, 401, 401]


def test_stub_for_all_accounts_answers_everybody(office: Office) -> None:
    stub(office, None, status=418)
    assert [letters(office, key=key).status for key in (KEY, "mock-other", "real", None)] == [418] * 4


def test_an_accounts_stub_goes_before_those_of_all(office: Office) -> None:
    stub(office, None, status=418)
    stub(office, status=410)
    assert [letters(office, key=key).status for key in (KEY, "mock-other")] == [410, 418]


def test_it_stands_for_a_path_and_a_method_that_the_service_does_not_have(office: Office) -> None:
    stub(office, path="/v2/parcels/*", json={"parcel": 1})
    stub(office, method="PATCH", path="/v1/letters", status=410)
    assert office.call("GET", "/v2/parcels/7").json() == {"parcel": 1}
    assert office.call("GET", "/v2/parcels").status == 404
    assert [office.call(method, "/v1/letters").status for method in ("PATCH", "DELETE")] == [410, 405]


def test_a_request_that_is_too_large_to_be_read_gets_none(office: Office) -> None:
    from sparkbox.core.request.dispatch import Dispatcher

    stub(office, status=418)
    dispatcher = Dispatcher(office.sandbox, SERVICE)
    for path in ("/v1/letters", "/v2/nowhere"):
        request = Request("GET", path, headers=[(b"x-key", KEY.encode())])
        assert dispatcher.respond(request, api_error=SERVICE.envelope.too_large()).status in (413, 404)


def test_stubbed_request_is_in_the_journal_with_its_stub(office: Office) -> None:
    set_up = stub(office, status=418)
    office.send(text="for the journal")
    [entry] = office.account().requests.oldest()
    assert (entry.operation, entry.status, entry.note) == ("send_letter", 418, f"answered by the stub {set_up.id}")
    assert b"for the journal" in entry.body


def test_faults_strike_stubs_too(office: Office) -> None:
    stub(office, json={"fine": True})
    office.account().faults.add(Fault(status=503, first=1))
    office.account().faults.add(Fault(drop=True, first=1))
    responses = [letters(office) for _ in range(3)]
    assert [response.status for response in responses] == [503, 200, 200]
    assert [response.fault is not None for response in responses] == [True, True, False]


# Which one, and how often.


def test_service_answers_itself_after_the_stubs_times(office: Office) -> None:
    set_up = stub(office, status=418, times=2)
    assert statuses(office, 3) == [418, 418, 200]
    assert (set_up.hits, set_up.rests) == (2, True)


def test_those_for_so_many_times_go_first_in_their_order(office: Office) -> None:
    stub(office, status=200, json={})
    stub(office, status=500, times=1)
    stub(office, status=502, times=2)
    assert statuses(office, 5) == [500, 502, 502, 200, 200]


def test_of_the_others_the_newest_goes_first(office: Office) -> None:
    stub(office, status=410)
    stub(office, service="post", operation="list_letters", status=418)
    assert statuses(office, 1) == [418]
    assert office.send().status == 410


def test_a_scenario_moves_on(office: Office) -> None:
    story: dict[str, Any] = {"service": "post", "scenario": "moving house"}
    stub(office, operation="list_letters", state=STARTED, json=[], **story)
    stub(office, operation="send_letter", state=STARTED, next_state="moved", status=202, **story)
    stub(office, operation="list_letters", state="moved", status=410, **story)
    assert statuses(office, 1) == [200]
    assert [office.send().status, *statuses(office, 2), office.send().status] == [202, 410, 410, 201]
    assert office.account().stubs.state_of("moving house") == "moved"


def test_two_accounts_scenarios_stand_where_they_stand(office: Office) -> None:
    for key in (KEY, "mock-other"):
        stub(office, key, scenario="once", state=STARTED, next_state="over", status=418)
    assert [letters(office, key=key).status for key in (KEY, KEY, "mock-other")] == [418, 200, 418]


def test_a_stub_is_taken_back(office: Office) -> None:
    set_up = stub(office, status=418)
    stubs = office.account().stubs
    assert (stubs.remove(set_up.id), stubs.remove(set_up.id)) == (True, False)
    assert statuses(office, 1) == [200]


@given(st.lists(st.tuples(st.integers(200, 599), st.none() | st.integers(1, 3)), max_size=6), st.integers(0, 12))
def test_the_order_is_that_of_the_rule(rules: list[tuple[int, int | None]], count: int) -> None:
    stubs = Stubs()
    for status, times in rules:
        stubs.add(Stub(status=status, times=times))
    expected = [status for status, times in rules if times is not None for _ in range(times)]
    forever = [status for status, times in rules if times is None]
    picked = [stubs.pick(SERVICE, None, Request("GET", "/")) for _ in range(count)]
    expected = (expected + forever[-1:] * count)[:count]
    assert [one.status for one in picked if one is not None] == expected


# How it ends.


def test_a_reset_takes_stubs_and_scenarios_back(office: Office) -> None:
    stub(office, scenario="once", state=STARTED, next_state="over", status=418)
    stub(office, None, status=418)
    statuses(office, 1)
    office.sandbox.accounts.reset(office.account())
    assert (len(office.account().stubs), office.account().stubs.state_of("once")) == (0, STARTED)
    assert statuses(office, 1) == [418]
    office.sandbox.reset()
    assert statuses(office, 1) == [200]


def test_a_fork_has_stubs_of_its_own(office: Office) -> None:
    stub(office, status=418, times=2)
    statuses(office, 1)
    office.sandbox.accounts.fork(office.account(), "mock-twin")
    assert [letters(office, key=key).status for key in ("mock-twin", "mock-twin", KEY, KEY)] == [418, 200, 418, 200]


# What is refused.


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": 199}, "status is 199"),
        ({"status": 600}, "status is 600"),
        ({"times": 0}, "times is 0"),
        ({"json": 1, "text": "1"}, "JSON or a text, not both"),
        ({"envelope": True}, "name the operation"),
        ({"envelope": True, "status": 404, "service": "post", "operation": "list_letters"}, "all went well"),
        ({"state": "moved"}, "name the scenario"),
        ({"next_state": "moved"}, "name the scenario"),
        ({"response_headers": {"Content-Length": "7"}}, "the connection's own business"),
        ({"response_headers": {"transfer-encoding": "chunked"}}, "the connection's own business"),
        ({"response_headers": {"X-A": "a\r\nX-B: b"}}, "is no header"),
        ({"response_headers": {"X-A": "\u20ac"}}, "is no header"),
        ({"response_headers": {"X A": "a"}}, "is no header"),
        ({"response_headers": {"": "a"}}, "is no header"),
    ],
)
def test_a_stub_that_makes_no_sense_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make_stub(**fields)


def test_there_are_not_more_stubs_than_can_be_kept(office: Office) -> None:
    for _ in range(MOST_STUBS):
        stub(office, path="/v1/elsewhere", status=418)
    with pytest.raises(ValueError, match="1000 stubs are set already"):
        stub(office)
    stub(office, None)


def test_all_stubs_together_are_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_module, "MOST_STUB_BYTES", 10_000)
    stub(office, text="x" * 5000)
    with pytest.raises(ValueError, match="10000 bytes"):
        stub(office, "mock-other", text="x" * 5000)
    office.account().stubs.clear()
    other = stub(office, "mock-other", text="x" * 5000)
    total = office.sandbox.logs.stubs
    twin = office.sandbox.accounts.fork(office.account("mock-other"), "mock-twin")
    assert total.used == 2 * other.size
    office.sandbox.accounts.drop(twin)
    assert total.used == other.size
    office.account("mock-other").stubs.remove(other.id)
    assert total.used == 0


def test_stub_answers_without_a_socket(office: Office) -> None:
    stub(office, path="/v2/parcels", json={"parcels": []})
    transport = Transport(Application(office.sandbox))
    with httpx.Client(transport=transport, base_url="http://mock/post", headers={"X-Key": KEY}) as client:
        assert client.get("/v2/parcels").json() == {"parcels": []}
