"""The control API from Python, against a sandbox behind a real socket."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sparkbox import UserError
from sparkbox.app import Application
from sparkbox.client import Client, ControlError
from sparkbox.core.logs.messages import Attachment
from sparkbox.core.state.sandbox import Sandbox
from sparkbox.mail.message import MailMessage
from tests.conftest import Serve
from tests.core.office import sandbox

A = "mock-a"
B = "mock-b"
NOON = "2026-03-01T12:00:00.000Z"


class Running:
    """A sandbox with the post office, its client, and a way to send."""

    def __init__(self, serve: Serve) -> None:
        self.sandbox: Sandbox = sandbox()
        self.url = serve(Application(self.sandbox))
        self.client = Client(self.url)

    def send(self, to: str = "you@example.com", key: str = A) -> int:
        body = {"to": {"address": to}, "text": "hello"}
        return httpx.post(f"{self.url}/post/v1/letters", json=body, headers={"x-key": key}).status_code


@pytest.fixture
def running(serve: Serve) -> Running:
    return Running(serve)


@pytest.fixture
def nobody() -> Iterator[socket.socket]:
    """Accept connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent


def test_health_and_reset(running: Running) -> None:
    running.send(key=A)
    running.send(key=B)
    assert running.client.health()["accounts"] == 2
    assert running.client.reset(A) == {"accounts": 1}
    assert [row["account"] for row in running.client.messages()["messages"]] == [B]
    running.client.reset()
    assert running.client.health()["accounts"] == 0


def test_messages_are_filtered_shown_and_deleted(running: Running) -> None:
    running.send("one@example.com")
    running.send("two@example.com")
    found = running.client.messages(account=A, to="one@example.com", from_="post@example.com")
    assert found["total"] == 1
    message = running.client.message(found["messages"][0]["id"])
    assert (message["to"], message["text"], message["events"][0]["type"]) == ("one@example.com", "hello", "accepted")
    assert running.client.delete_message(1) == {"deleted": 1}
    assert running.client.delete_messages(A) == {"deleted": 1}


def test_message_is_fetched_as_raw_text_html_and_parts(running: Running) -> None:
    account = running.sandbox.accounts.open(A)
    assert account is not None
    files = (Attachment("a", "text/plain", b"\x00a"),)
    running.sandbox.context("post", account).capture(
        MailMessage(subject="Hi", text="Grüße", html="<b>Grüße</b>", attachments=files)
    )
    client = running.client
    assert b"\r\nSubject: Hi\r\n" in client.raw(1)
    assert client.part(1, client.message(1)["parts"][0]["parts"][-1]["path"]) == b"\x00a"
    assert (client.text(1), client.html("1"), client.attachment(1)) == ("Grüße", "<b>Grüße</b>", b"\x00a")


def test_wait_for_message_returns_the_newest_match(running: Running) -> None:
    running.send("one@example.com")
    running.send("two@example.com")
    assert running.client.wait_for_message(A, status="accepted")["to"] == "two@example.com"


def test_wait_for_message_times_out_with_what_there_is(running: Running) -> None:
    running.send("one@example.com")
    with pytest.raises(TimeoutError, match=r"no message with \{'to': 'x'\} after 0 s; there are: email to one@example"):
        running.client.wait_for_message(to="x", timeout=0)


def test_requests_and_events(running: Running) -> None:
    running.send()
    client = running.client
    assert client.requests(status="2xx", method="POST")["total"] == 1
    assert client.request(1)["operation"] == "send_letter"
    assert client.events(type="accepted", message=1)["total"] == 1
    assert client.delete_requests() == client.delete_events(A) == {"deleted": 1}


def test_accounts(running: Running) -> None:
    running.send()
    client = running.client
    assert client.create_account(B, A, profile="strict")["state"] == {"post": {"Letter": 2}}
    assert client.change_accounts(A, suspended=True) == {"changed": 1}
    assert [row["suspended"] for row in client.accounts(limit=5)["accounts"]] == [True, False]
    assert client.delete_accounts(A) == {"deleted": 1}


def test_clock(running: Running) -> None:
    client = running.client
    assert client.turn_clock(freeze=NOON)["now"] == NOON
    running.send()
    assert client.clock(A)["jobs"] == 1
    assert client.turn_clock(A, advance="1m")["ran"] == 1
    assert client.turn_clock(A, set=NOON)["frozen"] is True
    assert client.turn_clock(A, resume=True)["frozen"] is False


def test_faults(running: Running) -> None:
    client = running.client
    fault = client.add_fault(A, service="post", status=503, first=1)
    assert [running.send(), running.send()] == [503, 201]
    assert client.faults(A)["faults"][0]["hits"] == 1
    assert client.delete_fault(fault["id"]) == {"deleted": 1}
    assert client.delete_faults() == {"deleted": 0}


