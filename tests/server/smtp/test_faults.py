"""Trouble on demand for mail by SMTP."""

from __future__ import annotations

from typing import Any

import pytest

from sparkbox import World
from tests.server.smtp.wire import Wire

MAIL = b"From: news@shop.example\r\nSubject: Hello\r\n\r\nHello\r\n"


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (451, "451 4.3.0 Requested action aborted: error in processing"),
        (452, "452 4.3.1 Insufficient system storage"),
        (550, "550 5.7.1 Requested action not taken"),
        (554, "554 5.0.0 Transaction failed"),
        (571, "571 5.0.0 Injected"),
    ],
)
def test_fault_for_mail_sets_the_reply_code(sparkpost: Wire, sparkbox: World, status: int, reply: str) -> None:
    fault = sparkbox.faults.add("sparkpost", "smtp", status=status, first=1)
    assert sparkpost.mail(MAIL) == reply
    assert sparkbox.messages == []
    assert sparkpost.mail(MAIL).startswith("250 ")
    assert (fault.seen, fault.hits) == (2, 1)
    assert [entry.fault for entry in sparkbox.requests] == [f"status {status}", None]


def test_fault_421_ends_the_connection(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", "smtp", status=421)
    assert sparkpost.mail(MAIL) == "421 4.3.3 [internal] smtpapi unable to generate unique transmission id"
    assert sparkpost.line() == ""


@pytest.mark.parametrize(
    ("effect", "reply"),
    [
        ({"status": 503}, "451 4.3.0 Service Unavailable"),
        ({"status": 429}, "451 4.3.0 Too many requests"),
        ({"status": 403}, "550 5.7.1 Forbidden."),
        ({"error": "invalid_domain"}, "550 5.7.1 Unconfigured or unverified sending domain."),
    ],
)
def test_fault_for_the_whole_service_applies_to_mail(
    sparkpost: Wire, sparkbox: World, effect: dict[str, Any], reply: str
) -> None:
    sparkbox.faults.add("sparkpost", **effect)
    assert sparkpost.mail(MAIL) == reply


def test_fault_for_another_operation_or_service_does_not_apply_to_mail(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", "create_transmission", status=503)
    sparkbox.faults.add("sendpulse", "smtp", status=554)
    assert sparkpost.mail(MAIL).startswith("250 ")


def test_fault_drop_comes_after_the_mail_was_accepted(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", "smtp", drop=True)
    assert sparkpost.mail(MAIL) == ""
    assert len(sparkbox.messages) == 1


def test_fault_truncates_or_garbles_a_reply(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", "smtp", garbage=True, first=1)
    sparkpost.begin()
    sparkpost.send(MAIL + b".\r\nNOOP\r\n")
    received = b""
    while not received.endswith(b"250 2.0.0 OK\r\n"):
        received += sparkpost.sock.recv(4096)
    assert len(received) >= 64
    sparkbox.faults.clear()
    sparkbox.faults.add("sparkpost", "smtp", truncate=2)
    sparkpost.begin()
    sparkpost.send(MAIL + b".\r\n")
    assert sparkpost.sock.recv(4096) == b"25"
    assert sparkpost.sock.recv(4096) == b""


def test_fault_delays_a_reply(sparkpost: Wire, sparkbox: World) -> None:
    sparkbox.faults.add("sparkpost", "smtp", latency=0.01)
    assert sparkpost.mail(MAIL).startswith("250 ")
    assert sparkbox.requests[0].fault == "latency 0.01 s"


def test_control_api_sets_faults_for_mail(sparkpost: Wire, sparkbox: World) -> None:
    from sparkbox import Client

    Client(sparkbox.url).add_fault(sparkbox.credential, service="sparkpost", operation="smtp", status=550)
    assert sparkpost.mail(MAIL) == "550 5.7.1 Requested action not taken"


def test_service_without_a_relay_has_no_fault_for_mail(sparkbox: World) -> None:
    with pytest.raises(ValueError, match="engagespark has no operation 'smtp'"):
        sparkbox.faults.add("engagespark", "smtp", status=550)


def test_bug_of_the_sandbox_does_not_lose_the_connection(
    sparkpost: Wire, sparkbox: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from sparkbox.services.sparkpost.transmissions import sending

    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(sending, "send", fail)
    assert sparkpost.mail(MAIL) == "451 4.3.0 Local error in processing"
    assert "a mistake" in caplog.text
    monkeypatch.undo()
    assert sparkpost.mail(MAIL).startswith("250 ")
