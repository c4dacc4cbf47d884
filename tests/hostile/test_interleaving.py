"""Between the steps of large work others have their turn, and lose nothing."""

from __future__ import annotations

import asyncio
import base64
import sys
import time

import httpx
import pytest

from sparkbox.app import create_app
from sparkbox.core.declare.credentials import Credentials
from sparkbox.core.declare.relay import Login, Misaddressed, Relay, Submission
from sparkbox.core.logs.messages import Attachment
from sparkbox.core.state.budget import Budget
from sparkbox.core.state.config import Settings
from sparkbox.core.state.context import Context
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.core.state.steps import Aside, StepsAndWaits
from sparkbox.core.state.store import MemoryStore, Record
from sparkbox.mail.message import MailMessage
from sparkbox.server.smtp.gateway import Gateway
from sparkbox.server.smtp.idle import LIMIT, Idle
from tests.core.api import service_of
from tests.hostile.test_slicing import (
    CONTENT,
    JSON,
    MOST_CALLS,
    SPARKPOST,
    Profile,
    call,
    profiled,
    recipients,
    send,
    settled,
)

KEY = "mock-sparkpost-key"
LISTS = "/sparkpost/api/v1/recipient-lists"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn the machine's clock on by a minute."""
    machine = time.time
    monkeypatch.setattr("sparkbox.core.state.clock.time.time", lambda: machine() + 60)


@pytest.mark.parametrize("query", [f"?account={KEY}&status=delivered", "?status=delivered"])
def test_due_jobs_before_a_control_call_run_in_steps(query: str, request: pytest.FixtureRequest) -> None:
    app = create_app()
    send(app, 5000)
    settled(app, "GET", "/_mock/health")  # which imports the control API
    request.getfixturevalue("later")
    response, profile = asyncio.run(profiled(app, "GET", f"/_mock/messages{query}", b"", JSON))
    assert response.json()["total"] == 5000
    assert profile.total > MOST_CALLS
    assert profile.most < MOST_CALLS


def test_due_jobs_and_a_mail_to_many_run_in_steps(request: pytest.FixtureRequest) -> None:
    app = create_app()
    send(app)
    request.getfixturevalue("later")
    gateway = Gateway(app.sandbox, ["sparkpost"], "http://localhost")
    identity, _ = gateway.identify("SMTP_Injection", KEY, "127.0.0.1")
    assert identity is not None
    mail = Submission("shop@acme.example", tuple(f"u{n}@example.com" for n in range(1000)), b"Subject: x\r\n\r\nHello")
    promise = gateway.submit(identity, mail, "127.0.0.1")
    assert promise.later is not None
    turns = 0
    while (response := promise.later.step()) is None:
        turns += 1
    assert response.status == 250
    assert turns > 20


def test_small_mail_is_accepted_at_once_and_reset_ends_a_large_one() -> None:
    app = create_app()
    gateway = Gateway(app.sandbox, ["sparkpost"], "http://localhost")
    identity, _ = gateway.identify("SMTP_Injection", KEY, "127.0.0.1")
    assert identity is not None
    one = Submission("shop@acme.example", ("u@example.com",), b"Subject: x\r\n\r\nHello")
    assert (gateway.submit(identity, one, "").status, gateway.submit(identity, one, "").later) == (250, None)
    promise = gateway.submit(identity, one._replace(recipients=tuple(f"u{n}@example.com" for n in range(1000))), "")
    assert promise.later is not None
    settled(app, "POST", "/_mock/reset")
    response = promise.later.complete()
    assert response is not None
    assert response.status == 421
    assert settled(app, "GET", "/_mock/messages").json()["total"] == 0


def test_mail_whose_first_step_is_a_wait_is_accepted_once_it_is_over() -> None:
    def submit(ctx: Context, submission: Submission) -> StepsAndWaits[str]:
        done = yield Aside(lambda: ["waited"])
        return f"after {done}"

    def login(credentials: Credentials, user: str, password: str) -> Login | None:
        account = credentials.open(password)
        return None if account is None else Login(account, [])

    service = service_of(relay=lambda: Relay(lambda user: True, login, submit))
    gateway = Gateway(Sandbox(Settings(), {"post": lambda: service}), ["post"], "http://localhost")
    identity, _ = gateway.identify("ann", "mock-post-key", "127.0.0.1")
    assert identity is not None
    promise = gateway.submit(identity, Submission("shop@acme.example", ("u@example.com",), b"Hello"), "127.0.0.1")
    assert promise.later is not None
    assert asyncio.run(promise.later()).body == b"250 2.0.0 Ok: queued as after ['waited']"