def test_stubs(running: Running) -> None:
    client = running.client
    stub = client.add_stub(A, service="post", operation="send_letter", status=418, times=1)
    assert [running.send(), running.send()] == [418, 201]
    assert client.stubs(A)["stubs"][0]["hits"] == 1
    assert client.delete_stub(stub["id"]) == {"deleted": 1}
    assert client.delete_stubs() == {"deleted": 0}


def test_verify(running: Running) -> None:
    running.send("one@example.com")
    running.send("two@example.com")
    client = running.client
    assert client.verify(A, field="/to/address:one@example.com")["requests"][0]["operation"] == "send_letter"
    assert client.verify(count=2, service="post", operation="POST /v1/letters", contains="hello")["total"] == 2
    with pytest.raises(AssertionError) as caught:
        client.verify(A, count=3, operation="send_letter")
    told = "post: POST /v1/letters 201"
    assert str(caught.value) == f"2 requests with {{'operation': 'send_letter'}}, not 3; there are: {told}; {told}"
    with pytest.raises(AssertionError, match="there are: none"):
        client.verify(B)


def test_limits(running: Running) -> None:
    client = running.client
    client.set_limits(A, service="post", name="per_minute", amount=1)
    assert [running.send(), running.send()] == [201, 429]
    assert client.limits(A, service="post")["limits"][0]["remaining"] == 0
    assert client.reset_limits(A) == {"accounts": 1}
    client.set_limits(enabled=False)
    assert [running.send(), running.send()] == [201, 201]
    client.set_limits(A, service="post", name="per_minute", amount=None)
    assert client.accounts(A)["accounts"][0]["rate_limits"] is False


def test_webhooks(running: Running) -> None:
    client = running.client
    assert client.webhooks(status="failed") == {"webhooks": [], "total": 0}
    assert client.drain_webhooks(A, timeout=1) is True
    assert client.delete_webhooks() == {"deleted": 0}
    for call in (client.webhook, client.replay_webhook):
        with pytest.raises(ControlError, match="There was no delivery 1 yet"):
            call(1)


def test_state_and_services(running: Running) -> None:
    running.send()
    client = running.client
    assert client.state(A, kind="Letter", limit=1)["total"] == 2
    assert client.services()["services"][0]["name"] == "post"
    assert client.service("post")["title"] == "The Post Office"


def test_api_error_is_raised_with_its_message(running: Running) -> None:
    with pytest.raises(ControlError, match=r"^say what is to happen: .*garbage\.$") as caught:
        running.client.add_fault()
    assert (caught.value.status, caught.value.code) == (422, "invalid")
    assert caught.value.details[0]["where"] == "body"
    assert isinstance(caught.value, UserError)


@pytest.mark.parametrize("id", ["a/b", "../health", "?x=1", "", "ü"])
def test_id_never_changes_the_path(running: Running, id: str) -> None:
    with pytest.raises(ControlError) as caught:
        running.client.request(id) if id else running.client.delete_fault("/")
    assert caught.value.status == 404


def test_url_is_taken_from_the_environment(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARKBOX_URL", running.url + "/")
    assert Client().health()["status"] == "ok"
    assert Client(running.url).url == Client().url


def test_proxy_of_the_environment_is_not_used(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert running.client.health()["status"] == "ok"


def test_connection_refused_says_how_to_start_a_sandbox() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(
            ControlError, match=rf"^no sandbox runs at {url}; start one with: sparkbox serve$"
        ) as caught:
            Client(url).health()
    assert (caught.value.status, caught.value.code) == (0, "no_answer")


def test_silent_sandbox_times_out(nobody: socket.socket) -> None:
    url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(ControlError, match=r"did not answer within 0\.05 s"):
        Client(url, timeout=0.05).health()


def test_unknown_host_is_one_clear_line() -> None:
    with pytest.raises(ControlError, match=r"no sandbox can be reached at http://no-such-host\.invalid"):
        Client("http://no-such-host.invalid:1").health()


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (200, b"[]"), (404, b"{}"), (502, b"Bad gateway")])
def test_server_that_is_no_sparkbox_is_reported(serve: Serve, status: int, body: bytes) -> None:
    async def other(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    with pytest.raises(ControlError, match="is no sparkbox"):
        Client(serve(other)).health()  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["127.0.0.1:8025", "ftp://127.0.0.1", "http://", "nonsense", "http://127.0.0.1:99999"])
def test_invalid_url_is_rejected(url: str) -> None:
    with pytest.raises(ValueError, match=r"is no URL of a sandbox; it looks like http://127\.0\.0\.1:8025"):
        Client(url)


def test_client_imports_nothing_heavy() -> None:
    script = "import sys, sparkbox.client; print(*sorted(sys.modules))"
    modules = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"asyncio", "pydantic", "starlette", "httpx", "http.client", "email", "ssl", "msgspec", "orjson"}
    assert heavy.isdisjoint(modules)
