"""Programs that send mail by SMTP: the standard library, Django's back end, nodemailer and swaks.

All of them encrypt and verify whom they talk to; they find the authority in the environment, as programs under
``sparkbox run`` do. Nothing goes out but to addresses for tests.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from contract_tests.targets import allowed_recipients
from contract_tests.wire import Forbidden

SINK_DOMAIN = ".sink.sparkpostmail.com"
PATIENCE = 60
"""Seconds before a test gives up."""

_CLIENTS = Path(__file__).parent / "clients"


@dataclass(frozen=True)
class MailRelay:
    """Where mail is handed over. ``encrypted``: the port speaks TLS at once, else there is STARTTLS."""

    host: str
    port: int
    user: str
    password: str
    encrypted: bool = False

    @classmethod
    def at(cls, address: str, user: str, password: str, *, encrypted: bool = False) -> MailRelay:
        """Return the relay at ``address``, a host and port."""
        host, _, port = address.rpartition(":")
        return cls(host, int(port), user, password, encrypted)


@dataclass(frozen=True)
class Outgoing:
    """A mail to one person; ``headers`` are further ones."""

    sender: str
    to: str
    subject: str
    text: str
    headers: dict[str, str] = field(default_factory=dict)


class Rejected(Exception):
    """The relay said no; ``reply`` is its line."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


Send = Callable[[MailRelay, Outgoing], None]


def check(*addresses: str) -> None:
    """Raise :class:`Forbidden` for an address that no test may write to."""
    for address in addresses:
        if not address.lower().endswith(SINK_DOMAIN) and address.lower() not in allowed_recipients():
            raise Forbidden(f"{address} is no address for tests")


def connected(relay: MailRelay) -> smtplib.SMTP:
    """Return a connection with TLS and without login."""
    trusting = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    if relay.encrypted:
        return smtplib.SMTP_SSL(relay.host, relay.port, context=trusting, timeout=PATIENCE)
    client = smtplib.SMTP(relay.host, relay.port, timeout=PATIENCE)
    client.starttls(context=trusting)
    return client


def logged_in(relay: MailRelay) -> smtplib.SMTP:
    """Return the same with a login."""
    client = connected(relay)
    try:
        client.login(relay.user, relay.password)
    except smtplib.SMTPException:
        client.close()
        raise
    return client


def send_by_smtplib(relay: MailRelay, mail: Outgoing) -> None:
    """https://docs.python.org/3/library/smtplib.html"""
    _check(mail)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail.sender, mail.to, mail.subject
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    try:
        with logged_in(relay) as client:
            client.send_message(message)
    except smtplib.SMTPResponseException as error:
        text = error.smtp_error.decode() if isinstance(error.smtp_error, bytes) else error.smtp_error
        raise Rejected(f"{error.smtp_code} {text}") from None


def send_by_django(relay: MailRelay, mail: Outgoing) -> None:
    """https://docs.djangoproject.com/en/stable/topics/email/#smtp-backend"""
    _check(mail)
    job = {
        "connection": {
            "host": relay.host,
            "port": relay.port,
            "username": relay.user,
            "password": relay.password,
            "use_ssl": relay.encrypted,
            "use_tls": not relay.encrypted,
            "timeout": PATIENCE,
        },
        "mail": {
            "subject": mail.subject,
            "body": mail.text,
            "from_email": mail.sender,
            "to": [mail.to],
            "headers": mail.headers,
        },
    }
    said = _told([sys.executable, str(_CLIENTS / "send_django.py")], job)
    if said.get("sent") != 1:
        raise Rejected(f"{said['code']} {said['text']}")


def send_by_nodemailer(relay: MailRelay, mail: Outgoing) -> None:
    """https://nodemailer.com/smtp/"""
    _check(mail)
    if shutil.which("node") is None:
        pytest.skip("there is no node")
    if not (_CLIENTS / "node_modules" / "nodemailer").is_dir():
        pytest.skip("nodemailer is not installed: make clients")
    job = {
        "transport": {
            "host": relay.host,
            "port": relay.port,
            "secure": relay.encrypted,
            "requireTLS": not relay.encrypted,
            "auth": {"user": relay.user, "pass": relay.password},
        },
        "mails": [
            {
                "from": mail.sender,
                "to": mail.to,
                "subject": mail.subject,
                "text": mail.text,
                "headers": {name: {"prepared": True, "value": value} for name, value in mail.headers.items()},
            }
        ],
    }
    said = _told(["node", str(_CLIENTS / "send.mjs")], job)
    if "error" in said:
        raise Rejected(said["response"])


def send_by_swaks(relay: MailRelay, mail: Outgoing) -> None:
    """https://jetmore.org/john/code/swaks/"""
    _check(mail)
    if shutil.which("swaks") is None:
        pytest.skip("there is no swaks")
    command = ["swaks", "--server", relay.host, "--port", str(relay.port), "--timeout", str(PATIENCE)]
    command += ["--tls-on-connect" if relay.encrypted else "--tls", "--tls-verify"]
    command += ["--tls-ca-path", os.environ["SSL_CERT_FILE"]] if "SSL_CERT_FILE" in os.environ else []
    command += ["--auth", "LOGIN", "--auth-user", relay.user, "--auth-password", relay.password]
    command += ["--from", mail.sender, "--to", mail.to, "--header", f"Subject: {mail.subject}", "--body", mail.text]
    for name, value in mail.headers.items():
        command += ["--add-header", f"{name}: {value}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    if done.returncode:
        api_errors = re.findall(r"^<(?:~|\*)\* +(\d{3} .*)$", done.stdout, re.MULTILINE)
        if "requires Net::SSLeay" in done.stderr:
            pytest.skip("swaks has no TLS: install libnet-ssleay-perl")
        if not api_errors:
            raise AssertionError(done.stdout + done.stderr)
        raise Rejected(api_errors[0])


CLIENTS: dict[str, Send] = {
    "smtplib": send_by_smtplib,
    "django": send_by_django,
    "nodemailer": send_by_nodemailer,
    "swaks": send_by_swaks,
}


def _check(mail: Outgoing) -> None:
    named = re.findall(r"[\w.+-]+@[\w.-]+", mail.headers.get("X-MSYS-API", ""))
    check(mail.to, *named)


def _told(command: list[str], job: dict[str, Any]) -> dict[str, Any]:
    """Run a program with a job as its input; return its output."""
    done = subprocess.run(
        command, input=json.dumps(job), capture_output=True, text=True, timeout=2 * PATIENCE, check=False
    )
    if done.returncode:
        raise AssertionError(done.stderr)
    said: dict[str, Any] = json.loads(done.stdout)
    return said