@pytest.mark.parametrize("path", ["", "/raw", "/parts/1.2"])
def test_large_mail_is_shown_in_steps(path: str) -> None:
    app = create_app()
    data = bytes(range(256)) * 8_000
    files = [{"name": "a.bin", "type": "application/x-a", "data": base64.b64encode(data).decode()}]
    body = {"recipients": recipients(1), "content": {**CONTENT, "attachments": files}}
    assert settled(app, "POST", "/sparkpost/api/v1/transmissions", body, SPARKPOST).status == 200
    response = call(app, "GET", f"/_mock/messages/1{path}", b"", JSON)
    assert response.later is not None
    turns = 0
    while (done := response.later.step()) is None:
        turns += 1
    assert done.status == 200
    assert turns >= 2
    assert path != "/parts/1.2" or done.body == data


def test_large_attachments_are_written_in_lines() -> None:
    for size in (0, 1, 57, 58, 57 * 10_000, 57 * 10_000 + 1):
        file = Attachment("a", "text/x-a", b"x" * size, None)
        message = MailMessage(
            number=1, time=0, service="x", account="x", vendor_id="", sender="a@b.example",
            to="c@d.example", subject="", text=None, html=None, attachments=(file,),
        )  # fmt: skip
        encoded = base64.encodebytes(file.data).replace(b"\n", b"\r\n")
        assert b"\r\n\r\n" + encoded + b"\r\n--=_mixed_1--" in message.raw


def test_blacklist_is_filled_and_emptied_in_steps() -> None:
    app = create_app()
    emails = base64.b64encode(",".join(f"u{n}@example.com" for n in range(10_000)).encode()).decode()
    headers = {**JSON, "authorization": "Bearer mock-sendpulse-id"}
    settled(app, "GET", "/sendpulse/blacklist", b"", headers)  # which imports the service
    for method, left in (("POST", 10_000), ("DELETE", 0)):
        response, profile = asyncio.run(profiled(app, method, "/sendpulse/blacklist", {"emails": emails}, headers))
        assert response.status == 200
        assert profile.total > MOST_CALLS
        assert profile.most < MOST_CALLS
        assert len(settled(app, "GET", "/sendpulse/blacklist", b"", headers).json()) == left


def test_recipient_list_keeps_a_change_made_while_it_is_updated() -> None:
    app = create_app()
    assert settled(app, "POST", LISTS, {"id": "many", "recipients": recipients(1)}, SPARKPOST).status == 200
    large = call(app, "PUT", f"{LISTS}/many", {"recipients": recipients(20_000)}, SPARKPOST)
    assert settled(app, "PUT", f"{LISTS}/many", {"name": "New", "description": "D"}, SPARKPOST).status == 200
    assert large.later is not None
    done = large.later.complete()
    assert done is not None
    assert done.status == 200
    kept = settled(app, "GET", f"{LISTS}/many", b"", SPARKPOST).json()["results"]
    assert kept == {"id": "many", "name": "New", "description": "D", "total_accepted_recipients": 20_000}


def test_recipient_list_scheduled_while_it_is_updated_stays() -> None:
    app = create_app()
    assert settled(app, "POST", LISTS, {"id": "many", "recipients": recipients(1)}, SPARKPOST).status == 200
    large = call(app, "PUT", f"{LISTS}/many", {"recipients": recipients(20_000)}, SPARKPOST)
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 120))
    body = {"recipients": {"list_id": "many"}, "content": CONTENT, "options": {"start_time": soon}}
    assert settled(app, "POST", "/sparkpost/api/v1/transmissions", body, SPARKPOST).status == 200
    assert large.later is not None
    done = large.later.complete()
    assert done is not None
    assert (done.status, done.error) == (409, "resource_in_use")


def test_account_dropped_before_its_request_begins_is_not_changed(request: pytest.FixtureRequest) -> None:
    app = create_app()
    send(app)
    request.getfixturevalue("later")
    body = {"id": "new", "recipients": recipients(1)}
    promise = call(app, "POST", LISTS, body, SPARKPOST)
    assert promise.later is not None
    assert settled(app, "DELETE", f"/_mock/accounts?account={KEY}").status == 200
    done = promise.later.complete()
    assert done is not None
    assert done.status == 200
    assert settled(app, "GET", f"{LISTS}/new", b"", SPARKPOST).status == 200


class Note(Record, frozen=True, gc=False):
    """A record."""

    id: int
    text: str


def test_released_store_does_not_change_its_fork() -> None:
    budget = Budget()
    store = MemoryStore(budget)
    store[Note].put(Note(1, "a"))
    held, fork = store[Note], store.fork()
    store.release()
    held.put(Note(2, "b"))
    held.delete(1)
    assert [note.id for note in fork[Note].values()] == [1]
    fork.release()
    assert budget.used == 0


