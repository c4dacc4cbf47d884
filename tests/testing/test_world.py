"""A world: what a test sees of its account, and the switches that it has."""

from __future__ import annotations

import smtplib
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import httpx
import pytest

from sparkbox import Sparkbox, World, services
from sparkbox.core.logs.deliveries import Retries
from sparkbox.core.logs.messages import Message
from sparkbox.core.state.context import Context
from sparkbox.mail.message import MailMessage
from sparkbox.testing.world import Place

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WILMA, FRED = "wilma@flintstone.example", "fred@flintstone.example"


def get(place: Place, path: str) -> httpx.Response:
    return httpx.get(place.url + path, headers=place.headers, trust_env=False, verify=False)


def templates(world: World) -> httpx.Response:
    return get(world.sparkpost, "/api/v1/templates")


def context(world: World) -> Context:
    account = world.server.sandbox.accounts.open(world.credential)
    assert account is not None
    return world.server.sandbox.context("sparkpost", account)


def send(world: World, to: str = WILMA, subject: str = "Hello") -> None:
    """What a service does when it sends."""
    world.server.call(lambda: capture(context(world), to, subject))


def capture(ctx: Context, to: str = WILMA, subject: str = "Hello") -> None:
    message = ctx.capture(MailMessage(to=to, subject=subject, text="Welcome."))
    ctx.emit("injection", {"rcpt_to": to}, message=message.number)


def send_later(world: World, seconds: float) -> None:
    world.server.call(lambda: context(world).call_in(seconds, capture))


def test_there_is_a_place_for_every_service(sparkbox: World) -> None:
    for api in services.SERVICES:
        place = getattr(sparkbox, api.name)
        assert place.url == f"{sparkbox.url}/{api.name}"
        assert place.key == f"{sparkbox.credential}.{api.name}"


def test_sparkposts_key_and_headers_open_the_world(sparkbox: World) -> None:
    place = sparkbox.sparkpost
    assert templates(sparkbox).status_code == 200
    assert httpx.get(f"{place.url}/api/v1/templates", auth=(place.key, ""), trust_env=False).status_code == 200
    assert len(sparkbox.requests) == 2


