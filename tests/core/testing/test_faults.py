"""Trouble on demand: which requests it strikes, and what it does to them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparkbox.app import Application
from sparkbox.core.declare.operation import Operation
from sparkbox.core.declare.relay import Relay, Submission
from sparkbox.core.declare.targets import SMTP
from sparkbox.core.request.asgi import ConnectionDropped
from sparkbox.core.request.http import Response
from sparkbox.core.state.context import Context
from sparkbox.core.state.steps import StepsAndWaits
from sparkbox.core.testing import faults as module
from sparkbox.core.testing.faults import Fault, Faults
from sparkbox.core.testing.stubs import make_stub
from tests.conftest import Serve
from tests.core import api
from tests.core.api import SERVICE
from tests.core.office import Office

SEND = SERVICE.operations["send_letter"]


def statuses(office: Office, count: int) -> list[int]:
    return [office.call("GET", "/v1/letters").status for _ in range(count)]


# Which requests are struck.


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(), True),
        (Fault(service="post"), True),
        (Fault(service="bank"), False),
        (Fault(operation="send_letter"), True),
        (Fault(operation="POST /v1/letters"), True),
        (Fault(operation="GET /v1/letters"), False),
        (Fault(operation="/v1/letters"), False),
        (Fault(service="post", operation="list_letters"), False),
    ],
)
def test_a_fault_matches_by_service_and_operation(fault: Fault, struck: bool) -> None:
    assert fault.matches("post", SEND) is struck


@pytest.mark.parametrize(
    ("fault", "struck"),
    [
        (Fault(), True),
        (Fault(operation="smtp"), True),
        (Fault(service="bank"), False),
        (Fault(operation="send"), False),
    ],
)
def test_a_fault_matches_mail_by_smtp(fault: Fault, struck: bool) -> None:
    assert fault.matches("post", SMTP) is struck


def test_a_service_with_a_relay_has_a_target_more() -> None:
    def submit(ctx: Context, submission: Submission) -> StepsAndWaits[str]:
        return ""
        yield

    relay = Relay(lambda user: False, lambda accounts, user, password: None, submit)
    assert SMTP not in SERVICE.targets
    assert [*replace(SERVICE, relay=lambda: relay).targets] == [*SERVICE.targets, SMTP]


def strikes(fault: Fault, count: int) -> list[bool]:
    return [fault.strikes() for _ in range(count)]


def test_a_fault_strikes_always_unless_told() -> None:
    fault = Fault()
    assert strikes(fault, 3) == [True, True, True]
    assert (fault.seen, fault.hits) == (3, 3)


def test_a_fault_may_strike_the_first_so_many() -> None:
    fault = Fault(first=2)
    assert strikes(fault, 4) == [True, True, False, False]
    assert (fault.seen, fault.hits) == (4, 2)
    assert strikes(Fault(first=0), 2) == [False, False]


def test_a_fault_may_strike_every_nth() -> None:
    assert strikes(Fault(every=3), 7) == [False, False, True, False, False, True, False]


def test_rules_of_selection_add_up() -> None:
    assert strikes(Fault(first=4, every=2), 8) == [False, True, False, True, False, False, False, False]


@given(st.integers(), st.floats(0, 1))
def test_chance_is_the_same_for_the_same_seed(seed: int, probability: float) -> None:
    first = strikes(Fault(probability=probability, seed=seed), 50)
    assert strikes(Fault(probability=probability, seed=seed), 50) == first


def test_fault_strikes_with_its_probability() -> None:
    assert sum(strikes(Fault(probability=0.25, seed=7), 2000)) == pytest.approx(500, abs=60)
    assert strikes(Fault(probability=0, seed=7), 3) == [False] * 3
    assert strikes(Fault(probability=1, seed=7), 3) == [True] * 3


def test_another_seed_strikes_others() -> None:
    assert strikes(Fault(probability=0.5, seed=1), 50) != strikes(Fault(probability=0.5, seed=2), 50)


@pytest.mark.parametrize(
    "values",
    [
        {"status": 99}, {"status": 100}, {"status": 600}, {"latency": -1}, {"latency": float("inf")},
        {"latency": float("nan")}, {"truncate": -1}, {"first": -1}, {"every": 0}, {"probability": -0.1},
        {"probability": 1.1},
    ],
)  # fmt: skip
def test_a_fault_out_of_range_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(values))} is .*, but lies between"):
        Fault(**values)


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"X-A": "a\r\nX-B: b"}, "is no header"),
        ({"X-A\n": "a"}, "is no header"),
        ({"X-A": "\u20ac"}, "is no header"),
        ({"": "a"}, "is no header"),
        ({"Content-Length": "7"}, "the connection's own business"),
        ({"Keep-Alive": "timeout=5"}, "the connection's own business"),
        ({"proxy-authenticate": "Basic"}, "the connection's own business"),
        ({f"X-{number}": "a" for number in range(51)}, "too many"),
        ({"X-A": "a" * 16_384}, "more than 16384 bytes"),
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(headers=headers)
    with pytest.raises(ValueError, match=message):
        make_stub(response_headers=headers)


def test_a_fault_for_mail_by_smtp_has_no_headers() -> None:
    with pytest.raises(ValueError, match="no headers"):
        Fault("post", "smtp", headers={"X-A": "a"})


def test_fault_headers_replace_the_services_own_on_any_response(office: Office) -> None:
    fault = office.sandbox.faults.add(Fault(headers={"X-Post": "other", "Retry-After": "7", "X-Tag": "Gr\xfc\xdfe"}))
    for response in (office.call("GET", "/v1/letters"), office.call("GET", "/v1/letters", key=None)):
        assert [pair for pair in response.headers if pair[0] in (b"x-post", b"retry-after", b"x-tag")] == [
            (b"x-post", b"other"),
            (b"retry-after", b"7"),
            (b"x-tag", "Gr\xfc\xdfe".encode("latin-1")),
        ]
        assert (b"content-length", b"%d" % len(response.body)) in response.headers
    assert fault.describe() == "headers X-Post, Retry-After, X-Tag"


@pytest.mark.parametrize("effect", [{"status": 429}, {"error": "throttled"}])
def test_an_injected_429_is_the_one_of_the_services_own_limits(office: Office, effect: dict[str, Any]) -> None:
    office.sandbox.faults.add(Fault(**effect))
    response = office.call("GET", "/v1/letters")
    assert (response.status, response.error) == (429, "throttled")
    assert (b"retry-after", b"60") in response.headers


def test_an_injected_405_says_what_else_the_path_takes(office: Office) -> None:
    office.sandbox.faults.add(Fault(status=405))
    response = office.call("GET", "/v1/letters")
    assert (response.status, dict(response.headers)[b"allow"]) == (405, b"POST")


# A set of faults.


def picked(faults: Faults, operation: Operation | None = SEND) -> str | None:
    fault = faults.pick("post", operation)
    return None if fault is None else fault.id


def test_the_first_fault_that_strikes_is_picked() -> None:
    faults = Faults()
    faults.add(Fault(service="bank", id="bank"))
    faults.add(Fault(first=1, id="once"))
    faults.add(Fault(id="always"))
    assert [picked(faults) for _ in range(3)] == ["once", "always", "always"]


def test_faults_are_numbered_and_removed_by_id() -> None:
    faults = Faults()
    ids = [faults.add(Fault()).id for _ in range(3)]
    assert len(set(ids)) == 3
    assert faults.remove(ids[1])
    assert not faults.remove(ids[1])
    assert [fault.id for fault in faults] == [ids[0], ids[2]]
    faults.clear()
    assert len(faults) == 0


def test_ids_are_never_shared() -> None:
    faults = Faults()
    faults.add(Fault(id="1"))
    assert faults.add(Fault()).id == "2"
    with pytest.raises(ValueError, match="a fault has the id '2' already"):
        faults.add(Fault(id="2"))


def test_faults_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FAULTS", 2)
    faults = Faults()
    faults.add(Fault())
    faults.add(Fault())
    with pytest.raises(ValueError, match="2 faults are set already"):
        faults.add(Fault())


# What they answer with.


@pytest.mark.parametrize(
    ("fault", "status", "name", "message"),
    [
        (Fault(status=503), 503, "closed", "closed"),
        (Fault(error="box_full"), 409, "box_full", "full"),
        (Fault(status=404), 404, "no_place", "no such place"),
        (Fault(status=404, error="letter_unknown"), 404, "letter_unknown", "no letter {id}"),
        (Fault(status=405), 405, "no_method", "GET is not for /v1/letters"),
        (Fault(status=502), 502, "fault", "Bad Gateway"),
        (Fault(status=599), 599, "fault", "Error"),
        (Fault(error="nowhere"), 500, "fault", "Internal Server Error"),
        (Fault(status=502, error="nowhere"), 502, "fault", "Bad Gateway"),
    ],
)
def test_fault_answers_with_the_services_own_error_if_there_is_one(
    office: Office, fault: Fault, status: int, name: str, message: str
) -> None:
    office.sandbox.faults.add(fault)
    response = office.call("GET", "/v1/letters")
    shown = response.json()["error"]
    assert (response.status, shown["name"], shown["message"]) == (status, name, message)


def test_fault_that_refuses_changes_no_state(office: Office) -> None:
    office.sandbox.faults.add(Fault(status=500, first=1))
    assert office.send().status == 500
    assert len(office.account().messages) == 0
    assert office.send().status == 201


def test_fault_that_only_spoils_the_response_lets_the_request_happen(office: Office) -> None:
    office.sandbox.faults.add(Fault(garbage=True))
    response = office.send()
    assert response.status == 201
    with pytest.raises(ValueError):
        response.json()
    assert len(office.account().messages) == 1


def test_garbage_is_the_same_each_time_it_is_made(office: Office) -> None:
    def bodies(seed: int) -> list[bytes]:
        office.sandbox.faults.clear()
        office.sandbox.faults.add(Fault(garbage=True, seed=seed))
        return [office.call("GET", "/v1/letters").body for _ in range(2)]

    first = bodies(1)
    assert bodies(1) == first != bodies(2)
    assert first[0] != first[1]
    assert all(len(body) >= 64 for body in first)


def test_garbage_has_the_length_that_is_announced(office: Office) -> None:
    office.sandbox.faults.add(Fault(garbage=True))
    response = office.call("GET", "/v1/letters")
    assert dict(response.headers)[b"content-length"] == b"%d" % len(response.body)


@pytest.mark.parametrize("fault", [Fault(garbage=True), Fault(status=204), Fault(status=304)])
def test_response_without_a_body_gets_no_garbage(office: Office, fault: Fault) -> None:
    office.sandbox.faults.add(fault)
    response = office.call("DELETE", "/v1/letters/1")
    assert response.body == b""
    assert b"content-length" not in dict(response.headers)


def test_a_fault_of_one_account_leaves_the_others_alone(office: Office) -> None:
    office.account("mock-unlucky").faults.add(Fault(status=503))
    assert office.call("GET", "/v1/letters", key="mock-unlucky").status == 503
    assert office.call("GET", "/v1/letters", key="mock-lucky").status == 200


def test_an_accounts_own_fault_comes_before_everybodys(office: Office) -> None:
    office.sandbox.faults.add(Fault(status=503))
    office.account().faults.add(Fault(error="box_full", first=1))
    assert statuses(office, 3) == [409, 503, 503]


def test_a_fault_is_told_in_the_journal(office: Office) -> None:
    office.sandbox.faults.add(Fault(status=503, latency=0.25))
    office.call("GET", "/v1/letters")
    entry = next(office.sandbox.logs.requests.newest())
    assert entry.fault == "status 503, latency 0.25 s"
    office.sandbox.faults.clear()
    office.call("GET", "/v1/letters")
    assert next(office.sandbox.logs.requests.newest()).fault is None


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(error="box_full"), "box_full"),
        (Fault(drop=True), "dropped connection"),
        (Fault(truncate=5, garbage=True), "cut after 5 bytes, garbage"),
        (Fault(), "nothing"),
    ],
)
def test_a_fault_says_what_it_does(fault: Fault, text: str) -> None:
    assert fault.describe() == text


# On the wire.


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(headers={"x-key": api.KEY}, timeout=5) as client:
        yield client


def test_a_dropped_connection_gives_the_client_nothing(serve: Serve, office: Office, http: httpx.Client) -> None:
    url = serve(Application(office.sandbox)) + "/post/v1/letters"
    office.sandbox.faults.add(Fault(drop=True, first=1))
    with pytest.raises(httpx.TransportError):
        http.post(url, json={"to": {"address": "a"}, "text": "hello"})
    assert len(office.account().messages) == 1
    assert http.get(url).status_code == 200


@pytest.mark.parametrize("bytes_sent", [0, 10])
def test_truncated_response_ends_before_its_announced_length(serve: Serve, office: Office, bytes_sent: int) -> None:
    url = urlsplit(serve(Application(office.sandbox)))
    office.sandbox.faults.add(Fault(truncate=bytes_sent, first=1))
    with socket.create_connection((url.hostname, url.port), timeout=5) as connection:
        connection.sendall(b"GET /post/v1/letters HTTP/1.1\r\nhost: a\r\nx-key: mock-key\r\n\r\n")
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    announced = int(dict(line.split(b": ") for line in head.split(b"\r\n")[1:])[b"content-length"])
    assert len(body) == bytes_sent < announced


def test_client_sees_a_truncated_response_as_an_error(serve: Serve, office: Office, http: httpx.Client) -> None:
    url = serve(Application(office.sandbox)) + "/post/v1/letters"
    office.sandbox.faults.add(Fault(truncate=10, first=1))
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(url)
    assert http.get(url).status_code == 200


def test_garbage_and_bodiless_faults_keep_the_connection_usable(
    serve: Serve, office: Office, http: httpx.Client
) -> None:
    url = serve(Application(office.sandbox)) + "/post/v1/letters"
    for fault in (Fault(garbage=True, first=1), Fault(status=204, first=1), Fault(status=304, first=1)):
        office.sandbox.faults.add(fault)
    assert http.get(url).headers["content-type"] == "application/json"
    assert http.get(url).status_code == 204
    assert http.get(url).status_code == 304
    assert http.get(url).json()["ok"] is True


def test_spoilt_response_to_head_has_no_body(serve: Serve, office: Office, http: httpx.Client) -> None:
    url = serve(Application(office.sandbox)) + "/post/v1/letters"
    office.sandbox.faults.add(Fault(latency=0.001, garbage=True))
    assert http.head(url).content == b""
    assert http.head(url).status_code == 200


def test_latency_is_waited_for(serve: Serve, office: Office, http: httpx.Client) -> None:
    url = serve(Application(office.sandbox)) + "/post/v1/letters"
    office.sandbox.faults.add(Fault(latency=0.2))
    with pytest.raises(httpx.ReadTimeout):
        http.get(url, timeout=httpx.Timeout(5, read=0.05))
    assert http.get(url).status_code == 200


@pytest.mark.asyncio
@pytest.mark.parametrize("fault", [Fault(drop=True), Fault(truncate=3)])
async def test_in_process_a_cut_connection_is_an_exception(office: Office, fault: Fault) -> None:
    office.sandbox.faults.add(fault)
    transport = httpx.ASGITransport(Application(office.sandbox))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        with pytest.raises(ConnectionDropped):
            await client.get("/post/v1/ping")


def test_the_statuses_that_faults_answer_with_are_those_of_the_row() -> None:
    row = Fault(status=418).row(api.ERRORS)
    assert (row.status, row.code, row.evidence) == (418, None, "assumed")
    assert Response(row.status).status == 418