@pytest.mark.parametrize("text", ["plain", "é" * 1000, "\u20ac" * 1000, "\U0001f600" * 1000, "\ud800"])
def test_budget_gets_back_what_was_taken(text: str) -> None:
    """Python counts more bytes for a text once it has been encoded."""
    budget = Budget()
    store = MemoryStore(budget)
    store[Note].put(Note(1, text))
    text.encode("utf-8", "replace")
    base64.b64encode(repr(httpx.QueryParams({"a": text.encode("utf-8", "replace")})).encode())
    import orjson

    if text.isprintable():
        orjson.dumps(store[Note].get(1).text)  # type: ignore[union-attr]
    store[Note].delete(1)
    store.release()
    assert budget.used == 0


@pytest.mark.parametrize(
    ("user", "header"), [("SMTP_Injection", b"a:\n"), ("SMTP_Injection", b"To:a@b.c\r\n"), ("me@acme.example", b"a:\n")]
)
def test_mail_with_many_headers_is_read_in_steps(user: str, header: bytes) -> None:
    app = create_app()
    gateway = Gateway(app.sandbox, ["sparkpost", "sendpulse"], "http://localhost")
    identity, _ = gateway.identify(user, "mock-new", "127.0.0.1")
    assert identity is not None
    count = 25_000
    mail = b"From: a@acme.example\r\n" + header * count + b"\r\nHello\r\n"
    later = gateway.submit(identity, Submission("a@acme.example", ("u@b.example",), mail), "").later
    assert later is not None
    profile, response = Profile(), None
    sys.setprofile(profile.count)
    try:
        while response is None:
            response = later.step()
            profile.turn()
    finally:
        sys.setprofile(None)
    assert response.status == 250
    assert profile.most < 12 * count


def test_tracked_mail_with_many_links_is_sent_in_steps() -> None:
    app = create_app()
    gateway = Gateway(app.sandbox, ["sparkpost"], "http://localhost")
    identity, _ = gateway.identify("SMTP_Injection", KEY, "127.0.0.1")
    assert identity is not None
    head = b'X-MSYS-API: {"options": {"click_tracking": true}}\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n'
    links = b'<a href="https://acme.example/">x</a>\r\n' * 200
    promise = gateway.submit(
        identity, Submission("a@acme.example", tuple(f"u{n}@b.example" for n in range(10)), head + links), ""
    )
    assert promise.later is not None
    turns = 0
    while (response := promise.later.step()) is None:
        turns += 1
    assert response.status == 250
    assert turns >= 8


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/sparkpost/api/v1/templates", {"authorization": "mock-new"}),
        ("/sendpulse/addressbooks", {"authorization": "Bearer mock-new"}),
        ("/engagespark/v1/organizations/1/contacts/", {"authorization": "Token mock-new"}),
        ("/sendspark/v1/workspaces", {"x-api-key": "mock-new", "x-api-secret": "mock-x"}),
        ("/sparked/api/v1/creators/cr_mock", {"authorization": "Bearer mock-new"}),
        ("/sparked/api/v1/nothing", {"authorization": "Bearer mock-new"}),
    ],
)
def test_new_account_without_room_is_refused(target: str, headers: dict[str, str]) -> None:
    app = create_app(Settings(most_state_bytes=10))
    for _ in range(2):
        response = settled(app, "GET", target, b"", headers)
        assert response.status in ((404,) if target.endswith("nothing") else (200, 503))
        assert response.json() is not None
    assert app.sandbox.logs.state.used <= 10


def test_mail_of_a_new_account_without_room_is_refused() -> None:
    app = create_app(Settings(most_state_bytes=10))
    gateway = Gateway(app.sandbox, ["sendpulse"], "http://localhost")
    identity, _ = gateway.identify("shop@acme.example", "mock-new", "127.0.0.1")
    assert identity is not None
    response = gateway.submit(
        identity, Submission("shop@acme.example", ("u@example.com",), b"Subject: x\r\n\r\nHello"), ""
    )
    assert response.status == 421
    gateway.misaddress(identity, Misaddressed("shop@", "", "501 5.1.7 Bad"), "")


def test_client_that_waits_for_a_response_is_not_idle() -> None:
    app = create_app()
    account = app.sandbox.accounts.open("mock-a")
    assert account is not None
    clock, expired = account.clock, []

    async def wait() -> None:
        idle = Idle(lambda: expired.append(clock.now()))
        idle.follow(account)
        idle.busy = True
        clock.advance(2 * LIMIT)
        assert expired == []
        idle.busy = False
        clock.advance(2 * LIMIT)
        idle.cancel()

    asyncio.run(wait())
    assert len(expired) == 1