def test_sendpulses_headers_and_client_open_the_world(sparkbox: World) -> None:
    place = sparkbox.sendpulse
    client = {"client_id": place.client_id, "client_secret": place.client_secret, "grant_type": "client_credentials"}
    token = httpx.post(f"{place.url}/oauth/access_token", json=client, trust_env=False).json()["access_token"]
    with httpx.Client(base_url=place.url, trust_env=False) as sendpulse:
        assert sendpulse.get("/balance", headers=place.headers).status_code == 200
        assert sendpulse.get("/balance", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert [entry.path for entry in sparkbox.requests] == ["/oauth/access_token", "/balance", "/balance"]


def test_the_ready_credentials_are_a_world_as_any_other(sparkbox_session: Sparkbox) -> None:
    for credential, service in (("mock-sparkpost-key", "sparkpost"), ("mock-sendpulse-id", "sendpulse")):
        world = sparkbox_session.world(credential)
        place = getattr(world, service)
        if place.client_secret:
            client = {"client_id": place.client_id, "client_secret": place.client_secret}
            response = httpx.post(
                f"{place.url}/oauth/access_token", json={**client, "grant_type": "client_credentials"}, trust_env=False
            )
        else:
            response = templates(world)
        assert response.status_code == 200
        world.drop()


def test_messages_requests_and_events_come_in_the_order_in_which_they_happened(sparkbox: World) -> None:
    send(sparkbox, WILMA)
    send(sparkbox, FRED)
    templates(sparkbox)
    get(sparkbox.sparkpost, "/api/v1/nowhere")
    assert [message.to for message in sparkbox.messages] == [WILMA, FRED]
    assert [event.json() for event in sparkbox.events] == [{"rcpt_to": WILMA}, {"rcpt_to": FRED}]
    assert [(entry.path, entry.status) for entry in sparkbox.requests] == [
        ("/api/v1/templates", 200),
        ("/api/v1/nowhere", 404),
    ]


@pytest.mark.parametrize("road", ["http", "smtp"])
def test_a_messages_parts_are_those_of_the_mail(sparkbox: World, road: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "team@acme.example", "ada@example.com", "Lunch"
    mail.set_content("See you.")
    mail.add_alternative("<p>See you.</p>", subtype="html")
    mail.add_alternative("BEGIN:VCALENDAR", subtype="calendar", params={"method": "REQUEST", "component": "VEVENT"})
    place = sparkbox.sparkpost
    if road == "http":
        body = {"recipients": [{"address": "ada@example.com"}], "content": {"email_rfc822": mail.as_string()}}
        httpx.post(f"{place.url}/api/v1/transmissions", headers=place.headers, json=body, trust_env=False)
    else:
        with smtplib.SMTP(place.smtp.host, place.smtp.port) as client:
            client.login(place.smtp.user, place.smtp.password)
            client.send_message(mail)
    [message] = sparkbox.messages
    [whole] = message.parts
    assert [(path, part.content_type) for path, part in whole.walk()] == [
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("1.3", "text/calendar"),
    ]
    calendar = whole.parts[2]
    assert calendar.parameters == {"method": "REQUEST", "component": "VEVENT", "charset": "utf-8"}
    assert (calendar.text, dict(calendar.headers)["MIME-Version"]) == ("BEGIN:VCALENDAR\n", "1.0")
    assert dict(whole.headers)["Subject"] == "Lunch"


def test_message_of_another_channel_has_no_parts() -> None:
    assert Message(channel="sms", text="Hi").parts == ()


def test_two_worlds_see_nothing_of_each_other(sparkbox: World, sparkbox_session: Sparkbox) -> None:
    other = sparkbox_session.world()
    send(sparkbox)
    templates(sparkbox)
    sparkbox.clock.freeze(NOON)
    sparkbox.faults.add("sparkpost", status=503)
    sparkbox.limits.enable()
    sparkbox.profile = "strict"
    assert (other.messages, other.requests, other.events) == ([], [], [])
    assert not other.clock.frozen
    assert templates(other).status_code == 200
    assert other.profile == "easy"
    other.reset()
    other.drop()
    assert len(sparkbox.messages) == 1
    assert templates(sparkbox).status_code == 503


def test_a_credential_that_opens_no_account_is_said(sparkbox_session: Sparkbox) -> None:
    with pytest.raises(ValueError, match="'a-real-key' opens no account: a credential begins with 'mock-'"):
        _ = sparkbox_session.world("a-real-key").messages


def test_waiting_ends_with_the_messages_that_match(sparkbox: World) -> None:
    send(sparkbox, FRED)
    timer = threading.Timer(0.05, send, (sparkbox, WILMA, "Second"))
    timer.start()
    [message] = sparkbox.wait_for(to=WILMA, subject="Second")
    assert message.to == WILMA
    timer.join()
    assert len(sparkbox.wait_for(2)) == 2


def test_wait_for_lists_the_messages_when_it_times_out(sparkbox: World) -> None:
    send(sparkbox, FRED, "Hi")
    with pytest.raises(AssertionError) as caught:
        sparkbox.wait_for(to=WILMA, timeout=0)
    assert str(caught.value) == (
        f"0 of 1 messages with {{'to': '{WILMA}'}}; there are:\n  email to {FRED}: 'Hi' (accepted)"
    )


def test_wait_for_names_the_jobs_that_wait_for_the_clock(sparkbox: World) -> None:
    sparkbox.clock.freeze(NOON)
    send_later(sparkbox, 60)
    with pytest.raises(AssertionError) as caught:
        sparkbox.wait_for(timeout=0)
    assert str(caught.value).endswith(
        "there are none\n1 jobs wait for the clock, the first until 2026-03-01T12:01:00.000Z, and it is frozen"
    )


def test_waiting_for_a_field_that_messages_do_not_have_is_a_mistake(sparkbox: World) -> None:
    with pytest.raises(TypeError, match="a message has no 'recipient'; it has number, channel, "):
        sparkbox.wait_for(recipient=WILMA)


def test_the_clock_is_frozen_set_turned_on_and_let_go(sparkbox: World) -> None:
    clock = sparkbox.clock
    clock.freeze(NOON)
    assert (clock.now, clock.frozen) == (NOON, True)
    clock.advance(90)
    clock.advance(timedelta(hours=1))
    assert clock.now == NOON + timedelta(hours=1, seconds=90)
    assert repr(clock) == "<clock at 2026-03-01T13:01:30.000Z>"
    clock.set(NOON.timestamp())
    assert (clock.now, clock.frozen) == (NOON, True)
    clock.resume()
    assert NOON <= clock.now < NOON + timedelta(minutes=5)
    assert not clock.frozen
    clock.freeze()
    assert clock.frozen
    assert clock.now == clock.now


def test_clock_runs_jobs_at_their_own_time_and_counts_them(sparkbox: World) -> None:
    sparkbox.clock.freeze(NOON)
    for seconds in (30, 60, 600):
        send_later(sparkbox, seconds)
    assert sparkbox.clock.advance(60) == 2
    assert [message.time - NOON.timestamp() for message in sparkbox.messages] == [30, 60]
    assert sparkbox.clock.set(NOON + timedelta(hours=1)) == 1
    assert sparkbox.clock.set(NOON) == 0


def test_a_time_without_a_zone_is_refused(sparkbox: World) -> None:
    for turn in (sparkbox.clock.set, sparkbox.clock.freeze):
        with pytest.raises(ValueError, match="a time without a zone"):
            turn(datetime(2026, 3, 1, 12))


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan"), 1e12])
def test_a_span_that_leads_nowhere_is_refused(sparkbox: World, seconds: float) -> None:
    sparkbox.clock.freeze(NOON)
    with pytest.raises(ValueError, match="clock"):
        sparkbox.clock.advance(seconds)
    assert sparkbox.clock.now == NOON


def test_faults_strike_this_worlds_requests_and_are_counted(sparkbox: World) -> None:
    fault = sparkbox.faults.add("sparkpost", "GET /api/v1/templates", status=503, first=2)
    assert [templates(sparkbox).status_code for _ in range(3)] == [503, 503, 200]
    assert (fault.seen, fault.hits) == (3, 2)
    assert sparkbox.requests[0].fault is not None


def test_faults_are_taken_back(sparkbox: World) -> None:
    sparkbox.faults.add(drop=True)
    with pytest.raises(httpx.RemoteProtocolError):
        templates(sparkbox)
    sparkbox.faults.clear()
    assert templates(sparkbox).status_code == 200


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ({"service": "sparkpots", "status": 500}, "there is no service 'sparkpots'; there are sparkpost, "),
        ({"service": "sparkpost", "error": "nonsense"}, "sparkpost has no error 'nonsense'"),
        ({"service": "sparkpost", "operation": "GET /nowhere", "status": 500}, "sparkpost has no operation 'GET /nowh"),
        ({"status": 99}, "status is 99, but lies between 200 and 599"),
    ],
)
def test_a_fault_that_could_never_strike_is_refused(sparkbox: World, fault: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        sparkbox.faults.add(**fault)
    assert templates(sparkbox).status_code == 200


def test_limits_hold_once_a_test_asks_for_them(sparkbox: World) -> None:
    def statuses(count: int) -> list[int]:
        return [get(sparkbox.sendpulse, "/balance").status_code for _ in range(count)]

    sparkbox.clock.freeze(NOON)
    assert set(statuses(11)) == {200}
    sparkbox.limits.enable()
    assert statuses(11) == [200] * 10 + [429]
    sparkbox.limits.disable()
    assert statuses(1) == [200]
    sparkbox.clock.advance(60)
    sparkbox.limits.set("sendpulse", "second", 1)
    assert statuses(2) == [200, 429]
    sparkbox.clock.advance(1)
    assert statuses(2) == [200, 429]
    sparkbox.limits.set("sendpulse", "second", None)
    assert statuses(1) == [200]


@pytest.mark.parametrize(
    ("service", "name", "line"),
    [
        ("sendpulse", "hour", "sendpulse has no limit 'hour'; it has second, minute, day"),
        ("mailchimp", "second", "there is no service 'mailchimp'"),
    ],
)
def test_a_limit_that_is_none_is_refused(sparkbox: World, service: str, name: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        sparkbox.limits.set(service, name, 1)


def test_the_profile_is_this_worlds(sparkbox: World) -> None:
    assert sparkbox.profile == "easy"
    sparkbox.profile = "strict"
    assert sparkbox.profile == "strict"
    with pytest.raises(ValueError, match="a profile is 'easy' or 'strict', not 'lax'"):
        sparkbox.profile = "lax"  # type: ignore[assignment]


@pytest.mark.parametrize("how", ["reset", "drop"])
def test_a_world_begins_anew(sparkbox: World, how: str) -> None:
    send(sparkbox)
    templates(sparkbox)
    sparkbox.clock.freeze(NOON)
    sparkbox.profile = "strict"
    sparkbox.faults.add("sparkpost", status=503)
    ids = sparkbox.server.call(lambda: context(sparkbox).ids.hex(8))
    getattr(sparkbox, how)()
    assert (sparkbox.messages, sparkbox.requests, sparkbox.events) == ([], [], [])
    assert (sparkbox.profile, sparkbox.clock.frozen) == ("easy", False)
    assert templates(sparkbox).status_code == 200
    assert sparkbox.server.call(lambda: context(sparkbox).ids.hex(8)) == ids


def test_dropping_a_world_that_was_never_used_is_no_error(sparkbox_session: Sparkbox) -> None:
    sparkbox_session.world().drop()


class Target(BaseHTTPRequestHandler):
    """Fails once, then takes what is posted."""

    statuses: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.statuses.pop(0))
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def target() -> Iterator[str]:
    """Where webhooks are taken."""
    Target.statuses[:] = [500, 200]
    with HTTPServer(("127.0.0.1", 0), Target) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


def test_webhooks_are_tried_again_when_the_clock_is_turned_on(sparkbox: World, target: str) -> None:
    sparkbox.clock.freeze(NOON)
    retries = Retries(gaps=(600.0,), timeout=60)
    sparkbox.server.call(lambda: context(sparkbox).post(target, b"{}", retries=retries))
    assert sparkbox.drain_webhooks(timeout=60)
    [delivery] = sparkbox.webhooks
    assert (delivery.status, [attempt.status for attempt in delivery.attempts]) == ("pending", [500])
    sparkbox.clock.advance(timedelta(minutes=10))
    [delivery] = sparkbox.webhooks
    assert (delivery.status, [attempt.status for attempt in delivery.attempts]) == ("delivered", [500, 200])


def test_draining_gives_up_in_time(sparkbox: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/hook"
        sparkbox.server.call(lambda: context(sparkbox).post(url, b"{}", retries=Retries(timeout=60)))
        assert sparkbox.drain_webhooks(timeout=0.05) is False


def test_simulate_adds_an_incoming_message(sparkbox: World) -> None:
    received = sparkbox.simulate("engagespark", "inbound-sms", **{"from": "+639171234567", "message": "yes"})
    shown = httpx.get(
        f"{sparkbox.engagespark.url}/v1/organizations/1/messages/{received['id']}/",
        headers=sparkbox.engagespark.headers,
    )
    assert (shown.json()["direction"], shown.json()["message"]) == ("ingress", "yes")
